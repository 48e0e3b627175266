/** What explanations may look at of a cluster: its objects through the door, and the sockets of its machines. */
import type { ExplainView } from '../explain/explain.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import type { Member } from './member.ts';
import type { ClusterState } from './state.ts';
import { clientMachine } from './topology.ts';

/** Lines of a container's log that a sentence can hold. */
const lastLines = 1;

/** Makes the view. */
export function createExplainView(parts: {
  readonly member: Member;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly state: ClusterState;
}): ExplainView {
  const { member, net, processes, state } = parts;
  const { client, facts } = member;
  return {
    list: (resource, namespace) => client.list(resource, namespace),
    listenersIn: (netns) =>
      [...state.processes.processes.values()]
        .filter((process) => process.netns === netns)
        .flatMap((process) => processes.listeners(process.pid))
        .map(({ protocol, local }) => ({ protocol, address: local.address, port: local.port })),
    machineAddresses: () =>
      new Map(
        [...facts.nodes.map(({ name }) => name), clientMachine, ...state.outsideHosts.keys()].map(
          (machine) => [machine, net.addresses(machine).map(({ cidr }) => cidr.split('/')[0] ?? '')],
        ),
      ),
    lastLog(namespace, pod, container) {
      for (const { runtime } of member.state.kubelets.values()) {
        const isOfPod = (sandboxId: string) => {
          const sandbox = runtime.sandboxes.get(sandboxId);
          return sandbox?.namespace === namespace && sandbox.name === pod;
        };
        const last = [...runtime.containers.values()]
          .filter(({ name, sandboxId, pid }) => name === container && pid !== undefined && isOfPod(sandboxId))
          .at(-1);
        if (last?.pid === undefined) continue;
        const chunks = processes.readLog(last.pid).map(({ bytes }) => new TextDecoder().decode(bytes));
        return chunks.join('').trimEnd().split('\n').slice(-lastLines).join('\n');
      }
      return '';
    },
  };
}
