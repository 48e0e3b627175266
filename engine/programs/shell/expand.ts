/**
 * Word expansion: parameters, commands, arithmetic, then field splitting and file names, in the order in which the
 * shell makes them. Left out: brace expansion beyond lists, process substitution, arrays.
 * Source: POSIX, Shell Command Language, 2.6.
 */
import type {
  ArithmeticExpression,
  DoubleQuotedChild,
  ParameterExpansionPart,
  ParsedScript,
  Word,
  WordPart,
} from 'unbash';
import * as sys from '../../net/process/sys.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import {
  isSpecial,
  matchesPattern,
  type Pattern,
  type PatternPiece,
  parsePattern,
  removeMatch,
} from './patterns.ts';
import type { ShellState } from './state.ts';

/** Bytes that one expansion may grow to; past it the word is cut, and the command fails. */
const maxWordLength = 1_048_576;

/** What expansion asks of the shell around it. */
export interface ExpansionHost {
  readonly state: ShellState;
  /** Output of a command substitution, without its last newlines; sets the status. */
  substitute(script: ParsedScript | undefined): sys.Sys<string>;
  /** Says what is wrong and makes the command fail. */
  fail(message: string): sys.Sys<void>;
  readonly pid: number;
}

/** A piece of a field. `break` ends the field: between the words of `$@`. */
interface Segment {
  readonly text: string;
  readonly quoted: boolean;
  /** Whether fields are split at blanks in it. */
  readonly splits: boolean;
  readonly breaksAfter?: boolean;
}

/** Expands words to fields. */
export function* expandFields(host: ExpansionHost, words: readonly Word[]): sys.Sys<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    for (const alternative of braces(word)) {
      const segments = yield* expandSegments(host, alternative.parts, alternative.text, false);
      for (const field of splitFields(segments, host.state.variables.get('IFS') ?? ' \t\n')) {
        const pattern = parsePattern(field);
        const names = isSpecial(pattern) ? yield* matchFiles(host.state.cwd, field) : [];
        if (names.length > 0) fields.push(...names);
        else fields.push(field.map(({ text }) => text).join(''));
      }
    }
  }
  return fields;
}

/** Expands a word to one text, without splitting: for assignments, redirections, `case`. */
export function* expandText(host: ExpansionHost, word: Word): sys.Sys<string> {
  const segments = yield* expandSegments(host, word.parts, word.value, false);
  return joinSegments(segments);
}

/** Expands a word to a pattern, in which what was quoted stands for itself. */
export function* expandPattern(host: ExpansionHost, word: Word): sys.Sys<Pattern> {
  const segments = yield* expandSegments(host, word.parts, word.value, false);
  return parsePattern(segments);
}

/** Expands the parts of a here-document. */
export function* expandHereDocument(host: ExpansionHost, parts: readonly WordPart[]): sys.Sys<string> {
  const segments = yield* expandSegments(host, parts, '', true);
  return joinSegments(segments);
}

/** The value of an arithmetic expression; undefined after it was reported as wrong. */
export function* evaluateExpression(
  host: ExpansionHost,
  expression: ArithmeticExpression,
): sys.Sys<bigint | undefined> {
  const texts = new Map<ArithmeticExpression, string>();
  yield* expandLeaves(host, expression, texts);
  const { variables } = host.state;
  const result = evaluateArithmetic(expression, {
    get: (name) => variables.get(name) ?? '',
    set: (name, value) => variables.set(name, value),
    expand: (leaf) => texts.get(leaf) ?? '',
  });
  if (result.ok) return result.value;
  yield* host.fail(result.error);
  return undefined;
}

/** The value of a parameter, or undefined when it is not set. */
function parameterValue(host: ExpansionHost, name: string): string | undefined {
  const { state } = host;
  switch (name) {
    case '?':
      return String(state.status);
    case '#':
      return String(Math.max(0, state.positional.length - 1));
    case '$':
      return String(host.pid);
    case '!':
      return state.lastBackgroundPid === undefined ? '' : String(state.lastBackgroundPid);
    case '-':
      return [...state.options].filter((option) => option.length === 1).join('');
    case '@':
    case '*':
      return state.positional.length > 1 ? state.positional.slice(1).join(' ') : undefined;
    default:
      return /^\d+$/.test(name) ? state.positional[Number(name)] : state.variables.get(name);
  }
}

