/**
 * One chain while restore input changes it. Who writes a chain anew mostly writes what stood there (kube-proxy, at each
 * change of one Service, the ten thousand rules that lead to all of them), so a line that comes again takes the rule that
 * it made before, and only rules that were not there are checked.
 */
import { ruleKeysOf } from './chain-index.ts';
import { chancesOf } from './chances.ts';
import { type CommonEnds, commonEnds } from './common-ends.ts';
import type { Chain, ChainReach, Policy, Rule } from './rule.ts';

/** See the head of this file. */
export interface ChainDraft {
  readonly name: string;
  /** The chain of this name before the input, if there was one. */
  readonly before: Chain | undefined;
  policy: Policy | undefined;
  rules: Rule[];
  /** The input's line that made each rule; 0 for one that was there. */
  numbers: number[];
  /** The text of that line, or of the line of an earlier input; empty where it is not known. */
  texts: string[];
  reach: ChainReach | undefined;
  isEmptied: boolean;
  /** How far the rules of before were taken again. */
  cursor: number;
  stoodBefore?: ReadonlySet<Rule>;
  /** As of the last COMMIT: the rules that are new to the chain, and how many stand around them that are not. */
  fresh: readonly Rule[];
  kept: CommonEnds;
}

/** From this length on a chain keeps the lines that its rules were read from: shorter ones are read anew. */
const minKeptTexts = 32;
/** Lines that may be gone in one place until the rest counts as new. */
const maxGap = 8;

/** A draft of a chain as it was, or of a new one. */
export function draftOf(name: string, before: Chain | undefined): ChainDraft {
  const rules = [...(before?.rules ?? [])];
  return {
    ...emptiedDraftOf(name, before),
    rules,
    numbers: rules.map(() => 0),
    texts: before?.texts === undefined ? rules.map(() => '') : [...before.texts],
    isEmptied: false,
    kept: { first: rules.length, last: 0 },
  };
}

/** A draft of a chain from which all rules are taken: nothing of ten thousand is copied to be thrown away. */
export function emptiedDraftOf(name: string, before: Chain | undefined): ChainDraft {
  return {
    name,
    before,
    policy: before?.policy,
    rules: [],
    numbers: [],
    texts: [],
    reach: before?.reach,
    isEmptied: true,
    cursor: 0,
    fresh: [],
    kept: { first: 0, last: 0 },
  };
}

/** Appends the rule that this line made before the chain was emptied; false when it did not, or not at about this place. */
export function reuseRule(draft: ChainDraft, text: string, number: number): boolean {
  const { before, cursor } = draft;
  if (!draft.isEmptied || before?.texts === undefined) return false;
  for (let at = cursor; at < cursor + maxGap; at += 1) {
    const rule = before.rules[at];
    if (rule === undefined) return false;
    if (before.texts[at] !== text) continue;
    draft.rules.push(rule);
    draft.numbers.push(number);
    draft.texts.push(text);
    draft.cursor = at + 1;
    return true;
  }
  return false;
}

/** Finds out which rules did not stand at the chain's start or end before. */
export function findFresh(draft: ChainDraft): void {
  const { rules } = draft;
  const { first, last } = commonEnds(draft.before?.rules ?? [], rules);
  draft.kept = { first, last };
  draft.fresh = first + last === rules.length ? [] : rules.slice(first, rules.length - last);
}

/** The chain to put in place: the one that was there when nothing about it changed. */
export function freezeDraft(draft: ChainDraft): Chain {
  const { name, before, policy, rules, reach, texts, kept } = draft;
  const isSame = before?.rules.length === rules.length && kept.first + kept.last === rules.length;
  if (isSame && before.policy === policy && before.reach === reach) return before;
  const chances = chancesOf(rules);
  const keys = chances === undefined ? ruleKeysOf(rules, before?.keys, kept) : undefined;
  return Object.freeze({
    name,
    ...(chances === undefined ? {} : { chances }),
    ...(keys === undefined ? {} : { keys }),
    ...(policy === undefined ? {} : { policy }),
    rules: Object.freeze(rules),
    ...(reach === undefined ? {} : { reach }),
    ...(rules.length < minKeptTexts ? {} : { texts: Object.freeze(texts) }),
  });
}
