/**
 * The table of connections: what the kernel's connection tracking knows of each flow, found by the addresses and ports
 * of either direction. Time-outs run on virtual time; what has run out is dropped when it is met.
 * Left out: expectations (helpers), zones, accounting, and the early drop of unanswered connections.
 */
import type { Packet } from '../../packet.ts';
import type { PacketHeader, Protocol } from '../../trace.ts';
import type { Direction, TcpState } from './tcp-state.ts';

/** One direction's addresses. For icmp the source port is the echo's identifier, the destination port its type. */
export type Tuple = PacketHeader;

/** One connection. It is found by two keys; NAT shows in `reply` not being `original` turned round. */
export interface Connection {
  readonly protocol: Protocol;
  readonly original: Tuple;
  readonly originalKey: string;
  /** Changed by {@link changeReply} only. */
  reply: Tuple;
  /** Asked of {@link replyKeyOf}, which makes it: NAT changes the reply before anybody looks for it. */
  replyKey: string | undefined;
  readonly createdMs: number;
  expiresMs: number;
  /** Its first packet has left the machine or been delivered: only then is it in the table. */
  confirmed: boolean;
  seenReply: boolean;
  assured: boolean;
  sourceNat: boolean;
  destinationNat: boolean;
  /** The nat table was asked, and its answer holds for the connection's life. */
  sourceNatDone: boolean;
  destinationNatDone: boolean;
  tcp: TcpState | undefined;
  mark: number;
}

/** What connection tracking says of a packet that is between two hooks. */
export interface InFlight {
  readonly kind: 'tracked' | 'related' | 'untracked' | 'invalid';
  readonly connection: Connection | undefined;
  readonly direction: Direction;
}

/** What changes in connection tracking. */
export interface ConntrackState {
  /** By the tuples' keys, twice for each connection. */
  byTuple: Map<string, Connection>;
  /** By packet id. */
  inFlight: Map<number, InFlight>;
  /** The table is swept when it has grown to this. */
  sweepAtSize: number;
  /** Parameters of time-outs that were set, in seconds, by {@link setConntrackTimeout}. */
  timeoutSeconds: Map<string, number>;
}

/** Keys (two a connection) below which sweeping is not worth it. */
const minSweepSize = 512;
/** Keys that the table holds at most. Source: net.netfilter.nf_conntrack_max, 131072 on a machine of some GB. */
const maxKeys = 262_144;
/** Packets between two hooks at once; more are left over from packets that ended between hooks. */
const maxInFlight = 64;

/** A table without connections. */
export function conntrackState(): ConntrackState {
  return { byTuple: new Map(), inFlight: new Map(), sweepAtSize: minSweepSize, timeoutSeconds: new Map() };
}

/** All of a tuple in one text, by which its connection is found. */
export function keyOf({ protocol, source, sourcePort, destination, destinationPort }: PacketHeader): string {
  return `${protocol} ${source}:${sourcePort} ${destination}:${destinationPort}`;
}

/** The key of a connection's answers. */
export function replyKeyOf(connection: Connection): string {
  connection.replyKey ??= keyOf(connection.reply);
  return connection.replyKey;
}

/** Has a connection that is not in the table yet be answered from elsewhere; the key where it is known. */
export function changeReply(connection: Connection, reply: Tuple, key?: string): void {
  connection.reply = reply;
  connection.replyKey = key;
}

/** The types that an echo and its reply have. Source: RFC 792. */
const echoRequest = 8;
const echoReply = 0;

/** The direction that answers this one. */
export function invertTuple({
  protocol,
  source,
  sourcePort,
  destination,
  destinationPort,
}: PacketHeader): Tuple {
  const isEcho = protocol === 'icmp';
  return Object.freeze({
    protocol,
    source: destination,
    sourcePort: isEcho ? sourcePort : destinationPort,
    destination: source,
    destinationPort: isEcho ? (destinationPort === echoRequest ? echoReply : echoRequest) : sourcePort,
  });
}

/**
 * What a packet's connection is found by: the packet itself, whose ports tell, or an echo's numbers in their places.
 * Undefined for ICMP errors, which belong to the connection they quote.
 */
export function trackedHeader(packet: Packet): PacketHeader | undefined {
  const { protocol, source, destination, icmp } = packet;
  if (protocol !== 'icmp') return packet;
  if (icmp?.type !== 'echo-request' && icmp?.type !== 'echo-reply') return undefined;
  const destinationPort = icmp.type === 'echo-request' ? echoRequest : echoReply;
  return { protocol, source, sourcePort: icmp.identifier, destination, destinationPort };
}

