/**
 * `iptables`, `iptables-save` and `iptables-restore`. Source: iptables(8), iptables 1.8.9 (nf_tables). Left out: what `-v`
 * prints of a rule that is added.
 */
import type { RefusedChange } from '../../net/process/configure.ts';
import type { IptablesArgs } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import type { TableName } from '../../net/trace.ts';
import { type OptionTable, parseArguments } from '../arguments.ts';
import { errnoText } from '../errno-text.ts';

const version = 'v1.8.9 (nf_tables)';
const tables = ['filter', 'nat', 'mangle', 'raw'];

const listOptions: OptionTable = {
  flags: {
    S: 'rules',
    'list-rules': 'rules',
    L: 'list',
    list: 'list',
    n: 'numeric',
    numeric: 'numeric',
    v: 'verbose',
    verbose: 'verbose',
    x: 'exact',
    exact: 'exact',
    'line-numbers': 'lines',
    V: 'version',
    version: 'version',
    w: 'wait',
    4: 'ipv4',
  },
  // Words of a rule without a command are understood, and of no use.
  values: { t: 'table', table: 'table', j: 'jump', p: 'protocol', s: 'source', d: 'destination', m: 'match' },
};

/** `iptables`. */
export const iptables: Program = function* ({ argv }) {
  const change = readChange(argv.slice(1));
  if (change !== undefined) return yield* makeChange(change);
  const args = parseArguments(argv.slice(1), listOptions);
  if (!args.ok) {
    return yield* misuse(`unknown option "${args.error.option}"`);
  }
  const { flags, operands } = args.value;
  if (flags.has('version')) {
    yield* sys.print(`iptables ${version}\n`);
    return 0;
  }
  if (!flags.has('rules') && !flags.has('list')) return yield* misuse('no command specified');
  const table = args.value.value('table') ?? 'filter';
  if (!isTable(table)) return yield* noSuchTable(table);
  const [chain, extra] = operands;
  if (extra !== undefined && !/^\d+$/.test(extra)) return yield* badArgument(extra);
  const text = yield* sys.inspect('iptables', {
    form: flags.has('rules') ? 'rules' : 'list',
    table,
    ...(chain === undefined ? {} : { chain }),
    verbose: flags.has('verbose'),
    counters: flags.has('verbose'),
    numeric: flags.has('numeric'),
    exact: flags.has('exact'),
    lineNumbers: flags.has('lines'),
  } satisfies IptablesArgs);
  if (typeof text !== 'string') {
    yield* sys.printError(
      `iptables ${version}: chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.\n`,
    );
    return 1;
  }
  yield* sys.print(extra === undefined ? text : (ruleOf(text, flags.has('rules'), Number(extra)) ?? ''));
  return 0;
};

/** The one rule of a chain that was asked for by its number. */
function ruleOf(text: string, isRules: boolean, number: number): string | undefined {
  const rules = text.split('\n').filter((line) => line !== '');
  const line = isRules ? rules.filter((rule) => rule.startsWith('-A '))[number - 1] : rules[number + 1];
  return line === undefined ? undefined : `${line}\n`;
}

interface Change {
  readonly table: string;
  /** The command with its arguments. */
  readonly words: readonly string[];
}

/** The command that writes, and its arguments without those of the tool itself; undefined when there is none. */
function readChange(args: readonly string[]): Change | undefined {
  let table = 'filter';
  const words: string[] = [];
  const before: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    const letters = /^-([vnx]*)([ACDEFINPRXZ])$/.exec(word);
    if (word === '-t' || word === '--table') {
      table = args[index + 1] ?? '';
      index += 1;
    } else if (word === '-w' || word === '--wait') {
      if (/^\d+$/.test(args[index + 1] ?? '')) index += 1;
    } else if (['-n', '--numeric', '-v', '--verbose', '-x', '--exact', '--line-numbers'].includes(word)) {
    } else if (words.length > 0) words.push(word);
    else if (letters !== null || /^--[a-z-]+$/.test(word)) {
      if (!isCommand(letters === null ? word : `-${letters[2]}`)) return undefined;
      words.push(letters === null ? word : `-${letters[2]}`, ...before);
    } else before.push(word);
  }
  return words.length === 0 ? undefined : { table, words };
}

const commands =
  '-A --append -C --check -D --delete -E --rename-chain -F --flush -I --insert -N --new-chain -P --policy -R --replace ' +
  '-X --delete-chain -Z --zero';

function isCommand(word: string): boolean {
  return commands.split(' ').includes(word);
}

