/**
 * What each system call does. A call is tried; one that would block answers `undefined` and is tried again when its
 * thread is woken, so no call keeps anything between tries but the socket of a `connect` or `ping`.
 */
import { deepFreeze, type JsonValue } from '../../base/json.ts';
import { assertNever, invariant } from '../../base/result.ts';
import type { Errno } from './errno.ts';
import type { ProcessFacts } from './inspect.ts';
import type { Kernel, SchedulerDependencies, SinkChoice } from './kernel.ts';
import {
  contentBytes,
  listDirectory,
  lookUp,
  makeDirectory,
  removePath,
  resolvePath,
  statPath,
  writePath,
} from './rootfs.ts';
import { attemptSocketCall } from './socket-calls.ts';
import type { ProcessesState, ProcessState, RootfsState, Sink, ThreadState } from './state.ts';
import {
  appendOutput,
  createStream,
  pipeCapacityBytes,
  pushBytes,
  readOutput,
  takeBytes,
} from './streams.ts';
import type { ChildStreams, Syscall, SyscallResult } from './syscalls.ts';

/** One try of one call. */
export interface Attempt {
  readonly process: ProcessState;
  readonly thread: ThreadState;
  readonly call: Syscall;
  /** Whether the call's time has run out: it answers now, one way or another. */
  readonly timeIsUp: boolean;
}

type CallOf<Name extends Syscall['call']> = Extract<Syscall, { readonly call: Name }>;

const done: SyscallResult = Object.freeze({ ok: true });

/** See the head of this file. */
export class SystemCalls {
  readonly #deps: SchedulerDependencies;
  readonly #state: ProcessesState;
  readonly #scheduler: Kernel;

  constructor(deps: SchedulerDependencies, state: ProcessesState, scheduler: Kernel) {
    this.#deps = deps;
    this.#state = state;
    this.#scheduler = scheduler;
  }

