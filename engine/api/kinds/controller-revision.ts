/**
 * ControllerRevisions: the templates that StatefulSets and DaemonSets had. Source: pkg/registry/apps/controllerrevision/strategy.go,
 * ValidateControllerRevision, printControllerRevision.
 */
import { isJsonObject, type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { asJson, number, struct, structs, text } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** apps/v1 ControllerRevision. */
export const controllerRevisionKind: KindDefinition = defineKind({
  group: 'apps',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  schema: 'V1ControllerRevision',
  changedMeta: ['changed', 'new'],
  validateRest: (revision) => [...validateNumber(revision), ...validateData(revision)],
  validateChange: (revision, old) => [
    ...validateNumber(revision),
    ...(jsonEqual(revision.data ?? null, asJson(old).data ?? null)
      ? []
      : [invalid('data', revision.data, 'field is immutable')]),
  ],
  columns: [
    nameColumn,
    column('Controller', 'string', 'Whose template it holds.'),
    column('Revision', 'string', 'Its number among the templates of its owner.'),
    ageColumn,
  ],
  row: (object, nowMs) => [
    object.metadata.name,
    controllerName(asJson(object)),
    number(asJson(object), 'revision') ?? 0,
    age(object, nowMs),
  ],
});

function validateNumber(revision: JsonObject): FieldError[] {
  const generation = number(revision, 'revision') ?? 0;
  return generation < 0 ? [invalid('revision', generation, 'must be greater than or equal to 0')] : [];
}

function validateData(revision: JsonObject): FieldError[] {
  const data = revision.data ?? null;
  const missing = data === null ? 'data is mandatory' : 'data must be a valid JSON object';
  return isJsonObject(data) ? [] : [required('data', missing)];
}

/** `statefulset.apps/web`, or `<none>`. */
function controllerName(revision: JsonObject): string {
  const owner = structs(struct(revision, 'metadata'), 'ownerReferences').find(
    ({ controller }) => controller === true,
  );
  if (owner === undefined) return '<none>';
  const slash = text(owner, 'apiVersion').indexOf('/');
  const group = slash < 0 ? '' : `.${text(owner, 'apiVersion').slice(0, slash)}`;
  return `${text(owner, 'kind').toLowerCase()}${group}/${text(owner, 'name')}`;
}
