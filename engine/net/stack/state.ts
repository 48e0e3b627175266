/**
 * What changes in the network of all machines: plain data. Links, routes, neighbours and the like are frozen values
 * that are replaced, so that copies of the state share them.
 */

import type { Prefix } from '../ipv4.ts';
import type { LinkEnd } from '../linux.ts';
import { type NetfilterState, netfilterState } from '../netfilter/state.ts';
import type { Packet } from '../packet.ts';
import type { NetnsId, PacketTrace } from '../trace.ts';
import type { SocketState } from './socket-state.ts';
import type { SocketId } from './sockets.ts';

/** All machines and what runs between them. */
export interface NetworkState {
  /** Counts every change of links, addresses and namespaces; what was learned before the last one is asked anew. */
  generation: number;
  nextPacketId: number;
  nextSocketId: number;
  nextCaptureId: number;
  /** Machine to its namespaces, its own first. */
  readonly machines: Map<string, readonly NetnsId[]>;
  readonly namespaces: Map<NetnsId, NamespaceState>;
  readonly sockets: Map<SocketId, SocketState>;
  /** Pid to its open sockets. */
  readonly socketsOfPid: Map<number, Set<SocketId>>;
  readonly captures: Map<number, PacketTrace[]>;
  /** What programs that listen in have seen, by pid. */
  readonly taps: Map<number, Tap>;
}

/** A program that sees the packets of a namespace, as a packet socket does. */
export interface Tap {
  readonly netns: NetnsId;
  /** How many packets were let go, being too old. */
  forgotten: number;
  readonly packets: TappedPacket[];
}

/** A packet as it passed a link. */
export interface TappedPacket {
  readonly atMs: number;
  readonly link: string;
  readonly isOutgoing: boolean;
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly packet: Packet;
}

/** A network namespace. */
export interface NamespaceState {
  readonly id: NetnsId;
  readonly machine: string;
  nextLinkIndex: number;
  /** By name, in order of index. */
  readonly links: Map<string, Link>;
  /** Of links that packets have passed, by name. */
  readonly linkCounters: Map<string, LinkCounters>;
  routes: readonly Route[];
  /** In order of preference. */
  rules: readonly RoutingRule[];
  /** Tables that have, or once had, a route. */
  readonly routeTables: Set<number>;
  /** Values that were set, by dotted name. */
  readonly sysctls: Map<string, string>;
  /** By `link address`. */
  readonly neighbours: Map<string, Neighbour>;
  /** What bridges learned: by `bridge mac`. */
  readonly forwarding: Map<string, ForwardingEntry>;
  /** The numbers by which this namespace knows others (`link-netnsid`). */
  readonly netnsNumbers: Map<NetnsId, number>;
  netfilter: NetfilterState;
  /** Listening and bound sockets by `protocol:port`. */
  readonly listeners: Map<string, readonly SocketId[]>;
  /** TCP connections by their four addresses and ports. */
  readonly connections: Map<string, SocketId>;
}

/** A network interface. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly kind: 'loopback' | 'veth' | 'bridge' | 'ether';
  readonly mac: string;
  readonly mtuBytes: number;
  readonly up: boolean;
  /** The other end of a veth pair or cable. */
  readonly peer?: LinkEnd;
  /** The bridge that it is a port of. */
  readonly master?: string;
  /** Whether a bridge may send a frame back through this port. */
  readonly hairpin: boolean;
  readonly addresses: readonly LinkAddress[];
}

/** What passed a link, both ways. */
export interface LinkCounters {
  receivedBytes: number;
  receivedPackets: number;
  sentBytes: number;
  sentPackets: number;
}

/** An address of a link. */
export interface LinkAddress {
  readonly address: string;
  readonly value: number;
  readonly prefixLength: number;
  readonly scope: 'global' | 'host';
  /** Another address of the same link has this network already. */
  readonly secondary: boolean;
}

/** A route. Frozen. */
export interface Route {
  /** By number: see {@link ./routing-rules.ts}. */
  readonly table: number;
  readonly type: 'unicast' | 'local' | 'broadcast' | RefusingType | 'throw';
  readonly prefix: Prefix;
  /** At least one, but for routes that refuse or throw. */
  readonly nextHops: readonly NextHop[];
  /** Of several to one destination the lowest is taken. */
  readonly metric: number;
  readonly source?: string;
  readonly scope: 'global' | 'link' | 'host';
  readonly protocol?: string;
}

/** What a route or a rule refuses with. */
export type RefusingType = 'blackhole' | 'unreachable' | 'prohibit';

/** A rule of `ip rule`: which table is asked for which packets. Frozen. */
export interface RoutingRule {
  readonly preference: number;
  /** A table's number, or a refusal. */
  readonly action: number | RefusingType;
  readonly inverted?: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly inLink?: string;
  readonly outLink?: string;
}

/** Where a route leads; without `via` the destination itself is on the link. */
export interface NextHop {
  readonly link: string;
  readonly via?: string;
}

/** An entry of the neighbour table. `waiting` holds the packets that will be answered when nobody is found. */
export interface Neighbour {
  readonly address: string;
  readonly link: string;
  readonly mac?: string;
  /** Set by hand: it is never asked for again. */
  readonly isPermanent?: boolean;
  /** When it was last known to be true, for REACHABLE or STALE. */
  readonly confirmedMs: number;
  readonly generation: number;
  readonly waiting?: readonly Packet[];
}

/** Behind which port of a bridge a station was seen. */
export interface ForwardingEntry {
  readonly port: string;
  readonly seenMs: number;
  readonly generation: number;
}

/** The tables that have a name. Source: /etc/iproute2/rt_tables; Linux uapi/linux/rtnetlink.h. */
export const routeTables = { default: 253, main: 254, local: 255 } as const;

/** The rules of a new namespace. Source: fib_default_rules_init in Linux net/ipv4/fib_rules.c. */
export const firstRules: readonly RoutingRule[] = Object.freeze([
  Object.freeze({ preference: 0, action: routeTables.local }),
  Object.freeze({ preference: 32_766, action: routeTables.main }),
  Object.freeze({ preference: 32_767, action: routeTables.default }),
]);

/** The first state: no machines. */
export function networkState(): NetworkState {
  return {
    generation: 0,
    nextPacketId: 1,
    nextSocketId: 1,
    nextCaptureId: 1,
    machines: new Map(),
    namespaces: new Map(),
    sockets: new Map(),
    socketsOfPid: new Map(),
    captures: new Map(),
    taps: new Map(),
  };
}

/** The first state of a namespace, without links. */
export function namespaceState(machine: string, id: NetnsId): NamespaceState {
  return {
    id,
    machine,
    nextLinkIndex: 1,
    links: new Map(),
    linkCounters: new Map(),
    routes: Object.freeze([]),
    rules: firstRules,
    routeTables: new Set([routeTables.local, routeTables.main]),
    sysctls: new Map(),
    neighbours: new Map(),
    forwarding: new Map(),
    netnsNumbers: new Map(),
    netfilter: netfilterState(),
    listeners: new Map(),
    connections: new Map(),
  };
}
