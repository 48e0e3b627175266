/**
 * kube-proxy on one node: watches Services and EndpointSlices and keeps the node's iptables rules in step.
 * Differs: a change is applied in the next event, where the real one waits up to a second to gather changes, and goes
 * over everything again once an hour.
 * Left out: the health check servers (port 10256 and healthCheckNodePort), metrics.
 * Source: pkg/proxy/iptables/proxier.go, cmd/kube-proxy/app, Kubernetes v1.36.
 */

import type { Node } from '../../api/types/kinds.ts';
import { endpointSlices, nodes, services } from '../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import { parseIPv4 } from '../../net/ipv4.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import { serviceOfSlice } from './endpoints.ts';
import { canaryChain, canaryTables, existingChains, renderMissingJumps } from './jump-rules.ts';
import { renderProxyRules } from './rules.ts';
import { createStaleTest } from './stale-connections.ts';

/** What one kube-proxy is made with. */
export interface KubeProxyDeps {
  readonly context: ControllerContext;
  readonly net: NetworkAdmin;
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
  changed: Set<string>;
  /** Endpoints changed since the last sync, so that connections may have become stale. */
  endpointsChanged: boolean;
  /** The node's label topology.kubernetes.io/zone at the last sync. */
  zone: string;
}

/** A running kube-proxy. */
export interface KubeProxy {
  /** Sets the kernel's parameters and writes the first rules; called once, for a new cluster. */
  start(): void;
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
  return { started: false, needsFullSync: true, changed: new Set(), endpointsChanged: false, zone: '' };
}

/** Wires a kube-proxy to its state; nothing happens before {@link KubeProxy.start}. */
export function createKubeProxy(deps: KubeProxyDeps, state: KubeProxyState): KubeProxy {
  const { context, net, hostNetns } = deps;
  const serviceInformer = context.informers.informer(services);
  const sliceInformer = context.informers.informer(endpointSlices);
  const nodeInformer = context.informers.informer(nodes);
  const queue = context.workqueue(`kube-proxy/${deps.node}`, reconcile);

  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service !== undefined) noteChange(`${service.metadata.namespace ?? ''}/${service.metadata.name}`);
  });
  sliceInformer.onChange(({ before, after }) => {
    for (const slice of [before, after]) {
      const service = slice === undefined ? undefined : serviceOfSlice(slice);
      if (service === undefined) continue;
      state.endpointsChanged = true;
      noteChange(service);
    }
  });
  nodeInformer.onChange(({ after }) => {
    if (after?.metadata.name !== deps.node || zoneOf(after) === state.zone) return;
    state.needsFullSync = true;
    if (state.started) queue.add('sync');
  });

  function noteChange(service: string): void {
    state.changed.add(service);
    if (state.started) queue.add('sync');
  }

  function reconcile(key: string): ReconcileOutcome {
    return key === 'sync' ? sync() : watchCanary();
  }

  function sync(): ReconcileOutcome {
    const isFull = state.needsFullSync;
    if (isFull) {
      const jumps = renderMissingJumps((table) => net.iptablesSave(hostNetns, { table }));
      if (jumps !== '' && !net.iptablesRestore(hostNetns, jumps, { noflush: true }).ok) return later();
    }
    const node = nodeInformer.get('', deps.node);
    const nodeIP = node === undefined ? undefined : internalAddress(node);
    state.zone = node === undefined ? '' : zoneOf(node);
    const text = renderProxyRules({
      facts: {
        nodeName: deps.node,
        zone: state.zone,
        ...(nodeIP === undefined ? {} : { nodeIP }),
        clusterCIDR: deps.clusterCIDR,
        masqueradeMark,
        masqueradeAll: false,
        localhostNodePorts: true,
        randomFully: true,
      },
      services: serviceInformer.list(),
      endpointSlices: sliceInformer.list(),
      existingChains: existingChains(net.iptablesSave(hostNetns, { table: 'nat' }).split('\n')),
      ...(isFull ? {} : { changed: state.changed }),
    });
    const restored = net.iptablesRestore(hostNetns, text, { noflush: true, counters: true });
    state.changed.clear();
    state.needsFullSync = !restored.ok;
    if (restored.ok && state.endpointsChanged) {
      net.forgetConnections(
        hostNetns,
        createStaleTest(serviceInformer.list(), sliceInformer.list(), deps.node),
      );
      state.endpointsChanged = false;
    }
    return restored.ok ? 'done' : later();
  }

  /** When everything was flushed, everything is written again. */
  function watchCanary(): ReconcileOutcome {
    const isGone = canaryTables.every(
      (table) => !net.iptablesSave(hostNetns, { table }).includes(`:${canaryChain} `),
    );
    if (isGone) {
      state.needsFullSync = true;
      queue.add('sync');
    }
    return { requeueAfterMs: syncPeriodMs, background: true };
  }

  return {
    start() {
      state.started = true;
      for (const [name, value] of sysctls) net.setSysctl(hostNetns, name, value);
      queue.add('sync');
      queue.addAfter('canary', syncPeriodMs, { background: true });
    },
  };
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
