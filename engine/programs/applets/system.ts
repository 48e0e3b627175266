/** hostname, ps, id, date, uname, env, sleep, kill, timeout and the like, as busybox has them. */
import { isProcesses, isTerminal } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { parseSignal } from '../shell/builtins.ts';
import { formatPrintf, unescapeText } from '../shell/printf.ts';
import { evaluateTest } from '../shell/test-command.ts';
import { type Applet, createApplet, usageText } from './applet.ts';

const hostname: Applet = {
  name: 'hostname',
  usage: '[-sidf] [HOSTNAME | -F FILE]',
  flags: 'sidfI',
  *run(args) {
    const name = yield* sys.hostname();
    if (args.operands.length > 0) {
      yield* sys.printError('hostname: sethostname: Operation not permitted\n');
      return 1;
    }
    if (args.flags.has('i') || args.flags.has('I')) {
      const hosts = (yield* sys.readText('/etc/hosts')) ?? '';
      const line = hosts.split('\n').find((candidate) => candidate.split(/\s+/).slice(1).includes(name));
      yield* sys.print(`${line?.split(/\s+/)[0] ?? '127.0.0.1'}${args.flags.has('I') ? ' ' : ''}\n`);
      return 0;
    }
    yield* sys.print(`${args.flags.has('s') ? name.split('.')[0] : name}\n`);
    return 0;
  },
};

const ps: Applet = {
  name: 'ps',
  usage: '[-o COL1,COL2=HEADER] [-T]',
  flags: 'eafuxwT',
  values: 'o',
  *run(args, start) {
    const facts = yield* sys.inspect('processes');
    const processes = isProcesses(facts) ? facts : [];
    const isFull =
      start.argv.slice(1).some((argument) => /^-?[a-z]*[fu]/.test(argument)) || args.flags.has('f');
    if (isFull) {
      const rows = processes.map(
        ({ pid, parentPid, argv, tty }) =>
          `root ${String(pid).padStart(11)} ${String(parentPid).padStart(7)}  0 13:22 ${tty ? 'pts/0' : '?    '}    00:00:00 ${argv.join(' ')}`,
      );
      yield* sys.print(
        `${['UID          PID    PPID  C STIME TTY          TIME CMD', ...rows].join('\n')}\n`,
      );
      return 0;
    }
    const rows = processes.map(
      ({ pid, argv }) => `${String(pid).padStart(5)} root      0:00 ${argv.join(' ')}`,
    );
    yield* sys.print(`${['PID   USER     TIME  COMMAND', ...rows].join('\n')}\n`);
    return 0;
  },
};

const id: Applet = {
  name: 'id',
  usage: '[-ugGnr] [USER]',
  flags: 'ugGnr',
  *run(args) {
    const short = args.flags.has('u') || args.flags.has('g') || args.flags.has('G');
    yield* sys.print(
      short ? (args.flags.has('n') ? 'root\n' : '0\n') : 'uid=0(root) gid=0(root) groups=0(root)\n',
    );
    return 0;
  },
};

const whoami: Applet = {
  name: 'whoami',
  usage: '',
  *run() {
    yield* sys.print('root\n');
    return 0;
  },
};

const date: Applet = {
  name: 'date',
  usage: '[OPTIONS] [+FMT] [[-s] TIME]',
  flags: 'uRI',
  values: 'dD',
  *run(args) {
    const moment = new Date(yield* sys.now());
    const format = args.operands.find((operand) => operand.startsWith('+'))?.slice(1);
    const text = args.flags.has('I')
      ? formatDate(moment, '%Y-%m-%d')
      : args.flags.has('R')
        ? formatDate(moment, '%a, %d %b %Y %H:%M:%S +0000')
        : formatDate(moment, format ?? '%a %b %e %H:%M:%S %Z %Y');
    yield* sys.print(`${text}\n`);
    return 0;
  },
};

function formatDate(moment: Date, format: string): string {
  const [weekday = '', day = '', month = '', year = ''] = moment.toUTCString().replace(',', '').split(' ');
  const iso = moment.toISOString();
  const values = new Map([
    ['Y', year],
    ['m', iso.slice(5, 7)],
    ['d', day],
    ['e', String(Number(day)).padStart(2)],
    ['H', iso.slice(11, 13)],
    ['M', iso.slice(14, 16)],
    ['S', iso.slice(17, 19)],
    ['N', `${iso.slice(20, 23)}000000`],
    ['s', String(Math.floor(moment.getTime() / 1000))],
    ['a', weekday],
    ['b', month],
    ['Z', 'UTC'],
    ['z', '+0000'],
    ['F', iso.slice(0, 10)],
    ['T', iso.slice(11, 19)],
    ['R', iso.slice(11, 16)],
    ['n', '\n'],
    ['%', '%'],
  ]);
  return format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values.get(letter) ?? whole);
}

