/** Finds or makes the connection of a packet, and follows its state: the conntrack step of PREROUTING and OUTPUT. */

import type { PacketView } from '../view.ts';
import {
  type Connection,
  confirmConnection,
  deleteConnection,
  directionOf,
  findConnection,
  type InFlight,
  invertTuple,
  keyOf,
  rememberInFlight,
  type Tuple,
  trackedHeader,
  tupleOf,
} from './connection.ts';
import { type Direction, nextTcpState, openTcp, tcpTimeoutSeconds } from './tcp-state.ts';

/** Time-outs in seconds. Source: networking/nf_conntrack-sysctl, and nf_conntrack_proto_sctp for established ones. */
const udpSeconds = 30;
const udpStreamSeconds = 120;
const icmpSeconds = 30;
const sctpSeconds = 30;
const sctpEstablishedSeconds = 210;
/** A UDP flow that lives longer than this counts as a stream. */
const streamAfterMs = 2_000;

/** Gives the view its connection; a packet that is tracked already (over the loopback) keeps the one it has. */
export function trackPacket(view: PacketView): void {
  const { conntrack } = view;
  const known = conntrack.inFlight.get(view.packet.id);
  const inFlight = known ?? findFor(view);
  if (known === undefined) rememberInFlight(conntrack, view.packet.id, inFlight);
  adopt(view, inFlight);
}

/** Gives the view what an earlier hook found out. */
export function recallPacket(view: PacketView): void {
  const known = view.conntrack.inFlight.get(view.packet.id);
  if (known !== undefined) adopt(view, known);
}

/**
 * The packet goes without a connection: `-j NOTRACK`. One that has its connection already, from the way out over the
 * loopback or from the packet that it answers, keeps it. Source: notrack_tg in Linux net/netfilter/xt_CT.c.
 */
export function leaveUntracked(view: PacketView): void {
  if (view.conntrack.inFlight.get(view.packet.id)?.connection !== undefined) return;
  const inFlight: InFlight = { kind: 'untracked', connection: undefined, direction: 'original' };
  rememberInFlight(view.conntrack, view.packet.id, inFlight);
  adopt(view, inFlight);
}

/** The packet has left netfilter: its connection is put in the table, unless it is there. An answer confirms nothing. */
export function confirmPacket(view: PacketView): void {
  const { connection, direction } = view;
  if (connection === undefined || connection.confirmed || direction === 'reply') return;
  if (view.connectionState === 'RELATED') return;
  confirmConnection(view.conntrack, connection, view.context.nowMs);
}

function adopt(view: PacketView, inFlight: InFlight): void {
  const { kind, connection, direction } = inFlight;
  view.connection = connection;
  view.direction = direction;
  if (kind === 'untracked') view.connectionState = 'UNTRACKED';
  else if (kind === 'invalid' || connection === undefined) view.connectionState = 'INVALID';
  else if (kind === 'related') view.connectionState = 'RELATED';
  else {
    const isAnswered = direction === 'reply' || connection.seenReply;
    view.connectionState = isAnswered ? 'ESTABLISHED' : 'NEW';
  }
}

function findFor(view: PacketView): InFlight {
  const { packet, conntrack, context } = view;
  const header = trackedHeader(packet);
  if (header === undefined) return findRelated(view);
  const key = keyOf(header);
  const connection = findConnection(conntrack, key, context.nowMs);
  if (connection === undefined) return openConnection(view, tupleOf(header), key);
  const direction = directionOf(connection, key);
  const outcome = follow(view, connection, direction);
  if (outcome === 'reopened') {
    deleteConnection(conntrack, connection);
    return openConnection(view, tupleOf(header), key);
  }
  return outcome === 'invalid'
    ? { kind: 'invalid', connection: undefined, direction: 'original' }
    : { kind: 'tracked', connection, direction };
}

/** An ICMP error belongs to the connection whose packet it quotes, in the direction that answers that packet. */
function findRelated(view: PacketView): InFlight {
  const { icmp } = view.packet;
  const invalid: InFlight = { kind: 'invalid', connection: undefined, direction: 'original' };
  if (icmp === undefined || !('quoted' in icmp)) return invalid;
  const key = keyOf(invertTuple(icmp.quoted));
  const connection = findConnection(view.conntrack, key, view.context.nowMs);
  if (connection === undefined) return invalid;
  return { kind: 'related', connection, direction: directionOf(connection, key) };
}

function openConnection(view: PacketView, tuple: Tuple, key: string): InFlight {
  const { packet, context } = view;
  const invalid: InFlight = { kind: 'invalid', connection: undefined, direction: 'original' };
  const tcp = packet.tcp === undefined ? undefined : openTcp(packet.tcp);
  if (tcp === 'invalid' || (packet.protocol === 'tcp' && tcp === undefined)) return invalid;
  if (packet.protocol === 'icmp' && packet.icmp?.type !== 'echo-request') return invalid;
  const connection: Connection = {
    protocol: packet.protocol,
    original: tuple,
    originalKey: key,
    reply: invertTuple(tuple),
    replyKey: undefined,
    createdMs: context.nowMs,
    expiresMs: 0,
    confirmed: false,
    seenReply: false,
    assured: false,
    sourceNat: false,
    destinationNat: false,
    sourceNatDone: false,
    destinationNatDone: false,
    tcp,
    mark: 0,
  };
  refresh(view, connection);
  return { kind: 'tracked', connection, direction: 'original' };
}

/** Follows a packet of a known connection. */
function follow(
  view: PacketView,
  connection: Connection,
  direction: Direction,
): 'valid' | 'invalid' | 'reopened' {
  const { tcp } = view.packet;
  if (connection.tcp !== undefined && tcp !== undefined) {
    const next = nextTcpState(connection.tcp, tcp, direction);
    if (next === 'invalid') return 'invalid';
    const isOver = connection.tcp === 'TIME_WAIT' || connection.tcp === 'CLOSE';
    if (next === 'SYN_SENT' && isOver) return 'reopened';
    if (next !== 'ignore') connection.tcp = next;
    if (connection.seenReply && connection.tcp === 'ESTABLISHED') connection.assured = true;
  }
  if (direction === 'reply') connection.seenReply = true;
  else if (connection.seenReply && connection.protocol !== 'tcp' && connection.protocol !== 'icmp') {
    if (view.context.nowMs - connection.createdMs > streamAfterMs) connection.assured = true;
  }
  refresh(view, connection);
  return 'valid';
}

function refresh(view: PacketView, connection: Connection): void {
  const [name, standard] = timeoutOf(connection);
  const seconds = view.conntrack.timeoutSeconds.get(name) ?? standard;
  connection.expiresMs = view.context.nowMs + seconds * 1000;
}

/** The sysctl (behind `net.netfilter.nf_conntrack_`) that rules a connection's time, and its default. */
function timeoutOf(connection: Connection): readonly [string, number] {
  const { protocol, tcp, assured, seenReply } = connection;
  switch (protocol) {
    case 'tcp': {
      const state = tcp ?? 'ESTABLISHED';
      return [
        `tcp_timeout_${state === 'SYN_SENT2' ? 'syn_sent' : state.toLowerCase()}`,
        tcpTimeoutSeconds[state],
      ];
    }
    case 'udp':
      return assured ? ['udp_timeout_stream', udpStreamSeconds] : ['udp_timeout', udpSeconds];
    case 'icmp':
      return ['icmp_timeout', icmpSeconds];
    case 'sctp':
      return seenReply
        ? ['sctp_timeout_established', sctpEstablishedSeconds]
        : ['sctp_timeout_cookie_wait', sctpSeconds];
  }
}