/** A header as a connection keeps it. */
export function tupleOf({ protocol, source, sourcePort, destination, destinationPort }: PacketHeader): Tuple {
  return Object.freeze({ protocol, source, sourcePort, destination, destinationPort });
}

/** The connection a tuple belongs to, unless its time has run out; that one is forgotten. */
export function findConnection(
  conntrack: ConntrackState,
  key: string,
  nowMs: number,
): Connection | undefined {
  const connection = conntrack.byTuple.get(key);
  if (connection === undefined || connection.expiresMs > nowMs) return connection;
  deleteConnection(conntrack, connection);
  return undefined;
}

/**
 * Which direction of its connection a key names. One that NAT has turned back onto its own client has the same key twice:
 * the answers are found then. Source: __nf_conntrack_hash_insert of net/netfilter/nf_conntrack_core.c, which puts them first.
 */
export function directionOf(connection: Connection, key: string): Direction {
  return replyKeyOf(connection) === key ? 'reply' : 'original';
}

/** Forgets a connection. */
export function deleteConnection(conntrack: ConntrackState, connection: Connection): void {
  for (const key of [connection.originalKey, replyKeyOf(connection)]) {
    if (conntrack.byTuple.get(key) === connection) conntrack.byTuple.delete(key);
  }
}

/** Puts a connection into the table; one that has its place by a clash of tuples gives way. */
export function confirmConnection(conntrack: ConntrackState, connection: Connection, nowMs: number): void {
  connection.confirmed = true;
  if (conntrack.byTuple.size >= conntrack.sweepAtSize) sweep(conntrack, nowMs);
  for (const key of [connection.originalKey, replyKeyOf(connection)]) {
    const other = conntrack.byTuple.get(key);
    if (other !== undefined && other !== connection) deleteConnection(conntrack, other);
    conntrack.byTuple.set(key, connection);
  }
}

function sweep(conntrack: ConntrackState, nowMs: number): void {
  for (const connection of conntrack.byTuple.values()) {
    if (connection.expiresMs <= nowMs) deleteConnection(conntrack, connection);
  }
  for (const connection of conntrack.byTuple.values()) {
    if (conntrack.byTuple.size < maxKeys) break;
    deleteConnection(conntrack, connection);
  }
  conntrack.sweepAtSize = Math.max(minSweepSize, conntrack.byTuple.size * 2);
}

/** Remembers what is known of a packet until its next hook. */
export function rememberInFlight(conntrack: ConntrackState, packetId: number, inFlight: InFlight): void {
  if (conntrack.inFlight.size >= maxInFlight) {
    const oldest = conntrack.inFlight.keys().next();
    if (oldest.done !== true) conntrack.inFlight.delete(oldest.value);
  }
  conntrack.inFlight.set(packetId, inFlight);
}

/** Every connection whose time has not run out, in the order in which they were confirmed. */
export function* connectionsOf(conntrack: ConntrackState, nowMs: number): Generator<Connection> {
  for (const [key, connection] of conntrack.byTuple) {
    if (connection.expiresMs > nowMs && directionOf(connection, key) === 'original') yield connection;
  }
}

/** Forgets the connections that are picked by the tuples of their two directions. */
export function forgetConnections(
  conntrack: ConntrackState,
  isPicked: (connection: { readonly original: Tuple; readonly reply: Tuple }) => boolean,
): void {
  for (const [key, connection] of conntrack.byTuple) {
    if (directionOf(connection, key) === 'original' && isPicked(connection)) {
      deleteConnection(conntrack, connection);
    }
  }
}

/** How the kernel's parameters of time-outs are called, up to the name of the protocol and state. */
const timeoutParameter = 'net.netfilter.nf_conntrack_';

/** Takes over a kernel parameter, when it is a time-out of connections; it holds from a connection's next packet on. */
export function setConntrackTimeout(conntrack: ConntrackState, parameter: string, value: string): void {
  if (!parameter.startsWith(timeoutParameter) || !parameter.includes('_timeout')) return;
  if (/^[0-9]{1,9}$/.test(value)) {
    conntrack.timeoutSeconds.set(parameter.slice(timeoutParameter.length), Number(value));
  }
}
