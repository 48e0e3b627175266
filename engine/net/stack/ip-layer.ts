/**
 * Layer 3: what a machine does with a packet of its own and with one that came in. The hooks are met in the kernel's
 * order; a packet whose destination was changed on its way out is routed once more.
 * Source: Linux net/ipv4/ip_input.c, ip_forward.c, ip_output.c, route.c; ip_route_me_harder in net/ipv4/netfilter.c.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseIPv4 } from '../ipv4.ts';
import { changedPacket, type IcmpErrorKind, type Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { Verdict } from '../trace.ts';
import { passHook, sendIcmpError } from './hooks.ts';
import { emit } from './link-layer.ts';
import { headerOf } from './packets.ts';
import {
  formatRoute,
  isLocalAddress,
  lookupRoute,
  type NoRoute,
  type RoutePath,
  routePacket,
  whyNoRoute,
} from './routes.ts';
import type { Link, NamespaceState } from './state.ts';
import { isForwarding, isLocalnetRouted, reversePathFilter } from './sysctl.ts';
import type { Arrival, Flight, Walk } from './walk.ts';

/** Takes a packet that has arrived and says what became of it. */
export type Deliver = (namespace: NamespaceState, packet: Packet) => Verdict;

/** Sends a packet that this machine made. The error is what a system call would return for it. */
export function sendPacket(walk: Walk, flight: Flight, namespace: NamespaceState): Result<void, Errno> {
  const { packet } = flight;
  flight.hops?.push({ step: 'send', at: namespace.id, header: headerOf(packet) });
  let path = routePacket(namespace, packet);
  if (path === undefined) return refuse(walk, flight, namespace);
  recordRoute(flight, namespace, path);
  if (!passHook(walk, flight, namespace, 'OUTPUT', { outLink: outLinkOf(path) })) return err('EPERM');
  // For a new mark the kernel asks again only after table mangle, where marks for routing are set.
  const isMarkedAnew = namespace.rules.length > 3 && flight.packet.mark !== packet.mark;
  if (flight.packet.destination !== packet.destination || isMarkedAnew) {
    path = routePacket(namespace, flight.packet);
    if (path === undefined) return refuse(walk, flight, namespace);
    recordRoute(flight, namespace, path);
  }
  const outLink = outLinkOf(path);
  if (isLoopback(packet.source) && outLink !== 'lo' && !isLocalnetRouted(namespace, outLink)) {
    walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'martian-source' });
    return err('EINVAL');
  }
  const nextHop = path.hop.via ?? flight.packet.destination;
  if (!passHook(walk, flight, namespace, 'POSTROUTING', { outLink, nextHop })) return err('EPERM');
  const arrival = emit(walk, flight, namespace, outLink, nextHop);
  if (arrival !== undefined) walk.enqueue(flight, arrival);
  return ok(undefined);
}

/** A packet came in over a link: it is delivered here, passed on (then returns where it comes in next), or ends. */
export function receivePacket(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  link: Link,
  { prerouted, deliver }: { readonly prerouted: boolean; readonly deliver: Deliver },
): Arrival | undefined {
  if (!prerouted && !passHook(walk, flight, namespace, 'PREROUTING', { inLink: link.name })) return undefined;
  const isOwn = link.kind === 'loopback';
  if (!isOwn && isMartian(namespace, link, flight.packet)) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'martian-source' });
  }
  const path = routePacket(namespace, flight.packet, link.name);
  if (isOwn || (path !== undefined && path.route.type !== 'unicast')) {
    flight.hops?.push({ step: 'route', at: namespace.id, route: 'local', link: link.name });
    if (!passHook(walk, flight, namespace, 'INPUT', { inLink: link.name })) return undefined;
    return walk.end(flight, deliver(namespace, flight.packet));
  }
  if (!isForwarding(namespace, link.name)) {
    return walk.end(flight, { kind: 'discarded', at: namespace.id, reason: 'not-forwarding' });
  }
  return forward(walk, flight, namespace, link, path);
}

function forward(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  link: Link,
  path: RoutePath | undefined,
): Arrival | undefined {
  const { packet } = flight;
  if (path === undefined) {
    const why = whyNoRoute(namespace, packet, link.name);
    const kind = icmpErrors[why.errno];
    if (kind !== undefined) sendIcmpError(walk, namespace, packet, kind);
    return walk.end(flight, noRoute(namespace, packet, why));
  }
  recordRoute(flight, namespace, path);
  if (packet.ttl <= 1) {
    sendIcmpError(walk, namespace, packet, 'time-exceeded');
    return walk.end(flight, { kind: 'ttl-exceeded', at: namespace.id });
  }
  flight.packet = changedPacket(packet, { ttl: packet.ttl - 1 });
  const outLink = path.hop.link;
  const nextHop = path.hop.via ?? packet.destination;
  if (!passHook(walk, flight, namespace, 'FORWARD', { inLink: link.name, outLink })) return undefined;
  if (!passHook(walk, flight, namespace, 'POSTROUTING', { outLink, nextHop })) return undefined;
  return emit(walk, flight, namespace, outLink, nextHop);
}

/** What the sender is told of a packet without a way: of a black hole nothing. Source: ip_error in Linux net/ipv4/route.c. */
const icmpErrors: Readonly<Partial<Record<Errno, IcmpErrorKind>>> = {
  ENETUNREACH: 'net',
  EHOSTUNREACH: 'host',
  EACCES: 'admin-prohibited',
};

function refuse(walk: Walk, flight: Flight, namespace: NamespaceState): Result<void, Errno> {
  const why = whyNoRoute(namespace, flight.packet);
  walk.end(flight, noRoute(namespace, flight.packet, why));
  return err(why.errno);
}

function noRoute(namespace: NamespaceState, { destination }: Packet, { because }: NoRoute): Verdict {
  return {
    kind: 'no-route',
    at: namespace.id,
    destination,
    ...(because === undefined ? {} : { because }),
  };
}

/** What is for the machine itself goes over `lo`, whichever link has the address. */
function outLinkOf(path: RoutePath): string {
  return path.route.type === 'local' ? 'lo' : path.hop.link;
}

function recordRoute(flight: Flight, namespace: NamespaceState, path: RoutePath): void {
  if (flight.hops === undefined) return;
  const isLocal = path.route.type === 'local';
  flight.hops.push({
    step: 'route',
    at: namespace.id,
    route: isLocal ? 'local' : formatRoute(path.route, path.hop),
    link: outLinkOf(path),
    ...(path.hop.via === undefined ? {} : { via: path.hop.via }),
  });
}

/** Source: fib_validate_source in Linux net/ipv4/fib_frontend.c, ip_route_input_slow in route.c. */
function isMartian(namespace: NamespaceState, link: Link, packet: Packet): boolean {
  if (isLocalAddress(namespace, packet.source)) return true;
  const isFromLoopback = isLoopback(packet.source);
  if ((isFromLoopback || isLoopback(packet.destination)) && !isLocalnetRouted(namespace, link.name))
    return true;
  const mode = reversePathFilter(namespace, link.name);
  const source = mode === 0 ? undefined : parseIPv4(packet.source);
  if (source === undefined) return false;
  const back = lookupRoute(namespace, source, { source: packet.destination });
  return back === undefined || (mode === 1 && back.nextHops.every((hop) => hop.link !== link.name));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}
