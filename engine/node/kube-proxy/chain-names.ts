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
  const hash = hashName(servicePortName + protocol);
  return Object.freeze({
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    firewall: `KUBE-FW-${hash}`,
    external: `KUBE-EXT-${hash}`,
  });
}

/** The name for one endpoint, given as `address:port`, of a Service port. */
export function endpointChainName(servicePortName: string, protocol: string, endpoint: string): string {
  return `KUBE-SEP-${hashName(servicePortName + protocol + endpoint)}`;
}

/** Whether a chain is one of a Service port or endpoint. */
export function isServiceChainName(chain: string): boolean {
  return prefixes.some((prefix) => chain.startsWith(prefix));
}

// The proxies of all nodes ask for the same names at every sync. A hash never changes, so keeping it is not shared state.
const knownHashes = new Map<string, string>();
const maxKnownHashes = 50_000;

function hashName(text: string): string {
  const known = knownHashes.get(text);
  if (known !== undefined) return known;
  const name = computeHash(text);
  if (knownHashes.size >= maxKnownHashes) knownHashes.clear();
  knownHashes.set(text, name);
  return name;
}

/** Ten bytes are sixteen characters of five bits: every five hexadecimal digits give four of them. */
function computeHash(text: string): string {
  const digest = hash('sha256', text, 'hex');
  let name = '';
  for (let at = 0; at < 20; at += 5) {
    const bits = Number.parseInt(digest.slice(at, at + 5), 16);
    name += (letterPairs[bits >>> 10] ?? '') + (letterPairs[bits & 1023] ?? '');
  }
  return name;
}

/** The two characters of each ten bits. */
const letterPairs = [...base32Letters].flatMap((first) => [...base32Letters].map((second) => first + second));
