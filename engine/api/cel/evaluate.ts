/**
 * Runs a rule. Each step costs, and a rule that costs more than it may is ended: no rule can hang the server. Source:
 * cel-go/interpreter for the meaning, k8s.io/apiserver/pkg/cel/library/cost.go for what texts and lists cost.
 *
 * Differs: costs are of the same order as upstream's, not the same to the unit.
 */
import { knownTypes, pathOf, typeNames } from './check.ts';
import { overloadsOf } from './functions.ts';
import type { Expr } from './parse.ts';
import { isAssignable } from './types.ts';
import {
  CelError,
  type CelKey,
  type CelValue,
  isList,
  isMap,
  isSpecial,
  runtimeType,
  typeNameOf,
} from './values.ts';

/** The rule cost more than one call may. */
export class CostExceededError extends Error {
  override readonly name = 'CostExceededError';
}

/** The variables of a rule. */
export interface Activation {
  get(name: string): CelValue | undefined;
}

/** What came of a run. */
export interface Evaluation {
  readonly value: CelValue;
  readonly cost: number;
}

/**
 * Runs a rule.
 *
 * @throws CelError when the rule has no value, with cel-go's words.
 * @throws CostExceededError when it costs more than `limit`.
 */
export function evaluateCel(expr: Expr, variables: Activation, limit: number): Evaluation {
  const evaluator = new Evaluator(limit);
  const value = evaluator.run(expr, variables);
  return { value, cost: evaluator.cost };
}

class Evaluator {
  cost = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  #charge(amount: number): void {
    this.cost += amount;
    if (this.cost > this.#limit)
      throw new CostExceededError('operation cancelled: actual cost limit exceeded');
  }

  run(expr: Expr, variables: Activation): CelValue {
    this.#charge(1);
    switch (expr.op) {
      case 'literal':
        return expr.value;
      case 'name': {
        const value = variables.get(expr.name);
        if (value !== undefined) return value;
        if (typeNames.has(expr.name)) return { special: 'type', name: expr.name };
        throw new CelError(`no such attribute(s): ${expr.name}`);
      }
      case 'select':
        return this.#select(expr, variables);
      case 'has': {
        const operand = this.run(expr.operand, variables);
        // A null counts as absent here, as upstream's maps of unstructured values have it.
        return isMap(operand) && (operand.get(expr.field) ?? null) !== null;
      }
      case 'index':
        return this.#index(expr, variables);
      case 'call':
        return this.#call(
          expr.name,
          expr.isMember,
          expr.args.map((arg) => this.run(arg, variables)),
        );
      case 'list':
        return expr.items.map((item) => this.run(item, variables));
      case 'map':
        return new Map(
          expr.entries.map(([key, value]) => [keyOf(this.run(key, variables)), this.run(value, variables)]),
        );
      case 'and':
      case 'or':
        return this.#decide(expr.op === 'or', [
          () => this.run(expr.left, variables),
          () => this.run(expr.right, variables),
        ]);
      case 'choice':
        return this.run(this.run(expr.condition, variables) === true ? expr.left : expr.right, variables);
      case 'each':
        return this.#each(expr, variables);
    }
  }

  #select(expr: Expr & { readonly op: 'select' }, variables: Activation): CelValue {
    const path = pathOf(expr);
    if (path !== undefined && knownTypes.has(path)) return { special: 'type', name: path };
    return this.#access(this.run(expr.operand, variables), expr.field, expr.isOptional);
  }

  #index(expr: Expr & { readonly op: 'index' }, variables: Activation): CelValue {
    const operand = this.run(expr.operand, variables);
    return this.#access(operand, keyOf(this.run(expr.index, variables)), expr.isOptional);
  }

  #access(operand: CelValue, key: CelKey, isOptional: boolean): CelValue {
    if (isSpecial(operand) && operand.special === 'optional') {
      return operand.value === undefined ? operand : this.#access(operand.value, key, true);
    }
    const value = memberOf(operand, key);
    if (isOptional) return value === undefined ? { special: 'optional' } : { special: 'optional', value };
    if (value !== undefined) return value;
    if (isList(operand)) throw new CelError(`index out of bounds: ${String(key)}`);
    throw new CelError(`no such key: ${String(key)}`);
  }

  #call(name: string, isMember: boolean, args: readonly CelValue[]): CelValue {
    this.#charge(workOf(name, args));
    const types = args.map(runtimeType);
    const overload = overloadsOf(name).find(
      (candidate) =>
        candidate.isMember === isMember &&
        candidate.parameters.length === args.length &&
        candidate.parameters.every((wanted, index) => {
          const type = types[index];
          return type !== undefined && (wanted.kind === 'param' || isAssignable(wanted, type, new Map()));
        }),
    );
    if (overload === undefined) throw new CelError('no such overload');
    return overload.call(...args);
  }

  /** `||` and `&&`: one side that decides is enough, whatever the other one is. */
  #decide(deciding: boolean, sides: Iterable<() => CelValue>): CelValue {
    let problem: CelError | undefined;
    for (const side of sides) {
      try {
        const value = side();
        if (value === deciding) return deciding;
        if (typeof value !== 'boolean') problem ??= new CelError('no such overload');
      } catch (thrown) {
        if (!(thrown instanceof CelError)) throw thrown;
        problem ??= thrown;
      }
    }
    if (problem !== undefined) throw problem;
    return !deciding;
  }

  #each(expr: Expr & { readonly op: 'each' }, variables: Activation): CelValue {
    const range = this.run(expr.range, variables);
    if (expr.macro === 'optMap' || expr.macro === 'optFlatMap')
      return this.#inOptional(expr, range, variables);
    const rounds = roundsOf(range, expr.variables, variables);
    const holds = (round: Activation) => () => this.run(expr.body, round);
    const passes = (round: Activation) => expr.filter === undefined || this.run(expr.filter, round) === true;
    switch (expr.macro) {
      case 'all':
        return this.#decide(
          false,
          rounds.map(({ scope }) => holds(scope)),
        );
      case 'exists':
        return this.#decide(
          true,
          rounds.map(({ scope }) => holds(scope)),
        );
      case 'exists_one':
        return rounds.filter(({ scope }) => holds(scope)() === true).length === 1;
      case 'filter':
        return rounds.filter(({ scope }) => holds(scope)() === true).map(({ first }) => first);
      case 'map':
        return rounds.filter(({ scope }) => passes(scope)).map(({ scope }) => this.run(expr.body, scope));
      case 'transformMap':
        return new Map(
          rounds
            .filter(({ scope }) => passes(scope))
            .map(({ first, scope }) => [keyOf(first), this.run(expr.body, scope)]),
        );
    }
  }

  #inOptional(expr: Expr & { readonly op: 'each' }, range: CelValue, variables: Activation): CelValue {
    if (!isSpecial(range) || range.special !== 'optional') throw new CelError('no such overload');
    if (range.value === undefined) return range;
    const [name = ''] = expr.variables;
    const value = this.run(expr.body, withVariable(variables, name, range.value));
    return expr.macro === 'optMap' ? { special: 'optional', value } : value;
  }
}

