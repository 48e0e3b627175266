/**
 * What rules and policies have counted. Rules are counted by their chain and their place in it: a chain that is written
 * anew counts from zero, which is one entry to forget however long it is.
 */
import type { TableName } from '../trace.ts';
import type { Chain, Rule } from './rule.ts';

/** Packets and bytes that a rule or a policy has seen. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/** What changes: see the head of this file. */
export interface Counters {
  /** Of each rule its packets and its bytes, one behind the other. Chains that counted nothing are not there. */
  rules: Map<Chain, number[]>;
  /** By `table chain`. */
  policies: Map<string, { packets: number; bytes: number }>;
}

/** Nothing was counted. */
export function countersState(): Counters {
  return { rules: new Map(), policies: new Map() };
}

const nothing: Counter = Object.freeze({ packets: 0, bytes: 0 });

/** Counts a packet that matched the rule at this place of a chain (from 0). */
export function countRule(counters: Counters, chain: Chain, position: number, bytes: number): void {
  const counts = countsOf(counters, chain);
  counts[position * 2] = (counts[position * 2] ?? 0) + 1;
  counts[position * 2 + 1] = (counts[position * 2 + 1] ?? 0) + bytes;
}

function countsOf(counters: Counters, chain: Chain): number[] {
  const known = counters.rules.get(chain);
  if (known !== undefined) return known;
  const counts = new Array<number>(chain.rules.length * 2).fill(0);
  counters.rules.set(chain, counts);
  return counts;
}

/** What the rule at this place of a chain (from 0) has counted. */
export function ruleCounter(counters: Counters, chain: Chain, position: number): Counter {
  const counts = counters.rules.get(chain);
  if (counts === undefined) return nothing;
  return { packets: counts[position * 2] ?? 0, bytes: counts[position * 2 + 1] ?? 0 };
}

/** Has the rule at this place of a chain (from 0) start from here. */
export function setRuleCounter(counters: Counters, chain: Chain, position: number, counter: Counter): void {
  const counts = countsOf(counters, chain);
  counts[position * 2] = counter.packets;
  counts[position * 2 + 1] = counter.bytes;
}

/** Takes what rules of a chain have counted over to the chain that comes in its place. */
export function moveCounters(counters: Counters, from: Chain, to: Chain): void {
  const counts = counters.rules.get(from);
  if (counts === undefined || from === to) return;
  counters.rules.delete(from);
  const places = new Map<Rule, number>(from.rules.map((rule, position) => [rule, position]));
  to.rules.forEach((rule, position) => {
    const place = places.get(rule);
    if (place === undefined) return;
    const [packets = 0, bytes = 0] = counts.slice(place * 2, place * 2 + 2);
    setRuleCounter(counters, to, position, { packets, bytes });
  });
}

/** The name under which a policy counts. */
export function policyKey(table: TableName, chain: string): string {
  return `${table} ${chain}`;
}

/** Counts a packet that a policy decided about. */
export function countPolicy(counters: Counters, key: string, bytes: number): void {
  const counter = counters.policies.get(key);
  if (counter === undefined) counters.policies.set(key, { packets: 1, bytes });
  else {
    counter.packets += 1;
    counter.bytes += bytes;
  }
}

/** What the policy of a built-in chain has counted. */
export function policyCounter(counters: Counters, table: TableName, chain: string): Counter {
  return counters.policies.get(policyKey(table, chain)) ?? nothing;
}
