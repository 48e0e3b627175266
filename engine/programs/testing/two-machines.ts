/**
 * Two machines on one cable, for tests of programs: `server` at 10.0.0.1 and `client` at 10.0.0.2, on the real network
 * stack, with files as a test gives them.
 */
import { EventQueue, eventQueueState } from '../../base/event-queue.ts';
import { defaultLimits, type Limits } from '../../base/limits.ts';
import { Random, randomStateFrom } from '../../base/random.ts';
import { invariant } from '../../base/result.ts';
import type { FileContent, SpawnOptions } from '../../net/linux.ts';
import { createProcesses } from '../../net/process/processes.ts';
import { processesState } from '../../net/process/state.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { createNetwork } from '../../net/stack/network.ts';
import { networkState } from '../../net/stack/state.ts';
import { programs } from '../registry.ts';

/** 28 May 2024, 13:22:30 UTC. */
const testTimeMs = Date.UTC(2024, 4, 28, 13, 22, 30);

/** What a command printed and how it ended; `code` is undefined while it runs. */
export interface Ran {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Starts both machines. `/bin` holds every program under its own name, those of `more` among them. */
export function twoMachines(limits: Limits = defaultLimits, more: ReadonlyMap<string, Program> = new Map()) {
  const all = new Map([...programs, ...more]);
  const queue = new EventQueue(eventQueueState(testTimeMs), limits);
  const random = new Random(randomStateFrom('test'));
  const network = createNetwork({ queue, random, limits }, networkState());
  const state = processesState();
  const processes = createProcesses(
    { queue, random, limits, sockets: network.sockets, inspect: network.inspect },
    state,
  );
  for (const [name, program] of all) processes.registerProgram(name, program);
  const commands = new Map<string, FileContent>([['/tmp/', '']]);
  for (const name of all.keys()) commands.set(`/bin/${name}`, Object.freeze({ program: name }));
  const rootfs = new Map<string, number>();
  for (const machine of ['server', 'client']) {
    network.addMachine(machine);
    rootfs.set(machine, processes.addRootfs([{ files: commands }]));
  }
  network.addVeth({ netns: 'server', link: 'eth0' }, { netns: 'client', link: 'eth0' });
  network.addAddress('server', 'eth0', '10.0.0.1/24');
  network.addAddress('client', 'eth0', '10.0.0.2/24');

  const textOf = (pid: number, stream: 'stdout' | 'stderr') =>
    new TextDecoder().decode(processes.readOutput(pid, stream, 0));
  const ran = (pid: number): Ran => ({
    code: processes.exitCode(pid),
    out: textOf(pid, 'stdout'),
    err: textOf(pid, 'stderr'),
  });
  const start = (
    machine: 'server' | 'client',
    argv: readonly string[],
    options: Partial<SpawnOptions> = {},
  ) => {
    const id = rootfs.get(machine);
    invariant(id !== undefined, `no machine ${machine}`);
    const pid = processes.spawn({ machine, netns: machine, rootfs: id, hostname: machine, argv, ...options });
    invariant(pid.ok, `${argv[0]}: ${pid.ok ? '' : pid.error}`);
    queue.settle();
    return pid.value;
  };
  return {
    queue,
    network,
    processes,
    ran,
    start,
    /** Runs a command to its end, however long it waits. */
    run(machine: 'server' | 'client', argv: readonly string[], options: Partial<SpawnOptions> = {}): Ran {
      return ran(start(machine, argv, { foreground: true, ...options }));
    },
    /** How many results a process's main thread keeps for a fork. */
    logLength(pid: number): number {
      const [thread] = state.processes.get(pid)?.threads.values() ?? [];
      return thread?.log.length ?? 0;
    },
    /** Runs a command with something on its standard input. */
    feed(machine: 'server' | 'client', argv: readonly string[], input: string): Ran {
      const pid = start(machine, argv, { stdinOpen: true });
      processes.writeStdin(pid, new TextEncoder().encode(input));
      processes.closeStdin(pid);
      queue.settle();
      return ran(pid);
    },
    write(machine: 'server' | 'client', path: string, content: FileContent): void {
      const id = rootfs.get(machine);
      invariant(id !== undefined, `no machine ${machine}`);
      processes.writeFile(id, path, content);
    },
  };
}
