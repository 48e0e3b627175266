/** Arithmetic of the shell: 64-bit integers. Source: POSIX, Shell Command Language, 2.6.4. */
import type { ArithmeticExpression } from 'unbash';
import { err, ok, type Result } from '../../base/result.ts';

/** Variables that an expression reads and writes. */
export interface ArithmeticScope {
  get(name: string): string;
  set(name: string, value: string): void;
  /** The text of a word with expansions, which were made before. */
  expand(word: ArithmeticExpression): string;
}

/** Names may stand for names; so deep at most. */
const maxDepth = 32;

/** The value of an expression, or what is wrong with it in the shell's words. */
export function evaluateArithmetic(
  expression: ArithmeticExpression,
  scope: ArithmeticScope,
): Result<bigint, string> {
  try {
    return ok(BigInt.asIntN(64, evaluate(expression, scope, 0)));
  } catch (error) {
    if (error instanceof ArithmeticError) return err(error.message);
    throw error;
  }
}

/** Raised and caught in this file alone. */
class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError';
}

function evaluate(expression: ArithmeticExpression, scope: ArithmeticScope, depth: number): bigint {
  const value = (inner: ArithmeticExpression) => evaluate(inner, scope, depth);
  switch (expression.type) {
    case 'ArithmeticGroup':
      return value(expression.expression);
    case 'ArithmeticTernary':
      return value(expression.test) !== 0n ? value(expression.consequent) : value(expression.alternate);
    case 'ArithmeticCommandExpansion':
    case 'ArithmeticWord':
      return toNumber(scope.expand(expression), scope, depth);
    case 'ArithmeticUnary':
      return unary(expression.operator, expression.operand, expression.prefix, scope, depth);
    case 'ArithmeticBinary': {
      const { operator, left, right } = expression;
      if (operator === '&&') return value(left) !== 0n && value(right) !== 0n ? 1n : 0n;
      if (operator === '||') return value(left) !== 0n || value(right) !== 0n ? 1n : 0n;
      if (operator === '=') return assign(left, value(right), scope);
      if (/^[^=!<>]=$|^(<<|>>)=$/.test(operator)) {
        return assign(left, binary(operator.slice(0, -1), value(left), value(right)), scope);
      }
      return binary(operator, value(left), value(right));
    }
    default:
      throw new ArithmeticError('arithmetic syntax error');
  }
}

function unary(
  operator: string,
  operand: ArithmeticExpression,
  prefix: boolean,
  scope: ArithmeticScope,
  depth: number,
): bigint {
  const before = evaluate(operand, scope, depth);
  switch (operator) {
    case '+':
      return before;
    case '-':
      return -before;
    case '!':
      return before === 0n ? 1n : 0n;
    case '~':
      return ~before;
    case '++':
    case '--': {
      const after = operator === '++' ? before + 1n : before - 1n;
      assign(operand, after, scope);
      return prefix ? after : before;
    }
    default:
      throw new ArithmeticError('arithmetic syntax error');
  }
}

function binary(operator: string, a: bigint, b: bigint): bigint {
  const truth = (holds: boolean) => (holds ? 1n : 0n);
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return BigInt.asIntN(64, a * b);
    case '/':
    case '%':
      if (b === 0n) throw new ArithmeticError('divide by zero');
      return operator === '/' ? a / b : a % b;
    case '**':
      if (b < 0n) throw new ArithmeticError('exponent less than 0');
      return BigInt.asIntN(64, power(a, b));
    case '<<':
      return BigInt.asIntN(64, a << (b & 63n));
    case '>>':
      return a >> (b & 63n);
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case ',':
      return b;
    default:
      throw new ArithmeticError('arithmetic syntax error');
  }
}

/** By squaring, cut to 64 bits at each step, so that no exponent makes a long number. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base;
  for (let rest = BigInt.asUintN(64, exponent); rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * factor);
    factor = BigInt.asIntN(64, factor * factor);
  }
  return result;
}

function assign(target: ArithmeticExpression, value: bigint, scope: ArithmeticScope): bigint {
  if (target.type !== 'ArithmeticWord') throw new ArithmeticError('arithmetic syntax error');
  const kept = BigInt.asIntN(64, value);
  scope.set(target.value, String(kept));
  return kept;
}

function toNumber(text: string, scope: ArithmeticScope, depth: number): bigint {
  const trimmed = text.trim();
  if (trimmed === '') return 0n;
  if (/^-?(\d+|0[xX][0-9a-fA-F]+)$/.test(trimmed) && trimmed.length <= 20) {
    const octal = /^(-?)0(\d+)$/.exec(trimmed);
    if (octal === null) return trimmed.startsWith('-') ? -BigInt(trimmed.slice(1)) : BigInt(trimmed);
    if (/[89]/.test(trimmed)) throw new ArithmeticError('arithmetic syntax error');
    return octal[1] === '-' ? -BigInt(`0o${octal[2]}`) : BigInt(`0o${octal[2]}`);
  }
  if (/^[A-Za-z_]\w*$/.test(trimmed)) {
    if (depth >= maxDepth) throw new ArithmeticError('expression recursion level exceeded');
    return toNumber(scope.get(trimmed), scope, depth + 1);
  }
  throw new ArithmeticError('arithmetic syntax error');
}
