/**
 * The fields of a custom resource as types of the schema table, which server-side apply takes objects apart with. Source:
 * apiextensions-apiserver's use of structural schemas in k8s.io/apimachinery/pkg/util/managedfields (typed schemas made
 * from OpenAPI, where unknown fields are deduced).
 */
import type { FieldSchema, FieldType, TypeSchema } from '../schema/schema.ts';
import type { SchemaNode } from './schema-node.ts';

/** What a schema says nothing of: maps are merged key by key, all else is one piece. */
const deduced: FieldType = {
  kind: 'map',
  get values(): FieldType {
    return deduced;
  },
};

/** The types of a whole object and of every struct in it, the object's own under `name`. */
export function customTypes(name: string, node: SchemaNode): ReadonlyMap<string, TypeSchema> {
  const types = new Map<string, TypeSchema>();
  const properties = new Map(node.properties);
  for (const key of ['apiVersion', 'kind', 'metadata']) properties.delete(key);
  const own: readonly [string, FieldSchema][] = [
    ['apiVersion', fieldOf('apiVersion', { kind: 'string' }, undefined)],
    ['kind', fieldOf('kind', { kind: 'string' }, undefined)],
    ['metadata', fieldOf('metadata', { kind: 'ref', name: 'V1ObjectMeta' }, undefined)],
  ];
  const fields = new Map([...own, ...fieldsOf(types, name, properties)]);
  types.set(name, { name, goName: name, fields });
  return types;
}

function fieldsOf(
  types: Map<string, TypeSchema>,
  parent: string,
  properties: ReadonlyMap<string, SchemaNode>,
): ReadonlyMap<string, FieldSchema> {
  return new Map(
    [...properties].map(([key, node]): [string, FieldSchema] => [
      key,
      fieldOf(key, typeOf(types, `${parent}.${key}`, node), node),
    ]),
  );
}

function typeOf(types: Map<string, TypeSchema>, name: string, node: SchemaNode): FieldType {
  if (node.intOrString) return { kind: 'intorstring' };
  const { items, additionalProperties } = node;
  switch (node.type) {
    case 'array':
      return {
        kind: 'array',
        items: items === undefined ? { kind: 'any' } : typeOf(types, `${name}[]`, items),
      };
    case 'object':
      if (typeof additionalProperties === 'object') {
        return { kind: 'map', values: typeOf(types, `${name}{}`, additionalProperties) };
      }
      if (node.properties.size === 0) return deduced;
      types.set(name, { name, goName: name, fields: fieldsOf(types, name, node.properties) });
      return { kind: 'ref', name };
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'double' };
    case 'boolean':
    case 'string':
      return { kind: node.type };
    default:
      return deduced;
  }
}

function fieldOf(name: string, type: FieldType, node: SchemaNode | undefined): FieldSchema {
  const listType = node?.listType;
  const mapType = node?.mapType;
  return {
    name,
    type,
    goType: '',
    isPointer: true,
    omitEmpty: true,
    omitZero: false,
    required: false,
    patchStrategy: [],
    ...(listType === 'atomic' || listType === 'map' || listType === 'set' ? { listType } : {}),
    listMapKeys: node?.listMapKeys ?? [],
    ...(mapType === 'atomic' || mapType === 'granular' ? { mapType } : {}),
  };
}
