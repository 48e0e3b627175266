/**
 * What a process may ask of its machine.
 *
 * A program is a generator function: it yields system calls and is resumed with their results. It touches the world
 * in no other way (no clock, no randomness, no shared variables), so a process can be copied by handing the recorded
 * results to a fresh generator. That is how a running cluster is forked.
 *
 * Programs do not yield calls by hand: {@link ./sys.ts} has a generator function per call.
 */
import type { JsonValue } from '../../base/json.ts';
import type { NetworkChange } from './configure.ts';
import type { Errno } from './errno.ts';
import type { InspectSubject } from './inspect.ts';

/**
 * A system call, as data. Waiting calls take `timeoutMs`; absent means as long as it takes, and a call that ran out of
 * its time fails with `ETIMEDOUT`.
 */
export type Syscall =
  /** Waits while fd is a pipe that is full. */
  | { readonly call: 'write'; readonly fd: 1 | 2; readonly bytes: Uint8Array }
  /** Waits for input on fd 0; `eof` when it is closed. With `line`, takes no more than one line. */
  | { readonly call: 'readStdin'; readonly line?: boolean }
  | { readonly call: 'sleep'; readonly ms: number }
  | { readonly call: 'now' }
  | { readonly call: 'random' }
  | { readonly call: 'getpid' }
  | { readonly call: 'hostname' }
  /** TCP or UDP; TCP listens, UDP binds. Address `0.0.0.0` is every address. Port 0 takes a free one. */
  | {
      readonly call: 'listen';
      readonly protocol: 'tcp' | 'udp';
      readonly address: string;
      readonly port: number;
    }
  /** Waits for a connection on a TCP listener. */
  | { readonly call: 'accept'; readonly socket: number; readonly timeoutMs?: number }
  /** Waits until the handshake has ended, one way or another. */
  | {
      readonly call: 'connect';
      readonly address: string;
      readonly port: number;
      readonly timeoutMs?: number;
      readonly sourceAddress?: string;
    }
  | { readonly call: 'send'; readonly socket: number; readonly bytes: Uint8Array }
  /** Waits for bytes on a TCP connection; `eof` after the peer's FIN. */
  | { readonly call: 'receive'; readonly socket: number; readonly timeoutMs?: number }
  | {
      readonly call: 'sendTo';
      readonly socket: number;
      readonly address: string;
      readonly port: number;
      readonly bytes: Uint8Array;
    }
  /** Waits for a datagram, or for an ICMP error that an earlier datagram caused. */
  | { readonly call: 'receiveFrom'; readonly socket: number; readonly timeoutMs?: number }
  /** Waits until one of several sockets can be accepted on or read from, or until there is news of a topic. */
  | {
      readonly call: 'poll';
      readonly sockets: readonly number[];
      readonly timeoutMs?: number;
      readonly topic?: string;
    }
  | { readonly call: 'socketName'; readonly socket: number }
  | { readonly call: 'close'; readonly socket: number }
  /** One ICMP echo; waits for its reply. */
  | {
      readonly call: 'ping';
      readonly address: string;
      readonly ttl: number;
      readonly bytes: number;
      readonly timeoutMs: number;
    }
  | { readonly call: 'readFile'; readonly path: string }
  | {
      readonly call: 'writeFile';
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly append: boolean;
    }
  | { readonly call: 'removeFile'; readonly path: string; readonly recursive: boolean }
  | { readonly call: 'makeDirectory'; readonly path: string; readonly parents: boolean }
  | { readonly call: 'readDirectory'; readonly path: string }
  | { readonly call: 'stat'; readonly path: string }
  /** A pipe for {@link ChildStreams}. It is closed when every process that writes to it has ended. */
  | { readonly call: 'pipe' }
  /**
   * Starts a child with its own standard streams; the child's program is found by argv[0] in the machine's files. With
   * `resume` the child is a copy of the calling program instead (a fork), started at that value.
   */
  | ({
      readonly call: 'spawn';
      readonly argv: readonly string[];
      readonly env?: ReadonlyMap<string, string>;
      readonly cwd?: string;
      readonly resume?: JsonValue;
    } & ChildStreams)
  /** Puts another program into this process, as execve(2); returns only when that fails. */
  | ({
      readonly call: 'exec';
      readonly argv: readonly string[];
      readonly env?: ReadonlyMap<string, string>;
      readonly cwd?: string;
    } & ChildStreams)
  /** Starts a thread: this program, started at `resume`, with the same sockets. Its return value is ignored. */
  | { readonly call: 'thread'; readonly resume: JsonValue }
  /**
   * Says that all of the program's state is in `resume`: what it was told before need not be kept. After a fork the
   * program is started with this value, and the first call that it makes must be this very call again.
   */
  | { readonly call: 'checkpoint'; readonly resume: JsonValue }
  /** Ends the process with all of its threads, as exit_group(2). */
  | { readonly call: 'exit'; readonly exitCode: number }
  /** What a signal does from now on: nothing, end the process with an exit code, or what it does to any process. */
  | {
      readonly call: 'setSignal';
      readonly signal: SignalName;
      readonly action: 'ignore' | 'default' | { readonly exitCode: number };
    }
  /** Waits for a child. */
  | { readonly call: 'wait'; readonly pid: number }
  | { readonly call: 'kill'; readonly pid: number; readonly signal: SignalName }
  /**
   * Asks the machine's inspection interface: what netlink, /proc and the netfilter sockets tell on Linux.
   * The answers are JSON so that they can be recorded; see `net/process/inspect.ts` for each subject.
   */
  | { readonly call: 'inspect'; readonly subject: InspectSubject; readonly args?: JsonValue }
  /**
   * Changes the machine's network: what `ip`, `iptables` and `sysctl` do through netlink and /proc. `EPERM` in a
   * container, which has no right to but listen in; else the answer is null, or why it was refused.
   */
  | { readonly call: 'configure'; readonly change: NetworkChange }
  /**
   * Asks a service outside the machine that was registered under a name when the parts were wired (for example the
   * DNS server's view of the API). The answer is JSON.
   */
  | { readonly call: 'host'; readonly service: string; readonly args: JsonValue };

