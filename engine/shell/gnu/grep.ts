/** `grep`, `egrep` and `fgrep` over the learner's files. Left out: binary files, back-references. Source: GNU grep 3.8. */
import type { RE2JS } from 're2js';
import { type ParsedArguments, parseArguments } from '../../programs/arguments.ts';
import { compilePosix, type RegexSyntax } from '../../programs/posix-regex.ts';
import type { CommandSurroundings } from '../kubectl-host.ts';
import type { ShellResult } from '../shell-host.ts';

const options = {
  flags: {
    E: 'E',
    'extended-regexp': 'E',
    F: 'F',
    'fixed-strings': 'F',
    G: 'G',
    'basic-regexp': 'G',
    P: 'P',
    'perl-regexp': 'P',
    i: 'i',
    y: 'i',
    'ignore-case': 'i',
    v: 'v',
    'invert-match': 'v',
    w: 'w',
    'word-regexp': 'w',
    x: 'x',
    'line-regexp': 'x',
    c: 'c',
    count: 'c',
    l: 'l',
    'files-with-matches': 'l',
    L: 'L',
    'files-without-match': 'L',
    n: 'n',
    'line-number': 'n',
    h: 'h',
    'no-filename': 'h',
    H: 'H',
    'with-filename': 'H',
    o: 'o',
    'only-matching': 'o',
    q: 'q',
    quiet: 'q',
    silent: 'q',
    s: 's',
    'no-messages': 's',
    r: 'r',
    recursive: 'r',
    R: 'r',
    'dereference-recursive': 'r',
    a: 'a',
    text: 'a',
    b: 'b',
    'byte-offset': 'b',
    z: 'z',
    'null-data': 'z',
    Z: 'Z',
    null: 'Z',
    I: 'I',
    U: 'U',
    'line-buffered': 'lb',
    T: 'T',
    'initial-tab': 'T',
    'no-ignore-case': 'no-i',
  },
  values: {
    e: 'e',
    regexp: 'e',
    f: 'f',
    file: 'f',
    m: 'm',
    'max-count': 'm',
    A: 'A',
    'after-context': 'A',
    B: 'B',
    'before-context': 'B',
    C: 'C',
    context: 'C',
    include: 'include',
    exclude: 'exclude',
    'exclude-dir': 'exclude-dir',
    label: 'label',
    d: 'd',
    D: 'D',
  },
} as const;

const usage = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

/** How lines are chosen and shown. */
interface Search {
  readonly regex: RE2JS;
  readonly parsed: ParsedArguments;
  readonly colour: boolean;
  readonly before: number;
  readonly after: number;
  readonly most: number;
  readonly withName: boolean;
}

/** Runs grep; `name` decides how patterns are read where no option says so. */
export async function runGrep(
  name: string,
  args: readonly string[],
  { files, stdin }: Pick<CommandSurroundings, 'files' | 'stdin'>,
): Promise<ShellResult> {
  const colour = args.filter((word) => /^--colou?r(?:=|$)/.test(word)).at(-1);
  // `-3` is `-C 3`, and colours may stand without a value.
  const words = args
    .filter((word) => !/^--colou?r(?:=|$)/.test(word))
    .map((word) => (/^-\d+$/.test(word) ? `-C${word.slice(1)}` : word));
  const read = parseArguments(words, options);
  if (!read.ok) return failed(optionProblem(read.error.option, read.error.kind));
  const parsed = read.value;
  let operands = parsed.operands;
  let patterns = (parsed.values.get('e') ?? []).flatMap((text) => text.split('\n'));
  for (const path of parsed.values.get('f') ?? []) {
    const text = path === '-' ? stdin : await files.read(path);
    if (text === undefined) return failed(`grep: ${path}: No such file or directory\n`);
    patterns.push(...linesOf(text, '\n'));
  }
  if (!parsed.values.has('e') && !parsed.values.has('f')) {
    const [first, ...rest] = operands;
    if (first === undefined) return failed(usage);
    patterns = first.split('\n');
    operands = rest;
  }
  const syntax = syntaxOf(name, parsed);
  const regex = compilePosix(patterns, { syntax, ignoreCase: parsed.flags.has('i') });
  if (!regex.ok) return failed(`grep: ${regex.error}\n`);
  const numbers = ['A', 'B', 'C', 'm'].map((option) => parsed.value(option));
  const wrong = numbers.findIndex((value) => value !== undefined && !/^-?\d+$/.test(value));
  if (wrong === 3) return failed('grep: invalid max count\n');
  if (wrong >= 0) return failed(`grep: ${numbers[wrong]}: invalid context length argument\n`);
  const [after, before, context, most] = numbers;
  const isRecursive = parsed.flags.has('r');
  const search: Search = {
    regex: regex.value,
    parsed,
    colour: colour === '--color=always' || colour === '--colour=always',
    before: Number(before ?? context ?? 0),
    after: Number(after ?? context ?? 0),
    most: most === undefined || Number(most) < 0 ? Number.POSITIVE_INFINITY : Number(most),
    withName: parsed.flags.has('H') || (!parsed.flags.has('h') && (operands.length > 1 || isRecursive)),
  };
  return searchAll(search, { files, stdin }, operands.length > 0 ? operands : [isRecursive ? '.' : '-']);
}

