/** Commands that the shell runs itself. */
import * as sys from '../../net/process/sys.ts';
import type { SignalName } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { evaluateExpression } from './expand.ts';
import { parseScript } from './parse.ts';
import { formatPrintf, unescapeText } from './printf.ts';
import type { ShellRunner } from './runner.ts';
import { environmentOf } from './state.ts';
import { evaluateTest } from './test-command.ts';

type Builtin = (shell: ShellRunner, args: readonly string[]) => sys.Sys<number>;

/** Runs a built-in command; false when there is none of this name. */
export function* runBuiltin(shell: ShellRunner, argv: readonly string[]): sys.Sys<boolean> {
  const [name = '', ...args] = argv;
  if (name === 'exec') {
    yield* runExec(shell, args);
    return true;
  }
  if (name === 'command' && args[0] !== '-v' && args[0] !== '-V' && args.length > 0) {
    if (!(yield* runBuiltin(shell, args))) yield* shell.runExternal(args, [], false);
    return true;
  }
  const builtin = builtins.get(name);
  if (builtin === undefined) return false;
  shell.state.status = yield* builtin(shell, args);
  return true;
}

/** Names of the built-in commands. */
function isBuiltin(name: string): boolean {
  return builtins.has(name) || name === 'exec' || name === 'command';
}

function* runExec(shell: ShellRunner, args: readonly string[]): sys.Sys<void> {
  if (args.length === 0) {
    shell.keepsRedirections = true;
    shell.state.status = 0;
    return;
  }
  yield* shell.runExternal(args, [], true);
  shell.jump = { kind: 'exit' };
}

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', succeed],
  ['true', succeed],
  ['false', fail],
  ['echo', echo],
  ['printf', printf],
  ['test', (shell, args) => test(shell, args, 'test')],
  ['[', (shell, args) => test(shell, args, '[')],
  ['cd', cd],
  ['pwd', pwd],
  ['export', exportVariables],
  ['readonly', exportVariables],
  ['local', declareLocal],
  ['declare', declareLocal],
  ['typeset', declareLocal],
  ['unset', unset],
  ['set', setOptions],
  ['shift', shift],
  ['break', (shell, args) => leaveLoop(shell, 'break', args)],
  ['continue', (shell, args) => leaveLoop(shell, 'continue', args)],
  ['return', (shell, args) => leave(shell, 'return', args)],
  ['exit', (shell, args) => leave(shell, 'exit', args)],
  ['eval', evaluate],
  ['.', source],
  ['source', source],
  ['read', read],
  ['wait', wait],
  ['kill', kill],
  ['trap', trap],
  ['let', letCommand],
  ['umask', succeed],
  ['ulimit', succeed],
  ['hash', succeed],
  ['alias', succeed],
  ['type', describe],
  ['command', describe],
]);

function* succeed(): sys.Sys<number> {
  yield* sys.now();
  return 0;
}

function* fail(): sys.Sys<number> {
  yield* sys.now();
  return 1;
}

function* echo(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  let rest = args;
  let newline = '\n';
  let escaped = false;
  while (/^-[neE]+$/.test(rest[0] ?? '')) {
    if (rest[0]?.includes('n')) newline = '';
    if (rest[0]?.includes('e')) escaped = true;
    rest = rest.slice(1);
  }
  const text = rest.join(' ');
  const shown = escaped ? unescapeText(text) : { text, ends: false };
  yield* shell.write('stdout', shown.ends ? shown.text : `${shown.text}${newline}`);
  return 0;
}

function* printf(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const [format, ...values] = args[0] === '--' ? args.slice(1) : args;
  if (format === undefined) {
    yield* shell.sayError('printf: usage: printf FORMAT [ARG]...');
    return 2;
  }
  yield* shell.write('stdout', formatPrintf(format, values));
  return 0;
}

function* test(shell: ShellRunner, args: readonly string[], name: string): sys.Sys<number> {
  if (name === '[' && args.at(-1) !== ']') {
    yield* shell.sayError('missing ]');
    return 2;
  }
  const result = yield* evaluateTest(shell, name === '[' ? args.slice(0, -1) : args);
  if (!result.ok) {
    yield* shell.sayError(result.error);
    return 2;
  }
  return result.value ? 0 : 1;
}

function* cd(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const { variables } = shell.state;
  const target = args[0] === '-' ? variables.get('OLDPWD') : (args[0] ?? variables.get('HOME'));
  if (target === undefined || target === '') return 0;
  const path = normalize(shell.path(target));
  const stat = yield* sys.stat(path);
  if (stat?.type !== 'directory') {
    const why = stat === undefined ? 'No such file or directory' : 'Not a directory';
    const busybox = `cd: line 0: can't cd to ${target}: ${why}`;
    yield* shell.sayError(shell.state.name === 'bash' ? `cd: ${target}: ${why}` : busybox);
    return shell.state.name === 'bash' ? 1 : 2;
  }
  variables.set('OLDPWD', shell.state.cwd);
  variables.set('PWD', path);
  shell.state.cwd = path;
  if (args[0] === '-') yield* shell.write('stdout', `${path}\n`);
  return 0;
}

