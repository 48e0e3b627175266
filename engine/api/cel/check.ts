/**
 * Finds out before a rule runs what it can't mean: fields that are not there, functions that take other types. Source:
 * cel-go/checker, and its words (checker/errors.go).
 */
import { parseGoDuration } from '../custom/go-duration.ts';
import { compileGoRegexp } from '../custom/go-regexp.ts';
import { overloadsOf } from './functions.ts';
import type { Expr } from './parse.ts';
import { readTimestamp } from './standard-functions.ts';
import {
  boolType,
  type CelType,
  dynType,
  formatType,
  intType,
  isAssignable,
  isDyn,
  simpleType,
  stringType,
  substitute,
} from './types.ts';
import { runtimeType } from './values.ts';

/** What is wrong, and where. */
export interface TypeProblem {
  readonly message: string;
  readonly at: number;
}

/** The types of the variables of a rule. */
export type Scope = ReadonlyMap<string, CelType>;

/** Names of types, which are values. */
export const typeNames: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
]);

/** The type of a rule's result, and what is wrong with it. */
export function checkCel(
  expr: Expr,
  scope: Scope,
): { readonly type: CelType; readonly problems: readonly TypeProblem[] } {
  const problems: TypeProblem[] = [];
  const type = new Checker(problems).check(expr, scope);
  return { type, problems };
}

class Checker {
  readonly #problems: TypeProblem[];

  constructor(problems: TypeProblem[]) {
    this.#problems = problems;
  }

