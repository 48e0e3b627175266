/**
 * Strategic merge patch: as a merge patch, but lists whose items have a key are merged item by item, and directives say
 * what merging cannot. Source: k8s.io/apimachinery/pkg/util/strategicpatch (mergeMap) and the page on patch directives in
 * the API conventions.
 */
import type { PatchStrategy } from '../../../api/schema/patch-strategy.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { mergeInOrder } from './element-order.ts';

/** What is known of a field of a type: its strategy, and with it the type of what is in it. */
export type StrategyLookup = (typeName: string, field: string) => PatchStrategy | undefined;

const setOrder = '$setElementOrder/';
const deleteFromList = '$deleteFromPrimitiveList/';

/** The target after the patch. The error is upstream's text. */
export function applyStrategicMergePatch(
  target: JsonObject,
  patch: JsonObject,
  schema: { readonly typeName: string; readonly lookup: StrategyLookup },
): Result<JsonObject, string> {
  const merger = new Merger(schema.lookup);
  try {
    return ok(merger.mergeMap(target, patch, schema.typeName));
  } catch (thrown) {
    if (thrown instanceof PatchFormatError) return err(thrown.message);
    throw thrown;
  }
}

/** Ends a merge from deep inside; never leaves this file. */
class PatchFormatError extends Error {
  override readonly name = 'PatchFormatError';
}

class Merger {
  readonly #lookup: StrategyLookup;

  constructor(lookup: StrategyLookup) {
    this.#lookup = lookup;
  }

  /** `typeName` is empty inside maps and unknown fields, where nothing has a strategy. */
  mergeMap(original: JsonObject, patch: JsonObject, typeName: string): JsonObject {
    const directive = patch.$patch;
    if (directive !== undefined) return replacementOf(patch, directive);
    const result = new Map<string, JsonValue>(Object.entries(original));
    const rest = new Map<string, JsonValue>(Object.entries(patch));
    retainKeys(result, rest);
    this.#mergeOrderedLists(result, rest, typeName);
    for (const [key, value] of rest) {
      if (key.startsWith(deleteFromList)) {
        this.#deleteItems(result, key.slice(deleteFromList.length), value);
      } else if (value === null) {
        result.delete(key);
      } else {
        result.set(key, this.#mergeValue(result.get(key), value, this.#strategy(typeName, key)));
      }
    }
    return Object.fromEntries(result);
  }

  #strategy(typeName: string, key: string): PatchStrategy | undefined {
    return typeName === '' ? undefined : this.#lookup(typeName, key);
  }

  #mergeValue(
    before: JsonValue | undefined,
    value: JsonValue,
    strategy: PatchStrategy | undefined,
  ): JsonValue {
    if (isJsonObject(value) && isJsonObject(before)) {
      // Only a strategy that says so replaces a map; unknown ones are merged.
      if (strategy?.strategy === 'replace' && strategy.shape === 'struct') return dropDirectives(value);
      const inner = strategy?.shape === 'struct' ? (strategy.itemSchema ?? '') : '';
      return this.mergeMap(before, value, inner);
    }
    if (Array.isArray(value) && Array.isArray(before)) {
      return strategy?.strategy === 'merge' ? this.mergeList(before, value, strategy) : dropDirectives(value);
    }
    return dropDirectives(value);
  }

  mergeList(
    original: readonly JsonValue[],
    patch: readonly JsonValue[],
    strategy: PatchStrategy,
  ): readonly JsonValue[] {
    const mergeKey = strategy.mergeKey ?? '';
    if (![...original, ...patch].some(isJsonObject)) {
      const both = [...new Set([...original, ...patch])];
      return mergeInOrder(both, { patchOrder: patch, serverOrder: original, mergeKey: '' });
    }
    if (mergeKey === '')
      throw new PatchFormatError(`cannot merge lists without merge key for ${strategy.itemSchema ?? ''}`);
    const special = applyItemDirectives(original, patch, mergeKey);
    if (special.isReplaced) return special.original;
    const merged = [...special.original];
    for (const item of special.patch) {
      if (!isJsonObject(item)) throw new PatchFormatError('Invalid JSON document');
      const key = item[mergeKey];
      if (key === undefined) {
        throw new PatchFormatError(
          `map: ${formatGoMap(item)} does not contain declared merge key: ${mergeKey}`,
        );
      }
      const at = merged.findIndex((other) => isJsonObject(other) && other[mergeKey] === key);
      const before = merged[at];
      // A new item is taken as it is, directives and nulls included: upstream's oversight, which decoding then reports.
      if (!isJsonObject(before)) merged.push(item);
      else merged[at] = this.mergeMap(before, item, strategy.itemSchema ?? '');
    }
    return mergeInOrder(merged, {
      patchOrder: special.patch,
      serverOrder: special.original,
      mergeKey,
    });
  }

  #deleteItems(result: Map<string, JsonValue>, key: string, value: JsonValue): void {
    const before = result.get(key);
    if (!Array.isArray(before)) return;
    if (!Array.isArray(value)) throw new PatchFormatError('invalid patch format of primitive list');
    result.set(
      key,
      before.filter((item) => !value.includes(item)),
    );
  }

  /** Lists that come with an order of their elements, which holds for items that the patch does not change as well. */
  #mergeOrderedLists(result: Map<string, JsonValue>, rest: Map<string, JsonValue>, typeName: string): void {
    for (const [directive, order] of [...rest]) {
      if (!directive.startsWith(setOrder)) continue;
      rest.delete(directive);
      const key = directive.slice(setOrder.length);
      if (!Array.isArray(order)) throw new PatchFormatError('invalid patch format of setElementOrder list');
      const original = result.get(key);
      const patch = rest.get(key);
      if (original === undefined && patch === undefined) continue;
      if (patch !== undefined && !Array.isArray(patch)) continue;
      const strategy = this.#strategy(typeName, key);
      const before = Array.isArray(original) ? original : [];
      const merged =
        patch === undefined || strategy === undefined ? before : this.#mergeValue(before, patch, strategy);
      if (!Array.isArray(merged)) continue;
      const mergeKey = strategy?.mergeKey ?? '';
      const serverOrder = orderInMemory(before, patch ?? [], mergeKey);
      result.set(key, mergeInOrder(merged, { patchOrder: order, serverOrder, mergeKey }));
      rest.delete(key);
    }
  }
}

