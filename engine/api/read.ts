/**
 * Reading the fields of decoded objects. Decoding has checked the types, so a field of another type reads as absent.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';

const emptyObject: JsonObject = Object.freeze({});

/** An object of some kind as the JSON that it is. */
export function asJson(object: unknown): JsonObject {
  return isJsonObject(object) ? object : emptyObject;
}

/** The text of a field, empty when absent. */
export function text(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

/** The number in a field. */
export function number(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' ? value : undefined;
}

/** Whether a field is true. */
export function flag(object: JsonObject, key: string): boolean {
  return object[key] === true;
}

/** The struct or map in a field, empty when absent. */
export function struct(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : emptyObject;
}

/** The structs in a list field, none when absent. */
export function structs(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The texts in a list field, none when absent. */
export function texts(object: JsonObject, key: string): readonly string[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The texts of a map field, in the order of its keys. */
export function textMap(object: JsonObject, key: string): ReadonlyMap<string, string> {
  const entries = Object.entries(struct(object, key)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map(entries.map(([name, value]) => [name, String(value)]));
}

/** Whether a field is there and not null. */
export function has(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key) && object[key] !== null;
}

/** The object with those fields that it lacks. */
export function withDefaults(object: JsonObject, fields: JsonObject): JsonObject {
  const missing = Object.keys(fields).filter((key) => !has(object, key));
  if (missing.length === 0) return object;
  const result: Record<string, JsonValue> = { ...object };
  for (const key of missing) {
    const value = fields[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** The object with one field changed; the field is taken away when the function gives undefined. */
export function mapField(
  object: JsonObject,
  key: string,
  change: (value: JsonValue | undefined) => JsonValue | undefined,
): JsonObject {
  const before = Object.hasOwn(object, key) ? object[key] : undefined;
  const after = change(before);
  if (after === before) return object;
  if (after !== undefined) return { ...object, [key]: after };
  return without(object, key);
}

/** The object with a struct field changed, where it has one. */
export function mapStruct(
  object: JsonObject,
  key: string,
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  return mapField(object, key, (value) => (isJsonObject(value) ? change(value) : value));
}

/** The object with each struct of a list field changed, where it has one; the very same object when none changes. */
export function mapStructs(
  object: JsonObject,
  key: string,
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  return mapField(object, key, (value) => {
    if (!Array.isArray(value)) return value;
    const items: readonly JsonValue[] = value;
    const changed = items.map((item) => (isJsonObject(item) ? change(item) : item));
    return changed.some((item, index) => item !== items[index]) ? changed : value;
  });
}

/** The object without some fields. */
export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
