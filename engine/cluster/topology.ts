/**
 * The machines of a cluster and the cables between them: three nodes on one segment, a router behind which the world
 * lies, and a host out there. It stands for what a cloud or a laptop's container engine provides before Kubernetes.
 * A second cluster has a segment and a router of its own in the same world.
 */
import { type ApiServiceObjects, apiServiceObjects } from '../api/objects/api-service.ts';
import type { NetworkAdmin } from '../net/linux.ts';
import type { NodeFacts } from '../node/kubelet/parts.ts';
import type { ResolverSettings } from '../node/kubelet/pod-files.ts';

/** The range that every node's Pods are part of. */
export const clusterCIDR = '10.244.0.0/16';

/** The nodes in order: each has a /24 of the Pods' range. */
export const nodeFacts: readonly NodeFacts[] = Object.freeze([
  { name: 'control-plane', address: '172.18.0.2', podCIDR: '10.244.0.0/24', isControlPlane: true },
  { name: 'worker-1', address: '172.18.0.3', podCIDR: '10.244.1.0/24', isControlPlane: false },
  { name: 'worker-2', address: '172.18.0.4', podCIDR: '10.244.2.0/24', isControlPlane: false },
]);

/** The host outside, on which the learner's shell runs. */
export const clientMachine = 'client';

const routerMachine = 'router';
const routerAddress = '172.18.0.1';
const outsideAddress = '198.51.100.1';

/** How Pods and nodes resolve names. Outside the cluster there is no name server, so the nodes ask the router in vain. */
const resolverSettings: ResolverSettings = Object.freeze({
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  node: { nameservers: [routerAddress], searches: [], options: ['ndots:0'] },
});

/** What makes one cluster different from another. */
export interface ClusterFacts {
  /** The name in kubeconfigs. */
  readonly name: string;
  readonly nodes: readonly NodeFacts[];
  readonly clusterCIDR: string;
  /** The network address of the Services' /16. */
  readonly serviceNetwork: string;
  /** Where kubeconfigs find the API server. */
  readonly apiServerAddress: string;
  readonly resolver: ResolverSettings;
  /** The machine between the nodes and the world; the cloud's load balancer sets its routes. */
  readonly router: string;
  /** The last byte of the network address of the load balancers' range in 203.0.113.0/24. */
  readonly loadBalancerBase: number;
}

/** The cluster that is always there. */
export const firstCluster: ClusterFacts = Object.freeze({
  name: 'kubedrill',
  nodes: nodeFacts,
  clusterCIDR,
  serviceNetwork: '10.96.0.0',
  apiServerAddress: '172.18.0.2:6443',
  resolver: resolverSettings,
  router: routerMachine,
  loadBalancerBase: 0,
});

const secondRouterAddress = '172.19.0.1';
const secondOutsideAddress = '198.51.100.2';

/** The other one, where an exercise has it: two nodes of its own behind a router of its own. */
export const secondCluster: ClusterFacts = Object.freeze({
  name: 'second',
  nodes: Object.freeze([
    { name: 'second-control-plane', address: '172.19.0.2', podCIDR: '10.245.0.0/24', isControlPlane: true },
    { name: 'second-worker-1', address: '172.19.0.3', podCIDR: '10.245.1.0/24', isControlPlane: false },
  ]),
  clusterCIDR: '10.245.0.0/16',
  serviceNetwork: '10.97.0.0',
  apiServerAddress: '172.19.0.2:6443',
  resolver: Object.freeze({
    clusterDNS: ['10.97.0.10'],
    clusterDomain: 'cluster.local',
    node: { nameservers: [secondRouterAddress], searches: [], options: ['ndots:0'] },
  }),
  router: 'second-router',
  loadBalancerBase: 128,
});

/** What stands in every namespace's kube-root-ca.crt. The API server has no TLS of its own, so nothing is signed with it. */
export const caCertificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBdzCCAR2gAwIBAgIBADAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwprdWJlcm5l',
  '-----END CERTIFICATE-----',
  '',
].join('\n');

