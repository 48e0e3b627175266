/**
 * What kube-proxy keeps of each port of each Service between two syncs: what the port is, and the lines that are written
 * at every sync. Source: the maps that ServiceChangeTracker and EndpointsChangeTracker feed in pkg/proxy, Kubernetes v1.36.
 */
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { jsonEqual } from '../../base/json.ts';
import { entriesWithPrefix, type SortedMap } from '../../base/sorted-map.ts';
import { type EndpointInfo, endpointsKey, endpointsOf } from './endpoints.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { RuleText } from './rule-text.ts';
import { type ServicePortInfo, servicePortsOf } from './service-ports.ts';
import { writeServicePort } from './service-rules.ts';

/** One port of a Service, as it was last written. Frozen. */
export interface PortRules {
  readonly port: ServicePortInfo;
  readonly filterRules: readonly string[];
  readonly sharedNatRules: readonly string[];
  /** The names of its chains in table nat. */
  readonly chains: readonly string[];
  readonly endpointCount: number;
  /** Endpoints (`address:port`) that serve; only for UDP, whose connections to others are forgotten. */
  readonly serving: readonly string[];
}

/** The ports of all Services by {@link portKey}, so in order of their names. */
export type ServicePortMap = SortedMap<PortRules>;

/** A port with its endpoints, before it is written. */
export interface PortWithEndpoints {
  readonly port: ServicePortInfo;
  readonly endpoints: readonly EndpointInfo[];
}

/** A port that is written now: with the rules of its own chains, in table nat. */
export interface WrittenPort extends PortRules {
  readonly natRules: readonly string[];
}

/** A blank sorts before everything that can stand in a port's name. */
export function portKey({ name, protocol }: ServicePortInfo): string {
  return `${name} ${protocol}`;
}

/** The keys of a Service's ports; the Service as `namespace/name`. */
export function keysOfService(ports: ServicePortMap, service: string): string[] {
  return [...entriesWithPrefix(ports, `${service} `), ...entriesWithPrefix(ports, `${service}:`)].map(
    ([key]) => key,
  );
}

/** The ports of one Service with their endpoints, as one node sees them. */
export function joinEndpoints(
  service: Service | undefined,
  slices: readonly EndpointSlice[],
  nodeName: string,
): readonly PortWithEndpoints[] {
  const ports = service === undefined ? [] : servicePortsOf([service]);
  if (ports.length === 0) return [];
  const endpoints = endpointsOf(slices, nodeName);
  return ports.map((port) => ({
    port,
    endpoints: endpoints.get(endpointsKey(port.service, port.portName, port.protocol)) ?? [],
  }));
}

/** Writes the rules of a port; `hasComments` for those about endpoints. */
export function writePort(
  { port, endpoints }: PortWithEndpoints,
  facts: ProxyFacts,
  hasComments: boolean,
): WrittenPort {
  const text = new RuleText();
  writeServicePort({ port, endpoints, facts, text, hasComments });
  const { filterRules, natRules, sharedNatRules, chains } = text;
  const serving =
    port.protocol === 'udp'
      ? endpoints.filter((endpoint) => endpoint.serving).map((endpoint) => endpoint.text)
      : [];
  const endpointCount = endpoints.length;
  return { port, filterRules, natRules, sharedNatRules, chains, endpointCount, serving };
}

/** What is kept of a written port; where shared rules did not change, the very lists of before. */
export function keepPort(written: WrittenPort, before: PortRules | undefined): PortRules {
  const { port, chains, endpointCount, serving } = written;
  const isSame =
    before !== undefined &&
    jsonEqual(before.filterRules, written.filterRules) &&
    jsonEqual(before.sharedNatRules, written.sharedNatRules);
  const { filterRules, sharedNatRules } = isSame ? before : written;
  return Object.freeze({ port, filterRules, sharedNatRules, chains, endpointCount, serving });
}

/** The rules of all ports in chains that they share, in order of the ports. */
export interface SharedRules {
  readonly filter: readonly string[];
  readonly nat: readonly string[];
}

/** Gathers the shared rules of all ports. Frozen. */
export function gatherSharedRules(ports: ServicePortMap): SharedRules {
  const filter: string[] = [];
  const nat: string[] = [];
  ports.forEachPair((_, port) => {
    for (const line of port.filterRules) filter.push(line);
    for (const line of port.sharedNatRules) nat.push(line);
  });
  return Object.freeze({ filter: Object.freeze(filter), nat: Object.freeze(nat) });
}
