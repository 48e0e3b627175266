/**
 * The endpoints of each Service port, gathered from all EndpointSlices of the Service, and which of them a node uses.
 * Source: pkg/proxy/endpointslicecache.go and topology.go in Kubernetes v1.36. IPv4 only.
 */
import type { Endpoint, EndpointSlice } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { parseIPv4 } from '../../net/ipv4.ts';
import { endpointChainNames } from './chain-names.ts';
import {
  type ServicePortInfo,
  servicePortName,
  usesClusterEndpoints,
  usesLocalEndpoints,
} from './service-ports.ts';

/** One endpoint of a Service port. */
export interface EndpointInfo {
  readonly address: string;
  /** `address:port`. */
  readonly text: string;
  /** The name of its KUBE-SEP chain. */
  readonly chain: string;
  readonly isLocal: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: ReadonlySet<string>;
  readonly nodeHints: ReadonlySet<string>;
}

/** The endpoints by {@link endpointsKey}, each list in order of the text. */
export type EndpointsByPort = ReadonlyMap<string, readonly EndpointInfo[]>;

/** Source: k8s.io/api/discovery/v1 well_known_labels.go, k8s.io/api/core/v1 (IsHeadlessService). */
const serviceNameLabel = 'kubernetes.io/service-name';
const headlessLabel = 'service.kubernetes.io/headless';

/** The key of a Service port: the service as `namespace/name`, the protocol in lower case. */
export function endpointsKey(service: string, portName: string, protocol: string): string {
  return `${service}:${portName}/${protocol}`;
}

/** The Service an EndpointSlice belongs to, as `namespace/name`; none when kube-proxy has no use for the slice. */
export function serviceOfSlice(slice: EndpointSlice): string | undefined {
  const labels = slice.metadata.labels ?? {};
  if (slice.addressType !== 'IPv4' || isHeadlessSlice(slice)) return undefined;
  const name = Object.hasOwn(labels, serviceNameLabel) ? labels[serviceNameLabel] : undefined;
  return name === undefined || name === '' ? undefined : `${slice.metadata.namespace ?? ''}/${name}`;
}

/** Whether a slice has the label that a proxy's watch leaves out. */
export function isHeadlessSlice({ metadata }: EndpointSlice): boolean {
  return Object.hasOwn(metadata.labels ?? {}, headlessLabel);
}

/** Gathers the endpoints of all slices as one node sees them. */
export function endpointsOf(slices: readonly EndpointSlice[], nodeName: string): EndpointsByPort {
  const gathered = new Map<string, EndpointInfo[]>();
  for (const slice of slices) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    for (const port of slice.ports ?? []) {
      if (port.name === undefined || port.port === undefined || port.port === 0) continue;
      const protocol = (port.protocol ?? 'TCP').toLowerCase();
      const key = endpointsKey(service, port.name, protocol);
      const endpoints = gathered.get(key) ?? [];
      gathered.set(key, endpoints);
      const owner: EndpointsOwner = {
        chainName: endpointChainNames(servicePortName(service, port.name), protocol),
        port: port.port,
        nodeName,
      };
      for (const endpoint of slice.endpoints ?? []) addEndpoint(owner, endpoint, endpoints);
    }
  }
  for (const [key, endpoints] of gathered) gathered.set(key, inOrder(endpoints));
  return gathered;
}

/** Whether kube-proxy takes endpoints of a UDP port from a slice. */
export function hasUdpEndpoints(slice: EndpointSlice): boolean {
  const { ports, endpoints } = slice;
  if ((endpoints ?? []).length === 0 || serviceOfSlice(slice) === undefined) return false;
  return (ports ?? []).some(
    ({ name, port, protocol }) => name !== undefined && (port ?? 0) !== 0 && protocol === 'UDP',
  );
}

/** How many addresses on this node are ready, by whatever port. Source: LocalReadyEndpoints in endpointschangetracker.go. */
export function countLocalReady(slices: readonly EndpointSlice[], nodeName: string): number {
  const addresses = [...endpointsOf(slices, nodeName).values()].flatMap((endpoints) =>
    endpoints.filter(({ isLocal, ready }) => isLocal && ready).map(({ address }) => address),
  );
  return new Set(addresses).size;
}

const noNames: ReadonlySet<string> = new Set();

/** Most endpoints carry no hints, so that these share one set. */
function namesOf(places: readonly { readonly name: string }[] | undefined): ReadonlySet<string> {
  return places === undefined ? noNames : new Set(places.map(({ name }) => name));
}

