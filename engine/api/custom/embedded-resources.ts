/**
 * Whole objects inside of a custom resource (`x-kubernetes-embedded-resource`): their metadata is that of any object.
 * Source: apiextensions-apiserver/pkg/apiserver/schema/objectmeta.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { decodeObject } from '../decode/decode-object.ts';
import { invalid, required } from '../field-errors.ts';
import { struct, text } from '../read.ts';
import type { Schema } from '../schema/schema.ts';
import type { FieldError } from '../scheme.ts';
import { checkDns1035Label, checkPathSegmentName } from '../validation/names.ts';
import { validateObjectMeta } from '../validation/object-meta.ts';
import { childNode, type SchemaNode } from './schema-node.ts';

/** An object with the metadata in it as the server writes it, or why that cannot be. */
export interface Coerced {
  readonly value: JsonValue;
  readonly unknownFields: readonly string[];
  readonly error?: string;
}

/** Brings the metadata of a whole object, and of those inside of it, into the server's form. */
export function coerceMetadata(schema: Schema, node: SchemaNode, object: JsonObject): Coerced {
  const unknownFields: string[] = [];
  const state: CoerceState = { schema, unknownFields, error: undefined };
  const root = coerceEmbedded(state, object, '');
  const value = coerceBelow(state, node, root, '');
  return { value, unknownFields, ...(state.error === undefined ? {} : { error: state.error }) };
}

interface CoerceState {
  readonly schema: Schema;
  readonly unknownFields: string[];
  error: string | undefined;
}

function coerceBelow(
  state: CoerceState,
  node: SchemaNode | undefined,
  value: JsonValue,
  path: string,
): JsonValue {
  if (node === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, index) => coerce(state, node.items, item, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, JsonValue] => [
    key,
    coerce(state, childNode(node, key), inner, path === '' ? key : `${path}.${key}`),
  ]);
  return Object.fromEntries(entries);
}

function coerce(state: CoerceState, node: SchemaNode | undefined, value: JsonValue, path: string): JsonValue {
  const isEmbedded = node?.embeddedResource === true && isJsonObject(value);
  return coerceBelow(state, node, isEmbedded ? coerceEmbedded(state, value, path) : value, path);
}

function coerceEmbedded(state: CoerceState, object: JsonObject, path: string): JsonObject {
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const key of ['apiVersion', 'kind']) {
    if (Object.hasOwn(object, key) && typeof object[key] !== 'string') {
      state.error ??= `${at(key)}: Invalid value: ${JSON.stringify(object[key])}: must be a string`;
    }
  }
  const metadata = Object.hasOwn(object, 'metadata') ? object.metadata : undefined;
  if (metadata === undefined || metadata === null) return object;
  const decoded = decodeObject(state.schema, 'V1ObjectMeta', metadata, { fieldValidation: 'Warn' });
  if (!decoded.ok) {
    const shown = `${at('metadata')}: Invalid value: ${JSON.stringify(metadata)}: ${decoded.error}`;
    state.error ??= path === '' ? decoded.error : shown;
    return object;
  }
  for (const warning of decoded.value.warnings) {
    const field = /^unknown field "(.*)"$/s.exec(warning)?.[1];
    if (field !== undefined) state.unknownFields.push(at(`metadata.${field}`));
  }
  return { ...object, metadata: decoded.value.object };
}

/** The problems of the objects inside of an object, which has been checked itself. */
export function checkEmbedded(node: SchemaNode, value: JsonValue, path: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined) return [];
    return value.flatMap((item: JsonValue, index) => checkEmbedded(items, item, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  const own = node.embeddedResource ? checkResource(value, path) : [];
  const below = Object.entries(value).flatMap(([key, inner]) => {
    const child = childNode(node, key);
    if (child === undefined) return [];
    const isProperty = node.properties.has(key);
    return checkEmbedded(
      child,
      inner,
      isProperty ? (path === '' ? key : `${path}.${key}`) : `${path}[${key}]`,
    );
  });
  return [...own, ...below];
}

function checkResource(object: JsonObject, path: string): readonly FieldError[] {
  const errors = ['apiVersion', 'kind'].flatMap((key) =>
    Object.hasOwn(object, key) ? [] : [required(`${path}.${key}`)],
  );
  const { apiVersion, kind } = object;
  if (apiVersion === '') errors.push(invalid(`${path}.apiVersion`, apiVersion, 'must not be empty'));
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) {
    const detail = `unexpected GroupVersion string: ${apiVersion}`;
    errors.push(invalid(`${path}.apiVersion`, apiVersion, detail));
  }
  if (kind === '') errors.push(invalid(`${path}.kind`, kind, 'must not be empty'));
  else if (typeof kind === 'string') {
    const problems = checkDns1035Label(kind.toLowerCase());
    const detail = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
    if (problems.length > 0) errors.push(invalid(`${path}.kind`, kind, detail));
  }
  if (!isJsonObject(object.metadata)) return errors;
  const metadata = struct(object, 'metadata');
  const named = { ...metadata, name: text(metadata, 'name') || 'fakename' };
  const rules = { namespaced: text(metadata, 'namespace') !== '', checkName: checkPathSegmentName };
  const inside = validateObjectMeta({ metadata: named }, rules);
  return [...errors, ...inside.map((error) => ({ ...error, field: `${path}.${error.field}` }))];
}
