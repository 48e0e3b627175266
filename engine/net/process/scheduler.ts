/**
 * Resumes processes: each thread's generator is run until it waits, and again when what it waits for may have come (its
 * call is then simply tried once more). Wake-ups are events; they are foreground, since the process has work, but a
 * sleeper's timer is background unless the process was started as foreground work.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { err, invariant, ok, type Result } from '../../base/result.ts';
import type { Errno } from './errno.ts';
import type { Kernel, SchedulerDependencies, SinkChoice, StartOptions, Streams } from './kernel.ts';
import { findExecutable, toInterpreter } from './rootfs.ts';
import { exitCodeOf, interruptedBy, killedExitCode } from './signals.ts';
import type { ProcessesState, ProcessState, Sink, StreamState, ThreadState } from './state.ts';
import { appendOutput, createOutput } from './streams.ts';
import type { SignalName, Syscall, SyscallResult } from './syscalls.ts';
import { SystemCalls } from './system-calls.ts';

/** How many steps of a process's budget a call takes; the costly ones stand for what they set going. */
const callCosts: ReadonlyMap<Syscall['call'], number> = new Map([
  ['spawn', 100],
  ['exec', 100],
  ['connect', 20],
  ['thread', 2],
]);

/** How long a background process that never rests is held back, as a container's CPU quota would. */
const throttleMs = 1000;

interface Running {
  readonly generator: Generator<Syscall, number, SyscallResult>;
  call: Syscall;
}

/** See the head of this file. */
export class Scheduler implements Kernel {
  readonly #deps: SchedulerDependencies;
  readonly #state: ProcessesState;
  readonly #calls: SystemCalls;
  /** Generators by `pid/thread`; what is missing is rebuilt from the log. */
  readonly #running = new Map<string, Running>();

