/**
 * Custom resources in the OpenAPI documents: what `kubectl explain` shows and clients validate with. Source:
 * apiextensions-apiserver/pkg/controller/openapi/builder and openapi/v2 (what the second version cannot say is left out).
 *
 * Differs: the descriptions of apiVersion, kind and metadata are our own words.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { flag, has, struct, without } from '../read.ts';
import { definitionRef, type OpenApiVersion } from '../schema/openapi-definitions.ts';
import type { KindDefinition } from '../scheme.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const descriptions = {
  apiVersion: 'The group and version of the schema that this object is written in.',
  kind: 'The kind of the object, in camel case. It cannot be changed.',
  metadata: "The object's standard metadata.",
  listMetadata: 'Standard metadata of lists.',
};

/** The name of a custom kind's definition: the group backwards, `com.example.stable.v1.CronTab`. */
export function customDefinitionName(kind: Pick<KindDefinition, 'group' | 'version' | 'kind'>): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
}

/** The definitions of a custom kind and of its list, by name. */
export function customDefinitions(
  kind: KindDefinition,
  schema: JsonObject,
  version: OpenApiVersion,
): readonly (readonly [string, JsonObject])[] {
  const name = customDefinitionName(kind);
  const listKind = kind.custom?.listKind ?? `${kind.kind}List`;
  const own = version === 'v2' ? asV2(schema) : asV3(schema);
  const item: JsonObject = {
    ...own,
    properties: {
      ...struct(own, 'properties'),
      ...typeMeta(),
      metadata: describedRef(descriptions.metadata, `${meta}.ObjectMeta`, version),
    },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, kind.kind)],
  };
  const list: JsonObject = {
    description: `${listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...typeMeta(),
      metadata: describedRef(descriptions.listMetadata, `${meta}.ListMeta`, version),
      items: { description: `List of ${kind.plural}.`, type: 'array', items: definitionRef(name, version) },
    },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, listKind)],
  };
  return [
    [name, item],
    [customDefinitionName({ ...kind, kind: listKind }), list],
  ];
}

function groupVersionKind({ group, version }: KindDefinition, kind: string): JsonObject {
  return { group, kind, version };
}

function typeMeta(): JsonObject {
  return {
    apiVersion: { description: descriptions.apiVersion, type: 'string' },
    kind: { description: descriptions.kind, type: 'string' },
  };
}

function describedRef(description: string, name: string, version: OpenApiVersion): JsonObject {
  const ref = definitionRef(name, version);
  return version === 'v2' ? { description, ...ref } : { description, allOf: [ref] };
}

const newerKeywords = ['default', 'nullable', 'oneOf', 'anyOf', 'allOf', 'not', 'x-kubernetes-validations'];
const shapeKeywords = ['type', 'items', 'properties', 'additionalProperties', 'required'];

/** A schema without what the second version of OpenAPI has no word for. */
function asV2(schema: JsonObject): JsonObject {
  const bare = without(schema, ...newerKeywords);
  const isOpen = flag(schema, 'nullable') || flag(schema, 'x-kubernetes-preserve-unknown-fields');
  if (isOpen || flag(schema, 'x-kubernetes-int-or-string')) return without(bare, ...shapeKeywords);
  return mapSchemas(bare, asV2);
}

/** A schema in which a number or a text is said to be one of the two. */
function asV3(schema: JsonObject): JsonObject {
  const mapped = mapSchemas(schema, asV3);
  if (!flag(schema, 'x-kubernetes-int-or-string') || has(schema, 'anyOf')) return mapped;
  return { ...mapped, anyOf: [{ type: 'integer' }, { type: 'string' }] };
}

function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const mapped = (value: JsonValue) => (isJsonObject(value) ? change(value) : value);
  const entries = Object.entries(schema).map(([key, value]): [string, JsonValue] => {
    if (key === 'properties' && isJsonObject(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, child]) => [name, mapped(child)]))];
    }
    return [key, key === 'items' || key === 'additionalProperties' ? mapped(value) : value];
  });
  return Object.fromEntries(entries);
}
