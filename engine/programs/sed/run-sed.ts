/** Carrying sed's programs out on texts. Source: sed(1), sed/execute.c of GNU sed 4.9. */
import type { RE2JS } from 're2js';
import type { SedAddress, SedCommand, SedReplacement, SedSubstitution } from './parse-sed.ts';

/** One input and its name. */
export interface SedInput {
  readonly file: string;
  readonly text: string;
}

/** How a program is carried out. */
export interface SedOptions {
  /** `-n` */
  readonly isQuiet: boolean;
  /** `-s` and `-i`: each input by itself, with lines counted from 1 and an output of its own. */
  readonly isSeparate: boolean;
  /** `-z`: a NUL ends each line. */
  readonly endsWithNul?: boolean;
}

/** What a program printed, one text or one for each input, and its exit code. */
export interface SedResult {
  readonly outputs: readonly string[];
  readonly exitCode: number;
}

/** Steps of one run at most, each counted by the lines of a screen that it looks at: a learner's loop must end. */
const maxSteps = 200_000;
const charactersPerStep = 1_000;
/** Source: sed/basicdefs.h, EXIT_PANIC. */
const panic = 4;

/** Runs a program over inputs. */
export function runSed(
  program: readonly SedCommand[],
  inputs: readonly SedInput[],
  options: SedOptions,
): SedResult {
  const { isSeparate } = options;
  const groups = isSeparate ? inputs.map((input) => [input]) : [inputs];
  const outputs: string[] = [];
  let exitCode: number | undefined;
  for (const group of groups) {
    // What follows a `q` is left as it was.
    if (exitCode !== undefined) {
      outputs.push(group.map(({ text }) => text).join(''));
      continue;
    }
    const run = new SedRun(program, group, options);
    exitCode = run.run();
    outputs.push(run.output + (exitCode === undefined || !isSeparate ? '' : run.rest()));
  }
  return { outputs, exitCode: exitCode ?? 0 };
}

interface Line {
  readonly text: string;
  readonly file: string;
  readonly isEnded: boolean;
}

class SedRun {
  output = '';
  /** What ends a line. */
  readonly #end: string;
  /** Whether what was printed last is a line that did not end. */
  #isOpen = false;
  readonly #program: readonly SedCommand[];
  readonly #lines: readonly Line[];
  readonly #isQuiet: boolean;
  /** Of each command with a range: whether it is in it, and the line where a counted one ends. */
  readonly #ranges = new Map<number, { isOpen: boolean; lastLine: number }>();
  #at = -1;
  #pattern = '';
  #hold = '';
  /** What is printed at the end of the cycle. */
  #appended = '';
  #hasReplaced = false;
  #lastRegex: RE2JS | undefined;
  #steps = 0;

  constructor(
    program: readonly SedCommand[],
    inputs: readonly SedInput[],
    { isQuiet, endsWithNul = false }: SedOptions,
  ) {
    this.#program = program;
    this.#end = endsWithNul ? '\0' : '\n';
    const line = endsWithNul ? /[^\0]*\0|[^\0]+$/g : /[^\n]*\n|[^\n]+$/g;
    this.#lines = inputs.flatMap(({ file, text }) =>
      (text.match(line) ?? []).map((found) => ({
        file,
        text: found.endsWith(this.#end) ? found.slice(0, -1) : found,
        isEnded: found.endsWith(this.#end),
      })),
    );
    this.#isQuiet = isQuiet;
  }

  /** What was not read yet. */
  rest(): string {
    return this.#lines
      .slice(this.#at + 1)
      .map(({ text, isEnded }) => text + (isEnded ? this.#end : ''))
      .join('');
  }

  /** The exit code of `q` or `Q`; undefined when the input came to its end. */
  run(): number | undefined {
    let keepsPattern = false;
    while (keepsPattern || this.#at + 1 < this.#lines.length) {
      if (!keepsPattern) this.#read();
      const outcome = this.#cycle();
      keepsPattern = outcome === 'again';
      if (typeof outcome === 'number') return outcome;
      if (this.#steps > maxSteps) return panic;
    }
    return undefined;
  }

  #read(): void {
    this.#at += 1;
    this.#pattern = this.#lines[this.#at]?.text ?? '';
    this.#hasReplaced = false;
  }

  get #lineNumber(): number {
    return this.#at + 1;
  }

  get #isLast(): boolean {
    return this.#at >= this.#lines.length - 1;
  }

  /** Puts text out; a line that was left open before is ended first. */
  #emit(text: string): void {
    if (text === '') return;
    this.output += this.#isOpen ? `${this.#end}${text}` : text;
    this.#isOpen = false;
  }

  /** Prints a line as the one that is read ends: the last of a text may end without a newline. */
  #print(text: string): void {
    const isEnded = this.#lines[this.#at]?.isEnded !== false;
    this.#emit(`${text}${isEnded ? this.#end : ''}`);
    this.#isOpen = !isEnded;
  }

