/**
 * Objects seen through their schema, as server-side apply sees them: which parts are merged and which are one piece, and by
 * what the items of a list are told apart. Source: sigs.k8s.io/structured-merge-diff/typed.
 */
import { isAtomicType } from '../../../api/schema/atomic-types.ts';
import type { FieldSchema, FieldType, Schema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';

/** A part of an object that has parts of its own. */
export type Part = {
  /** `f:…`, `k:…` or `v:…`. */
  readonly element: string;
  readonly value: JsonValue;
  readonly shape: Shape;
  /** Items of a list that share their keys; the value is the list of them. */
  readonly isRepeated?: true;
};

/** How a value is taken apart; `leaf` is one piece. */
export type Shape =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'struct'; readonly typeName: string }
  | { readonly kind: 'map'; readonly values: FieldType }
  | { readonly kind: 'keyed-list'; readonly items: FieldType; readonly keys: readonly string[] }
  | { readonly kind: 'set' };

const leaf: Shape = { kind: 'leaf' };
/** Keys of lists that have a default. Source: the OpenAPI document's defaults of ports' protocols. */
const keyDefaults = new Map<string, JsonValue>([['protocol', 'TCP']]);

/** The shape of an object of a type. */
export function shapeOfType(typeName: string): Shape {
  return { kind: 'struct', typeName };
}

/** Whether a value of a shape is one piece: by its shape, or because it is not what the shape expects. */
export function isWhole(shape: Shape, value: JsonValue | undefined): boolean {
  if (shape.kind === 'leaf') return true;
  // Go's null is a map or list without parts.
  if (value === undefined || value === null) return false;
  if (shape.kind === 'struct' || shape.kind === 'map') return !isJsonObject(value);
  return !Array.isArray(value);
}

/** The parts of a value, in order. */
export function partsOf(schema: Schema, shape: Shape, value: JsonValue | undefined): readonly Part[] {
  if (isJsonObject(value)) {
    return Object.entries(value).map(([name, inner]) => ({
      element: `f:${name}`,
      value: inner,
      shape: shapeOfField(schema, shape, name),
    }));
  }
  if (!Array.isArray(value)) return [];
  const items: readonly JsonValue[] = value;
  return items.map((item) => ({
    element: elementOf(shape, item),
    value: item,
    shape: shape.kind === 'keyed-list' ? shapeOf(shape.items, undefined) : leaf,
  }));
}

/** The parts of a value, items of a list that share their keys as one piece. Source: AllowDuplicates of typed/parser.go. */
export function distinctPartsOf(schema: Schema, shape: Shape, value: JsonValue | undefined): readonly Part[] {
  const parts = partsOf(schema, shape, value);
  if (!Array.isArray(value) || parts.length < 2) return parts;
  const byElement = new Map<string, Part[]>();
  for (const part of parts) {
    const known = byElement.get(part.element);
    if (known === undefined) byElement.set(part.element, [part]);
    else known.push(part);
  }
  if (byElement.size === parts.length) return parts;
  return [...byElement].flatMap(([element, same]): Part[] =>
    same.length === 1
      ? same
      : [{ element, value: same.map((part) => part.value), shape: leaf, isRepeated: true }],
  );
}

/** Whether a part is a key of a map, which is a member of a set even when it has parts of its own. */
export function isMapKey(schema: Schema, shape: Shape, element: string): boolean {
  if (shape.kind !== 'struct') return true;
  return schema.type(shape.typeName)?.fields.has(element.slice(2)) !== true;
}

/** The shape of a member of an object of a shape. */
export function shapeOfField(schema: Schema, shape: Shape, name: string): Shape {
  if (shape.kind === 'map') return shapeOf(shape.values, undefined);
  if (shape.kind !== 'struct') return leaf;
  const field = schema.type(shape.typeName)?.fields.get(name);
  return field === undefined ? leaf : shapeOf(field.type, field);
}

function shapeOf(type: FieldType, field: FieldSchema | undefined): Shape {
  switch (type.kind) {
    case 'ref':
      // A field may say otherwise than its type.
      return field?.mapType === 'atomic' || (field?.mapType !== 'granular' && isAtomicType(type.name))
        ? leaf
        : { kind: 'struct', typeName: type.name };
    case 'map':
      return field?.mapType === 'atomic' ? leaf : { kind: 'map', values: type.values };
    case 'array':
      if (field?.listType === 'map') {
        return { kind: 'keyed-list', items: type.items, keys: field.listMapKeys };
      }
      return field?.listType === 'set' ? { kind: 'set' } : leaf;
    default:
      return leaf;
  }
}

function elementOf(shape: Shape, item: JsonValue): string {
  if (shape.kind !== 'keyed-list' || !isJsonObject(item)) return `v:${JSON.stringify(item)}`;
  const keys = shape.keys.toSorted(compareKeys).flatMap((key): [string, JsonValue][] => {
    const value = Object.hasOwn(item, key) ? item[key] : defaultOfKey(shape.items, key);
    return value === undefined ? [] : [[key, value]];
  });
  return `k:${JSON.stringify(Object.fromEntries(keys))}`;
}

function defaultOfKey(items: FieldType, key: string): JsonValue | undefined {
  // Of all that is referred to by name alone, only local objects may be so by none.
  if (items.kind === 'ref' && items.name === 'V1LocalObjectReference' && key === 'name') return '';
  return keyDefaults.get(key);
}

/** A value put together again from its parts; undefined when a map or list has none left. */
export function fromParts(
  shape: Shape,
  parts: readonly { readonly element: string; readonly value: JsonValue }[],
): JsonValue {
  if (shape.kind === 'struct' || shape.kind === 'map') {
    const object: JsonObject = Object.fromEntries(
      parts.map(({ element, value }) => [element.slice(2), value]),
    );
    return object;
  }
  return parts.map(({ value }) => value);
}
