/**
 * POSIX regular expressions, basic and extended, in the syntax of RE2, whose matching takes linear time whatever a learner
 * types. Left out: back-references, which no such matcher has. Source: POSIX, chapter 9; regex(7); GNU's escapes.
 */
import { createRequire } from 'node:module';
import type { RE2JS as Re2 } from 're2js';
import { err, ok, type Result } from '../base/result.ts';

const load = createRequire(import.meta.url);

/** Loaded when the first expression is compiled: most commands need none. */
function library(): typeof import('re2js') {
  return load('re2js');
}

function quote(text: string): string {
  return library().RE2JS.quote(text);
}

/** Which syntax a pattern is in: that of grep, grep -E, grep -F, or Perl's as far as RE2 has it. */
export type RegexSyntax = 'basic' | 'extended' | 'fixed' | 'perl';

/** What a pattern is compiled with. */
export interface RegexOptions {
  readonly syntax: RegexSyntax;
  readonly ignoreCase: boolean;
}

/** Compiles alternatives to one expression that finds the leftmost longest match. */
export function compilePosix(
  patterns: readonly string[],
  { syntax, ignoreCase }: RegexOptions,
): Result<Re2, string> {
  const { RE2JS } = library();
  const parts: string[] = [];
  for (const pattern of patterns) {
    const part = translate(pattern, syntax);
    if (!part.ok) return part;
    parts.push(`(?:${part.value})`);
  }
  try {
    const longest = syntax === 'perl' ? 0 : RE2JS.LONGEST_MATCH;
    return ok(RE2JS.compile(parts.join('|'), (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | longest));
  } catch (problem) {
    return err(wordsFor(problem instanceof Error ? problem.message : String(problem)));
  }
}

/** Source: glibc, regcomp.c, __re_error_msgid. */
function wordsFor(problem: string): string {
  if (/missing closing \]/.test(problem)) return 'Unmatched [, [^, [:, [., or [=';
  if (/missing closing \)/.test(problem)) return 'Unmatched ( or \\(';
  if (/unexpected \)/.test(problem)) return 'Unmatched ) or \\)';
  if (/invalid (?:nested )?repetition|missing argument/.test(problem))
    return 'Invalid preceding regular expression';
  if (/invalid character class range/.test(problem)) return 'Invalid range end';
  if (/trailing backslash/.test(problem)) return 'Trailing backslash';
  return problem.replace(/^error parsing regexp: /, '');
}

function translate(pattern: string, syntax: RegexSyntax): Result<string, string> {
  if (syntax === 'fixed') return ok(quote(pattern));
  return syntax === 'perl' ? ok(pattern) : translatePosix(pattern, syntax === 'extended');
}

/** Escapes that mean the same to RE2. */
const sameEscapes = 'bBwWsS';

function translatePosix(pattern: string, isExtended: boolean): Result<string, string> {
  let text = '';
  /** Whether an expression begins here, so that a repetition is a plain character. */
  let isStart = true;
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (character === '[') {
      const end = bracketEnd(pattern, at);
      if (end < 0) return err('Unmatched [, [^, [:, [., or [=');
      text += translateBracket(pattern.slice(at, end + 1));
      at = end;
      isStart = false;
      continue;
    }
    if (character === '\\') {
      if (next === '') return err('Trailing backslash');
      at += 1;
      if (/\d/.test(next)) return err('back-references are not available in this shell');
      if (next === '<' || next === '>') text += '\\b';
      else if (sameEscapes.includes(next)) text += `\\${next}`;
      else if (!isExtended && '(){}|+?'.includes(next)) {
        text += isStart && '+?{'.includes(next) ? `\\${next}` : next;
        isStart = next === '(' || next === '|';
        continue;
      } else text += quote(next);
      isStart = false;
      continue;
    }
    if (character === '^') {
      text += isStart || isExtended ? '^' : '\\^';
      continue;
    }
    if (character === '$') {
      const isEnd =
        next === '' ||
        isExtended ||
        pattern.slice(at + 1).startsWith('\\)') ||
        pattern.slice(at + 1).startsWith('\\|');
      text += isEnd ? '$' : '\\$';
      isStart = false;
      continue;
    }
    const isSpecial = isExtended ? '(){}|+?*.'.includes(character) : '*.'.includes(character);
    if (character === '(') depth += 1;
    // A bracket that closes nothing is a plain one.
    if (!isSpecial || (character === ')' && depth === 0)) text += quote(character);
    else if (isStart && '*+?'.includes(character)) text += `\\${character}`;
    else if (character === '{' && !/^\{\d*(?:,\d*)?\}/.test(pattern.slice(at))) text += '\\{';
    else text += character;
    if (character === ')' && depth > 0) depth -= 1;
    isStart = isExtended && (character === '(' || character === '|');
  }
  return ok(text);
}

/** Where a bracket expression ends: a bracket at its start, and those of classes, are part of it. */
function bracketEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern.charAt(at) === '^') at += 1;
  if (pattern.charAt(at) === ']') at += 1;
  for (; at < pattern.length; at += 1) {
    const two = pattern.slice(at, at + 2);
    if (two === '[:' || two === '[.' || two === '[=') {
      const end = pattern.indexOf(`${two.charAt(1)}]`, at + 2);
      if (end < 0) return -1;
      at = end + 1;
    } else if (pattern.charAt(at) === ']') return at;
  }
  return -1;
}

function translateBracket(bracket: string): string {
  const isNegated = bracket.startsWith('[^');
  let inner = bracket.slice(isNegated ? 2 : 1, -1);
  let text = '';
  while (inner !== '') {
    const named = /^\[:(\w+):\]|^\[[.=](.)[.=]\]/.exec(inner);
    if (named !== null) {
      text += named[1] === undefined ? quote(named[2] ?? '') : `[:${named[1]}:]`;
      inner = inner.slice(named[0].length);
      continue;
    }
    const character = inner.charAt(0);
    text += '\\[]^'.includes(character) ? `\\${character}` : character;
    inner = inner.slice(1);
  }
  return `[${isNegated ? '^' : ''}${text}]`;
}
