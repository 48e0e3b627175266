/**
 * The machines of a cluster and the cables between them: three nodes on one segment, a router behind which the world
 * lies, and a host out there. It stands for what a cloud or a laptop's container engine provides before Kubernetes.
 */
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

/** Where kubeconfigs find the API server. */
export const apiServerAddress = '172.18.0.2:6443';

/** The machine between the nodes and the world; the cloud's load balancer sets its routes. */
export const routerMachine = 'router';
/** The host outside, on which the learner's shell runs. */
export const clientMachine = 'client';

const routerAddress = '172.18.0.1';
const outsideAddress = '198.51.100.1';

/** How Pods and nodes resolve names. Outside the cluster there is no name server, so the nodes ask the router in vain. */
export const resolverSettings: ResolverSettings = Object.freeze({
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  node: { nameservers: [routerAddress], searches: [], options: ['ndots:0'] },
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
  net.addMachine(routerMachine);
  net.setSysctl(routerMachine, 'net.ipv4.ip_forward', '1');
  net.addBridge(routerMachine, 'nodes');
  net.addAddress(routerMachine, 'nodes', `${routerAddress}/16`);
  for (const node of nodeFacts) {
    net.addMachine(node.name);
    net.addVeth({ netns: node.name, link: 'eth0' }, { netns: routerMachine, link: node.name });
    net.setMaster(routerMachine, node.name, 'nodes');
    net.addAddress(node.name, 'eth0', `${node.address}/16`);
    net.addRoute(node.name, { destination: 'default', via: routerAddress, link: 'eth0' });
  }
  net.addMachine(clientMachine);
  net.addVeth({ netns: clientMachine, link: 'eth0' }, { netns: routerMachine, link: 'world' });
  net.addAddress(routerMachine, 'world', `${outsideAddress}/24`);
  net.addAddress(clientMachine, 'eth0', '198.51.100.10/24');
  net.addRoute(clientMachine, { destination: 'default', via: outsideAddress, link: 'eth0' });
}
