/** Everything that changes in a cluster, as one tree of plain data: what a fork copies. */
import { type GatewayState, gatewayState } from '../addons/gateway/controller.ts';
import { type LoadBalancerState, loadBalancerState } from '../addons/load-balancer/load-balancer.ts';
import { type EventQueueState, eventQueueState } from '../base/event-queue.ts';
import { type RandomState, randomStateFrom } from '../base/random.ts';
import { type ClientsState, clientsState } from '../client/controller-context.ts';
import { type ApiServerState, apiServerState } from '../control-plane/apiserver/api-server.ts';
import {
  type GarbageCollectorState,
  garbageCollectorState,
} from '../control-plane/controllers/garbage-collector/garbage-collector.ts';
import { type ProcessesState, processesState } from '../net/process/state.ts';
import { type NetworkState, networkState } from '../net/stack/state.ts';
import { type KubeProxyState, kubeProxyState } from '../node/kube-proxy/kube-proxy.ts';
import { type KubeletState, kubeletState } from '../node/kubelet/state.ts';
import { type NetworkPolicyState, networkPolicyState } from '../node/network-policy/network-policy.ts';
import { type ClusterFacts, firstCluster } from './topology.ts';

/** What belongs to one cluster alone; the world around it may hold two. */
export interface MemberState {
  readonly apiServer: ApiServerState;
  readonly clients: ClientsState;
  readonly garbageCollector: GarbageCollectorState;
  readonly gateway: GatewayState;
  readonly loadBalancer: LoadBalancerState;
  /** By node. */
  readonly kubelets: Map<string, KubeletState>;
  readonly kubeProxies: Map<string, KubeProxyState>;
  readonly networkPolicies: Map<string, NetworkPolicyState>;
}

/** See the head of this file. */
export interface ClusterState extends MemberState {
  readonly queue: EventQueueState;
  readonly random: RandomState;
  readonly network: NetworkState;
  readonly processes: ProcessesState;
  /** The second cluster, where there is one. */
  readonly second: MemberState | undefined;
  /** Addresses of the hosts outside, by name; the client is not among them. */
  readonly outsideHosts: Map<string, string>;
  /** The root file system with the tools of each machine, by machine. */
  readonly machineRoots: Map<string, number>;
}

/** 2026-05-01T09:00:00Z: clusters start at the same moment, so that ages and timestamps repeat. */
export const defaultStartMs = Date.UTC(2026, 4, 1, 9, 0, 0);

/** The state of a cluster before anything was set up. */
export function clusterState(seed: string, startMs: number, second?: ClusterFacts): ClusterState {
  return {
    ...memberState(firstCluster),
    queue: eventQueueState(startMs),
    random: randomStateFrom(seed),
    network: networkState(),
    processes: processesState(),
    second: second === undefined ? undefined : memberState(second),
    outsideHosts: new Map(),
    machineRoots: new Map(),
  };
}

function memberState({ nodes, loadBalancerBase }: ClusterFacts): MemberState {
  return {
    apiServer: apiServerState(),
    clients: clientsState(),
    garbageCollector: garbageCollectorState(),
    gateway: gatewayState(),
    loadBalancer: loadBalancerState(loadBalancerBase),
    kubelets: new Map(nodes.map(({ name }) => [name, kubeletState()])),
    kubeProxies: new Map(nodes.map(({ name }) => [name, kubeProxyState()])),
    networkPolicies: new Map(nodes.map(({ name }) => [name, networkPolicyState()])),
  };
}
