/**
 * Problems of an object, worded as k8s.io/apimachinery/pkg/util/validation/field words them.
 */
import { formatCompactJsonInOrder } from '../base/go-json.ts';
import type { JsonValue } from '../base/json.ts';
import type { FieldError } from './scheme.ts';

/** A required field that is absent or empty. */
export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

/** A value that breaks a rule. */
export function invalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field,
    message: withDetail(`Invalid value: ${formatValue(value)}`, detail),
  };
}

/** A struct that breaks a rule; the value itself is not repeated. */
export function invalidStruct(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: withDetail('Invalid value', detail) };
}

/** A value that is none of the known ones. */
export function notSupported(
  field: string,
  value: JsonValue | undefined,
  supported: readonly string[],
): FieldError {
  const list = supported.map((word) => JSON.stringify(word)).join(', ');
  const detail = supported.length === 0 ? '' : `supported values: ${list}`;
  return {
    type: 'FieldValueNotSupported',
    field,
    message: withDetail(`Unsupported value: ${formatValue(value)}`, detail),
  };
}

/** A field that may not be set here. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

/** A value that may come once. */
export function duplicate(field: string, value: JsonValue | undefined): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${formatValue(value)}` };
}

/** A reference to something that is not there. */
export function notFound(field: string, value: JsonValue | undefined, detail = ''): FieldError {
  return {
    type: 'FieldValueNotFound',
    field,
    message: withDetail(`Not found: ${formatValue(value)}`, detail),
  };
}

/** A text over its length; the value itself is not repeated. */
export function tooLong(field: string, maxLength: number): FieldError {
  const detail = maxLength < 0 ? 'value is too long' : `may not be more than ${maxLength} bytes`;
  return { type: 'FieldValueTooLong', field, message: `Too long: ${detail}` };
}

/** A list over its length. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  const detail = max === 1 ? 'must have at most 1 item' : `must have at most ${max} items`;
  return { type: 'FieldValueTooMany', field, message: `Too many: ${actual}: ${detail}` };
}

function withDetail(words: string, detail: string): string {
  return detail === '' ? words : `${words}: ${detail}`;
}

/** A value as field.Error prints it: strings quoted, structs as JSON. */
function formatValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'null';
  return typeof value === 'string' ? quoteGo(value) : formatCompactJsonInOrder(value);
}

/** A string as Go prints it with %q: control characters by their codes. */
function quoteGo(value: string): string {
  return JSON.stringify(value).replaceAll(/\\u00([01][0-9a-f])|\x7f/g, (_, code: string | undefined) => {
    return `\\x${code ?? '7f'}`;
  });
}
