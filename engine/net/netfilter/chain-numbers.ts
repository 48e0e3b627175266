/**
 * Numbers in the place of chains' names. A packet meets a jump where it meets a rule, and with ten thousand Services names
 * lie anywhere in memory: a jump that knows a number finds its chain without reading one.
 */

// A number never comes to mean another name, so keeping it is not shared state. Numbers decide nothing that can be seen.
const numbers = new Map<string, number>();

/** The number of a chain's name, in every table of every machine. */
export function chainNumber(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}