/** Sorted by text, each text once: most slices are so already. */
function inOrder(endpoints: EndpointInfo[]): EndpointInfo[] {
  const isSorted = endpoints.every(
    (endpoint, at) => at === 0 || (endpoints[at - 1]?.text ?? '') < endpoint.text,
  );
  if (isSorted) return endpoints;
  const once = new Map<string, EndpointInfo>();
  // Of two endpoints with one address, one that is not being terminated is kept.
  for (const endpoint of endpoints) {
    if (!endpoint.terminating || !once.has(endpoint.text)) once.set(endpoint.text, endpoint);
  }
  return [...once.values()].sort((a, b) => compareKeys(a.text, b.text));
}

interface EndpointsOwner {
  /** The chain of an endpoint of the Service port. */
  readonly chainName: (endpoint: string) => string;
  readonly port: number;
  readonly nodeName: string;
}

function addEndpoint(owner: EndpointsOwner, endpoint: Endpoint, endpoints: EndpointInfo[]): void {
  const { addresses, conditions, hints, nodeName } = endpoint;
  const [address] = addresses;
  if (address === undefined || parseIPv4(address) === undefined) return;
  const text = `${address}:${owner.port}`;
  endpoints.push({
    address,
    text,
    chain: owner.chainName(text),
    isLocal: nodeName !== undefined && nodeName === owner.nodeName,
    ready: conditions?.ready ?? true,
    serving: conditions?.serving ?? true,
    terminating: conditions?.terminating ?? false,
    zoneHints: namesOf(hints?.forZones),
    nodeHints: namesOf(hints?.forNodes),
  });
}

/** The endpoints that a node uses for a Service port. */
export interface UsedEndpoints {
  /** For traffic policy Cluster. */
  readonly cluster: readonly EndpointInfo[];
  /** For traffic policy Local. */
  readonly local: readonly EndpointInfo[];
  /** Both together. */
  readonly reachable: readonly EndpointInfo[];
  /** Whether there is a usable endpoint on any node. */
  readonly hasAny: boolean;
}

/** Where the proxy runs. */
export interface NodePlace {
  readonly nodeName: string;
  /** The node's label topology.kubernetes.io/zone; empty without one. */
  readonly zone: string;
}

/** Sorts out the endpoints of a port: ready ones, else those that end but still serve; near ones where hints say so. */
export function chooseEndpoints(
  all: readonly EndpointInfo[],
  port: ServicePortInfo,
  place: NodePlace,
): UsedEndpoints {
  const isNear = usesClusterEndpoints(port) ? nearness(all, place) : undefined;
  const cluster = usesClusterEndpoints(port)
    ? orElse(
        all.filter((endpoint) => endpoint.ready && (isNear?.(endpoint) ?? true)),
        () => all.filter(servesWhileTerminating),
      )
    : [];
  if (!usesLocalEndpoints(port))
    return { cluster, local: [], reachable: cluster, hasAny: cluster.length > 0 };
  const local = orElse(
    all.filter((endpoint) => endpoint.isLocal && endpoint.ready),
    () => all.filter((endpoint) => endpoint.isLocal && servesWhileTerminating(endpoint)),
  );
  const hasAny =
    cluster.length > 0 || all.some((endpoint) => endpoint.ready || servesWhileTerminating(endpoint));
  if (!usesClusterEndpoints(port)) return { cluster, local, reachable: local, hasAny };
  const both = new Map([...cluster, ...local].map((endpoint) => [endpoint.text, endpoint]));
  const reachable = [...both.values()].sort((a, b) => compareKeys(a.text, b.text));
  return { cluster, local, reachable, hasAny };
}

function orElse<T>(first: readonly T[], second: () => readonly T[]): readonly T[] {
  return first.length > 0 ? first : second();
}

function servesWhileTerminating(endpoint: EndpointInfo): boolean {
  return !endpoint.ready && endpoint.serving && endpoint.terminating;
}

/** Which endpoints are near enough: hints count when every ready endpoint has them and one names this place. */
function nearness(
  all: readonly EndpointInfo[],
  { nodeName, zone }: NodePlace,
): ((endpoint: EndpointInfo) => boolean) | undefined {
  const ready = all.filter((endpoint) => endpoint.ready);
  if (ready.length === 0) return undefined;
  const onNode = (endpoint: EndpointInfo) => endpoint.nodeHints.has(nodeName);
  if (ready.every((endpoint) => endpoint.nodeHints.size > 0) && ready.some(onNode)) return onNode;
  const inZone = (endpoint: EndpointInfo) => endpoint.zoneHints.has(zone);
  if (ready.every((endpoint) => endpoint.zoneHints.size > 0) && ready.some(inZone)) return inZone;
  return undefined;
}
