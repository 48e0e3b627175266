/**
 * Reads and rebuilds parts of plain JSON objects whose kind does not matter here. What is absent or of another type reads
 * as empty, since decoding has checked the types by then. Nothing is changed in place.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';

const emptyObject: JsonObject = Object.freeze({});

/** The value at a path of own keys; undefined where the path ends early. */
export function valueAt(object: JsonObject, ...path: readonly string[]): JsonValue | undefined {
  let value: JsonValue = object;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    const next: JsonValue | undefined = value[key];
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

/** The object at a path, or an empty one. */
export function objectAt(object: JsonObject, ...path: readonly string[]): JsonObject {
  const value = valueAt(object, ...path);
  return isJsonObject(value) ? value : emptyObject;
}

/** The string at a path, or ''. */
export function stringAt(object: JsonObject, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** The number at a path, or undefined. */
export function numberAt(object: JsonObject, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : undefined;
}

/** The list at a path, or an empty one. */
export function arrayAt(object: JsonObject, ...path: readonly string[]): readonly JsonValue[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** The objects of the list at a path. */
export function objectsAt(object: JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  return arrayAt(object, ...path).filter(isJsonObject);
}

/** The strings of the list at a path. */
export function stringsAt(object: JsonObject, ...path: readonly string[]): readonly string[] {
  return arrayAt(object, ...path).filter((item) => typeof item === 'string');
}

/** The object with some keys set, or taken away where the value is undefined. */
export function withKeys(
  object: JsonObject,
  changes: Readonly<Record<string, JsonValue | undefined>>,
): JsonObject {
  let result: Record<string, JsonValue> = { ...object };
  let isLess = false;
  for (const key of Object.keys(changes)) {
    const value = changes[key];
    if (value !== undefined) result[key] = value;
    else isLess ||= Object.hasOwn(result, key);
  }
  // An object from which keys are deleted one by one is slow to read for as long as it lives.
  if (isLess)
    result = Object.fromEntries(Object.entries(result).filter((entry) => !isTakenAway(changes, entry[0])));
  return result;
}

function isTakenAway(changes: Readonly<Record<string, JsonValue | undefined>>, key: string): boolean {
  return Object.hasOwn(changes, key) && changes[key] === undefined;
}

/** The object with keys of its metadata set or taken away. */
export function withMetadata(
  object: JsonObject,
  changes: Readonly<Record<string, JsonValue | undefined>>,
): JsonObject {
  return { ...object, metadata: withKeys(objectAt(object, 'metadata'), changes) };
}

/** The object with keys of its spec set or taken away. */
export function withSpec(
  object: JsonObject,
  changes: Readonly<Record<string, JsonValue | undefined>>,
): JsonObject {
  return { ...object, spec: withKeys(objectAt(object, 'spec'), changes) };
}

/** The object's name, or ''. */
export function nameOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'name');
}

/** The object's namespace, or ''. */
export function namespaceOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'namespace');
}

/**
 * The object as one that can be stored.
 *
 * @throws InvariantError when it has no kind or no name, which validation refuses before.
 */
export function toStoredObject(object: JsonObject): StoredObject {
  invariant(isStorable(object), 'an object without kind or name cannot be stored');
  return object;
}

function isStorable(object: JsonObject): object is StoredObject {
  return nameOf(object) !== '' && stringAt(object, 'kind') !== '' && stringAt(object, 'apiVersion') !== '';
}
