/** Operators, conversions, times and optional values. Source: cel-go/common/stdlib, cel-go/cel/library.go (optionals). */
import { parseGoDuration } from '../custom/go-duration.ts';
import { matchesGoRegexp } from '../custom/go-regexp.ts';
import { addQuantities, compareQuantities, parseQuantity, subtractQuantities } from '../quantity.ts';
import type { FunctionTable } from './function-table.ts';
import {
  CelError,
  type CelValue,
  celCompare,
  celEqual,
  isList,
  isMap,
  isSpecial,
  type SpecialValue,
  typeNameOf,
} from './values.ts';

const maxInt = 9_223_372_036_854_775_807n;

function int(value: bigint): bigint {
  if (value > maxInt || value < -maxInt - 1n) throw new CelError('integer overflow');
  return value;
}

function uint(value: bigint): SpecialValue {
  if (value < 0n || value > 18_446_744_073_709_551_615n) throw new CelError('unsigned integer overflow');
  return { special: 'uint', value };
}

function big(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  return isSpecial(value) && value.special === 'uint' ? value.value : 0n;
}

function nanos(value: CelValue): bigint {
  return isSpecial(value) && (value.special === 'timestamp' || value.special === 'duration')
    ? value.nanoseconds
    : 0n;
}

function text(value: CelValue): string {
  return typeof value === 'string' ? value : '';
}

function real(value: CelValue): number {
  return typeof value === 'number' ? value : Number(big(value));
}

function divide(a: bigint, b: bigint, what: 'division' | 'modulus'): bigint {
  if (b === 0n) throw new CelError(what === 'division' ? 'division by zero' : 'modulus by zero');
  return what === 'division' ? a / b : a % b;
}

const duration = (nanoseconds: bigint): SpecialValue => ({ special: 'duration', nanoseconds });
const timestamp = (nanoseconds: bigint): SpecialValue => ({ special: 'timestamp', nanoseconds });

function compare(test: (order: number) => boolean): (a: CelValue, b: CelValue) => CelValue {
  return (a, b) => {
    const order = celCompare(a, b);
    if (order === undefined) throw new CelError('no such overload');
    return test(order);
  };
}

function sizeOf(value: CelValue): bigint {
  if (typeof value === 'string') return BigInt([...value].length);
  if (value instanceof Uint8Array || isList(value)) return BigInt(value.length);
  return isMap(value) ? BigInt(value.size) : 0n;
}

function contains(item: CelValue, collection: CelValue): boolean {
  if (isMap(collection)) {
    const isKey = typeof item === 'string' || typeof item === 'bigint' || typeof item === 'boolean';
    return isKey && collection.has(item);
  }
  return isList(collection) && collection.some((other) => celEqual(item, other));
}

/** Reads an RFC 3339 moment. */
export function readTimestamp(value: string): bigint | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(value);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${whole}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function dateOf(value: CelValue): Date {
  return new Date(Number(nanos(value) / 1_000_000n));
}

