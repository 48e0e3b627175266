/**
 * A map in key order whose copy costs O(1) and shares what does not change: the storage under the API
 * server's store and the informers' caches. Keys are compared by code unit, as etcd compares bytes.
 */
import sortedBtree from 'sorted-btree';

/** The class of {@link SortedMap}s, for `instanceof`. */
export const SortedMapClass = sortedBtree.default;

/** An ordered map from string keys. Its values must be frozen, since copies share them. */
export type SortedMap<V> = InstanceType<typeof SortedMapClass<string, V>>;

/** An empty map. */
export function createSortedMap<V>(): SortedMap<V> {
  return new SortedMapClass<string, V>(undefined, compareKeys);
}

/** Every entry whose key starts with `prefix`, in key order. */
export function* entriesWithPrefix<V>(map: SortedMap<V>, prefix: string): Generator<[string, V]> {
  for (const entry of map.entries(prefix)) {
    if (!entry[0].startsWith(prefix)) return;
    yield entry;
  }
}

/** The values whose keys start with `prefix`, in key order. */
export function valuesWithPrefix<V>(map: SortedMap<V>, prefix: string): readonly V[] {
  const values: V[] = [];
  for (const [key, value] of map.entries(prefix, [])) {
    if (!key.startsWith(prefix)) break;
    values.push(value);
  }
  return values;
}

/** Orders two strings by code unit: the order that everything visible is sorted in unless a source says otherwise. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
