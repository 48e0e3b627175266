/** `head`, `tail`, `wc`, `uniq` and `cut` as GNU coreutils have them, for options that the library lacks. Source: coreutils 9.1. */
import { err, ok, type Result } from '../../base/result.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../../programs/arguments.ts';
import type { CommandSurroundings } from '../kubectl-host.ts';
import type { ShellResult } from '../shell-host.ts';

type Sources = Pick<CommandSurroundings, 'files' | 'stdin'>;

/** Takes words apart, or says in the words of the program what is wrong with them. */
function readOptions(
  name: string,
  args: readonly string[],
  table: OptionTable,
): Result<ParsedArguments, ShellResult> {
  const parsed = parseArguments(args, table);
  if (parsed.ok) return parsed;
  const { option, kind } = parsed.error;
  const letter = option.replace(/^-/, '');
  const words =
    kind === 'needs-value'
      ? `option requires an argument -- '${letter}'`
      : option.startsWith('--')
        ? `unrecognized option '${option}'`
        : `invalid option -- '${letter}'`;
  return err(failed(`${name}: ${words}\nTry '${name} --help' for more information.`));
}

function failed(sentence: string, exitCode = 1): ShellResult {
  return { exitCode, stdout: '', stderr: `${sentence}\n` };
}

/** One input with its name; a missing one has none of its text. */
interface Input {
  readonly name: string;
  readonly text: string | undefined;
  readonly isFolder: boolean;
}

async function readInputs({ files, stdin }: Sources, operands: readonly string[]): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const name of operands.length === 0 ? ['-'] : operands) {
    const text = name === '-' ? stdin : await files.read(name);
    const isFolder = text === undefined && (await files.list(name)) !== undefined;
    inputs.push({ name, text, isFolder });
  }
  return inputs;
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const partTable: OptionTable = {
  flags: { q: 'q', quiet: 'q', silent: 'q', v: 'v', verbose: 'v', f: 'f', follow: 'f', F: 'f', z: 'z' },
  values: { n: 'n', lines: 'n', c: 'c', bytes: 'c', s: 's', pid: 'pid' },
};

/** `head` and `tail`. `tail -f` shows what there is: nothing writes to a learner's file while a line runs. */
export async function runPart(
  name: 'head' | 'tail',
  args: readonly string[],
  sources: Sources,
): Promise<ShellResult> {
  // `-5`, and `+5` of tail, are the forms of old.
  const [first = '', ...rest] = args;
  const isOld = /^-\d+$/.test(first) || (name === 'tail' && /^\+\d+$/.test(first));
  const number = first.startsWith('+') ? first : first.slice(1);
  const read = readOptions(name, isOld ? [`-n${number}`, ...rest] : args, partTable);
  if (!read.ok) return read.error;
  const { flags, operands } = read.value;
  const byBytes = read.value.entries.at(-1)?.[0] === 'c' && read.value.value('c') !== undefined;
  const amount = (byBytes ? read.value.value('c') : read.value.value('n')) ?? '10';
  const match = /^([+-]?)(\d+)([kKM]?)$/.exec(amount);
  if (match === null) return failed(`${name}: invalid number of ${byBytes ? 'bytes' : 'lines'}: ‘${amount}’`);
  const [, sign = '', digits = '', unit = ''] = match;
  const count = Number(digits) * (unit === '' ? 1 : unit === 'M' ? 1_048_576 : 1024);
  const inputs = await readInputs(sources, operands);
  let stdout = '';
  let stderr = '';
  const showsNames = flags.has('v') || (inputs.length > 1 && !flags.has('q'));
  for (const { name: path, text, isFolder } of inputs) {
    if (text === undefined) {
      stderr += isFolder
        ? `${name}: error reading '${path}': Is a directory\n`
        : `${name}: cannot open '${path}' for reading: No such file or directory\n`;
      continue;
    }
    if (showsNames)
      stdout += `${stdout === '' ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`;
    stdout += partOf(name, text, { sign, count, byBytes });
  }
  return { exitCode: stderr === '' ? 0 : 1, stdout, stderr };
}

