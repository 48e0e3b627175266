/**
 * What a server makes of the JSON of a custom resource before it looks at it: fields that the schema does not know are
 * taken out and named, nulls that may not stand are taken out, defaults are put in. Source:
 * apiextensions-apiserver/pkg/apiserver/schema/pruning and defaulting (algorithm.go, prunenulls.go).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { childNode, type SchemaNode } from './schema-node.ts';

const typeMetaFields = new Set(['apiVersion', 'kind', 'metadata']);

/** An object without what its schema does not know, and the paths of what was taken out, sorted. */
export interface Pruned {
  readonly object: JsonObject;
  readonly unknownFields: readonly string[];
}

/** Prunes a whole object; apiVersion, kind and metadata stay, whatever the schema says. */
export function pruneUnknownFields(object: JsonObject, schema: SchemaNode): Pruned {
  const unknownFields: string[] = [];
  const root: SchemaNode = { ...schema, embeddedResource: true };
  const pruned = prune(object, root, { path: '', unknownFields, isKept: false });
  return { object: isJsonObject(pruned) ? pruned : {}, unknownFields: unknownFields.sort() };
}

interface PruneContext {
  readonly path: string;
  readonly unknownFields: string[];
  /** Inside of `x-kubernetes-preserve-unknown-fields`, where only fields that have a schema are looked into. */
  readonly isKept: boolean;
}

function prune(value: JsonValue, node: SchemaNode | undefined, context: PruneContext): JsonValue {
  const isKept = node?.preserveUnknownFields === true || (context.isKept && node !== undefined);
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, index) =>
      node?.items === undefined && isKept
        ? item
        : prune(item, node?.items, { ...context, isKept, path: `${context.path}[${index}]` }),
    );
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, JsonValue][] => {
    if (node?.embeddedResource === true && typeMetaFields.has(key)) return [[key, inner]];
    const path = context.path === '' ? key : `${context.path}.${key}`;
    const child = childNode(node, key);
    const isMapValue = node?.additionalProperties !== undefined;
    if (child !== undefined) return [[key, prune(inner, child, { ...context, isKept: false, path })]];
    if (isKept) return [[key, inner]];
    // Values of a map without a schema keep their place and lose what they hold.
    if (isMapValue) return [[key, prune(inner, undefined, { ...context, isKept: false, path })]];
    context.unknownFields.push(path);
    return [];
  });
  return Object.fromEntries(entries);
}

/** Takes out nulls where the schema allows none and has no default to put there. */
export function pruneNulls(value: JsonValue, node: SchemaNode | undefined): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => pruneNulls(item, node?.items));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, JsonValue][] => {
    const child = childNode(node, key);
    const isDropped = inner === null && child !== undefined && !child.nullable && child.default === undefined;
    return isDropped ? [] : [[key, pruneNulls(inner, child)]];
  });
  return Object.fromEntries(entries);
}

/** Puts the schema's defaults where fields are absent, or null without being allowed to. */
export function applySchemaDefaults(value: JsonValue, node: SchemaNode | undefined): JsonValue {
  if (node === undefined) return value;
  if (Array.isArray(value)) {
    const { items } = node;
    return value.map((item: JsonValue) => applySchemaDefaults(orDefault(item, items), items));
  }
  if (!isJsonObject(value)) return value;
  const filled = new Map<string, JsonValue>(Object.entries(value));
  for (const [key, property] of node.properties) {
    if (property.default === undefined) continue;
    if (!filled.has(key) || (filled.get(key) === null && !property.nullable))
      filled.set(key, property.default);
  }
  for (const [key, inner] of filled) {
    const child = childNode(node, key);
    const isProperty = node.properties.has(key);
    filled.set(key, applySchemaDefaults(isProperty ? inner : orDefault(inner, child), child));
  }
  return Object.fromEntries(filled);
}

function orDefault(value: JsonValue, node: SchemaNode | undefined): JsonValue {
  return value === null && node !== undefined && !node.nullable ? (node.default ?? null) : value;
}