function syntaxOf(name: string, { flags }: ParsedArguments): RegexSyntax {
  if (flags.has('F') || name === 'fgrep') return 'fixed';
  if (flags.has('P')) return 'perl';
  return flags.has('E') || name === 'egrep' ? 'extended' : 'basic';
}

function optionProblem(option: string, kind: 'unknown' | 'needs-value' | 'takes-no-value'): string {
  const letter = option.replace(/^-/, '');
  if (kind === 'needs-value' && !option.startsWith('--'))
    return `grep: option requires an argument -- '${letter}'\n${usage}`;
  if (kind === 'needs-value') return `grep: option '${option}' requires an argument\n${usage}`;
  return option.startsWith('--')
    ? `grep: unrecognized option '${option}'\n${usage}`
    : `grep: invalid option -- '${letter}'\n${usage}`;
}

function failed(stderr: string): ShellResult {
  return { exitCode: 2, stdout: '', stderr };
}

type Sources = Pick<CommandSurroundings, 'files' | 'stdin'>;

async function searchAll(
  search: Search,
  sources: Sources,
  operands: readonly string[],
): Promise<ShellResult> {
  const { flags } = search.parsed;
  let stdout = '';
  let stderr = '';
  let isFound = false;
  const complain = (text: string) => {
    if (!flags.has('s')) stderr += `grep: ${text}\n`;
    hasTrouble = true;
  };
  let hasTrouble = false;
  const look = (name: string, text: string) => {
    const found = searchText(search, name, text);
    stdout += found.output;
    isFound ||= found.isSelected;
  };
  for (const operand of operands) {
    const text = operand === '-' ? sources.stdin : await sources.files.read(operand);
    if (text !== undefined)
      look(operand === '-' ? (search.parsed.value('label') ?? '(standard input)') : operand, text);
    else if ((await sources.files.list(operand)) === undefined)
      complain(`${operand}: No such file or directory`);
    else if (!flags.has('r')) complain(`${operand}: Is a directory`);
    else {
      for (const path of await filesBelow(
        search,
        sources,
        operand === '.' && operands.length === 1 ? '' : operand,
      )) {
        const inner = await sources.files.read(path);
        if (inner !== undefined) look(path, inner);
      }
    }
  }
  if (flags.has('q')) stdout = '';
  const isDone = isFound && flags.has('q');
  return { exitCode: hasTrouble && !isDone ? 2 : isFound ? 0 : 1, stdout, stderr };
}

