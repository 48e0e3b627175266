/** An API server, one machine and a kube-proxy on it. */
import { createScheme } from '../../../api/create-scheme.ts';
import { apiServiceObjects } from '../../../api/objects/api-service.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { EventQueue, eventQueueState } from '../../../base/event-queue.ts';
import type { JsonObject } from '../../../base/json.ts';
import { defaultLimits } from '../../../base/limits.ts';
import { Random, randomStateFrom } from '../../../base/random.ts';
import type { Client } from '../../../client/client.ts';
import { clientsState, createControllerContexts } from '../../../client/controller-context.ts';
import { apiServerState, createApiServer } from '../../../control-plane/apiserver/api-server.ts';
import { createBootstrapObjects } from '../../../control-plane/apiserver/bootstrap.ts';
import type { NetworkAdmin } from '../../../net/linux.ts';
import { createProcesses } from '../../../net/process/processes.ts';
import { processesState } from '../../../net/process/state.ts';
import { createNetwork, type Network } from '../../../net/stack/network.ts';
import { type NetworkState, networkState } from '../../../net/stack/state.ts';
import { kubeProxyPrograms } from '../health-servers.ts';
import { createKubeProxy, type KubeProxy, kubeProxyState } from '../kube-proxy.ts';

/** See the head of this file. */
export interface ProxyBench {
  readonly client: Client;
  readonly queue: EventQueue;
  readonly net: Network;
  /** What lies behind it, and what it draws from. */
  readonly netState: NetworkState;
  readonly random: Random;
  readonly proxy: KubeProxy;
  create(resource: Parameters<Client['create']>[0], namespace: string, object: JsonObject): void;
}

/** The proxy is not started; `see` is shown what it is given to change the machine with, and may look at it. */
export function createProxyBench(see: (net: NetworkAdmin) => NetworkAdmin = (net) => net): ProxyBench {
  const limits = defaultLimits;
  const queue = new EventQueue(eventQueueState(1_777_636_800_000), limits);
  const random = new Random(randomStateFrom('kube-proxy'));
  const netState = networkState();
  const net = createNetwork({ queue, random, limits }, netState);
  const hostNetns = net.addMachine('worker-1');
  const processes = createProcesses(
    { queue, random, limits, sockets: net.sockets, inspect: net.inspect, configure: net.configure },
    processesState(),
  );
  for (const [name, program] of kubeProxyPrograms) processes.registerProgram(name, program);
  const transport = createApiServer(
    { scheme: createScheme(), schema: loadSchema(), queue, random, limits, nodeConnection: () => undefined },
    apiServerState(),
  );
  createBootstrapObjects(transport, apiServiceObjects('172.18.0.2'));
  const contexts = createControllerContexts({ transport, queue }, clientsState());
  const context = contexts({ name: 'system:kube-proxy', groups: ['system:masters'] }, 'kube-proxy');
  const proxy = createKubeProxy(
    { context, net: see(net), processes, node: 'worker-1', hostNetns, clusterCIDR: '10.244.0.0/16' },
    kubeProxyState(),
  );
  return {
    client: context.client,
    queue,
    net,
    netState,
    random,
    proxy,
    create(resource, namespace, object) {
      const answer = context.client.create(resource, namespace, object);
      if (!answer.ok) throw new Error(`create: ${JSON.stringify(answer)}`);
      queue.settle();
    },
  };
}
