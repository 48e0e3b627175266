/**
 * The schema table as OpenAPI writes types: what `kubectl explain` shows and what clients calculate patches with. Source:
 * k8s.io/kube-openapi/pkg/builder and builder3.
 *
 * Left out: default values, which no client reads.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { isAtomicType } from './atomic-types.ts';
import type { FieldSchema, FieldType, Schema, TypeDocs } from './schema.ts';

/** The two forms of the document. */
export type OpenApiVersion = 'v2' | 'v3';

/** A type that stands for a kind: its model's name, and the kind. */
export interface RootType {
  readonly typeName: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What the definitions are made from. */
export interface DefinitionSources {
  readonly schema: Schema;
  readonly docs: ReadonlyMap<string, TypeDocs>;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const timeName = `${meta}.Time`;
const microTimeName = `${meta}.MicroTime`;
const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** The name of a type: `io.k8s.api.core.v1.ServiceSpec`. */
export function definitionName({ schema, docs }: DefinitionSources, typeName: string): string {
  return `io.k8s.${docs.get(typeName)?.package ?? 'api'}.${schema.type(typeName)?.goName ?? typeName}`;
}

/** A reference to a definition. */
export function definitionRef(name: string, version: OpenApiVersion): JsonObject {
  return { $ref: version === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}` };
}

/** The definitions of some kinds, of other types, and of every type that they are made of, by name. */
export function openApiDefinitions(
  sources: DefinitionSources,
  roots: readonly RootType[],
  version: OpenApiVersion,
  others: readonly string[] = [],
): JsonObject {
  const waiting = [...roots.map(({ typeName }) => typeName), ...others];
  const seen = new Set<string>();
  const definitions = new Map<string, JsonValue>(scalarDefinitions(version));
  for (let typeName = waiting.pop(); typeName !== undefined; typeName = waiting.pop()) {
    const type = sources.schema.type(typeName);
    if (type === undefined || seen.has(typeName)) continue;
    seen.add(typeName);
    const kinds = roots.filter((root) => root.typeName === typeName);
    definitions.set(definitionName(sources, typeName), typeDefinition(sources, typeName, kinds, version));
    for (const field of type.fields.values()) waiting.push(...referredTypes(field.type));
  }
  return Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function typeDefinition(
  sources: DefinitionSources,
  typeName: string,
  kinds: readonly RootType[],
  version: OpenApiVersion,
): JsonObject {
  const fields = [...(sources.schema.type(typeName)?.fields.values() ?? [])];
  const docs = sources.docs.get(typeName);
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  return {
    ...(docs === undefined || docs.description === '' ? {} : { description: docs.description }),
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, fieldDefinition(sources, field, docs, version)]),
    ),
    ...(kinds.length === 0
      ? {}
      : {
          'x-kubernetes-group-version-kind': kinds.map(({ group, kind, version: kindVersion }) => ({
            group,
            kind,
            version: kindVersion,
          })),
        }),
    ...(isAtomicType(typeName) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

function fieldDefinition(
  sources: DefinitionSources,
  field: FieldSchema,
  docs: TypeDocs | undefined,
  version: OpenApiVersion,
): JsonObject {
  const description = docs?.fields.get(field.name) ?? '';
  const values = docs?.enums.get(field.name);
  const type = valueDefinition(sources, field.type, version);
  // In the third version nothing may stand beside a reference.
  const placed = version === 'v3' && '$ref' in type ? { allOf: [type] } : type;
  return {
    ...(description === '' ? {} : { description }),
    ...placed,
    ...(values === undefined ? {} : { enum: values }),
    ...(field.patchStrategy.length === 0
      ? {}
      : { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
  };
}

function valueDefinition(sources: DefinitionSources, type: FieldType, version: OpenApiVersion): JsonObject {
  switch (type.kind) {
    case 'string':
    case 'boolean':
      return { type: type.kind };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: type.kind };
    case 'double':
      return { type: 'number', format: 'double' };
    case 'byte':
      return { type: 'string', format: 'byte' };
    case 'time':
      return definitionRef(timeName, version);
    case 'microtime':
      return definitionRef(microTimeName, version);
    case 'quantity':
      return definitionRef(quantityName, version);
    case 'intorstring':
      return definitionRef(intOrStringName, version);
    case 'any':
      return { type: 'object' };
    case 'array':
      return { type: 'array', items: itemDefinition(sources, type.items, version) };
    case 'map':
      return { type: 'object', additionalProperties: itemDefinition(sources, type.values, version) };
    case 'ref':
      return definitionRef(definitionName(sources, type.name), version);
  }
}

function itemDefinition(sources: DefinitionSources, type: FieldType, version: OpenApiVersion): JsonObject {
  const definition = valueDefinition(sources, type, version);
  return version === 'v3' && '$ref' in definition ? { allOf: [definition] } : definition;
}

function referredTypes(type: FieldType): readonly string[] {
  if (type.kind === 'array') return referredTypes(type.items);
  if (type.kind === 'map') return referredTypes(type.values);
  return type.kind === 'ref' ? [type.name] : [];
}

/** Types that write themselves as one value. */
function scalarDefinitions(version: OpenApiVersion): readonly (readonly [string, JsonObject])[] {
  const isV2 = version === 'v2';
  return [
    [timeName, { description: 'A moment, in RFC 3339.', type: 'string', format: 'date-time' }],
    [microTimeName, { description: 'A moment with microseconds.', type: 'string', format: 'date-time' }],
    [
      quantityName,
      {
        description: 'An amount in fixed point, such as 500m or 2Gi.',
        ...(isV2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] }),
      },
    ],
    [
      intOrStringName,
      {
        description: 'A number or a name.',
        format: 'int-or-string',
        ...(isV2 ? { type: 'string' } : { oneOf: [{ type: 'integer' }, { type: 'string' }] }),
      },
    ],
  ];
}