function partOf(
  name: 'head' | 'tail',
  text: string,
  { sign, count, byBytes }: { readonly sign: string; readonly count: number; readonly byBytes: boolean },
): string {
  const pieces = byBytes
    ? [...Buffer.from(text, 'utf8')].map((byte) => Buffer.of(byte))
    : linesOf(text).map((line) => Buffer.from(line, 'utf8'));
  const chosen =
    name === 'head'
      ? pieces.slice(0, sign === '-' ? Math.max(0, pieces.length - count) : count)
      : sign === '+'
        ? pieces.slice(Math.max(0, count - 1))
        : count === 0
          ? []
          : pieces.slice(-count);
  return Buffer.concat(chosen).toString('utf8');
}

/** `wc`: columns are as wide as the largest size, seven at least for what comes through a pipe. */
export async function runWc(args: readonly string[], sources: Sources): Promise<ShellResult> {
  const read = readOptions('wc', args, {
    flags: {
      l: 'l',
      lines: 'l',
      w: 'w',
      words: 'w',
      m: 'm',
      chars: 'm',
      c: 'c',
      bytes: 'c',
      L: 'L',
      'max-line-length': 'L',
    },
    values: {},
  });
  if (!read.ok) return read.error;
  const { flags, operands } = read.value;
  const wanted = (['l', 'w', 'm', 'c', 'L'] as const).filter((one) =>
    flags.size === 0 ? one !== 'm' && one !== 'L' : flags.has(one),
  );
  const inputs = await readInputs(sources, operands);
  const rows: { readonly name: string; readonly counts: readonly number[] }[] = [];
  let stderr = '';
  for (const { name, text, isFolder } of inputs) {
    if (text === undefined && !isFolder) {
      stderr += `wc: ${name}: No such file or directory\n`;
      continue;
    }
    if (isFolder) stderr += `wc: ${name}: Is a directory\n`;
    rows.push({
      name: operands.length === 0 ? '' : name,
      counts: wanted.map((one) => countOf(one, text ?? '')),
    });
  }
  const total = wanted.map((one, at) =>
    one === 'L'
      ? Math.max(0, ...rows.map(({ counts }) => counts[at] ?? 0))
      : rows.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0),
  );
  const all = inputs.length > 1 ? [...rows, { name: 'total', counts: total }] : rows;
  const bytes = inputs.reduce((sum, { text }) => sum + Buffer.byteLength(text ?? ''), 0);
  const isPiped = inputs.some(({ name, isFolder }) => name === '-' || isFolder);
  const width =
    wanted.length === 1 && inputs.length === 1 ? 1 : Math.max(isPiped ? 7 : 1, String(bytes).length);
  const stdout = all
    .map(({ name, counts }) => {
      const cells = counts.map((count) => String(count).padStart(width)).join(' ');
      return `${cells}${name === '' ? '' : ` ${name}`}\n`;
    })
    .join('');
  return { exitCode: stderr === '' ? 0 : 1, stdout, stderr };
}

function countOf(what: 'l' | 'w' | 'm' | 'c' | 'L', text: string): number {
  switch (what) {
    case 'l':
      return text.split('\n').length - 1;
    case 'w':
      return text.split(/\s+/).filter((word) => word !== '').length;
    case 'm':
      return [...text].length;
    case 'c':
      return Buffer.byteLength(text);
    case 'L':
      return Math.max(0, ...text.split('\n').map((line) => [...line].length));
  }
}

/** `uniq` */
export async function runUniq(args: readonly string[], sources: Sources): Promise<ShellResult> {
  const read = readOptions('uniq', args, {
    flags: {
      c: 'c',
      count: 'c',
      d: 'd',
      repeated: 'd',
      u: 'u',
      unique: 'u',
      i: 'i',
      'ignore-case': 'i',
      D: 'D',
    },
    values: { f: 'f', 'skip-fields': 'f', s: 's', 'skip-chars': 's', w: 'w', 'check-chars': 'w' },
  });
  if (!read.ok) return read.error;
  const { flags, operands } = read.value;
  const [input] = await readInputs(sources, operands.slice(0, 1));
  if (input?.text === undefined) return failed(`uniq: ${input?.name ?? '-'}: No such file or directory`);
  const number = (name: string) => Number(read.value.value(name) ?? 0);
  const keyOf = (line: string) => {
    let key = line;
    for (let left = number('f'); left > 0; left -= 1) key = key.replace(/^\s*\S*/, '');
    key = key.slice(number('s'));
    if (read.value.value('w') !== undefined) key = key.slice(0, number('w'));
    return flags.has('i') ? key.toLowerCase() : key;
  };
  const groups: string[][] = [];
  for (const line of linesOf(input.text).map((one) => one.replace(/\n$/, ''))) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && keyOf(last[0]) === keyOf(line)) last.push(line);
    else groups.push([line]);
  }
  const stdout = groups
    .filter((group) => (!flags.has('d') && !flags.has('D')) || group.length > 1)
    .filter((group) => !flags.has('u') || group.length === 1)
    .flatMap((group) => {
      const shown = flags.has('D') ? group : group.slice(0, 1);
      return shown.map((line) => `${flags.has('c') ? `${String(group.length).padStart(7)} ` : ''}${line}\n`);
    })
    .join('');
  const [, target] = operands;
  if (target === undefined || target === '-') return { exitCode: 0, stdout, stderr: '' };
  await sources.files.write(target, stdout);
  return { exitCode: 0, stdout: '', stderr: '' };
}

