/**
 * CustomResourceDefinitions as stored objects. Source: apiextensions-apiserver's pkg/registry/customresourcedefinition and
 * pkg/apis/apiextensions/validation. Left out: the rules of schemas and conversions.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { flag, has, struct, structs, text, texts, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { checkDns1035Label, checkDns1123Subdomain } from '../validation/names.ts';
import { column, defineKind, nameColumn } from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const customResourceDefinitionKind: KindDefinition = defineKind({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'V1CustomResourceDefinition',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults,
  prepareForCreate: (definition) => beginGeneration(definition, emptyStatus(definition)),
  prepareForUpdate: (definition, old) => bumpGeneration(definition, old),
  validateRest: validateDefinition,
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  row: (definition) => [definition.metadata.name, definition.metadata.creationTimestamp ?? null],
});

function emptyStatus(definition: JsonObject): JsonObject {
  const stored = structs(struct(definition, 'spec'), 'versions').find((version) => flag(version, 'storage'));
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: stored === undefined ? null : [text(stored, 'name')],
  };
}

function applyDefaults(definition: JsonObject): JsonObject {
  const spec = struct(definition, 'spec');
  const names = struct(spec, 'names');
  const kind = text(names, 'kind');
  const filled = {
    ...definition,
    spec: {
      ...withDefaults(spec, { conversion: { strategy: 'None' } }),
      names: withDefaults(names, {
        ...(kind === '' ? {} : { singular: kind.toLowerCase(), listKind: `${kind}List` }),
      }),
    },
  };
  const status = struct(definition, 'status');
  if (texts(status, 'storedVersions').length > 0) return filled;
  const { storedVersions = null } = emptyStatus(filled);
  return { ...filled, status: { ...status, storedVersions } };
}

function validateDefinition(definition: JsonObject): FieldError[] {
  const spec = struct(definition, 'spec');
  const names = struct(spec, 'names');
  const group = text(spec, 'group');
  const name = text(struct(definition, 'metadata'), 'name');
  const errors: FieldError[] = [];
  if (name !== `${text(names, 'plural')}.${group}`) {
    errors.push(invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  errors.push(...validateGroup(group));
  const scopes = ['Cluster', 'Namespaced'];
  const scope = text(spec, 'scope');
  if (scope === '') errors.push(required('spec.scope'));
  else if (!scopes.includes(scope)) errors.push(notSupported('spec.scope', scope, scopes));
  errors.push(...validateVersions(structs(spec, 'versions')));
  for (const key of ['plural', 'singular', 'kind', 'listKind']) {
    if (text(names, key) === '') errors.push(required(`spec.names.${key}`));
  }
  return [...errors, ...validateNames(names)];
}

function validateGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = checkDns1123Subdomain(group);
  if (problems.length > 0) return [invalid('spec.group', group, problems.join(','))];
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function validateVersions(versions: readonly JsonObject[]): FieldError[] {
  const errors = versions.flatMap((version, index) =>
    has(struct(version, 'schema'), 'openAPIV3Schema')
      ? []
      : [required(`spec.versions[${index}].schema.openAPIV3Schema`)],
  );
  for (const [index, version] of versions.entries()) {
    const name = text(version, 'name');
    const problems = checkDns1035Label(name);
    if (problems.length > 0) errors.push(invalid(`spec.versions[${index}].name`, name, problems.join(',')));
  }
  const names = versions.map((version) => text(version, 'name'));
  if (new Set(names).size < names.length) {
    errors.push(invalid('spec.versions', [...versions], 'must contain unique version names'));
  }
  if (versions.filter((version) => flag(version, 'storage')).length !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    errors.push(invalid('spec.versions', [...versions], detail));
  }
  return errors;
}

function validateNames(names: JsonObject): FieldError[] {
  return ['plural', 'singular', 'kind', 'listKind'].flatMap((key) => {
    const name = text(names, key);
    const isKind = key === 'kind' || key === 'listKind';
    const problems = name === '' ? [] : checkDns1035Label(isKind ? name.toLowerCase() : name);
    const detail = `${isKind ? 'may have mixed case, but should otherwise match: ' : ''}${problems.join(',')}`;
    return problems.length === 0 ? [] : [invalid(`spec.names.${key}`, name, detail)];
  });
}
