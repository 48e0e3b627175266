/**
 * PUT of an object or its status, and the second half of every patch. Source:
 * k8s.io/apiserver/pkg/registry/generic/registry/store.go (Update) and registry/rest/update.go for the order of steps.
 */
import type { FieldError } from '../../api/scheme.ts';
import { validateEphemeralUpdate } from '../../api/validation/ephemeral-update.ts';
import { validateStatusUpdate } from '../../api/validation/status.ts';
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { admitUpdate, mutateUpdate } from './admission/admission-chain.ts';
import { asKept, asRead, createObject, isService, kindOf } from './create.ts';
import { decodeBody, matchNamespace, readBody } from './decode-body.ts';
import { trackUpdate } from './managed-fields/track-update.ts';
import {
  nameOf,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  toStoredObject,
  withKeys,
  withMetadata,
} from './object-access.ts';
import { withDistinctOwners } from './owner-references.ts';
import {
  badRequest,
  conflict,
  invalid,
  modifiedConflict,
  notFound,
  type Outcome,
  plainError,
  qualified,
} from './refusals.ts';
import { type Call, keyOf, storedObject, timestamp } from './server-context.ts';
import { asWritten } from './written-empties.ts';

/** Kinds that a PUT creates when they are missing. Source: AllowCreateOnUpdate of each kind's strategy.go. */
const createdOnUpdate = new Set([
  'endpoints',
  'events',
  'events.events.k8s.io',
  'services',
  'limitranges',
  'leases.coordination.k8s.io',
  'runtimeclasses.node.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
]);

