/**
 * Names of the chains that belong to one Service port or one endpoint.
 * Source: pkg/proxy/iptables/proxier.go in Kubernetes v1.36: the first 16 characters of base32(sha256(text)).
 */
import { hash } from 'node:crypto';

/** RFC 4648's alphabet. */
const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The chains of one Service port; which of them exist depends on the Service. */
export interface ServiceChains {
  /** To any endpoint: traffic policy Cluster. */
  readonly cluster: string;
  /** To endpoints on this node: traffic policy Local. */
  readonly local: string;
  /** Filters by loadBalancerSourceRanges. */
  readonly firewall: string;
  /** Entered by traffic from outside: node ports, external IPs, load balancer IPs. */
  readonly external: string;
}

/** Prefixes of the chains that kube-proxy makes and deletes as Services and endpoints come and go. */
const prefixes = ['KUBE-SVC-', 'KUBE-SVL-', 'KUBE-SEP-', 'KUBE-FW-', 'KUBE-EXT-'];

/** The names for a Service port named `namespace/name:port`; the protocol in lower case. */
export function serviceChainNames(servicePortName: string, protocol: string): ServiceChains {
  return namesOfPort(servicePortName, protocol).service;
}

/** The names for the endpoints of a Service port, each given as `address:port`. */
export function endpointChainNames(servicePortName: string, protocol: string): (endpoint: string) => string {
  const { hashed, byEndpoint } = namesOfPort(servicePortName, protocol);
  return (endpoint) => {
    const known = byEndpoint.get(endpoint);
    if (known !== undefined) return known;
    const name = `KUBE-SEP-${hashName(hashed + endpoint)}`;
    byEndpoint.set(endpoint, name);
    recentNames.count += 1;
    return name;
  };
}

/** Whether a chain is one of a Service port or endpoint. */
export function isServiceChainName(chain: string): boolean {
  return prefixes.some((prefix) => chain.startsWith(prefix));
}

/** The names of the chains of one Service port and of its endpoints. */
interface PortNames {
  /** What is hashed, for an endpoint with its address behind it. */
  readonly hashed: string;
  readonly service: ServiceChains;
  readonly byEndpoint: Map<string, string>;
}

type KnownNames = Map<string, PortNames>;

// The proxies of all nodes ask for the same names at every sync. A hash never changes, so keeping it is not shared state.
const recentNames: { ports: KnownNames; older: KnownNames; count: number } = {
  ports: new Map(),
  older: new Map(),
  count: 0,
};
/** Of each of the two, some 14 MB: the names of ten thousand Services with ten endpoints each. */
const maxRecentNames = 131_072;

function namesOfPort(servicePortName: string, protocol: string): PortNames {
  const hashed = servicePortName + protocol;
  const recent = recentNames.ports.get(hashed);
  if (recent !== undefined) return recent;
  if (recentNames.count >= maxRecentNames) {
    recentNames.older = recentNames.ports;
    recentNames.ports = new Map();
    recentNames.count = 0;
  }
  const names = recentNames.older.get(hashed) ?? nameChains(hashed);
  recentNames.ports.set(hashed, names);
  recentNames.count += 1 + names.byEndpoint.size;
  return names;
}

function nameChains(hashed: string): PortNames {
  const name = hashName(hashed);
  const service = Object.freeze({
    cluster: `KUBE-SVC-${name}`,
    local: `KUBE-SVL-${name}`,
    firewall: `KUBE-FW-${name}`,
    external: `KUBE-EXT-${name}`,
  });
  return { hashed, service, byEndpoint: new Map() };
}

/** Ten bytes are sixteen characters of five bits. They are put together at once, since such names are kept by the thousand. */
function hashName(text: string): string {
  const digest = hash('sha256', text, 'binary');
  const letter = (at: number) => base32Letters.charCodeAt(bitsAt(digest, at * 5));
  return String.fromCharCode(
    letter(0),
    letter(1),
    letter(2),
    letter(3),
    letter(4),
    letter(5),
    letter(6),
    letter(7),
    letter(8),
    letter(9),
    letter(10),
    letter(11),
    letter(12),
    letter(13),
    letter(14),
    letter(15),
  );
}

/** Five bits of a text of bytes. */
function bitsAt(bytes: string, start: number): number {
  const at = start >> 3;
  const both = (bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1);
  return (both >> (11 - (start & 7))) & 31;
}
