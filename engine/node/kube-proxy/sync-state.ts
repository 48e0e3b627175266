/**
 * The Service ports of one kube-proxy, brought up to date Service by Service.
 * Source: the start of syncProxyRules in pkg/proxy/iptables/proxier.go, Kubernetes v1.36.
 */
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import {
  joinEndpoints,
  keepPort,
  keysOfService,
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

/** Takes changed Services over into the ports; returns what is written of them, and how many endpoints there are now. */
export function updatePorts(
  ports: ServicePortMap,
  changed: Iterable<ChangedService>,
  facts: ProxyFacts,
  endpointCount: number,
): { readonly written: ReadonlyMap<string, WrittenPort>; readonly endpointCount: number } {
  let count = endpointCount;
  const joined: PortWithEndpoints[] = [];
  for (const { name, service, slices } of changed) {
    for (const key of keysOfService(ports, name)) {
      count -= ports.get(key)?.endpointCount ?? 0;
      ports.delete(key);
    }
    for (const port of joinEndpoints(service, slices, facts.nodeName)) {
      count += port.endpoints.length;
      joined.push(port);
    }
  }
  const written = new Map<string, WrittenPort>();
  for (const port of joined) {
    const now = writePort(port, facts, !isLargeCluster(count));
    written.set(portKey(port.port), now);
    ports.set(portKey(port.port), keepPort(now));
  }
  return { written, endpointCount: count };
}
