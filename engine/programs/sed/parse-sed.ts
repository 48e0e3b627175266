/**
 * sed's scripts, as GNU sed 4.9 reads them. Left out: `e`, `r`, `R`, `w`, `W` and back-references in expressions. Source:
 * sed(1), sed/compile.c.
 */
import type { RE2JS } from 're2js';
import { err, ok, type Result } from '../../base/result.ts';
import { compilePosix } from '../posix-regex.ts';

/** Where a command applies. A regular expression that is empty stands for the last one that was used. */
export type SedAddress =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  | { readonly kind: 'regex'; readonly regex: RE2JS | undefined };

/** How a range ends. */
export type SedRangeEnd =
  | SedAddress
  | { readonly kind: 'count'; readonly lines: number }
  | { readonly kind: 'multiple'; readonly of: number };

/** A piece of the text that `s` puts in: plain, a group of the match, or a change of case from there on. */
export type SedReplacement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'group'; readonly group: number }
  | { readonly kind: 'case'; readonly change: 'U' | 'L' | 'u' | 'l' | 'E' };

/** What `s` does. */
export interface SedSubstitution {
  readonly regex: RE2JS | undefined;
  readonly replacement: readonly SedReplacement[];
  /** The first match that is replaced. */
  readonly nth: number;
  readonly isGlobal: boolean;
  readonly prints: boolean;
}

/** One command. */
export interface SedCommand {
  readonly from?: SedAddress;
  readonly to?: SedRangeEnd;
  readonly isNegated: boolean;
  readonly verb: string;
  /** Of `a`, `c` and `i`: the lines. */
  readonly text?: string;
  /** Of `b`, `t`, `T` and `:`. */
  readonly label?: string;
  /** Of `q` and `Q`: the exit code; of `l`: the width. */
  readonly number?: number;
  readonly substitution?: SedSubstitution;
  /** Of `y`. */
  readonly letters?: ReadonlyMap<string, string>;
  /** Of `{`: the index of its `}`. */
  readonly end?: number;
}

/** What is wrong with a script, and where: the number of the expression and of the character in it, from 1. */
export interface SedProblem {
  readonly expression: number;
  readonly character: number;
  readonly words: string;
}

/** Reads the scripts of `-e` in order, which make one program. */
export function parseSed(
  scripts: readonly string[],
  { isExtended }: { readonly isExtended: boolean },
): Result<readonly SedCommand[], SedProblem> {
  const reader = new Reader(scripts, isExtended);
  try {
    return ok(reader.readProgram());
  } catch (problem) {
    if (problem instanceof ScriptError) return err(problem.problem);
    throw problem;
  }
}

class ScriptError extends Error {
  readonly problem: SedProblem;

  constructor(problem: SedProblem) {
    super(problem.words);
    this.problem = problem;
  }
}

/** Deeper than anybody writes. */
const maxCommands = 10_000;

class Reader {
  readonly #text: string;
  readonly #starts: readonly number[];
  readonly #isExtended: boolean;
  #at = 0;