  #endCycle(prints: boolean): void {
    if (prints && !this.#isQuiet) this.#print(this.#pattern);
    this.#emit(this.#appended);
    this.#appended = '';
  }

  /** One pass of the program over a line; `again` for the next without a new line, a number to end with that code. */
  #cycle(): 'next' | 'again' | number {
    for (let index = 0; index < this.#program.length; index += 1) {
      const command = this.#program[index];
      this.#steps += 1 + this.#pattern.length / charactersPerStep;
      if (command === undefined || this.#steps > maxSteps) break;
      if (this.#selects(command, index) === command.isNegated) {
        if (command.verb === '{') index = command.end ?? index;
        continue;
      }
      const jump = this.#carryOut(command);
      if (jump === undefined) continue;
      if (typeof jump === 'object') {
        index = jump.to - 1;
        continue;
      }
      return jump;
    }
    this.#endCycle(true);
    return 'next';
  }

  #carryOut(command: SedCommand): { readonly to: number } | 'next' | 'again' | number | undefined {
    const { verb, text = '', number } = command;
    switch (verb) {
      case '=':
        this.#emit(`${this.#lineNumber}\n`);
        return undefined;
      case 'a':
        this.#appended += text;
        return undefined;
      case 'i':
        this.#emit(text);
        return undefined;
      case 'c':
        return this.#change(command, text);
      case 'd':
        this.#endCycle(false);
        return 'next';
      case 'D':
        return this.#deleteFirst();
      case 'F':
        this.#emit(`${this.#lines[this.#at]?.file ?? '-'}\n`);
        return undefined;
      case 'g':
        this.#pattern = this.#hold;
        return undefined;
      case 'G':
        this.#pattern += `\n${this.#hold}`;
        return undefined;
      case 'h':
        this.#hold = this.#pattern;
        return undefined;
      case 'H':
        this.#hold += `\n${this.#pattern}`;
        return undefined;
      case 'x':
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        return undefined;
      case 'z':
        this.#pattern = '';
        return undefined;
      case 'l':
        this.#emit(`${showLiterally(this.#pattern)}$\n`);
        return undefined;
      case 'n':
      case 'N':
        return this.#readMore(verb);
      case 'p':
        this.#print(this.#pattern);
        return undefined;
      case 'P':
        this.#emit(`${this.#pattern.split('\n', 1)[0] ?? ''}${this.#end}`);
        return undefined;
      case 'q':
        this.#endCycle(true);
        return number ?? 0;
      case 'Q':
        return number ?? 0;
      case 's':
        if (command.substitution !== undefined) this.#substitute(command.substitution);
        return undefined;
      case 'y':
        this.#pattern = [...this.#pattern].map((letter) => command.letters?.get(letter) ?? letter).join('');
        return undefined;
      case 'b':
      case 't':
      case 'T':
        return this.#branch(command);
      default:
        return undefined;
    }
  }

  #branch({ verb, label }: SedCommand): { readonly to: number } | 'next' | undefined {
    const hadReplaced = this.#hasReplaced;
    if (verb !== 'b') this.#hasReplaced = false;
    if ((verb === 't' && !hadReplaced) || (verb === 'T' && hadReplaced)) return undefined;
    if (label === undefined || label === '') return { to: this.#program.length };
    return { to: this.#program.findIndex((command) => command.verb === ':' && command.label === label) };
  }

  #change({ to, isNegated }: SedCommand, text: string): 'next' {
    const isRange = to !== undefined && !isNegated;
    const isInside = isRange && [...this.#ranges.values()].some(({ isOpen }) => isOpen);
    if (!isInside) this.#emit(text);
    this.#endCycle(false);
    return 'next';
  }

  #deleteFirst(): 'next' | 'again' {
    const end = this.#pattern.indexOf('\n');
    this.#endCycle(false);
    if (end < 0) return 'next';
    this.#pattern = this.#pattern.slice(end + 1);
    return 'again';
  }

  #readMore(verb: 'n' | 'N'): number | undefined {
    if (this.#isLast) {
      // GNU prints the pattern space before it ends, whichever of the two has no line to read.
      this.#endCycle(true);
      this.#at = this.#lines.length;
      return 0;
    }
    const before = this.#pattern;
    if (verb === 'n' && !this.#isQuiet) this.#print(before);
    this.#emit(this.#appended);
    this.#appended = '';
    const hadReplaced = this.#hasReplaced;
    this.#read();
    this.#hasReplaced = hadReplaced;
    if (verb === 'N') this.#pattern = `${before}\n${this.#pattern}`;
    return undefined;
  }

  #selects(command: SedCommand, index: number): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return this.#matches(from);
    const range = this.#ranges.get(index) ?? { isOpen: false, lastLine: 0 };
    this.#ranges.set(index, range);
    if (!range.isOpen) {
      const isFromStart = from.kind === 'line' && from.line === 0 && this.#lineNumber === 1;
      if (isFromStart) {
        range.isOpen = to.kind !== 'regex' || !this.#find(to.regex);
        return true;
      }
      if (!this.#matches(from)) return false;
      range.lastLine = this.#lastLineOf(to);
      range.isOpen = to.kind === 'regex' || range.lastLine > this.#lineNumber;
      if (to.kind === 'last') range.isOpen = !this.#isLast;
      return true;
    }
    if (to.kind === 'regex') range.isOpen = !this.#find(to.regex);
    else if (to.kind === 'last') range.isOpen = !this.#isLast;
    else {
      range.isOpen = this.#lineNumber < range.lastLine;
      // A line that is past already ends the range before it.
      if (this.#lineNumber > range.lastLine) return this.#selects(command, index);
    }
    return true;
  }

  #lastLineOf(end: NonNullable<SedCommand['to']>): number {
    if (end.kind === 'line') return end.line;
    if (end.kind === 'count') return this.#lineNumber + end.lines;
    if (end.kind === 'multiple')
      return end.of === 0 ? this.#lineNumber : Math.ceil(this.#lineNumber / end.of) * end.of;
    return end.kind === 'step' ? end.first : 0;
  }

  #matches(address: SedAddress): boolean {
    switch (address.kind) {
      case 'line':
        return this.#lineNumber === address.line;
      case 'last':
        return this.#isLast;
      case 'step':
        return address.step === 0
          ? this.#lineNumber === address.first
          : this.#lineNumber >= address.first && (this.#lineNumber - address.first) % address.step === 0;
      case 'regex':
        return this.#find(address.regex);
    }
  }

  #find(regex: RE2JS | undefined): boolean {
    const used = regex ?? this.#lastRegex;
    this.#lastRegex = used;
    return used?.matcher(this.#pattern).find() ?? false;
  }

  #substitute({ regex, replacement, nth, isGlobal, prints }: SedSubstitution): void {
    const used = regex ?? this.#lastRegex;
    this.#lastRegex = used;
    if (used === undefined) return;
    const matcher = used.matcher(this.#pattern);
    let changed = '';
    let from = 0;
    let count = 0;
    let lastEnd = -1;
    let hasChanged = false;
    while (matcher.find()) {
      // Nothing is found once more where a match has just ended.
      if (matcher.end() === matcher.start() && matcher.start() === lastEnd) continue;
      lastEnd = matcher.end();
      count += 1;
      this.#steps += 1;
      if (this.#steps > maxSteps) break;
      if (count < nth) continue;
      const groups = Array.from(
        { length: matcher.groupCount() + 1 },
        (_, group) => matcher.group(group) ?? '',
      );
      changed += this.#pattern.slice(from, matcher.start()) + writeReplacement(replacement, groups);
      from = matcher.end();
      hasChanged = true;
      if (!isGlobal) break;
    }
    if (!hasChanged) return;
    this.#pattern = changed + this.#pattern.slice(from);
    this.#hasReplaced = true;
    if (prints) this.#print(this.#pattern);
  }
}

