/**
 * A command that is watched at a terminal: what it prints is shown as it comes, the cluster's time passes with the wall
 * clock, and Ctrl-C ends it.
 */
import type { KubectlHost } from '../kubectl/host.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import { type CommandSurroundings, surroundKubectl } from './kubectl-host.ts';
import type { ShellHost, StartedProgram } from './shell-host.ts';
import { parseSsh } from './ssh-command.ts';
import type { ShellTerminal } from './terminal.ts';

/** Source: bash(1): a command ended by signal N has the exit status 128+N; SIGINT is 2. */
export const interruptedCode = 130;

/** A command with what it may use; the signal is Ctrl-C. */
export interface FollowedCommand {
  readonly host: ShellHost;
  readonly words: readonly string[];
  readonly surroundings: CommandSurroundings;
  readonly terminal: ShellTerminal;
  readonly signal: AbortSignal;
}

/** Runs it to its end, or until Ctrl-C. Gives the exit code; output has gone to the terminal. */
export async function followCommand(command: FollowedCommand): Promise<number> {
  const [name = '', ...args] = command.words;
  if (name === 'kubectl') return followKubectl(command, args);
  const target = name === 'ssh' ? parseSsh(args) : undefined;
  if (target === undefined) return followProgram(command, 'client', command.words);
  return followProgram(command, target.machine, target.line === '' ? ['sh'] : ['sh', '-c', target.line]);
}

async function followKubectl(
  { host, surroundings, terminal, signal }: FollowedCommand,
  args: readonly string[],
): Promise<number> {
  const print = (stream: 'stdout' | 'stderr') => (text: string) => {
    // What a killed program would still say is not heard.
    if (!signal.aborted) terminal.print(stream, text);
  };
  const kubectl: KubectlHost = {
    ...surroundKubectl(host, surroundings),
    waitUntil: async (done, timeoutMs = Number.POSITIVE_INFINITY) => {
      const deadlineMs = host.api.now() + timeoutMs;
      for (;;) {
        if (signal.aborted) return 'interrupted';
        if (done()) return 'done';
        const leftMs = deadlineMs - host.api.now();
        if (leftMs <= 0) return 'timeout';
        const passedMs = await terminal.pause();
        if (!signal.aborted) await host.api.waitUntil(done, Math.min(leftMs, passedMs));
      }
    },
    writeStdout: print('stdout'),
    writeStderr: print('stderr'),
    ...(terminal.input === undefined ? {} : { terminal: terminal.input }),
  };
  const code = await runKubectl(args, kubectl);
  return signal.aborted ? interruptedCode : code;
}

async function followProgram(
  { host, terminal, signal }: FollowedCommand,
  machine: string,
  argv: readonly string[],
): Promise<number> {
  const started = host.start(machine, argv);
  if (!started.ok) {
    terminal.print('stderr', started.error.stderr);
    return started.error.exitCode;
  }
  const program = started.value;
  let isTyping = terminal.input !== undefined;
  for (;;) {
    terminal.print('stdout', program.read());
    const code = signal.aborted ? interruptedCode : program.exitCode();
    if (code !== undefined) {
      program.close();
      return code;
    }
    const typed = isTyping ? passInput(terminal, program) : undefined;
    isTyping = typed?.isEnded === false;
    // A line that was typed ahead is answered before the next one is taken, and no time has to pass for that.
    host.advance(typed?.isSome === true ? 0 : await terminal.pause());
  }
}

/** Whether something was typed, and whether nothing more will be. */
function passInput(
  { input }: ShellTerminal,
  program: StartedProgram,
): { readonly isSome: boolean; readonly isEnded: boolean } {
  if (input === undefined) return { isSome: false, isEnded: true };
  const bytes = input.read('keys');
  if (bytes.length > 0) program.type(bytes);
  const isEnded = input.isEnded();
  if (isEnded) program.closeStdin();
  return { isSome: bytes.length > 0, isEnded };
}
