/**
 * Who manages which fields of an object: the entries of metadata.managedFields and how writes change them. Source:
 * k8s.io/apimachinery/pkg/util/managedfields/internal and structured-merge-diff/merge/update.go.
 *
 * Left out: the bound of ten update managers, beyond which upstream joins the oldest; versions other than the one served.
 */
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import { arrayAt } from '../object-access.ts';
import {
  addToFieldsV1,
  type FieldSet,
  formatFieldsV1,
  holdsPath,
  isSameSet,
  parseFieldsV1,
  separator,
  unionOf,
  without,
} from './field-set.ts';
import type { Comparison } from './typed-operations.ts';

/** Who wrote, and how. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** One entry of managedFields. */
export interface ManagedEntry extends ManagerId {
  /** RFC 3339; empty where an entry has none. */
  readonly time: string;
  readonly fieldsV1: JsonObject;
}

/** Fields that nobody manages: the server's own. */
const unmanaged = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata',
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => `f:metadata${separator}f:${name}`),
]);

/** The entries of an object. */
export function entriesOf(object: JsonObject): readonly ManagedEntry[] {
  const entries: ManagedEntry[] = [];
  for (const entry of arrayAt(object, 'metadata', 'managedFields')) {
    if (!isJsonObject(entry)) continue;
    const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry;
    if (typeof manager !== 'string' || manager === '') continue;
    entries.push({
      manager,
      operation: operation === 'Apply' ? 'Apply' : 'Update',
      apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
      subresource: typeof subresource === 'string' ? subresource : '',
      time: typeof time === 'string' ? time : '',
      fieldsV1: isJsonObject(fieldsV1) ? fieldsV1 : {},
    });
  }
  return entries;
}

/** The entries as an object carries them: applied ones first, then by time. */
export function formatEntries(entries: readonly ManagedEntry[]): readonly JsonObject[] {
  return entries.toSorted(compareEntries).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === '' ? {} : { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: entry.fieldsV1,
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  }));
}

function compareEntries(a: ManagedEntry, b: ManagedEntry): number {
  return (
    compareKeys(a.operation, b.operation) ||
    compareKeys(a.time, b.time) ||
    compareKeys(a.manager, b.manager) ||
    compareKeys(a.apiVersion, b.apiVersion) ||
    compareKeys(a.subresource, b.subresource)
  );
}

/** The entry of one manager. */
export function findEntry(entries: readonly ManagedEntry[], id: ManagerId): ManagedEntry | undefined {
  return entries.find((entry) => isSameManager(entry, id));
}

/** The fields of an entry; none for an entry that is not there. */
export function fieldsOf(entry: ManagedEntry | undefined): FieldSet {
  return entry === undefined ? new Set() : parseFieldsV1(entry.fieldsV1);
}

/** The fields that others manage and a write changed, per manager. */
export function conflictsWith(
  entries: readonly ManagedEntry[],
  id: ManagerId,
  comparison: Comparison,
): readonly { readonly entry: ManagedEntry; readonly fields: FieldSet }[] {
  const changed = unionOf(comparison.modified, comparison.added);
  return entries
    .filter((entry) => !isSameManager(entry, id))
    .map((entry) => ({ entry, fields: heldOf(entry, changed) }))
    .filter(({ fields }) => fields.size > 0);
}

/** The entries after a write: who wrote has what it changed, or all it applied; the others lose what was changed. */
export function entriesAfter(
  entries: readonly ManagedEntry[],
  id: ManagerId,
  write: {
    readonly comparison: Comparison;
    /** What an apply says; absent for an update. */
    readonly applied?: FieldSet;
    readonly now: string;
  },
): readonly ManagedEntry[] {
  const { added, modified, removed } = write.comparison;
  const changed = unionOf(added, modified);
  const lost = unionOf(changed, removed);
  const own = findEntry(entries, id);
  const others = entries
    .filter((entry) => !isSameManager(entry, id))
    .flatMap((entry): readonly ManagedEntry[] => {
      // Entries that lose nothing are by far the most: they stay as they are.
      if (!holdsAny(entry, lost)) return [entry];
      const fields = without(fieldsOf(entry), lost);
      return fields.size === 0 ? [] : [{ ...entry, fieldsV1: formatFieldsV1(fields) }];
    });
  if (own !== undefined && write.applied === undefined && lost.size === 0) return [...others, own];
  if (own !== undefined && write.applied === undefined && !holdsAny(own, removed)) {
    // Most writes only add to what their manager has: the rest of its document stays.
    const mine = without(changed, unmanaged);
    if (mine.size === 0) return [...others, own];
    return [...others, { ...id, time: write.now, fieldsV1: addToFieldsV1(own.fieldsV1, mine) }];
  }
  const before = fieldsOf(own);
  const taken = write.applied ?? unionOf(without(before, removed), changed);
  const fields = without(taken, unmanaged);
  if (fields.size === 0) return others;
  // Who took nothing new keeps the time of the last write that did.
  const isIdle =
    own !== undefined &&
    without(changed, unmanaged).size === 0 &&
    (!write.applied || isSameSet(before, fields));
  const time = isIdle ? own.time : write.now;
  return [...others, { ...id, time, fieldsV1: formatFieldsV1(fields) }];
}

function holdsAny(entry: ManagedEntry, paths: FieldSet): boolean {
  for (const path of paths) if (holdsPath(entry.fieldsV1, path)) return true;
  return false;
}

function heldOf(entry: ManagedEntry, paths: FieldSet): FieldSet {
  const held = new Set<string>();
  for (const path of paths) if (holdsPath(entry.fieldsV1, path)) held.add(path);
  return held;
}

/** A manager as conflict messages name it. */
export function describeManager(entry: ManagedEntry): string {
  const name = JSON.stringify(entry.manager);
  const named =
    entry.subresource === '' ? name : `${name} with subresource ${JSON.stringify(entry.subresource)}`;
  return entry.operation === 'Apply' ? named : `${named} using ${entry.apiVersion}`;
}

function isSameManager(one: ManagerId, two: ManagerId): boolean {
  return (
    one.manager === two.manager &&
    one.operation === two.operation &&
    (one.apiVersion === two.apiVersion || one.operation === 'Apply') &&
    one.subresource === two.subresource
  );
}
