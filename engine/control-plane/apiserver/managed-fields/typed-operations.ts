/**
 * What server-side apply does with objects: list their fields, compare two, merge one into another, take fields out. Source:
 * sigs.k8s.io/structured-merge-diff/typed (tofieldset.go, compare.go, merge.go, remove.go).
 */
import type { Schema } from '../../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../../base/json.ts';
import { type FieldSet, isBelow, pathBelow } from './field-set.ts';
import {
  distinctPartsOf,
  fromParts,
  isMapKey,
  isWhole,
  type Part,
  partsOf,
  type Shape,
  shapeOfField,
} from './typed-value.ts';

/** Every field of a value. */
export function fieldSetOf(schema: Schema, shape: Shape, value: JsonValue): FieldSet {
  const fields = new Set<string>();
  const visit = (part: { readonly shape: Shape; readonly value: JsonValue }, path: string): void => {
    const parts = distinctPartsOf(schema, part.shape, part.value);
    if (isWhole(part.shape, part.value) || parts.length === 0) {
      if (path !== '') fields.add(path);
      return;
    }
    for (const inner of parts) {
      const below = pathBelow(path, inner.element);
      if (isMapKey(schema, part.shape, inner.element)) fields.add(below);
      visit(inner, below);
    }
  };
  visit({ shape, value }, '');
  return fields;
}

/** How two objects differ, field by field. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two values of one shape. */
export function compareTyped(schema: Schema, shape: Shape, before: JsonValue, after: JsonValue): Comparison {
  const added = new Set<string>();
  const modified = new Set<string>();
  const removed = new Set<string>();
  const visitObjects = (at: Shape, was: JsonObject, is: JsonObject, path: string): void => {
    const visitMember = (name: string, one: JsonValue | undefined, other: JsonValue | undefined): void => {
      // A write shares with the stored object what it does not change: most members need no path.
      if (one !== other) visit(shapeOfField(schema, at, name), one, other, pathBelow(path, `f:${name}`));
    };
    for (const name of Object.keys(was)) {
      visitMember(name, was[name], Object.hasOwn(is, name) ? is[name] : undefined);
    }
    for (const name of Object.keys(is)) if (!Object.hasOwn(was, name)) visitMember(name, undefined, is[name]);
  };
  const listAll = (at: Shape, value: JsonValue | undefined, path: string, to: Set<string>): void => {
    if (path !== '') to.add(path);
    if (isWhole(at, value)) return;
    for (const part of distinctPartsOf(schema, at, value)) {
      listAll(part.shape, part.value, pathBelow(path, part.element), to);
    }
  };
  const visit = (at: Shape, was: JsonValue | undefined, is: JsonValue | undefined, path: string): void => {
    if (was === is) return;
    if (was === undefined || is === undefined) {
      listAll(at, was ?? is, path, was === undefined ? added : removed);
      return;
    }
    if (isWhole(at, was) || isWhole(at, is)) {
      if (!jsonEqual(was, is)) modified.add(path);
      return;
    }
    if (isJsonObject(was) && isJsonObject(is)) {
      visitObjects(at, was, is, path);
      return;
    }
    // Most lists are the same, which is told much faster than by taking them apart.
    if (jsonEqual(was, is)) return;
    const left = new Map(distinctPartsOf(schema, at, was).map((part) => [part.element, part]));
    const right = new Map(distinctPartsOf(schema, at, is).map((part) => [part.element, part]));
    // Of two that have no parts, one is null and the other empty, which is a change of the whole.
    if (left.size === 0 && right.size === 0) modified.add(path);
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      const one = left.get(element);
      const other = right.get(element);
      const below = pathBelow(path, element);
      const inner = (other ?? one)?.shape;
      if (one !== undefined && other !== undefined && one.isRepeated !== other.isRepeated) {
        // What was one piece is taken apart, or the other way round.
        listAll(one.shape, one.value, below, removed);
        listAll(other.shape, other.value, below, added);
      } else if (inner !== undefined) visit(inner, one?.value, other?.value, below);
    }
  };
  visit(shape, before, after, '');
  return { added, modified, removed };
}

/** The value with everything that `config` says; lists keep what only the value has, in its place. */
export function mergeTyped(schema: Schema, shape: Shape, value: JsonValue, config: JsonValue): JsonValue {
  if (isWhole(shape, value) || isWhole(shape, config)) return config;
  const before = partsOf(schema, shape, value);
  const wanted = partsOf(schema, shape, config);
  const known = new Map(before.map((part) => [part.element, part]));
  const merged = new Map(before.map((part): [string, Part] => [part.element, part]));
  for (const part of wanted) {
    const old = known.get(part.element);
    const inner = old === undefined ? part.value : mergeTyped(schema, part.shape, old.value, part.value);
    merged.set(part.element, { ...part, value: inner });
  }
  const order = mergedOrder(
    before.map(({ element }) => element),
    wanted.map(({ element }) => element),
  );
  return fromParts(
    shape,
    order.flatMap((element) => {
      const part = merged.get(element);
      return part === undefined ? [] : [part];
    }),
  );
}

/**
 * The order of a merged list: what both have stands as `wanted` has it, what only `before` has keeps its place before the
 * next shared element, what is new comes before the next shared one as well, and after what is old.
 */
function mergedOrder(before: readonly string[], wanted: readonly string[]): readonly string[] {
  const isOld = new Set(before);
  const isWanted = new Set(wanted);
  const shared = wanted.filter((element) => isOld.has(element));
  const order: string[] = [];
  let old = 0;
  let next = 0;
  while (old < before.length || next < wanted.length) {
    const left = before[old];
    const right = wanted[next];
    const isOther = left !== undefined && isWanted.has(left) && left !== right;
    if (isOther && right !== undefined && shared[0] !== undefined && shared[0] !== left) {
      // Shared, but its turn in the wanted order has not come or is over.
      old += 1;
    } else if (left !== undefined && !isWanted.has(left)) {
      order.push(left);
      old += 1;
    } else {
      if (left === right || right === undefined) old += 1;
      if (right === undefined) continue;
      order.push(right);
      next += 1;
      if (shared[0] === right) shared.shift();
    }
  }
  return order;
}

/** The value without the fields of a set; a map or list that loses its last part goes with it. */
export function removeFields(schema: Schema, shape: Shape, value: JsonValue, fields: FieldSet): JsonValue {
  const isTouched = (path: string): boolean => [...fields].some((field) => isBelow(field, path));
  const visit = (at: Shape, current: JsonValue, path: string): JsonValue | undefined => {
    if (path !== '' && fields.has(path)) return undefined;
    if (isWhole(at, current) || (path !== '' && !isTouched(path))) return current;
    const parts = partsOf(schema, at, current);
    const kept = parts.flatMap((part) => {
      const inner = visit(part.shape, part.value, pathBelow(path, part.element));
      return inner === undefined ? [] : [{ element: part.element, value: inner }];
    });
    return kept.length === 0 && parts.length > 0 ? undefined : fromParts(at, kept);
  };
  return visit(shape, value, '') ?? fromParts(shape, []);
}