function* pwd(shell: ShellRunner): sys.Sys<number> {
  yield* shell.write('stdout', `${shell.state.cwd}\n`);
  return 0;
}

function* exportVariables(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const names = args.filter((argument) => argument !== '-p');
  if (names.length === 0) {
    const lines = [...environmentOf(shell.state)]
      .map(([name, value]) => `export ${name}='${value}'\n`)
      .sort();
    yield* shell.write('stdout', lines.join(''));
  }
  for (const argument of names) {
    const [name = '', value] = splitAssignment(argument);
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      yield* shell.sayError(`export: line 0: ${name}: bad variable name`);
      return 2;
    }
    if (value !== undefined) shell.state.variables.set(name, value);
    shell.state.exported.add(name);
  }
  return 0;
}

function* declareLocal(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  // Variables are not put back when the function returns: scripts that need that are rare here.
  yield* sys.now();
  for (const argument of args) {
    const [name = '', value] = splitAssignment(argument);
    if (!name.startsWith('-')) shell.state.variables.set(name, value ?? '');
  }
  return 0;
}

function* unset(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  yield* sys.now();
  for (const name of args) {
    if (args[0] === '-f') shell.state.functions.delete(name);
    else shell.state.variables.delete(name);
    shell.state.exported.delete(name);
  }
  return 0;
}

function* setOptions(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  if (args.length === 0) {
    const lines = [...shell.state.variables].map(([name, value]) => `${name}='${value}'\n`).sort();
    yield* shell.write('stdout', lines.join(''));
    return 0;
  }
  for (const [index, argument] of args.entries()) {
    const isOn = argument.startsWith('-');
    if (argument === '--' || !/^[-+]/.test(argument)) {
      const rest = args.slice(argument === '--' ? index + 1 : index);
      shell.state.positional = [shell.state.positional[0] ?? '', ...rest];
      break;
    }
    for (const letter of argument.slice(1)) {
      const option = letter === 'o' ? (args[index + 1] ?? '') : letter;
      if (isOn) shell.state.options.add(optionLetters.get(option) ?? option);
      else shell.state.options.delete(optionLetters.get(option) ?? option);
    }
    if (argument.slice(1).includes('o')) break;
  }
  return 0;
}

const optionLetters: ReadonlyMap<string, string> = new Map([
  ['errexit', 'e'],
  ['nounset', 'u'],
  ['xtrace', 'x'],
]);

function* shift(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  yield* sys.now();
  const count = Number(args[0] ?? 1);
  const [name = '', ...rest] = shell.state.positional;
  if (!(count >= 0) || count > rest.length) return 1;
  shell.state.positional = [name, ...rest.slice(count)];
  return 0;
}

function* leaveLoop(
  shell: ShellRunner,
  kind: 'break' | 'continue',
  args: readonly string[],
): sys.Sys<number> {
  yield* sys.now();
  if (shell.loopDepth === 0) return 0;
  const levels = Math.min(Math.max(1, Number(args[0] ?? 1) || 1), shell.loopDepth);
  shell.jump = { kind, levels };
  return 0;
}

function* leave(shell: ShellRunner, kind: 'return' | 'exit', args: readonly string[]): sys.Sys<number> {
  const [text] = args;
  if (text !== undefined && !/^-?\d+$/.test(text)) {
    yield* shell.sayError(`${kind}: line 0: Illegal number: ${text}`);
    shell.jump = { kind: 'exit' };
    return 2;
  }
  shell.jump = { kind };
  return text === undefined ? shell.state.status : Number(text) & 0xff;
}

function* evaluate(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  shell.state.status = 0;
  yield* shell.runText(args.join(' '));
  return shell.state.status;
}

function* source(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const [path = ''] = args;
  const content = yield* sys.readFile(shell.path(path));
  if (!content.ok) {
    yield* shell.sayError(`.: line 0: can't open '${path}': ${errnoText(content.error)}`);
    return 2;
  }
  shell.state.status = 0;
  yield* shell.runText(sys.toText(content.value));
  if (shell.jump?.kind === 'return') shell.jump = undefined;
  return shell.state.status;
}