  constructor(scripts: readonly string[], isExtended: boolean) {
    this.#text = scripts.join('\n');
    let start = 0;
    this.#starts = scripts.map((script) => {
      const own = start;
      start += script.length + 1;
      return own;
    });
    this.#isExtended = isExtended;
  }

  readProgram(): readonly SedCommand[] {
    const commands: SedCommand[] = [];
    const open: number[] = [];
    for (;;) {
      this.#skip(/[\s;]/);
      if (this.#at >= this.#text.length) break;
      if (commands.length >= maxCommands) this.#fail('too many commands');
      const command = this.#readCommand(open.length > 0);
      if (command === undefined) continue;
      if (command.verb === '{') open.push(commands.length);
      if (command.verb === '}') {
        const start = open.pop();
        const opened = start === undefined ? undefined : commands[start];
        if (start !== undefined && opened !== undefined)
          commands[start] = { ...opened, end: commands.length };
      }
      commands.push(command);
    }
    if (open.length > 0) {
      this.#at = 0;
      throw new ScriptError({ expression: 1, character: 0, words: "unmatched `{'" });
    }
    checkLabels(commands);
    return commands;
  }

  #readCommand(isInBlock: boolean): SedCommand | undefined {
    const from = this.#readAddress();
    let to: SedRangeEnd | undefined;
    if (from !== undefined) {
      this.#skip(/[ \t]/);
      if (this.#peek() === ',') {
        this.#at += 1;
        this.#skip(/[ \t]/);
        to = this.#readRangeEnd() ?? this.#failAtNext("unexpected `,'");
      }
    }
    if (from?.kind === 'line' && from.line === 0 && to?.kind !== 'regex')
      this.#failAtNext('invalid usage of line address 0');
    this.#skip(/[ \t]/);
    let isNegated = false;
    while (this.#peek() === '!') {
      isNegated = true;
      this.#at += 1;
      this.#skip(/[ \t]/);
    }
    const verb = this.#next();
    if (verb === '' || verb === '\n' || verb === ';') this.#fail('missing command');
    if (verb === '#') {
      if (from !== undefined) this.#fail("comments don't accept any addresses");
      this.#readLine();
      return undefined;
    }
    const base = {
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      isNegated,
      verb,
    };
    return { ...base, ...this.#readOperands(verb, from !== undefined, isInBlock) };
  }

  #readOperands(verb: string, hasAddress: boolean, isInBlock: boolean): Partial<SedCommand> {
    if (verb === '{') return {};
    if (verb === '}') {
      if (!isInBlock) this.#fail("unexpected `}'");
      if (hasAddress) this.#fail("} doesn't want any addresses");
      this.#endCommand();
      return {};
    }
    if ('=dDgGhHnNpPxzF'.includes(verb)) {
      this.#endCommand();
      return {};
    }
    if ('aic'.includes(verb)) return { text: this.#readText() };
    if (verb === ':') {
      if (hasAddress) this.#fail(": doesn't want any addresses");
      const label = this.#readUntil(/[;\s]/);
      if (label === '') this.#fail('":" lacks a label');
      return { label };
    }
    if ('btT'.includes(verb)) return { label: this.#readUntil(/[;\n}]/).trim() };
    if ('qQlL'.includes(verb)) {
      this.#skip(/[ \t]/);
      const digits = this.#readUntil(/[^0-9]/);
      this.#endCommand();
      return digits === '' ? {} : { number: Number(digits) };
    }
    if (verb === 's') return { substitution: this.#readSubstitution() };
    if (verb === 'y') return { letters: this.#readLetters() };
    return this.#fail(`unknown command: \`${verb}'`);
  }

  #readAddress(): SedAddress | undefined {
    const character = this.#peek();
    if (/[0-9]/.test(character)) {
      const line = Number(this.#readUntil(/[^0-9]/));
      if (this.#peek() !== '~') return { kind: 'line', line };
      this.#at += 1;
      return { kind: 'step', first: line, step: Number(this.#readUntil(/[^0-9]/)) };
    }
    if (character === '$') {
      this.#at += 1;
      return { kind: 'last' };
    }
    if (character !== '/' && character !== '\\') return undefined;
    if (character === '\\') this.#at += 1;
    const delimiter = this.#next();
    const pattern = this.#readDelimited(delimiter, true) ?? this.#fail('unterminated address regex');
    let ignoreCase = false;
    while (/[IM]/.test(this.#peek())) ignoreCase ||= this.#next() === 'I';
    return { kind: 'regex', regex: this.#compile(pattern, ignoreCase) };
  }

  #readRangeEnd(): SedRangeEnd | undefined {
    const character = this.#peek();
    if (character !== '+' && character !== '~') return this.#readAddress();
    this.#at += 1;
    const number = Number(this.#readUntil(/[^0-9]/));
    return character === '+' ? { kind: 'count', lines: number } : { kind: 'multiple', of: number };
  }

  #readSubstitution(): SedSubstitution {
    const delimiter = this.#next();
    const unterminated = "unterminated `s' command";
    const pattern = this.#readDelimited(delimiter, true) ?? this.#fail(unterminated);
    const replacement = this.#readDelimited(delimiter, false) ?? this.#fail(unterminated);
    let nth = 1;
    let isGlobal = false;
    let prints = false;
    let ignoreCase = false;
    for (;;) {
      const flag = this.#peek();
      if (flag === 'g') isGlobal = true;
      else if (flag === 'p') prints = true;
      else if (flag === 'i' || flag === 'I') ignoreCase = true;
      else if (/[1-9]/.test(flag)) {
        nth = Number(this.#readUntil(/[^0-9]/));
        continue;
      } else if (!/[mM]/.test(flag)) break;
      this.#at += 1;
    }
    const end = this.#peek();
    if (end !== '' && !/[\s;}#]/.test(end)) {
      this.#at += 1;
      this.#fail("unknown option to `s'");
    }
    const regex = this.#compile(pattern, ignoreCase);
    const pieces = readReplacement(replacement);
    const groups = regex?.groupCount() ?? 9;
    const tooHigh = pieces.find((piece) => piece.kind === 'group' && piece.group > groups);
    if (tooHigh?.kind === 'group') this.#fail(`invalid reference \\${tooHigh.group} on \`s' command's RHS`);
    return { regex, replacement: pieces, nth, isGlobal, prints };
  }

  #readLetters(): ReadonlyMap<string, string> {
    const delimiter = this.#next();
    const unterminated = "unterminated `y' command";
    const plain = (text: string) => [
      ...text.replaceAll(/\\(.)/gs, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    ];
    const from = plain(this.#readDelimited(delimiter, false) ?? this.#fail(unterminated));
    const to = plain(this.#readDelimited(delimiter, false) ?? this.#fail(unterminated));
    if (from.length !== to.length) this.#fail("strings for `y' command are different lengths");
    this.#endCommand();
    return new Map(from.map((letter, index) => [letter, to[index] ?? '']));
  }

  /** The lines of `a`, `c` and `i`, in one line (`a text`) or behind a backslash. */
  #readText(): string {
    this.#skip(/[ \t]/);
    if (this.#at >= this.#text.length) this.#fail("expected \\ after `a', `c' or `i'");
    if (this.#peek() === '\\') {
      // What stands behind the backslash on the same line keeps its blanks.
      const rest = /^\\[ \t]*\n/.exec(this.#text.slice(this.#at, this.#at + 1000));
      this.#at += rest === null ? 1 : rest[0].length;
    }
    let text = '';
    for (;;) {
      const character = this.#next();
      if (character === '' || character === '\n') break;
      text += character === '\\' ? this.#next() : character;
    }
    return `${text}\n`;
  }

  /** Up to the delimiter, which is taken too; undefined when there is none. */
  #readDelimited(delimiter: string, isPattern: boolean): string | undefined {
    if (delimiter === '' || delimiter === '\n' || delimiter === '\\') return undefined;
    let text = '';
    let isInSet = false;
    for (;;) {
      const character = this.#next();
      if (character === '') return undefined;
      if (character === '\n' && isPattern) return undefined;
      if (character === '\\') {
        const next = this.#next();
        if (next === '') return undefined;
        // An escaped delimiter is a plain character, unless it means something else to the expression then.
        text += next === delimiter ? next : next === 'n' && isPattern ? '\n' : `\\${next}`;
        continue;
      }
      if (isPattern && character === '[' && !isInSet) {
        isInSet = true;
        text += character;
        for (const first of ['^', ']']) if (this.#peek() === first) text += this.#next();
        continue;
      }
      if (character === ']') isInSet = false;
      if (character === delimiter && !isInSet) return text;
      text += character;
    }
  }

  #compile(pattern: string, ignoreCase: boolean): RE2JS | undefined {
    if (pattern === '') return undefined;
    const syntax = this.#isExtended ? 'extended' : 'basic';
    const compiled = compilePosix([pattern.replaceAll('\\t', '\t')], { syntax, ignoreCase });
    return compiled.ok ? compiled.value : this.#fail(compiled.error);
  }

  #endCommand(): void {
    this.#skip(/[ \t]/);
    const character = this.#peek();
    if (character === '' || character === '}' || character === '#') return;
    this.#at += 1;
    if (character !== ';' && character !== '\n') this.#fail('extra characters after command');
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    const character = this.#peek();
    this.#at += character.length;
    return character;
  }

  #skip(what: RegExp): void {
    while (this.#at < this.#text.length && what.test(this.#peek())) this.#at += 1;
  }

  #readUntil(end: RegExp): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !end.test(this.#peek())) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  #readLine(): string {
    return this.#readUntil(/\n/);
  }

  /** GNU sed looks one character further before it tells of some mistakes. */
  #failAtNext(words: string): never {
    this.#at += 1;
    return this.#fail(words);
  }

  #fail(words: string): never {
    const expression = Math.max(1, this.#starts.filter((start) => start <= this.#at).length);
    const start = this.#starts[expression - 1] ?? 0;
    throw new ScriptError({ expression, character: this.#at - start, words });
  }
}

/** The replacement of `s` in pieces. */
function readReplacement(text: string): readonly SedReplacement[] {
  const pieces: SedReplacement[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '&') {
      flush();
      pieces.push({ kind: 'group', group: 0 });
      continue;
    }
    if (character !== '\\') {
      plain += character;
      continue;
    }
    at += 1;
    const next = text.charAt(at);
    if (/[0-9]/.test(next)) {
      flush();
      pieces.push({ kind: 'group', group: Number(next) });
    } else if (isCaseChange(next)) {
      flush();
      pieces.push({ kind: 'case', change: next });
    } else if (/^x[0-9A-Fa-f]{2}/.test(text.slice(at))) {
      plain += String.fromCodePoint(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 2;
    } else plain += next === 'n' ? '\n' : next === 't' ? '\t' : next;
  }
  flush();
  return pieces;
}

function isCaseChange(letter: string): letter is 'U' | 'L' | 'u' | 'l' | 'E' {
  return letter !== '' && 'ULulE'.includes(letter);
}

function checkLabels(commands: readonly SedCommand[]): void {
  const labels = new Set(commands.filter(({ verb }) => verb === ':').map(({ label }) => label));
  for (const { verb, label } of commands) {
    if (!'btT'.includes(verb) || label === undefined || label === '' || labels.has(label)) continue;
    throw new ScriptError({ expression: 0, character: 0, words: `can't find label for jump to \`${label}'` });
  }
}