/** Sets up machines, cables, addresses and default routes; nothing of Kubernetes yet. */
export function buildTopology(net: NetworkAdmin): void {
  buildSegment(net, firstCluster, routerAddress);
  net.addMachine(clientMachine);
  net.addVeth({ netns: clientMachine, link: 'eth0' }, { netns: routerMachine, link: 'world' });
  net.addAddress(routerMachine, 'world', `${outsideAddress}/24`);
  net.addAddress(clientMachine, 'eth0', '198.51.100.10/24');
  net.addRoute(clientMachine, { destination: 'default', via: outsideAddress, link: 'eth0' });
}

/**
 * Puts a second cluster into the world of the first: the world's segment becomes a bridge that both routers have a port on,
 * and each router learns which nodes and load balancers lie behind the other.
 */
export function joinSecondCluster(net: NetworkAdmin): void {
  const { router } = secondCluster;
  buildSegment(net, secondCluster, secondRouterAddress);
  plugIntoWorld(net, { machine: router, link: 'world', port: router, address: secondOutsideAddress });
  for (const destination of ['172.19.0.0/16', '203.0.113.128/25'])
    net.addRoute(routerMachine, { destination, via: secondOutsideAddress });
  for (const destination of ['172.18.0.0/16', '203.0.113.0/25'])
    net.addRoute(router, { destination, via: outsideAddress });
}

/** Puts one more host into the world, the `index`th, with a way to everything that the router knows. */
export function addOutsideMachine(net: NetworkAdmin, machine: string, address: string, index: number): void {
  net.addMachine(machine);
  plugIntoWorld(net, { machine, link: 'eth0', port: `host-${index}`, address });
  net.addRoute(machine, { destination: 'default', via: outsideAddress, link: 'eth0' });
}

/** The world's segment is a cable to the client; with more machines on it, it is a bridge. */
function plugIntoWorld(
  net: NetworkAdmin,
  end: { readonly machine: string; readonly link: string; readonly port: string; readonly address: string },
): void {
  if (!net.addresses(routerMachine).some(({ link }) => link === 'outside')) {
    net.removeAddress(routerMachine, 'world', `${outsideAddress}/24`);
    net.addBridge(routerMachine, 'outside');
    net.setMaster(routerMachine, 'world', 'outside');
    net.addAddress(routerMachine, 'outside', `${outsideAddress}/24`);
  }
  net.addVeth({ netns: end.machine, link: end.link }, { netns: routerMachine, link: end.port });
  net.setMaster(routerMachine, end.port, 'outside');
  net.addAddress(end.machine, end.link, `${end.address}/24`);
}

function buildSegment(net: NetworkAdmin, { nodes, router }: ClusterFacts, address: string): void {
  net.addMachine(router);
  net.setSysctl(router, 'net.ipv4.ip_forward', '1');
  net.addBridge(router, 'nodes');
  net.addAddress(router, 'nodes', `${address}/16`);
  for (const node of nodes) {
    // Names of links have at most 15 characters.
    const port = node.name.replace(/^second-/, '');
    net.addMachine(node.name);
    net.addVeth({ netns: node.name, link: 'eth0' }, { netns: router, link: port });
    net.setMaster(router, port, 'nodes');
    net.addAddress(node.name, 'eth0', `${node.address}/16`);
    net.addRoute(node.name, { destination: 'default', via: address, link: 'eth0' });
  }
}

/** The Service `kubernetes` of a cluster: the first address of its range leads to the control plane. */
export function apiServiceOf({ nodes, serviceNetwork }: ClusterFacts): ApiServiceObjects {
  const clusterIP = `${serviceNetwork.slice(0, serviceNetwork.lastIndexOf('.'))}.1`;
  return apiServiceObjects(nodes[0]?.address ?? '', clusterIP);
}