function* expandLeaves(
  host: ExpansionHost,
  expression: ArithmeticExpression,
  texts: Map<ArithmeticExpression, string>,
): sys.Sys<void> {
  switch (expression.type) {
    case 'ArithmeticWord': {
      const segments =
        expression.parts === undefined ? undefined : yield* expandSegments(host, expression.parts, '', true);
      texts.set(expression, segments === undefined ? expression.value : joinSegments(segments));
      break;
    }
    case 'ArithmeticCommandExpansion':
      texts.set(expression, yield* host.substitute(expression.script));
      break;
    case 'ArithmeticGroup':
      yield* expandLeaves(host, expression.expression, texts);
      break;
    case 'ArithmeticUnary':
      yield* expandLeaves(host, expression.operand, texts);
      break;
    case 'ArithmeticBinary':
      yield* expandLeaves(host, expression.left, texts);
      yield* expandLeaves(host, expression.right, texts);
      break;
    case 'ArithmeticTernary':
      yield* expandLeaves(host, expression.test, texts);
      yield* expandLeaves(host, expression.consequent, texts);
      yield* expandLeaves(host, expression.alternate, texts);
      break;
    default:
      break;
  }
}

function* expandSegments(
  host: ExpansionHost,
  parts: readonly (WordPart | DoubleQuotedChild)[] | undefined,
  plain: string,
  quoted: boolean,
): sys.Sys<readonly Segment[]> {
  if (parts === undefined) return [{ text: tilde(host, plain), quoted: true, splits: false }];
  const segments: Segment[] = [];
  let length = 0;
  for (const [index, part] of parts.entries()) {
    const expanded = yield* expandPart(host, part, quoted);
    const isFirstLiteral = index === 0 && part.type === 'Literal' && !quoted;
    segments.push(
      ...(isFirstLiteral ? expanded.map((piece) => ({ ...piece, text: tilde(host, piece.text) })) : expanded),
    );
    length += expanded.reduce((sum, { text }) => sum + text.length, 0);
    if (length > maxWordLength) {
      yield* host.fail('out of memory');
      return [];
    }
  }
  return segments;
}

function* expandPart(
  host: ExpansionHost,
  part: WordPart | DoubleQuotedChild,
  quoted: boolean,
): sys.Sys<readonly Segment[]> {
  const literal = (text: string): readonly Segment[] => [{ text, quoted: true, splits: false }];
  const result = (text: string): readonly Segment[] => [{ text, quoted, splits: !quoted }];
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return literal(part.value);
    case 'Glob':
      return [{ text: part.text, quoted, splits: false }];
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = yield* expandSegments(host, part.parts, '', true);
      // Quotes make a field even when there is nothing in them, but "$@" without arguments makes none.
      const isAllArguments = part.parts.length === 1 && part.parts[0]?.text === '$@';
      return inner.length === 0 && !isAllArguments ? literal('') : inner;
    }
    case 'SimpleExpansion':
      return yield* expandParameter(host, part.text.slice(1), quoted);
    case 'ParameterExpansion':
      return yield* expandParameterOperation(host, part, quoted);
    case 'CommandExpansion':
      return result(yield* host.substitute(part.script));
    case 'ArithmeticExpansion': {
      if (part.expression === undefined) return result('0');
      const value = yield* evaluateExpression(host, part.expression);
      return result(value === undefined ? '' : String(value));
    }
    default:
      return literal(part.text);
  }
}

