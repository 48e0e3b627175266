/** Lists and sets. Source: k8s.io/apiserver/pkg/cel/library/lists.go, cel-go/ext sets.go and lists.go. */
import type { FunctionTable } from './function-table.ts';
import { CelError, type CelValue, celCompare, celEqual, isList } from './values.ts';

const items = (value: CelValue | undefined): readonly CelValue[] =>
  value !== undefined && isList(value) ? value : [];

function extreme(value: CelValue | undefined, name: 'min' | 'max'): CelValue {
  const [first, ...rest] = items(value);
  if (first === undefined) throw new CelError(`${name} called on empty list`);
  return rest.reduce((best, item) => {
    const order = celCompare(item, best) ?? 0;
    return (name === 'min' ? order < 0 : order > 0) ? item : best;
  }, first);
}

function isSorted(value: CelValue | undefined): boolean {
  const list = items(value);
  return list.every((item, index) => index === 0 || (celCompare(list[index - 1] ?? null, item) ?? 0) <= 0);
}

function sum(value: CelValue | undefined): CelValue {
  const list = items(value);
  if (list.some((item) => typeof item === 'number')) {
    return list.reduce<number>((total, item) => total + Number(item), 0);
  }
  return list.reduce<bigint>((total, item) => total + (typeof item === 'bigint' ? item : 0n), 0n);
}

function distinct(list: readonly CelValue[]): readonly CelValue[] {
  return list.filter((item, index) => list.findIndex((other) => celEqual(item, other)) === index);
}

function slice(list: readonly CelValue[], start: CelValue, end: CelValue): readonly CelValue[] {
  const [from, to] = [Number(start), Number(end)];
  if (from < 0 || to < 0) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > list.length) throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return list.slice(from, to);
}

function flatten(list: readonly CelValue[], depth: number): readonly CelValue[] {
  if (depth <= 0) return list;
  return list.flatMap((item) => (isList(item) ? flatten(item, depth - 1) : [item]));
}

const holds = (list: readonly CelValue[], item: CelValue) => list.some((other) => celEqual(item, other));

export const listFunctions: FunctionTable = {
  'list<A>.isSorted(): bool': (a) => isSorted(a),
  'list<A>.sum(): A': (a) => sum(a),
  'list<A>.min(): A': (a) => extreme(a, 'min'),
  'list<A>.max(): A': (a) => extreme(a, 'max'),
  'list<A>.indexOf(A): int': (a, b = null) => BigInt(items(a).findIndex((item) => celEqual(item, b))),
  'list<A>.lastIndexOf(A): int': (a, b = null) => BigInt(items(a).findLastIndex((item) => celEqual(item, b))),
  'list<A>.distinct(): list<A>': (a) => distinct(items(a)),
  'list<A>.reverse(): list<A>': (a) => items(a).toReversed(),
  'list<A>.sort(): list<A>': (a) => items(a).toSorted((x, y) => celCompare(x, y) ?? 0),
  'list<A>.slice(int, int): list<A>': (a, b = null, c = null) => slice(items(a), b, c),
  'list<A>.flatten(): list<dyn>': (a) => flatten(items(a), 1),
  'list<A>.flatten(int): list<dyn>': (a, b) => flatten(items(a), Math.min(Number(b), 100)),
  'list<A>.first(): optional<A>': (a) => optionalItem(items(a).at(0)),
  'list<A>.last(): optional<A>': (a) => optionalItem(items(a).at(-1)),
  'lists.range(int): list<int>': (a) => {
    const length = Number(a);
    if (length > 10_000) throw new CelError('lists.range() size exceeds the limit');
    return Array.from({ length: Math.max(length, 0) }, (_, index) => BigInt(index));
  },
  'sets.contains(list<A>, list<A>): bool': (a, b) => items(b).every((item) => holds(items(a), item)),
  'sets.equivalent(list<A>, list<A>): bool': (a, b) =>
    items(a).every((item) => holds(items(b), item)) && items(b).every((item) => holds(items(a), item)),
  'sets.intersects(list<A>, list<A>): bool': (a, b) => items(a).some((item) => holds(items(b), item)),
};

function optionalItem(item: CelValue | undefined): CelValue {
  return item === undefined ? { special: 'optional' } : { special: 'optional', value: item };
}
