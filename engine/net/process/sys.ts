/**
 * System calls as generator functions, one per call: `const bytes = yield* sys.readFile(path)`. What can fail returns a
 * Result with the errno.
 */
import type { JsonValue } from '../../base/json.ts';
import { err, InvariantError, ok, type Result } from '../../base/result.ts';
import { joinBytes } from './bytes.ts';
import { isRefusedChange, type NetworkChange, type RefusedChange } from './configure.ts';
import type { Errno } from './errno.ts';
import type { InspectSubject } from './inspect.ts';
import type {
  ChildStreams,
  FileStat,
  SignalName,
  SocketAddress,
  Syscall,
  SyscallResult,
} from './syscalls.ts';

/** A part of a program that returns T. */
export type Sys<T> = Generator<Syscall, T, SyscallResult>;

/** What a child needs besides its argv. Streams that are not named are inherited. */
export interface ChildOptions extends Partial<ChildStreams> {
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8 bytes of a text. */
export function toBytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function toText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Writes text to standard output. */
export function* print(text: string): Sys<void> {
  if (text !== '') yield* write(1, toBytes(text));
}

/** Writes text to standard error. */
export function* printError(text: string): Sys<void> {
  if (text !== '') yield* write(2, toBytes(text));
}

/** Writes bytes; waits while the other side of a pipe is behind. */
export function* write(fd: 1 | 2, bytes: Uint8Array): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'write', fd, bytes });
}

/** The next input, or undefined at its end; with `line`, one line with its newline at most. */
export function* readStdin(options: { readonly line?: boolean } = {}): Sys<Uint8Array | undefined> {
  const result = yield { call: 'readStdin', ...(options.line === undefined ? {} : { line: options.line }) };
  return 'bytes' in result ? result.bytes : undefined;
}

/** All input up to its end, at most `maxBytes` of it. */
export function* readAllStdin(maxBytes = 1_048_576): Sys<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < maxBytes) {
    const piece = yield* readStdin();
    if (piece === undefined) break;
    pieces.push(piece);
    size += piece.length;
  }
  return joinBytes(pieces);
}

/** Lets virtual time pass. */
export function* sleep(ms: number): Sys<void> {
  yield { call: 'sleep', ms };
}

/** Virtual time in milliseconds since the Unix epoch. */
export function* now(): Sys<number> {
  return numberOf(yield { call: 'now' });
}

/** A number in [0, 1). */
export function* random(): Sys<number> {
  return numberOf(yield { call: 'random' });
}

/** This process's pid as seen inside its container. */
export function* getpid(): Sys<number> {
  return numberOf(yield { call: 'getpid' });
}

/** The machine's name for itself. */
export function* hostname(): Sys<string> {
  const result = yield { call: 'hostname' };
  return 'text' in result ? result.text : unexpected('hostname');
}

/** A TCP listener or a bound UDP socket: `EADDRINUSE`, `EADDRNOTAVAIL`. */
export function* listen(protocol: 'tcp' | 'udp', address: string, port: number): Sys<Result<number, Errno>> {
  return socketOf(yield { call: 'listen', protocol, address, port });
}

/** A connection that was accepted. */
export interface Accepted {
  readonly socket: number;
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
}

/** Waits for a connection. */
export function* accept(socket: number, timeoutMs?: number): Sys<Result<Accepted, Errno>> {
  const result = yield { call: 'accept', socket, ...withTimeout(timeoutMs) };
  if (!result.ok) return err(result.errno);
  if ('socket' in result && 'peer' in result) {
    return ok({ socket: result.socket, peer: result.peer, local: result.local });
  }
  return unexpected('accept');
}

/** Waits for the end of the handshake: the socket, or why there is none (`ETIMEDOUT` when the time ran out). */
export function* connect(
  address: string,
  port: number,
  options: { readonly timeoutMs?: number; readonly sourceAddress?: string } = {},
): Sys<Result<number, Errno>> {
  return socketOf(yield { call: 'connect', address, port, ...options });
}

/** Sends bytes on a connection. */
export function* send(socket: number, bytes: Uint8Array): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'send', socket, bytes });
}