/** Kinds whose updates must name a resourceVersion. Source: AllowUnconditionalUpdate of each kind's strategy.go. */
const conditionallyUpdated = new Set([
  'leases.coordination.k8s.io',
  'poddisruptionbudgets.policy',
  'apiservices.apiregistration.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'runtimeclasses.node.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** An updated object, and whether it was made by the update. */
export interface Updated {
  readonly object: StoredObject;
  readonly isNew: boolean;
}

/** Replaces the object, or its status, by the request's body. */
export function updateFromBody(call: Call): Outcome<Updated> {
  const body = readBody(call);
  if (!body.ok) return body;
  const existing = storedObject(call);
  const decoded = decodeBody(call, body.value, existing);
  if (!decoded.ok) return decoded;
  const named = checkName(call, decoded.value);
  if (!named.ok) return named;
  if (existing === undefined) {
    if (call.subresource !== '' || !createdOnUpdate.has(qualified(call.kind.plural, call.kind.group))) {
      return err(notFound(call.kind, call.name));
    }
    const unversioned = withMetadata(decoded.value, { resourceVersion: undefined });
    const created = createObject(call, trackUpdate(call, unversioned, undefined));
    return created.ok ? ok({ object: created.value, isNew: true }) : created;
  }
  const object = withDistinctOwners(call, asKept(call, decoded.value), 'written');
  const updated = replaceObject(call, trackUpdate(call, object, existing), existing);
  return updated.ok ? ok({ object: updated.value, isNew: false }) : updated;
}

/** Refuses an object whose name or namespace are not those of the path. */
export function checkName(call: Call, object: JsonObject): Outcome<JsonObject> {
  const name = nameOf(object);
  if (name === '') {
    return err(
      badRequest(
        `the name of the object (${call.name} based on URL) was undeterminable: name must be provided`,
      ),
    );
  }
  if (name !== call.name) {
    return err(
      badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`),
    );
  }
  return matchNamespace(call, object);
}

/** Writes a decoded object with its managedFields set over the stored one, as the main resource or as the call's subresource. */
export function replaceObject(call: Call, object: JsonObject, existing: StoredObject): Outcome<StoredObject> {
  const { kind } = call;
  const precondition = checkPreconditions(call, object, existing);
  if (!precondition.ok) return precondition;
  const placed = matchNamespace(call, object);
  if (!placed.ok) return placed;
  const mutated = mutateUpdate(call, placed.value, existing);
  if (!mutated.ok) return mutated;
  const prepared = prepareUpdate(call, mutated.value, existing);
  if (!prepared.ok) return prepared;
  const errors = asWritten(call, prepared.value, (changed) => updateProblems(call, changed, existing));
  if (errors.length > 0) {
    const named = kindOf(call, prepared.value);
    return err(invalid(kind.storage?.group ?? kind.group, named, call.name, errors));
  }
  if (call.subresource === '') call.warnings.push(...(kind.warnings?.(prepared.value, existing) ?? []));
  const admitted = admitUpdate(call, prepared.value, existing);
  if (!admitted.ok) return admitted;
  return writeUpdate(call, prepared.value, existing);
}

function updateProblems(call: Call, object: JsonObject, existing: StoredObject): readonly FieldError[] {
  const { kind, subresource } = call;
  if (subresource === '') return kind.validateUpdate(object, existing);
  if (subresource === 'ephemeralcontainers') return validateEphemeralUpdate(object, existing);
  if (subresource !== 'status') return [];
  return (
    kind.custom?.validateStatus(object, existing) ??
    validateStatusUpdate(qualified(kind.plural, kind.group), object, existing)
  );
}

/**
 * Stores a changed object: not at all when nothing changed, as a deletion when the change took away what kept it alive.
 */
export function writeUpdate(call: Call, changed: JsonObject, before: StoredObject): Outcome<StoredObject> {
  const { kind, server } = call;
  const next = toStoredObject(changed);
  if (jsonEqual(next, before)) return ok(before);
  if (shouldDeleteNow(call, next, before)) {
    if (call.isDryRun) return ok(next);
    const deleted = server.store.delete(keyOf(call));
    return deleted.ok ? ok(next) : err(notFound(kind, call.name));
  }
  if (call.isDryRun) return ok(asRead(call, next));
  const stored = server.store.update({ key: keyOf(call), object: next }, before);
  return stored.ok ? stored : err(modifiedConflict(kind, call.name));
}

function checkPreconditions(call: Call, object: JsonObject, existing: StoredObject): Outcome<true> {
  const { kind } = call;
  const uid = stringAt(object, 'metadata', 'uid');
  if (uid !== '' && uid !== existing.metadata.uid) {
    return err(
      conflict(
        kind,
        call.name,
        `StorageError: invalid object, Code: 4, Key: ${registryKey(call)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existing.metadata.uid ?? ''}`,
      ),
    );
  }
  const revision = stringAt(object, 'metadata', 'resourceVersion');
  const isConditional =
    kind.custom !== undefined || conditionallyUpdated.has(qualified(kind.plural, kind.group));
  if (revision === '' && isConditional) {
    // Upstream puts the plural where the kind belongs.
    return err(
      invalid(kind.group, kind.plural, call.name, [
        {
          type: 'FieldValueInvalid',
          field: 'metadata.resourceVersion',
          message: 'Invalid value: 0: must be specified for an update',
        },
      ]),
    );
  }
  if (revision !== '' && !/^[0-9]+$/.test(revision)) {
    return err(plainError(500, `strconv.ParseUint: parsing ${JSON.stringify(revision)}: invalid syntax`));
  }
  if (revision !== '' && revision !== '0' && revision !== existing.metadata.resourceVersion) {
    return err(modifiedConflict(kind, call.name));
  }
  return ok(true);
}

/** Folders of the registry that are not called as their resource is. Source: keys in refusals of kube-apiserver v1.36.0. */
const registryFolders = new Map([
  ['endpoints', 'services/endpoints'],
  ['ingresses.networking.k8s.io', 'ingress'],
  ['nodes', 'minions'],
  ['replicationcontrollers', 'controllers'],
  ['services', 'services/specs'],
]);

/** Where upstream keeps the object that a call names. */
function registryKey({ kind, namespace, name }: Call): string {
  const folder = registryFolders.get(qualified(kind.plural, kind.group)) ?? kind.plural;
  const root = kind.custom === undefined ? '/registry' : `/registry/${kind.group}`;
  return [root, folder, ...(namespace === '' ? [] : [namespace]), name].join('/');
}

function prepareUpdate(call: Call, object: JsonObject, existing: StoredObject): Outcome<JsonObject> {
  const { kind, server } = call;
  const metadata = objectAt(object, 'metadata');
  const kept = withMetadata(object, {
    ...metadata,
    resourceVersion: existing.metadata.resourceVersion,
    uid: existing.metadata.uid,
    creationTimestamp: existing.metadata.creationTimestamp,
    generation: existing.metadata.generation,
    deletionTimestamp: existing.metadata.deletionTimestamp,
    deletionGracePeriodSeconds:
      existing.metadata.deletionGracePeriodSeconds === undefined
        ? undefined
        : (numberAt(metadata, 'deletionGracePeriodSeconds') ?? existing.metadata.deletionGracePeriodSeconds),
  });
  if (call.subresource === 'status' || call.subresource === 'approval') {
    const updated = statusUpdate(kept, existing, kind.custom !== undefined);
    return ok(kind.prepareStatus?.(updated, existing, timestamp(server.queue.now())) ?? updated);
  }
  if (call.subresource === 'ephemeralcontainers') {
    const spec = withKeys(objectAt(existing, 'spec'), {
      ephemeralContainers: objectAt(kept, 'spec').ephemeralContainers,
    });
    const { managedFields } = objectAt(kept, 'metadata');
    const changed = withMetadata(withKeys(existing, { spec }), { managedFields });
    return ok(kind.prepareForUpdate?.(changed, existing) ?? changed);
  }
  if (call.subresource === 'finalize') {
    return ok(withKeys(existing, { metadata: kept.metadata, spec: kept.spec }));
  }
  const withStatus = kind.hasStatus ? withKeys(kept, { status: existing.status }) : kept;
  const allocated = isService(call)
    ? server.allocator.allocateForUpdate(withStatus, existing, call.isDryRun)
    : ok(withStatus);
  if (!allocated.ok) return allocated;
  return ok(kind.prepareForUpdate?.(allocated.value, existing) ?? allocated.value);
}

/** A status write changes the status and the metadata that is not the object's identity, nothing else. */
function statusUpdate(object: JsonObject, existing: StoredObject, isCustom: boolean): JsonObject {
  if (isCustom) {
    const { managedFields } = objectAt(object, 'metadata');
    return withMetadata(withKeys(existing, { status: object.status }), { managedFields });
  }
  return withMetadata(withKeys(existing, { status: object.status, metadata: object.metadata }), {
    ownerReferences: objectAt(existing, 'metadata').ownerReferences,
  });
}

/** Whether an update takes away the last thing that kept an object in deletion alive. */
function shouldDeleteNow(call: Call, next: StoredObject, before: StoredObject): boolean {
  if (before.metadata.deletionTimestamp === undefined) return false;
  if ((next.metadata.finalizers ?? []).length > 0) return false;
  const isNamespace = call.kind.group === '' && call.kind.plural === 'namespaces';
  if (isNamespace && stringsAt(next, 'spec', 'finalizers').length > 0) return false;
  return (before.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
