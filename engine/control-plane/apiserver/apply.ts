/**
 * Server-side apply: a client says what it wants of an object, becomes the manager of those fields, and is told where
 * another manager wants something else. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher),
 * k8s.io/apimachinery/pkg/util/managedfields and structured-merge-diff/merge/update.go (Apply, prune).
 */
import { decodeObject } from '../../api/decode/decode-object.ts';
import { required } from '../../api/field-errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { createObject } from './create.ts';
import { matchNamespace, readPatch } from './decode-body.ts';
import { type FieldSet, formatPath, isBelow, unionOf, without } from './managed-fields/field-set.ts';
import {
  conflictsWith,
  describeManager,
  entriesAfter,
  entriesOf,
  findEntry,
  formatEntries,
  type ManagedEntry,
} from './managed-fields/managers.ts';
import {
  managerOf,
  trackUpdate,
  withManagers,
  withoutReset,
  withoutResetFields,
} from './managed-fields/track-update.ts';
import {
  type Comparison,
  compareTyped,
  fieldSetOf,
  mergeTyped,
  removeFields,
} from './managed-fields/typed-operations.ts';
import { type Shape, shapeOfType } from './managed-fields/typed-value.ts';
import { nameOf, namespaceOf, stringAt, valueAt, withMetadata } from './object-access.ts';
import { applyConflict, badRequest, invalid, type Outcome, plainError, type Refusal } from './refusals.ts';
import { type Call, isQueryTrue, queryValue, storedObject, timestamp } from './server-context.ts';
import { checkName, replaceObject, type Updated } from './update.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Applies the configuration in the request's body, creating the object where there is none. */
export function applyObject(call: Call): Outcome<Updated> {
  if ((queryValue(call.request, 'fieldManager') ?? '') === '') {
    return err(
      invalid('meta.k8s.io', 'PatchOptions', '', [required('fieldManager', 'is required for apply patch')]),
    );
  }
  const config = readConfig(call);
  if (!config.ok) return config;
  const existing = storedObject(call);
  return existing === undefined
    ? createApplied(call, config.value)
    : updateApplied(call, config.value, existing);
}

function readConfig(call: Call): Outcome<JsonObject> {
  const patch = readPatch(call);
  if (!patch.ok) return patch;
  const config = patch.value;
  if (!isJsonObject(config)) {
    return err(
      badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}'),
    );
  }
  const expected = managerOf(call, 'Apply').apiVersion;
  if (stringAt(config, 'apiVersion') !== expected || stringAt(config, 'kind') !== call.kind.kind) {
    return err(
      badRequest(
        `Incorrect version specified in apply patch. Specified patch version: ${stringAt(config, 'apiVersion')}, expected: ${expected}`,
      ),
    );
  }
  if (valueAt(config, 'metadata', 'managedFields') !== undefined) {
    return err(badRequest('metadata.managedFields must be nil'));
  }
  const decoded = decodeObject(call.server.schema, call.kind.schema, config, { fieldValidation: 'Warn' });
  const where = `failed to create typed patch object (${namespaceOf(config) || call.namespace}/${nameOf(config)}; ${expected.includes('/') ? expected : `/${expected}`}, Kind=${call.kind.kind})`;
  if (!decoded.ok) return err(plainError(500, `${where}: ${decoded.error}`));
  const [unknown] = decoded.value.warnings;
  const field = unknown === undefined ? undefined : /^unknown field "(.*)"$/.exec(unknown)?.[1];
  if (field !== undefined) return err(plainError(500, `${where}: .${field}: field not declared in schema`));
  return ok(config);
}

function createApplied(call: Call, config: JsonObject): Outcome<Updated> {
  const decoded = decodeApplied(call, config);
  if (!decoded.ok) return decoded;
  const named = checkName(call, decoded.value);
  if (!named.ok) return named;
  const shape = shapeOfType(call.kind.schema);
  const none: Comparison = { added: new Set(), modified: new Set(), removed: new Set() };
  const entries = entriesAfter([], managerOf(call, 'Apply'), {
    comparison: none,
    applied: withoutReset(call, fieldSetOf(call.server.schema, shape, config)),
    now: timestamp(call.server.queue.now()),
  });
  const created = createObject(call, withManagers(named.value, formatEntries(entries)));
  return created.ok ? ok({ object: created.value, isNew: true }) : created;
}