/** `cut` */
export async function runCut(args: readonly string[], sources: Sources): Promise<ShellResult> {
  const read = readOptions('cut', args, {
    flags: { s: 's', 'only-delimited': 's', complement: 'complement', n: 'n' },
    values: {
      d: 'd',
      delimiter: 'd',
      f: 'f',
      fields: 'f',
      c: 'c',
      characters: 'c',
      b: 'b',
      bytes: 'b',
      'output-delimiter': 'output',
    },
  });
  if (!read.ok) return read.error;
  const { flags, operands, value } = read.value;
  const more = "Try 'cut --help' for more information.";
  const list = value('f') ?? value('c') ?? value('b');
  if (list === undefined)
    return failed(`cut: you must specify a list of bytes, characters, or fields\n${more}`);
  const delimiter = value('d') ?? '\t';
  if ([...delimiter].length !== 1) return failed(`cut: the delimiter must be a single character\n${more}`);
  const ranges = parseRanges(list, value('f') === undefined ? 'byte/character' : 'field');
  if (!ranges.ok) return failed(`cut: ${ranges.error}\n${more}`);
  const isChosen = (at: number) =>
    ranges.value.some(([from, to]) => at >= from && at <= to) !== flags.has('complement');
  const choose = (line: string): string | undefined => {
    if (value('f') === undefined)
      return [...line].filter((_, at) => isChosen(at + 1)).join(value('output') ?? '');
    if (!line.includes(delimiter)) return flags.has('s') ? undefined : line;
    return line
      .split(delimiter)
      .filter((_, at) => isChosen(at + 1))
      .join(value('output') ?? delimiter);
  };
  let stdout = '';
  let stderr = '';
  for (const { name, text, isFolder } of await readInputs(sources, operands)) {
    if (text === undefined) {
      stderr += `cut: ${name}: ${isFolder ? 'Is a directory' : 'No such file or directory'}\n`;
      continue;
    }
    for (const line of linesOf(text)) {
      const chosen = choose(line.replace(/\n$/, ''));
      if (chosen !== undefined) stdout += `${chosen}\n`;
    }
  }
  return { exitCode: stderr === '' ? 0 : 1, stdout, stderr };
}

function parseRanges(list: string, what: string): Result<readonly (readonly [number, number])[], string> {
  const ranges: (readonly [number, number])[] = [];
  for (const part of list.split(/[, ]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null)
      return err(what === 'field' ? `invalid field value ‘${part}’` : `invalid ${what} position ‘${part}’`);
    const [, from = '', dash = '', to = ''] = match;
    if (from === '' && to === '')
      return err(dash === '' ? `invalid field range` : 'invalid range with no endpoint: -');
    const start = from === '' ? 1 : Number(from);
    const end = dash === '' ? start : to === '' ? Number.POSITIVE_INFINITY : Number(to);
    if (start === 0 || end === 0)
      return err(
        what === 'field' ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1',
      );
    if (end < start) return err('invalid decreasing range');
    ranges.push([start, end]);
  }
  return ok(ranges);
}

/** As much as a pipe holds: nobody here reads on while it writes. Source: pipe(7). */
const pipeBytes = 65_536;

/** `yes`. Differs: it ends by itself, since what follows it in a pipe begins when it has ended. */
export function runYes(args: readonly string[]): ShellResult {
  const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`;
  const stdout = line.repeat(Math.max(1, Math.floor(pipeBytes / line.length)));
  return { exitCode: 0, stdout, stderr: '' };
}
