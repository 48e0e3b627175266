/**
 * What rules and policies have counted, by their chain and their place in it: a chain that is written anew counts from
 * zero, which is one entry to forget however long it is.
 */
import type { Chain, Rule } from './rule.ts';

/** Packets and bytes that a rule or a policy has seen. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * What changes: for each chain the packets and bytes of every rule, one behind the other, and at the end those of the
 * policy. Chains that counted nothing are not there.
 */
export type Counters = Map<Chain, number[]>;

/** Counts a packet at a place of a chain: at that of a rule (from 0), or behind the last one for the policy. */
export function countPacket(counters: Counters, chain: Chain, position: number, bytes: number): void {
  const counts = countsOf(counters, chain);
  const at = position * 2;
  counts[at] = (counts[at] ?? 0) + 1;
  counts[at + 1] = (counts[at + 1] ?? 0) + bytes;
}

function countsOf(counters: Counters, chain: Chain): number[] {
  const known = counters.get(chain);
  if (known !== undefined) return known;
  const places = chain.rules.length + (chain.policy === undefined ? 0 : 1);
  const counts = new Array<number>(places * 2).fill(0);
  counters.set(chain, counts);
  return counts;
}

/** What was counted at a place of a chain, as in {@link countPacket}. */
export function counterAt(counters: Counters, chain: Chain, position: number): Counter {
  const counts = counters.get(chain);
  return { packets: counts?.[position * 2] ?? 0, bytes: counts?.[position * 2 + 1] ?? 0 };
}

/** What the policy of a built-in chain has counted. */
export function policyCounter(counters: Counters, chain: Chain): Counter {
  return counterAt(counters, chain, chain.rules.length);
}

/** Has the counter at a place of a chain, as in {@link countPacket}, go on from here. */
export function setCounter(counters: Counters, chain: Chain, position: number, counter: Counter): void {
  if (!counters.has(chain) && counter.packets === 0 && counter.bytes === 0) return;
  const counts = countsOf(counters, chain);
  counts[position * 2] = counter.packets;
  counts[position * 2 + 1] = counter.bytes;
}

/**
 * Takes what a chain has counted over to the one that comes in its place, which may be itself. Rules that were written
 * again start from zero, those that only moved go on, and so does the policy.
 */
export function moveCounters(counters: Counters, from: Chain, to: Chain, isWrittenAgain: boolean): void {
  const counts = counters.get(from);
  if (counts === undefined || (from === to && !isWrittenAgain)) return;
  const policy = policyCounter(counters, from);
  counters.delete(from);
  if (to.policy !== undefined) setCounter(counters, to, to.rules.length, policy);
  if (isWrittenAgain) return;
  const places = new Map<Rule, number>(from.rules.map((rule, position) => [rule, position]));
  to.rules.forEach((rule, position) => {
    const place = places.get(rule);
    if (place === undefined) return;
    setCounter(counters, to, position, {
      packets: counts[place * 2] ?? 0,
      bytes: counts[place * 2 + 1] ?? 0,
    });
  });
}
