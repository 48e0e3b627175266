/** JSON Patch (RFC 6902), applied by the rfc6902 library to a copy. */
import { applyPatch, type Operation } from 'rfc6902';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { badRequest, type Outcome, rejectedRequest, tooLarge } from '../refusals.ts';

/** Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go, maxJSONPatchOperations. */
const maxOperations = 10_000;
const operationNames = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** The target after every operation; a failing one refuses them all, in words that do not say which. */
export function applyJsonPatch(target: JsonObject, patch: JsonValue): Outcome<JsonObject> {
  if (!Array.isArray(patch) || !patch.every(isJsonObject)) {
    return err(
      badRequest(
        'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
      ),
    );
  }
  if (patch.length > maxOperations) {
    return err(
      tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`),
    );
  }
  const operations = patch.filter(isOperation);
  if (operations.length < patch.length) return err(rejectedRequest());
  const copy: { document: unknown } = { document: structuredClone(target) };
  const rooted = operations.map((operation) => withRoot(operation));
  const problems = applyPatch(copy, rooted);
  const { document } = copy;
  if (problems.some((problem) => problem !== null) || !isJsonObject(document)) {
    return err(rejectedRequest());
  }
  return ok(document);
}

function isOperation(operation: JsonObject): operation is JsonObject & Operation {
  const { op, path } = operation;
  if (typeof op !== 'string' || !operationNames.has(op) || typeof path !== 'string') return false;
  if (op === 'move' || op === 'copy') return typeof operation.from === 'string';
  return op === 'remove' || Object.hasOwn(operation, 'value');
}

/** Puts the pointers below a root of our own, so that an operation on the whole document works as well. */
function withRoot(operation: Operation): Operation {
  const path = `/document${operation.path}`;
  if (operation.op === 'move' || operation.op === 'copy') {
    return { ...operation, path, from: `/document${operation.from}` };
  }
  return { ...operation, path };
}
