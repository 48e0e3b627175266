/** expr as busybox has it. Source: coreutils/expr.c of busybox 1.36; POSIX, expr. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { compilePosix } from '../posix-regex.ts';

class ExprError extends Error {}

type Value = string | bigint;

/** Evaluates the words; 0 and the empty text end with 1, a mistake with 2. */
export const expr: Program = function* ({ argv }) {
  const words = argv.slice(1);
  if (words.length === 0) {
    yield* sys.printError('expr: too few arguments\n');
    return 2;
  }
  try {
    const reader = new Reader(words);
    const value = reader.readAll();
    yield* sys.print(`${value}\n`);
    return isNothing(value) ? 1 : 0;
  } catch (problem) {
    if (!(problem instanceof ExprError)) throw problem;
    yield* sys.printError(`expr: ${problem.message}\n`);
    return 2;
  }
};

/** Operators by how weakly they bind. */
const levels: readonly (readonly string[])[] = [
  ['|'],
  ['&'],
  ['<', '<=', '=', '==', '!=', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
  [':'],
];

class Reader {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  readAll(): Value {
    const value = this.#readLevel(0);
    if (this.#at < this.#words.length) throw new ExprError('syntax error');
    return value;
  }

  #readLevel(level: number): Value {
    const operators = levels[level];
    if (operators === undefined) return this.#readOperand();
    let left = this.#readLevel(level + 1);
    for (;;) {
      const operator = this.#words[this.#at] ?? '';
      if (!operators.includes(operator)) return left;
      this.#at += 1;
      left = combine(operator, left, this.#readLevel(level + 1));
    }
  }

  #readOperand(): Value {
    const word = this.#next();
    switch (word) {
      case '(': {
        const inner = this.#readLevel(0);
        if (this.#next() !== ')') throw new ExprError('syntax error');
        return inner;
      }
      case 'quote':
        return this.#next();
      case 'length':
        return BigInt([...String(this.#readOperand())].length);
      case 'match':
        return match(this.#readOperand(), this.#readOperand());
      case 'index': {
        const text = String(this.#readOperand());
        const letters = String(this.#readOperand());
        return BigInt([...text].findIndex((letter) => letters.includes(letter)) + 1);
      }
      case 'substr': {
        const text = [...String(this.#readOperand())];
        const from = Number(numberOf(this.#readOperand()) ?? 0n);
        const count = Number(numberOf(this.#readOperand()) ?? 0n);
        return from < 1 || count < 1 ? '' : text.slice(from - 1, from - 1 + count).join('');
      }
      default:
        return word;
    }
  }

  #next(): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw new ExprError('syntax error');
    this.#at += 1;
    return word;
  }
}

function numberOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  // Source: the numbers of expr are 64 bits wide.
  return /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}

function isNothing(value: Value): boolean {
  return value === '' || numberOf(value) === 0n;
}

function combine(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '|':
      return isNothing(left) ? right : left;
    case '&':
      return isNothing(left) || isNothing(right) ? 0n : left;
    case ':':
      return match(left, right);
    default:
      return levels[2]?.includes(operator) === true
        ? compare(operator, left, right)
        : calculate(operator, left, right);
  }
}

function compare(operator: string, left: Value, right: Value): bigint {
  const one = numberOf(left);
  const other = numberOf(right);
  const order =
    one === undefined || other === undefined ? orderOf(String(left), String(right)) : orderOf(one, other);
  const holds: Readonly<Record<string, boolean>> = {
    '<': order < 0,
    '<=': order <= 0,
    '=': order === 0,
    '==': order === 0,
    '!=': order !== 0,
    '>=': order >= 0,
    '>': order > 0,
  };
  return holds[operator] === true ? 1n : 0n;
}

function orderOf(one: Value, other: Value): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function calculate(operator: string, left: Value, right: Value): bigint {
  const one = numberOf(left);
  const other = numberOf(right);
  if (one === undefined || other === undefined) throw new ExprError('non-numeric argument');
  if (other === 0n && (operator === '/' || operator === '%')) throw new ExprError('division by zero');
  const results: Readonly<Record<string, () => bigint>> = {
    '+': () => one + other,
    '-': () => one - other,
    '*': () => one * other,
    '/': () => one / other,
    '%': () => one % other,
  };
  return BigInt.asIntN(64, results[operator]?.() ?? 0n);
}

/** What the first group of a match at the text's start holds, or how long the match is. */
function match(value: Value, pattern: Value): Value {
  const compiled = compilePosix([String(pattern).replace(/^\^/, '')], { syntax: 'basic', ignoreCase: false });
  if (!compiled.ok) throw new ExprError(`bad regex '${pattern}': ${compiled.error}`);
  const matcher = compiled.value.matcher(String(value));
  const isAtStart = matcher.find() && matcher.start() === 0;
  if (compiled.value.groupCount() > 0) return isAtStart ? (matcher.group(1) ?? '') : '';
  return isAtStart ? BigInt(matcher.end()) : 0n;
}
