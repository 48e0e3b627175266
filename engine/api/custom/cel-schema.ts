/**
 * Custom resources as rules see them: the types of fields by their schema, and values of those types. Source:
 * k8s.io/apiserver/pkg/cel/common (schemas.go, values.go) and pkg/cel/escaping.go.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { readTimestamp } from '../cel/standard-functions.ts';
import { boolType, type CelType, dynType, intType, simpleType, stringType } from '../cel/types.ts';
import { type CelKey, type CelValue, withSemantics } from '../cel/values.ts';
import { parseGoDuration } from './go-duration.ts';
import type { SchemaNode } from './schema-node.ts';

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const escapes: ReadonlyMap<string, string> = new Map([
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]);

/** A field's name as rules write it; undefined for one that they can't. */
function escapeName(name: string): string | undefined {
  if (name === '' || /^[0-9]/.test(name)) return undefined;
  if (reserved.has(name)) return `__${name}__`;
  if (/[^a-zA-Z0-9\-./_]/.test(name)) return undefined;
  return name.replaceAll(/__|[-./]/g, (part) => escapes.get(part) ?? part);
}

const stringField: CelType = stringType;
const metadataType: CelType = {
  kind: 'object',
  fields: new Map([
    ['name', stringField],
    ['generateName', stringField],
  ]),
};
const formatTypes: ReadonlyMap<string, CelType> = new Map([
  ['byte', simpleType('bytes')],
  ['duration', simpleType('duration')],
  ['date', simpleType('timestamp')],
  ['date-time', simpleType('timestamp')],
]);

// Types follow from the schema alone.
const knownTypes = new WeakMap<SchemaNode, CelType | null>();
const rootTypes = new WeakMap<SchemaNode, CelType | null>();

/** The type of a schema's values; undefined for values that rules do not see. `isResource` adds what every object has. */
export function celTypeOf(node: SchemaNode, isResource = node.embeddedResource): CelType | undefined {
  const known = isResource ? rootTypes : knownTypes;
  const type = known.get(node);
  if (type !== undefined) return type ?? undefined;
  const made = makeType(node, isResource);
  known.set(node, made ?? null);
  return made;
}

function makeType(node: SchemaNode, isResource: boolean): CelType | undefined {
  if (node.intOrString) return dynType;
  switch (isResource ? 'object' : node.type) {
    case 'array': {
      const element = node.items === undefined ? undefined : celTypeOf(node.items);
      return element === undefined ? undefined : { kind: 'list', element };
    }
    case 'object': {
      if (typeof node.additionalProperties === 'object') {
        const value = celTypeOf(node.additionalProperties);
        return value === undefined ? undefined : { kind: 'map', key: stringType, value };
      }
      return { kind: 'object', fields: fieldTypes(node, isResource) };
    }
    case 'string':
      return formatTypes.get(node.format) ?? stringType;
    case 'boolean':
      return boolType;
    case 'number':
      return simpleType('double');
    case 'integer':
      return intType;
    default:
      return undefined;
  }
}

function fieldTypes(node: SchemaNode, isResource: boolean): ReadonlyMap<string, CelType> {
  const fields = new Map<string, CelType>();
  for (const [name, property] of node.properties) {
    const type = celTypeOf(property);
    const escaped = escapeName(name);
    if (type !== undefined && escaped !== undefined) fields.set(escaped, type);
  }
  if (isResource)
    fields.set('apiVersion', stringField).set('kind', stringField).set('metadata', metadataType);
  return fields;
}

/** A value of a schema as rules get it: without the fields that they do not see. */
export function celValueOf(node: SchemaNode, value: JsonValue, isResource = node.embeddedResource): CelValue {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const { items, listType, listMapKeys } = node;
    const list = value.map((item: JsonValue) => (items === undefined ? null : celValueOf(items, item)));
    return listType === 'set' || listType === 'map'
      ? withSemantics(list, { listType, keys: listMapKeys })
      : list;
  }
  if (isJsonObject(value)) return mapOf(node, value, isResource);
  if (typeof value === 'number') {
    if (node.type === 'number') return value;
    return Number.isInteger(value) ? BigInt(value) : value;
  }
  return typeof value === 'boolean' ? value : textOf(node, String(value));
}

function mapOf(
  node: SchemaNode,
  value: { readonly [key: string]: JsonValue },
  isResource: boolean,
): CelValue {
  const entries = new Map<CelKey, CelValue>();
  const { additionalProperties } = node;
  for (const [key, inner] of Object.entries(value)) {
    if (isResource && key === 'metadata') {
      entries.set(key, metadataOf(inner));
    } else if (isResource && (key === 'apiVersion' || key === 'kind') && typeof inner === 'string') {
      entries.set(key, inner);
    } else if (typeof additionalProperties === 'object') {
      entries.set(key, celValueOf(additionalProperties, inner));
    } else {
      const property = node.properties.get(key);
      const name = escapeName(key);
      const isSeen = property !== undefined && celTypeOf(property) !== undefined;
      if (isSeen && name !== undefined) entries.set(name, celValueOf(property, inner));
    }
  }
  return entries;
}

function metadataOf(metadata: JsonValue): CelValue {
  const entries = new Map<CelKey, CelValue>();
  if (!isJsonObject(metadata)) return entries;
  for (const key of ['name', 'generateName']) {
    const value = metadata[key];
    if (typeof value === 'string') entries.set(key, value);
  }
  return entries;
}

function textOf(node: SchemaNode, value: string): CelValue {
  switch (node.format) {
    case 'byte':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'duration': {
      const nanoseconds = parseGoDuration(value);
      return nanoseconds === undefined ? value : { special: 'duration', nanoseconds };
    }
    case 'date':
    case 'date-time': {
      const nanoseconds = readTimestamp(node.format === 'date' ? `${value}T00:00:00Z` : value);
      return nanoseconds === undefined ? value : { special: 'timestamp', nanoseconds };
    }
    default:
      return value;
  }
}
