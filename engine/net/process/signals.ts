/** What signals do to a process. Source: signal(7). */
import type { ProcessState } from './state.ts';
import type { SignalName } from './syscalls.ts';

const signalNumbers: Readonly<Record<SignalName, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** How who was killed has ended, as a shell tells it. */
export const killedExitCode = 128 + signalNumbers.SIGKILL;

/**
 * With what a signal ends a process; undefined when it goes on: because it chose so, or because it is the first one of its
 * container and chose nothing. Source: pid_namespaces(7).
 */
export function exitCodeOf(process: ProcessState, signal: SignalName, isInit: boolean): number | undefined {
  if (signal === 'SIGKILL') return killedExitCode;
  const action = process.signals.get(signal);
  if (typeof action === 'number') return action;
  return action === undefined && !isInit ? 128 + signalNumbers[signal] : undefined;
}

/**
 * Whom the interrupt key reaches: a process and its children, these first; of one that ignores it, as a shell does, the
 * children that it waits for.
 */
export function interruptedBy(
  process: ProcessState,
  find: (pid: number) => ProcessState | undefined,
): readonly ProcessState[] {
  const children = [...process.children].flatMap((pid) => find(pid) ?? []);
  if (process.signals.get('SIGINT') !== 'ignore') {
    return [...children.flatMap((child) => interruptedBy(child, find)), process];
  }
  const waitedFor = new Set(
    [...process.threads.values()].flatMap(({ waiting }) => (waiting?.call === 'wait' ? [waiting.pid] : [])),
  );
  return children
    .filter(({ localPid }) => waitedFor.has(localPid))
    .flatMap((child) => interruptedBy(child, find));
}
