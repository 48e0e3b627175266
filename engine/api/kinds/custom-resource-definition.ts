/**
 * CustomResourceDefinitions as stored objects. Source: apiextensions-apiserver's pkg/registry/customresourcedefinition and
 * pkg/apis/apiextensions. Left out: the address and the certificates of conversion webhooks.
 */
import type { JsonObject } from '../../base/json.ts';
import { checkDefinition } from '../custom/definition-rules.ts';
import { unknownFormats } from '../custom/unknown-formats.ts';
import {
  asJson,
  flag,
  has,
  mapStruct,
  struct,
  structs,
  text,
  texts,
  withDefaults,
  without,
} from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
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
  heedsEmptyLists: true,
  applyDefaults,
  prepareForCreate: (definition) => beginGeneration(definition, emptyStatus(definition)),
  prepareForUpdate: (definition, old) => addStoredVersion(bumpGeneration(definition, old)),
  validateRest: (definition) => checkDefinition(definition),
  validateChange: (definition, old) => checkDefinition(definition, asJson(old)),
  warnings: unknownFormats,
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  row: (definition) => [definition.metadata.name, definition.metadata.creationTimestamp ?? null],
});

/** The version that is stored from now on joins those that were. */
function addStoredVersion(definition: JsonObject): JsonObject {
  const status = struct(definition, 'status');
  const stored = texts(status, 'storedVersions');
  const added = structs(struct(definition, 'spec'), 'versions')
    .filter((version) => flag(version, 'storage') && !stored.includes(text(version, 'name')))
    .map((version) => text(version, 'name'));
  if (added.length === 0) return definition;
  return { ...definition, status: { ...status, storedVersions: [...stored, ...added] } };
}

function emptyStatus(definition: JsonObject): JsonObject {
  const stored = structs(struct(definition, 'spec'), 'versions').find((version) => flag(version, 'storage'));
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: stored === undefined ? null : [text(stored, 'name')],
  };
}

/** A webhook that says nothing is none. Source: Convert_apiextensions_CustomResourceConversion_To_v1. */
function withoutEmptyWebhook(conversion: JsonObject): JsonObject {
  const webhook = struct(conversion, 'webhook');
  const isSaid = has(webhook, 'clientConfig') || texts(webhook, 'conversionReviewVersions').length > 0;
  return isSaid ? conversion : without(conversion, 'webhook');
}

function applyDefaults(definition: JsonObject): JsonObject {
  const spec = struct(definition, 'spec');
  const names = struct(spec, 'names');
  const kind = text(names, 'kind');
  const filled = {
    ...definition,
    spec: {
      ...mapStruct(
        withDefaults(spec, { conversion: { strategy: 'None' } }),
        'conversion',
        withoutEmptyWebhook,
      ),
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
