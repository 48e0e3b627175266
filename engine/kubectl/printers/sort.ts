/** `--sort-by`: objects and rows in order of the value at a path. It stands for kubectl's SortingPrinter. */

import { parseRelaxedPath, valuesAtPath } from '../../api/jsonpath/relaxed.ts';
import { compareQuantities, parseQuantity } from '../../api/quantity.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { failure, type Outcome } from '../failure.ts';
import { goSort } from './go-sort.ts';

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
  return ok(goSort(keyed, (a, b) => isLess(a.key, b.key)).map(({ item }) => item));
}

/** Source: k8s.io/kubectl/pkg/cmd/get/sorter.go: quantities by amount, other texts by code unit; what lacks the field is first. */
function isLess(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined) return true;
  if (b === undefined) return false;
  if (a === null || b === null) return a === null && b !== null;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a !== 'string' || typeof b !== 'string')
    return compareKeys(JSON.stringify(a), JSON.stringify(b)) < 0;
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return left.ok && right.ok ? compareQuantities(left.value, right.value) < 0 : compareKeys(a, b) < 0;
}
