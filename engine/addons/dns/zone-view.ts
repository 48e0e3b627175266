/**
 * Whom a name of the cluster's zone means: the hosts of Services, endpoints and Pods.
 * Source: coredns/plugin/kubernetes (kubernetes.go, parse.go, reverse.go).
 */
import type { Endpoint, EndpointSlice, Service } from '../../api/types/kinds.ts';

/** The objects that answers are made from. */
export interface ZoneView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  services(): readonly Service[];
  /** The slices of a Service. */
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
  slices(): readonly EndpointSlice[];
  /** The address of Service kube-dns, if there is one. */
  dnsAddress(): string | undefined;
  /** The address of a name outside the zone, as the world's name servers know it. */
  outsideAddress?(name: string): string | undefined;
  /** Seconds since the epoch, for the SOA's serial. */
  nowSeconds(): number;
}

/** The cluster's domain. */
export const clusterZone = 'cluster.local';

/** What a name asks for; parts that it lacks are empty. */
export interface NameRequest {
  readonly kind: 'svc' | 'pod';
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

/** One host behind a name, as SkyDNS's msg.Service. */
export interface Host {
  /** An address, or another name for ExternalName. */
  readonly host: string;
  /** -1 for an endpoint without ports. */
  readonly port: number;
  /** The name that the host has itself. */
  readonly key: string;
}

/** The kind of an address; undefined for a name. */
export function addressType(host: string): 'A' | 'AAAA' | undefined {
  if (host.includes(':')) return 'AAAA';
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ? 'A' : undefined;
}

/** The parts of a name in {@link clusterZone}, from the right; undefined for one that can't exist. */
export function parseName(name: string): NameRequest | undefined {
  const labels = name.slice(0, -clusterZone.length - 1).split('.');
  const kind = labels.pop();
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const [namespace = '', service = ''] = [labels.pop(), labels.pop()];
  const request = { kind, namespace, name: service, endpoint: '', port: '', protocol: '' } as const;
  if (labels.length === 0) return request;
  if (labels.length === 1) return { ...request, endpoint: labels[0] ?? '' };
  if (labels.length === 2) {
    const [port = '', protocol = ''] = labels.map((label) => label.replace(/^_/, ''));
    return { ...request, port, protocol };
  }
  return undefined;
}

/** `undefined` for a name that does not exist, an empty list for one without records of its own. */
export function findHosts(view: ZoneView, request: NameRequest): readonly Host[] | undefined {
  if (request.namespace === '') return [];
  if (!view.hasNamespace(request.namespace)) return undefined;
  if (request.name === '') return [];
  return request.kind === 'pod' ? findPod(request) : findService(view, request);
}

/** With `pods insecure` a Pod's name is any address; labels before it are not looked at. */
function findPod({ name, namespace }: NameRequest): readonly Host[] | undefined {
  const isIPv4 = name.split('-').length === 4 && !name.includes('--');
  const address = name.replaceAll('-', isIPv4 ? '.' : ':');
  const isAddress = isIPv4
    ? /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address) &&
      address.split('.').every((part) => Number(part) <= 255)
    : expandIPv6(address) !== undefined;
  if (!isAddress) return undefined;
  return [{ host: address, port: 0, key: `${name}.${namespace}.pod.${clusterZone}` }];
}

function findService(view: ZoneView, request: NameRequest): readonly Host[] | undefined {
  const service = view.service(request.namespace, request.name);
  if (service === undefined) return undefined;
  const key = `${request.name}.${request.namespace}.svc.${clusterZone}`;
  if (service.spec?.type === 'ExternalName') {
    const host = (service.spec.externalName ?? '').replace(/\.$/, '');
    // An address is no name that an alias could lead to, and there are neither endpoints nor ports.
    const isName = host !== '' && addressType(host) === undefined;
    const isWhole = request.endpoint === '' && request.port === '' && request.protocol === '';
    return isWhole && isName ? [{ host, port: 0, key }] : undefined;
  }
  const isHeadless = service.spec?.clusterIP === 'None' || service.spec?.clusterIP === undefined;
  const hosts =
    isHeadless || request.endpoint !== ''
      ? endpointHosts(view.slicesOf(request.namespace, request.name), request, key)
      : (service.spec?.ports ?? [])
          .filter((port) => matchesPort(request, port.name ?? '', port.protocol ?? 'TCP'))
          .flatMap((port) =>
            (service.spec?.clusterIPs ?? []).map((host) => ({ host, port: port.port, key })),
          );
  return hosts.length === 0 ? undefined : hosts;
}

