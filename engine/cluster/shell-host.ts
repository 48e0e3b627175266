/** The shell's view of a cluster: its door, its clock, and the machines that programs run on. */
import type { ApiRequest, ApiResponse } from '../api/request.ts';
import type { EventQueue } from '../base/event-queue.ts';
import type { ProcessAdmin } from '../net/linux.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { ShellHost } from '../shell/shell-host.ts';
import { runToEnd } from './machine-tools.ts';
import type { ClusterState } from './state.ts';
import { apiServerAddress, clientMachine, nodeFacts } from './topology.ts';
import { machinePlace } from './vantage.ts';

/** What the shell is given a view of. */
export interface ShellHostParts {
  readonly queue: EventQueue;
  readonly processes: ProcessAdmin;
  readonly state: ClusterState;
  send(request: ApiRequest): ApiResponse;
}

/** Time that a command waits at most when it names none: as long as a learner would. */
const maxWaitMs = 600_000;

/** Makes the host of a shell on the client machine. */
export function createShellHost(parts: ShellHostParts): ShellHost {
  const { queue, processes, state } = parts;
  return {
    api: {
      send: async (request, server) => (isOwnServer(server) ? parts.send(request) : undefined),
      waitUntil: async (done, timeoutMs) => {
        if (done()) return 'done';
        queue.runUntil(done, timeoutMs ?? maxWaitMs);
        if (done()) return 'done';
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
    machines: nodeFacts.map(({ name }) => name),
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

/** Whether a URL leads to this cluster's API server. */
function isOwnServer(server: string): boolean {
  return URL.canParse(server) && new URL(server).host === apiServerAddress;
}
