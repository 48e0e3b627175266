/**
 * Two machines on one cable, for tests of programs: `server` at 10.0.0.1 and `client` at 10.0.0.2, on the real network
 * stack, with files as a test gives them.
 */
import { EventQueue, type EventQueueState, eventQueueState } from '../../base/event-queue.ts';
import { forkState } from '../../base/fork-state.ts';
import { defaultLimits, type Limits } from '../../base/limits.ts';
import { Random, type RandomState, randomStateFrom } from '../../base/random.ts';
import { invariant } from '../../base/result.ts';
import type { FileContent, SpawnOptions } from '../../net/linux.ts';
import { createProcesses } from '../../net/process/processes.ts';
import { type ProcessesState, processesState } from '../../net/process/state.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { createNetwork } from '../../net/stack/network.ts';
import { type NetworkState, networkState } from '../../net/stack/state.ts';
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
  const world: World = {
    queue: eventQueueState(testTimeMs),
    random: randomStateFrom('test'),
    network: networkState(),
    processes: processesState(),
    rootfs: new Map(),
  };
  const machines = machinesOn(world, limits, all);
  const commands = new Map<string, FileContent>([['/tmp/', '']]);
  for (const name of all.keys()) commands.set(`/bin/${name}`, Object.freeze({ program: name }));
  for (const machine of ['server', 'client']) {
    machines.network.addMachine(machine);
    world.rootfs.set(machine, machines.processes.addRootfs([{ files: commands }]));
  }
  machines.network.addVeth({ netns: 'server', link: 'eth0' }, { netns: 'client', link: 'eth0' });
  machines.network.addAddress('server', 'eth0', '10.0.0.1/24');
  machines.network.addAddress('client', 'eth0', '10.0.0.2/24');
  return machines;
}

interface World {
  readonly queue: EventQueueState;
  readonly random: RandomState;
  readonly network: NetworkState;
  readonly processes: ProcessesState;
  readonly rootfs: Map<string, number>;
}

function machinesOn(world: World, limits: Limits, all: ReadonlyMap<string, Program>) {
  const { rootfs, processes: state } = world;
  const queue = new EventQueue(world.queue, limits);
  const random = new Random(world.random);
  const network = createNetwork({ queue, random, limits }, world.network);
  const processes = createProcesses(
    {
      queue,
      random,
      limits,
      sockets: network.sockets,
      inspect: network.inspect,
      configure: network.configure,
    },
    state,
  );
  for (const [name, program] of all) processes.registerProgram(name, program);
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
    world,
    limits,
    all,
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

/** Both machines as they are now, to go their own way. */
export function forkMachines(machines: ReturnType<typeof machinesOn>): ReturnType<typeof machinesOn> {
  return machinesOn(forkState(machines.world), machines.limits, machines.all);
}
