/** `test`, `[ … ]` and `[[ … ]]`. Source: POSIX, test; bash(1), CONDITIONAL EXPRESSIONS. */
import type { TestExpression } from 'unbash';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import { type ExpansionHost, expandPattern, expandText } from './expand.ts';
import { matchesPattern, parsePattern } from './patterns.ts';

/** What file tests need of the shell. */
export interface TestHost {
  path(path: string): string;
}

/** Evaluates the arguments of `test`; the error is worded as busybox does. */
export function* evaluateTest(host: TestHost, args: readonly string[]): sys.Sys<Result<boolean, string>> {
  const parser = new TestParser(host, args);
  const value = yield* parser.parseOr();
  if (!value.ok) return value;
  const rest = args[parser.position];
  return rest === undefined ? value : err(`${rest}: unknown operand`);
}

/** Evaluates `[[ … ]]`. */
export function* evaluateTestExpression(
  host: ExpansionHost & TestHost,
  expression: TestExpression,
): sys.Sys<boolean> {
  switch (expression.type) {
    case 'TestGroup':
      return yield* evaluateTestExpression(host, expression.expression);
    case 'TestNot': {
      const value = yield* evaluateTestExpression(host, expression.operand);
      return expression.negations.length % 2 === 1 ? !value : value;
    }
    case 'TestLogical': {
      for (const operand of expression.operands) {
        const value = yield* evaluateTestExpression(host, operand);
        if (value !== (expression.operator === '&&')) return value;
      }
      return expression.operator === '&&';
    }
    case 'TestUnary': {
      const value = yield* unary(host, expression.operator, yield* expandText(host, expression.operand));
      return value ?? false;
    }
    default: {
      const left = yield* expandText(host, expression.left);
      if (expression.operator === '==' || expression.operator === '=' || expression.operator === '!=') {
        const matches = matchesPattern(yield* expandPattern(host, expression.right), left);
        return matches === (expression.operator !== '!=');
      }
      const right = yield* expandText(host, expression.right);
      // A regular expression could take for ever; what is not a plain text is matched as a pattern.
      if (expression.operator === '=~') return left.includes(right.replace(/^\^|\$$/g, ''));
      const value = binary(expression.operator, left, right);
      return value.ok && value.value;
    }
  }
}

class TestParser {
  readonly #host: TestHost;
  readonly #args: readonly string[];
  position = 0;

  constructor(host: TestHost, args: readonly string[]) {
    this.#host = host;
    this.#args = args;
  }

  *parseOr(): sys.Sys<Result<boolean, string>> {
    let value = yield* this.#parseAnd();
    while (value.ok && this.#args[this.position] === '-o') {
      this.position += 1;
      const right = yield* this.#parseAnd();
      value = right.ok ? ok(value.value || right.value) : right;
    }
    return value;
  }

  *#parseAnd(): sys.Sys<Result<boolean, string>> {
    let value = yield* this.#parsePrimary();
    while (value.ok && this.#args[this.position] === '-a') {
      this.position += 1;
      const right = yield* this.#parsePrimary();
      value = right.ok ? ok(value.value && right.value) : right;
    }
    return value;
  }

  *#parsePrimary(): sys.Sys<Result<boolean, string>> {
    const [first, second, third] = this.#args.slice(this.position);
    if (first === undefined) return ok(false);
    if (second !== undefined && third !== undefined && binaryOperators.has(second)) {
      this.position += 3;
      return binary(second, first, third);
    }
    if (first === '!' && second !== undefined) {
      this.position += 1;
      const value = yield* this.#parsePrimary();
      return value.ok ? ok(!value.value) : value;
    }
    if (first === '(' && second !== undefined) {
      this.position += 1;
      const value = yield* this.parseOr();
      if (this.#args[this.position] !== ')') return err('closing paren expected');
      this.position += 1;
      return value;
    }
    if (second !== undefined && /^-[a-zA-Z]$/.test(first) && second !== '-a' && second !== '-o') {
      const value = yield* unary(this.#host, first, second);
      if (value !== undefined) {
        this.position += 2;
        return ok(value);
      }
    }
    this.position += 1;
    return ok(first !== '');
  }
}

const binaryOperators: ReadonlySet<string> = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
]);

function* unary(host: TestHost, operator: string, operand: string): sys.Sys<boolean | undefined> {
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-t':
      return false;
    case '-h':
    case '-L':
    case '-p':
    case '-S':
    case '-b':
    case '-c':
      return false;
    case '-e':
    case '-f':
    case '-d':
    case '-s':
    case '-r':
    case '-w':
    case '-x': {
      const stat = operand === '' ? undefined : yield* sys.stat(host.path(operand));
      if (stat === undefined) return false;
      if (operator === '-f') return stat.type === 'file';
      if (operator === '-d') return stat.type === 'directory';
      if (operator === '-s') return stat.sizeBytes > 0;
      if (operator === '-x') return stat.executable;
      return true;
    }
    default:
      return undefined;
  }
}

function binary(operator: string, left: string, right: string): Result<boolean, string> {
  switch (operator) {
    case '=':
    case '==':
      return ok(left === right);
    case '!=':
      return ok(left !== right);
    case '<':
      return ok(left < right);
    case '>':
      return ok(left > right);
    default:
      break;
  }
  const [a, b] = [toInteger(left), toInteger(right)];
  if (a === undefined || b === undefined) return err(`${a === undefined ? left : right}: bad number`);
  switch (operator) {
    case '-eq':
      return ok(a === b);
    case '-ne':
      return ok(a !== b);
    case '-lt':
      return ok(a < b);
    case '-le':
      return ok(a <= b);
    case '-gt':
      return ok(a > b);
    case '-ge':
      return ok(a >= b);
    default:
      return ok(matchesPattern(parsePattern([{ text: right, quoted: true }]), left));
  }
}

function toInteger(text: string): number | undefined {
  return /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : undefined;
}
