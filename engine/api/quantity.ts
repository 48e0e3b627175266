/**
 * Quantities of resources (`500m`, `1.5Gi`, `2e3`): parsing, exact arithmetic, and the canonical text that the API server
 * writes. Values are whole nano-units; smaller ones are rounded away from zero as upstream does.
 * Source: k8s.io/apimachinery/pkg/api/resource (quantity.go, suffix.go).
 */
import { err, ok, type Result } from '../base/result.ts';

/** An amount in billionths of a unit, and the family of suffixes it is written with. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent';
}

const nanoPerUnit = 1_000_000_000n;
/** The greatest binary quantity: upstream keeps them in 63 bits. */
const maxBinary = ((1n << 63n) - 1n) * nanoPerUnit;
/** Exponents past this are refused, so that a short text cannot ask for megabytes of digits. */
const maxExponent = 1000;
const maxDigits = 1000;

const decimalSuffixes: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const binarySuffixes: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);

/** The words for a text that is no quantity at all. */
export const quantityFormatError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const numericError = 'unable to parse numeric part of quantity';
const suffixError = "unable to parse quantity's suffix";

/** The quantity zero. */
export const zeroQuantity: Quantity = Object.freeze({ nano: 0n, format: 'DecimalSI' });

/** Parses a quantity; the error is upstream's text. */
export function parseQuantity(text: string): Result<Quantity, string> {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (text === '' || match === null) return err(quantityFormatError);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole.length + fraction.length > maxDigits) return err(numericError);
  const scale = interpretSuffix(suffix);
  if (scale === undefined) return err(suffixError);
  const digits = BigInt(`${whole}${fraction}` || '0');
  let numerator = digits * nanoPerUnit;
  let denominator = 10n ** BigInt(fraction.length);
  if (scale.base === 2) numerator <<= BigInt(scale.exponent);
  else if (scale.exponent >= 0) numerator *= 10n ** BigInt(scale.exponent);
  else denominator *= 10n ** BigInt(-scale.exponent);
  let nano = (numerator + denominator - 1n) / denominator;
  let format = scale.format;
  if (format === 'BinarySI') {
    if (nano > maxBinary) nano = maxBinary;
    // A fraction of one byte has no binary form.
    if (nano > 0n && nano < nanoPerUnit) format = 'DecimalSI';
  }
  return ok({ nano: sign === '-' ? -nano : nano, format });
}

/**
 * What the API server writes for a quantity that it was sent: the text itself where upstream's quick parser finds nothing to
 * shorten (it leaves `+1` and `1E3` alone, too), else the canonical text.
 */
export function normalizeQuantityText(text: string): Result<string, string> {
  const parsed = parseQuantity(text);
  if (!parsed.ok) return parsed;
  return ok(isKeptAsWritten(text, parsed.value) ? text : formatQuantity(parsed.value));
}

/** Source: ParseQuantity's fast path, which keeps its input when the number fits 18 digits and is as short as can be. */
function isKeptAsWritten(text: string, { format }: Quantity): boolean {
  const match = /^[+-]?0*([0-9]*)(?:\.([0-9]*))?(.*)$/.exec(text);
  const [, whole = '', fraction = '', suffix = ''] = match ?? [];
  const digits = `${whole === '' ? '0' : whole}${fraction}`;
  const scale = interpretSuffix(suffix);
  if (scale === undefined) return false;
  if (scale.base === 2) {
    const room = 14 - digits.length - Math.floor((scale.exponent * 3) / 10);
    return format === 'BinarySI' && fraction === '' && room >= 0 && BigInt(digits) % 8n !== 0n;
  }
  const power = scale.exponent - fraction.length;
  return (
    digits.length <= 18 &&
    power >= -9 &&
    power % 3 === 0 &&
    !digits.endsWith('000') &&
    !digits.startsWith('0')
  );
}

function interpretSuffix(
  suffix: string,
): { base: 2 | 10; exponent: number; format: Quantity['format'] } | undefined {
  const decimal = decimalSuffixes.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = binarySuffixes.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const match = /^[eE]([-+]?[0-9]+)$/.exec(suffix);
  if (match === null) return undefined;
  const exponent = Number(match[1]);
  return Math.abs(exponent) > maxExponent ? undefined : { base: 10, exponent, format: 'DecimalExponent' };
}

/** The canonical text: no fractional digits lost, the largest suffix that leaves none, `0` for zero. */
export function formatQuantity(quantity: Quantity): string {
  const { nano } = quantity;
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? '-' : '';
  const isWhole = magnitude % nanoPerUnit === 0n;
  if (quantity.format === 'BinarySI' && isWhole && magnitude >= 1024n * nanoPerUnit) {
    return sign + formatBinary(magnitude / nanoPerUnit);
  }
  return sign + formatDecimal(magnitude, quantity.format === 'DecimalExponent');
}

function formatBinary(units: bigint): string {
  const suffixes = ['', ...binarySuffixes.keys()];
  let value = units;
  let index = 0;
  while (index < suffixes.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    index += 1;
  }
  return `${value}${suffixes[index]}`;
}

function formatDecimal(magnitude: bigint, asExponent: boolean): string {
  const suffixes = [...decimalSuffixes.entries()];
  let value = magnitude;
  let index = 0;
  let exponent = -9;
  while (value % 1000n === 0n && (asExponent || index < suffixes.length - 1)) {
    value /= 1000n;
    exponent += 3;
    index += 1;
  }
  if (asExponent) return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  return `${value}${suffixes[index]?.[0] ?? ''}`;
}

/** The sum, in the first one's format unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The difference, in the first one's format unless that is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** Less than zero, zero or greater, as `a` is to `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The value rounded up to whole units (bytes, cores). */
export function quantityValue(quantity: Quantity): bigint {
  return roundUp(quantity.nano, nanoPerUnit);
}

/** The value rounded up to thousandths (millicores). */
export function quantityMilliValue(quantity: Quantity): bigint {
  return roundUp(quantity.nano, 1_000_000n);
}

/** The quantity rounded up to thousandths, as defaulting does with resource lists. */
export function roundQuantityToMilli(quantity: Quantity): Quantity {
  return { nano: roundUp(quantity.nano, 1_000_000n) * 1_000_000n, format: quantity.format };
}

/** Rounds away from zero. */
function roundUp(nano: bigint, unit: bigint): bigint {
  const quotient = nano / unit;
  if (nano % unit === 0n) return quotient;
  return nano < 0n ? quotient - 1n : quotient + 1n;
}