function* expandParameter(host: ExpansionHost, name: string, quoted: boolean): sys.Sys<readonly Segment[]> {
  if (name === '@' || (name === '*' && !quoted)) {
    const values = host.state.positional.slice(1);
    return values.map((text, index) => ({
      text,
      quoted,
      splits: !quoted,
      breaksAfter: index < values.length - 1,
    }));
  }
  if (name === 'RANDOM' && !host.state.variables.has('RANDOM')) {
    return [{ text: String(Math.floor((yield* sys.random()) * 32_768)), quoted, splits: false }];
  }
  const value = parameterValue(host, name);
  if (value === undefined && host.state.options.has('u')) {
    yield* host.fail(`${name}: ${host.state.name === 'bash' ? 'unbound variable' : 'parameter not set'}`);
  }
  return [{ text: value ?? '', quoted, splits: !quoted }];
}

function* expandParameterOperation(
  host: ExpansionHost,
  part: ParameterExpansionPart,
  quoted: boolean,
): sys.Sys<readonly Segment[]> {
  const { parameter, operation } = part;
  const value = parameterValue(host, parameter);
  const result = (text: string): readonly Segment[] => [{ text, quoted, splits: !quoted }];
  if (part.prefix === '#') return result(String((value ?? '').length));
  if (part.prefix === '!') return yield* expandParameter(host, value ?? '', quoted);
  if (operation === undefined) return yield* expandParameter(host, parameter, quoted);
  switch (operation.type) {
    case 'Default': {
      const isMissing = value === undefined || (operation.operator.startsWith(':') && value === '');
      const operand = () => expandSegments(host, operation.operand.parts, operation.operand.value, quoted);
      const kind = operation.operator.at(-1);
      if (kind === '+') return isMissing ? [] : yield* operand();
      if (!isMissing) return yield* expandParameter(host, parameter, quoted);
      if (kind === '=') host.state.variables.set(parameter, joinSegments(yield* operand()));
      if (kind === '?') {
        const message = joinSegments(yield* operand());
        yield* host.fail(`${parameter}: ${message === '' ? 'parameter not set' : message}`);
        return [];
      }
      return yield* operand();
    }
    case 'Remove': {
      const pattern = yield* expandPattern(host, operation.operand);
      const end = operation.operator.startsWith('#') ? 'start' : 'end';
      return result(removeMatch(pattern, value ?? '', end, operation.operator.length === 2));
    }
    case 'Replace': {
      const pattern = yield* expandPattern(host, operation.pattern);
      const replacement = yield* expandText(host, operation.replacement);
      return result(replaceMatches(value ?? '', pattern, replacement, operation.operator));
    }
    case 'Slice': {
      const start = Number.parseInt(yield* expandText(host, operation.offset), 10) || 0;
      const count =
        operation.length === undefined
          ? undefined
          : Number.parseInt(yield* expandText(host, operation.length), 10);
      const text = value ?? '';
      const from = start < 0 ? Math.max(0, text.length + start) : start;
      const to = count === undefined ? undefined : count < 0 ? text.length + count : from + count;
      return result(text.slice(from, to));
    }
    case 'CaseModification': {
      const text = value ?? '';
      const change = (piece: string) =>
        operation.operator.startsWith('^') ? piece.toUpperCase() : piece.toLowerCase();
      return result(
        operation.operator.length === 2 ? change(text) : change(text.slice(0, 1)) + text.slice(1),
      );
    }
    default:
      yield* host.fail('bad substitution');
      return [];
  }
}

function replaceMatches(text: string, pattern: Pattern, replacement: string, operator: string): string {
  // The lengths tried are those of one name or line, not of a file: past this the text stays as it is.
  if (text.length > 4096 || pattern.length === 0) return text;
  let result = '';
  let position = 0;
  while (position <= text.length) {
    let matched = -1;
    for (let end = text.length; end > position; end -= 1) {
      if (matchesPattern(pattern, text.slice(position, end))) {
        matched = end;
        break;
      }
    }
    const fits = operator === '/#' ? position === 0 : operator === '/%' ? matched === text.length : true;
    if (matched > position && fits) {
      result += replacement;
      position = matched;
      if (operator !== '//') break;
    } else {
      result += text.charAt(position);
      position += 1;
      if (operator === '/#') break;
    }
  }
  return result + text.slice(position);
}