function formatTimestamp(value: CelValue): string {
  const fraction = (nanos(value) % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${dateOf(value).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function parseInteger(value: string): bigint {
  if (!/^[+-]?\d{1,30}$/.test(value)) throw new CelError(`type conversion error from '${value}' to 'int'`);
  return int(BigInt(value.replace(/^\+/, '')));
}

const quantityOf = (value: CelValue) => {
  if (isSpecial(value) && value.special === 'quantity') return value.quantity;
  throw new CelError('no such overload');
};

function readQuantity(value: CelValue): SpecialValue {
  const parsed = parseQuantity(text(value));
  if (!parsed.ok) throw new CelError(parsed.error);
  return { special: 'quantity', quantity: parsed.value };
}

const quantityFrom = (value: CelValue) =>
  typeof value === 'bigint' ? quantityOf(readQuantity(String(value))) : quantityOf(value);

const some = (value: CelValue): SpecialValue => ({ special: 'optional', value });
const none: SpecialValue = { special: 'optional' };
const inOptional = (value: CelValue): CelValue | undefined =>
  isSpecial(value) && value.special === 'optional' ? value.value : undefined;

function isZero(value: CelValue): boolean {
  if (isList(value)) return value.length === 0;
  if (isMap(value)) return value.size === 0;
  return value === null || value === '' || value === 0 || value === 0n || value === false;
}

const ordered = ['int', 'uint', 'double', 'string', 'bool', 'bytes', 'timestamp', 'duration'];
const numeric = ['int', 'uint', 'double'];
const pairs = [
  ...ordered.map((type) => [type, type] as const),
  ...numeric.flatMap((a) => numeric.filter((b) => b !== a).map((b) => [a, b] as const)),
];

function comparison(operator: string, test: (order: number) => boolean): FunctionTable {
  return Object.fromEntries(pairs.map(([a, b]) => [`${operator}(${a}, ${b}): bool`, compare(test)]));
}

const timeParts: FunctionTable = Object.fromEntries(
  Object.entries({
    getFullYear: (date: Date) => date.getUTCFullYear(),
    getMonth: (date: Date) => date.getUTCMonth(),
    getDate: (date: Date) => date.getUTCDate(),
    getDayOfMonth: (date: Date) => date.getUTCDate() - 1,
    getDayOfWeek: (date: Date) => date.getUTCDay(),
    getHours: (date: Date) => date.getUTCHours(),
    getMinutes: (date: Date) => date.getUTCMinutes(),
    getSeconds: (date: Date) => date.getUTCSeconds(),
    getMilliseconds: (date: Date) => date.getUTCMilliseconds(),
  }).map(([name, part]) => [`timestamp.${name}(): int`, (value: CelValue) => BigInt(part(dateOf(value)))]),
);

export const standardFunctions: FunctionTable = {
  '_==_(A, A): bool': (a, b) => celEqual(a ?? null, b ?? null),
  '_!=_(A, A): bool': (a, b) => !celEqual(a ?? null, b ?? null),
  ...comparison('_<_', (order) => order < 0),
  ...comparison('_<=_', (order) => order <= 0),
  ...comparison('_>_', (order) => order > 0),
  ...comparison('_>=_', (order) => order >= 0),
  '_+_(int, int): int': (a = null, b = null) => int(big(a) + big(b)),
  '_+_(uint, uint): uint': (a = null, b = null) => uint(big(a) + big(b)),
  '_+_(double, double): double': (a = null, b = null) => real(a) + real(b),
  '_+_(string, string): string': (a = null, b = null) => text(a) + text(b),
  '_+_(list<A>, list<A>): list<A>': (a = null, b = null) => [
    ...(isList(a) ? a : []),
    ...(isList(b) ? b : []),
  ],
  '_+_(timestamp, duration): timestamp': (a = null, b = null) => timestamp(nanos(a) + nanos(b)),
  '_+_(duration, timestamp): timestamp': (a = null, b = null) => timestamp(nanos(a) + nanos(b)),
  '_+_(duration, duration): duration': (a = null, b = null) => duration(nanos(a) + nanos(b)),
  '_-_(int, int): int': (a = null, b = null) => int(big(a) - big(b)),
  '_-_(uint, uint): uint': (a = null, b = null) => uint(big(a) - big(b)),
  '_-_(double, double): double': (a = null, b = null) => real(a) - real(b),
  '_-_(timestamp, timestamp): duration': (a = null, b = null) => duration(nanos(a) - nanos(b)),
  '_-_(timestamp, duration): timestamp': (a = null, b = null) => timestamp(nanos(a) - nanos(b)),
  '_-_(duration, duration): duration': (a = null, b = null) => duration(nanos(a) - nanos(b)),
  '_*_(int, int): int': (a = null, b = null) => int(big(a) * big(b)),
  '_*_(uint, uint): uint': (a = null, b = null) => uint(big(a) * big(b)),
  '_*_(double, double): double': (a = null, b = null) => real(a) * real(b),
  '_/_(int, int): int': (a = null, b = null) => int(divide(big(a), big(b), 'division')),
  '_/_(uint, uint): uint': (a = null, b = null) => uint(divide(big(a), big(b), 'division')),
  '_/_(double, double): double': (a = null, b = null) => real(a) / real(b),
  '_%_(int, int): int': (a = null, b = null) => divide(big(a), big(b), 'modulus'),
  '_%_(uint, uint): uint': (a = null, b = null) => uint(divide(big(a), big(b), 'modulus')),
  '-_(int): int': (a = null) => int(-big(a)),
  '-_(double): double': (a = null) => -real(a),
  '!_(bool): bool': (a) => a === false,
  '@in(A, list<A>): bool': (a = null, b = null) => contains(a, b),
  '@in(A, map<A, B>): bool': (a = null, b = null) => contains(a, b),
  ...Object.fromEntries(
    ['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => [
      [`size(${type}): int`, (value: CelValue = null) => sizeOf(value)],
      [`${type}.size(): int`, (value: CelValue = null) => sizeOf(value)],
    ]),
  ),
  'string.contains(string): bool': (a = null, b = null) => text(a).includes(text(b)),
  'string.startsWith(string): bool': (a = null, b = null) => text(a).startsWith(text(b)),
  'string.endsWith(string): bool': (a = null, b = null) => text(a).endsWith(text(b)),
  'string.matches(string): bool': (a = null, b = null) => matchesGoRegexp(text(b), text(a)),
  'matches(string, string): bool': (a = null, b = null) => matchesGoRegexp(text(b), text(a)),
  'dyn(A): dyn': (a = null) => a,
  'type(A): type': (a = null) => ({ special: 'type', name: typeNameOf(a) }),
  'int(int): int': (a = null) => a,
  'int(uint): int': (a = null) => int(big(a)),
  'int(double): int': (a = null) => int(BigInt(Math.trunc(real(a)))),
  'int(string): int': (a = null) => parseInteger(text(a)),
  'int(timestamp): int': (a = null) => nanos(a) / 1_000_000_000n,
  'uint(uint): uint': (a = null) => a,
  'uint(int): uint': (a = null) => uint(big(a)),
  'uint(double): uint': (a = null) => uint(BigInt(Math.trunc(real(a)))),
  'uint(string): uint': (a = null) => uint(parseInteger(text(a))),
  'double(double): double': (a = null) => a,
  'double(int): double': (a = null) => real(a),
  'double(uint): double': (a = null) => real(a),
  'double(string): double': (a = null) => {
    const value = Number(text(a));
    if (text(a).trim() === '' || Number.isNaN(value)) {
      throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(a)}: invalid syntax`);
    }
    return value;
  },
  'bool(bool): bool': (a = null) => a,
  'bool(string): bool': (a = null) => {
    const value = text(a);
    if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
    if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
    throw new CelError(`type conversion error from 'string' to 'bool'`);
  },
  'string(string): string': (a = null) => a,
  'string(bool): string': (a) => String(a === true),
  'string(int): string': (a = null) => String(big(a)),
  'string(uint): string': (a = null) => String(big(a)),
  'string(double): string': (a = null) => String(real(a)),
  'string(bytes): string': (a = null) => (a instanceof Uint8Array ? new TextDecoder().decode(a) : ''),
  'string(timestamp): string': (a = null) => formatTimestamp(a),
  'string(duration): string': (a = null) => `${Number(nanos(a)) / 1e9}s`,
  'bytes(bytes): bytes': (a = null) => a,
  'bytes(string): bytes': (a = null) => new TextEncoder().encode(text(a)),
  'duration(string): duration': (a = null) => {
    const value = parseGoDuration(text(a));
    if (value === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(a)}`);
    return duration(value);
  },
  'duration(duration): duration': (a = null) => a,
  'timestamp(timestamp): timestamp': (a = null) => a,
  'timestamp(int): timestamp': (a = null) => timestamp(big(a) * 1_000_000_000n),
  'timestamp(string): timestamp': (a = null) => {
    const value = readTimestamp(text(a));
    if (value === undefined) throw new CelError(`cannot parse ${JSON.stringify(a)} as a timestamp`);
    return timestamp(value);
  },
  ...timeParts,
  'duration.getHours(): int': (a = null) => nanos(a) / 3_600_000_000_000n,
  'duration.getMinutes(): int': (a = null) => nanos(a) / 60_000_000_000n,
  'duration.getSeconds(): int': (a = null) => nanos(a) / 1_000_000_000n,
  'duration.getMilliseconds(): int': (a = null) => (nanos(a) / 1_000_000n) % 1000n,
  'optional.of(A): optional<A>': (a = null) => some(a),
  'optional.none(): optional<A>': () => none,
  'optional.ofNonZeroValue(A): optional<A>': (a = null) => (isZero(a) ? none : some(a)),
  'optional<A>.hasValue(): bool': (a = null) => inOptional(a) !== undefined,
  'optional<A>.value(): A': (a = null) => {
    const value = inOptional(a);
    if (value === undefined) throw new CelError('optional.none() dereference');
    return value;
  },
  'optional<A>.orValue(A): A': (a = null, b = null) => inOptional(a) ?? (isNone(a) ? b : null),
  'optional<A>.or(optional<A>): optional<A>': (a = null, b = null) => (isNone(a) ? b : a),
  'quantity(string): kubernetes.Quantity': (a = null) => readQuantity(a),
  'isQuantity(string): bool': (a = null) => parseQuantity(text(a)).ok,
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': (a = null, b = null) =>
    compareQuantities(quantityOf(a), quantityOf(b)) < 0,
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': (a = null, b = null) =>
    compareQuantities(quantityOf(a), quantityOf(b)) > 0,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': (a = null, b = null) =>
    BigInt(Math.sign(compareQuantities(quantityOf(a), quantityOf(b)))),
  'kubernetes.Quantity.sign(): int': (a = null) => {
    const { nano } = quantityOf(a);
    return nano > 0n ? 1n : nano < 0n ? -1n : 0n;
  },
  'kubernetes.Quantity.isInteger(): bool': (a = null) => quantityOf(a).nano % 1_000_000_000n === 0n,
  'kubernetes.Quantity.asInteger(): int': (a = null) => {
    const { nano } = quantityOf(a);
    if (nano % 1_000_000_000n !== 0n) throw new CelError('cannot convert value to integer');
    return int(nano / 1_000_000_000n);
  },
  'kubernetes.Quantity.asApproximateFloat(): double': (a = null) => Number(quantityOf(a).nano) / 1e9,
  ...Object.fromEntries(
    ['kubernetes.Quantity', 'int'].flatMap((type) => [
      [
        `kubernetes.Quantity.add(${type}): kubernetes.Quantity`,
        (a: CelValue = null, b: CelValue = null): CelValue => ({
          special: 'quantity',
          quantity: addQuantities(quantityOf(a), quantityFrom(b)),
        }),
      ],
      [
        `kubernetes.Quantity.sub(${type}): kubernetes.Quantity`,
        (a: CelValue = null, b: CelValue = null): CelValue => ({
          special: 'quantity',
          quantity: subtractQuantities(quantityOf(a), quantityFrom(b)),
        }),
      ],
    ]),
  ),
};

function isNone(value: CelValue): boolean {
  return isSpecial(value) && value.special === 'optional' && value.value === undefined;
}
