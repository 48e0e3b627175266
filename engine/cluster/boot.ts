/** What happens once in the life of a cluster: machines are cabled, nodes join, the system's own objects are made. */
import { corednsDeployment, corednsImage, kubeDnsService } from '../addons/dns/dns-service.ts';
import type { Transport } from '../api/request.ts';
import { deployments, services } from '../api/types/resources.ts';
import type { EventQueue } from '../base/event-queue.ts';
import { Random, randomStateFrom } from '../base/random.ts';
import { invariant } from '../base/result.ts';
import type { Client } from '../client/client.ts';
import { createBootstrapObjects } from '../control-plane/apiserver/bootstrap.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { setUpNodeNetwork } from '../node/cni/node-network.ts';
import { findImage } from '../node/images/images.ts';
import type { KubeProxy } from '../node/kube-proxy/kube-proxy.ts';
import type { Kubelet } from '../node/kubelet/kubelet.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { ClusterState } from './state.ts';
import { buildTopology, clientMachine, clusterCIDR, nodeFacts, resolverSettings } from './topology.ts';

/** What is booted. */
export interface BootParts {
  readonly state: ClusterState;
  readonly queue: EventQueue;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly transport: Transport;
  readonly client: Client;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly kubeProxies: readonly KubeProxy[];
}

/** Images that a node has from its installation. */
const preloadedImages = ['registry.k8s.io/pause:3.10.1', corednsImage];

/** Boots a cluster from nothing and settles it. */
export function bootCluster(parts: BootParts): void {
  const { state, queue, net, processes } = parts;
  buildTopology(net);
  for (const machine of [...nodeFacts.map(({ name }) => name), clientMachine]) {
    const hosts = nodeFacts.map(({ name, address }) => `${address} ${name}\n`).join('');
    const files = new Map([['/etc/hosts', `127.0.0.1 localhost\n${hosts}`]]);
    state.machineRoots.set(
      machine,
      processes.addRootfs([toolLayer(machine === clientMachine ? 'host' : 'node'), { files }]),
    );
  }
  for (const node of nodeFacts) {
    setUpNodeNetwork(net, { node, peers: nodeFacts, clusterCIDR });
    const kubelet = state.kubelets.get(node.name);
    if (kubelet === undefined) continue;
    for (const image of preloadedImages) {
      const found = findImage(image);
      if (found !== undefined) kubelet.runtime.images.set(found.reference, queue.now());
    }
  }
  createBootstrapObjects(parts.transport, nodeFacts[0]?.address ?? '');
  for (const kubelet of parts.kubelets.values()) kubelet.boot();
  for (const proxy of parts.kubeProxies) proxy.start();
  installDns(parts.client);
  queue.settle();
}

/** Lets a booted cluster go its own way: equal seeds, equal ways. */
export function seedCluster(state: ClusterState, seed: string): void {
  Object.assign(state.random, randomStateFrom(seed));
  const random = new Random(state.random);
  for (const kubelet of state.kubelets.values()) {
    // The node has run other Pods before, so where the range goes on differs from cluster to cluster.
    kubelet.ipam.lastOffset = 1 + random.below(200);
  }
}

/** CoreDNS with its Service, as kubeadm installs it. */
function installDns(client: Client): void {
  const service = client.create(
    services,
    'kube-system',
    kubeDnsService(resolverSettings.clusterDNS[0] ?? ''),
  );
  const deployment = client.create(deployments, 'kube-system', corednsDeployment());
  invariant(service.ok && deployment.ok, `DNS cannot be installed: ${JSON.stringify([service, deployment])}`);
}
