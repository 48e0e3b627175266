/** A table while restore input changes it: chains are copied when they are first changed, and frozen at the end. */
import type { Hook, TableName } from '../trace.ts';
import { DirectoryDraft, findInDirectory } from './chain-directory.ts';
import {
  type ChainDraft,
  draftOf,
  emptiedDraftOf,
  findFresh,
  freezeDraft,
  reuseRule,
} from './chain-draft.ts';
import { type Counter, moveCounters, setCounter } from './counters.ts';
import { renderRule } from './render.ts';
import type { Chain, ChainReach, Rule } from './rule.ts';
import { emptyTable, isHook, type NetfilterState, type Table } from './state.ts';
import { setsOf } from './targets/set.ts';

type GivenCounter = Counter | undefined;

/** A line of the input: its text is known again when the same chain is written anew; a piece of one is given without. */
export interface RuleLine {
  readonly number: number;
  readonly text?: string | undefined;
}

/** See the head of this file. Nothing outside it changes before {@link DraftTable.commit}. */
export class DraftTable {
  readonly name: TableName;
  readonly #state: NetfilterState;
  readonly #before: Table;
  /** Whether counters of the input are taken over. */
  readonly keepsCounters: boolean;
  /** The user chains that were not changed, and not deleted. */
  readonly #user: DirectoryDraft;
  readonly #drafts = new Map<string, ChainDraft>();
  readonly #ruleCounters = new Map<string, Map<Rule, Counter>>();
  readonly #policyCounters = new Map<string, Counter>();
  /** Rules taken out one by one; those of chains that were emptied are not listed here. */
  readonly #removed: Rule[] = [];
  readonly #dropped: Chain[] = [];
  /** User chains deleted by a line, and still to be asked whether a jump leads there. */
  readonly #deletedAt = new Map<string, number>();
  #latest: ChainDraft | undefined;
  #latestStart = '';

  constructor(state: NetfilterState, name: TableName, keepsCounters: boolean) {
    this.name = name;
    this.#state = state;
    this.#before = state.tables.get(name) ?? emptyTable(name);
    this.keepsCounters = keepsCounters;
    this.#user = new DirectoryDraft(this.#before.user);
  }

