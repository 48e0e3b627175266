/**
 * Scalars as Go's decoder and the types of k8s.io/apimachinery read them: integers, base64, times, quantities, IntOrString.
 */
import type { JsonValue } from '../../base/json.ts';
import { normalizeQuantityText, quantityFormatError } from '../quantity.ts';

/** A value of the wrong JSON type: `json: cannot unmarshal FOUND into … of type WANTED`. */
export class TypeMismatch {
  readonly found: string;
  /** Where the type differs from the field's own. */
  readonly wanted: string | undefined;

  constructor(found: string, wanted?: string) {
    this.found = found;
    this.wanted = wanted;
  }
}

/** A type's own decoder refused the value: Go stops at once and says only this. */
export class DecodeAbort extends Error {
  override readonly name = 'DecodeAbort';
}

/** Go's word for a JSON value. */
export function describeGoKind(json: JsonValue): string {
  if (typeof json === 'boolean') return 'bool';
  if (typeof json === 'number') return 'number';
  if (typeof json === 'string') return 'string';
  return Array.isArray(json) ? 'array' : 'object';
}

type ScalarKind = 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'byte' | 'intorstring' | 'quantity';

/**
 * Reads one scalar that is not null.
 *
 * @throws DecodeAbort for malformed base64 or quantities.
 */
export function decodeScalar(json: JsonValue, kind: ScalarKind): JsonValue | TypeMismatch {
  switch (kind) {
    case 'string':
      return typeof json === 'string' ? json : new TypeMismatch(describeGoKind(json));
    case 'boolean':
      return typeof json === 'boolean' ? json : new TypeMismatch(describeGoKind(json));
    case 'double':
      return typeof json === 'number' ? json : new TypeMismatch(describeGoKind(json));
    case 'int32':
    case 'int64':
      return decodeInteger(json, kind);
    case 'intorstring':
      return typeof json === 'string' ? json : decodeInteger(json, 'int32', 'int32');
    case 'byte':
      return typeof json === 'string' ? decodeBase64(json) : new TypeMismatch(describeGoKind(json));
    case 'quantity':
      return decodeQuantity(json);
  }
}

function decodeInteger(json: JsonValue, kind: 'int32' | 'int64', wanted?: string): JsonValue | TypeMismatch {
  if (typeof json !== 'number') return new TypeMismatch(describeGoKind(json), wanted);
  const limit = kind === 'int32' ? 2 ** 31 : 2 ** 63;
  if (Number.isInteger(json) && json >= -limit && json < limit) return json;
  return new TypeMismatch(`number ${json}`, wanted);
}

function decodeQuantity(json: JsonValue): string {
  if (typeof json !== 'string' && typeof json !== 'number') throw new DecodeAbort(quantityFormatError);
  const normalized = normalizeQuantityText(String(json).trim());
  if (!normalized.ok) throw new DecodeAbort(normalized.error);
  return normalized.value;
}

/** Standard base64 with padding; newlines are skipped, as Go's decoder does. */
function decodeBase64(text: string): string {
  const plain = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]/.exec(plain);
  const padding = plain.indexOf('=');
  if (bad !== null && (padding < 0 || bad.index < padding)) throw corruptBase64(bad.index);
  const end = padding < 0 ? plain.length : padding;
  const missing = (4 - (end % 4)) % 4;
  if (missing === 3 || plain.slice(end) !== '='.repeat(missing)) {
    throw corruptBase64(
      padding < 0 ? plain.length - (plain.length % 4 === 0 ? 0 : plain.length % 4) : padding,
    );
  }
  return plain;
}

function corruptBase64(offset: number): DecodeAbort {
  return new DecodeAbort(`illegal base64 data at input byte ${offset}`);
}

const timePattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * A metav1.Time: RFC 3339, written back in UTC with whole seconds.
 *
 * @throws DecodeAbort when the text is no such time.
 */
export function decodeTime(text: string): string {
  const { milliseconds } = parseTime(text, '2006-01-02T15:04:05Z07:00');
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * A metav1.MicroTime: RFC 3339 with microseconds, in UTC.
 *
 * @throws DecodeAbort when the text is no such time.
 */
export function decodeMicroTime(text: string): string {
  const { milliseconds, fraction } = parseTime(text, '2006-01-02T15:04:05.000000Z07:00');
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, `.${fraction.padEnd(6, '0').slice(0, 6)}Z`);
}

function parseTime(text: string, layout: string): { milliseconds: number; fraction: string } {
  const match = timePattern.exec(text);
  const needsMicros = layout.includes('.000000');
  const milliseconds = match === null ? Number.NaN : Date.parse(text.replace(',', '.').replace(/\.\d+/, ''));
  if (match === null || Number.isNaN(milliseconds) || (needsMicros && match[7]?.length !== 6)) {
    const problem = whatIsWrong(text, needsMicros);
    throw new DecodeAbort(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: ${problem}`);
  }
  return { milliseconds, fraction: match[7] ?? '' };
}

/** The part at which Go's parser gives up, piece by piece of the layout. */
function whatIsWrong(text: string, needsMicros: boolean): string {
  const pieces: readonly (readonly [layout: string, pattern: RegExp])[] = [
    ['2006', /^\d{4}/],
    ['-', /^-/],
    ['01', /^\d{2}/],
    ['-', /^-/],
    ['02', /^\d{2}/],
    ['T', /^T/],
    ['15', /^\d{2}/],
    [':', /^:/],
    ['04', /^\d{2}/],
    [':', /^:/],
    ['05', needsMicros ? /^\d{2}/ : /^\d{2}(?:[.,]\d+)?/],
    ...(needsMicros ? [['.000000', /^[.,]\d{6}(?!\d)/] as const] : []),
    ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/],
  ];
  let rest = text;
  for (const [layout, pattern] of pieces) {
    const match = pattern.exec(rest);
    if (match === null) return `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(layout)}`;
    rest = rest.slice(match[0].length);
  }
  return rest === '' ? 'day out of range' : `extra text: ${JSON.stringify(rest)}`;
}
