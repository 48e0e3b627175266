/** The shell's view of a cluster: its door, its clock, and the machines that programs run on. */
import type { EventQueue } from '../base/event-queue.ts';
import { defaultLimits } from '../base/limits.ts';
import { err } from '../base/result.ts';
import type { FileContent, ProcessAdmin } from '../net/linux.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { ShellHost } from '../shell/shell-host.ts';
import { openLocalPort } from './local-port.ts';
import { runToEnd } from './machine-tools.ts';
import type { Member } from './member.ts';
import { startProgram } from './started-program.ts';
import type { ClusterState } from './state.ts';
import { clientMachine } from './topology.ts';
import { machinePlace } from './vantage.ts';

/** What the shell is given a view of. */
export interface ShellHostParts {
  readonly queue: EventQueue;
  readonly processes: ProcessAdmin;
  readonly state: ClusterState;
  readonly members: readonly Member[];
}

/** Time that a command waits at most when it names none: as long as a learner would. */
const maxWaitMs = 600_000;

/** Makes the host of a shell on the client machine. */
export function createShellHost(parts: ShellHostParts): ShellHost {
  const { processes, state, members } = parts;
  const queue = new WatchedQueue(parts.queue);
  return {
    api: {
      send: (request, server) => serverAt(members, server)?.send(request),
      waitUntil: async (done, timeoutMs) => {
        if (done()) return 'done';
        const startMs = queue.now();
        queue.runUntil(done, timeoutMs ?? maxWaitMs);
        if (done()) return 'done';
        // Who waits in vain has waited all the same.
        const restMs = timeoutMs === undefined ? 0 : startMs + timeoutMs - queue.now();
        if (restMs > 0) queue.advance(restMs);
        return queue.nextDueMs() === undefined ? 'idle' : 'timeout';
      },
      now: () => queue.now(),
    },
    settle: () => queue.settle(),
    advance: (ms) => queue.advance(ms),
    machines: [...state.machineRoots.keys()].filter((machine) => machine !== clientMachine),
    run: (machine, argv, stdin, maxMs) => {
      const place = machinePlace(state, machine);
      if (place === undefined) return { exitCode: 255, stdout: '', stderr: `no machine ${machine}\n` };
      return runToEnd({ queue, processes }, place, argv, { stdin, timeoutMs: maxMs });
    },
    runAmongFiles(argv, stdin, files, maxMs) {
      const place = machinePlace(state, clientMachine);
      if (place === undefined)
        return { result: { exitCode: 255, stdout: '', stderr: 'no client\n' }, written: new Map() };
      const texts = new Map<string, FileContent>([...files.texts, [`${files.cwd}/`, ''], ['/tmp/', '']]);
      for (const path of ['/etc/hosts', '/etc/resolv.conf']) {
        const content = processes.readFile(place.rootfs, path);
        if (content !== undefined) texts.set(path, content);
      }
      const rootfs = processes.addRootfs([toolLayer('host'), { files: texts }]);
      const about = { ...place, rootfs, cwd: files.cwd };
      const result = runToEnd({ queue, processes }, about, argv, { stdin, timeoutMs: maxMs });
      const written = new Map<string, string>();
      for (const path of files.paths) {
        const content = processes.readFile(rootfs, path);
        const text = content === undefined ? undefined : new TextDecoder().decode(content);
        if (text !== undefined && text !== files.texts.get(path)) written.set(path, text);
      }
      processes.removeRootfs(rootfs);
      return { result, written };
    },
    start(machine, argv) {
      const place = machinePlace(state, machine);
      if (place === undefined) return err({ exitCode: 255, stdout: '', stderr: `no machine ${machine}\n` });
      return startProgram(processes, place, argv);
    },
    listen: (address, port, accept) => {
      const runUntil = (done: () => boolean) => queue.runUntil(done, 0);
      const watch = (listener: () => void) => queue.watch(listener);
      return openLocalPort({ processes, machine: clientMachine, runUntil, watch }, { address, port }, accept);
    },
    watch: (listener) => queue.watch(listener),
    programs: (machine) =>
      [...toolLayer(machine === clientMachine ? 'host' : 'node').files.keys()].map((path) =>
        path.slice(path.lastIndexOf('/') + 1),
      ),
  };
}

/** The queue, with those told that want to know of what happens between two events. */
class WatchedQueue {
  readonly #queue: EventQueue;
  readonly #listeners = new Set<() => void>();

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  now(): number {
    return this.#queue.now();
  }

  nextDueMs(): number | undefined {
    return this.#queue.nextDueMs();
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  runUntil(done: () => boolean, maxMs: number): void {
    this.#queue.runUntil(() => {
      this.#tell();
      return done();
    }, maxMs);
  }

  settle(): void {
    this.runUntil(() => this.#queue.isSettled(), defaultLimits.maxSettleMs);
  }

  /** Ends exactly there, whoever is told in between. */
  advance(ms: number): void {
    const untilMs = this.now() + ms;
    if (this.#listeners.size > 0) this.runUntil(() => false, ms);
    this.#queue.advance(Math.max(0, untilMs - this.now()));
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The API server that a URL leads to. */
function serverAt(members: readonly Member[], url: string): Member['transport'] | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host } = new URL(url);
  return members.find(({ facts }) => facts.apiServerAddress === host)?.transport;
}
