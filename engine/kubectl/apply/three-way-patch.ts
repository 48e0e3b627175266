/**
 * The patch of `kubectl apply`: what turns the live object into the manifest, without touching fields that the manifest
 * never named. It stands for strategicpatch.CreateThreeWayMergePatch and, for kinds without a schema,
 * jsonmergepatch.CreateThreeWayJSONMergePatch.
 */
import { patchStrategy } from '../../api/schema/patch-strategy.ts';
import type { Schema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** The three states that a patch is made from. */
export interface ThreeStates {
  /** What was applied the last time; undefined when nothing was. */
  readonly original: JsonObject | undefined;
  /** What is applied now. */
  readonly modified: JsonObject;
  /** What the server holds. */
  readonly current: JsonObject;
}

/** Which type's merge keys hold; without one every list is replaced whole. */
export interface PatchSchema {
  readonly schema: Schema;
  readonly typeName: string;
}

/** Computes the patch; an empty object when nothing is to be changed. */
export function createThreeWayPatch(states: ThreeStates, types: PatchSchema | undefined): JsonObject {
  const changes = diffObjects(states.current, states.modified, types, 'changes');
  const removals =
    states.original === undefined ? {} : diffObjects(states.original, states.modified, types, 'removals');
  return mergePatches(removals, changes, types);
}

/** `changes` tells what is new or different, `removals` what is gone. */
type Wanted = 'changes' | 'removals';

interface FieldRule {
  readonly types: PatchSchema | undefined;
  readonly mergesList: boolean;
  readonly replacesObject: boolean;
  readonly retainKeys: boolean;
  readonly mergeKey: string | undefined;
}

function ruleFor(types: PatchSchema | undefined, field: string): FieldRule {
  const strategy = types === undefined ? undefined : patchStrategy(types.schema, types.typeName, field);
  const itemType = strategy?.itemSchema;
  return {
    types:
      types === undefined || itemType === undefined
        ? undefined
        : { schema: types.schema, typeName: itemType },
    mergesList: strategy?.strategy === 'merge' && strategy.shape === 'list',
    replacesObject: strategy?.strategy === 'replace' && strategy.shape !== 'list',
    retainKeys: strategy?.retainKeys ?? false,
    mergeKey: strategy?.mergeKey,
  };
}

function diffObjects(
  from: JsonObject,
  to: JsonObject,
  types: PatchSchema | undefined,
  wanted: Wanted,
): JsonObject {
  const patch = new Map<string, JsonValue>();
  for (const key of Object.keys(from).sort(compareKeys)) {
    if (!Object.hasOwn(to, key)) {
      if (wanted === 'removals') patch.set(key, null);
      continue;
    }
    diffField(key, from[key] ?? null, to[key] ?? null, { rule: ruleFor(types, key), wanted, patch });
  }
  if (wanted === 'changes') {
    for (const key of Object.keys(to)) if (!Object.hasOwn(from, key)) patch.set(key, to[key] ?? null);
  }
  return Object.fromEntries(patch);
}

interface FieldContext {
  readonly rule: FieldRule;
  readonly wanted: Wanted;
  readonly patch: Map<string, JsonValue>;
}

function diffField(key: string, from: JsonValue, to: JsonValue, context: FieldContext): void {
  const { rule, wanted, patch } = context;
  if (isJsonObject(from) && isJsonObject(to) && !rule.replacesObject) {
    const inner = diffObjects(from, to, rule.types, wanted);
    if (Object.keys(inner).length === 0) return;
    const retained = rule.retainKeys ? { $retainKeys: Object.keys(to).sort(compareKeys) } : {};
    patch.set(key, { ...retained, ...inner });
    return;
  }
  if (Array.isArray(from) && Array.isArray(to) && rule.mergesList) {
    if (rule.mergeKey === undefined) diffScalarLists(key, from, to, context);
    else diffKeyedLists(key, from, to, { ...context, mergeKey: rule.mergeKey });
    return;
  }
  if (wanted === 'changes' && !jsonEqual(from, to)) patch.set(key, to);
}

function diffScalarLists(
  key: string,
  from: readonly JsonValue[],
  to: readonly JsonValue[],
  { wanted, patch }: FieldContext,
): void {
  const [source, target] = wanted === 'changes' ? [to, from] : [from, to];
  const different = source.filter((item) => !target.some((other) => jsonEqual(item, other)));
  if (different.length === 0) return;
  patch.set(`$setElementOrder/${key}`, to);
  patch.set(wanted === 'changes' ? key : `$deleteFromPrimitiveList/${key}`, different);
}

function diffKeyedLists(
  key: string,
  from: readonly JsonValue[],
  to: readonly JsonValue[],
  context: FieldContext & { readonly mergeKey: string },
): void {
  const { rule, wanted, patch, mergeKey } = context;
  const before = byMergeKey(from, mergeKey);
  const after = byMergeKey(to, mergeKey);
  const items: JsonValue[] = [];
  for (const [id, item] of before) {
    const target = after.get(id);
    if (target === undefined) {
      if (wanted === 'removals') items.push({ $patch: 'delete', [mergeKey]: item[mergeKey] ?? null });
      continue;
    }
    const inner = diffObjects(item, target, rule.types, wanted);
    if (Object.keys(inner).length > 0) items.push({ ...inner, [mergeKey]: target[mergeKey] ?? null });
  }
  if (wanted === 'changes') {
    for (const [id, item] of after) if (!before.has(id)) items.push(item);
  }
  if (items.length === 0) return;
  patch.set(
    `$setElementOrder/${key}`,
    [...after.values()].map((item) => ({ [mergeKey]: item[mergeKey] ?? null })),
  );
  patch.set(key, items);
}

/** Of items with the same key the first counts, as on the server. */
function byMergeKey(items: readonly JsonValue[], mergeKey: string): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const item of items) {
    if (!isJsonObject(item)) continue;
    const id = JSON.stringify(item[mergeKey] ?? null);
    if (!found.has(id)) found.set(id, item);
  }
  return found;
}

/** Joins removals and changes into one patch; where both name a key, their parts are joined. */
function mergePatches(removals: JsonObject, changes: JsonObject, types: PatchSchema | undefined): JsonObject {
  const merged = new Map(Object.entries(removals));
  for (const [key, change] of Object.entries(changes)) {
    const removal = merged.get(key);
    const rule = ruleFor(types, key);
    if (isJsonObject(removal) && isJsonObject(change))
      merged.set(key, mergePatches(removal, change, rule.types));
    else if (Array.isArray(removal) && Array.isArray(change) && rule.mergeKey !== undefined) {
      merged.set(key, mergeItems(removal, change, rule, rule.mergeKey));
    } else merged.set(key, change);
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => compareKeys(a, b)));
}

function mergeItems(
  removals: readonly JsonValue[],
  changes: readonly JsonValue[],
  rule: FieldRule,
  mergeKey: string,
): readonly JsonValue[] {
  const merged = new Map(byMergeKey(removals, mergeKey));
  for (const [id, change] of byMergeKey(changes, mergeKey)) {
    const removal = merged.get(id);
    merged.set(id, removal === undefined ? change : mergePatches(removal, change, rule.types));
  }
  return [...merged.values()];
}
