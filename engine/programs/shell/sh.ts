/** The shell of containers: busybox ash, or bash where it is called so. Reads `-c`, a file or standard input. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { Interpreter } from './interpreter.ts';
import { findNode, isIncomplete, parseScript, syntaxError } from './parse.ts';
import { loadState, parseNodeName, type ShellState } from './state.ts';
import { nameOf, statementsOf } from './syntax.ts';

/** sh and bash. */
export const sh: Program = function* (start) {
  const { resume } = start;
  // At a checkpoint nothing may be asked before the checkpoint itself, so its value holds the pid.
  if (isJsonObject(resume)) {
    return yield* resumeAt(resume, resume.fork === true ? yield* sys.getpid() : Number(resume.pid));
  }
  const pid = yield* sys.getpid();
  const [argv0 = 'sh', ...args] = start.argv;
  const name = argv0.split('/').at(-1)?.replace(/^-/, '') || 'sh';
  const options = new Set<string>();
  while (/^[-+][a-zA-Z]+$/.test(args[0] ?? '') && args[0] !== '-c') {
    const flag = args.shift() ?? '';
    for (const letter of flag.slice(1)) options.add(letter === 'o' ? (args.shift() ?? '') : letter);
  }
  const state = (source: string, positional: readonly string[]) =>
    initialState(start, { name, source, positional, options });
  if (args[0] === '-c' || options.has('c')) {
    const [source, ...positional] = options.has('c') ? args : args.slice(1);
    if (source === undefined) {
      yield* sys.printError(`${name}: -c requires an argument\n`);
      return 2;
    }
    return yield* runSource(
      new Interpreter(state(source, positional.length > 0 ? positional : [argv0]), pid),
      true,
    );
  }
  const [file, ...rest] = args;
  if (file !== undefined) {
    const content = yield* sys.readFile(file);
    if (!content.ok) {
      const why = errnoText(content.error);
      yield* sys.printError(
        name === 'bash' ? `bash: ${file}: ${why}\n` : `${name}: can't open '${file}': ${why}\n`,
      );
      return name === 'bash' ? 127 : 2;
    }
    return yield* runSource(new Interpreter(state(sys.toText(content.value), [file, ...rest]), pid), false);
  }
  return yield* runInput(new Interpreter(state('', [argv0]), pid), start);
};

function* runSource(shell: Interpreter, isTail: boolean): sys.Sys<number> {
  const script = parseScript(shell.state.source);
  const problem = syntaxError(script);
  if (problem !== undefined) {
    yield* shell.sayError(problem);
    return 2;
  }
  yield* shell.runWhole(script.commands, nameOf(script), isTail);
  return yield* finish(shell);
}

/** Runs a node of a script, as a fork or from a checkpoint in its loop. */
function* resumeAt(resume: JsonObject, pid: number): sys.Sys<number> {
  const saved = isJsonObject(resume.state) ? resume.state : {};
  const shell = new Interpreter(loadState(saved), pid);
  const isFork = resume.fork === true;
  if (isFork) shell.state.exitTrap = undefined;
  const place = parseNodeName(resume.node);
  const node = findNode(parseScript(shell.state.source), place);
  if (node === undefined) return 2;
  const statements = statementsOf(node);
  if (statements === undefined) yield* shell.runNode(node, isFork);
  else yield* shell.runWhole(statements, place, isFork, Number(resume.index));
  return yield* finish(shell);
}

function* finish(shell: Interpreter): sys.Sys<number> {
  const { exitTrap, status } = shell.state;
  if (exitTrap !== undefined) {
    shell.state.exitTrap = undefined;
    shell.jump = undefined;
    yield* shell.runText(exitTrap);
    return shell.jump === undefined ? status : shell.state.status;
  }
  return status;
}

/** Commands from standard input, each run when it is whole; with a terminal, after a prompt. */
function* runInput(shell: Interpreter, start: ProcessStart): sys.Sys<number> {
  let pending = '';
  // Interrupts are for what runs in the foreground.
  if (start.tty) yield* sys.setSignal('SIGINT', 'ignore');
  for (;;) {
    if (start.tty) yield* sys.print(pending === '' ? yield* prompt(shell) : '> ');
    const line = yield* sys.readStdin({ line: true });
    if (line === undefined) break;
    pending += sys.toText(line);
    const script = parseScript(pending);
    if (isIncomplete(script) || pending.endsWith('\\\n')) continue;
    yield* runPiece(shell, pending);
    pending = '';
    if (shell.jump?.kind === 'exit') break;
    shell.jump = undefined;
  }
  if (pending !== '') yield* runPiece(shell, pending);
  return yield* finish(shell);
}

function* runPiece(shell: Interpreter, text: string): sys.Sys<void> {
  yield* shell.runText(text);
}

function* prompt(shell: Interpreter): sys.Sys<string> {
  if (shell.state.name !== 'bash') return `${shell.state.cwd} # `;
  return `root@${yield* sys.hostname()}:${shell.state.cwd}# `;
}

function initialState(
  start: ProcessStart,
  about: {
    readonly name: string;
    readonly source: string;
    readonly positional: readonly string[];
    readonly options: Set<string>;
  },
): ShellState {
  const variables = new Map(start.env);
  variables.set('PWD', start.cwd);
  if (!variables.has('IFS')) variables.set('IFS', ' \t\n');
  if (!variables.has('PATH')) {
    variables.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
  }
  return {
    ...about,
    variables,
    exported: new Set([...start.env.keys(), 'PWD', 'PATH']),
    cwd: start.cwd,
    status: 0,
    functions: new Map(),
    lastBackgroundPid: undefined,
    background: [],
    exitTrap: undefined,
  };
}
