/**
 * From the text of a rule to its tree. The grammar is the library's; what Kubernetes' CEL makes of calls (macros, functions
 * with a first word) is told here.
 *
 * Differs: syntax errors are worded by the library, since cel-go's come from its parser generator.
 */
import { createRequire } from 'node:module';
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { err, ok, type Result } from '../../base/result.ts';
import { namespaces, overloadsOf } from './functions.ts';
import type { CelValue } from './values.ts';

/** A tree; `at` is where it stands in the text, in characters from its beginning, as cel-go counts. */
export type Expr = { readonly at: number } & (
  | { readonly op: 'literal'; readonly value: CelValue }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'select'; readonly operand: Expr; readonly field: string; readonly isOptional: boolean }
  | { readonly op: 'index'; readonly operand: Expr; readonly index: Expr; readonly isOptional: boolean }
  | { readonly op: 'call'; readonly name: string; readonly isMember: boolean; readonly args: readonly Expr[] }
  | { readonly op: 'list'; readonly items: readonly Expr[] }
  | { readonly op: 'map'; readonly entries: readonly (readonly [Expr, Expr])[] }
  | { readonly op: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'choice'; readonly condition: Expr; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'has'; readonly operand: Expr; readonly field: string }
  | {
      readonly op: 'each';
      readonly macro: Macro;
      readonly range: Expr;
      /** One, or two where the key is named as well. */
      readonly variables: readonly string[];
      readonly filter?: Expr;
      readonly body: Expr;
    }
);

/** What is done with each item of a list or map. */
export type Macro =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformMap'
  | 'optMap'
  | 'optFlatMap';

/** A syntax error and where it stands. */
export interface SyntaxProblem {
  readonly message: string;
  readonly at: number;
}

// The library is loaded with the first rule; its environment holds no state between rules.
const load = createRequire(import.meta.url);
let environment: Environment | undefined;

function parser(): Environment {
  const library: typeof import('@marcbachmann/cel-js') = load('@marcbachmann/cel-js');
  environment ??= new library.Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes: 20_000,
      maxDepth: 250,
      maxListElements: 5000,
      maxMapEntries: 5000,
      maxCallArguments: 32,
    },
  });
  return environment;
}

/** Parses a rule. */
export function parseCel(text: string): Result<Expr, SyntaxProblem> {
  try {
    return ok(readNode(parser().parse(text).ast));
  } catch (thrown) {
    const isProblem = typeof thrown === 'object' && thrown !== null && 'summary' in thrown;
    const message = isProblem
      ? String(thrown.summary)
      : thrown instanceof Error
        ? thrown.message
        : String(thrown);
    const range = isProblem && 'range' in thrown ? thrown.range : undefined;
    const start = typeof range === 'object' && range !== null && 'start' in range ? Number(range.start) : 0;
    return err({ message: `Syntax error: ${message}`, at: start });
  }
}

const operators: ReadonlyMap<string, string> = new Map([
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>', '_>_'],
  ['>=', '_>=_'],
  ['+', '_+_'],
  ['-', '_-_'],
  ['*', '_*_'],
  ['/', '_/_'],
  ['%', '_%_'],
  ['in', '@in'],
]);

function readNode(node: ASTNode): Expr {
  switch (node.op) {
    case 'value':
      return { op: 'literal', value: literalValue(node.args), at: node.start };
    case 'id':
      return { op: 'name', name: node.args, at: node.start };
    case '.':
    case '.?': {
      const [operand, field] = node.args;
      const isOptional = node.op === '.?';
      const at = dotBefore(node.input, node.pos);
      return { op: 'select', operand: readNode(operand), field, isOptional, at };
    }
    case '[]':
    case '[?]': {
      const [operand, index] = node.args;
      const at = operand.range.end;
      return {
        op: 'index',
        operand: readNode(operand),
        index: readNode(index),
        isOptional: node.op === '[?]',
        at,
      };
    }
    case 'call': {
      const [name, args] = node.args;
      return readCall(node, name, args);
    }
    case 'rcall': {
      const [name, receiver, args] = node.args;
      return readMemberCall(node, { name, receiver, args });
    }
    case 'list':
      return { op: 'list', items: node.args.map(readNode), at: node.start };
    case 'map':
      return {
        op: 'map',
        entries: node.args.map(([key, value]) => [readNode(key), readNode(value)] as const),
        at: node.start,
      };
    case '?:': {
      const [condition, left, right] = node.args;
      return {
        op: 'choice',
        condition: readNode(condition),
        left: readNode(left),
        right: readNode(right),
        at: operatorAfter(node.input, condition.range.end, '?'),
      };
    }
    case '||':
    case '&&': {
      const [left, right] = node.args;
      const at = operatorAfter(node.input, left.range.end, node.op);
      return { op: node.op === '&&' ? 'and' : 'or', left: readNode(left), right: readNode(right), at };
    }
    case '!_':
    case '-_': {
      const operand = readNode(node.args);
      if (node.op === '-_' && operand.op === 'literal') {
        const { value } = operand;
        if (typeof value === 'bigint' || typeof value === 'number')
          return { ...operand, value: -value, at: node.start };
      }
      return { op: 'call', name: node.op, isMember: false, args: [operand], at: node.start };
    }
    default: {
      const [left, right] = node.args;
      const at = operatorAfter(node.input, left.range.end, node.op);
      const name = operators.get(node.op) ?? node.op;
      return { op: 'call', name, isMember: false, args: [readNode(left), readNode(right)], at };
    }
  }
}