function writeReplacement(pieces: readonly SedReplacement[], groups: readonly string[]): string {
  let written = '';
  let all: 'U' | 'L' | undefined;
  let one: 'u' | 'l' | undefined;
  for (const piece of pieces) {
    if (piece.kind === 'case') {
      if (piece.change === 'E') all = undefined;
      else if (piece.change === 'U' || piece.change === 'L') all = piece.change;
      else one = piece.change;
      continue;
    }
    let text = piece.kind === 'text' ? piece.text : (groups[piece.group] ?? '');
    if (all !== undefined) text = all === 'U' ? text.toUpperCase() : text.toLowerCase();
    if (one !== undefined && text !== '') {
      const first = one === 'u' ? text.charAt(0).toUpperCase() : text.charAt(0).toLowerCase();
      text = first + text.slice(1);
      one = undefined;
    }
    written += text;
  }
  return written;
}

/** As `l` shows a text: what can't be seen as an escape, long lines folded. */
function showLiterally(text: string): string {
  const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
  const pieces = [...text].flatMap((character) => {
    const known = Object.hasOwn(named, character) ? named[character] : undefined;
    if (known !== undefined) return [known];
    if (/[\x20-\x7e]/.test(character)) return [character];
    return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  });
  const lines = [''];
  for (const piece of pieces) {
    const last = lines.length - 1;
    // Source: sed(1): lines are 70 characters long, the mark of continuation included.
    if ((lines[last] ?? '').length + piece.length > 69) lines.push(piece);
    else lines[last] = (lines[last] ?? '') + piece;
  }
  return lines.join('\\\n');
}
