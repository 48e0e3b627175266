/**
 * Bounds of numbers and the ranges of their formats. Source: kube-openapi/pkg/validation/validate (numberValidator,
 * IsValueValidAgainstRange).
 */
import type { JsonValue } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import type { FieldError } from '../scheme.ts';
import type { SchemaNode } from './schema-node.ts';

const maxFloat32 = 3.4028234663852886e38;

/** The problems of a number. */
export function checkNumber(node: SchemaNode, value: number, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const isInteger = Number.isInteger(value);
  if (!isInRange(node, value)) errors.push(outOfRange(node, path));
  // Go compares whole numbers with a bound whose fraction is cut off.
  const bound = (limit: number) => (isInteger ? Math.trunc(limit) : limit);
  const complain = (what: string) => errors.push(invalid(path, value, `${path} in body should be ${what}`));
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = node;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    complain(`a multiple of ${goFloat(multipleOf)}`);
  if (minimum !== undefined) {
    const limit = bound(minimum);
    if (exclusiveMinimum && value <= limit) complain(`greater than ${goFloat(limit, isInteger)}`);
    if (!exclusiveMinimum && value < limit) complain(`greater than or equal to ${goFloat(limit, isInteger)}`);
  }
  if (maximum !== undefined) {
    const limit = bound(maximum);
    if (exclusiveMaximum && value >= limit) complain(`less than ${goFloat(limit, isInteger)}`);
    if (!exclusiveMaximum && value > limit) complain(`less than or equal to ${goFloat(limit, isInteger)}`);
  }
  return errors;
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  return Number.isInteger(quotient);
}

function isInRange(node: SchemaNode, value: number): boolean {
  if (node.intOrString) return true;
  if (node.type === 'integer') {
    if (!Number.isInteger(value)) return false;
    return node.format === 'int32'
      ? value >= -2_147_483_648 && value <= 2_147_483_647
      : Math.abs(value) <= 2 ** 63;
  }
  return node.format !== 'float' || Math.abs(value) <= maxFloat32;
}

function outOfRange({ type, format }: SchemaNode, path: string): FieldError {
  const of = format === '' ? `${type} (default format)` : `${type} with format ${format}`;
  return invalid('<nil>', '', `Checked value must be of type ${of} in ${path}`);
}

/** A number as Go's %v prints it: floats of 1e21 and more with an exponent of two digits. */
function goFloat(value: number, isInteger = false): JsonValue {
  if (isInteger) return BigInt(value).toString();
  if (value !== 0 && (Math.abs(value) >= 1e21 || Math.abs(value) < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return value;
}