const uname: Applet = {
  name: 'uname',
  usage: '[-amnrspvio]',
  flags: 'amnrspvio',
  *run(args) {
    const facts = new Map([
      ['s', 'Linux'],
      ['n', yield* sys.hostname()],
      ['r', '6.8.0'],
      ['v', '#1 SMP'],
      ['m', 'x86_64'],
      ['o', 'GNU/Linux'],
    ]);
    const wanted = [...facts.keys()].filter((key) => args.flags.has('a') || args.flags.has(key));
    yield* sys.print(
      `${(wanted.length === 0 ? ['s'] : wanted).map((key) => facts.get(key) ?? '').join(' ')}\n`,
    );
    return 0;
  },
};

const env: Applet = {
  name: 'env',
  usage: '[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]',
  flags: 'i0',
  values: 'u',
  stopAtOperand: true,
  *run(args, start) {
    const variables = new Map(args.flags.has('i') ? [] : start.env);
    for (const name of args.values.get('u') ?? []) variables.delete(name);
    let rest = args.operands;
    for (let word = rest[0]; word?.includes('='); word = rest[0]) {
      variables.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
      rest = rest.slice(1);
    }
    if (rest.length > 0) {
      const errno = yield* sys.exec(rest, { env: variables });
      yield* sys.printError(`env: can't execute '${rest[0] ?? ''}': ${errnoText(errno)}\n`);
      return errno === 'ENOENT' ? 127 : 126;
    }
    yield* sys.print([...variables].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  },
};

const printenv: Applet = {
  name: 'printenv',
  usage: '[VARIABLE]...',
  *run(args, start) {
    let status = 0;
    if (args.operands.length === 0)
      yield* sys.print([...start.env].map(([name, value]) => `${name}=${value}\n`).join(''));
    for (const name of args.operands) {
      const value = start.env.get(name);
      if (value === undefined) status = 1;
      else yield* sys.print(`${value}\n`);
    }
    return status;
  },
};

const sleep: Applet = {
  name: 'sleep',
  usage: '[N]...',
  *run(args) {
    let totalMs = 0;
    for (const operand of args.operands) {
      const ms = durationMs(operand);
      if (ms === undefined) {
        yield* sys.printError(`sleep: invalid number '${operand}'\n`);
        return 1;
      }
      totalMs += ms;
    }
    if (args.operands.length === 0) {
      yield* sys.printError(usageText(sleep));
      return 1;
    }
    // A day at a time, so that `sleep infinity` is a number of milliseconds.
    for (; totalMs > 0; totalMs -= 86_400_000) yield* sys.sleep(Math.min(totalMs, 86_400_000));
    return 0;
  },
};

function durationMs(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const units = new Map([
    ['', 1000],
    ['s', 1000],
    ['m', 60_000],
    ['h', 3_600_000],
    ['d', 86_400_000],
  ]);
  return Number(match[1]) * (units.get(match[2] ?? '') ?? 1000);
}

const kill: Program = function* ({ argv }) {
  const [first = '', ...rest] = argv.slice(1);
  const isOption = first.startsWith('-');
  const signal = isOption ? parseSignal(first === '-s' ? (rest[0] ?? '') : first.slice(1)) : 'SIGTERM';
  const targets = first === '-s' ? rest.slice(1) : isOption ? rest : argv.slice(1);
  if (signal === undefined) {
    yield* sys.printError(`kill: bad signal name '${first.slice(1)}'\n`);
    return 1;
  }
  if (targets.length === 0) {
    yield* sys.printError('kill: you need to specify whom to kill\n');
    return 1;
  }
  let status = 0;
  for (const target of targets) {
    const killed = yield* sys.kill(Number(target), signal);
    if (killed.ok) continue;
    yield* sys.printError(`kill: can't kill pid ${target}: ${errnoText(killed.error)}\n`);
    status = 1;
  }
  return status;
};

const timeout: Applet = {
  name: 'timeout',
  usage: '[-s SIG] [-k KILL_SECS] SECS PROG ARGS',
  values: 'sk',
  stopAtOperand: true,
  *run(args) {
    const [limit = '', ...command] = args.operands;
    const ms = durationMs(limit);
    if (ms === undefined || command.length === 0) {
      yield* sys.printError(usageText(timeout));
      return 1;
    }
    const child = yield* sys.spawn(command);
    if (!child.ok) {
      yield* sys.printError(`timeout: can't execute '${command[0] ?? ''}': ${errnoText(child.error)}\n`);
      return child.error === 'ENOENT' ? 127 : 126;
    }
    // A second child sleeps and then kills the first; whichever ends first decides.
    const signal = args.value('s') ?? 'TERM';
    const watch = yield* sys.spawn(['sh', '-c', `sleep ${ms / 1000}; kill -${signal} ${child.value}`], {
      stdout: 'collect',
      stderr: 'collect',
    });
    const result = yield* sys.wait(child.value);
    if (watch.ok) yield* sys.kill(watch.value, 'SIGKILL');
    if (!result.ok) return 1;
    return result.value.exitCode === 143 ? 143 : result.value.exitCode;
  },
};

const nohup: Program = function* ({ argv }) {
  yield* sys.setSignal('SIGHUP', 'ignore');
  const errno = yield* sys.exec(argv.slice(1));
  yield* sys.printError(`nohup: can't execute '${argv[1] ?? ''}': ${errnoText(errno)}\n`);
  return errno === 'ENOENT' ? 127 : 126;
};

const yes: Program = function* ({ argv }) {
  const line = `${argv.length > 1 ? argv.slice(1).join(' ') : 'y'}\n`;
  for (;;) yield* sys.print(line);
};

const echo: Program = function* ({ argv }) {
  let words = argv.slice(1);
  let end = '\n';
  let escaped = false;
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    if (words[0]?.includes('n')) end = '';
    if (words[0]?.includes('e')) escaped = true;
    words = words.slice(1);
  }
  const text = words.join(' ');
  const shown = escaped ? unescapeText(text) : { text, ends: false };
  yield* sys.print(shown.ends ? shown.text : `${shown.text}${end}`);
  return 0;
};

