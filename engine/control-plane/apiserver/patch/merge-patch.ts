/** JSON merge patch. Source: RFC 7386, section 2. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';

/** The target after the patch: null takes a key away, objects are merged, all else is replaced. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map<string, JsonValue>(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      result.delete(key);
    } else if (isJsonObject(value)) {
      const before = result.get(key);
      result.set(key, applyMergePatch(isJsonObject(before) ? before : {}, value));
    } else {
      result.set(key, value);
    }
  }
  // As Go writes the maps that a patch touches.
  return Object.fromEntries([...result].sort(([a], [b]) => compareKeys(a, b)));
}
