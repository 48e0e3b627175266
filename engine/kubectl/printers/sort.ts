/** `--sort-by`: objects and rows in order of the value at a path. It stands for kubectl's SortingPrinter. */

import { parseRelaxedPath, valuesAtPath } from '../../api/jsonpath/relaxed.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { failure, type Outcome } from '../failure.ts';

/**
 * Sorts items by the value at a path of the object of each; items without one come first.
 *
 * @returns a failure when no object has the field.
 */
export function sortByPath<T>(
  items: readonly T[],
  path: string,
  objectOf: (item: T) => JsonObject,
): Outcome<readonly T[]> {
  const nodes = parseRelaxedPath(path);
  if (!nodes.ok) return failure(nodes.error);
  const keyed = items.map((item) => ({ item, key: valuesAtPath(nodes.value, objectOf(item))[0] }));
  if (items.length > 0 && keyed.every(({ key }) => key === undefined)) {
    const shown = `{.${path.replace(/^\{?\.?/, '').replace(/\}$/, '')}}`;
    return failure(`couldn't find any field with path ${JSON.stringify(shown)} in the list of objects`);
  }
  return ok(keyed.sort((a, b) => compareSortKeys(a.key, b.key)).map(({ item }) => item));
}

/** Numbers, times and quantities by size, texts in the natural order of their numbers. */
function compareSortKeys(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareNatural(a, b);
  return compareKeys(JSON.stringify(a), JSON.stringify(b));
}

/** Source: fvbommel/sortorder, NaturalLess: runs of digits compare as numbers. */
function compareNatural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const l = left[index] ?? '';
    const r = right[index] ?? '';
    if (l === r) continue;
    if (/^\d/.test(l) && /^\d/.test(r)) {
      const byValue = Number(l) - Number(r);
      if (byValue !== 0) return byValue;
    }
    return compareKeys(l, r);
  }
  return left.length - right.length;
}
