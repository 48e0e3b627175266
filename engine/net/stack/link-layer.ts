/**
 * Frames: from a route's next hop to the MAC address that has it, over links and through bridges.
 * Source: Linux net/bridge/br_forward.c, br_input.c, br_netfilter_hooks.c; net/ipv4/arp.c.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { changedPacket } from '../packet.ts';
import { passHook, sendIcmpError } from './hooks.ts';
import { countOnLink } from './link-counters.ts';
import { peerOf } from './namespaces.ts';
import { headerOf } from './packets.ts';
import { isLocalAddress, routePacket } from './routes.ts';
import { learnStation, neighbourOn, portTowards, resolveNeighbour, setNeighbour } from './segment.ts';
import type { Link, NamespaceState } from './state.ts';
import { isSysctlSet } from './sysctl.ts';
import { tellTaps } from './taps.ts';
import type { Arrival, Flight, Walk } from './walk.ts';

/** The event that a neighbour did not answer in time. */
export const neighbourFailedEvent = 'net/neighbour-failed';

/** Three requests, a second apart. Source: mcast_solicit and retrans_time_ms in Linux ip-sysctl. */
const neighbourTimeoutMs = 3_000;

/** Packets that wait for one neighbour. Source: unres_qlen in Linux ip-sysctl. */
const maxWaitingPackets = 101;

/** Sends a packet over a link to a neighbour. Returns where it comes in, or nothing when its way has ended. */
export function emit(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  linkName: string,
  nextHop: string,
): Arrival | undefined {
  const link = namespace.links.get(linkName);
  if (link === undefined || !link.up) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'link-down' });
  }
  if (link.kind === 'loopback') {
    const frame = { namespace, link, sourceMac: link.mac, destinationMac: link.mac };
    noteTransmit(walk, flight, frame);
    return frame;
  }
  const mac = resolveNeighbour(walk.state, { namespace, link }, nextHop, walk.queue.now());
  if (mac === undefined) {
    holdForNeighbour(walk, flight, namespace, link.name, nextHop);
    return walk.end(flight, { kind: 'no-neighbour', at: namespace.id, link: link.name, address: nextHop });
  }
  if (link.kind !== 'bridge') return leave(walk, flight, namespace, link, link.mac, mac);
  noteTransmit(walk, flight, { namespace, link, sourceMac: link.mac, destinationMac: mac });
  const port = portTowards(walk.state, namespace, link.name, mac, walk.queue.now());
  if (port === undefined) {
    return walk.end(flight, { kind: 'no-neighbour', at: namespace.id, link: link.name, address: nextHop });
  }
  return leave(walk, flight, namespace, port, link.mac, mac);
}

/**
 * Takes a frame in at a port of a bridge: passes it on, or returns the bridge's own link when the frame is for the
 * machine. With bridge-nf-call-iptables the rules of IP see it here already.
 */
export function passBridge(
  walk: Walk,
  flight: Flight,
  { namespace, link: port, sourceMac, destinationMac }: Arrival,
): Arrival | { readonly up: Link; readonly prerouted: boolean } | undefined {
  const bridge = namespace.links.get(port.master ?? '');
  if (bridge === undefined || !bridge.up) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'link-down' });
  }
  const nowMs = walk.queue.now();
  learnStation(walk.state, namespace, port, sourceMac, nowMs);
  const callsIptables = isSysctlSet(namespace, 'net.bridge.bridge-nf-call-iptables');
  let mac: string | undefined = destinationMac;
  if (callsIptables) {
    const before = flight.packet.destination;
    if (!passHook(walk, flight, namespace, 'PREROUTING', { inLink: bridge.name, inPort: port.name })) {
      return undefined;
    }
    if (flight.packet.destination !== before) mac = redirect(walk, flight, namespace, bridge);
    if (mac === undefined) return undefined;
  }
  if (mac === bridge.mac) {
    noteReceive(walk, flight, { namespace, link: bridge, sourceMac, destinationMac: mac });
    return { up: bridge, prerouted: callsIptables };
  }
  const outPort = portTowards(walk.state, namespace, bridge.name, mac, nowMs);
  if (outPort === undefined) {
    const address = flight.packet.destination;
    return walk.end(flight, { kind: 'no-neighbour', at: namespace.id, link: bridge.name, address });
  }
  if (outPort.name === port.name && !port.hairpin) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'hairpin-off' });
  }
  if (callsIptables) {
    const ports = { inPort: port.name, outPort: outPort.name };
    const links = { inLink: bridge.name, outLink: bridge.name };
    if (!passHook(walk, flight, namespace, 'FORWARD', { ...links, ...ports })) return undefined;
    const nextHop = flight.packet.destination;
    const leaving = { outLink: bridge.name, nextHop, ...ports };
    if (!passHook(walk, flight, namespace, 'POSTROUTING', leaving)) return undefined;
  }
  return leave(walk, flight, namespace, outPort, sourceMac, mac);
}