export type SignalName = 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGPIPE';

/** Where a child's output goes: a file is written to by each write, from its end with `append`. */
export type OutputTarget =
  | 'inherit'
  | 'collect'
  | { readonly pipe: number }
  | { readonly file: string; readonly append: boolean };

/** The standard streams of a child. `collect` hands what was written to the one who waits for it. */
export interface ChildStreams {
  readonly stdin: 'inherit' | 'empty' | Uint8Array | { readonly pipe: number };
  readonly stdout: OutputTarget | 'stderr';
  readonly stderr: OutputTarget | 'stdout';
}

/** What a call returned. Which member fits which call stands at the call's generator function. */
export type SyscallResult =
  | { readonly ok: true }
  | { readonly ok: true; readonly number: number }
  | { readonly ok: true; readonly text: string }
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: true; readonly eof: true }
  | { readonly ok: true; readonly socket: number }
  | {
      readonly ok: true;
      readonly socket: number;
      readonly peer: SocketAddress;
      readonly local: SocketAddress;
    }
  | { readonly ok: true; readonly bytes: Uint8Array; readonly peer: SocketAddress }
  | { readonly ok: true; readonly ready: readonly number[] }
  | { readonly ok: true; readonly local: SocketAddress; readonly peer?: SocketAddress }
  | { readonly ok: true; readonly exitCode: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array }
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: true; readonly stat: FileStat }
  | { readonly ok: true; readonly json: JsonValue }
  | {
      readonly ok: true;
      readonly pong: { readonly from: string; readonly ttl: number; readonly error?: string };
    }
  | { readonly ok: false; readonly errno: Errno };

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface FileStat {
  readonly type: 'file' | 'directory';
  readonly sizeBytes: number;
  readonly executable: boolean;
}

/** What a program is told at its start. */
export interface ProcessStart {
  /** argv[0] is the name by which the program was called. */
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** Whether a terminal is attached (`exec -t`). */
  readonly tty: boolean;
  /** Where to begin: the value of a `checkpoint`, a `thread` or a fork; absent at the program's own beginning. */
  readonly resume?: JsonValue;
}

/**
 * A program: yields system calls, returns its exit code. A signal that it does not survive ends it from outside:
 * its generator is dropped.
 */
export type Program = (start: ProcessStart) => Generator<Syscall, number, SyscallResult>;
