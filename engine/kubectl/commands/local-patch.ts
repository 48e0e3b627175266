/** Patches that kubectl applies itself: `kubectl patch --local`, dry runs of a client, and `--overrides`. */
import { applyPatch } from 'rfc6902';
import { loadSchema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import { applyStrategicMerge } from '../kustomize/strategic-merge.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';

/** The three kinds of patches. */
export type PatchKind = 'json' | 'merge' | 'strategic';

/** The object after the patch; the words of a failure are those of the libraries behind kubectl. */
export function patchLocally(kind: PatchKind, object: JsonObject, patch: JsonValue): Outcome<JsonObject> {
  switch (kind) {
    case 'json':
      return patchByOperations(object, patch);
    case 'merge':
      return isJsonObject(patch) ? ok(mergeInto(object, patch)) : failure('Invalid JSON Patch');
    case 'strategic': {
      const apiVersion = stringAt(object, 'apiVersion');
      const typeName = builtInType(apiVersion, stringAt(object, 'kind'));
      if (typeName === undefined) {
        return failure(
          `strategic merge patch is not supported for ${apiVersion}, Kind=${stringAt(object, 'kind')} locally, try --type merge`,
        );
      }
      if (!isJsonObject(patch)) return failure('Invalid JSON Patch');
      return ok(applyStrategicMerge(object, patch, { schema: loadSchema(), typeName }, 'present-first'));
    }
  }
}

/** Source: RFC 7396. */
function mergeInto(object: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(object));
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, mergeInto(isJsonObject(before) ? before : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

function patchByOperations(object: JsonObject, patch: JsonValue): Outcome<JsonObject> {
  const copy = structuredClone(object);
  for (const step of objectsAt({ patch }, 'patch')) {
    const [op, path, from] = [stringAt(step, 'op'), stringAt(step, 'path'), stringAt(step, 'from')];
    const value = structuredClone(step.value ?? null);
    const [problem] =
      op === 'remove'
        ? applyPatch(copy, [{ op, path }])
        : op === 'move' || op === 'copy'
          ? applyPatch(copy, [{ op, path, from }])
          : op === 'add' || op === 'replace' || op === 'test'
            ? applyPatch(copy, [{ op, path, value }])
            : [new Error(`Unexpected kind: ${op}`)];
    if (problem === null || problem === undefined) continue;
    return failure(
      op === 'test'
        ? `testing value ${path} failed: test failed`
        : `${op} operation does not apply: doc is missing path: ${path}: missing value`,
    );
  }
  return ok(copy);
}
