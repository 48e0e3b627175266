/**
 * Server-side apply: a client says what it wants of an object, becomes the manager of those fields, and is told where
 * another manager wants something else. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher),
 * k8s.io/apimachinery/pkg/util/managedfields and structured-merge-diff/merge/update.go (Apply, prune).
 */
import { required } from '../../api/field-errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { createObject } from './create.ts';
import { isServedKind, matchNamespace, readPatch } from './decode-body.ts';
import { decodeOfKind } from './decode-kind.ts';
import { type ApplyConflict, applyTyped, describeConflicts } from './managed-fields/apply-typed.ts';
import { type FieldSet, unionOf, without } from './managed-fields/field-set.ts';
import { entriesAfter, entriesOf, formatEntries, type ManagedEntry } from './managed-fields/managers.ts';
import { managerOf, trackUpdate, withManagers, withoutReset } from './managed-fields/track-update.ts';
import { compareTyped, fieldSetOf } from './managed-fields/typed-operations.ts';
import { shapeOfType } from './managed-fields/typed-value.ts';
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
    const found = { apiVersion: stringAt(config, 'apiVersion'), kind: stringAt(config, 'kind') };
    if (!isServedKind(call, found)) {
      const named = found.apiVersion.includes('/') ? found.apiVersion : `/${found.apiVersion}`;
      return err(badRequest(`invalid object type: ${named}, Kind=${found.kind}`));
    }
    return err(
      badRequest(
        `Incorrect version specified in apply patch. Specified patch version: ${stringAt(config, 'apiVersion')}, expected: ${expected}`,
      ),
    );
  }
  if (valueAt(config, 'metadata', 'managedFields') !== undefined) {
    return err(badRequest('metadata.managedFields must be nil'));
  }
  const decoded = decodeOfKind(call.server, call.kind, config, { fieldValidation: 'Warn' });
  const where = `failed to create typed patch object (${namespaceOf(config)}/${nameOf(config)}; ${expected.includes('/') ? expected : `/${expected}`}, Kind=${call.kind.kind})`;
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
  const fields = fieldSetOf(call.server.schema, shapeOfType(call.kind.schema), config);
  const entries = entriesAfter([], managerOf(call, 'Apply'), {
    comparison: { added: new Set(), modified: new Set(), removed: new Set() },
    applied: withoutReset(call, fields),
    now: timestamp(call.server.queue.now()),
  });
  const created = createObject(call, withManagers(named.value, formatEntries(entries)));
  return created.ok ? ok({ object: created.value, isNew: true }) : created;
}

function updateApplied(call: Call, config: JsonObject, existing: StoredObject): Outcome<Updated> {
  const live = withMetadata(existing, { managedFields: undefined });
  const outcome = applyTyped({
    schema: call.server.schema,
    typeName: call.kind.schema,
    live,
    config,
    entries: knownEntries(call, existing),
    id: managerOf(call, 'Apply'),
    force: isQueryTrue(call.request, 'force'),
    allowed: allowedByLastApplied(call, live),
    now: timestamp(call.server.queue.now()),
    keep: (fields) => withoutReset(call, fields),
  });
  if (!outcome.ok) return err(conflictRefusal(outcome.error));
  const decoded = decodeApplied(call, outcome.value.object);
  if (!decoded.ok) return decoded;
  const placed = matchNamespace(call, decoded.value);
  if (!placed.ok) return placed;
  const named = checkName(call, placed.value);
  if (!named.ok) return named;
  const managed = withManagers(named.value, formatEntries(outcome.value.entries));
  const replaced = replaceObject(call, managed, existing);
  return replaced.ok ? ok({ object: replaced.value, isNew: false }) : replaced;
}

function conflictRefusal(conflicts: readonly ApplyConflict[]): Refusal {
  return applyConflict(
    describeConflicts(conflicts),
    conflicts.map(({ manager, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${manager}`,
      field: path,
    })),
  );
}

/** The entries of an object; one that has none is taken to be written by somebody before the first apply. */
function knownEntries(call: Call, existing: StoredObject): readonly ManagedEntry[] {
  const entries = entriesOf(existing);
  if (entries.length > 0) return entries;
  return entriesOf(trackUpdate({ ...call, fieldManager: 'before-first-apply' }, existing, undefined));
}

/**
 * What kubectl may take over from its own client-side applies: the fields that its annotation names and nobody has changed
 * since.
 */
function allowedByLastApplied(call: Call, live: JsonObject): FieldSet {
  const text = stringAt(live, 'metadata', 'annotations', lastApplied);
  if (call.fieldManager !== 'kubectl' || text === '') return new Set();
  const parsed = parseAnnotation(text);
  if (parsed === undefined) return new Set();
  const { schema } = call.server;
  const shape = shapeOfType(call.kind.schema);
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
  const decoded = decodeOfKind(call.server, call.kind, object, { fieldValidation: 'Ignore' });
  if (!decoded.ok) return err(plainError(500, decoded.error));
  const { apiVersion } = managerOf(call, 'Apply');
  return ok(call.kind.applyDefaults({ ...decoded.value.object, apiVersion, kind: call.kind.kind }));
}
