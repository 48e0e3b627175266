/**
 * The order of a merged list: items that the patch names stand as the patch has them, the others keep their places among
 * them as well as they can. Source: k8s.io/apimachinery/pkg/util/strategicpatch (normalizeElementOrder, mergeSortedSlice).
 */
import { isJsonObject, type JsonValue } from '../../../base/json.ts';

type List = readonly JsonValue[];

/**
 * Orders a merged list by the lists that it was merged from; `patchOrder` may also be a `$setElementOrder` directive, whose
 * items are keys alone or the items themselves. An empty merge key compares the items themselves.
 */
export function mergeInOrder(
  merged: List,
  orders: { readonly patchOrder: List; readonly serverOrder: List; readonly mergeKey: string },
): List {
  const { patchOrder, serverOrder, mergeKey } = orders;
  const inPatch = (item: JsonValue): boolean => indexIn(patchOrder, item, mergeKey) >= 0;
  const byOrder = (order: List) => (a: JsonValue, b: JsonValue) =>
    indexIn(order, a, mergeKey) - indexIn(order, b, mergeKey);
  const fromPatch = merged.filter(inPatch).toSorted(byOrder(patchOrder));
  const serverOnly = merged.filter((item) => !inPatch(item)).toSorted(byOrder(serverOrder));
  const result: JsonValue[] = [];
  let next = 0;
  for (const item of fromPatch) {
    const place = indexIn(serverOrder, item, mergeKey);
    for (let other = serverOnly[next]; other !== undefined; other = serverOnly[next]) {
      const otherPlace = indexIn(serverOrder, other, mergeKey);
      if (place < 0 || otherPlace < 0 || otherPlace >= place) break;
      result.push(other);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...serverOnly.slice(next)];
}

function indexIn(list: List, item: JsonValue, mergeKey: string): number {
  if (mergeKey === '' || !isJsonObject(item)) return list.indexOf(item);
  const key = item[mergeKey];
  return list.findIndex((other) => isJsonObject(other) && other[mergeKey] === key);
}