function splitFields(segments: readonly Segment[], separators: string): PatternPiece[][] {
  const fields: PatternPiece[][] = [];
  let current: PatternPiece[] | undefined;
  for (const segment of segments) {
    if (!segment.splits) {
      current ??= [];
      current.push(segment);
    } else {
      let word = '';
      for (const character of segment.text) {
        if (!separators.includes(character)) {
          word += character;
          continue;
        }
        if (word !== '') current = [...(current ?? []), { text: word, quoted: false }];
        word = '';
        if (current !== undefined) fields.push(current);
        current = undefined;
      }
      if (word !== '') current = [...(current ?? []), { text: word, quoted: false }];
    }
    if (segment.breaksAfter === true) {
      if (current !== undefined) fields.push(current);
      current = undefined;
    }
  }
  if (current !== undefined) fields.push(current);
  return fields;
}

function* matchFiles(cwd: string, field: readonly PatternPiece[]): sys.Sys<readonly string[]> {
  const components = splitComponents(field);
  const isAbsolute = field[0]?.text.startsWith('/') ?? false;
  let found: readonly string[] = [isAbsolute ? '/' : ''];
  for (const component of components) {
    const matcher = parsePattern(component);
    const text = component.map((piece) => piece.text).join('');
    const next: string[] = [];
    for (const base of found) {
      if (!isSpecial(matcher)) {
        next.push(`${base}${base === '' || base.endsWith('/') ? '' : '/'}${text}`);
        continue;
      }
      const names = yield* sys.readDirectory(
        base === '' ? cwd : base.startsWith('/') ? base : `${cwd}/${base}`,
      );
      if (!names.ok) continue;
      for (const name of names.value) {
        if (name.startsWith('.') && !text.startsWith('.')) continue;
        if (matchesPattern(matcher, name))
          next.push(`${base}${base === '' || base.endsWith('/') ? '' : '/'}${name}`);
      }
    }
    found = next;
  }
  const existing: string[] = [];
  for (const path of found) {
    if ((yield* sys.stat(path.startsWith('/') ? path : `${cwd}/${path}`)) !== undefined) existing.push(path);
  }
  return existing;
}

function splitComponents(field: readonly PatternPiece[]): PatternPiece[][] {
  const components: PatternPiece[][] = [[]];
  for (const { text, quoted } of field) {
    for (const [index, piece] of text.split('/').entries()) {
      if (index > 0) components.push([]);
      if (piece !== '') components.at(-1)?.push({ text: piece, quoted });
    }
  }
  return components.filter((component) => component.length > 0);
}

/** `{a,b}` and `{1..3}` in a word that is one brace expansion between plain texts. */
function braces(
  word: Word,
): readonly { readonly parts: readonly WordPart[] | undefined; readonly text: string }[] {
  const whole = [{ parts: word.parts, text: word.value }];
  const brace = word.parts?.find((part) => part.type === 'BraceExpansion');
  if (word.parts === undefined || brace === undefined) return whole;
  if (word.parts.some((part) => part !== brace && part.type !== 'Literal')) return whole;
  const body = brace.text.slice(1, -1);
  if (/[{}$'"`\\]/.test(body)) return whole;
  const range = /^(-?\d{1,9})\.\.(-?\d{1,9})$/.exec(body);
  let items = body.split(',');
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const count = Math.min(Math.abs(to - from) + 1, 10_000);
    items = Array.from({ length: count }, (_, index) => String(from < to ? from + index : from - index));
  } else if (items.length < 2) {
    return whole;
  }
  return items.map((item) => ({
    parts: undefined,
    text: word.parts?.map((part) => (part === brace ? item : part.text)).join('') ?? '',
  }));
}

function tilde(host: ExpansionHost, text: string): string {
  if (text !== '~' && !text.startsWith('~/')) return text;
  return `${host.state.variables.get('HOME') ?? ''}${text.slice(1)}`;
}

function joinSegments(segments: readonly Segment[]): string {
  return segments.map(({ text, breaksAfter }) => (breaksAfter === true ? `${text} ` : text)).join('');
}