  constructor(deps: SchedulerDependencies, state: ProcessesState) {
    this.#deps = deps;
    this.#state = state;
    this.#calls = new SystemCalls(deps, state, this);
    deps.queue.on('process/run', (payload) => this.#resume(payload, false));
    deps.queue.on('process/timer', (payload) => this.#resume(payload, true));
    deps.queue.on('process/news', (payload) => this.#tellNews(payload));
    deps.queue.on('process/alive', (payload) => this.#keepAlive(payload));
    deps.sockets.onReady((socket, pid) => this.#wakeSocket(socket, pid));
  }

  /** Makes a process; it runs from the next event on. */
  start(options: StartOptions, stdin: number | undefined): Result<ProcessState, Errno> {
    const state = this.#state;
    const rootfs = state.rootfs.get(options.rootfs);
    invariant(rootfs !== undefined, `no root file system ${options.rootfs}`);
    const env = Object.freeze(new Map(options.env ?? []));
    const cwd = options.cwd ?? '/';
    const program: Result<{ readonly name: string; readonly argv: readonly string[] }, Errno> =
      options.resume === undefined || options.parent === undefined
        ? this.resolveProgram(options.rootfs, options.argv, env, cwd)
        : ok({ name: options.parent.program, argv: options.argv });
    if (!program.ok) return program;
    if (state.processes.size >= this.#deps.limits.maxProcesses) return err('EAGAIN');
    const pid = state.nextPid;
    state.nextPid += 1;
    if (options.init === true) {
      rootfs.initPid = pid;
      rootfs.localPids.clear();
      rootfs.nextLocalPid = 1;
    }
    let localPid = pid;
    if (rootfs.initPid !== undefined) {
      localPid = rootfs.nextLocalPid;
      rootfs.nextLocalPid += 1;
      rootfs.localPids.set(localPid, pid);
    }
    const sinks = chooseSinks(pid, options.stdout ?? 'own', options.stderr ?? 'own');
    const process: ProcessState = {
      pid,
      localPid,
      parent: options.parent?.pid,
      root: options.parent?.root ?? pid,
      machine: options.machine,
      netns: options.netns,
      rootfs: options.rootfs,
      hostname: options.hostname,
      label: options.label,
      foreground: options.foreground ?? false,
      tty: options.tty ?? false,
      windowSize: undefined,
      startedMs: this.#deps.queue.now(),
      program: program.value.name,
      argv: Object.freeze([...program.value.argv]),
      env,
      cwd,
      stdin,
      stdout: this.#openSink(sinks.stdout),
      stderr: this.#openSink(sinks.stderr),
      output: createOutput(options.followed),
      threads: new Map(),
      nextThread: 1,
      children: new Set(),
      signals: new Map(),
      exitCode: undefined,
      aliveEvent: undefined,
      busySteps: 0,
      busySinceMs: this.#deps.queue.now(),
    };
    const input = stdin === undefined ? undefined : state.streams.get(stdin);
    if (input !== undefined) input.readers += 1;
    state.processes.set(pid, process);
    options.parent?.children.add(pid);
    if (process.foreground && options.parent === undefined) this.#scheduleAlive(process);
    this.startThread(process, options.resume, true);
    return ok(process);
  }

  /** What a command's argv[0] is: a program, or a script for an interpreter. */
  resolveProgram(
    rootfsId: number,
    argv: readonly string[],
    env: ReadonlyMap<string, string>,
    cwd: string,
  ): Result<{ readonly name: string; readonly argv: readonly string[] }, Errno> {
    const rootfs = this.#state.rootfs.get(rootfsId);
    const [command] = argv;
    if (rootfs === undefined || command === undefined || command === '') return err('ENOENT');
    const found = findExecutable(rootfs, command, env, cwd);
    if (typeof found === 'string') return err(found);
    if (typeof found.content === 'object' && 'program' in found.content) {
      return ok({ name: found.content.program, argv });
    }
    const interpreted = toInterpreter(found.path, found.content, argv);
    const interpreter = findExecutable(rootfs, interpreted[0] ?? '', env, cwd);
    if (typeof interpreter === 'string') return err(interpreter);
    if (typeof interpreter.content === 'object' && 'program' in interpreter.content) {
      return ok({ name: interpreter.content.program, argv: interpreted });
    }
    return err('ENOEXEC');
  }

  /** Adds a thread that runs from the next event on. */
  startThread(process: ProcessState, resume: JsonValue | undefined, main: boolean): void {
    const thread: ThreadState = {
      id: process.nextThread,
      main,
      resume,
      atCheckpoint: false,
      log: [],
      waiting: undefined,
      socket: undefined,
      timer: undefined,
      scheduled: false,
    };
    process.nextThread += 1;
    process.threads.set(thread.id, thread);
    this.wake(process, thread);
  }

  /** Replaces all threads by one at the program's beginning, as execve(2). */
  replaceProgram(process: ProcessState): void {
    for (const thread of [...process.threads.values()]) this.#dropThread(process, thread);
    process.signals.clear();
    this.startThread(process, undefined, true);
  }

  /** Lets a thread try its call again, in an event of its own. */
  wake(process: ProcessState, thread: ThreadState): void {
    if (thread.scheduled) return;
    thread.scheduled = true;
    this.#deps.queue.schedule({ kind: 'process/run', payload: { pid: process.pid, thread: thread.id } });
  }

  /** Wakes whoever waits for news of a topic. */
  announce(topic: string): void {
    for (const process of this.#state.processes.values()) {
      for (const thread of process.threads.values()) {
        if (!waitsForNews(thread, topic)) continue;
        const payload = { pid: process.pid, thread: thread.id, topic };
        this.#deps.queue.schedule({ kind: 'process/news', payload });
      }
    }
  }

  /** Wakes whoever waits for bytes of a stream, or for room in it. */
  wakeStream(stream: StreamState): void {
    const waiting = [...stream.waiting];
    stream.waiting.clear();
    for (const pid of waiting) {
      const process = this.#state.processes.get(pid);
      for (const thread of process?.threads.values() ?? []) {
        const call = thread.waiting?.call;
        if (process !== undefined && (call === 'readStdin' || call === 'write')) this.wake(process, thread);
      }
    }
  }

  /** The interrupt key: see {@link ProcessAdmin.interrupt}. */
  interrupt(process: ProcessState): boolean {
    const meant = interruptedBy(process, (pid) => this.#state.processes.get(pid));
    for (const each of meant) this.signal(each, 'SIGINT');
    return meant.length > 0;
  }

  /** Delivers a signal. */
  signal(process: ProcessState, signal: SignalName): void {
    const exitCode = exitCodeOf(process, signal, this.#isInit(process));
    if (exitCode !== undefined) this.end(process, exitCode);
  }

  /** Ends a process: closes what it had open, tells its parent or its owner. */
  end(process: ProcessState, exitCode: number): void {
    if (process.exitCode !== undefined) return;
    process.exitCode = exitCode & 0xff;
    for (const thread of [...process.threads.values()]) this.#dropThread(process, thread);
    this.#deps.sockets.closeAllOf(process.pid);
    this.closeStreams(process);
    if (process.aliveEvent !== undefined) this.#deps.queue.cancel(process.aliveEvent);
    for (const pid of process.children) {
      if (this.#state.processes.get(pid)?.exitCode !== undefined) this.#state.processes.delete(pid);
    }
    const rootfs = this.#state.rootfs.get(process.rootfs);
    rootfs?.localPids.delete(process.localPid);
    const parent = process.parent === undefined ? undefined : this.#state.processes.get(process.parent);
    if (process.parent === undefined) {
      const payload = { pid: process.pid, exitCode: process.exitCode, label: process.label ?? null };
      this.#deps.queue.schedule({ kind: 'process/exited', payload });
    } else if (parent === undefined || parent.exitCode !== undefined) {
      this.#state.processes.delete(process.pid);
    } else {
      this.#wakeParent(parent);
    }
    if (rootfs?.initPid === process.pid) {
      rootfs.initPid = undefined;
      for (const other of [...this.#state.processes.values()]) {
        if (other.rootfs === process.rootfs) this.end(other, killedExitCode);
      }
    }
  }

  /** Lets go of a process's standard streams, so that the other ends see it. */
  closeStreams(process: ProcessState): void {
    const input = process.stdin === undefined ? undefined : this.#state.streams.get(process.stdin);
    if (input !== undefined) {
      input.readers -= 1;
      this.#releaseStream(process.stdin, input);
    }
    for (const sink of [process.stdout, process.stderr]) {
      const stream = sink.kind === 'stream' ? this.#state.streams.get(sink.id) : undefined;
      if (sink.kind !== 'stream' || stream === undefined) continue;
      stream.writers -= 1;
      this.#releaseStream(sink.id, stream);
    }
  }

  /** Counts a writer when the sink is a pipe. */
  #openSink(sink: Sink): Sink {
    const stream = sink.kind === 'stream' ? this.#state.streams.get(sink.id) : undefined;
    if (stream !== undefined) stream.writers += 1;
    return sink;
  }

  /** Gives an existing process other streams. */
  replaceStreams(process: ProcessState, streams: Streams): void {
    const input = streams.stdin === undefined ? undefined : this.#state.streams.get(streams.stdin);
    if (input !== undefined) input.readers += 1;
    const sinks = chooseSinks(process.pid, streams.stdout, streams.stderr);
    const stdout = this.#openSink(sinks.stdout);
    const stderr = this.#openSink(sinks.stderr);
    this.closeStreams(process);
    process.stdin = streams.stdin;
    process.stdout = stdout;
    process.stderr = stderr;
  }

  #releaseStream(id: number | undefined, stream: StreamState): void {
    this.wakeStream(stream);
    if (id !== undefined && stream.readers <= 0 && stream.writers <= 0) this.#state.streams.delete(id);
  }

  #isInit(process: ProcessState): boolean {
    return this.#state.rootfs.get(process.rootfs)?.initPid === process.pid;
  }

  #wakeParent(parent: ProcessState): void {
    for (const thread of parent.threads.values()) {
      if (thread.waiting?.call === 'wait') this.wake(parent, thread);
    }
  }

  #wakeSocket(socket: number, pid: number): void {
    const process = this.#state.processes.get(pid);
    if (process === undefined) return;
    for (const thread of process.threads.values()) {
      if (waitsForSocket(thread, socket)) this.wake(process, thread);
    }
  }

  #scheduleAlive(process: ProcessState): void {
    process.aliveEvent = this.#deps.queue.schedule({
      kind: 'process/alive',
      payload: { pid: process.pid },
      delayMs: 2 * this.#deps.limits.maxSettleMs,
    });
  }

  #keepAlive(payload: JsonValue): void {
    const process = isJsonObject(payload) ? this.#state.processes.get(Number(payload.pid)) : undefined;
    if (process !== undefined && process.exitCode === undefined) this.#scheduleAlive(process);
  }

  #dropThread(process: ProcessState, thread: ThreadState): void {
    if (thread.timer !== undefined) this.#deps.queue.cancel(thread.timer);
    process.threads.delete(thread.id);
    this.#running.delete(`${process.pid}/${thread.id}`);
  }

