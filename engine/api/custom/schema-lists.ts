/**
 * The rules of lists that are sets or maps, in a schema. Source: apiextensions-apiserver
 * pkg/apis/apiextensions/validation/validation.go (ValidateCustomResourceDefinitionOpenAPISchema).
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { flag, has, struct, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';

/** The problems of what a schema says of its list or map type. */
export function checkListShape(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const type = text(schema, 'type');
  const mapType = text(schema, 'x-kubernetes-map-type');
  const listType = text(schema, 'x-kubernetes-list-type');
  const keys = texts(schema, 'x-kubernetes-list-map-keys');
  const items = isJsonObject(schema.items) ? schema.items : undefined;
  const wantType = (wanted: string, key: string): void => {
    const detail = `must be ${wanted} if ${key} is specified`;
    errors.push(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  };
  const hasMapType = has(schema, 'x-kubernetes-map-type');
  const hasListType = has(schema, 'x-kubernetes-list-type');
  if (hasMapType && type !== 'object') wantType('object', 'x-kubernetes-map-type');
  if (hasMapType && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  if (hasListType && type !== 'array') wantType('array', 'x-kubernetes-list-type');
  else if (listType === 'set' && items !== undefined) errors.push(...checkSetItems(items, path));
  if (hasListType && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']));
  }
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const field = `${path}.x-kubernetes-list-type`;
    errors.push(hasListType ? invalid(field, listType, detail) : required(field, detail));
  }
  if (listType === 'map') errors.push(...checkMapList(schema, path));
  return errors;
}

function checkSetItems(items: JsonObject, path: string): readonly FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = text(items, 'x-kubernetes-list-type');
  const errors: FieldError[] = [];
  if (text(items, 'type') === 'array' && listType !== '' && listType !== 'atomic') {
    errors.push(invalid(`${path}.items.x-kubernetes-list-type`, listType, detail));
  }
  if (text(items, 'type') === 'object' && text(items, 'x-kubernetes-map-type') !== 'atomic') {
    errors.push(invalid(`${path}.items.x-kubernetes-map-type`, items['x-kubernetes-list-type'], detail));
  }
  if (flag(items, 'nullable')) {
    errors.push(forbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
  }
  return errors;
}

function checkMapList(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const keys = texts(schema, 'x-kubernetes-list-map-keys');
  if (keys.length === 0) {
    errors.push(
      required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    );
  }
  if (!has(schema, 'items')) {
    return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  }
  const items = struct(schema, 'items');
  const type = text(items, 'type');
  if (type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(`${path}.items.type`, type, detail)];
  }
  const properties = struct(items, 'properties');
  for (const [index, key] of keys.entries()) {
    const property = struct(properties, key);
    const at = `${path}.items.properties[${key}]`;
    if (!has(properties, key)) {
      errors.push(
        invalid(
          `${path}.x-kubernetes-list-map-keys`,
          [...keys],
          'entries must all be names of item properties',
        ),
      );
    } else if (['array', 'object'].includes(text(property, 'type'))) {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${at}.type`, type, detail));
    }
    if (keys.indexOf(key) < index) {
      errors.push(
        invalid(`${path}.x-kubernetes-list-map-keys`, [...keys], 'must not contain duplicate entries'),
      );
    }
  }
  if (flag(items, 'nullable')) {
    errors.push(forbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is map'));
  }
  for (const key of keys.filter((candidate) => has(properties, candidate))) {
    const property = struct(properties, key);
    const at = `${path}.items.properties[${key}]`;
    if (!texts(items, 'required').includes(key) && !has(property, 'default')) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(required(`${at}.default`, detail));
    }
    if (flag(property, 'nullable')) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbidden(`${at}.nullable`, detail));
    }
  }
  return errors;
}
