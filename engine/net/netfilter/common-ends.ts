/** What two versions of a chain's rules share: who changes one rule of ten thousand mostly writes them all again. */
import type { Rule } from './rule.ts';

/** How many rules are the same ones at the start, and how many of the others at the end. */
export interface CommonEnds {
  readonly first: number;
  readonly last: number;
}

/** Compares two versions. */
export function commonEnds(before: readonly Rule[], after: readonly Rule[]): CommonEnds {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first += 1;
  let last = 0;
  while (last < shorter - first && before[before.length - 1 - last] === after[after.length - 1 - last])
    last += 1;
  return { first, last };
}
