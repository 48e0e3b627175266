/**
 * What a value of a changed object was before. Errors about values that a change left alone do not stand in its way.
 * Source: k8s.io/apiserver/pkg/cel/common/equality.go (CorrelatedObject) and apiextensions-apiserver's ratcheting.go.
 */
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { childNode, type SchemaNode } from './schema-node.ts';

/** A value, and the one that stood in its place before. */
export interface Correlation {
  readonly value: JsonValue;
  readonly old: JsonValue;
}

/** Whether a value is there that was the same before. */
export function isUnchanged(correlation: Correlation | undefined): boolean {
  if (correlation === undefined) return false;
  return correlation.value === correlation.old || jsonEqual(correlation.value, correlation.old);
}

/** The correlation of a field or of a map's value. */
export function correlateKey(
  parent: Correlation | undefined,
  node: SchemaNode,
  key: string,
): Correlation | undefined {
  if (parent === undefined || !isJsonObject(parent.value) || !isJsonObject(parent.old)) return undefined;
  if (childNode(node, key) === undefined) return undefined;
  const value = Object.hasOwn(parent.value, key) ? parent.value[key] : undefined;
  const old = Object.hasOwn(parent.old, key) ? parent.old[key] : undefined;
  return value === undefined || old === undefined ? undefined : { value, old };
}

/** The correlation of an item: only items of a list that is a map have one, by their keys. */
export function correlateItem(
  parent: Correlation | undefined,
  node: SchemaNode,
  item: JsonValue,
): Correlation | undefined {
  if (parent === undefined || node.items === undefined) return undefined;
  const old = findOldItem(node, parent.old, item);
  return old === undefined ? undefined : { value: item, old };
}

/** The item of an old list that has the same keys. */
export function findOldItem(
  node: SchemaNode,
  old: JsonValue | undefined,
  item: JsonValue,
): JsonValue | undefined {
  if (node.listType !== 'map' || !Array.isArray(old) || !isJsonObject(item)) return undefined;
  const wanted = keysOf(node, item);
  return old.find(
    (candidate: JsonValue) => isJsonObject(candidate) && jsonEqual(keysOf(node, candidate), wanted),
  );
}

function keysOf(node: SchemaNode, item: JsonObject): JsonObject {
  return Object.fromEntries(
    node.listMapKeys.flatMap((key) => (Object.hasOwn(item, key) ? [[key, item[key] ?? null]] : [])),
  );
}