/** Waits for bytes; `undefined` after the peer's FIN. */
export function* receive(socket: number, timeoutMs?: number): Sys<Result<Uint8Array | undefined, Errno>> {
  const result = yield { call: 'receive', socket, ...withTimeout(timeoutMs) };
  if (!result.ok) return err(result.errno);
  return ok('bytes' in result ? result.bytes : undefined);
}

/** Sends a datagram. */
export function* sendTo(
  socket: number,
  address: string,
  port: number,
  bytes: Uint8Array,
): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'sendTo', socket, address, port, bytes });
}

/** Waits for a datagram, or for the ICMP error that an earlier one caused. */
export function* receiveFrom(
  socket: number,
  timeoutMs?: number,
): Sys<Result<{ readonly bytes: Uint8Array; readonly peer: SocketAddress }, Errno>> {
  const result = yield { call: 'receiveFrom', socket, ...withTimeout(timeoutMs) };
  if (!result.ok) return err(result.errno);
  if ('bytes' in result && 'peer' in result) return ok({ bytes: result.bytes, peer: result.peer });
  return unexpected('receiveFrom');
}

/**
 * Waits until one of the sockets has something, or a topic is announced (see ProcessAdmin.announce) while it waits: none are
 * ready then. A program that waits so stands for one that holds a watch of its control plane.
 */
export function* pollOrNews(sockets: readonly number[], topic: string): Sys<readonly number[]> {
  const result = yield { call: 'poll', sockets, topic };
  return 'ready' in result ? result.ready : [];
}

/** Waits until one of the sockets has something: those that have; none when the time ran out. */
export function* poll(sockets: readonly number[], timeoutMs?: number): Sys<readonly number[]> {
  const result = yield { call: 'poll', sockets, ...withTimeout(timeoutMs) };
  return 'ready' in result ? result.ready : [];
}

/** Both ends of a socket. */
export function* socketName(
  socket: number,
): Sys<Result<{ readonly local: SocketAddress; readonly peer?: SocketAddress }, Errno>> {
  const result = yield { call: 'socketName', socket };
  if (!result.ok) return err(result.errno);
  if (!('local' in result)) return unexpected('socketName');
  return ok({ local: result.local, ...(result.peer === undefined ? {} : { peer: result.peer }) });
}

/** Closes a socket; one that is closed already is ignored. */
export function* close(socket: number): Sys<void> {
  yield { call: 'close', socket };
}

/** One ICMP echo: who answered, with its TTL, and the error when it was no reply; `ETIMEDOUT`, `ENETUNREACH`. */
export function* ping(options: {
  readonly address: string;
  readonly ttl: number;
  readonly bytes: number;
  readonly timeoutMs: number;
}): Sys<Result<{ readonly from: string; readonly ttl: number; readonly error?: string }, Errno>> {
  const result = yield { call: 'ping', ...options };
  if (!result.ok) return err(result.errno);
  return 'pong' in result ? ok(result.pong) : unexpected('ping');
}

/** A file's bytes: `ENOENT`, `EISDIR`. */
export function* readFile(path: string): Sys<Result<Uint8Array, Errno>> {
  const result = yield { call: 'readFile', path };
  if (!result.ok) return err(result.errno);
  return 'bytes' in result ? ok(result.bytes) : unexpected('readFile');
}

/** A file's text, or undefined when there is none. */
export function* readText(path: string): Sys<string | undefined> {
  const bytes = yield* readFile(path);
  return bytes.ok ? toText(bytes.value) : undefined;
}

/** Writes a whole file, or to its end. */
export function* writeFile(path: string, bytes: Uint8Array, append = false): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'writeFile', path, bytes, append });
}

/** Removes a file or directory. */
export function* removeFile(path: string, recursive = false): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'removeFile', path, recursive });
}

/** Makes a directory. */
export function* makeDirectory(path: string, parents = false): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'makeDirectory', path, parents });
}

/** Names in a directory, sorted. */
export function* readDirectory(path: string): Sys<Result<readonly string[], Errno>> {
  const result = yield { call: 'readDirectory', path };
  if (!result.ok) return err(result.errno);
  return 'names' in result ? ok(result.names) : unexpected('readDirectory');
}

/** What lies at a path, or undefined. */
export function* stat(path: string): Sys<FileStat | undefined> {
  const result = yield { call: 'stat', path };
  return 'stat' in result ? result.stat : undefined;
}

/** A new pipe. */
export function* pipe(): Sys<number> {
  return numberOf(yield { call: 'pipe' });
}