async function filesBelow(search: Search, sources: Sources, folder: string): Promise<readonly string[]> {
  const given = (option: string) => search.parsed.values.get(option) ?? [];
  const paths: string[] = [];
  for (const entry of (await sources.files.list(folder === '' ? '.' : folder)) ?? []) {
    const name = entry.replace(/\/$/, '');
    const path = folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`;
    if (entry.endsWith('/')) {
      if (!given('exclude-dir').some((glob) => fitsGlob(glob, name)))
        paths.push(...(await filesBelow(search, sources, path)));
    } else if (
      (given('include').length === 0 || given('include').some((glob) => fitsGlob(glob, name))) &&
      !given('exclude').some((glob) => fitsGlob(glob, name))
    ) {
      paths.push(path);
    }
  }
  return paths;
}

function fitsGlob(glob: string, name: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const compiled = compilePosix([`^(${pattern})$`], { syntax: 'perl', ignoreCase: false });
  return compiled.ok && compiled.value.matcher(name).find();
}

/** A piece of a line that fits. */
interface Match {
  readonly start: number;
  readonly end: number;
}

function matchesIn({ regex, parsed }: Search, line: string): readonly Match[] {
  const matcher = regex.matcher(line);
  const found: Match[] = [];
  let at = 0;
  while (at <= line.length && matcher.find(at)) {
    const [start, end] = [matcher.start(), matcher.end()];
    const isWhole = !parsed.flags.has('x') || (start === 0 && end === line.length);
    const isWord = !parsed.flags.has('w') || (!isWordAt(line, start - 1) && !isWordAt(line, end));
    if (isWhole && isWord) found.push({ start, end });
    at = isWhole && isWord && end > start ? end : start + 1;
  }
  return found;
}

function isWordAt(line: string, at: number): boolean {
  return at >= 0 && /^\w$/.test(line.charAt(at));
}

function linesOf(text: string, end: string): readonly string[] {
  const lines = text.split(end);
  return text.endsWith(end) || text === '' ? lines.slice(0, -1) : lines;
}

function searchText(
  search: Search,
  name: string,
  text: string,
): { readonly output: string; readonly isSelected: boolean } {
  const { flags } = search.parsed;
  const end = flags.has('z') ? '\0' : '\n';
  const lines = linesOf(text, end);
  const printer = new LinePrinter(search, name, end);
  let count = 0;
  let afterLeft = 0;
  let shown = -1;
  let offset = 0;
  const offsets = lines.map((line) => {
    const start = offset;
    offset += Buffer.byteLength(line) + 1;
    return start;
  });
  const isQuiet = ['c', 'l', 'L', 'q'].some((flag) => flags.has(flag));
  const hasContext = search.before + search.after > 0 && !flags.has('o');
  for (const [index, line] of lines.entries()) {
    if (count >= search.most && afterLeft === 0) break;
    const matches = matchesIn(search, line);
    const isSelected = matches.length > 0 !== flags.has('v') && count < search.most;
    const place = { index, offset: offsets[index] ?? 0 };
    if (isSelected) {
      count += 1;
      if (isQuiet) continue;
      const first = Math.max(shown + 1, index - search.before);
      if (hasContext && shown >= 0 && first > shown + 1) printer.separate();
      for (let near = first; near < index && hasContext; near += 1)
        printer.line(lines[near] ?? '', { index: near, offset: offsets[near] ?? 0 }, '-', []);
      if (flags.has('o')) printer.pieces(line, place, flags.has('v') ? [] : matches);
      else printer.line(line, place, ':', flags.has('v') ? [] : matches);
      shown = index;
      afterLeft = search.after;
    } else if (afterLeft > 0 && !isQuiet && hasContext) {
      printer.line(line, place, '-', []);
      shown = index;
      afterLeft -= 1;
    }
  }
  const isSelected = count > 0;
  if (flags.has('l') || flags.has('L')) {
    const isListed = flags.has('L') ? !isSelected : isSelected;
    return {
      output: isListed ? `${printer.name}${flags.has('Z') ? '\0' : '\n'}` : '',
      isSelected,
    };
  }
  return { output: flags.has('c') && !flags.has('q') ? printer.count(count) : printer.output, isSelected };
}

/** Source: grep(1), GREP_COLORS: mt=01;31, fn=35, ln=32, bn=32, se=36. */
const colours = { match: '01;31', name: '35', number: '32', separator: '36' } as const;

/** Puts lines together with what stands before them. */
class LinePrinter {
  readonly #search: Search;
  readonly #end: string;
  readonly name: string;
  output = '';

  constructor(search: Search, name: string, end: string) {
    this.#search = search;
    this.#end = end;
    this.name = this.#paint(name, 'name');
  }

  separate(): void {
    this.output += `${this.#paint('--', 'separator')}\n`;
  }

  line(
    line: string,
    place: { readonly index: number; readonly offset: number },
    mark: string,
    matches: readonly Match[],
  ): void {
    let text = '';
    let at = 0;
    for (const { start, end } of matches) {
      if (end === start) continue;
      text += line.slice(at, start) + this.#paint(line.slice(start, end), 'match');
      at = end;
    }
    this.output += `${this.#head(place, mark)}${text}${line.slice(at)}${this.#end}`;
  }

  /** Each match on a line of its own. */
  pieces(
    line: string,
    { index, offset }: { readonly index: number; readonly offset: number },
    matches: readonly Match[],
  ): void {
    for (const { start, end } of matches) {
      if (end === start) continue;
      const place = { index, offset: offset + Buffer.byteLength(line.slice(0, start)) };
      this.output += `${this.#head(place, ':')}${this.#paint(line.slice(start, end), 'match')}${this.#end}`;
    }
  }

  count(count: number): string {
    return `${this.#search.withName ? this.name + this.#paint(':', 'separator') : ''}${count}\n`;
  }

  #head({ index, offset }: { readonly index: number; readonly offset: number }, mark: string): string {
    const { flags } = this.#search.parsed;
    const separator = this.#paint(mark, 'separator');
    const name = this.#search.withName ? this.name + (flags.has('Z') ? '\0' : separator) : '';
    const number = flags.has('n') ? this.#paint(String(index + 1), 'number') + separator : '';
    const bytes = flags.has('b') ? this.#paint(String(offset), 'number') + separator : '';
    return name + number + bytes;
  }

  #paint(text: string, as: keyof typeof colours): string {
    return this.#search.colour ? `\u001b[${colours[as]}m\u001b[K${text}\u001b[m\u001b[K` : text;
  }
}
