/** A small cluster for tests: API server, controllers, scheduler and kubelets on real machines, without a shell. */

import { type LoadBalancerState, loadBalancerState } from '../addons/load-balancer/load-balancer.ts';
import { createScheme } from '../api/create-scheme.ts';
import { apiServiceObjects } from '../api/objects/api-service.ts';
import type { Transport } from '../api/request.ts';
import { loadSchema } from '../api/schema/schema.ts';
import type { Resource } from '../api/types/resources.ts';
import { EventQueue, type EventQueueState, eventQueueState } from '../base/event-queue.ts';
import { forkState } from '../base/fork-state.ts';
import type { JsonObject } from '../base/json.ts';
import { defaultLimits } from '../base/limits.ts';
import { Random, type RandomState, randomStateFrom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { type ClientsState, clientsState, createControllerContexts } from '../client/controller-context.ts';
import { wireControllers } from '../cluster/controllers.ts';
import { buildTopology, clusterCIDR, firstCluster, nodeFacts } from '../cluster/topology.ts';
import {
  type ApiServerState,
  apiServerState,
  createApiServer,
} from '../control-plane/apiserver/api-server.ts';
import { createBootstrapObjects } from '../control-plane/apiserver/bootstrap.ts';
import {
  type GarbageCollectorState,
  garbageCollectorState,
} from '../control-plane/controllers/garbage-collector/garbage-collector.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { createProcesses } from '../net/process/processes.ts';
import { type ProcessesState, processesState } from '../net/process/state.ts';
import { createNetwork, type Network } from '../net/stack/network.ts';
import { type NetworkState, networkState } from '../net/stack/state.ts';
import { setUpNodeNetwork } from '../node/cni/node-network.ts';
import { createKubelet, criService, type Kubelet, kubeletPrograms } from '../node/kubelet/kubelet.ts';
import { type KubeletState, kubeletState } from '../node/kubelet/state.ts';
import { programs } from '../programs/registry.ts';
import { testImages, testPrograms } from './images.ts';

interface WorldState {
  readonly queue: EventQueueState;
  readonly random: RandomState;
  readonly server: ApiServerState;
  readonly clients: ClientsState;
  readonly network: NetworkState;
  readonly processes: ProcessesState;
  readonly kubelets: Map<string, KubeletState>;
  readonly garbageCollector: GarbageCollectorState;
  readonly loadBalancer: LoadBalancerState;
}

/** A cluster under test. */
export interface TestWorld {
  readonly client: Client;
  readonly transport: Transport;
  readonly queue: EventQueue;
  readonly net: Network;
  readonly processes: ProcessAdmin;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  create(resource: Resource<unknown>, namespace: string, object: JsonObject): void;
  settle(): void;
  advance(seconds: number): void;
  /** `type reason message` of every event about an object, oldest first. */
  eventsAbout(name: string): readonly string[];
  fork(): TestWorld;
}

/** 2026-05-01T12:00:00Z */
const startMs = 1_777_636_800_000;

/** A new, settled cluster of a control-plane node and two workers. */
export function createTestWorld(seed = 'test'): TestWorld {
  const state: WorldState = {
    queue: eventQueueState(startMs),
    random: randomStateFrom(seed),
    server: apiServerState(),
    clients: clientsState(),
    network: networkState(),
    processes: processesState(),
    kubelets: new Map(nodeFacts.map(({ name }) => [name, kubeletState()])),
    garbageCollector: garbageCollectorState(),
    loadBalancer: loadBalancerState(),
  };
  const world = openWorld(state, (net, transport, kubelets) => {
    buildTopology(net);
    for (const node of nodeFacts) setUpNodeNetwork(net, { node, peers: nodeFacts, clusterCIDR });
    createBootstrapObjects(transport, apiServiceObjects('172.18.0.2'));
    for (const kubelet of kubelets.values()) kubelet.boot();
  });
  world.settle();
  return world;
}

type Boot = (
  net: NetworkAdmin,
  transport: ReturnType<typeof createApiServer>,
  kubelets: ReadonlyMap<string, Kubelet>,
) => void;

function openWorld(state: WorldState, boot?: Boot): TestWorld {
  const limits = defaultLimits;
  const queue = new EventQueue(state.queue, limits);
  const random = new Random(state.random);
  const net = createNetwork({ queue, random, limits }, state.network);
  const processes = createProcesses(
    { queue, random, limits, sockets: net.sockets, inspect: net.inspect, configure: net.configure },
    state.processes,
  );
  const kubelets = new Map<string, Kubelet>();
  const known = new Map([...programs, ...testPrograms, ...kubeletPrograms]);
  for (const [name, program] of known) processes.registerProgram(name, program);
  processes.registerHostService('cri', criService(kubelets));
  const scheme = createScheme();
  const transport = createApiServer(
    {
      scheme,
      schema: loadSchema(),
      queue,
      random,
      limits,
      nodeConnection: (name) => kubelets.get(name)?.connection,
    },
    state.server,
  );
  const contexts = createControllerContexts({ transport, queue }, state.clients);
  const context = (name: string) => contexts({ name, groups: ['system:masters'] }, name);
  const lastHeartbeatMs = (node: string) => kubelets.get(node)?.lastHeartbeatMs();
  const apiService = apiServiceObjects('172.18.0.2');
  wireControllers(
    {
      contextOf: context,
      scheme,
      net,
      router: firstCluster.router,
      host: 'control-plane',
      lastHeartbeatMs,
      apiService,
    },
    state,
  );
  for (const node of nodeFacts) {
    const kubelet = state.kubelets.get(node.name);
    if (kubelet === undefined) continue;
    const resolver = {
      clusterDNS: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      node: { nameservers: ['172.18.0.1'], searches: [], options: ['ndots:0'] },
    };
    kubelets.set(
      node.name,
      createKubelet(
        {
          context: context(`system:node:${node.name}`),
          queue,
          random,
          net,
          processes,
          images: testImages,
          node,
          resolver,
        },
        kubelet,
      ),
    );
  }
  processes.onExit((exit) => {
    for (const kubelet of kubelets.values()) if (kubelet.processExited(exit)) return;
  });
  boot?.(net, transport, kubelets);
  const { client } = context('kubernetes-admin');
  return {
    client,
    transport,
    queue,
    net,
    processes,
    kubelets,
    create(resource, namespace, object) {
      const answer = client.create(resource, namespace, object);
      if (!answer.ok) throw new Error(answer.error.message);
    },
    settle: () => void queue.settle(),
    advance: (seconds) => void queue.advance(seconds * 1000),
    eventsAbout(name) {
      const answer = transport.send({ method: 'GET', path: '/api/v1/events' });
      if (answer.type !== 'object' || !Array.isArray(answer.body.items)) return [];
      return answer.body.items
        .filter((event) => event.involvedObject.name === name)
        .map((event) => `${event.type} ${event.reason} ${event.message}`);
    },
    fork: () => openWorld(forkState(state)),
  };
}
