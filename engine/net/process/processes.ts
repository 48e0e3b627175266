/**
 * The process table of all machines: starts programs, resumes them when what they wait for has come, ends them.
 *
 * A program is a generator. What it was resumed with is kept in its thread's log, so that after a fork a fresh
 * generator, fed with the log, stands where the old one stood. So that a server's log does not grow with every request,
 * it handles each connection in a thread, whose log ends with it, and its main loop passes a `checkpoint`, which lets
 * go of what was before: replay costs a server the few calls since then, however many requests it has served.
 *
 * Left out: users, groups, sessions and job control, priorities, memory. A process takes no virtual time to compute.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { invariant, ok } from '../../base/result.ts';
import type { ProcessAdmin, ProcessExit, SpawnOptions } from '../linux.ts';
import type { ProcessesDependencies } from './kernel.ts';
import { contentBytes, createRootfs, crossMounts, lookUp, resolvePath, visiblePaths } from './rootfs.ts';
import { Scheduler } from './scheduler.ts';
import type { ProcessesState } from './state.ts';
import { createStream, pushBytes, readOutput, takeOutput } from './streams.ts';
import type { Program } from './syscalls.ts';

/** The process table on its state. Schedules nothing until something is spawned or an event comes. */
export function createProcesses(deps: ProcessesDependencies, state: ProcessesState): ProcessAdmin {
  const programs = new Map<string, Program>();
  const hostServices = new Map<string, (args: JsonValue, machine: string) => JsonValue>();
  let exitListener: ((exit: ProcessExit) => void) | undefined;
  const scheduler = new Scheduler({ ...deps, programs, hostServices }, state);

  deps.queue.on('process/exited', (payload) => {
    const exit = parseExit(payload);
    exitListener?.(exit);
  });

  const rootfsOf = (id: number) => {
    const rootfs = state.rootfs.get(id);
    invariant(rootfs !== undefined, `no root file system ${id}`);
    return rootfs;
  };

  return {
    registerProgram(name, program) {
      invariant(!programs.has(name), `two programs named ${name}`);
      programs.set(name, program);
    },
    registerHostService(name, answer) {
      hostServices.set(name, answer);
    },
    onExit(listener) {
      exitListener = listener;
    },
    addRootfs(layers, mounts = new Map()) {
      const id = state.nextRootfs;
      state.nextRootfs += 1;
      const mounted = new Map([...mounts].map(([path, other]) => [resolvePath('/', path), rootfsOf(other)]));
      state.rootfs.set(id, createRootfs(layers, mounted));
      return id;
    },
    removeRootfs(id) {
      for (const process of [...state.processes.values()]) {
        if (process.rootfs === id) scheduler.signal(process, 'SIGKILL');
      }
      state.rootfs.delete(id);
    },
    readFile(id, path) {
      const content = lookUp(rootfsOf(id), resolvePath('/', path));
      return content === undefined ? undefined : contentBytes(content);
    },
    writeFile(id, path, content) {
      const kept =
        typeof content === 'string' || content instanceof Uint8Array
          ? content
          : Object.freeze({ ...content });
      const place = crossMounts(rootfsOf(id), resolvePath('/', path));
      place.rootfs.changes.set(place.path, kept);
    },
    replaceFiles(id, files) {
      const rootfs = rootfsOf(id);
      for (const path of visiblePaths(rootfs)) if (!files.has(path)) rootfs.changes.set(path, undefined);
      for (const [path, content] of files) rootfs.changes.set(path, content);
    },
    spawn(options: SpawnOptions) {
      let stdin: number | undefined;
      if (options.stdinOpen === true) {
        stdin = state.nextStream;
        state.nextStream += 1;
        state.streams.set(stdin, createStream(1));
      }
      const started = scheduler.start(options, stdin);
      if (!started.ok && stdin !== undefined) state.streams.delete(stdin);
      return started.ok ? ok(started.value.pid) : started;
    },
    isRunning(pid) {
      const process = state.processes.get(pid);
      return process !== undefined && process.exitCode === undefined;
    },
    exitCode(pid) {
      return state.processes.get(pid)?.exitCode;
    },
    takeOutput(pid, stream) {
      const process = state.processes.get(pid);
      if (process === undefined) return new Uint8Array();
      invariant(process.output.followed, `the output of process ${pid} is nobody's to take`);
      return takeOutput(process.output, stream);
    },
    outputEnd: (pid, stream) => state.processes.get(pid)?.output.written[stream] ?? 0,
    readOutput(pid, stream, from) {
      const process = state.processes.get(pid);
      return process === undefined ? new Uint8Array() : readOutput(process.output, stream, from);
    },
    readLog(pid) {
      return state.processes.get(pid)?.output.chunks.slice() ?? [];
    },
    writeStdin(pid, bytes) {
      const stream = stdinOf(state, pid);
      if (stream === undefined || stream.writers === 0) return;
      pushBytes(stream, bytes);
      scheduler.wakeStream(stream);
    },
    closeStdin(pid) {
      const stream = stdinOf(state, pid);
      if (stream === undefined) return;
      stream.writers = 0;
      scheduler.wakeStream(stream);
    },
    kill(pid, signal) {
      const process = state.processes.get(pid);
      if (process !== undefined) scheduler.signal(process, signal);
    },
    interrupt(pid) {
      const process = state.processes.get(pid);
      return process !== undefined && scheduler.interrupt(process);
    },
    setWindowSize(pid, size) {
      const process = state.processes.get(pid);
      if (process !== undefined) process.windowSize = Object.freeze({ ...size });
    },
    announce(topic) {
      scheduler.announce(topic);
    },
    forget(pid) {
      const process = state.processes.get(pid);
      if (process === undefined) return;
      invariant(process.exitCode !== undefined, `process ${pid} has not ended`);
      state.processes.delete(pid);
    },
    listeners(pid) {
      return deps.sockets.listenersOf(pid);
    },
  };
}

function stdinOf(state: ProcessesState, pid: number) {
  const id = state.processes.get(pid)?.stdin;
  return id === undefined ? undefined : state.streams.get(id);
}

function parseExit(payload: JsonValue): ProcessExit {
  invariant(isJsonObject(payload), 'an exit event without payload');
  const { pid, exitCode, label } = payload;
  invariant(typeof pid === 'number' && typeof exitCode === 'number', 'an exit event without pid');
  return { pid, exitCode, label: typeof label === 'string' ? label : undefined };
}