function literalValue(value: unknown): CelValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint8Array) return value;
  // What is left are unsigned numbers, which the library wraps.
  return { special: 'uint', value: BigInt(String(value)) };
}

function dotBefore(text: string, field: number): number {
  const dot = text.lastIndexOf('.', field);
  return dot < 0 ? field : dot;
}

function operatorAfter(text: string, end: number, operator: string): number {
  const found = text.indexOf(operator, end);
  return found < 0 ? end : found;
}

function readCall(node: ASTNode, name: string, args: readonly ASTNode[]): Expr {
  const at = operatorAfter(node.input, node.start, '(');
  const [only] = args;
  if (name === 'has' && only?.op === '.') {
    const [operand, field] = only.args;
    return { op: 'has', operand: readNode(operand), field, at };
  }
  return { op: 'call', name, isMember: false, args: args.map(readNode), at };
}

function readMemberCall(
  node: ASTNode,
  call: { readonly name: string; readonly receiver: ASTNode; readonly args: readonly ASTNode[] },
): Expr {
  const { name, receiver, args } = call;
  const at = operatorAfter(node.input, receiver.range.end, '(');
  if (receiver.op === 'id') {
    const fullName = `${receiver.args}.${name}`;
    if (namespaces.has(receiver.args) && overloadsOf(fullName).length > 0) {
      return { op: 'call', name: fullName, isMember: false, args: args.map(readNode), at };
    }
  }
  return (
    readMacro(call, at) ?? {
      op: 'call',
      name,
      isMember: true,
      args: [readNode(receiver), ...args.map(readNode)],
      at,
    }
  );
}

const macros: ReadonlyMap<
  string,
  { readonly macro: Macro; readonly variables: number; readonly filters: boolean }
> = new Map([
  ['all/2', { macro: 'all', variables: 1, filters: false }],
  ['all/3', { macro: 'all', variables: 2, filters: false }],
  ['exists/2', { macro: 'exists', variables: 1, filters: false }],
  ['exists/3', { macro: 'exists', variables: 2, filters: false }],
  ['exists_one/2', { macro: 'exists_one', variables: 1, filters: false }],
  ['exists_one/3', { macro: 'exists_one', variables: 2, filters: false }],
  ['existsOne/2', { macro: 'exists_one', variables: 1, filters: false }],
  ['existsOne/3', { macro: 'exists_one', variables: 2, filters: false }],
  ['filter/2', { macro: 'filter', variables: 1, filters: false }],
  ['map/2', { macro: 'map', variables: 1, filters: false }],
  ['map/3', { macro: 'map', variables: 1, filters: true }],
  ['transformList/3', { macro: 'map', variables: 2, filters: false }],
  ['transformList/4', { macro: 'map', variables: 2, filters: true }],
  ['transformMap/3', { macro: 'transformMap', variables: 2, filters: false }],
  ['transformMap/4', { macro: 'transformMap', variables: 2, filters: true }],
  ['optMap/2', { macro: 'optMap', variables: 1, filters: false }],
  ['optFlatMap/2', { macro: 'optFlatMap', variables: 1, filters: false }],
]);

function readMacro(
  {
    name,
    receiver,
    args,
  }: { readonly name: string; readonly receiver: ASTNode; readonly args: readonly ASTNode[] },
  at: number,
): Expr | undefined {
  const known = macros.get(`${name}/${args.length}`);
  if (known === undefined) return undefined;
  const names = args.slice(0, known.variables).flatMap((arg) => (arg.op === 'id' ? [arg.args] : []));
  const [first, second] = args.slice(known.variables);
  if (names.length < known.variables || first === undefined) return undefined;
  const common = { op: 'each', macro: known.macro, range: readNode(receiver), variables: names, at } as const;
  if (!known.filters || second === undefined) return { ...common, body: readNode(first) };
  return { ...common, filter: readNode(first), body: readNode(second) };
}
