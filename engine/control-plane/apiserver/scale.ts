/**
 * The scale subresource: the replicas of any kind that has them, in one shape. Source: pkg/registry/core/
 * replicationcontroller/storage, and likewise for the apps kinds (ScaleREST).
 */

import { withValueAtPath } from '../../api/custom/scale-paths.ts';
import { decodeObject } from '../../api/decode/decode-object.ts';
import type { ScalePaths } from '../../api/scheme.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { StoredObject } from '../store/store.ts';
import { readBody, readPatch } from './decode-body.ts';
import { trackUpdate } from './managed-fields/track-update.ts';
import { numberAt, objectAt, objectsAt, stringAt, stringsAt, withSpec } from './object-access.ts';
import { applyPatchTo } from './patch-object.ts';
import { badRequest, internalError, invalid, methodNotAllowed, notFound, type Outcome } from './refusals.ts';
import { type Call, storedObject } from './server-context.ts';
import { checkName, replaceObject } from './update.ts';

const scaleSchema = 'V1Scale';
const scaleVersion = 'autoscaling/v1';

/** Reads, replaces or patches the Scale of an object. */
export function handleScale(call: Call): Outcome<JsonObject> {
  const { method } = call.request;
  if (method !== 'GET' && method !== 'PUT' && method !== 'PATCH') return err(methodNotAllowed());
  const existing = storedObject(call);
  if (existing === undefined) return err(notFound(call.kind, call.name));
  const paths = call.kind.custom?.scale;
  const current = scaleOf(existing, paths);
  if (method === 'GET') return ok(current);
  const wanted = wantedScale(call, current);
  if (!wanted.ok) return wanted;
  const named = checkName(call, wanted.value);
  if (!named.ok) return named;
  const replicas = numberAt(wanted.value, 'spec', 'replicas') ?? 0;
  // Of a custom resource the object itself is told to be wrong.
  if (replicas < 0 && paths === undefined) {
    return err(
      invalid('autoscaling', 'Scale', call.name, [
        {
          type: 'FieldValueInvalid',
          field: 'spec.replicas',
          message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
        },
      ]),
    );
  }
  const { resourceVersion, uid } = objectAt(wanted.value, 'metadata');
  const object =
    paths === undefined
      ? withSpec(existing, { replicas })
      : withValueAtPath(existing, paths.specReplicas, replicas);
  if (object === undefined) {
    return err(
      internalError(
        `the spec replicas field ${JSON.stringify(`.${paths?.specReplicas.join('.')}`)} cannot be set`,
      ),
    );
  }
  const metadata = {
    ...existing.metadata,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(uid === undefined ? {} : { uid }),
  };
  const tracked = trackUpdate(call, { ...object, metadata }, existing);
  const updated = replaceObject({ ...call, subresource: '' }, tracked, existing);
  return updated.ok ? ok(scaleOf(updated.value, paths)) : updated;
}

function wantedScale(call: Call, current: JsonObject): Outcome<JsonObject> {
  let document: JsonObject;
  if (call.request.method === 'PATCH') {
    const patch = readPatch(call);
    if (!patch.ok) return patch;
    const mediaType = (call.request.headers?.['content-type'] ?? '').split(';', 1)[0] ?? '';
    const patched = applyPatchTo(call, {
      mediaType,
      target: current,
      patch: patch.value,
      schemaName: scaleSchema,
    });
    if (!patched.ok) return patched;
    document = patched.value.document;
  } else {
    const body = readBody(call);
    if (!body.ok) return body;
    document = body.value.object;
    const found = { apiVersion: stringAt(document, 'apiVersion'), kind: stringAt(document, 'kind') };
    if (found.kind !== '' && (found.kind !== 'Scale' || found.apiVersion !== scaleVersion)) {
      const version = found.apiVersion.slice(found.apiVersion.indexOf('/') + 1);
      return err(
        badRequest(
          `${found.kind} in version ${JSON.stringify(version)} cannot be handled as a Scale: converting (${version}.${found.kind}) to (autoscaling.Scale): unknown conversion`,
        ),
      );
    }
  }
  const decoded = decodeObject(call.server.schema, scaleSchema, document, {
    fieldValidation: call.fieldValidation,
  });
  if (decoded.ok) {
    call.warnings.push(...decoded.value.warnings);
    return ok(decoded.value.object);
  }
  return err(badRequest(`Scale in version "v1" cannot be handled as a Scale: ${decoded.error}`));
}

function scaleOf(object: StoredObject, paths: ScalePaths | undefined): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = objectAt(object, 'metadata');
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  return {
    kind: 'Scale',
    apiVersion: scaleVersion,
    metadata: Object.fromEntries(
      Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    spec: { replicas: numberAt(object, ...(paths?.specReplicas ?? ['spec', 'replicas'])) ?? 0 },
    status: {
      replicas: numberAt(object, ...(paths?.statusReplicas ?? ['status', 'replicas'])) ?? 0,
      ...selectorOf(object, paths),
    },
  };
}

/** The selector of the Pods that are counted; custom resources hold it as text, or have none. */
function selectorOf(object: StoredObject, paths: ScalePaths | undefined): JsonObject {
  if (paths === undefined) return { selector: formatSelector(objectAt(object, 'spec', 'selector')) };
  const selector = paths.labelSelector === undefined ? '' : stringAt(object, ...paths.labelSelector);
  return selector === '' ? {} : { selector };
}

/** A selector as text: the plain map of replication controllers, or a LabelSelector. */
function formatSelector(selector: JsonObject): string {
  const isLabelSelector = isJsonObject(selector.matchLabels) || Array.isArray(selector.matchExpressions);
  const labels = isLabelSelector ? objectAt(selector, 'matchLabels') : selector;
  const equal = Object.entries(labels).map(([key, value]): [string, string] => [
    key,
    `${key}=${String(value)}`,
  ]);
  const expressions = objectsAt(selector, 'matchExpressions').map((expression): [string, string] => {
    const key = stringAt(expression, 'key');
    return [key, formatExpression(key, expression)];
  });
  return [...equal, ...expressions]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([, text]) => text)
    .join(',');
}

function formatExpression(key: string, expression: JsonObject): string {
  const values = stringsAt(expression, 'values').toSorted(compareKeys).join(',');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}
