/**
 * The Service ports of one kube-proxy, brought up to date Service by Service.
 * Source: the start of syncProxyRules in pkg/proxy/iptables/proxier.go, Kubernetes v1.36.
 */
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import {
  joinEndpoints,
  keepPort,
  keysOfService,
  type PortRules,
  type PortWithEndpoints,
  portKey,
  type ServicePortMap,
  type WrittenPort,
  writePort,
} from './port-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';

/** A Service (`namespace/name`) that changed, as it is now: absent when it is gone. */
export interface ChangedService {
  readonly name: string;
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
}

/** From this many endpoints on, comments of endpoints are left out and stale chains are looked for less often. */
const largeClusterEndpoints = 1000;

/** Whether the proxier is in large cluster mode. Source: largeClusterEndpointsThreshold. */
export function isLargeCluster(endpointCount: number): boolean {
  return endpointCount > largeClusterEndpoints;
}

/** What came of changed Services. */
export interface PortsUpdate {
  /** What is written of them, by the ports' keys. */
  readonly written: ReadonlyMap<string, WrittenPort>;
  /** Of all ports together. */
  readonly endpointCount: number;
  /** Whether the rules in chains of all Services are those of before. */
  readonly areSharedRulesKept: boolean;
}

/** Takes changed Services over into the ports, given how many endpoints there were. */
export function updatePorts(
  ports: ServicePortMap,
  changed: Iterable<ChangedService>,
  facts: ProxyFacts,
  endpointCount: number,
): PortsUpdate {
  let count = endpointCount;
  const before = new Map<string, PortRules>();
  const joined: PortWithEndpoints[] = [];
  for (const { name, service, slices } of changed) {
    for (const key of keysOfService(ports, name)) {
      const port = ports.get(key);
      if (port === undefined) continue;
      before.set(key, port);
      count -= port.endpointCount;
      ports.delete(key);
    }
    for (const port of joinEndpoints(service, slices, facts.nodeName)) {
      count += port.endpoints.length;
      joined.push(port);
    }
  }
  const written = new Map<string, WrittenPort>();
  let areSharedRulesKept = joined.length === before.size;
  for (const port of joined) {
    const key = portKey(port.port);
    const now = writePort(port, facts, !isLargeCluster(count));
    const kept = keepPort(now, before.get(key));
    written.set(key, now);
    ports.set(key, kept);
    if (kept.filterRules !== before.get(key)?.filterRules) areSharedRulesKept = false;
  }
  return { written, endpointCount: count, areSharedRulesKept };
}
