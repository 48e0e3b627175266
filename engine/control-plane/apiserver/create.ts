/**
 * POST of an object. Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (create) and registry/rest/create.go
 * for the order of steps.
 */
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { type StoredObject, storeKey } from '../store/store.ts';
import { admitCreate, mutateCreate } from './admission/admission-chain.ts';
import { decodeBody, matchNamespace, readBody } from './decode-body.ts';
import { trackUpdate } from './managed-fields/track-update.ts';
import { nameOf, numberAt, objectAt, stringAt, toStoredObject, withMetadata } from './object-access.ts';
import { withDistinctOwners } from './owner-references.ts';
import { alreadyExists, generateNameConflict, invalid, type Outcome, plainError } from './refusals.ts';
import { type Call, timestamp } from './server-context.ts';
import { asWritten } from './written-empties.ts';

/** Creates the object in the request's body. */
export function createFromBody(call: Call): Outcome<StoredObject> {
  const body = readBody(call);
  if (!body.ok) return body;
  const decoded = decodeBody(call, body.value);
  if (!decoded.ok) return decoded;
  const object = withDistinctOwners(call, asKept(call, withoutSystemFields(decoded.value)), 'written');
  return createObject(call, trackUpdate(call, object, undefined));
}

/** Without what only the server says, which counts neither for a new object nor for its managers. Source: WipeObjectMetaSystemFields. */
export function withoutSystemFields(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const isClean = systemFields.every((key) => metadata[key] === undefined);
  return isClean
    ? object
    : withMetadata(object, Object.fromEntries(systemFields.map((key) => [key, undefined])));
}

const systemFields = [
  'creationTimestamp',
  'uid',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const;

/** Creates a decoded object with its defaults applied and its managedFields set. */
export function createObject(call: Call, object: JsonObject): Outcome<StoredObject> {
  const { kind, server } = call;
  const placed = matchNamespace(call, object);
  if (!placed.ok) return placed;
  const wasGenerated = nameOf(object) === '' && stringAt(object, 'metadata', 'generateName') !== '';
  // With five characters a clash needs thousands of objects; upstream gives up after eight tries as well.
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const named = wasGenerated ? withGeneratedName(call, placed.value) : withOwnName(call, placed.value);
    const key = storeKey(kind.group, kind.plural, call.namespace, nameOf(named));
    if (wasGenerated && server.store.get(key) !== undefined) continue;
    return createNamed(call, named, key);
  }
  return err(generateNameConflict(kind, stringAt(object, 'metadata', 'generateName')));
}

function createNamed(call: Call, named: JsonObject, key: string): Outcome<StoredObject> {
  const { kind, server } = call;
  const mutated = mutateCreate(call, named);
  if (!mutated.ok) return mutated;
  if (stringAt(named, 'metadata', 'resourceVersion') !== '' && !call.isDryRun) {
    return err(plainError(500, 'resourceVersion should not be set on objects to be created'));
  }
  const filled = withSystemMetadata(call, mutated.value);
  call.warnings.push(...(kind.warningsBefore?.(filled) ?? []));
  const prepared = kind.prepareForCreate?.(filled) ?? filled;
  const allocated = isService(call)
    ? server.allocator.allocateForCreate(prepared, call.isDryRun)
    : ok(prepared);
  if (!allocated.ok) return allocated;
  const errors = asWritten(call, allocated.value, (object) => kind.validate(object));
  if (errors.length > 0) {
    return err(
      invalid(
        kind.storage?.group ?? kind.group,
        kindOf(call, allocated.value),
        nameOf(allocated.value),
        errors,
      ),
    );
  }
  call.warnings.push(...(kind.warnings?.(allocated.value) ?? []));
  const admitted = admitCreate(call, allocated.value);
  if (!admitted.ok) return admitted;
  const existing = server.store.get(key);
  if (existing !== undefined) {
    const refusal = alreadyExists(kind, nameOf(named));
    if (existing.metadata.deletionTimestamp === undefined) return err(refusal);
    const message = `object is being deleted: ${stringAt(refusal.body, 'message')}`;
    return err({ ...refusal, body: { ...refusal.body, message } });
  }
  const object = toStoredObject(allocated.value);
  if (call.isDryRun) return ok(asRead(call, object));
  const stored = server.store.create({ key, object });
  return stored.ok ? stored : err(alreadyExists(kind, nameOf(named)));
}

/** A new object as the version that is kept shows it, whose defaults count as the client's own. */
export function asKept({ kind }: Call, object: JsonObject): JsonObject {
  if (kind.storage === undefined || kind.custom !== undefined) return object;
  return kind.storage.fromStorage(kind.storage.toStorage(object, undefined));
}

/** What was not stored as it would be read from the store, where defaults may fill in what a write took out. */
export function asRead(call: Call, object: StoredObject): StoredObject {
  const { custom, storage } = call.kind;
  return custom === undefined || storage === undefined ? object : toStoredObject(storage.fromStorage(object));
}

/** The kind that a refusal names: of a custom resource, what the object itself says. */
export function kindOf(call: Call, object: JsonObject): string {
  return call.kind.custom === undefined ? call.kind.kind : stringAt(object, 'kind');
}

/** Whether a call is about Services, whose addresses and ports are allocated. */
export function isService(call: Call): boolean {
  return call.kind.group === '' && call.kind.plural === 'services';
}

// Source: k8s.io/apiserver/pkg/storage/names: a base of at most 58 characters and five random ones.
function withGeneratedName(call: Call, object: JsonObject): JsonObject {
  const base = stringAt(object, 'metadata', 'generateName').slice(0, 58);
  return withMetadata(object, { name: `${base}${call.server.random.nameSuffix()}` });
}

/** A LimitRange without a name is called by an identifier. Source: pkg/registry/core/limitrange/strategy.go. */
function withOwnName(call: Call, object: JsonObject): JsonObject {
  if (call.kind.plural !== 'limitranges' || call.kind.group !== '' || nameOf(object) !== '') return object;
  return withMetadata(object, { name: call.server.random.uuid() });
}

function withSystemMetadata(call: Call, object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  return withMetadata(object, {
    ...metadata,
    namespace: call.kind.namespaced ? call.namespace : undefined,
    uid: call.server.random.uuid(),
    creationTimestamp: timestamp(call.server.queue.now()),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
    generation: call.kind.hasGeneration ? 1 : numberAt(metadata, 'generation') || undefined,
  });
}