/** Notes that a packet came in over a link. */
export function noteReceive(walk: Walk, flight: Flight, arrival: Arrival): void {
  const { namespace, link } = arrival;
  notePassing(walk, flight, arrival, false);
  flight.hops?.push({ step: 'receive', at: namespace.id, link: link.name, header: headerOf(flight.packet) });
}

function noteTransmit(walk: Walk, flight: Flight, leaving: Arrival): void {
  notePassing(walk, flight, leaving, true);
  flight.hops?.push({ step: 'transmit', at: leaving.namespace.id, link: leaving.link.name });
}

function notePassing({ state, queue }: Walk, { packet }: Flight, frame: Arrival, isOutgoing: boolean): void {
  const { namespace, link, sourceMac, destinationMac } = frame;
  countOnLink(namespace, link, packet, isOutgoing);
  if (state.taps.size === 0) return;
  const seen = { atMs: queue.now(), link: link.name, isOutgoing, sourceMac, destinationMac, packet };
  tellTaps(state, namespace.id, seen);
}

/** Answers the packets that waited for a neighbour in vain, as the handler of {@link neighbourFailedEvent}. */
export function failNeighbour(walk: Walk, payload: JsonValue): void {
  if (!isJsonObject(payload)) return;
  const { netns, link, address } = payload;
  if (typeof netns !== 'string' || typeof link !== 'string' || typeof address !== 'string') return;
  const namespace = walk.state.namespaces.get(netns);
  const known = namespace === undefined ? undefined : neighbourOn(namespace, link, address);
  const outLink = namespace?.links.get(link);
  if (namespace === undefined || known?.waiting === undefined || outLink === undefined) return;
  const { waiting, ...failed } = known;
  setNeighbour(namespace, failed);
  // Whoever got the address meanwhile has missed these packets, but nobody is told that it is unreachable.
  if (resolveNeighbour(walk.state, { namespace, link: outLink }, address, walk.queue.now())) return;
  for (const packet of waiting) sendIcmpError(walk, namespace, packet, 'host');
}

/** The packet is gone unless it can be answered: a held one is not sent late when the neighbour turns up after all. */
function holdForNeighbour(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  link: string,
  address: string,
): void {
  const waiting = neighbourOn(namespace, link, address)?.waiting;
  if (waiting !== undefined && waiting.length >= maxWaitingPackets) return;
  setNeighbour(namespace, {
    address,
    link,
    confirmedMs: walk.queue.now(),
    generation: walk.state.generation,
    waiting: Object.freeze([...(waiting ?? []), flight.packet]),
  });
  if (waiting !== undefined) return;
  walk.queue.schedule({
    kind: neighbourFailedEvent,
    payload: { netns: namespace.id, link, address },
    delayMs: neighbourTimeoutMs,
    background: true,
  });
}

/**
 * Where a bridged frame goes after DNAT: straight to another station of the same bridge, else up into the machine.
 * Source: br_nf_pre_routing_finish in Linux net/bridge/br_netfilter_hooks.c.
 */
function redirect(walk: Walk, flight: Flight, namespace: NamespaceState, bridge: Link): string | undefined {
  if (isLocalAddress(namespace, flight.packet.destination)) return bridge.mac;
  const path = routePacket(namespace, flight.packet, bridge.name);
  if (path?.hop.link !== bridge.name) return bridge.mac;
  const nextHop = path.hop.via ?? flight.packet.destination;
  const mac = resolveNeighbour(walk.state, { namespace, link: bridge }, nextHop, walk.queue.now());
  if (mac !== undefined) return mac;
  return walk.end(flight, { kind: 'no-neighbour', at: namespace.id, link: bridge.name, address: nextHop });
}

function leave(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  link: Link,
  sourceMac: string,
  destinationMac: string,
): Arrival | undefined {
  const peer = link.up ? peerOf(walk.state, link) : undefined;
  if (peer === undefined) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'link-down' });
  }
  noteTransmit(walk, flight, { namespace, link, sourceMac, destinationMac });
  if (peer.namespace !== namespace && flight.packet.mark !== 0) {
    flight.packet = changedPacket(flight.packet, { mark: 0 });
  }
  return { namespace: peer.namespace, link: peer.link, sourceMac, destinationMac };
}