  /** The result, or undefined when the call has to wait. */
  attempt(attempt: Attempt): SyscallResult | undefined {
    const { process, thread, call } = attempt;
    switch (call.call) {
      case 'write':
        return this.#write(process, call.fd === 1 ? process.stdout : process.stderr, call.bytes);
      case 'readStdin':
        return this.#readStdin(process, call.line ?? false);
      case 'sleep':
        return attempt.timeIsUp || call.ms <= 0 ? done : undefined;
      case 'now':
        return { ok: true, number: this.#deps.queue.now() };
      case 'random':
        return { ok: true, number: this.#deps.random.next() };
      case 'getpid':
        return { ok: true, number: process.localPid };
      case 'hostname':
        return { ok: true, text: process.hostname };
      case 'listen':
      case 'accept':
      case 'connect':
      case 'send':
      case 'receive':
      case 'sendTo':
      case 'receiveFrom':
      case 'poll':
      case 'socketName':
      case 'close':
      case 'ping':
        return attemptSocketCall(this.#deps.sockets, attempt, call);
      case 'readFile':
      case 'writeFile':
      case 'removeFile':
      case 'makeDirectory':
      case 'readDirectory':
      case 'stat':
        return this.#fileCall(process, call);
      case 'pipe': {
        const id = this.#state.nextStream;
        this.#state.nextStream += 1;
        this.#state.streams.set(id, createStream(0));
        return { ok: true, number: id };
      }
      case 'spawn':
        return this.#spawn(process, call);
      case 'exec':
        return this.#exec(process, call);
      case 'thread':
        this.#scheduler.startThread(process, deepFreeze(call.resume), false);
        return done;
      case 'checkpoint':
        thread.resume = deepFreeze(call.resume);
        thread.log = [];
        thread.atCheckpoint = true;
        return done;
      case 'exit':
        this.#scheduler.end(process, call.exitCode);
        return done;
      case 'setSignal':
        if (call.action === 'default') process.signals.delete(call.signal);
        else process.signals.set(call.signal, call.action === 'ignore' ? 'ignore' : call.action.exitCode);
        return done;
      case 'wait':
        return this.#wait(process, call.pid);
      case 'kill': {
        const target = this.#visible(process, call.pid);
        if (target === undefined) return fail('ESRCH');
        this.#scheduler.signal(target, call.signal);
        return done;
      }
      case 'inspect':
        return this.#inspect(process, call);
      case 'configure': {
        // Containers come with CAP_NET_RAW, but without CAP_NET_ADMIN. Source: containerd, oci.defaultUnixCaps.
        const isAllowed = call.change.part === 'tap' || this.#rootfs(process).initPid === undefined;
        if (!isAllowed) return fail('EPERM');
        const { netns, pid } = process;
        return { ok: true, json: this.#deps.configure({ netns, pid, change: call.change }) };
      }
      case 'host': {
        const answer = this.#deps.hostServices.get(call.service);
        if (answer === undefined) return fail('ENOENT');
        return { ok: true, json: answer(call.args, process.machine) };
      }
      default:
        return assertNever(call);
    }
  }

  #write(process: ProcessState, sink: Sink, bytes: Uint8Array): SyscallResult | undefined {
    if (sink.kind === 'log') {
      const owner = this.#state.processes.get(sink.pid);
      if (owner !== undefined && bytes.length > 0) {
        const chunk = { atMs: this.#deps.queue.now(), stream: sink.stream, bytes };
        appendOutput(owner.output, chunk, this.#deps.limits);
      }
      return done;
    }
    if (sink.kind === 'file') return this.#writeFile(process, sink.path, bytes, true);
    const stream = this.#state.streams.get(sink.id);
    if (stream === undefined || stream.readers <= 0) {
      this.#scheduler.signal(process, 'SIGPIPE');
      return fail('EPIPE');
    }
    if (stream.bytes >= pipeCapacityBytes) {
      stream.waiting.add(process.pid);
      return undefined;
    }
    pushBytes(stream, bytes);
    this.#scheduler.wakeStream(stream);
    return done;
  }

  #readStdin(process: ProcessState, line: boolean): SyscallResult | undefined {
    const stream = process.stdin === undefined ? undefined : this.#state.streams.get(process.stdin);
    if (stream === undefined) return { ok: true, eof: true };
    const bytes = takeBytes(stream, line);
    if (bytes !== undefined) {
      this.#scheduler.wakeStream(stream);
      return { ok: true, bytes };
    }
    if (stream.writers <= 0) return { ok: true, eof: true };
    stream.waiting.add(process.pid);
    return undefined;
  }

  #fileCall(
    process: ProcessState,
    call: CallOf<'readFile' | 'writeFile' | 'removeFile' | 'makeDirectory' | 'readDirectory' | 'stat'>,
  ): SyscallResult | undefined {
    const rootfs = this.#rootfs(process);
    const path = resolvePath(process.cwd, call.path);
    switch (call.call) {
      case 'readFile':
        return this.#readFile(process, path);
      case 'writeFile':
        return this.#writeFile(process, path, call.bytes, call.append);
      case 'removeFile':
        return outcome(removePath(rootfs, path, call.recursive));
      case 'makeDirectory':
        return outcome(makeDirectory(rootfs, path, call.parents));
      case 'readDirectory': {
        const names = listDirectory(rootfs, path);
        return typeof names === 'string' ? fail(names) : { ok: true, names };
      }
      case 'stat': {
        if (isDevice(path)) return { ok: true, stat: { type: 'file', sizeBytes: 0, executable: false } };
        const stat = statPath(rootfs, path);
        return stat === undefined ? fail('ENOENT') : { ok: true, stat };
      }
      default:
        return assertNever(call);
    }
  }

  #readFile(process: ProcessState, path: string): SyscallResult {
    if (path === '/dev/null') return { ok: true, bytes: new Uint8Array() };
    const rootfs = this.#rootfs(process);
    const content = lookUp(rootfs, path);
    if (content !== undefined) return { ok: true, bytes: contentBytes(content) };
    if (path.startsWith('/proc/sys/')) {
      const name = path.slice('/proc/sys/'.length).replaceAll('/', '.');
      const { machine, netns } = process;
      const value = this.#deps.inspect({ machine, netns, subject: 'sysctl', args: { name } });
      if (!value.ok || typeof value.value !== 'string') return fail('ENOENT');
      return { ok: true, bytes: new TextEncoder().encode(`${value.value}\n`) };
    }
    return fail(statPath(rootfs, path)?.type === 'directory' ? 'EISDIR' : 'ENOENT');
  }

  #writeFile(
    process: ProcessState,
    path: string,
    bytes: Uint8Array,
    append: boolean,
  ): SyscallResult | undefined {
    if (path === '/dev/null') return done;
    const sink = this.#deviceSink(process, path);
    if (sink !== undefined) return sink.kind === 'file' ? fail('EACCES') : this.#write(process, sink, bytes);
    const rootfs = this.#rootfs(process);
    const before = append ? (statPath(rootfs, path)?.sizeBytes ?? 0) : 0;
    if (before + bytes.length > this.#deps.limits.maxOutputBytes) return fail('ENOSPC');
    return outcome(writePath(rootfs, path, bytes, append));
  }

  /** The stream behind a device that stands for one: of this process, or of the container's process 1. */
  #deviceSink(process: ProcessState, path: string): Sink | undefined {
    if (path === '/dev/stdout' || path === '/proc/self/fd/1') return process.stdout;
    if (path === '/dev/stderr' || path === '/proc/self/fd/2') return process.stderr;
    const init = this.#rootfs(process).initPid;
    const first = init === undefined ? undefined : this.#state.processes.get(init);
    if (path === '/proc/1/fd/1') return first?.stdout;
    if (path === '/proc/1/fd/2') return first?.stderr;
    return undefined;
  }

  #spawn(process: ProcessState, call: CallOf<'spawn'>): SyscallResult {
    const stdin = this.#childStdin(process, call.stdin);
    const started = this.#scheduler.start(
      {
        machine: process.machine,
        netns: process.netns,
        rootfs: process.rootfs,
        hostname: process.hostname,
        argv: call.argv,
        env: call.env ?? process.env,
        cwd: call.cwd ?? process.cwd,
        tty: process.tty,
        foreground: process.foreground,
        parent: process,
        ...(call.resume === undefined ? {} : { resume: deepFreeze(call.resume) }),
        stdout: this.#childSink(process, call.stdout, process.stdout),
        stderr: this.#childSink(process, call.stderr, process.stderr),
      },
      stdin,
    );
    if (!started.ok) return fail(started.error);
    return { ok: true, number: started.value.localPid };
  }

  #exec(process: ProcessState, call: CallOf<'exec'>): SyscallResult {
    const env = call.env ?? process.env;
    const cwd = call.cwd ?? process.cwd;
    const program = this.#scheduler.resolveProgram(process.rootfs, call.argv, env, cwd);
    if (!program.ok) return fail(program.error);
    this.#scheduler.replaceStreams(process, {
      stdin: this.#childStdin(process, call.stdin),
      stdout: this.#childSink(process, call.stdout, process.stdout),
      stderr: this.#childSink(process, call.stderr, process.stderr),
    });
    process.program = program.value.name;
    process.argv = Object.freeze([...program.value.argv]);
    process.env = Object.freeze(new Map(env));
    process.cwd = cwd;
    this.#scheduler.replaceProgram(process);
    return done;
  }

  #childStdin(process: ProcessState, stdin: ChildStreams['stdin']): number | undefined {
    if (stdin === 'inherit') return process.stdin;
    if (stdin === 'empty') return undefined;
    if (!(stdin instanceof Uint8Array)) return stdin.pipe;
    const id = this.#state.nextStream;
    this.#state.nextStream += 1;
    this.#state.streams.set(id, createStream(0, stdin));
    return id;
  }

  #childSink(
    process: ProcessState,
    target: ChildStreams['stdout'] | ChildStreams['stderr'],
    inherited: Sink,
  ): SinkChoice {
    if (target === 'inherit') return inherited;
    if (target === 'collect') return 'own';
    if (target === 'stdout' || target === 'stderr') return 'other';
    if ('pipe' in target) return { kind: 'stream', id: target.pipe };
    const path = resolvePath(process.cwd, target.file);
    if (!target.append) this.#writeFile(process, path, new Uint8Array(), false);
    return this.#deviceSink(process, path) ?? { kind: 'file', path };
  }

  #wait(process: ProcessState, localPid: number): SyscallResult | undefined {
    const child = [...process.children]
      .map((pid) => this.#state.processes.get(pid))
      .find((candidate) => candidate?.localPid === localPid);
    if (child === undefined) return fail('ECHILD');
    if (child.exitCode === undefined) return undefined;
    process.children.delete(child.pid);
    this.#state.processes.delete(child.pid);
    return {
      ok: true,
      exitCode: child.exitCode,
      stdout: readOutput(child.output, 'stdout', 0),
      stderr: readOutput(child.output, 'stderr', 0),
    };
  }

  #inspect(process: ProcessState, call: CallOf<'inspect'>): SyscallResult {
    if (call.subject === 'processes') return { ok: true, json: this.#processFacts(process) };
    if (call.subject === 'terminal') {
      const size = this.#state.processes.get(process.root)?.windowSize ?? { rows: 0, columns: 0 };
      return { ok: true, json: process.tty ? { ...size } : null };
    }
    const { machine, netns, pid } = process;
    const { subject, args = null } = call;
    const answer = this.#deps.inspect({ machine, netns, pid, subject, args });
    return answer.ok ? { ok: true, json: answer.value } : fail(answer.error);
  }

  /** A container sees the processes on its root file system; a machine sees all of its own. */
  #processFacts(asking: ProcessState): JsonValue {
    const isContainer = this.#rootfs(asking).initPid !== undefined;
    const facts: ProcessFacts[] = [];
    for (const process of this.#state.processes.values()) {
      const isVisible = isContainer ? process.rootfs === asking.rootfs : process.machine === asking.machine;
      if (!isVisible || process.exitCode !== undefined) continue;
      const parent = process.parent === undefined ? undefined : this.#state.processes.get(process.parent);
      facts.push({
        pid: isContainer ? process.localPid : process.pid,
        parentPid: (isContainer ? parent?.localPid : parent?.pid) ?? 0,
        machinePid: process.pid,
        argv: process.argv,
        startedMs: process.startedMs,
        tty: process.tty,
      });
    }
    return facts.sort((a, b) => a.pid - b.pid).map((fact) => ({ ...fact }));
  }

  #visible(process: ProcessState, localPid: number): ProcessState | undefined {
    const rootfs = this.#rootfs(process);
    const pid = rootfs.initPid === undefined ? localPid : rootfs.localPids.get(localPid);
    const target = pid === undefined ? undefined : this.#state.processes.get(pid);
    return target?.machine === process.machine && target.exitCode === undefined ? target : undefined;
  }

  #rootfs(process: ProcessState): RootfsState {
    const rootfs = this.#state.rootfs.get(process.rootfs);
    invariant(rootfs !== undefined, `no root file system ${process.rootfs}`);
    return rootfs;
  }
}

function isDevice(path: string): boolean {
  return path === '/dev/null' || path === '/dev/stdout' || path === '/dev/stderr';
}

function fail(errno: Errno): SyscallResult {
  return { ok: false, errno };
}

function outcome(errno: Errno | undefined): SyscallResult {
  return errno === undefined ? done : fail(errno);
}
