/** What the process table is built on, and what its system calls ask of its scheduler. */
import type { EventQueue } from '../../base/event-queue.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Limits } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import type { SpawnOptions } from '../linux.ts';
import type { Sockets } from '../stack/sockets.ts';
import type { ConfigureRequest } from './configure.ts';
import type { Errno } from './errno.ts';
import type { InspectRequest } from './inspect.ts';
import type { ProcessState, Sink, StreamState } from './state.ts';
import type { Program, SignalName } from './syscalls.ts';

/** What the process table is built on. */
export interface ProcessesDependencies {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
  readonly sockets: Sockets;
  /** Answers what a process asks about its machine's network; `ENOENT` for a subject that is not known. */
  readonly inspect: (request: InspectRequest) => Result<JsonValue, Errno>;
  /** Changes a namespace; null, or why that was refused. */
  readonly configure: (request: ConfigureRequest) => JsonValue;
}

/** The dependencies with the tables of code that were registered. */
export interface SchedulerDependencies extends ProcessesDependencies {
  readonly programs: ReadonlyMap<string, Program>;
  readonly hostServices: ReadonlyMap<string, (args: JsonValue, machine: string) => JsonValue>;
}

/** A new process, from outside or as a child. */
export interface StartOptions extends SpawnOptions {
  readonly parent?: ProcessState;
  readonly resume?: JsonValue;
  readonly stdout?: SinkChoice;
  readonly stderr?: SinkChoice;
}

/** A sink, or the process's own output kept for its reader, or where the other of stdout and stderr goes. */
export type SinkChoice = Sink | 'own' | 'other';

/** Standard streams for a process. */
export interface Streams {
  readonly stdin: number | undefined;
  readonly stdout: SinkChoice;
  readonly stderr: SinkChoice;
}

/** The scheduler as system calls see it. */
export interface Kernel {
  /** Makes a process; it runs from the next event on. */
  start(options: StartOptions, stdin: number | undefined): Result<ProcessState, Errno>;
  /** What a command's argv[0] is: a program, or a script for an interpreter. */
  resolveProgram(
    rootfs: number,
    argv: readonly string[],
    env: ReadonlyMap<string, string>,
    cwd: string,
  ): Result<{ readonly name: string; readonly argv: readonly string[] }, Errno>;
  /** Adds a thread that runs from the next event on. */
  startThread(process: ProcessState, resume: JsonValue | undefined, main: boolean): void;
  /** Replaces all threads by one at the program's beginning, as execve(2). */
  replaceProgram(process: ProcessState): void;
  /** Gives an existing process other streams. */
  replaceStreams(process: ProcessState, streams: Streams): void;
  /** Wakes whoever waits for bytes of a stream, or for room in it. */
  wakeStream(stream: StreamState): void;
  /** Delivers a signal. */
  signal(process: ProcessState, signal: SignalName): void;
  /** Ends a process: closes what it had open, tells its parent or its owner. */
  end(process: ProcessState, exitCode: number): void;
}
