/** grep, sed, head, tail, wc, sort, uniq, cut, tr, seq, xargs as busybox has them, in their usual options. */

import type { RE2JS } from 're2js';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { compilePosix } from '../posix-regex.ts';
import { parseSed } from '../sed/parse-sed.ts';
import { runSed } from '../sed/run-sed.ts';
import { type Applet, createApplet, fromLines, readInputs, toLines, usageText } from './applet.ts';

function grepNamed(name: 'grep' | 'egrep' | 'fgrep'): Applet {
  return {
    name,
    usage: '[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... } [FILE]...',
    flags: 'HhnlLoqvsrRiwFEcxz',
    values: 'emABCf',
    long: { color: 'z', count: 'c', quiet: 'q', 'ignore-case': 'i', 'invert-match': 'v' },
    *run(args) {
      const patterns = args.values.get('e') ?? args.operands.slice(0, 1);
      const files = args.values.has('e') ? args.operands : args.operands.slice(1);
      if (patterns.length === 0) {
        yield* sys.printError(`${name}: missing pattern\n`);
        return 2;
      }
      const matchers: RE2JS[] = [];
      for (const pattern of patterns.flatMap((text) => text.split('\n'))) {
        const whole = args.flags.has('x')
          ? `^(${pattern})$`
          : args.flags.has('w')
            ? `\\b(${pattern})\\b`
            : pattern;
        const wraps = args.flags.has('x') || args.flags.has('w');
        const isFixed = !wraps && (args.flags.has('F') || name === 'fgrep');
        const isExtended = wraps || args.flags.has('E') || name === 'egrep';
        const compiled = compilePosix([whole], {
          syntax: isFixed ? 'fixed' : isExtended ? 'extended' : 'basic',
          ignoreCase: args.flags.has('i'),
        });
        if (!compiled.ok) {
          yield* sys.printError(`${name}: bad regex '${pattern}': ${compiled.error}\n`);
          return 2;
        }
        matchers.push(compiled.value);
      }
      const { inputs, failed } = yield* readInputs(name, files);
      const showsFile = (files.length > 1 || args.flags.has('H')) && !args.flags.has('h');
      const limit = Number(args.value('m') ?? Number.POSITIVE_INFINITY);
      const after = Number(args.value('A') ?? args.value('C') ?? 0);
      const before = Number(args.value('B') ?? args.value('C') ?? 0);
      let found = false;
      for (const { file, text } of inputs) {
        const lines = toLines(text);
        const prefix = showsFile ? `${file}:` : '';
        const matching = lines.map(
          (line) => matchers.some((matcher) => matcher.matcher(line).find()) !== args.flags.has('v'),
        );
        const numbers = [...matching.keys()].filter((index) => matching[index] === true).slice(0, limit);
        if (numbers.length > 0) found = true;
        if (args.flags.has('q')) continue;
        if (args.flags.has('c')) {
          yield* sys.print(`${prefix}${numbers.length}\n`);
        } else if (args.flags.has('l')) {
          if (numbers.length > 0) yield* sys.print(`${file}\n`);
        } else if (args.flags.has('o')) {
          for (const index of numbers) {
            for (const matcher of matchers) {
              const match = matcher.matcher(lines[index] ?? '');
              while (match.find()) yield* sys.print(`${prefix}${match.group() ?? ''}\n`);
            }
          }
        } else {
          const shown = new Set(
            numbers
              .flatMap((index) => range(index - before, index + after))
              .filter((index) => index >= 0 && index < lines.length),
          );
          const output: string[] = [];
          let last = -1;
          for (const index of [...shown].sort((a, b) => a - b)) {
            if (last >= 0 && index > last + 1 && after + before > 0) output.push('--');
            const mark = matching[index] === true ? ':' : '-';
            const number = args.flags.has('n') ? `${index + 1}${mark}` : '';
            output.push(`${prefix}${number}${lines[index] ?? ''}`);
            last = index;
          }
          yield* sys.print(fromLines(output));
        }
      }
      return failed && !args.flags.has('s') ? 2 : found ? 0 : 1;
    },
  };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.min(to - from + 1, 100_000)) }, (_, index) => from + index);
}

