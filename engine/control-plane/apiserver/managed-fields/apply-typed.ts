/**
 * The heart of server-side apply, without a server: an object, what is known of its managers and a configuration give the
 * new object and its managers, or the conflicts. Source: structured-merge-diff/merge/update.go (Apply, prune).
 */
import type { Schema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, jsonEqual } from '../../../base/json.ts';
import { err, invariant, ok, type Result } from '../../../base/result.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import { comparePaths, type FieldSet, formatPath, isBelow, unionOf, without } from './field-set.ts';
import {
  conflictsWith,
  describeManager,
  entriesAfter,
  fieldsOf,
  findEntry,
  type ManagedEntry,
  type ManagerId,
} from './managers.ts';
import { compareTyped, fieldSetOf, mergeTyped, removeFields } from './typed-operations.ts';
import { shapeOfType } from './typed-value.ts';

/** A field that another manager wants otherwise. */
export interface ApplyConflict {
  /** As messages name it: `"kubectl-edit" using v1`. */
  readonly manager: string;
  /** As messages print it: `.spec.replicas`. */
  readonly path: string;
}

/** One apply. */
export interface ApplyInput {
  readonly schema: Schema;
  readonly typeName: string;
  /** Without managedFields. */
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly entries: readonly ManagedEntry[];
  readonly id: ManagerId;
  readonly force: boolean;
  /** Fields whose conflicts do not count. */
  readonly allowed: FieldSet;
  readonly now: string;
  /** Takes out what this apply has no say in. */
  keep(fields: FieldSet): FieldSet;
}

/** The object with what the configuration says, less what its manager no longer says and nobody else does. */
export function applyTyped(
  input: ApplyInput,
): Result<
  { readonly object: JsonObject; readonly entries: readonly ManagedEntry[] },
  readonly ApplyConflict[]
> {
  const { schema, live, config, entries, id, keep } = input;
  const shape = shapeOfType(input.typeName);
  const applied = keep(fieldSetOf(schema, shape, config));
  const own = findEntry(entries, id);
  const owned = unionOf(applied, ...entries.filter((entry) => entry !== own).map(fieldsOf));
  const given = without(fieldsOf(own), owned);
  const dropped = new Set([...given].filter((path) => ![...owned].some((other) => isBelow(other, path))));
  const object = removeFields(schema, shape, mergeTyped(schema, shape, live, config), dropped);
  invariant(isJsonObject(object), 'a merge of objects is an object');
  const difference = compareTyped(schema, shape, live, object);
  const comparison = {
    added: keep(difference.added),
    modified: keep(difference.modified),
    removed: keep(difference.removed),
  };
  const conflicts = input.force
    ? []
    : conflictsWith(entries, id, comparison).flatMap(({ entry, fields }) =>
        [...without(fields, input.allowed)]
          .sort(comparePaths)
          .map((path) => ({ manager: describeManager(entry), path: formatPath(path) })),
      );
  if (conflicts.length > 0) {
    return err(conflicts.toSorted((a, b) => compareKeys(a.manager, b.manager)));
  }
  // Only an apply that changes the object is dated.
  const now = jsonEqual(object, live) ? (own?.time ?? '') : input.now;
  return ok({ object, entries: entriesAfter(entries, id, { comparison, applied, now }) });
}

/** The message of a conflict, as upstream words it. */
export function describeConflicts(conflicts: readonly ApplyConflict[]): string {
  const [first, ...others] = conflicts;
  if (first !== undefined && others.length === 0) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`;
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))];
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...conflicts.filter((conflict) => conflict.manager === manager).map(({ path }) => `- ${path}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