function* read(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const names: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '-p') {
      index += 1;
      yield* shell.write('stderr', args[index] ?? '');
    } else if (argument === '-t' || argument === '-n' || argument === '-d') {
      index += 1;
    } else if (!argument.startsWith('-')) {
      names.push(argument);
    }
  }
  const line = yield* shell.readLine();
  const text = (line ?? '').replace(/\n$/, '');
  const isWhole = line?.endsWith('\n') === true;
  let rest = text.trim();
  const targets = names.length === 0 ? ['REPLY'] : names;
  for (const [index, name] of targets.entries()) {
    const isLast = index === targets.length - 1;
    const [word = ''] = isLast ? [rest] : rest.split(/\s+/, 1);
    shell.state.variables.set(name, word);
    rest = rest.slice(word.length).trimStart();
  }
  return isWhole ? 0 : 1;
}

function* wait(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const pids = args.length > 0 ? args.map(Number) : shell.state.background;
  let status = 0;
  for (const pid of pids) {
    const result = yield* sys.wait(pid);
    status = result.ok ? result.value.exitCode : 127;
  }
  shell.state.background = shell.state.background.filter((pid) => !pids.includes(pid));
  return args.length > 0 ? status : 0;
}

function* kill(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const [first = '', ...rest] = args;
  const signal = first.startsWith('-')
    ? parseSignal(first.slice(first === '-s' ? 2 : 1) || (rest[0] ?? ''))
    : 'SIGTERM';
  const targets = first === '-s' ? rest.slice(1) : first.startsWith('-') ? rest : args;
  if (signal === undefined) {
    yield* shell.sayError(`bad signal name '${first.slice(1)}'`);
    return 1;
  }
  let status = 0;
  for (const target of targets) {
    const killed = yield* sys.kill(Number(target.replace(/^%/, '')), signal);
    if (killed.ok) continue;
    yield* shell.sayError(`can't kill pid ${target}: ${errnoText(killed.error)}`);
    status = 1;
  }
  return status;
}

/** A signal by name or number; undefined for one that is not simulated. */
export function parseSignal(text: string): SignalName | undefined {
  return signals.get(text.toUpperCase().replace(/^SIG/, ''));
}

const signals: ReadonlyMap<string, SignalName> = new Map<string, SignalName>([
  ['TERM', 'SIGTERM'],
  ['15', 'SIGTERM'],
  ['KILL', 'SIGKILL'],
  ['9', 'SIGKILL'],
  ['INT', 'SIGINT'],
  ['2', 'SIGINT'],
  ['HUP', 'SIGHUP'],
  ['1', 'SIGHUP'],
  ['QUIT', 'SIGQUIT'],
  ['3', 'SIGQUIT'],
  ['PIPE', 'SIGPIPE'],
  ['13', 'SIGPIPE'],
]);

/** A trap on a signal ends the shell with the code that its text exits with; its other commands are not run. */
function* trap(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const [action = '', ...names] = args;
  for (const name of names) {
    if (name === 'EXIT' || name === '0') {
      shell.state.exitTrap = action === '-' ? undefined : action;
      continue;
    }
    const signal = parseSignal(name);
    if (signal === undefined) continue;
    const exitCode = Number(/\bexit\s+(\d+)/.exec(action)?.[1] ?? 0);
    yield* sys.setSignal(signal, action === '-' ? 'default' : action === '' ? 'ignore' : { exitCode });
  }
  return 0;
}

function* letCommand(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  let value: bigint | undefined = 0n;
  for (const argument of args) {
    const script = parseScript(`((${argument}))`);
    const command = script.commands[0]?.command;
    if (command?.type === 'ArithmeticCommand' && command.expression !== undefined) {
      value = yield* evaluateExpression(shell, command.expression);
    }
  }
  return value === undefined || value === 0n ? 1 : 0;
}

function* describe(shell: ShellRunner, args: readonly string[]): sys.Sys<number> {
  const names = args.filter((argument) => !argument.startsWith('-'));
  const isBrief = args.includes('-v');
  let status = 0;
  for (const name of names) {
    const path = yield* findCommand(shell, name);
    if (isBuiltin(name) || shell.state.functions.has(name)) {
      const what = isBuiltin(name) ? `${name} is a shell builtin` : `${name} is a shell function`;
      yield* shell.write('stdout', `${isBrief ? name : what}\n`);
    } else if (path !== undefined) {
      yield* shell.write('stdout', `${isBrief ? path : `${name} is ${path}`}\n`);
    } else {
      status = isBrief ? 1 : 127;
      if (!isBrief) yield* shell.write('stdout', `${name}: not found\n`);
    }
  }
  return status;
}

function* findCommand(shell: ShellRunner, name: string): sys.Sys<string | undefined> {
  const folders = (
    shell.state.variables.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  ).split(':');
  for (const path of name.includes('/') ? [shell.path(name)] : folders.map((folder) => `${folder}/${name}`)) {
    const stat = yield* sys.stat(path);
    if (stat?.type === 'file' && stat.executable) return path;
  }
  return undefined;
}

function splitAssignment(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
