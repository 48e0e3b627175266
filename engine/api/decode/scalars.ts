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
  // What stands in the unused bits of the last letter is not kept.
  return Buffer.from(plain, 'base64').toString('base64');
}

function corruptBase64(offset: number): DecodeAbort {
  return new DecodeAbort(`illegal base64 data at input byte ${offset}`);
}

/**
 * A metav1.Time: RFC 3339, written back in UTC with whole seconds.
 *
 * @throws DecodeAbort when the text is no such time.
 */
export function decodeTime(text: string): string {
  // What the server and its components write is in that form already.
  if (isPlainTime(text)) return text;
  const { milliseconds } = parseTime(text, '2006-01-02T15:04:05Z07:00');
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

function isPlainTime(text: string): boolean {
  if (text.length !== 20 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
  const milliseconds = Date.parse(text);
  // A day that its month lacks comes out as another day.
  return !Number.isNaN(milliseconds) && new Date(milliseconds).getUTCDate() === Number(text.slice(8, 10));
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
  const problem = whatIsWrong(text, layout);
  if (problem !== undefined) throw new DecodeAbort(`parsing time ${JSON.stringify(text)}${problem}`);
  return {
    milliseconds: Date.parse(text.replace(',', '.').replace(/\.\d+/, '')),
    fraction: /[.,](\d+)/.exec(text)?.[1] ?? '',
  };
}

/** What Go's parser says, which goes through the layout piece by piece; undefined when the text is a time. */
function whatIsWrong(text: string, layout: string): string | undefined {
  const needsMicros = layout.includes('.000000');
  const pieces: readonly (readonly [layout: string, pattern: RegExp, unit?: string, max?: number])[] = [
    ['2006', /^\d{4}/],
    ['-', /^-/],
    ['01', /^\d{2}/, 'month', 12],
    ['-', /^-/],
    ['02', /^\d{2}/],
    ['T', /^T/],
    ['15', /^\d{2}/, 'hour', 23],
    [':', /^:/],
    ['04', /^\d{2}/, 'minute', 59],
    [':', /^:/],
    ['05', needsMicros ? /^\d{2}/ : /^\d{2}(?:[.,]\d+)?/, 'second', 59],
    ...(needsMicros ? [['.000000', /^[.,]\d{6}(?!\d)/] as const] : []),
    ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/],
  ];
  let rest = text;
  for (const [piece, pattern, unit, max = 0] of pieces) {
    const match = pattern.exec(rest);
    if (match === null) {
      return ` as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(piece)}`;
    }
    const value = Number.parseFloat(match[0]);
    if (unit !== undefined && (value >= max + 1 || (unit === 'month' && value === 0)))
      return `: ${unit} out of range`;
    rest = rest.slice(match[0].length);
  }
  if (rest !== '') return `: extra text: ${JSON.stringify(rest)}`;
  return isDayOfMonth(text) ? undefined : ': day out of range';
}

function isDayOfMonth(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
