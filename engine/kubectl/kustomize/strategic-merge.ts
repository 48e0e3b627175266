/** Applying a strategic merge patch to an object. Source: k8s.io/apimachinery/pkg/util/strategicpatch. Left out: `$setElementOrder`. */
import { patchStrategy } from '../../api/schema/patch-strategy.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';

/** Which type's merge keys hold; without one every list is replaced whole. */
export interface MergeTypes {
  readonly schema: Schema;
  readonly typeName: string;
}

/** Which items of a merged list come first: kustomize puts those of the patch there, the API those that were there. */
export type ListOrder = 'patch-first' | 'present-first';

/** The object after the patch. */
export function applyStrategicMerge(
  object: JsonObject,
  patch: JsonObject,
  types: MergeTypes | undefined,
  order: ListOrder = 'patch-first',
): JsonObject {
  const directive = patch.$patch;
  const { $patch: _directive, ...changes } = patch;
  if (directive === 'replace') return changes;
  const merged = new Map(Object.entries(object));
  for (const [field, change] of Object.entries(changes)) {
    if (change === null) {
      merged.delete(field);
      continue;
    }
    const before = merged.get(field);
    const strategy = types === undefined ? undefined : patchStrategy(types.schema, types.typeName, field);
    const inner =
      types === undefined || strategy?.itemSchema === undefined
        ? undefined
        : { schema: types.schema, typeName: strategy.itemSchema };
    if (isJsonObject(change)) {
      if (change.$patch === 'delete') merged.delete(field);
      else merged.set(field, applyStrategicMerge(isJsonObject(before) ? before : {}, change, inner, order));
    } else if (Array.isArray(change) && strategy?.strategy === 'merge' && strategy.shape === 'list') {
      const present = Array.isArray(before) ? before : [];
      merged.set(field, mergeList(present, change, { key: strategy.mergeKey, types: inner, order }));
    } else merged.set(field, change);
  }
  return Object.fromEntries(merged);
}

function mergeList(
  before: readonly JsonValue[],
  changes: readonly JsonValue[],
  {
    key,
    types,
    order,
  }: {
    readonly key: string | undefined;
    readonly types: MergeTypes | undefined;
    readonly order: ListOrder;
  },
): readonly JsonValue[] {
  if (key === undefined) {
    return [...before, ...changes.filter((one) => !before.some((other) => jsonEqual(one, other)))];
  }
  if (changes.some((one) => isJsonObject(one) && one.$patch === 'replace')) {
    return changes.filter((one) => !(isJsonObject(one) && one.$patch === 'replace'));
  }
  if (order === 'present-first') return mergeInPlace(before, changes, key, types);
  const left = [...before];
  const merged: JsonValue[] = [];
  for (const change of changes) {
    if (!isJsonObject(change)) continue;
    const at = left.findIndex((one) => isJsonObject(one) && jsonEqual(one[key] ?? null, change[key] ?? null));
    const [present] = at < 0 ? [] : left.splice(at, 1);
    if (change.$patch === 'delete') continue;
    merged.push(isJsonObject(present) ? applyStrategicMerge(present, change, types) : change);
  }
  return [...merged, ...left];
}

function mergeInPlace(
  before: readonly JsonValue[],
  changes: readonly JsonValue[],
  key: string,
  types: MergeTypes | undefined,
): readonly JsonValue[] {
  const merged = [...before];
  for (const change of changes.filter(isJsonObject)) {
    const at = merged.findIndex(
      (one) => isJsonObject(one) && jsonEqual(one[key] ?? null, change[key] ?? null),
    );
    const present = merged[at];
    if (change.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (isJsonObject(present)) {
      merged[at] = applyStrategicMerge(present, change, types, 'present-first');
    } else merged.push(change);
  }
  return merged;
}
