/**
 * Notes in metadata.managedFields what a write that is no apply has changed. Source: FieldManager.Update of
 * k8s.io/apimachinery/pkg/util/managedfields/internal/fieldmanager.go.
 */
import { deepFreeze, isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { StoredObject } from '../../store/store.ts';
import { decodeOfKind } from '../decode-kind.ts';
import { arrayAt, objectAt, withMetadata } from '../object-access.ts';
import { qualified } from '../refusals.ts';
import { type Call, timestamp } from '../server-context.ts';
import { type FieldSet, filterSet, isBelow, pathBelow, separator, without } from './field-set.ts';
import { entriesAfter, entriesOf, formatEntries, type ManagerId } from './managers.ts';
import { type Comparison, compareTyped } from './typed-operations.ts';
import { shapeOfType } from './typed-value.ts';

/**
 * The object with managedFields that say what this call changed of `before`; absent for a creation. Entries that the client
 * itself sends count instead of the stored ones: so kubectl hands fields over from client-side to server-side apply.
 */
export function trackUpdate(call: Call, object: JsonObject, before: StoredObject | undefined): JsonObject {
  if (before !== undefined && isReset(object)) return withMetadata(object, { managedFields: undefined });
  const given = call.subresource === '' ? entriesOf(object) : [];
  const entries = given.length > 0 || before === undefined ? given : entriesOf(before);
  // Who has taken the entries away does not want them back.
  if (before !== undefined && entries.length === 0) return withManagers(object, []);
  const shape = shapeOfType(call.kind.schema);
  const difference = compareTyped(call.server.schema, shape, before ?? emptyObject(call), object);
  const comparison = withoutResetFields(call, difference);
  if (hasItemWithoutKey(comparison.added)) return withManagers(object, []);
  const now = timestamp(call.server.queue.now());
  const after = entriesAfter(entries, managerOf(call, 'Update'), { comparison, now });
  return withManagers(object, formatEntries(after));
}

/** An item that has none of its list's keys can't be named, and then nothing is noted. Source: UpdateNoErrors, in the same place. */
function hasItemWithoutKey(added: FieldSet): boolean {
  for (const path of added) if (path.includes('k:{}')) return true;
  return false;
}

/** The object with these entries, or without any. */
export function withManagers(object: JsonObject, entries: readonly JsonObject[]): JsonObject {
  // As the last field of the metadata, where Go writes it.
  const { managedFields: _before, ...metadata } = objectAt(object, 'metadata');
  return { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } };
}

/** Who a call writes as. */
export function managerOf(call: Call, operation: ManagerId['operation']): ManagerId {
  const { group, version } = call.kind;
  return {
    manager: call.fieldManager,
    operation,
    apiVersion: group === '' ? version : `${group}/${version}`,
    subresource: call.subresource,
  };
}

/**
 * A comparison without the entries themselves, and without what the call cannot change: the status of the object itself, the
 * rest of a status.
 */
function withoutResetFields(call: Call, { added, modified, removed }: Comparison): Comparison {
  const rest = (set: FieldSet) =>
    set.size === 0 ? set : withoutReset(call, without(set, entriesThemselves));
  return { added: rest(added), modified: rest(modified), removed: rest(removed) };
}

const entriesThemselves: FieldSet = new Set([pathBelow('f:metadata', 'f:managedFields')]);

/** A set without what the call cannot change. */
export function withoutReset(call: Call, set: FieldSet): FieldSet {
  if (call.kind.custom !== undefined && call.subresource === 'status') {
    return new Set([...set].filter((path) => path === 'f:status' || path.startsWith(`f:status${separator}`)));
  }
  // What is asked for is fixed with the request's creation, and nobody's. Source: GetResetFields of certificates/strategy.go.
  if (call.kind.group === 'certificates.k8s.io' && call.subresource === '') {
    return new Set([...set].filter((path) => !/^f:(?:spec|status)(?:\0|$)/.test(path)));
  }
  const roots = call.subresource === 'status' ? resetByStatus(call) : call.kind.hasStatus ? ['f:status'] : [];
  const isKept = (path: string) => !roots.some((root) => path === root || isBelow(path, root));
  return filterSet(set, isKept);
}

/** What a write to the status leaves as it is. Source: GetResetFields of each kind's status strategy. */
function resetByStatus({ kind }: Call): readonly string[] {
  return ['f:spec', ...(resetMetadata.get(qualified(kind.plural, kind.group)) ?? [])];
}

const resetMetadata: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'deployments.apps': ['labels'],
    pods: ['deletionTimestamp', 'ownerReferences'],
  }).map(([name, fields]) => [name, fields.map((field) => pathBelow('f:metadata', `f:${field}`))]),
);

/** `managedFields: [{}]` is how a client takes the entries away. */
function isReset(object: JsonObject): boolean {
  const entries = arrayAt(object, 'metadata', 'managedFields');
  const [only] = entries;
  return entries.length === 1 && isJsonObject(only) && Object.keys(only).length === 0;
}

// It follows from the kind alone and is asked for with every new object: made once, frozen, shared.
const emptyObjects = new WeakMap<Call['kind'], JsonObject>();

/** What Go's zero value of the kind looks like: structs that are no pointers are there from the start. */
function emptyObject(call: Call): JsonObject {
  const known = emptyObjects.get(call.kind);
  if (known !== undefined) return known;
  const empty = deepFreeze(makeEmptyObject(call));
  emptyObjects.set(call.kind, empty);
  return empty;
}

function makeEmptyObject(call: Call): JsonObject {
  const decoded = decodeOfKind(call.server, call.kind, {}, { fieldValidation: 'Ignore' });
  return decoded.ok ? decoded.value.object : {};
}