function* makeChange({ table, words }: Change): sys.Sys<number> {
  if (!isTable(table)) return yield* noSuchTable(table);
  const [command = '', chain] = words;
  const needsChain = !/^-[FXZ]|^--(?:flush|zero|delete-chain)$/.test(command);
  if (needsChain && chain === undefined) return yield* misuse(`option "${command}" requires an argument`);
  const [, , next] = words;
  if (chain?.startsWith('-') && next !== undefined) return yield* badArgument(next);
  const second = words.slice(1).find((word) => isCommand(word));
  if (second !== undefined) return yield* misuse(`Cannot use ${second} with ${command}`);
  const refused = yield* sys.configure({ part: 'iptables', table, words });
  return refused === undefined ? 0 : yield* tellRefusal('iptables', refused);
}

function* tellRefusal(name: string, refused: RefusedChange): sys.Sys<number> {
  const denied = `${name} ${version}: Could not fetch rule set generation id: Permission denied (you must be root)\n`;
  yield* sys.printError(refused.stderr ?? denied);
  return refused.exitCode ?? 4;
}

function* badArgument(word: string): sys.Sys<number> {
  yield* sys.printError(
    `Bad argument \`${word}'\nTry \`iptables -h' or 'iptables --help' for more information.\n`,
  );
  return 2;
}

function* noSuchTable(table: string): sys.Sys<number> {
  yield* sys.printError(
    `iptables ${version}: table '${table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`,
  );
  return 3;
}

/** `iptables-restore`: rules from standard input, or from a file. */
export const iptablesRestore: Program = function* ({ argv }) {
  const args = parseArguments(argv.slice(1), {
    flags: {
      n: 'noflush',
      noflush: 'noflush',
      c: 'counters',
      counters: 'counters',
      t: 'test',
      test: 'test',
      v: 'verbose',
      verbose: 'verbose',
      w: 'wait',
      wait: 'wait',
    },
    values: { T: 'table', table: 'table' },
  });
  if (!args.ok) {
    yield* sys.printError(
      `iptables-restore: unrecognized option '${args.error.option}'\nTry \`iptables-restore -h' for more information.\n`,
    );
    return 1;
  }
  const { flags, operands } = args.value;
  const [path] = operands;
  const read = path === undefined ? undefined : yield* sys.readFile(path);
  if (read !== undefined && !read.ok) {
    yield* sys.printError(`Can't open ${path}: ${errnoText(read.error)}\n`);
    return 1;
  }
  const bytes = read === undefined ? yield* sys.readAllStdin() : read.value;
  const refused = yield* sys.configure({
    part: 'iptables-restore',
    text: sys.toText(bytes),
    test: flags.has('test'),
    noflush: flags.has('noflush'),
    counters: flags.has('counters'),
  });
  return refused === undefined ? 0 : yield* tellRefusal('iptables-restore', refused);
};

function isTable(name: string): name is TableName {
  return tables.includes(name);
}

function* misuse(text: string): sys.Sys<number> {
  yield* sys.printError(
    `iptables ${version}: ${text}\nTry \`iptables -h' or 'iptables --help' for more information.\n`,
  );
  return 2;
}

/** `iptables-save`: the dump with the lines of comment that carry version and time. */
export const iptablesSave: Program = function* ({ argv }) {
  const args = parseArguments(argv.slice(1), {
    flags: { c: 'counters', counters: 'counters' },
    values: { t: 'table', table: 'table' },
  });
  if (!args.ok) {
    yield* sys.printError(
      `iptables-save: unrecognized option '${args.error.option}'\nLook at manual page \`iptables-save.8' for more information.\n`,
    );
    return 1;
  }
  const table = args.value.value('table');
  if (table !== undefined && !tables.includes(table)) {
    yield* sys.printError(`Table \`${table}' does not exist\n`);
    return 1;
  }
  const text = yield* sys.inspect('iptables', {
    form: 'save',
    counters: args.value.flags.has('counters'),
    ...(table === undefined ? {} : { table }),
  } satisfies IptablesArgs);
  const time = formatTime(yield* sys.now());
  const dump = typeof text === 'string' ? text : '';
  yield* sys.print(
    dump
      .replaceAll(/^\*/gm, `# Generated by iptables-save v1.8.9 on ${time}\n*`)
      .replaceAll(/^COMMIT\n/gm, `COMMIT\n# Completed on ${time}\n`),
  );
  return 0;
};

/** As ctime(3) writes it: `Fri May  1 09:00:00 2026`. */
function formatTime(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(ms)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