  /** What a restore without `--noflush` begins with: no rules, no user chains, policies as they were. */
  flush(): void {
    for (const name of this.#before.builtin.keys()) this.emptyChain(name);
    for (const name of this.#userNames()) this.#dropChain(name);
  }

  flushRules(): void {
    for (const name of [...this.#before.builtin.keys(), ...this.#userNames()]) this.emptyChain(name);
  }

  isBuiltin(name: string): boolean {
    return isHook(name) && this.#before.builtin.has(name);
  }

  hasChain(name: string): boolean {
    return this.#drafts.has(name) || this.isBuiltin(name) || this.#user.has(name);
  }

  /** A set of addresses that a rule asks for and that does not exist. */
  missingSet({ matches, target }: Rule): string | undefined {
    const named = matches.flatMap((match) => (match.kind === 'set' ? match.name : []));
    const all = target?.kind === 'SET' ? [...named, ...setsOf(target)] : named;
    return all.find((name) => !this.#state.memory.sets.has(name));
  }

  /** The rules of a chain as they stand now. */
  rules(name: string): readonly Rule[] {
    return this.#drafts.get(name)?.rules ?? this.#unchanged(name)?.rules ?? [];
  }

  builtinNames(): readonly Hook[] {
    return [...this.#before.builtin.keys()];
  }

  /** The rules of every chain. */
  *allRules(): Generator<readonly Rule[]> {
    for (const draft of this.#drafts.values()) yield draft.rules;
    for (const chain of this.#before.builtin.values()) if (!this.#drafts.has(chain.name)) yield chain.rules;
    for (const chain of this.#user.chains()) if (!this.#drafts.has(chain.name)) yield chain.rules;
  }

  /** The chains that the input changed, as they stand now. */
  changedChains(): Iterable<ChainDraft> {
    return this.#drafts.values();
  }

  /** Where packets come to a chain from. */
  reachOf(name: string): ChainReach | undefined {
    const draft = this.#drafts.get(name);
    return draft === undefined ? this.#unchanged(name)?.reach : draft.reach;
  }

  setReach(name: string, reach: ChainReach): void {
    this.#draft(name).reach = reach;
  }

  /** The line that made a rule of a chain; 0 when it was there before. */
  lineOf(chain: string, rule: Rule): number {
    const draft = this.#drafts.get(chain);
    return draft?.numbers[draft.rules.indexOf(rule)] ?? 0;
  }

  /** Chains deleted by `-X`, with the line that did. */
  deletedChains(): ReadonlyMap<string, number> {
    return this.#deletedAt;
  }

  makeEmptyChain(name: string): void {
    if (this.hasChain(name)) {
      this.emptyChain(name);
      return;
    }
    const before = isHook(name) ? undefined : findInDirectory(this.#before.user, name);
    this.#latest = undefined;
    this.#drafts.set(name, emptiedDraftOf(name, before));
    this.#deletedAt.delete(name);
  }

  emptyChain(name: string): void {
    this.#latest = undefined;
    const draft = this.#drafts.get(name);
    if (draft === undefined) this.#drafts.set(name, emptiedDraftOf(name, this.#unchanged(name)));
    else this.#empty(draft);
  }

  deleteChain(name: string, line: number): void {
    this.#dropChain(name);
    this.#deletedAt.set(name, line);
  }

  /** False when the word is no policy. */
  setPolicy(name: string, policy: string, counter: GivenCounter): boolean {
    if (policy !== 'ACCEPT' && policy !== 'DROP') return false;
    this.#draft(name).policy = policy;
    const isGiven = this.keepsCounters && counter !== undefined;
    this.#policyCounters.set(name, isGiven ? counter : { packets: 0, bytes: 0 });
    return true;
  }

  /** Takes the rule that a line of a chain written anew made last time; false when the line has to be read. */
  appendKnown(text: string, number: number): boolean {
    // The line names its chain, so that an equal one was a line of that chain.
    if (this.#latest !== undefined && reuseRule(this.#latest, text, number)) return true;
    if (!text.startsWith(this.#latestStart) || this.#latest === undefined) {
      if (!text.startsWith('-A ')) return false;
      const end = text.indexOf(' ', 3);
      this.#latest = end < 0 ? undefined : this.#drafts.get(text.slice(3, end));
      if (this.#latest === undefined) return false;
      this.#latestStart = text.slice(0, end + 1);
      return reuseRule(this.#latest, text, number);
    }
    return false;
  }

  appendRule(chain: string, rule: Rule, line: RuleLine, counter: GivenCounter): void {
    const draft = this.#draft(chain);
    draft.rules.push(rule);
    draft.numbers.push(line.number);
    draft.texts.push(line.text ?? '');
    this.#giveCounter(chain, rule, counter);
  }

  /** Whether a chain has, or may have taken again, a rule that stood there before the input. */
  hasOldRule(chain: string, rule: Rule): boolean {
    const draft = this.#draft(chain);
    if (draft.isEmptied && draft.before?.texts === undefined) return false;
    draft.stoodBefore ??= new Set(draft.before?.rules);
    return draft.stoodBefore.has(rule);
  }

  /** False when the number (from 1) is past the end. */
  insertRules(
    chain: string,
    number: number,
    rules: readonly Rule[],
    line: RuleLine,
    counter: GivenCounter,
  ): boolean {
    const draft = this.#draft(chain);
    if (number < 1 || number > draft.rules.length + 1) return false;
    draft.rules.splice(number - 1, 0, ...rules);
    draft.numbers.splice(number - 1, 0, ...rules.map(() => line.number));
    draft.texts.splice(number - 1, 0, ...rules.map(() => ''));
    for (const rule of rules) this.#giveCounter(chain, rule, counter);
    return true;
  }

  replaceRule(chain: string, number: number, rule: Rule, line: RuleLine): boolean {
    const draft = this.#draft(chain);
    const before = draft.rules[number - 1];
    if (before === undefined) return false;
    this.#removed.push(before);
    draft.rules[number - 1] = rule;
    draft.numbers[number - 1] = line.number;
    draft.texts[number - 1] = '';
    return true;
  }

  deleteRule(chain: string, number: number): boolean {
    const draft = this.#draft(chain);
    const [removed] = number < 1 ? [] : draft.rules.splice(number - 1, 1);
    if (removed === undefined) return false;
    draft.numbers.splice(number - 1, 1);
    draft.texts.splice(number - 1, 1);
    this.#removed.push(removed);
    return true;
  }

  /** Deletes the first rule that prints as this one does. */
  deleteEqualRule(chain: string, rule: Rule): boolean {
    const text = renderRule(chain, rule);
    const position = this.rules(chain).findIndex((other) => renderRule(chain, other) === text);
    return position >= 0 && this.deleteRule(chain, position + 1);
  }

  /** Finds out what is new, and the first chain that a new rule jumps to and that does not exist. */
  missingJump(): string | undefined {
    for (const draft of this.#drafts.values()) {
      findFresh(draft);
      for (const { target } of draft.fresh) {
        if (target?.kind !== 'jump' || this.hasChain(target.chain)) continue;
        if (!this.#deletedAt.has(target.chain)) return target.chain;
      }
    }
    return undefined;
  }

  /** Puts the table in place. */
  commit(): void {
    const { counters, tables } = this.#state;
    this.#forgetMatches();
    for (const chain of this.#dropped) counters.delete(chain);
    const builtin = new Map(this.#before.builtin);
    for (const draft of this.#drafts.values()) {
      const chain = freezeDraft(draft);
      this.#count(draft, chain);
      if (isHook(draft.name)) builtin.set(draft.name, chain);
      else if (chain !== draft.before || !this.#user.has(draft.name)) this.#user.set(chain);
    }
    tables.set(this.name, Object.freeze({ builtin, user: this.#user.finish() }));
  }

  #count({ name, before, isEmptied }: ChainDraft, chain: Chain): void {
    const { counters } = this.#state;
    if (before !== undefined) moveCounters(counters, before, chain, isEmptied);
    const policy = this.#policyCounters.get(name);
    if (policy !== undefined) setCounter(counters, chain, chain.rules.length, policy);
    const given = this.#ruleCounters.get(name);
    if (given === undefined) return;
    chain.rules.forEach((rule, position) => {
      const counter = given.get(rule);
      if (counter !== undefined) setCounter(counters, chain, position, counter);
    });
  }

  /** What matches remembered goes with their rules; a rule that was written again starts anew. */
  #forgetMatches(): void {
    const { nth, limits } = this.#state.memory;
    if (nth.size + limits.size === 0) return;
    const emptied = [...this.#drafts.values()].flatMap((draft) =>
      draft.isEmptied && draft.before !== undefined ? [draft.before] : [],
    );
    for (const { rules } of [...emptied, ...this.#dropped, { rules: this.#removed }]) {
      for (const { matches } of rules) {
        for (const match of matches) {
          nth.delete(match);
          limits.delete(match);
        }
      }
    }
  }

  #giveCounter(chain: string, rule: Rule, counter: GivenCounter): void {
    if (counter === undefined) return;
    const given = this.#ruleCounters.get(chain) ?? new Map<Rule, Counter>();
    this.#ruleCounters.set(chain, given.set(rule, counter));
  }

  #userNames(): readonly string[] {
    const made = [...this.#drafts.keys()].filter((name) => !isHook(name) && !this.#user.has(name));
    return [...[...this.#user.chains()].map(({ name }) => name), ...made];
  }

  #unchanged(name: string): Chain | undefined {
    return isHook(name) ? this.#before.builtin.get(name) : this.#user.get(name);
  }

  #draft(name: string): ChainDraft {
    const known = this.#drafts.get(name);
    if (known !== undefined) return known;
    const draft = draftOf(name, this.#unchanged(name));
    this.#drafts.set(name, draft);
    return draft;
  }

  #empty(draft: ChainDraft): void {
    draft.isEmptied = true;
    draft.cursor = 0;
    draft.rules = [];
    draft.numbers = [];
    draft.texts = [];
  }

  #dropChain(name: string): void {
    const before = findInDirectory(this.#before.user, name);
    if (before !== undefined) this.#dropped.push(before);
    this.#latest = undefined;
    this.#user.delete(name);
    this.#drafts.delete(name);
  }
}