const printf: Program = function* ({ argv }) {
  yield* sys.print(formatPrintf(argv[1] ?? '', argv.slice(2)));
  return 0;
};

/** Only the size of the window: nothing here has other settings. */
const stty: Applet = {
  name: 'stty',
  usage: 'size',
  *run(args) {
    const terminal = yield* sys.inspect('terminal');
    if (!isTerminal(terminal)) {
      yield* sys.printError('stty: standard input: Inappropriate ioctl for device\n');
      return 1;
    }
    const [setting] = args.operands;
    if (setting === undefined) yield* sys.print('speed 38400 baud; line = 0;\n');
    else if (setting === 'size') yield* sys.print(`${terminal.rows} ${terminal.columns}\n`);
    else {
      yield* sys.printError(`stty: invalid argument '${setting}'\n`);
      return 1;
    }
    return 0;
  },
};

const test: Program = function* ({ argv, cwd }) {
  const name = argv[0]?.split('/').at(-1) ?? 'test';
  const args = name === '[' ? argv.slice(1, -1) : argv.slice(1);
  const result = yield* evaluateTest(
    { path: (path) => (path.startsWith('/') ? path : `${cwd}/${path}`) },
    args,
  );
  if (result.ok) return result.value ? 0 : 1;
  yield* sys.printError(`${name}: ${result.error}\n`);
  return 2;
};

const exitsWith = (code: number): Program =>
  function* () {
    yield* sys.now();
    return code;
  };

const pwd: Program = function* ({ cwd }) {
  yield* sys.print(`${cwd}\n`);
  return 0;
};

/** The commands of this file. */
export const systemApplets: readonly (readonly [string, Program])[] = [
  ...[hostname, ps, id, whoami, date, uname, env, printenv, sleep, stty, timeout].map(
    (applet) => [applet.name, createApplet(applet)] as const,
  ),
  ['kill', kill],
  ['nohup', nohup],
  ['yes', yes],
  ['echo', echo],
  ['printf', printf],
  ['test', test],
  ['[', test],
  ['true', exitsWith(0)],
  ['false', exitsWith(1)],
  ['pwd', pwd],
];
