/**
 * kube-proxy on one node: watches Services and EndpointSlices and keeps the node's iptables rules in step.
 * Differs: a change is applied in the next event, where the real one waits up to a second to gather changes, and goes
 * over everything again once an hour.
 * Left out: metrics.
 * Source: pkg/proxy/iptables/proxier.go, cmd/kube-proxy/app, Kubernetes v1.36.
 */

import { keyOf, splitKey } from '../../api/objects/keys.ts';
import type { Node, Service } from '../../api/types/kinds.ts';
import { endpointSlices, nodes, services } from '../../api/types/resources.ts';
import { isJsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { createSortedMap } from '../../base/sorted-map.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import { parseIPv4 } from '../../net/ipv4.ts';
import type { NetworkAdmin, ProcessAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import { countLocalReady, hasUdpEndpoints, serviceOfSlice } from './endpoints.ts';
import {
  answerHealthz,
  answerServiceHealth,
  answerStatus,
  healthzPort,
  type ProxyHealth,
  type ServiceHealth,
  statusPort,
} from './health.ts';
import { type HealthServersState, healthServersState, syncHealthServers } from './health-servers.ts';
import { canaryChain, canaryTables, renderMissingJumps } from './jump-rules.ts';
import {
  gatherSharedRules,
  keysOfService,
  type PortRules,
  type ServicePortMap,
  type SharedRules,
} from './port-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { writeProxyRules } from './rules.ts';
import { servicePortsOf } from './service-ports.ts';
import { leaveBehind, type SlicesLeftBehind, slicesLeftBehind } from './slices-left-behind.ts';
import { createStaleTest } from './stale-connections.ts';
import { type ChangedService, isLargeCluster, updatePorts } from './sync-state.ts';

/** What one kube-proxy is made with. */
export interface KubeProxyDeps {
  readonly context: ControllerContext;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  /** The Node's name. */
  readonly node: string;
  /** The namespace whose rules it writes. */
  readonly hostNetns: NetnsId;
  /** Addresses of Pods, `10.244.0.0/16`. */
  readonly clusterCIDR: string;
}

/** What changes in one kube-proxy. */
export interface KubeProxyState {
  started: boolean;
  /** The next sync writes everything, jump rules included. */
  needsFullSync: boolean;
  /** Services (`namespace/name`) that changed since the last sync. */
  serviceChanges: Set<string>;
  /** Services whose endpoints changed since then. */
  endpointsChanges: Set<string>;
  /** Among these endpoints were some of UDP, so that connections may have become stale. */
  lostUdpEndpoints: boolean;
  readonly leftBehind: SlicesLeftBehind;
  readonly ports: ServicePortMap;
  shared: SharedRules;
  /** Endpoints of all ports together. */
  endpointCount: number;
  /** When chains of gone Services were last looked for. */
  lastCleanupMs: number | undefined;
  /** When rules were last written. */
  lastUpdatedMs: number | undefined;
  /** When the proxier for IPv6 last wrote its rules: it has no Services, so only when it started and for a new zone. */
  lastUpdatedIPv6Ms: number | undefined;
  /** Since when a change waits for its rules. */
  pendingSinceMs: number | undefined;
  /** The health check of each Service that has a healthCheckNodePort, by `namespace/name`. */
  readonly healthChecks: Map<string, HealthCheck>;
  readonly healthServers: HealthServersState;
  /** The Node as it was last, once it is deleted: the original goes on with what it knew. */
  goneNode: Node | undefined;
  /** The node's label topology.kubernetes.io/zone at the last sync. */
  zone: string;
}

/** What is asked about on a healthCheckNodePort, as of the last sync. */
interface HealthCheck {
  readonly port: number;
  /** Ready endpoints on this node. */
  readonly localEndpoints: number;
}

/** A running kube-proxy. */
export interface KubeProxy {
  /** Sets the kernel's parameters and writes the first rules; called once, for a new cluster. */
  start(): void;
  /** The Node's name. */
  readonly node: string;
  /** Answers a request to one of its ports, `{ port, path }`: see {@link HealthAnswer}. */
  answer(request: JsonValue): JsonValue;
}

/** Bit 14, as `%#08x` prints it. Source: masqueradeBit's default in the KubeProxyConfiguration. */
const masqueradeMark = '0x00004000';
/** How often it looks whether the canary is alive. Source: iptables.syncPeriod's default. */
const syncPeriodMs = 30_000;

/**
 * Source: setSysctls in pkg/proxy/conntrack with the defaults of the KubeProxyConfiguration (the minimum of 131072, for
 * up to four processors), and route_localnet for node ports on 127.0.0.1.
 */
const sysctls = [
  ['net.netfilter.nf_conntrack_max', '131072'],
  ['net.netfilter.nf_conntrack_tcp_timeout_established', '86400'],
  ['net.netfilter.nf_conntrack_tcp_timeout_close_wait', '3600'],
  ['net.ipv4.conf.all.route_localnet', '1'],
] as const;

/** The first state of a kube-proxy that was not started. */
export function kubeProxyState(): KubeProxyState {
  return {
    started: false,
    needsFullSync: true,
    serviceChanges: new Set(),
    endpointsChanges: new Set(),
    lostUdpEndpoints: false,
    leftBehind: new Map(),
    ports: createSortedMap<PortRules>(),
    shared: Object.freeze({ filter: [], nat: [] }),
    endpointCount: 0,
    lastCleanupMs: undefined,
    lastUpdatedMs: undefined,
    lastUpdatedIPv6Ms: undefined,
    pendingSinceMs: undefined,
    healthChecks: new Map(),
    healthServers: healthServersState(),
    goneNode: undefined,
    zone: '',
  };
}

/** Wires a kube-proxy to its state; nothing happens before {@link KubeProxy.start}. */
export function createKubeProxy(deps: KubeProxyDeps, state: KubeProxyState): KubeProxy {
  const { context, net, hostNetns } = deps;
  const serviceInformer = context.informers.informer(services);
  const sliceInformer = context.informers.informer(endpointSlices);
  const nodeInformer = context.informers.informer(nodes);
  const queue = context.workqueue(`kube-proxy/${deps.node}`, reconcile);

  const slicesOf = sliceInformer.index('kube-proxy', (slice) => {
    const service = serviceOfSlice(slice);
    return service === undefined ? [] : [service];
  });

  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service === undefined || isSameService(before, after)) return;
    noteChange(state.serviceChanges, keyOf(service));
  });
  sliceInformer.onChange(({ before, after }) => {
    // Every event of a slice counts, whatever changed, as in the original.
    if (before !== undefined && hasUdpEndpoints(before)) state.lostUdpEndpoints = true;
    leaveBehind(state.leftBehind, before, after);
    for (const slice of [before, after]) {
      const service = slice === undefined ? undefined : serviceOfSlice(slice);
      if (service !== undefined) noteChange(state.endpointsChanges, service);
    }
  });
  nodeInformer.onChange(({ before, after }) => {
    if ((after ?? before)?.metadata.name !== deps.node) return;
    state.goneNode = after === undefined ? before : undefined;
    if (after === undefined || zoneOf(after) === state.zone) return;
    state.needsFullSync = true;
    state.lastUpdatedIPv6Ms = undefined;
    if (state.started) queue.add('sync');
  });

  function noteChange(changes: Set<string>, service: string): void {
    changes.add(service);
    state.pendingSinceMs ??= now();
    if (state.started) queue.add('sync');
  }

  function reconcile(key: string): ReconcileOutcome {
    return key === 'sync' ? sync() : watchCanary();
  }

  function sync(): ReconcileOutcome {
    if (state.needsFullSync) {
      const jumps = renderMissingJumps((table) => net.iptablesSave(hostNetns, { table }));
      if (jumps !== '' && !net.iptablesRestore(hostNetns, jumps, { noflush: true }).ok) return later();
    }
    const facts = findFacts();
    state.zone = facts.zone;
    const changed = findChanged();
    const update = updatePorts(state.ports, changed, facts, state.endpointCount);
    state.endpointCount = update.endpointCount;
    if (!update.areSharedRulesKept) state.shared = gatherSharedRules(state.ports);
    const lines = writeProxyRules({
      facts,
      ports: state.ports,
      shared: state.shared,
      written: update.written,
      existingChains: chainsToCheck(),
    });
    const restored = net.iptablesRestore(hostNetns, lines, { noflush: true, counters: true });
    state.needsFullSync = !restored.ok;
    if (!restored.ok) return later();
    const mayBeStale = hasUdpChanges();
    state.lastUpdatedMs = now();
    state.lastUpdatedIPv6Ms ??= state.lastUpdatedMs;
    state.pendingSinceMs = undefined;
    noteHealthChecks(changed);
    state.serviceChanges.clear();
    state.endpointsChanges.clear();
    state.lostUdpEndpoints = false;
    if (mayBeStale)
      net.forgetConnections(
        hostNetns,
        createStaleTest(() => state.ports.values()),
      );
    return 'done';
  }

  /** Connections are looked through only when endpoints of UDP came, went or changed. */
  function hasUdpChanges(): boolean {
    if (state.lostUdpEndpoints) return true;
    if (state.lastUpdatedMs === undefined) return sliceInformer.list().some(hasUdpEndpoints);
    return [...state.endpointsChanges].some((service) => slicesOf(service).some(hasUdpEndpoints));
  }

  function now(): number {
    return Date.parse(context.nowTimestamp());
  }

  function noteHealthChecks(changed: readonly ChangedService[]): void {
    for (const { name, slices } of changed) {
      const [key = ''] = keysOfService(state.ports, name);
      const port = state.ports.get(key)?.port.healthCheckNodePort ?? 0;
      if (port === 0) state.healthChecks.delete(name);
      else {
        const localEndpoints = countLocalReady(slices, deps.node);
        state.healthChecks.set(name, Object.freeze({ port, localEndpoints }));
      }
    }
    const ports = [...state.healthChecks.values()].map(({ port }) => port);
    syncHealthServers(deps, state.healthServers, new Set(ports));
  }

  function answer(request: JsonValue): JsonValue {
    const { port, path } = isJsonObject(request) ? request : {};
    const { lastUpdatedMs, lastUpdatedIPv6Ms, pendingSinceMs } = state;
    const health: ProxyHealth = {
      nowMs: now(),
      lastUpdatedMs,
      lastUpdatedIPv6Ms,
      pendingSinceMs,
      node: findNode(),
    };
    if (port === statusPort) return { ...answerStatus(String(path)) };
    if (port === healthzPort) return { ...answerHealthz(String(path), health) };
    return { ...answerServiceHealth(serviceHealth(Number(port)), health) };
  }

  function serviceHealth(port: number): ServiceHealth | undefined {
    const found = [...state.healthChecks].find(([, own]) => own.port === port);
    if (found === undefined) return undefined;
    const [key, { localEndpoints }] = found;
    return { ...splitKey(key), localEndpoints };
  }

  /** The own Node; when it was deleted, what was known of it last. */
  function findNode(): Node | undefined {
    return nodeInformer.get('', deps.node) ?? state.goneNode;
  }

  function findFacts(): ProxyFacts {
    const node = findNode();
    const nodeIP = node === undefined ? undefined : internalAddress(node);
    return {
      nodeName: deps.node,
      zone: node === undefined ? '' : zoneOf(node),
      ...(nodeIP === undefined ? {} : { nodeIP }),
      clusterCIDR: deps.clusterCIDR,
      masqueradeMark,
      masqueradeAll: false,
      localhostNodePorts: true,
      randomFully: true,
    };
  }

  /** Everything for a full sync, also what is gone. */
  function findChanged(): readonly ChangedService[] {
    const names = state.needsFullSync
      ? [...[...state.ports.values()].map(({ port }) => port.service), ...serviceInformer.list().map(keyOf)]
      : [...state.serviceChanges, ...state.endpointsChanges];
    return [...new Set(names)].map((name) => {
      const { namespace, name: ownName } = splitKey(name);
      const slices = [...slicesOf(name), ...slicesLeftBehind(state.leftBehind, name)];
      return { name, service: serviceInformer.get(namespace, ownName), slices };
    });
  }

  /** Chains left behind do no harm, so in a large cluster they are looked for once in a while only. */
  function chainsToCheck(): readonly string[] {
    const isDue = state.lastCleanupMs === undefined || now() - state.lastCleanupMs > syncPeriodMs;
    if (isLargeCluster(state.endpointCount) && !isDue) return [];
    state.lastCleanupMs = now();
    return net.iptablesChains(hostNetns, 'nat');
  }

  /** When everything was flushed, everything is written again. */
  function watchCanary(): ReconcileOutcome {
    const isGone = canaryTables.every(
      (table) => net.iptablesRules(hostNetns, table, canaryChain) === undefined,
    );
    if (isGone) {
      state.needsFullSync = true;
      queue.add('sync');
    }
    return { requeueAfterMs: syncPeriodMs, background: true };
  }

  return {
    node: deps.node,
    answer,
    start() {
      state.started = true;
      for (const [name, value] of sysctls) net.setSysctl(hostNetns, name, value);
      syncHealthServers(deps, state.healthServers, new Set());
      queue.add('sync');
      queue.addAfter('canary', syncPeriodMs, { background: true });
    },
  };
}

/** Only what a proxy keeps of a Service counts: another selector changes no rule. */
function isSameService(before: Service | undefined, after: Service | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return jsonEqual(servicePortsOf([before]), servicePortsOf([after]));
}

function later(): ReconcileOutcome {
  return { requeueAfterMs: syncPeriodMs, background: true };
}

function zoneOf(node: Node): string {
  return node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
}

function internalAddress(node: Node): string | undefined {
  const isUsable = (type: string, address: string) =>
    type === 'InternalIP' && parseIPv4(address) !== undefined;
  return node.status?.addresses?.find(({ type, address }) => isUsable(type, address))?.address;
}
