/** Puts a rule together from what was read of it. */
import type { Match, Rule } from './rule.ts';

/** Makes a rule, with what follows from its parts. Frozen. */
export function makeRule(parts: Omit<Rule, 'chance'>): Rule {
  const { source, destination, inLink, outLink, protocol, fragment, matches, target } = parts;
  const tests = { source, destination, inLink, outLink, protocol, fragment };
  const chance = Object.values(tests).every((test) => test === undefined) ? chanceOf(matches) : undefined;
  return Object.freeze({ chance, ...tests, matches: Object.freeze(matches), target });
}

/** The probability that is all these matches ask for; comments ask for nothing. */
function chanceOf(matches: readonly Match[]): number | undefined {
  const [only, ...more] = matches.filter(({ kind }) => kind !== 'comment');
  if (only?.kind !== 'statistic' || only.mode !== 'random' || only.negated || more.length > 0)
    return undefined;
  return only.threshold;
}