const sed: Applet = {
  name: 'sed',
  usage: '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...',
  flags: 'inrEs',
  values: 'ef',
  *run(args) {
    const scripts = args.values.get('e') ?? args.operands.slice(0, 1);
    const files = args.values.has('e') ? args.operands : args.operands.slice(1);
    if (scripts.length === 0) {
      yield* sys.printError(usageText(sed));
      return 1;
    }
    const program = parseSed(scripts, { isExtended: args.flags.has('r') || args.flags.has('E') });
    if (!program.ok) {
      yield* sys.printError(`sed: ${program.error.words}\n`);
      return 1;
    }
    const { inputs, failed } = yield* readInputs('sed', files);
    const isInPlace = args.flags.has('i');
    const { outputs, exitCode } = runSed(program.value, inputs, {
      isQuiet: args.flags.has('n'),
      isSeparate: isInPlace || args.flags.has('s'),
    });
    for (const [index, output] of outputs.entries()) {
      const file = inputs[index]?.file;
      if (isInPlace && file !== undefined && file !== '-') yield* sys.writeFile(file, sys.toBytes(output));
      else yield* sys.print(output);
    }
    return failed ? 1 : exitCode;
  },
};

function endOf(name: 'head' | 'tail'): Applet {
  return {
    name,
    usage: name === 'head' ? '[OPTIONS] [FILE]...' : '[OPTIONS] [FILE]...',
    flags: 'qvfF0123456789',
    values: 'ncs',
    *run(args, start) {
      const short = start.argv.slice(1).find((argument) => /^-\d+$/.test(argument));
      const count = args.value('n') ?? short?.slice(1) ?? '10';
      const bytes = args.value('c');
      const { inputs, failed } = yield* readInputs(name, args.operands);
      for (const [index, { file, text }] of inputs.entries()) {
        if (inputs.length > 1)
          yield* sys.print(`${index > 0 ? '\n' : ''}==> ${file === '-' ? 'standard input' : file} <==\n`);
        if (bytes !== undefined) {
          yield* sys.print(name === 'head' ? text.slice(0, Number(bytes)) : text.slice(-Number(bytes)));
          continue;
        }
        const pieces = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
        const number = Number(count.replace(/^\+/, ''));
        const chosen =
          name === 'head'
            ? pieces.slice(0, number)
            : count.startsWith('+')
              ? pieces.slice(number - 1)
              : number === 0
                ? []
                : pieces.slice(-Math.abs(number));
        yield* sys.print(chosen.join(''));
      }
      // What follows a file is not looked at again: the process only stays.
      while (name === 'tail' && (args.flags.has('f') || args.flags.has('F'))) yield* sys.sleep(3_600_000);
      return failed ? 1 : 0;
    },
  };
}

const wc: Applet = {
  name: 'wc',
  usage: '[-cmlwL] [FILE]...',
  flags: 'cmlwL',
  *run(args) {
    const { inputs, failed } = yield* readInputs('wc', args.operands);
    const chosen = ['l', 'w', 'c', 'm'].filter((flag) => args.flags.has(flag));
    const columns = chosen.length === 0 ? ['l', 'w', 'c'] : chosen;
    const totals = new Map<string, number>();
    const rows: { readonly counts: readonly number[]; readonly file: string }[] = [];
    for (const { file, text } of inputs) {
      const count = (column: string) => {
        if (column === 'l') return text.split('\n').length - 1;
        if (column === 'w') return text.split(/\s+/).filter(Boolean).length;
        return column === 'c' ? sys.toBytes(text).length : text.length;
      };
      for (const column of columns) totals.set(column, (totals.get(column) ?? 0) + count(column));
      rows.push({ counts: columns.map(count), file });
    }
    if (rows.length > 1)
      rows.push({ counts: columns.map((column) => totals.get(column) ?? 0), file: 'total' });
    for (const { counts, file } of rows) {
      const isBare = columns.length === 1;
      const numbers = counts.map((count) => (isBare ? String(count) : String(count).padStart(9))).join(' ');
      yield* sys.print(`${numbers}${file === '-' ? '' : ` ${file}`}\n`);
    }
    return failed ? 1 : 0;
  },
};

