/** The functions of Go's templates, and the two that kubectl adds. Source: text/template/funcs.go; cli-runtime printers/template.go. */
import { isJsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { formatValue, type GoValue, sprint, sprintf, typeName } from './go-format.ts';

type TemplateFunction = (args: readonly GoValue[]) => Result<GoValue, string>;

/** What counts as true: neither empty, zero nor missing. */
export function isTrue(value: GoValue): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Number of arguments that a function takes. */
export interface FunctionSpec {
  readonly least: number;
  readonly most: number;
  readonly call: TemplateFunction;
}

const many = Number.POSITIVE_INFINITY;

const functions: ReadonlyMap<string, FunctionSpec> = new Map<string, FunctionSpec>([
  [
    'and',
    {
      least: 1,
      most: many,
      call: (args) => ok(args.find((one) => !isTrue(one)) ?? lastOrFalse(args, false)),
    },
  ],
  ['or', { least: 1, most: many, call: (args) => ok(args.find(isTrue) ?? args.at(-1)) }],
  ['not', { least: 1, most: 1, call: ([value]) => ok(!isTrue(value)) }],
  ['len', { least: 1, most: 1, call: ([value]) => lengthOf(value) }],
  ['index', { least: 1, most: many, call: ([value, ...keys]) => indexInto(value, keys) }],
  ['slice', { least: 1, most: 4, call: ([value, ...bounds]) => sliceOf(value, bounds) }],
  ['print', { least: 0, most: many, call: (args) => ok(sprint(args)) }],
  ['printf', { least: 1, most: many, call: ([format, ...args]) => printFormat(format, args) }],
  ['println', { least: 0, most: many, call: (args) => ok(`${args.map(formatValue).join(' ')}\n`) }],
  ['html', { least: 0, most: many, call: (args) => ok(escapeHtml(sprint(args))) }],
  ['js', { least: 0, most: many, call: (args) => ok(escapeScript(sprint(args))) }],
  [
    'urlquery',
    { least: 0, most: many, call: (args) => ok(encodeURIComponent(sprint(args)).replaceAll('%20', '+')) },
  ],
  ['eq', { least: 1, most: many, call: equalToAny }],
  ['ne', { least: 2, most: 2, call: ([a, b]) => negate(equal(a, b)) }],
  ['lt', { least: 2, most: 2, call: ([a, b]) => compare(a, b, (order) => order < 0) }],
  ['le', { least: 2, most: 2, call: ([a, b]) => compare(a, b, (order) => order <= 0) }],
  ['gt', { least: 2, most: 2, call: ([a, b]) => compare(a, b, (order) => order > 0) }],
  ['ge', { least: 2, most: 2, call: ([a, b]) => compare(a, b, (order) => order >= 0) }],
  ['exists', { least: 1, most: many, call: ([value, ...keys]) => ok(existsIn(value, keys)) }],
  ['base64decode', { least: 1, most: 1, call: ([value]) => decodeBase64(value) }],
]);

/** The names that a template may call. */
export const functionNames: ReadonlySet<string> = new Set(functions.keys());

/** Looks a function up; the parser let only known ones through. */
export function templateFunction(name: string): FunctionSpec | undefined {
  return functions.get(name);
}

function lastOrFalse(args: readonly GoValue[], fallback: GoValue): GoValue {
  const missing = args.some((one) => one === undefined || one === null);
  return missing ? args.find((one) => !isTrue(one)) : (args.at(-1) ?? fallback);
}

function lengthOf(value: GoValue): Result<GoValue, string> {
  if (value === undefined || value === null) return err('reflect: call of reflect.Value.Type on zero Value');
  if (typeof value === 'string') return ok(BigInt(Buffer.byteLength(value, 'utf8')));
  if (Array.isArray(value)) return ok(BigInt(value.length));
  return isJsonObject(value) ? ok(BigInt(Object.keys(value).length)) : err(`len of type ${typeName(value)}`);
}

function indexInto(value: GoValue, keys: readonly GoValue[]): Result<GoValue, string> {
  let at = value;
  if (at === undefined || at === null) return err('index of untyped nil');
  for (const key of keys) {
    if (at === undefined || at === null) return err('index of nil pointer');
    if (Array.isArray(at) || typeof at === 'string') {
      if (typeof key !== 'bigint') {
        return err(
          key === undefined || key === null
            ? 'cannot index slice/array with nil'
            : `cannot index slice/array with type ${typeName(key)}`,
        );
      }
      const length = BigInt(at.length);
      if (key < 0n || key > length) return err(`index out of range: ${key}`);
      if (key === length)
        return err(`reflect: ${typeof at === 'string' ? 'string' : 'slice'} index out of range`);
      at = typeof at === 'string' ? BigInt(Buffer.from(at, 'utf8')[Number(key)] ?? 0) : at[Number(key)];
    } else if (isJsonObject(at)) {
      if (typeof key !== 'string') return err(`value has type ${typeName(key)}; should be string`);
      at = Object.hasOwn(at, key) ? at[key] : undefined;
    } else return err(`can't index item of type ${typeName(at)}`);
  }
  return ok(at);
}

function sliceOf(value: GoValue, bounds: readonly GoValue[]): Result<GoValue, string> {
  if (typeof value !== 'string' && !Array.isArray(value))
    return err(`can't slice item of type ${typeName(value)}`);
  const numbers = bounds.map(Number);
  const wrong = numbers.find((bound) => !(bound >= 0 && bound <= value.length));
  if (wrong !== undefined) return err(`index out of range: ${wrong}`);
  const [from = 0, to = value.length] = numbers;
  if (from > to) return err(`invalid slice index: ${from} > ${to}`);
  return ok(value.slice(from, to));
}

function printFormat(format: GoValue, args: readonly GoValue[]): Result<GoValue, string> {
  return typeof format === 'string'
    ? ok(sprintf(format, args))
    : err(`wrong type for value; expected string; got ${typeName(format)}`);
}

function equalToAny([first, ...others]: readonly GoValue[]): Result<GoValue, string> {
  if (others.length === 0) return err('missing argument for comparison');
  for (const other of others) {
    const same = equal(first, other);
    if (!same.ok || same.value) return same;
  }
  return ok(false);
}

function equal(a: GoValue, b: GoValue): Result<boolean, string> {
  const isNil = (value: GoValue) => value === undefined || value === null;
  if (isNil(a) || isNil(b)) return ok(isNil(a) && isNil(b));
  const isBasic = (value: GoValue) => typeof value !== 'object';
  if (isBasic(a) !== isBasic(b)) return incompatible(a, b);
  if (!isBasic(a)) return err(`non-comparable type ${sprintf('%s', [a])}: ${typeName(a)}`);
  if (typeof a !== typeof b) return incompatible(a, b);
  return ok(a === b);
}

function incompatible(a: GoValue, b: GoValue): Result<never, string> {
  return err(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function negate(result: Result<boolean, string>): Result<GoValue, string> {
  return result.ok ? ok(!result.value) : result;
}

function compare(a: GoValue, b: GoValue, decide: (order: number) => boolean): Result<GoValue, string> {
  const isOrdered = (value: GoValue): value is string | number | bigint =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  if (!isOrdered(a) || !isOrdered(b)) return err('invalid type for comparison');
  if (typeof a !== typeof b) return incompatible(a, b);
  return ok(decide(a < b ? -1 : a > b ? 1 : 0));
}

function existsIn(value: GoValue, keys: readonly GoValue[]): boolean {
  let at = value;
  for (const key of keys) {
    const found = indexInto(at, [key]);
    if (!found.ok) return false;
    at = found.value;
  }
  return at !== undefined && at !== null;
}

function decodeBase64(value: GoValue): Result<GoValue, string> {
  if (typeof value !== 'string') return err(`wrong type for value; expected string; got ${typeName(value)}`);
  const clean = value.replaceAll(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(clean)?.index;
  const isWhole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(clean);
  if (!isWhole) {
    const at = wrong ?? clean.length - (clean.length % 4);
    return err(`base64 decode failed: illegal base64 data at input byte ${at}`);
  }
  return ok(Buffer.from(clean, 'base64').toString('utf8'));
}

function escapeHtml(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    '"': '&#34;',
    "'": '&#39;',
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '\0': '\uFFFD',
  };
  return text.replaceAll(/["'&<>\0]/g, (char) => codes[char] ?? char);
}

function escapeScript(text: string): string {
  return text.replaceAll(/[\\'"<>&=\n\r\t]/g, (char) => {
    if (char === '\\' || char === "'" || char === '"') return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}