function withVariable(variables: Activation, name: string, value: CelValue): Activation {
  return { get: (wanted) => (wanted === name ? value : variables.get(wanted)) };
}

interface Round {
  /** What the first variable stands for. */
  readonly first: CelValue;
  readonly scope: Activation;
}

function roundsOf(range: CelValue, names: readonly string[], variables: Activation): readonly Round[] {
  const [name = '', second] = names;
  const entries: readonly (readonly [CelValue, CelValue])[] = isList(range)
    ? range.map((item, index) => [BigInt(index), item] as const)
    : isMap(range)
      ? [...range]
      : [];
  if (!isList(range) && !isMap(range)) throw new CelError('no such overload');
  return entries.map(([key, value]) => {
    const first = second === undefined && isList(range) ? value : key;
    const scope = withVariable(variables, name, first);
    return { first, scope: second === undefined ? scope : withVariable(scope, second, value) };
  });
}

function keyOf(value: CelValue): CelKey {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (value !== null && isSpecial(value) && value.special === 'uint') return value.value;
  throw new CelError(`unsupported key type: ${typeNameOf(value)}`);
}

function memberOf(operand: CelValue, key: CelKey): CelValue | undefined {
  if (isMap(operand)) return operand.get(key);
  if (isList(operand)) return typeof key === 'bigint' && key >= 0n ? operand[Number(key)] : undefined;
  throw new CelError('no such overload');
}

/** Functions whose work grows with the product of their arguments. */
const quadratic = new Set([
  'replace',
  'distinct',
  'sets.contains',
  'sets.equivalent',
  'sets.intersects',
  'matches',
  'find',
  'findAll',
]);

function workOf(name: string, args: readonly CelValue[]): number {
  const sizes = args.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!quadratic.has(name)) return total;
  const [first = 0] = sizes;
  return total + first * Math.max(...sizes.slice(1), name === 'distinct' ? first : 1);
}

/** A text costs a tenth of its length, a list its length. */
function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return value.length / 10;
  if (isList(value) || value instanceof Uint8Array) return value.length;
  return isMap(value) ? value.size : 0;
}