function endpointHosts(slices: readonly EndpointSlice[], request: NameRequest, key: string): readonly Host[] {
  return slices
    .filter(({ addressType: type }) => type !== 'FQDN')
    .flatMap((slice) => {
      // Null on the wire for a Service without ports, which is nevertheless asked for by its name.
      const ports = (slice.ports ?? []).length === 0 ? [{ port: -1 }] : (slice.ports ?? []);
      return (slice.endpoints ?? []).filter(isReady).flatMap((endpoint) =>
        endpoint.addresses.flatMap((address) => {
          const hostname = endpointHostname(endpoint, address);
          if (request.endpoint !== '' && request.endpoint !== hostname) return [];
          return ports
            .filter((port) =>
              matchesPort(
                request,
                'name' in port ? (port.name ?? '') : '',
                'protocol' in port ? (port.protocol ?? 'TCP') : 'TCP',
              ),
            )
            .map((port) => ({ host: address, port: port.port ?? 0, key: `${hostname}.${key}` }));
        }),
      );
    });
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready !== false;
}

/** The endpoint's own label: its hostname, or its address with hyphens. */
function endpointHostname(endpoint: Endpoint, address: string): string {
  if (endpoint.hostname !== undefined && endpoint.hostname !== '') return endpoint.hostname;
  // A label does not end with a hyphen.
  return address.replaceAll(/[.:]/g, '-').replace(/-$/, '-0');
}

/** Source: matchPortAndProtocol; an empty part of the question matches everything. */
function matchesPort(request: NameRequest, port: string, protocol: string): boolean {
  const protocolMatches = request.protocol === '' || request.protocol === protocol.toLowerCase();
  return protocolMatches && (request.port === '' || request.port === port.toLowerCase());
}

/** The names that an address leads back to: of a Service, or else of endpoints. */
export function ownersOf(view: ZoneView, reverseName: string): readonly string[] {
  const address = reverseAddress(reverseName);
  if (address === undefined) return [];
  const isSame = (other: string) => other === address || expandIPv6(other) === address;
  const service = view
    .services()
    .find(({ spec }) => spec?.clusterIPs?.some((each) => isSame(each)) === true)?.metadata;
  if (service !== undefined) return [`${service.name}.${service.namespace}.svc.${clusterZone}`];
  const ofEndpoints = view.slices().flatMap(({ metadata, endpoints }) => {
    const name = metadata.labels?.['kubernetes.io/service-name'];
    return (endpoints ?? [])
      .filter((endpoint) => name !== undefined && isReady(endpoint))
      .flatMap((endpoint) =>
        endpoint.addresses
          .filter(isSame)
          .map(
            (each) => `${endpointHostname(endpoint, each)}.${name}.${metadata.namespace}.svc.${clusterZone}`,
          ),
      );
  });
  return [...new Set(ofEndpoints)];
}

/** The address of a name of a reverse zone: dotted, or eight groups without abbreviations. */
function reverseAddress(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa')) {
    const parts = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse();
    return parts.length === 4 ? parts.join('.') : undefined;
  }
  const digits = name.slice(0, -'.ip6.arpa'.length).split('.').reverse();
  if (digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  return digits.join('').replaceAll(/(.{4})(?!$)/g, '$1:');
}

/** An address of IPv6 as eight groups of four digits; undefined when it is none. */
function expandIPv6(text: string): string | undefined {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => group.toLowerCase().padStart(4, '0')).join(':');
}
