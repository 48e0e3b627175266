/**
 * Copies the state of a running cluster so that both copies can go their own way.
 *
 * Every part of the engine keeps what changes in a tree of plain data: objects, arrays, Map, Set, SortedMap and
 * scalars, no functions. So one walk copies everything. Frozen objects and bytes are shared, since nobody
 * may change them; a SortedMap is cloned in O(1), sharing its nodes, and holds only frozen values. Two places
 * that point at one object point at one copy afterwards.
 */

import { InvariantError } from './result.ts';
import { SortedMapClass } from './sorted-map.ts';

/**
 * Returns a copy of a state tree that shares only what is immutable.
 *
 * @throws InvariantError when the tree holds a function or an instance of a class, which have no place in state.
 */
export function forkState<T>(state: T): T;
export function forkState(state: unknown): unknown {
  return copy(state, new Map());
}

function copy(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function') throw new InvariantError('a function has no place in state');
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (value instanceof SortedMapClass) return remember(seen, value, value.clone());
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const target: unknown[] = [];
    seen.set(value, target);
    for (const item of value) target.push(copy(item, seen));
    return target;
  }
  if (value instanceof Map) {
    const target = new Map<unknown, unknown>();
    seen.set(value, target);
    for (const [key, item] of value) target.set(copy(key, seen), copy(item, seen));
    return target;
  }
  if (value instanceof Set) {
    const target = new Set<unknown>();
    seen.set(value, target);
    for (const item of value) target.add(copy(item, seen));
    return target;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvariantError(`an instance of ${value.constructor.name} has no place in state`);
  }
  const target: Record<string, unknown> = {};
  seen.set(value, target);
  for (const [key, item] of Object.entries(value)) target[key] = copy(item, seen);
  return target;
}

function remember(seen: Map<object, unknown>, from: object, to: object): object {
  seen.set(from, to);
  return to;
}
