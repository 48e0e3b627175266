/** A table while restore input changes it: chains are copied when they are first changed, and frozen at the end. */
import type { SortedMap } from '../../base/sorted-map.ts';
import type { Hook, TableName } from '../trace.ts';
import { indexRules } from './chain-index.ts';
import { renderRule } from './render.ts';
import type { Chain, Policy, Rule } from './rule.ts';
import { emptyTable, findChain, freezeTable, isHook, type NetfilterState, type Table } from './state.ts';

interface DraftChain {
  readonly name: string;
  policy: Policy | undefined;
  rules: Rule[];
}

type GivenCounter = { readonly packets: number; readonly bytes: number } | undefined;

/** See the head of this file. Nothing outside it changes before {@link DraftTable.commit}. */
export class DraftTable {
  readonly name: TableName;
  readonly #state: NetfilterState;
  readonly #before: Table;
  readonly #keepsCounters: boolean;
  /** The names of user chains, and the chains that were not changed. */
  #user: SortedMap<Chain>;
  readonly #drafts = new Map<string, DraftChain>();
  readonly #counters = new Map<Rule | string, { packets: number; bytes: number }>();
  readonly #removed = new Set<Rule>();
  /** Lines of the input by the rules that they made, for messages. */
  readonly #linesOfRules = new Map<Rule, number>();
  /** User chains deleted by a line, and still to be asked whether a jump leads there. */
  readonly #deletedAt = new Map<string, number>();
  readonly #resetPolicies = new Set<string>();

  constructor(state: NetfilterState, name: TableName, keepsCounters: boolean) {
    this.name = name;
    this.#state = state;
    this.#before = state.tables.get(name) ?? emptyTable(name);
    this.#keepsCounters = keepsCounters;
    this.#user = this.#before.user.clone();
  }

