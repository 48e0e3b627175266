/** Reading fields of objects whose kind is known at run time only. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/** The value at a path of own keys and array indices, or undefined. */
export function valueAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of path) {
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else if (isJsonObject(at) && typeof step === 'string' && Object.hasOwn(at, step)) at = at[step];
    else return undefined;
  }
  return at;
}

/** The text at a path; empty when there is none. */
export function stringAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The list at a path; empty when there is none. */
export function listAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): readonly JsonValue[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The object at a path; empty when there is none. */
export function objectAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonObject {
  const found = valueAt(value, ...path);
  return isJsonObject(found) ? found : {};
}

/** The objects of a list at a path. */
export function objectsAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): readonly JsonObject[] {
  return listAt(value, ...path).filter(isJsonObject);
}

/** The pairs of a map of strings at a path (labels, annotations), in order of keys. */
export function stringMapAt(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): ReadonlyMap<string, string> {
  const entries = Object.entries(objectAt(value, ...path)).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(entries.map(([key, text]) => [key, typeof text === 'string' ? text : JSON.stringify(text)]));
}

/** A copy of an object with the value at a path of keys replaced, or taken away when it is undefined. */
export function withValueAt(
  object: JsonObject,
  path: readonly string[],
  value: JsonValue | undefined,
): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length > 0) {
    const inner = objectAt(object, key);
    if (value === undefined && Object.keys(inner).length === 0) return object;
    return withOwn(object, key, withValueAt(inner, rest, value));
  }
  return withOwn(object, key, value);
}

/**
 * An object as it is sent to be made: without the resourceVersion that it may carry from an earlier life, as in what
 * `kubectl get -o yaml` wrote. Source: CreateWithOptions in k8s.io/cli-runtime/pkg/resource/helper.go.
 */
export function asNew(object: JsonObject): JsonObject {
  return withValueAt(object, ['metadata', 'resourceVersion'], undefined);
}

/** A copy with one own key set or removed; a key named `__proto__` stays a plain key. */
function withOwn(object: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const others = Object.entries(object).filter(([name]) => name !== key);
  if (value === undefined) return Object.fromEntries(others);
  if (!Object.hasOwn(object, key)) return Object.fromEntries([...others, [key, value]]);
  return Object.fromEntries(Object.entries(object).map(([name, old]) => [name, name === key ? value : old]));
}
