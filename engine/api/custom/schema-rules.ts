/**
 * The rules of a schema: that it is structural, and that what it says can be held. Source: apiextensions-apiserver
 * pkg/apiserver/schema/validation.go (structural schemas), pkg/apis/apiextensions/validation (OpenAPI and CEL) and
 * pkg/apiserver/schema/defaulting/validation.go (defaults).
 */
import { isJsonObject, type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { flag, has, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { compileGoRegexp } from './go-regexp.ts';
import { checkRootFields } from './root-schema.ts';
import { checkRuleTexts, compileProblems } from './schema-cel.ts';
import { checkDefaults } from './schema-defaults.ts';
import { checkListShape } from './schema-lists.ts';
import { eachSubschema, sortedEntries } from './schema-walk.ts';

type Level = 'root' | 'item' | 'field';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** Keywords that OpenAPI has and schemas of custom resources may not use. */
const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

/** The problems of the schema of a version. */
export function checkSchema(schema: JsonObject, path: string, hasStatus: boolean): readonly FieldError[] {
  const rootOnly = hasStatus ? checkRootFields(schema, path) : [];
  const nullable = flag(schema, 'nullable')
    ? [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')]
    : [];
  const structural = checkStructural(schema, path, 'root');
  const defaults = structural.length > 0 ? [] : checkDefaults(schema, path);
  const general = checkGeneral(schema, path);
  const before = [...rootOnly, ...nullable, ...structural, ...defaults, ...general];
  // Rules are compiled once the schema that gives their types is sound.
  if (structural.length + defaults.length > 0) return before;
  return [...before, ...compileProblems(schema, path, general)];
}

function checkGeneral(schema: JsonObject, path: string): readonly FieldError[] {
  const type = text(schema, 'type');
  const errors: FieldError[] = [];
  if (type !== '' && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types));
  for (const key of unsupported) {
    if (isUsed(schema, key)) errors.push(forbidden(`${path}.${key}`, `${key} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (flag(schema, 'uniqueItems')) {
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const additional = schema.additionalProperties;
  const hasProperties = Object.keys(struct(schema, 'properties')).length > 0;
  if (hasProperties && additional !== undefined && additional !== true) {
    errors.push(
      forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  eachSubschema(schema, path, (child, below) => {
    errors.push(...checkGeneral(child, below));
  });
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  return [...errors, ...checkListShape(schema, path), ...checkRuleTexts(schema, path)];
}

/** An empty map of schemas says nothing; the others count once they are there. */
function isUsed(schema: JsonObject, key: string): boolean {
  const isMap = key === 'patternProperties' || key === 'definitions';
  return isMap ? Object.keys(struct(schema, key)).length > 0 : has(schema, key);
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];
const missingTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function checkStructural(schema: JsonObject, path: string, level: Level): readonly FieldError[] {
  const type = text(schema, 'type');
  const errors: FieldError[] = [];
  const { items, additionalProperties: additional } = schema;
  if (type === 'array' && !isJsonObject(items)) errors.push(required(`${path}.items`, 'must be specified'));
  if (isJsonObject(items)) errors.push(...checkStructural(items, `${path}.items`, 'item'));
  for (const [name, child] of sortedEntries(struct(schema, 'properties'))) {
    const isMetadata = level === 'root' && name === 'metadata';
    if (!isJsonObject(child)) continue;
    const below = `${path}.properties[${name}]`;
    errors.push(...(isMetadata ? checkMetadataSchema(child, below) : checkStructural(child, below, 'field')));
  }
  if (additional !== undefined && level === 'root') {
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  if (isJsonObject(additional))
    errors.push(...checkStructural(additional, `${path}.additionalProperties`, 'field'));
  const isEither = flag(schema, 'x-kubernetes-int-or-string');
  const isFree = flag(schema, 'x-kubernetes-preserve-unknown-fields');
  const isEmbedded = flag(schema, 'x-kubernetes-embedded-resource');
  if (isEither && isFree) {
    errors.push(
      invalid(
        `${path}.x-kubernetes-preserve-unknown-fields`,
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    );
  }
  errors.push(...checkNested(schema, path));
  if (isEmbedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === '' && !isEither && !isFree) {
    errors.push(required(`${path}.type`, missingTypes[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  }
  const hasProperties = Object.keys(struct(schema, 'properties')).length > 0;
  if (isEmbedded && !isFree && !hasProperties) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, detail));
  }
  if (level === 'root' || isEmbedded) errors.push(...checkTypeMeta(schema, path));
  return errors;
}

function checkTypeMeta(schema: JsonObject, path: string): readonly FieldError[] {
  const properties = struct(schema, 'properties');
  return ['kind', 'apiVersion'].flatMap((key) => {
    const type = text(struct(properties, key), 'type');
    if (!has(properties, key) || type === 'string') return [];
    return [invalid(`${path}.properties[${key}].type`, type, 'must be string')];
  });
}

function checkMetadataSchema(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const type = text(schema, 'type');
  if (type !== 'object') errors.push(invalid(`${path}.type`, type, 'must be object'));
  const names = Object.keys(struct(schema, 'properties'));
  const isPlain =
    Object.keys(schema).every((key) => key === 'type' || key === 'properties' || key === 'description') &&
    names.every((name) => name === 'name' || name === 'generateName');
  if (isPlain) return errors;
  const detail =
    'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [...errors, forbidden(path, detail)];
}

/** Alternatives say more of values, never which fields there are. */
function checkNested(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const pattern = text(schema, 'pattern');
  const compiled = pattern === '' ? undefined : compileGoRegexp(pattern);
  if (compiled?.ok === false) {
    const detail = `must be a valid regular expression, but isn't: ${compiled.error}`;
    errors.push(invalid(`${path}.pattern`, pattern, detail));
  }
  for (const key of ['anyOf', 'allOf', 'oneOf']) {
    const list = structs(schema, key);
    if (key === 'anyOf' && jsonEqual(list, intOrString)) continue;
    for (const [index, child] of list.entries()) {
      const isEither = key === 'allOf' && index === 0 && jsonEqual(child, { anyOf: intOrString });
      if (!isEither) errors.push(...checkValueOnly(child, `${path}.${key}[${index}]`));
    }
  }
  if (isJsonObject(schema.not)) errors.push(...checkValueOnly(schema.not, `${path}.not`));
  return errors;
}

const forbiddenInside: readonly (readonly [key: string, wanted: string])[] = [
  ['type', 'empty'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

function checkValueOnly(schema: JsonObject, path: string): readonly FieldError[] {
  const errors = [...checkNested(schema, path)];
  if (isJsonObject(schema.items)) errors.push(...checkValueOnly(schema.items, `${path}.items`));
  const properties = struct(schema, 'properties');
  for (const [name, child] of sortedEntries(properties)) {
    if (isJsonObject(child)) errors.push(...checkValueOnly(child, `${path}.properties[${name}]`));
  }
  if (has(schema, 'additionalProperties')) {
    errors.push(forbidden(`${path}.additionalProperties`, 'must be undefined to be structural'));
  }
  for (const [key, wanted] of forbiddenInside) {
    const value = schema[key];
    const isSet = has(schema, key) && value !== '' && value !== false;
    if (isSet) errors.push(forbidden(`${path}.${key}`, `must be ${wanted} to be structural`));
  }
  if (has(properties, 'metadata')) {
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  return errors;
}