  /** What a restore without `--noflush` begins with: no rules, no user chains, policies as they were. */
  flush(): void {
    for (const chain of this.#before.builtin.values()) this.emptyChain(chain.name);
    for (const chain of [...this.#user.values()]) {
      this.emptyChain(chain.name);
      this.#user.delete(chain.name);
      this.#drafts.delete(chain.name);
    }
  }

  flushRules(): void {
    for (const name of [...this.#before.builtin.keys(), ...this.#user.keys()]) this.emptyChain(name);
  }

  isBuiltin(name: string): boolean {
    return isHook(name) && this.#before.builtin.has(name);
  }

  hasChain(name: string): boolean {
    return this.isBuiltin(name) || this.#user.has(name);
  }

  /** The rules of a chain as they stand now. */
  rules(name: string): readonly Rule[] {
    const known = this.#drafts.get(name);
    if (known !== undefined) return known.rules;
    return (isHook(name) ? this.#before.builtin.get(name) : this.#user.get(name))?.rules ?? [];
  }

  builtinNames(): readonly Hook[] {
    return [...this.#before.builtin.keys()];
  }

  *chainNames(): Generator<string> {
    yield* this.#before.builtin.keys();
    yield* this.#user.keys();
  }

  /** The rules that the input made and that still stand, with their chains and lines. */
  *newRules(): Generator<readonly [string, Rule, number]> {
    for (const draft of this.#drafts.values()) {
      for (const rule of draft.rules) {
        const line = this.#linesOfRules.get(rule);
        if (line !== undefined) yield [draft.name, rule, line];
      }
    }
  }

  lineOf(rule: Rule): number | undefined {
    return this.#linesOfRules.get(rule);
  }

  /** Chains deleted by `-X`, with the line that did. */
  deletedChains(): ReadonlyMap<string, number> {
    return this.#deletedAt;
  }

  makeEmptyChain(name: string): void {
    if (this.#user.has(name)) this.emptyChain(name);
    else {
      this.#user.set(name, Object.freeze({ name, rules: Object.freeze([]) }));
      this.#deletedAt.delete(name);
    }
  }

  emptyChain(name: string): void {
    for (const rule of this.rules(name)) this.#removed.add(rule);
    this.#draft(name).rules = [];
  }

  deleteChain(name: string, line: number): void {
    this.emptyChain(name);
    this.#user.delete(name);
    this.#drafts.delete(name);
    this.#deletedAt.set(name, line);
  }

  /** False when the word is no policy. */
  setPolicy(name: string, policy: string, counter: GivenCounter): boolean {
    if (policy !== 'ACCEPT' && policy !== 'DROP') return false;
    this.#draft(name).policy = policy;
    this.#resetPolicies.add(name);
    if (this.#keepsCounters && counter !== undefined) {
      this.#counters.set(`${this.name} ${name}`, { ...counter });
    }
    return true;
  }

  appendRule(chain: string, rule: Rule, line: number, counter: GivenCounter): void {
    this.#draft(chain).rules.push(rule);
    this.#note(rule, line, counter);
  }

  /** False when the number (from 1) is past the end. */
  insertRules(
    chain: string,
    number: number,
    rules: readonly Rule[],
    line: number,
    counter: GivenCounter,
  ): boolean {
    const draft = this.#draft(chain);
    if (number < 1 || number > draft.rules.length + 1) return false;
    draft.rules.splice(number - 1, 0, ...rules);
    for (const rule of rules) this.#note(rule, line, counter);
    return true;
  }

  replaceRule(chain: string, number: number, rule: Rule, line: number): boolean {
    const draft = this.#draft(chain);
    const before = draft.rules[number - 1];
    if (before === undefined) return false;
    this.#removed.add(before);
    draft.rules[number - 1] = rule;
    this.#note(rule, line, undefined);
    return true;
  }

  deleteRule(chain: string, number: number): boolean {
    const [removed] = number < 1 ? [] : this.#draft(chain).rules.splice(number - 1, 1);
    if (removed === undefined) return false;
    this.#removed.add(removed);
    return true;
  }

  /** Deletes the first rule that prints as this one does. */
  deleteEqualRule(chain: string, rule: Rule): boolean {
    const text = renderRule(chain, rule);
    const position = this.rules(chain).findIndex((other) => renderRule(chain, other) === text);
    return position >= 0 && this.deleteRule(chain, position + 1);
  }

  /** The first chain that a changed rule jumps to and that does not exist. */
  missingJump(): string | undefined {
    for (const draft of this.#drafts.values()) {
      for (const { target } of draft.rules) {
        if (target?.kind !== 'jump' || this.hasChain(target.chain)) continue;
        if (!this.#deletedAt.has(target.chain)) return target.chain;
      }
    }
    return undefined;
  }

  /** Puts the table in place. */
  commit(): void {
    const { counters, memory, tables } = this.#state;
    for (const rule of this.#removed) {
      counters.delete(rule);
      for (const match of rule.matches) {
        memory.nth.delete(match);
        memory.limits.delete(match);
      }
    }
    for (const name of this.#resetPolicies) counters.delete(`${this.name} ${name}`);
    for (const [key, counter] of this.#counters) counters.set(key, counter);
    const builtin = new Map(this.#before.builtin);
    for (const draft of this.#drafts.values()) {
      const chain = freezeChain(draft);
      if (isHook(draft.name)) builtin.set(draft.name, chain);
      else this.#user.set(draft.name, chain);
    }
    tables.set(this.name, freezeTable(builtin, this.#user));
  }

  #note(rule: Rule, line: number, counter: GivenCounter): void {
    this.#linesOfRules.set(rule, line);
    if (this.#keepsCounters && counter !== undefined) this.#counters.set(rule, { ...counter });
  }

  #draft(name: string): DraftChain {
    const known = this.#drafts.get(name);
    if (known !== undefined) return known;
    const chain = findChain({ builtin: this.#before.builtin, user: this.#user }, name);
    const draft: DraftChain = { name, policy: chain?.policy, rules: [...(chain?.rules ?? [])] };
    this.#drafts.set(name, draft);
    return draft;
  }
}

function freezeChain(draft: DraftChain): Chain {
  const index = indexRules(draft.rules);
  return Object.freeze({
    name: draft.name,
    ...(draft.policy === undefined ? {} : { policy: draft.policy }),
    rules: Object.freeze(draft.rules),
    ...(index === undefined ? {} : { index }),
  });
}
