/**
 * The rules of a schema, ready to run. Source: apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go.
 */
import { checkCel, type Scope } from '../cel/check.ts';
import { type Expr, parseCel } from '../cel/parse.ts';
import { boolType, type CelType, isAssignable, isDyn, stringType } from '../cel/types.ts';
import { celTypeOf } from './cel-schema.ts';
import type { SchemaNode, ValidationRule } from './schema-node.ts';

/** A rule with the trees of its expressions, or what keeps it from having them. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly expr?: Expr;
  readonly error?: string;
  readonly message?: Expr;
  readonly messageError?: string;
  readonly usesOldSelf: boolean;
}

// What a schema's rules compile to never changes.
const known = new WeakMap<SchemaNode, readonly CompiledRule[]>();
const knownRoots = new WeakMap<SchemaNode, readonly CompiledRule[]>();

/** Compiles the rules of one node; `isResource` for those of a whole object. */
export function compileRules(node: SchemaNode, isResource: boolean): readonly CompiledRule[] {
  const cache = isResource ? knownRoots : known;
  const compiled = cache.get(node) ?? node.rules.map((rule) => compileRule(node, rule, isResource));
  cache.set(node, compiled);
  return compiled;
}

function compileRule(node: SchemaNode, rule: ValidationRule, isResource: boolean): CompiledRule {
  const self = celTypeOf(node, isResource);
  if (rule.rule.trim() === '' || self === undefined) return { rule, usesOldSelf: false };
  const oldSelf: CelType = rule.optionalOldSelf === true ? { kind: 'optional', value: self } : self;
  const scope: Scope = new Map([
    ['self', self],
    ['oldSelf', oldSelf],
  ]);
  const main = compile(rule.rule, scope, boolType);
  const usesOldSelf = main.expr !== undefined && usesName(main.expr, 'oldSelf');
  const message =
    rule.messageExpression.trim() === '' ? undefined : compile(rule.messageExpression, scope, stringType);
  return {
    rule,
    usesOldSelf,
    ...(main.error === undefined ? {} : { error: main.error }),
    ...(main.expr === undefined ? {} : { expr: main.expr }),
    ...(message?.expr === undefined ? {} : { message: message.expr }),
    ...(message?.error === undefined
      ? {}
      : {
          messageError: message.error.startsWith('compilation')
            ? `messageExpression ${message.error}`
            : message.error,
        }),
  };
}

function compile(
  text: string,
  scope: Scope,
  wanted: CelType,
): { readonly expr?: Expr; readonly error?: string } {
  const parsed = parseCel(text);
  if (!parsed.ok) return { error: `compilation failed: ${formatProblem(text, parsed.error)}` };
  const { type, problems } = checkCel(parsed.value, scope);
  if (problems.length > 0) {
    return {
      error: `compilation failed: ${problems.map((problem) => formatProblem(text, problem)).join('\n')}`,
    };
  }
  if (isDyn(type) || !isAssignable(wanted, type, new Map())) {
    return {
      error:
        wanted === boolType
          ? 'cel expression must evaluate to a bool'
          : 'messageExpression must evaluate to a string',
    };
  }
  return { expr: parsed.value };
}

/** A problem as cel-go shows it: the line, and a mark below the place. Source: cel-go/common/error.go. */
function formatProblem(text: string, problem: { readonly message: string; readonly at: number }): string {
  const before = text.slice(0, problem.at);
  const line = before.split('\n').length;
  const column = problem.at - (before.lastIndexOf('\n') + 1);
  const shown = text.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${problem.message}\n | ${shown}\n | ${'.'.repeat(column)}^`;
}

function usesName(expr: Expr, name: string): boolean {
  const uses = (inner: Expr): boolean => usesName(inner, name);
  switch (expr.op) {
    case 'literal':
      return false;
    case 'name':
      return expr.name === name;
    case 'select':
    case 'has':
      return uses(expr.operand);
    case 'index':
      return uses(expr.operand) || uses(expr.index);
    case 'call':
      return expr.args.some(uses);
    case 'list':
      return expr.items.some(uses);
    case 'map':
      return expr.entries.some(([key, value]) => uses(key) || uses(value));
    case 'and':
    case 'or':
      return uses(expr.left) || uses(expr.right);
    case 'choice':
      return uses(expr.condition) || uses(expr.left) || uses(expr.right);
    case 'each':
      return uses(expr.range) || uses(expr.body) || (expr.filter !== undefined && uses(expr.filter));
  }
}