function replacementOf(patch: JsonObject, directive: JsonValue): JsonObject {
  if (directive === 'replace') {
    return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== '$patch'));
  }
  if (directive === 'delete') return {};
  throw new PatchFormatError(`unknown patch type found: ${String(directive)}`);
}

/**
 * The server's order of a list as upstream's code finds it: items that the patch adds have by then taken the places at the
 * end that deleted ones left free, since both live in one array.
 */
function orderInMemory(
  before: readonly JsonValue[],
  patch: readonly JsonValue[],
  mergeKey: string,
): readonly JsonValue[] {
  if (mergeKey === '') return before;
  const keyOf = (item: JsonValue): JsonValue | undefined => (isJsonObject(item) ? item[mergeKey] : undefined);
  const isDeletion = (item: JsonValue): boolean => isJsonObject(item) && item.$patch === 'delete';
  const deleted = new Set(patch.filter(isDeletion).map(keyOf));
  const remaining = before.filter((item) => !deleted.has(keyOf(item)));
  const known = new Set(remaining.map(keyOf));
  const added = patch.filter((item) => !isDeletion(item) && !known.has(keyOf(item)));
  return [...remaining, ...added].slice(0, before.length);
}

/** `$retainKeys` names every key that may stay: what else the original has goes. */
function retainKeys(result: Map<string, JsonValue>, rest: Map<string, JsonValue>): void {
  const retained = rest.get('$retainKeys');
  if (retained === undefined) return;
  rest.delete('$retainKeys');
  const unretained = [...rest].some(
    ([key, value]) =>
      value !== null && !key.startsWith('$') && Array.isArray(retained) && !retained.includes(key),
  );
  if (!Array.isArray(retained) || unretained) {
    throw new PatchFormatError('invalid patch format of retainKeys');
  }
  for (const key of [...result.keys()]) if (!retained.includes(key)) result.delete(key);
}

function applyItemDirectives(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  mergeKey: string,
): {
  readonly original: readonly JsonValue[];
  readonly patch: readonly JsonValue[];
  readonly isReplaced: boolean;
} {
  let kept = [...original];
  let isReplaced = false;
  const plain: JsonValue[] = [];
  for (const item of patch) {
    const directive = isJsonObject(item) ? item.$patch : undefined;
    if (!isJsonObject(item) || directive === undefined) {
      plain.push(item);
    } else if (directive === 'delete') {
      const key = item[mergeKey];
      if (key === undefined) throw new PatchFormatError('delete patch type with no merge key defined');
      kept = kept.filter((other) => !isJsonObject(other) || other[mergeKey] !== key);
    } else if (directive === 'replace') {
      isReplaced = true;
    } else if (directive === 'merge') {
      throw new PatchFormatError('merging lists cannot yet be specified in the patch');
    } else {
      throw new PatchFormatError(`unknown patch type found: ${String(directive)}`);
    }
  }
  return isReplaced
    ? { original: plain.map(dropDirectives), patch: [], isReplaced }
    : { original: kept, patch: plain, isReplaced };
}

/** A value of a patch that is taken as it is: its nulls and directives have nothing to act on. */
function dropDirectives(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const list: readonly JsonValue[] = value;
    return list
      .filter((item) => !isJsonObject(item) || item.$patch === undefined)
      .map((item) => dropDirectives(item));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const isDirective =
        key === '$patch' ||
        key === '$retainKeys' ||
        key.startsWith(setOrder) ||
        key.startsWith(deleteFromList);
      return item === null || isDirective ? [] : [[key, dropDirectives(item)]];
    }),
  );
}

/** A value as Go prints it with %v: maps in the order of their keys. */
export function formatGoMap(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => formatGoMap(item)).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${formatGoMap(item)}`).join(' ')}]`;
}
