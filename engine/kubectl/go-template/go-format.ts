/** Values as Go's fmt package prints them. Numbers of JSON are float64, numbers of a template's text are int. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** What a template computes with: JSON, integers, and `undefined` for a missing key. */
export type GoValue = JsonValue | bigint | undefined;

/** `%v` */
export function formatValue(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'number') return formatFloat(value);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(' ')}]`;
  if (isJsonObject(value)) {
    const keys = Object.keys(value).sort(compareKeys);
    return `map[${keys.map((key) => `${key}:${formatValue(value[key])}`).join(' ')}]`;
  }
  return String(value);
}

/** A float64 as `%v` prints it: with an exponent from 1e+06 upwards and 1e-05 downwards. Source: strconv.FormatFloat with 'g'. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return String(value);
}

/** The name of a value's type: `map[string]interface {}`. */
export function typeName(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(values: readonly GoValue[]): string {
  let text = '';
  for (const [index, value] of values.entries()) {
    const isPlain = typeof value !== 'string' && index > 0 && typeof values[index - 1] !== 'string';
    text += (isPlain ? ' ' : '') + formatValue(value);
  }
  return text;
}

/** Widths past this are cut, so that a short text can't ask for megabytes. */
const widest = 1_000;

/** fmt.Sprintf for the verbs that make sense of JSON. */
export function sprintf(format: string, values: readonly GoValue[]): string {
  let next = 0;
  const text = format.replaceAll(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])?/g,
    (
      _whole,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      verb: string | undefined,
    ) => {
      if (verb === undefined) return '%!(NOVERB)';
      if (verb === '%') return '%';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = values[next];
      next += 1;
      const digits = precision === undefined ? undefined : Math.min(Number(precision), 100);
      return pad(formatVerb(verb, value, digits, flags), flags, Math.min(Number(width ?? 0), widest));
    },
  );
  if (next >= values.length) return text;
  const extra = values.slice(next).map((value) => `${typeName(value)}=${formatValue(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function formatVerb(verb: string, value: GoValue, digits: number | undefined, flags: string): string {
  const shows = (item: GoValue) =>
    item === undefined || item === null ? '<nil>' : formatVerb(verb, item, digits, flags);
  const bad = () =>
    value === undefined || value === null
      ? `%!${verb}(<nil>)`
      : `%!${verb}(${typeName(value)}=${formatValue(value)})`;
  const plus = (text: string) => (flags.includes('+') && !text.startsWith('-') ? `+${text}` : text);
  if (verb === 'v') return formatValue(value);
  if (verb === 'T') return typeName(value);
  if (typeof value === 'string') {
    if (verb === 's') return digits === undefined ? value : [...value].slice(0, digits).join('');
    if (verb === 'q') return JSON.stringify(value);
    if (verb === 'x' || verb === 'X') {
      const hex = Buffer.from(value, 'utf8').toString('hex');
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    return bad();
  }
  if (typeof value === 'boolean') return verb === 't' ? String(value) : bad();
  if (typeof value === 'bigint') return formatInteger(verb, value, plus) ?? bad();
  if (typeof value === 'number') return formatNumber(verb, value, digits, plus) ?? bad();
  if (Array.isArray(value)) return `[${value.map(shows).join(' ')}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value).sort(compareKeys);
    const shown = members.map((key) => `${formatVerb(verb, key, digits, flags)}:${shows(value[key])}`);
    return `map[${shown.join(' ')}]`;
  }
  return bad();
}

function formatInteger(verb: string, value: bigint, plus: (text: string) => string): string | undefined {
  const bases: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 };
  const base = Object.hasOwn(bases, verb) ? bases[verb] : undefined;
  if (base !== undefined) {
    const text = value.toString(base);
    return plus(verb === 'X' ? text.toUpperCase() : text);
  }
  if (verb === 'c') return String.fromCodePoint(Number(value));
  return verb === 'q' ? `'${String.fromCodePoint(Number(value))}'` : undefined;
}

function formatNumber(
  verb: string,
  value: number,
  digits: number | undefined,
  plus: (text: string) => string,
): string | undefined {
  if (verb === 'f' || verb === 'F') return plus(value.toFixed(digits ?? 6));
  if (verb === 'g')
    return plus(digits === undefined ? formatFloat(value) : String(Number(value.toPrecision(digits || 1))));
  if (verb !== 'e') return undefined;
  return plus(value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, 'e$10$2'));
}