  #resume(payload: JsonValue, timedOut: boolean): void {
    invariant(isJsonObject(payload), 'a process event without payload');
    const process = this.#state.processes.get(Number(payload.pid));
    const thread = process?.threads.get(Number(payload.thread));
    if (process === undefined || thread === undefined) return;
    if (timedOut) thread.timer = undefined;
    else thread.scheduled = false;
    const running = this.#running.get(`${process.pid}/${thread.id}`) ?? this.#rebuild(process, thread);
    if (running !== undefined) this.#run(process, thread, running, timedOut);
  }

  #tellNews(payload: JsonValue): void {
    invariant(isJsonObject(payload), 'a process event without payload');
    const process = this.#state.processes.get(Number(payload.pid));
    const thread = process?.threads.get(Number(payload.thread));
    // It may have gone on since; what it asks next it asks of the state that the news are about.
    if (process === undefined || thread === undefined) return;
    if (!waitsForNews(thread, String(payload.topic))) return;
    const running = this.#running.get(`${process.pid}/${thread.id}`) ?? this.#rebuild(process, thread);
    if (running !== undefined) this.#run(process, thread, running, true);
  }

  /** Makes the generator of a thread and plays its log to it; undefined when it ended at once. */
  #rebuild(process: ProcessState, thread: ThreadState): Running | undefined {
    const program = this.#deps.programs.get(process.program);
    invariant(program !== undefined, `no program ${process.program}`);
    const { argv, env, cwd, tty } = process;
    const generator = program({
      argv,
      env,
      cwd,
      tty,
      ...(thread.resume === undefined ? {} : { resume: thread.resume }),
    });
    let step = generator.next();
    if (thread.atCheckpoint) {
      const isSame = step.done !== true && step.value.call === 'checkpoint';
      invariant(isSame, `${process.program} does not begin at its checkpoint with the checkpoint`);
    }
    for (const result of thread.log) {
      invariant(step.done !== true, `${process.program} went another way when its log was played again`);
      step = generator.next(result);
    }
    if (step.done === true) {
      this.#endThread(process, thread, step.value);
      return undefined;
    }
    const running: Running = { generator, call: step.value };
    this.#running.set(`${process.pid}/${thread.id}`, running);
    return running;
  }

  #run(process: ProcessState, thread: ThreadState, running: Running, timedOut: boolean): void {
    let timeIsUp = timedOut;
    for (;;) {
      const { call } = running;
      if (thread.waiting === undefined && !this.#charge(process, thread, call)) return;
      const result = this.#calls.attempt({ process, thread, call, timeIsUp });
      timeIsUp = false;
      if (!process.threads.has(thread.id)) return;
      if (result === undefined) {
        this.#wait(process, thread, call);
        return;
      }
      if (thread.timer !== undefined) this.#deps.queue.cancel(thread.timer);
      thread.timer = undefined;
      thread.waiting = undefined;
      thread.log.push(Object.freeze(result));
      const step = running.generator.next(result);
      if (step.done === true) {
        this.#endThread(process, thread, step.value);
        return;
      }
      running.call = step.value;
    }
  }

  #wait(process: ProcessState, thread: ThreadState, call: Syscall): void {
    if (thread.waiting !== undefined) return;
    thread.waiting = Object.freeze(call);
    const delayMs = call.call === 'sleep' ? call.ms : 'timeoutMs' in call ? call.timeoutMs : undefined;
    if (isRest(call)) this.#rest(process);
    if (delayMs === undefined) return;
    thread.timer = this.#deps.queue.schedule({
      kind: 'process/timer',
      payload: { pid: process.pid, thread: thread.id },
      delayMs,
      background: !process.foreground,
    });
  }

  #rest(process: ProcessState): void {
    const root = this.#state.processes.get(process.root) ?? process;
    root.busySteps = 0;
    root.busySinceMs = this.#deps.queue.now();
  }

  /**
   * Counts a call against the budget of the process and its kin. Past it, one for which virtual time stands still is
   * ended; a background one that is merely restless is held back. False when the call may not be made now.
   */
  #charge(process: ProcessState, thread: ThreadState, call: Syscall): boolean {
    const root = this.#state.processes.get(process.root) ?? process;
    root.busySteps += callCosts.get(call.call) ?? 1;
    if (root.busySteps <= this.#deps.limits.maxProcessSteps) return true;
    const timePassed = this.#deps.queue.now() > root.busySinceMs;
    this.#rest(process);
    if (timePassed && process.foreground) return true;
    if (timePassed) {
      thread.scheduled = true;
      const payload = { pid: process.pid, thread: thread.id };
      this.#deps.queue.schedule({ kind: 'process/run', payload, delayMs: throttleMs, background: true });
      return false;
    }
    const name = process.argv[0] ?? process.program;
    const message = `kubedrill: ${name} was ended: ${this.#deps.limits.maxProcessSteps} steps in which no time passed (an endless loop without sleep?)\n`;
    const bytes = new TextEncoder().encode(message);
    const chunk = { atMs: this.#deps.queue.now(), stream: 'stderr', bytes } as const;
    appendOutput(root.output, chunk, this.#deps.limits);
    // Its kin go along, or a fork bomb would live on in those that are left.
    for (const kin of [...this.#state.processes.values()]) {
      if (kin.root === process.root) this.end(kin, killedExitCode);
    }
    return false;
  }

  #endThread(process: ProcessState, thread: ThreadState, exitCode: number): void {
    this.#dropThread(process, thread);
    if (thread.main) this.end(process, exitCode);
  }
}

/** Whether a process that waits so has nothing to do until somebody else acts or time passes. */
function isRest(call: Syscall): boolean {
  if (call.call === 'sleep') return call.ms > 0;
  if (call.call !== 'accept' && call.call !== 'receiveFrom' && call.call !== 'poll') return false;
  return call.timeoutMs === undefined;
}

function chooseSinks(
  pid: number,
  stdout: SinkChoice,
  stderr: SinkChoice,
): { readonly stdout: Sink; readonly stderr: Sink } {
  const first = (stream: 'stdout' | 'stderr', choice: SinkChoice): Sink =>
    typeof choice === 'string' ? { kind: 'log', pid, stream } : choice;
  if (stdout === 'other') {
    const sink = first('stderr', stderr);
    return { stdout: sink, stderr: sink };
  }
  const sink = first('stdout', stdout);
  return { stdout: sink, stderr: stderr === 'other' ? sink : first('stderr', stderr) };
}

function waitsForNews({ waiting }: ThreadState, topic: string): boolean {
  return waiting?.call === 'poll' && waiting.topic === topic;
}

function waitsForSocket(thread: ThreadState, socket: number): boolean {
  const call = thread.waiting;
  if (call === undefined) return false;
  if (call.call === 'poll') return call.sockets.includes(socket);
  if (call.call === 'connect' || call.call === 'ping') return thread.socket === socket;
  return 'socket' in call && call.socket === socket;
}
