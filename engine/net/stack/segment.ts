/**
 * Layer 2: which stations a frame can reach from a link, the neighbour table that ARP fills, and the forwarding tables
 * of bridges. ARP is not sent as packets: who would answer is found by walking the segment, as a broadcast would. An
 * entry that was learned before the topology last changed is asked anew, which stands for the kernel's own checks
 * (delay and probe) without their time.
 * Source: Linux net/ipv4/arp.c, net/core/neighbour.c, net/bridge/br_fdb.c; RFC 826.
 */
import { parseIPv4 } from '../ipv4.ts';
import { peerOf, portsOf } from './namespaces.ts';
import { isLocalAddress, linkAddressTowards } from './routes.ts';
import type { ForwardingEntry, Link, NamespaceState, Neighbour, NetworkState } from './state.ts';

/** A link that takes frames for itself: an end that is no port of a bridge, or a bridge. */
export interface Station {
  readonly namespace: NamespaceState;
  readonly link: Link;
}

/** How long an entry counts as REACHABLE. Source: base_reachable_time_ms in Linux Documentation/networking/ip-sysctl. */
export const reachableMs = 30_000;

/** How often a bridge's memory of a station is renewed; its age is told in seconds. */
const learningStepMs = 1_000;

/**
 * The MAC address of a neighbour on a link, from the table or by asking; undefined when nobody has the address. Asking
 * teaches both sides.
 */
export function resolveNeighbour(
  state: NetworkState,
  station: Station,
  address: string,
  nowMs: number,
): string | undefined {
  const { namespace, link } = station;
  const known = namespace.neighbours.get(neighbourKey(link.name, address));
  if (known?.isPermanent === true) return known.mac;
  const isCurrent = known !== undefined && known.generation === state.generation;
  if (isCurrent && known.mac === undefined) return undefined;
  if (isCurrent && nowMs - known.confirmedMs <= reachableMs) return known.mac;
  const owner = isCurrent ? undefined : findOwner(state, station, address);
  const mac = isCurrent ? known.mac : owner?.link.mac;
  if (mac === undefined) return undefined;
  setNeighbour(namespace, {
    address,
    link: link.name,
    mac,
    confirmedMs: nowMs,
    generation: state.generation,
  });
  if (owner !== undefined) introduce(state, station, owner, address);
  return mac;
}

/** Sets an entry of the neighbour table. */
export function setNeighbour(namespace: NamespaceState, neighbour: Neighbour): void {
  namespace.neighbours.set(neighbourKey(neighbour.link, neighbour.address), Object.freeze(neighbour));
}

/** The entry for an address on a link. */
export function neighbourOn(namespace: NamespaceState, link: string, address: string): Neighbour | undefined {
  return namespace.neighbours.get(neighbourKey(link, address));
}

/** Notes that frames of a station come through a port. */
export function learnStation(
  state: NetworkState,
  namespace: NamespaceState,
  port: Link,
  mac: string,
  nowMs: number,
): void {
  if (port.master === undefined) return;
  const key = `${port.master} ${mac}`;
  const known = namespace.forwarding.get(key);
  const isFresh =
    known?.port === port.name &&
    known.generation === state.generation &&
    nowMs - known.seenMs < learningStepMs;
  if (!isFresh)
    setForwarding(namespace, key, { port: port.name, seenMs: nowMs, generation: state.generation });
}

/** The port of a bridge behind which a station is, or undefined when it is behind none. */
export function portTowards(
  state: NetworkState,
  namespace: NamespaceState,
  bridge: string,
  mac: string,
  nowMs: number,
): Link | undefined {
  const key = `${bridge} ${mac}`;
  const known = namespace.forwarding.get(key);
  const learned = known?.generation === state.generation ? namespace.links.get(known.port) : undefined;
  if (learned?.master === bridge) return learned;
  for (const port of portsOf(namespace, bridge)) {
    for (const station of stationsBehind(state, { namespace, link: port })) {
      if (station.link.mac !== mac) continue;
      setForwarding(namespace, key, { port: port.name, seenMs: nowMs, generation: state.generation });
      return port;
    }
  }
  return undefined;
}

/** Every station that a broadcast over a link would reach, nearest first. */
function* stationsBehind(state: NetworkState, start: Station): Generator<Station> {
  const leaving: Station[] = [start];
  const seen = new Set<string>();
  for (let end = leaving.shift(); end !== undefined; end = leaving.shift()) {
    const key = `${end.namespace.id} ${end.link.name}`;
    if (seen.has(key) || !end.link.up) continue;
    seen.add(key);
    if (end.link.kind === 'bridge') {
      for (const port of portsOf(end.namespace, end.link.name)) {
        leaving.push({ namespace: end.namespace, link: port });
      }
      continue;
    }
    const arrival = peerOf(state, end.link);
    if (arrival === undefined || !arrival.link.up) continue;
    const { namespace } = arrival;
    if (arrival.link.master === undefined) {
      yield arrival;
      continue;
    }
    seen.add(`${namespace.id} ${arrival.link.name}`);
    const bridge = namespace.links.get(arrival.link.master);
    if (bridge === undefined || !bridge.up) continue;
    yield { namespace, link: bridge };
    for (const port of portsOf(namespace, bridge.name)) leaving.push({ namespace, link: port });
  }
}

/**
 * Who answers for an address: any machine that has it, on whichever link. Source: arp_ignore in Linux
 * Documentation/networking/ip-sysctl (default 0); loopback addresses are never answered for.
 */
function findOwner(state: NetworkState, station: Station, address: string): Station | undefined {
  const value = parseIPv4(address);
  if (value === undefined || value >>> 24 === 127) return undefined;
  for (const candidate of stationsBehind(state, station)) {
    if (candidate.namespace !== station.namespace && isLocalAddress(candidate.namespace, address)) {
      return candidate;
    }
  }
  return undefined;
}

/** The one who was asked notes who asked, as arp_process does, but not as reachable yet. */
function introduce(state: NetworkState, asking: Station, owner: Station, address: string): void {
  const source = linkAddressTowards(asking.namespace, asking.link.name, address);
  if (source === undefined || parseIPv4(source) === undefined) return;
  const known = neighbourOn(owner.namespace, owner.link.name, source);
  if (known?.mac === asking.link.mac && known.generation === state.generation) return;
  setNeighbour(owner.namespace, {
    address: source,
    link: owner.link.name,
    mac: asking.link.mac,
    confirmedMs: Number.NEGATIVE_INFINITY,
    generation: state.generation,
  });
}

function setForwarding(namespace: NamespaceState, key: string, entry: ForwardingEntry): void {
  namespace.forwarding.set(key, Object.freeze(entry));
}

function neighbourKey(link: string, address: string): string {
  return `${link} ${address}`;
}
