/**
 * What the root of a schema may say when status is a resource of its own: only what still holds when status is taken out of
 * it. Source: validateCustomResourceDefinitionValidation in apiextensions-apiserver/pkg/apis/apiextensions/validation.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { internalFields, internalForm } from '../internal-form/internal-form.ts';
import { has } from '../read.ts';
import type { FieldError } from '../scheme.ts';

const typeName = 'JSONSchemaProps';
/** By Go's names, in the order of upstream's message. */
const allowed = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/** The first problem of the root's own fields. */
export function checkRootFields(schema: JsonObject, path: string): readonly FieldError[] {
  const where = 'at the root of the schema if the status subresource is enabled';
  for (const { goName, wireName } of internalFields(typeName)) {
    if (!has(schema, wireName) || schema[wireName] === false) continue;
    if (goName === 'Type' && schema.type !== 'object') {
      return [invalid(`${path}.type`, schema.type, `only "object" is allowed as the type ${where}`)];
    }
    if (!allowed.includes(goName)) {
      const detail = `only [${allowed.join(' ')}] fields are allowed ${where}`;
      return [invalid(path, internalForm(typeName, schema), detail)];
    }
  }
  return [];
}