/** Starts a child: its pid, or `ENOENT`, `EACCES`, `EAGAIN`. */
export function* spawn(argv: readonly string[], options: ChildOptions = {}): Sys<Result<number, Errno>> {
  const result = yield { call: 'spawn', argv, ...streamsOf(options) };
  if (!result.ok) return err(result.errno);
  return ok(numberOf(result));
}

/** Starts a copy of this program at `resume`. */
export function* fork(
  argv: readonly string[],
  resume: JsonValue,
  options: ChildOptions = {},
): Sys<Result<number, Errno>> {
  const result = yield { call: 'spawn', argv, resume, ...streamsOf(options) };
  if (!result.ok) return err(result.errno);
  return ok(numberOf(result));
}

/** Becomes another program; comes back only with the reason why it could not. */
export function* exec(argv: readonly string[], options: ChildOptions = {}): Sys<Errno> {
  const result = yield { call: 'exec', argv, ...streamsOf(options) };
  return result.ok ? unexpected('exec') : result.errno;
}

/** Starts a thread of this program at `resume`. */
export function* thread(resume: JsonValue): Sys<void> {
  yield { call: 'thread', resume };
}

/** Lets go of the past: see the call. */
export function* checkpoint(resume: JsonValue): Sys<void> {
  yield { call: 'checkpoint', resume };
}

/** Ends the process, from whichever thread. */
export function* exit(exitCode: number): Sys<never> {
  yield { call: 'exit', exitCode };
  throw new InvariantError('a process went on after its end');
}

/** Says what a signal does. */
export function* setSignal(
  signal: SignalName,
  action: 'ignore' | 'default' | { readonly exitCode: number },
): Sys<void> {
  yield { call: 'setSignal', signal, action };
}

/** How a child ended, and what was collected of its output. */
export interface ChildResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Waits for a child: `ECHILD` when it is none. */
export function* wait(pid: number): Sys<Result<ChildResult, Errno>> {
  const result = yield { call: 'wait', pid };
  if (!result.ok) return err(result.errno);
  if (!('exitCode' in result)) return unexpected('wait');
  return ok({ exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr });
}

/** Sends a signal: `ESRCH`. */
export function* kill(pid: number, signal: SignalName): Sys<Result<void, Errno>> {
  return outcome(yield { call: 'kill', pid, signal });
}

/** Asks the machine about itself; see {@link ./inspect.ts}. */
export function* inspect(subject: InspectSubject, args?: JsonValue): Sys<JsonValue> {
  const result = yield { call: 'inspect', subject, ...(args === undefined ? {} : { args }) };
  return 'json' in result ? result.json : null;
}

/** Changes the machine's network: undefined when that was done, else why it was not. */
export function* configure(change: NetworkChange): Sys<RefusedChange | undefined> {
  const result = yield { call: 'configure', change };
  if (!result.ok) return { errno: result.errno };
  return 'json' in result && isRefusedChange(result.json) ? result.json : undefined;
}

/** Asks a service outside the machine: `ENOENT` when there is none of that name. */
export function* host(service: string, args: JsonValue): Sys<Result<JsonValue, Errno>> {
  const result = yield { call: 'host', service, args };
  if (!result.ok) return err(result.errno);
  return 'json' in result ? ok(result.json) : unexpected('host');
}

function streamsOf(options: ChildOptions): ChildStreams & ChildOptions {
  return {
    ...options,
    stdin: options.stdin ?? 'inherit',
    stdout: options.stdout ?? 'inherit',
    stderr: options.stderr ?? 'inherit',
  };
}

function withTimeout(timeoutMs: number | undefined): { readonly timeoutMs?: number } {
  return timeoutMs === undefined ? {} : { timeoutMs };
}

function outcome(result: SyscallResult): Result<void, Errno> {
  return result.ok ? ok(undefined) : err(result.errno);
}

function numberOf(result: SyscallResult): number {
  return 'number' in result ? result.number : unexpected('number');
}

function socketOf(result: SyscallResult): Result<number, Errno> {
  if (!result.ok) return err(result.errno);
  return 'socket' in result ? ok(result.socket) : unexpected('socket');
}

function unexpected(what: string): never {
  throw new InvariantError(`a system call answered with something else than ${what}`);
}
