/**
 * A chain of chances as numbers that stand together. A packet tries about half of such a chain's rules, and those of ten
 * thousand Services lie anywhere in memory: looking at each would cost more than everything else.
 */

/** For each rule its chance in 2^31, or -1 where it tests something else. */
export type Chances = readonly number[];

/** In the place of a chance. */
export const noChance = -1;

/** The chances of a chain's rules; undefined where most of them test something else. */
export function chancesOf(rules: readonly { readonly chance: number | undefined }[]): Chances | undefined {
  let count = 0;
  for (const rule of rules) if (rule.chance !== undefined) count += 1;
  if (count === 0 || count * 2 < rules.length) return undefined;
  return Object.freeze(rules.map(({ chance }) => chance ?? noChance));
}
