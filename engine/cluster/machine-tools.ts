/** Running programs on machines and in network namespaces from outside: for the shell, for checks, for probes. */
import { invariant } from '../base/result.ts';
import type { FileLayer, ProcessAdmin } from '../net/linux.ts';
import { probeConnect, probeResolve } from '../programs/probe.ts';

/** A program that ran to its end, or that was ended because its time was up (exit code 124, as timeout(1) has it). */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and as what a program is run. */
export interface RunPlace {
  readonly machine: string;
  readonly netns: string;
  readonly rootfs: number;
  readonly hostname: string;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
}

/** Time after which a program that was asked to run to its end is ended. */
const defaultTimeoutMs = 600_000;

/** The programs behind a probe, and the files by which they are started. */
export const probePrograms = [
  ['probe-resolve', probeResolve],
  ['probe-connect', probeConnect],
] as const;

/** The layer with the probe's programs. */
export const probeLayer: FileLayer = Object.freeze({
  files: new Map(probePrograms.map(([name]) => [`/usr/bin/${name}`, Object.freeze({ program: name })])),
});

/** As much of the event queue as it takes to let time pass. */
interface RunnableQueue {
  runUntil(done: () => boolean, maxMs: number): unknown;
}

/** Runs a program until it ends, letting virtual time pass. */
export function runToEnd(
  deps: { readonly queue: RunnableQueue; readonly processes: ProcessAdmin },
  place: RunPlace,
  argv: readonly string[],
  options: { readonly stdin?: string; readonly timeoutMs?: number | undefined } = {},
): Ran {
  const { queue, processes } = deps;
  const stdin = options.stdin ?? '';
  const spawned = processes.spawn({ ...place, argv, foreground: true, stdinOpen: stdin !== '' });
  if (!spawned.ok) {
    const missing = spawned.error === 'ENOENT';
    return {
      exitCode: missing ? 127 : 126,
      stdout: '',
      stderr: `${argv[0] ?? ''}: ${missing ? 'command not found' : 'Permission denied'}\n`,
    };
  }
  const pid = spawned.value;
  if (stdin !== '') {
    processes.writeStdin(pid, new TextEncoder().encode(stdin));
    processes.closeStdin(pid);
  }
  queue.runUntil(() => !processes.isRunning(pid), options.timeoutMs ?? defaultTimeoutMs);
  const isLate = processes.isRunning(pid);
  if (isLate) {
    processes.kill(pid, 'SIGKILL');
    queue.runUntil(() => !processes.isRunning(pid), 0);
  }
  const decoder = new TextDecoder();
  const exitCode = processes.exitCode(pid);
  invariant(exitCode !== undefined, 'a killed process goes on');
  const ran = {
    exitCode: isLate ? 124 : exitCode,
    stdout: decoder.decode(processes.readOutput(pid, 'stdout', 0)),
    stderr: decoder.decode(processes.readOutput(pid, 'stderr', 0)),
  };
  processes.forget(pid);
  return ran;
}
