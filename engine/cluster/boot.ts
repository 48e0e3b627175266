/** What happens once in the life of a cluster: machines are cabled, nodes join, the system's own objects are made. */
import { corednsDeployment, corednsImage, kubeDnsService } from '../addons/dns/dns-service.ts';
import { deployments, services, storageClasses } from '../api/types/resources.ts';
import type { EventQueue } from '../base/event-queue.ts';
import { Random, randomStateFrom } from '../base/random.ts';
import { invariant } from '../base/result.ts';
import type { Client } from '../client/client.ts';
import { createBootstrapObjects } from '../control-plane/apiserver/bootstrap.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { setUpNodeNetwork } from '../node/cni/node-network.ts';
import { findImage } from '../node/images/images.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { Member } from './member.ts';
import type { ClusterState } from './state.ts';
import { apiServiceOf, buildTopology, clientMachine, joinSecondCluster } from './topology.ts';

/** What is booted. */
export interface BootParts {
  readonly state: ClusterState;
  readonly queue: EventQueue;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly members: readonly Member[];
}

/** Images that a node has from its installation. */
const preloadedImages = ['registry.k8s.io/pause:3.10.1', corednsImage];

/** Boots the clusters from nothing and settles them. */
export function bootCluster(parts: BootParts): void {
  const { state, queue, net, processes, members } = parts;
  buildTopology(net);
  if (members.length > 1) joinSecondCluster(net);
  const nodes = members.flatMap(({ facts }) => facts.nodes);
  for (const machine of [...nodes.map(({ name }) => name), clientMachine]) {
    const hosts = nodes.map(({ name, address }) => `${address} ${name}\n`).join('');
    const files = new Map([['/etc/hosts', `127.0.0.1 localhost\n${hosts}`]]);
    state.machineRoots.set(
      machine,
      processes.addRootfs([toolLayer(machine === clientMachine ? 'host' : 'node'), { files }]),
    );
  }
  for (const member of members) bootMember(member, parts);
  queue.settle();
}

function bootMember({ facts, state, transport, client, ...member }: Member, { net, queue }: BootParts): void {
  const { nodes, clusterCIDR } = facts;
  for (const node of nodes) {
    setUpNodeNetwork(net, { node, peers: nodes, clusterCIDR });
    const kubelet = state.kubelets.get(node.name);
    if (kubelet === undefined) continue;
    for (const image of preloadedImages) {
      const found = findImage(image);
      if (found !== undefined) kubelet.runtime.images.set(found.reference, queue.now());
    }
  }
  createBootstrapObjects(transport, apiServiceOf(facts));
  for (const kubelet of member.kubelets.values()) kubelet.boot();
  for (const proxy of member.kubeProxies) proxy.start();
  installStorage(client);
  installDns(client, facts.resolver.clusterDNS[0] ?? '');
}

/** Lets a booted cluster go its own way: equal seeds, equal ways. */
export function seedCluster(state: ClusterState, seed: string): void {
  Object.assign(state.random, randomStateFrom(seed));
  const random = new Random(state.random);
  const second = state.second?.kubelets.values() ?? [];
  for (const kubelet of [...state.kubelets.values(), ...second]) {
    // The node has run other Pods before, so where the range goes on differs from cluster to cluster.
    kubelet.ipam.lastOffset = 1 + random.below(200);
  }
}

/** The class of volumes that kind installs, with its provisioner. Source: kind, pkg/build/nodeimage/const_storage.go. */
function installStorage(client: Client): void {
  const made = client.create(storageClasses, '', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rancher.io/local-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  invariant(made.ok, `the storage class cannot be installed: ${JSON.stringify(made)}`);
}

/** CoreDNS with its Service, as kubeadm installs it. */
function installDns(client: Client, address: string): void {
  const service = client.create(services, 'kube-system', kubeDnsService(address));
  const deployment = client.create(deployments, 'kube-system', corednsDeployment());
  invariant(service.ok && deployment.ok, `DNS cannot be installed: ${JSON.stringify([service, deployment])}`);
}
