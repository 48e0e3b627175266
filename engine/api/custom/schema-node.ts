/**
 * The schema of a version of a custom resource, read once from its JSON. It stands for apiextensions' JSONSchemaProps and
 * the structural schema made from it: one type for both, since the JSON has been held to the rules of structural schemas
 * when its definition was created.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { flag, has, number, struct, structs, text, texts } from '../read.ts';
import { isSupportedFormat } from './formats.ts';

/** A rule in CEL, as `x-kubernetes-validations` lists them. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly messageExpression: string;
  readonly reason: string;
  readonly fieldPath: string;
  readonly optionalOldSelf?: boolean;
}

/** One node of a schema. Absent texts are empty, absent lists have no items. */
export interface SchemaNode {
  readonly type: string;
  /** Empty too when the server knows no such format for the type. */
  readonly format: string;
  readonly nullable: boolean;
  readonly default?: JsonValue;
  readonly enum: readonly JsonValue[];
  readonly pattern: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required: readonly string[];
  /** In the order of their names. */
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not?: SchemaNode;
  readonly preserveUnknownFields: boolean;
  readonly embeddedResource: boolean;
  readonly intOrString: boolean;
  readonly listType: string;
  readonly listMapKeys: readonly string[];
  readonly mapType: string;
  readonly rules: readonly ValidationRule[];
}

// A schema's JSON is frozen with the definition that holds it, and forks share it: each is read once.
const knownNodes = new WeakMap<JsonObject, SchemaNode>();

/** Reads a schema. */
export function readSchemaNode(json: JsonObject): SchemaNode {
  const known = knownNodes.get(json);
  if (known !== undefined) return known;
  const node = readNode(json);
  knownNodes.set(json, node);
  return node;
}

const numberKeys = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

function readNode(json: JsonObject): SchemaNode {
  const type = text(json, 'type');
  const intOrString = flag(json, 'x-kubernetes-int-or-string');
  const format = text(json, 'format');
  const { items, additionalProperties, not } = json;
  const numbers = numberKeys.flatMap((key) => {
    const value = number(json, key);
    return value === undefined ? [] : [[key, value]];
  });
  return {
    type,
    format: isSupportedFormat(intOrString ? '' : type, format) ? format : '',
    nullable: flag(json, 'nullable'),
    ...(has(json, 'default') ? { default: json.default ?? null } : {}),
    enum: Array.isArray(json.enum) ? json.enum : [],
    pattern: text(json, 'pattern'),
    exclusiveMinimum: flag(json, 'exclusiveMinimum'),
    exclusiveMaximum: flag(json, 'exclusiveMaximum'),
    ...Object.fromEntries(numbers),
    required: texts(json, 'required'),
    properties: readProperties(struct(json, 'properties')),
    ...(isJsonObject(items) ? { items: readSchemaNode(items) } : {}),
    ...readAdditional(additionalProperties),
    allOf: structs(json, 'allOf').map(readSchemaNode),
    anyOf: structs(json, 'anyOf').map(readSchemaNode),
    oneOf: structs(json, 'oneOf').map(readSchemaNode),
    ...(isJsonObject(not) ? { not: readSchemaNode(not) } : {}),
    preserveUnknownFields: flag(json, 'x-kubernetes-preserve-unknown-fields'),
    embeddedResource: flag(json, 'x-kubernetes-embedded-resource'),
    intOrString,
    listType: text(json, 'x-kubernetes-list-type'),
    listMapKeys: texts(json, 'x-kubernetes-list-map-keys'),
    mapType: text(json, 'x-kubernetes-map-type'),
    rules: structs(json, 'x-kubernetes-validations').map(readRule),
  };
}

function readProperties(json: JsonObject): ReadonlyMap<string, SchemaNode> {
  const entries = Object.entries(json).flatMap(([name, schema]): [string, SchemaNode][] =>
    isJsonObject(schema) ? [[name, readSchemaNode(schema)]] : [],
  );
  return new Map(entries.sort(([a], [b]) => compareKeys(a, b)));
}

function readAdditional(json: JsonValue | undefined): { additionalProperties?: SchemaNode | boolean } {
  if (typeof json === 'boolean') return { additionalProperties: json };
  return isJsonObject(json) ? { additionalProperties: readSchemaNode(json) } : {};
}

function readRule(json: JsonObject): ValidationRule {
  const { optionalOldSelf } = json;
  return {
    rule: text(json, 'rule'),
    message: text(json, 'message'),
    messageExpression: text(json, 'messageExpression'),
    reason: text(json, 'reason'),
    fieldPath: text(json, 'fieldPath'),
    ...(typeof optionalOldSelf === 'boolean' ? { optionalOldSelf } : {}),
  };
}

/** The schema of a field or of a map's values; undefined when the node says nothing of it. */
export function childNode(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  const property = node?.properties.get(key);
  if (property !== undefined) return property;
  const additional = node?.additionalProperties;
  return typeof additional === 'object' ? additional : undefined;
}
