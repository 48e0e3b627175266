/**
 * What changes in the process table: plain data, so that it can be forked. Generators are not in it; they are rebuilt
 * from each thread's log.
 */
import type { JsonValue } from '../../base/json.ts';
import type { FileContent, FileLayer, LogChunk } from '../linux.ts';
import type { SignalName, Syscall, SyscallResult } from './syscalls.ts';

/** All processes of all machines. */
export interface ProcessesState {
  nextPid: number;
  nextRootfs: number;
  nextStream: number;
  readonly processes: Map<number, ProcessState>;
  readonly rootfs: Map<number, RootfsState>;
  readonly streams: Map<number, StreamState>;
}

/** The first state: no processes. */
export function processesState(): ProcessesState {
  return {
    nextPid: 100,
    nextRootfs: 1,
    nextStream: 1,
    processes: new Map(),
    rootfs: new Map(),
    streams: new Map(),
  };
}

/** Image layers below, which forks share, and what was changed above them. */
export interface RootfsState {
  readonly layers: readonly FileLayer[];
  /** `undefined` stands for a path that was removed (a whiteout). */
  readonly changes: Map<string, FileContent | undefined>;
  /** Other file systems that are seen at a path of this one. */
  readonly mounts: Map<string, RootfsState>;
  /** Pids as seen inside, when the file system has a process 1 of its own. */
  readonly localPids: Map<number, number>;
  initPid: number | undefined;
  nextLocalPid: number;
}

/** A pipe, or the standard input that somebody outside writes to. */
export interface StreamState {
  readonly chunks: Uint8Array[];
  bytes: number;
  /** Writers that have not ended. Readers see the end when it is 0. */
  writers: number;
  readers: number;
  /** Pids that wait for bytes, or for room. */
  readonly waiting: Set<number>;
}

/** Where a process's output goes. */
export type Sink =
  | { readonly kind: 'log'; readonly pid: number; readonly stream: 'stdout' | 'stderr' }
  | { readonly kind: 'stream'; readonly id: number }
  | { readonly kind: 'file'; readonly path: string };

/** Output that is kept for the one who reads it. */
export interface OutputState {
  readonly chunks: LogChunk[];
  /** Bytes that were written in all, and those of the chunks that were let go. */
  readonly written: { stdout: number; stderr: number };
  readonly dropped: { stdout: number; stderr: number };
  /** Whether somebody takes it as it comes. */
  readonly followed: boolean;
}

/** One process. */
export interface ProcessState {
  readonly pid: number;
  readonly parent: number | undefined;
  /** The process that was started from outside and that this one descends from. */
  readonly root: number;
  readonly machine: string;
  readonly netns: string;
  readonly rootfs: number;
  readonly hostname: string;
  readonly label: string | undefined;
  readonly foreground: boolean;
  readonly tty: boolean;
  /** Of the terminal that the root has, once somebody has said it. */
  windowSize: { readonly rows: number; readonly columns: number } | undefined;
  readonly startedMs: number;
  /** Its pid as seen inside its container. */
  readonly localPid: number;
  program: string;
  argv: readonly string[];
  env: ReadonlyMap<string, string>;
  cwd: string;
  stdin: number | undefined;
  stdout: Sink;
  stderr: Sink;
  readonly output: OutputState;
  readonly threads: Map<number, ThreadState>;
  nextThread: number;
  readonly children: Set<number>;
  readonly signals: Map<SignalName, 'ignore' | number>;
  exitCode: number | undefined;
  /** The event that keeps the queue from being settled while a foreground process lives. */
  aliveEvent: number | undefined;
  /** Counted at a root for all of its descendants: calls since they last had nothing to do. */
  busySteps: number;
  busySinceMs: number;
}

/** One flow of control in a process: a generator, and the results it was resumed with. */
export interface ThreadState {
  readonly id: number;
  /** Whether the process ends when it does. */
  readonly main: boolean;
  resume: JsonValue | undefined;
  /** Whether the log begins with a checkpoint, which has to be the first call when it is played again. */
  atCheckpoint: boolean;
  log: SyscallResult[];
  /** The call that has not come back yet. */
  waiting: Syscall | undefined;
  /** The socket that a waiting `connect` or `ping` opened. */
  socket: number | undefined;
  timer: number | undefined;
  /** Whether an event that resumes it is scheduled already. */
  scheduled: boolean;
}