const sort: Applet = {
  name: 'sort',
  usage: '[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...',
  flags: 'nrughsbdf',
  values: 'okt',
  *run(args) {
    const { inputs, failed } = yield* readInputs('sort', args.operands);
    const [, field, options = ''] = /^(\d+)(?:,\d+)?([nr]*)$/.exec(args.value('k') ?? '') ?? [];
    const separator = args.value('t');
    const key = (line: string) =>
      field === undefined
        ? line
        : ((separator === undefined ? line.trim().split(/\s+/) : line.split(separator))[Number(field) - 1] ??
          '');
    const isNumeric = args.flags.has('n') || options.includes('n');
    const order = args.flags.has('r') || options.includes('r') ? -1 : 1;
    const compare = (a: string, b: string) => {
      const difference = isNumeric ? (Number.parseFloat(key(a)) || 0) - (Number.parseFloat(key(b)) || 0) : 0;
      if (difference !== 0) return order * difference;
      return order * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a < b ? -1 : a > b ? 1 : 0);
    };
    const sorted = inputs.flatMap(({ text }) => toLines(text)).sort(compare);
    const unique = args.flags.has('u')
      ? sorted.filter((line, index) => index === 0 || key(line) !== key(sorted[index - 1] ?? ''))
      : sorted;
    const output = args.value('o');
    if (output === undefined) yield* sys.print(fromLines(unique));
    else yield* sys.writeFile(output, sys.toBytes(fromLines(unique)));
    return failed ? 1 : 0;
  },
};

const uniq: Applet = {
  name: 'uniq',
  usage: '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]',
  flags: 'cdui',
  *run(args) {
    const { inputs, failed } = yield* readInputs('uniq', args.operands.slice(0, 1));
    const groups: { readonly line: string; count: number }[] = [];
    for (const line of inputs.flatMap(({ text }) => toLines(text))) {
      const last = groups.at(-1);
      if (last?.line === line) last.count += 1;
      else groups.push({ line, count: 1 });
    }
    const chosen = groups.filter(({ count }) =>
      args.flags.has('d') ? count > 1 : args.flags.has('u') ? count === 1 : true,
    );
    yield* sys.print(
      fromLines(
        chosen.map(({ line, count }) =>
          args.flags.has('c') ? `${String(count).padStart(7)} ${line}` : line,
        ),
      ),
    );
    return failed ? 1 : 0;
  },
};

const cut: Applet = {
  name: 'cut',
  usage: '{-b|c LIST | -f LIST [-d SEP] [-s]} [-D] [-O SEP] [FILE]...',
  flags: 's',
  values: 'bcfd',
  *run(args) {
    const list = args.value('f') ?? args.value('c') ?? args.value('b');
    if (list === undefined) {
      yield* sys.printError('cut: expected a list of bytes, characters, or fields\n');
      return 1;
    }
    const ranges = list.split(',').map((item) => {
      const [from = '', to] = item.split('-');
      return [
        Number(from === '' ? 1 : from),
        to === undefined ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to),
      ] as const;
    });
    const isChosen = (position: number) => ranges.some(([from, to]) => position >= from && position <= to);
    const separator = args.value('d') ?? '\t';
    const { inputs, failed } = yield* readInputs('cut', args.operands);
    const lines = inputs
      .flatMap(({ text }) => toLines(text))
      .flatMap((line) => {
        if (args.value('f') === undefined)
          return [[...line].filter((_, index) => isChosen(index + 1)).join('')];
        if (!line.includes(separator)) return args.flags.has('s') ? [] : [line];
        return [
          line
            .split(separator)
            .filter((_, index) => isChosen(index + 1))
            .join(separator),
        ];
      });
    yield* sys.print(fromLines(lines));
    return failed ? 1 : 0;
  },
};

