/**
 * Lists that are sets or maps hold nothing twice. Source: apiextensions-apiserver/pkg/apiserver/schema/listtype.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { duplicate, invalid } from '../field-errors.ts';
import type { FieldError } from '../scheme.ts';
import { childNode, type SchemaNode } from './schema-node.ts';

/** The items of a value's lists that stand in them a second time. */
export function checkLists(node: SchemaNode, value: JsonValue, path: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const own =
      node.listType === 'set'
        ? secondOnes(value).map((index) => duplicate(`${path}[${index}]`, value[index]))
        : node.listType === 'map'
          ? checkKeys(node, value, path)
          : [];
    const { items } = node;
    if (items === undefined) return own;
    return [
      ...own,
      ...value.flatMap((item: JsonValue, index) => checkLists(items, item, `${path}[${index}]`)),
    ];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const child = childNode(node, key);
    if (child === undefined) return [];
    const isProperty = node.properties.has(key);
    const below = path === '' ? key : `${path}.${key}`;
    return checkLists(child, inner, isProperty ? below : `${path}[${key}]`);
  });
}

function checkKeys(node: SchemaNode, value: readonly JsonValue[], path: string): readonly FieldError[] {
  const wrong = value.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    return [invalid(`${path}[${wrong}]`, value[wrong], 'must be an object for an array of list-type map')];
  }
  const keys = value.map((item): JsonObject => {
    const object = isJsonObject(item) ? item : {};
    const own = node.listMapKeys.filter((key) => Object.hasOwn(object, key)).sort(compareKeys);
    return Object.fromEntries(own.map((key) => [key, object[key] ?? null]));
  });
  return secondOnes(keys).map((index) => duplicate(`${path}[${index}]`, keys[index]));
}

/** Where a value stands for the second time; later ones are not told of. */
function secondOnes(values: readonly JsonValue[]): readonly number[] {
  const counts = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalText(value);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 2 ? [index] : [];
  });
}

/** JSON with the keys of objects in order, as Go writes it. */
function canonicalText(value: JsonValue): string {
  return JSON.stringify(value, (_key, inner: JsonValue) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareKeys(a, b)))
      : inner,
  );
}
