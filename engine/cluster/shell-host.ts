/** The shell's view of a cluster: its door, its clock, and the machines that programs run on. */
import type { EventQueue } from '../base/event-queue.ts';
import type { ProcessAdmin } from '../net/linux.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { ShellHost } from '../shell/shell-host.ts';
import { runToEnd } from './machine-tools.ts';
import type { Member } from './member.ts';
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
  const { queue, processes, state, members } = parts;
  return {
    api: {
      send: async (request, server) => serverAt(members, server)?.send(request),
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
    settle: () => {
      queue.settle();
    },
    advance: (ms) => {
      queue.advance(ms);
    },
    machines: [...state.machineRoots.keys()].filter((machine) => machine !== clientMachine),
    run: (machine, argv, stdin) => {
      const place = machinePlace(state, machine);
      if (place === undefined) return { exitCode: 255, stdout: '', stderr: `no machine ${machine}\n` };
      return runToEnd({ queue, processes }, place, argv, { stdin });
    },
    programs: (machine) =>
      [...toolLayer(machine === clientMachine ? 'host' : 'node').files.keys()].map((path) =>
        path.slice(path.lastIndexOf('/') + 1),
      ),
  };
}

/** The API server that a URL leads to. */
function serverAt(members: readonly Member[], url: string): Member['transport'] | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host } = new URL(url);
  return members.find(({ facts }) => facts.apiServerAddress === host)?.transport;
}
