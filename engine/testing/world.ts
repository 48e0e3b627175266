/** A small cluster for tests: API server, controllers, scheduler and kubelets on real machines, without a shell. */

import {
  createLoadBalancer,
  type LoadBalancerState,
  loadBalancerState,
} from '../addons/load-balancer/load-balancer.ts';
import { createScheme } from '../api/create-scheme.ts';
import { loadSchema } from '../api/schema/schema.ts';
import type { Resource } from '../api/types/resources.ts';
import { EventQueue, type EventQueueState, eventQueueState } from '../base/event-queue.ts';
import { forkState } from '../base/fork-state.ts';
import type { JsonObject } from '../base/json.ts';
import { defaultLimits } from '../base/limits.ts';
import { Random, type RandomState, randomStateFrom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { type ClientsState, clientsState, createControllerContexts } from '../client/controller-context.ts';
import { buildTopology, clusterCIDR, nodeFacts } from '../cluster/topology.ts';
import {
  type ApiServerState,
  apiServerState,
  createApiServer,
} from '../control-plane/apiserver/api-server.ts';
import { createBootstrapObjects } from '../control-plane/apiserver/bootstrap.ts';
import { createDeploymentController } from '../control-plane/controllers/deployment/deployment.ts';
import { createEndpointsController } from '../control-plane/controllers/endpoints/endpoints.ts';
import { createEndpointSliceController } from '../control-plane/controllers/endpointslice/endpointslice.ts';
import { createEndpointSliceMirroringController } from '../control-plane/controllers/endpointslice-mirroring/endpointslice-mirroring.ts';
import {
  createGarbageCollector,
  type GarbageCollectorState,
  garbageCollectorState,
} from '../control-plane/controllers/garbage-collector/garbage-collector.ts';
import { createNamespaceController } from '../control-plane/controllers/namespace/namespace.ts';
import { createReplicaSetController } from '../control-plane/controllers/replicaset/replicaset.ts';
import { createReplicationController } from '../control-plane/controllers/replication/replication.ts';
import { createResourceQuotaController } from '../control-plane/controllers/resourcequota/resourcequota.ts';
import { createServiceAccountController } from '../control-plane/controllers/serviceaccount/serviceaccount.ts';
import { createScheduler } from '../control-plane/scheduler/scheduler.ts';
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
  readonly collector: GarbageCollectorState;
  readonly balancer: LoadBalancerState;
}

/** A cluster under test. */
export interface TestWorld {
  readonly client: Client;
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
    collector: garbageCollectorState(),
    balancer: loadBalancerState(),
  };
  const world = openWorld(state, (net, transport, kubelets) => {
    buildTopology(net);
    for (const node of nodeFacts) setUpNodeNetwork(net, { node, peers: nodeFacts, clusterCIDR });
    createBootstrapObjects(transport, '172.18.0.2');
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
    { queue, random, limits, sockets: net.sockets, inspect: (request) => net.inspect(request) },
    state.processes,
  );
  const kubelets = new Map<string, Kubelet>();
  const known = new Map([...programs, ...testPrograms, ...kubeletPrograms]);
  for (const [name, program] of known) processes.registerProgram(name, program);
  processes.registerHostService('cri', criService(kubelets));
  const transport = createApiServer(
    {
      scheme: createScheme(),
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
  const kinds = createScheme().kinds.filter(({ kind, storage }) => kind !== 'Event' && storage === undefined);
  const resources = kinds.map(({ group, version, plural, kind, namespaced }) => ({
    group,
    version,
    plural,
    kind,
    namespaced,
  }));
  createReplicationController(context('replication-controller'));
  createReplicaSetController(context('replicaset-controller'));
  createDeploymentController(context('deployment-controller'));
  createServiceAccountController(context('service-account-controller'), 'CA');
  createEndpointsController(context('endpoint-controller'));
  createEndpointSliceController(context('endpointslice-controller'));
  createEndpointSliceMirroringController(context('endpointslicemirroring-controller'));
  const contents = resources.filter(({ namespaced }) => namespaced);
  createNamespaceController(context('namespace-controller'), contents);
  createResourceQuotaController(context('resourcequota-controller'), contents);
  createGarbageCollector(context('generic-garbage-collector'), resources, state.collector);
  createScheduler(context('system:kube-scheduler'));
  createLoadBalancer({ context: context('service-controller'), net, router: 'router' }, state.balancer);
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
