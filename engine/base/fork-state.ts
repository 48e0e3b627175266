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
  // What there is most of comes first: this runs over the whole cluster for every attempt and every check.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return copyObject(value, seen);
  if (Array.isArray(value)) {
    const target: unknown[] = [];
    seen.set(value, target);
    for (const item of value) target.push(isScalar(item) ? item : copy(item, seen));
    return target;
  }
  if (value instanceof Map) {
    const target = new Map<unknown, unknown>();
    seen.set(value, target);
    for (const [key, item] of value) {
      target.set(isScalar(key) ? key : copy(key, seen), isScalar(item) ? item : copy(item, seen));
    }
    return target;
  }
  if (value instanceof Set) {
    const target = new Set<unknown>();
    seen.set(value, target);
    for (const item of value) target.add(isScalar(item) ? item : copy(item, seen));
    return target;
  }
  if (value instanceof SortedMapClass) {
    const target = value.clone();
    seen.set(value, target);
    return target;
  }
  if (value instanceof Uint8Array) return value;
  throw new InvariantError(`an instance of ${value.constructor.name} has no place in state`);
}

function copyObject(value: object, seen: Map<object, unknown>): object {
  // The spread keeps the shape, so that the parts' code stays fast on the copy.
  const target: Record<string, unknown> = { ...value };
  seen.set(value, target);
  for (const key of Object.keys(target)) {
    const item = target[key];
    if (!isScalar(item)) target[key] = copy(item, seen);
  }
  return target;
}

function isScalar(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null;
}
