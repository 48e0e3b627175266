/**
 * PATCH of an object or its subresource. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
 */
import { invalid as invalidField } from '../../api/field-errors.ts';
import { patchStrategy } from '../../api/schema/patch-strategy.ts';
import { formatCompactJson } from '../../base/go-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { applyObject } from './apply.ts';
import { knownOf, matchNamespace, readPatch } from './decode-body.ts';
import { decodeOfKind } from './decode-kind.ts';
import { trackUpdate } from './managed-fields/track-update.ts';
import { withDistinctOwners } from './owner-references.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMergePatch, formatGoMap } from './patch/strategic-merge-patch.ts';
import {
  badRequest,
  invalid,
  notFound,
  type Outcome,
  unknownPatchType,
  unsupportedMediaType,
} from './refusals.ts';
import { type Call, storedObject } from './server-context.ts';
import { checkName, replaceObject, type Updated } from './update.ts';

const mediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Applies the patch in the request's body. */
export function patchObject(call: Call): Outcome<Updated> {
  const mediaType = (call.request.headers?.['content-type'] ?? '').split(';', 1)[0] ?? '';
  // Strategic merge patches are for kinds whose merge keys stand in Go's types.
  const accepted =
    call.kind.custom === undefined ? mediaTypes : mediaTypes.filter((type) => !type.includes('strategic'));
  if (!accepted.includes(mediaType)) {
    // What no router knows beforehand is refused by the handler.
    return err(
      call.kind.custom === undefined ? unknownPatchType() : unsupportedMediaType(accepted.join(', ')),
    );
  }
  if (mediaType === 'application/apply-patch+yaml') return applyObject(call);
  const existing = storedObject(call);
  if (existing === undefined) return err(notFound(call.kind, call.name));
  const patch = readPatch(call);
  if (!patch.ok) return patch;
  const patched = applyPatchTo(call, { mediaType, target: existing, patch: patch.value });
  if (!patched.ok) return patched;
  const decoded = decodePatched(call, patched.value, existing);
  if (!decoded.ok) return decoded;
  const placed = matchNamespace(call, decoded.value);
  if (!placed.ok) return placed;
  const named = checkName(call, placed.value);
  if (!named.ok) return named;
  const object = withDistinctOwners(call, trackUpdate(call, named.value, existing), 'patched');
  const replaced = replaceObject(call, object, existing);
  return replaced.ok ? ok({ object: replaced.value, isNew: false }) : replaced;
}

/** A patched document, and how the patch is shown when the document is not what the kind allows. */
interface Patched {
  readonly document: JsonObject;
  readonly shown: string;
}

/** Custom resources are maps, whose keys Go writes in order. */
function shownWhole(call: Call, document: JsonObject): Patched {
  const isMap = call.kind.custom !== undefined;
  return { document, shown: isMap ? formatCompactJson(document) : JSON.stringify(document) };
}

/** Applies a patch of any kind but server-side apply to a document. */
export function applyPatchTo(
  call: Call,
  options: {
    readonly mediaType: string;
    readonly target: JsonObject;
    readonly patch: JsonValue;
    readonly schemaName?: string;
  },
): Outcome<Patched> {
  const { mediaType, target, patch } = options;
  if (mediaType === 'application/json-patch+json') {
    const document = applyJsonPatch(target, patch);
    return document.ok ? ok(shownWhole(call, document.value)) : document;
  }
  if (!isJsonObject(patch)) {
    const found = Array.isArray(patch) ? 'array' : typeof patch;
    const why = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
    return err(badRequest(mediaType.includes('strategic') ? why : `error decoding patch: ${why}`));
  }
  if (mediaType === 'application/merge-patch+json') {
    const document = applyMergePatch(target, patch);
    return ok(shownWhole(call, document));
  }
  const document = applyStrategicMergePatch(target, patch, {
    typeName: options.schemaName ?? call.kind.schema,
    lookup: (typeName, field) => patchStrategy(call.server.schema, typeName, field),
  });
  if (!document.ok) return err(badRequest(document.error));
  return ok({ document: document.value, shown: formatGoMap(patch) });
}

/** The patched document as an object of the kind; what is wrong with it is told as a problem of the patch. */
function decodePatched(call: Call, patched: Patched, existing: JsonObject): Outcome<JsonObject> {
  const decoded = decodeOfKind(call.server, call.kind, patched.document, {
    fieldValidation: call.fieldValidation,
    ...knownOf(call, existing),
  });
  if (!decoded.ok) {
    return err(invalid('', '', '', [invalidField('patch', patched.shown, decoded.error)]));
  }
  call.warnings.push(...decoded.value.warnings);
  const { apiVersion, kind } = patched.document;
  return ok(
    call.kind.applyDefaults({
      ...decoded.value.object,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
    }),
  );
}