  check(expr: Expr, scope: Scope): CelType {
    switch (expr.op) {
      case 'literal':
        return runtimeType(expr.value);
      case 'name':
        return this.#checkName(expr.name, expr.at, scope);
      case 'select':
        return this.#checkSelect(expr, scope);
      case 'has':
        this.#selected(this.check(expr.operand, scope), expr.field, expr.at);
        return boolType;
      case 'index':
        return this.#checkIndex(expr, scope);
      case 'call':
        return this.#checkCall(expr, scope);
      case 'list':
        return { kind: 'list', element: this.#same(expr.items, scope) };
      case 'map':
        return {
          kind: 'map',
          key: this.#same(
            expr.entries.map(([key]) => key),
            scope,
          ),
          value: this.#same(
            expr.entries.map(([, value]) => value),
            scope,
          ),
        };
      case 'and':
      case 'or':
        for (const side of [expr.left, expr.right]) this.#wantBool(this.check(side, scope), side.at);
        return boolType;
      case 'choice':
        return this.#checkChoice(expr, scope);
      case 'each':
        return this.#checkEach(expr, scope);
    }
  }

  #fail(at: number, message: string): CelType {
    this.#problems.push({ at, message });
    return dynType;
  }

  #checkName(name: string, at: number, scope: Scope): CelType {
    const known = scope.get(name);
    if (known !== undefined) return known;
    return typeNames.has(name)
      ? simpleType('type')
      : this.#fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  #checkSelect(expr: Expr & { readonly op: 'select' }, scope: Scope): CelType {
    const path = pathOf(expr);
    if (path !== undefined && knownTypes.has(path)) return simpleType('type');
    const operand = this.check(expr.operand, scope);
    const inner = operand.kind === 'optional' ? operand.value : operand;
    const selected = this.#selected(inner, expr.field, expr.at);
    return expr.isOptional || operand.kind === 'optional' ? { kind: 'optional', value: selected } : selected;
  }

  #selected(operand: CelType, field: string, at: number): CelType {
    const type = operand.kind === 'optional' ? operand.value : operand;
    if (isDyn(type)) return dynType;
    if (type.kind === 'map') return type.value;
    if (type.kind === 'object') return type.fields.get(field) ?? this.#fail(at, `undefined field '${field}'`);
    return this.#fail(at, `type '${formatType(type)}' does not support field selection`);
  }

  #checkIndex(expr: Expr & { readonly op: 'index' }, scope: Scope): CelType {
    const operand = this.check(expr.operand, scope);
    const index = this.check(expr.index, scope);
    const type = operand.kind === 'optional' ? operand.value : operand;
    const wrap = (value: CelType): CelType =>
      expr.isOptional || operand.kind === 'optional' ? { kind: 'optional', value } : value;
    if (isDyn(type)) return wrap(dynType);
    if (type.kind === 'list' && isAssignable(intType, index, new Map())) return wrap(type.element);
    if (type.kind === 'map' && isAssignable(type.key, index, new Map())) return wrap(type.value);
    const given = `(${formatType(type)}, ${formatType(index)})`;
    return this.#fail(expr.at, `found no matching overload for '_[_]' applied to '${given}'`);
  }

  #checkCall(expr: Expr & { readonly op: 'call' }, scope: Scope): CelType {
    const { name, isMember, args } = expr;
    const types = args.map((arg) => {
      if (name !== 'format' || arg.op !== 'list') return this.check(arg, scope);
      // What is put into a text may be of any types.
      for (const item of arg.items) this.check(item, scope);
      return { kind: 'list', element: dynType } as const;
    });
    const overloads = overloadsOf(name);
    if (overloads.length === 0) {
      return this.#fail(expr.at, `undeclared reference to '${name}' (in container '')`);
    }
    const results: CelType[] = [];
    for (const overload of overloads) {
      if (overload.isMember !== isMember || overload.parameters.length !== types.length) continue;
      const bindings = new Map<string, CelType>();
      const fits = overload.parameters.every((wanted, index) =>
        isAssignable(wanted, types[index] ?? dynType, bindings),
      );
      if (fits) results.push(substitute(overload.result, bindings));
    }
    const [first] = results;
    if (first === undefined) {
      const given = types.map(formatType);
      const shown = isMember ? `${given[0] ?? ''}.(${given.slice(1).join(', ')})` : `(${given.join(', ')})`;
      return this.#fail(expr.at, `found no matching overload for '${name}' applied to '${shown}'`);
    }
    this.#checkLiteral(name, args.at(-1));
    return this.#common(results);
  }

  /** Texts that have to be of a form are looked at now when they stand in the rule. */
  #checkLiteral(name: string, arg: Expr | undefined): void {
    if (arg?.op !== 'literal' || typeof arg.value !== 'string') return;
    const isWrong =
      (name === 'matches' && !compileGoRegexp(arg.value).ok) ||
      (name === 'duration' && parseGoDuration(arg.value) === undefined) ||
      (name === 'timestamp' && readTimestamp(arg.value) === undefined);
    if (isWrong) this.#fail(arg.at, `invalid ${name} argument`);
  }

  /** The one type of what stands in a list or map. */
  #same(parts: readonly Expr[], scope: Scope): CelType {
    const types = parts.map((part) => this.check(part, scope));
    const [first] = types;
    if (first === undefined) return { kind: 'param', name: 'A' };
    for (const [index, type] of types.entries()) {
      if (isAssignable(first, type, new Map())) continue;
      const message = `expected type '${formatType(first)}' but found '${formatType(type)}'`;
      this.#fail(parts[index]?.at ?? 0, message);
    }
    return first;
  }

  #checkChoice(expr: Expr & { readonly op: 'choice' }, scope: Scope): CelType {
    const condition = this.check(expr.condition, scope);
    const left = this.check(expr.left, scope);
    const right = this.check(expr.right, scope);
    const isBool = isAssignable(boolType, condition, new Map());
    if (isBool && (isAssignable(left, right, new Map()) || isAssignable(right, left, new Map()))) {
      return isDyn(left) ? right : left;
    }
    const given = [condition, left, right].map(formatType).join(', ');
    return this.#fail(expr.at, `found no matching overload for '_?_:_' applied to '(${given})'`);
  }

  #checkEach(expr: Expr & { readonly op: 'each' }, scope: Scope): CelType {
    const range = this.check(expr.range, scope);
    const { macro, variables } = expr;
    const inner = new Map(scope);
    const [first = '', second] = variables;
    if (macro === 'optMap' || macro === 'optFlatMap') {
      inner.set(first, range.kind === 'optional' ? range.value : dynType);
      const body = this.check(expr.body, inner);
      return macro === 'optMap' ? { kind: 'optional', value: body } : body;
    }
    const parts = partsOf(range);
    if (parts === undefined) {
      return this.#fail(
        expr.range.at,
        `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    }
    if (second === undefined) inner.set(first, range.kind === 'map' ? parts.key : parts.value);
    else inner.set(first, parts.key).set(second, parts.value);
    if (expr.filter !== undefined) this.#wantBool(this.check(expr.filter, inner), expr.filter.at);
    const body = this.check(expr.body, inner);
    if (macro === 'map') return { kind: 'list', element: body };
    if (macro === 'transformMap') return { kind: 'map', key: parts.key, value: body };
    this.#wantBool(body, expr.body.at);
    return macro === 'filter'
      ? { kind: 'list', element: range.kind === 'map' ? parts.key : parts.value }
      : boolType;
  }

  #wantBool(type: CelType, at: number): void {
    if (!isAssignable(boolType, type, new Map())) {
      this.#fail(at, `expected type 'bool' but found '${formatType(type)}'`);
    }
  }

  /** The one type that all have, or any. */
  #common(types: readonly CelType[]): CelType {
    const [first, ...rest] = types;
    if (first === undefined) return { kind: 'param', name: 'A' };
    return rest.every((type) => isAssignable(first, type, new Map()) && isAssignable(type, first, new Map()))
      ? first
      : dynType;
  }
}

/** Types whose names have several words. */
export const knownTypes: ReadonlySet<string> = new Set([
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.URL',
]);

/** `a.b.c` when a tree is nothing but names with dots. */
export function pathOf(expr: Expr): string | undefined {
  if (expr.op === 'name') return expr.name;
  if (expr.op !== 'select' || expr.isOptional) return undefined;
  const before = pathOf(expr.operand);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}

function partsOf(range: CelType): { readonly key: CelType; readonly value: CelType } | undefined {
  if (isDyn(range) || range.kind === 'param') return { key: dynType, value: dynType };
  if (range.kind === 'list') return { key: intType, value: range.element };
  if (range.kind === 'map') return { key: range.key, value: range.value };
  return range.kind === 'object' && range.fields.size === 0 ? { key: stringType, value: dynType } : undefined;
}