const tr: Applet = {
  name: 'tr',
  usage: '[-cds] STRING1 [STRING2]',
  flags: 'cds',
  *run(args) {
    const [from = '', to = ''] = args.operands.map(expandSet);
    const last = to.at(-1) ?? '';
    const text = sys.toText(yield* sys.readAllStdin());
    const isMember = (character: string) => from.includes(character) !== args.flags.has('c');
    let output = '';
    for (const character of text) {
      if (!isMember(character)) {
        output += character;
        continue;
      }
      if (args.flags.has('d')) continue;
      const mapped =
        to === '' ? character : args.flags.has('c') ? last : (to[from.indexOf(character)] ?? last);
      if (args.flags.has('s') && output.endsWith(mapped)) continue;
      output += mapped;
    }
    yield* sys.print(output);
    return 0;
  },
};

function expandSet(text: string): string {
  return text
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:space:]', ' \t\n')
    .replace(/(.)-(.)/g, (_, first: string, last: string) => {
      const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
      return from > to ? '' : String.fromCharCode(...range(from, Math.min(to, from + 1000)));
    });
}

const seq: Applet = {
  name: 'seq',
  usage: '[-w] [-s SEP] [FIRST [INC]] LAST',
  flags: 'w',
  values: 's',
  *run(args) {
    const numbers = args.operands.map(Number);
    const wrong = args.operands.find((text) => Number.isNaN(Number(text)));
    if (numbers.length === 0 || wrong !== undefined) {
      yield* sys.printError(wrong === undefined ? usageText(seq) : `seq: invalid number '${wrong}'\n`);
      return 1;
    }
    const [first, step, last] =
      numbers.length === 1
        ? [1, 1, numbers[0] ?? 0]
        : numbers.length === 2
          ? [numbers[0] ?? 0, 1, numbers[1] ?? 0]
          : [numbers[0] ?? 0, numbers[1] ?? 1, numbers[2] ?? 0];
    const values: string[] = [];
    // As much as a process may print.
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
      values.push(String(value));
      if (step === 0 || values.length >= 200_000) break;
    }
    const width = args.flags.has('w') ? Math.max(...values.map((value) => value.length)) : 0;
    if (values.length > 0)
      yield* sys.print(
        `${values.map((value) => value.padStart(width, '0')).join(args.value('s') ?? '\n')}\n`,
      );
    return 0;
  },
};

const xargs: Applet = {
  name: 'xargs',
  usage: '[OPTIONS] [PROG ARGS]',
  flags: 'rt0',
  values: 'nIPL',
  stopAtOperand: true,
  *run(args) {
    const words = sys
      .toText(yield* sys.readAllStdin())
      .split(args.value('I') === undefined ? /\s+/ : '\n')
      .filter(Boolean);
    const command = args.operands.length === 0 ? ['echo'] : args.operands;
    const replace = args.value('I');
    const size = replace === undefined ? Number(args.value('n') ?? Math.max(1, words.length)) : 1;
    if (words.length === 0 && args.flags.has('r')) return 0;
    let status = 0;
    for (let index = 0; index < Math.max(1, words.length); index += Math.max(1, size)) {
      const batch = words.slice(index, index + Math.max(1, size));
      const argv =
        replace === undefined
          ? [...command, ...batch]
          : command.map((word) => word.replaceAll(replace, batch[0] ?? ''));
      const child = yield* sys.spawn(argv, { stdin: 'empty' });
      if (!child.ok) {
        yield* sys.printError(`xargs: ${argv[0] ?? ''}: ${errnoText(child.error)}\n`);
        return 127;
      }
      const result = yield* sys.wait(child.value);
      if (result.ok && result.value.exitCode !== 0) status = 123;
    }
    return status;
  },
};

/** The commands of this file. */
export const textApplets: readonly (readonly [string, Program])[] = [
  grepNamed('grep'),
  grepNamed('egrep'),
  grepNamed('fgrep'),
  sed,
  endOf('head'),
  endOf('tail'),
  wc,
  sort,
  uniq,
  cut,
  tr,
  seq,
  xargs,
].map((applet) => [applet.name, createApplet(applet)] as const);