function updateApplied(call: Call, config: JsonObject, existing: StoredObject): Outcome<Updated> {
  const { schema } = call.server;
  const shape = shapeOfType(call.kind.schema);
  const id = managerOf(call, 'Apply');
  const live = withMetadata(existing, { managedFields: undefined });
  const entries = knownEntries(call, existing);
  const applied = withoutReset(call, fieldSetOf(schema, shape, config));
  const merged = mergeTyped(schema, shape, live, config);
  const owned = unionOf(
    applied,
    ...entries.filter((entry) => entry !== findEntry(entries, id)).map(({ fields }) => fields),
  );
  const given = without(findEntry(entries, id)?.fields ?? new Set(), owned);
  const dropped = new Set([...given].filter((path) => ![...owned].some((other) => isBelow(other, path))));
  const pruned = removeFields(schema, shape, merged, dropped);
  if (!isJsonObject(pruned)) return err(badRequest('an object stays an object'));
  const comparison = withoutResetFields(call, compareTyped(schema, shape, live, pruned));
  const conflict = isQueryTrue(call.request, 'force')
    ? undefined
    : conflictOf(call, { entries, comparison, live, shape });
  if (conflict !== undefined) return err(conflict);
  const decoded = decodeApplied(call, pruned);
  if (!decoded.ok) return decoded;
  const placed = call.kind.namespaced ? matchNamespace(call, decoded.value) : decoded;
  if (!placed.ok) return placed;
  const named = checkName(call, placed.value);
  if (!named.ok) return named;
  const now = timestamp(call.server.queue.now());
  const after = entriesAfter(entries, id, { comparison, applied, now });
  const replaced = replaceObject(call, withManagers(named.value, formatEntries(after)), existing);
  return replaced.ok ? ok({ object: replaced.value, isNew: false }) : replaced;
}

/** The entries of an object; one that has none is taken to be written by somebody before the first apply. */
function knownEntries(call: Call, existing: StoredObject): readonly ManagedEntry[] {
  const entries = entriesOf(existing);
  if (entries.length > 0) return entries;
  return entriesOf(trackUpdate({ ...call, fieldManager: 'before-first-apply' }, existing, undefined));
}

function conflictOf(
  call: Call,
  apply: {
    readonly entries: readonly ManagedEntry[];
    readonly comparison: Comparison;
    readonly live: JsonObject;
    readonly shape: Shape;
  },
): Refusal | undefined {
  const allowed = allowedByLastApplied(call, apply.live, apply.shape);
  const conflicts = conflictsWith(apply.entries, managerOf(call, 'Apply'), apply.comparison)
    .flatMap(({ entry, fields }) =>
      [...without(fields, allowed)]
        .sort()
        .map((path) => ({ manager: describeManager(entry), path: formatPath(path) })),
    )
    .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0));
  const [first] = conflicts;
  if (first === undefined) return undefined;
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  if (conflicts.length === 1) {
    return applyConflict(
      `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`,
      causes,
    );
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))];
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...conflicts.filter((conflict) => conflict.manager === manager).map(({ path }) => `- ${path}`),
  ]);
  return applyConflict(`Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, causes);
}

/**
 * What kubectl may take over from its own client-side applies: the fields that its annotation names and nobody has changed
 * since.
 */
function allowedByLastApplied(call: Call, live: JsonObject, shape: Shape): FieldSet {
  const text = stringAt(live, 'metadata', 'annotations', lastApplied);
  if (call.fieldManager !== 'kubectl' || text === '') return new Set();
  const parsed = parseAnnotation(text);
  if (parsed === undefined) return new Set();
  const { schema } = call.server;
  const named = fieldSetOf(schema, shape, parsed);
  const { modified, removed } = compareTyped(schema, shape, parsed, live);
  return without(named, unionOf(modified, removed));
}

function parseAnnotation(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decodeApplied(call: Call, object: JsonObject): Outcome<JsonObject> {
  const decoded = decodeObject(call.server.schema, call.kind.schema, object, { fieldValidation: 'Ignore' });
  if (!decoded.ok) return err(plainError(500, decoded.error));
  const { apiVersion, kind } = managedType(call);
  return ok(call.kind.applyDefaults({ ...decoded.value.object, apiVersion, kind }));
}

function managedType(call: Call): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: managerOf(call, 'Apply').apiVersion, kind: call.kind.kind };
}
