/**
 * Values of CEL while a rule runs. Numbers keep their kind: `bigint` is an int, `number` a double. Source:
 * github.com/google/cel-spec, langdef.md.
 */
import type ipaddr from 'ipaddr.js';
import type { Quantity } from '../quantity.ts';
import type { CelType } from './types.ts';
import { dynType, simpleType } from './types.ts';

/** Values that JavaScript has no word for. */
export type SpecialValue =
  | { readonly special: 'uint'; readonly value: bigint }
  | { readonly special: 'timestamp'; readonly nanoseconds: bigint }
  | { readonly special: 'duration'; readonly nanoseconds: bigint }
  | { readonly special: 'type'; readonly name: string }
  | { readonly special: 'optional'; readonly value?: CelValue }
  | { readonly special: 'quantity'; readonly quantity: Quantity }
  | { readonly special: 'ip'; readonly address: ipaddr.IPv4 | ipaddr.IPv6 }
  | { readonly special: 'cidr'; readonly address: ipaddr.IPv4 | ipaddr.IPv6; readonly length: number }
  | { readonly special: 'url'; readonly url: URL; readonly text: string }
  | { readonly special: 'format'; readonly name: string };

export type CelKey = string | bigint | boolean;

/** Structs are maps, too. */
export type CelMap = ReadonlyMap<CelKey, CelValue>;

export type CelValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | Uint8Array
  | readonly CelValue[]
  | CelMap
  | SpecialValue;

/** What ends a rule without a result, in cel-go's words. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

export function isMap(value: CelValue): value is CelMap {
  return value instanceof Map;
}

/** Whether a value is one of those that JavaScript has no word for. */
export function isSpecial(value: CelValue): value is SpecialValue {
  return typeof value === 'object' && value !== null && 'special' in value;
}

/** The name of a value's type, as `type()` gives it. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return 'bytes';
  if (isList(value)) return 'list';
  return isSpecial(value) ? specialNames[value.special] : 'map';
}

const specialNames = {
  uint: 'uint',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  type: 'type',
  optional: 'optional_type',
  quantity: 'kubernetes.Quantity',
  ip: 'net.IP',
  cidr: 'net.CIDR',
  url: 'kubernetes.URL',
  format: 'kubernetes.NamedFormat',
} as const;

/** The type of a value as signatures name it; what is in lists and maps counts as any. */
export function runtimeType(value: CelValue): CelType {
  if (isList(value)) return { kind: 'list', element: dynType };
  if (isMap(value)) return { kind: 'map', key: dynType, value: dynType };
  if (value === null) return simpleType('null');
  if (isSpecial(value)) {
    if (value.special === 'optional') return { kind: 'optional', value: dynType };
    const short = value.special === 'timestamp' || value.special === 'duration';
    return simpleType(short ? value.special : specialNames[value.special]);
  }
  return simpleType(typeNameOf(value));
}

/** How the items of a list are told apart: a set has no order, and a map goes by keys. */
export interface ListSemantics {
  readonly listType: string;
  readonly keys: readonly string[];
}

// A list is a JavaScript array like any other; what its schema says of it stands beside it.
const semantics = new WeakMap<readonly CelValue[], ListSemantics>();

/** Notes what a list's schema says of its items. */
export function withSemantics(list: readonly CelValue[], of: ListSemantics): readonly CelValue[] {
  semantics.set(list, of);
  return list;
}

/** Whether two values are equal; numbers are compared across their kinds. */
export function celEqual(a: CelValue, b: CelValue): boolean {
  if (a === b) return true;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return !(left < right) && !(left > right);
  if (isList(a) && isList(b)) return listsEqual(a, b);
  if (isMap(a) && isMap(b)) {
    return (
      a.size === b.size && [...a].every(([key, value]) => b.has(key) && celEqual(value, b.get(key) ?? null))
    );
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  if (isSpecial(a) && isSpecial(b)) return specialKey(a) === specialKey(b) && optionalsEqual(a, b);
  return false;
}

function listsEqual(a: readonly CelValue[], b: readonly CelValue[]): boolean {
  if (a.length !== b.length) return false;
  const of = semantics.get(a) ?? semantics.get(b);
  if (of?.listType !== 'set' && of?.listType !== 'map') {
    return a.every((item, index) => celEqual(item, b[index] ?? null));
  }
  return a.every((item) => b.some((other) => celEqual(item, other)));
}

function optionalsEqual(a: SpecialValue, b: SpecialValue): boolean {
  if (a.special !== 'optional' || b.special !== 'optional') return true;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return celEqual(a.value, b.value);
}

function specialKey(value: SpecialValue): string {
  switch (value.special) {
    case 'uint':
      return `uint ${value.value}`;
    case 'timestamp':
    case 'duration':
      return `${value.special} ${value.nanoseconds}`;
    case 'type':
    case 'format':
      return `${value.special} ${value.name}`;
    case 'optional':
      return 'optional';
    case 'quantity':
      return `quantity ${value.quantity.nano}`;
    case 'ip':
      return `ip ${value.address.toNormalizedString()}`;
    case 'cidr':
      return `cidr ${value.address.toNormalizedString()}/${value.length}`;
    case 'url':
      return `url ${value.url.href}`;
  }
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return isSpecial(value) && value.special === 'uint' ? value.value : undefined;
}

/** The order of two values: negative, zero, positive; undefined when there is none. */
export function celCompare(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [orderOf(a), orderOf(b)];
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === 'string' || typeof right === 'string') {
    if (typeof left !== typeof right) return undefined;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function orderOf(value: CelValue): bigint | number | string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isSpecial(value) && (value.special === 'timestamp' || value.special === 'duration'))
    return value.nanoseconds;
  if (value instanceof Uint8Array) return [...value].map((byte) => String.fromCharCode(byte)).join('');
  return numberOf(value);
}
