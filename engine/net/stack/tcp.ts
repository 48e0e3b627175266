/**
 * TCP as its segments show it: handshake, refusal, data in order, closing, and sending again what was not
 * acknowledged. Left out: windows and congestion (a receiver that holds 16 MiB unread takes no more), delayed and
 * selective acknowledgement, urgent data, keep-alive, and TIME-WAIT (an end that closed first is gone at the peer's FIN).
 * Source: RFC 9293; Linux net/ipv4/tcp_input.c, tcp_ipv4.c.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Packet, TcpHeader } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import type { Verdict } from '../trace.ts';
import { requireNamespace } from './namespaces.ts';
import { resetFor } from './packets.ts';
import { delivered, noListener, type SocketContext } from './socket-context.ts';
import type { TcpConnection, TcpListener } from './socket-state.ts';
import {
  addSocket,
  disown,
  findBound,
  findConnection,
  removeSocket,
  takeSocketId,
  unbind,
} from './socket-table.ts';
import type { NamespaceState } from './state.ts';
import { segmentLength, sendNew, transmit, transmitSegment } from './tcp-segments.ts';

/** Bytes of one segment, as large as a packet may be that is cut only by the network card (GSO). */
const maxSegmentBytes = 65_536 - 40;
/** What one end keeps unread, or unacknowledged. */
const maxBufferedBytes = 16_777_216;
/** Connections that wait to be accepted. Source: net.core.somaxconn in Linux admin-guide/sysctl/net. */
export const listenBacklog = 4_096;

const noBytes = new Uint8Array();

/** The two ends of a new connection. */
export interface ConnectionEnds {
  readonly netns: string;
  readonly pid: number;
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
}

/** Begins a handshake from this end. */
export function openConnection(ctx: SocketContext, ends: ConnectionEnds): TcpConnection {
  const connection = createConnection(ctx, ends, { state: 'SYN-SENT', listener: undefined });
  addSocket(ctx.state, connection, true);
  sendNew(ctx, connection, { syn: true, fin: false, payload: noBytes });
  return connection;
}

/** A TCP packet has arrived. */
export function receiveTcp(ctx: SocketContext, namespace: NamespaceState, packet: Packet): Verdict {
  const { tcp } = packet;
  const local = { address: packet.destination, port: packet.destinationPort };
  const peer = { address: packet.source, port: packet.sourcePort };
  const connection = findConnection(ctx.state, namespace, local, peer);
  if (tcp !== undefined && connection?.kind === 'connection') {
    takeSegment(ctx, connection, packet, tcp);
    return delivered(namespace, packet);
  }
  const listener = findBound(ctx.state, namespace, 'tcp', local);
  if (tcp?.rst) return delivered(namespace, packet);
  if (listener?.kind === 'listener' && tcp?.syn && !tcp.ack) {
    beginAnswer(ctx, listener, { netns: namespace.id, pid: listener.pid, local, peer }, tcp.sequence);
    return delivered(namespace, packet);
  }
  const reset = resetFor(packet);
  if (reset !== undefined) ctx.send(namespace, reset);
  return noListener(namespace, packet);
}

/** Sends bytes, in segments. */
export function sendBytes(
  ctx: SocketContext,
  connection: TcpConnection,
  bytes: Uint8Array,
): Result<void, Errno> {
  const { error } = connection;
  if (error !== undefined) {
    connection.error = undefined;
    return err(error);
  }
  if (connection.state === 'SYN-SENT' || connection.state === 'SYN-RECV') return err('ENOTCONN');
  if (connection.state !== 'ESTAB' && connection.state !== 'CLOSE-WAIT') return err('EPIPE');
  const unsent = connection.unacknowledged.reduce((sum, segment) => sum + segment.payload.length, 0);
  if (unsent > maxBufferedBytes) return err('EAGAIN');
  for (let start = 0; start < bytes.length; start += maxSegmentBytes) {
    const payload = bytes.slice(start, start + maxSegmentBytes);
    sendNew(ctx, connection, { syn: false, fin: false, payload });
  }
  return ok(undefined);
}

/** The owner closes its end. Source: tcp_close in Linux net/ipv4/tcp.c. */
export function closeConnection(ctx: SocketContext, connection: TcpConnection): void {
  const { state } = connection;
  if (state === 'CLOSED' || state === 'SYN-SENT') {
    dropConnection(ctx, connection);
    return;
  }
  if (connection.receivedBytes > 0 || state === 'SYN-RECV') {
    abortConnection(ctx, connection);
    return;
  }
  connection.orphan = true;
  disown(ctx.state, connection);
  connection.state = state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1';
  sendNew(ctx, connection, { syn: false, fin: true, payload: noBytes });
}

/** Ends a connection with an RST. */
export function abortConnection(ctx: SocketContext, connection: TcpConnection): void {
  transmit(ctx, connection, { rst: true, sequence: connection.sendNext });
  dropConnection(ctx, connection);
}

/** Ends a connection with an error for its owner. */
export function failConnection(ctx: SocketContext, connection: TcpConnection, error: Errno): void {
  if (connection.orphan || connection.listener !== undefined) {
    dropConnection(ctx, connection);
    return;
  }
  connection.state = 'CLOSED';
  connection.error = error;
  connection.unacknowledged = [];
  unbind(ctx.state, connection);
  ctx.touch(connection);
  ctx.notify(connection);
}

/** An ICMP error quotes a packet of the connection: it ends an attempt to connect, and is only noted later. */
export function noteTcpError(ctx: SocketContext, connection: TcpConnection, error: Errno): void {
  if (connection.state === 'SYN-SENT') failConnection(ctx, connection, error);
  else connection.softError = error;
}

/** Sends again all that was not acknowledged. */
export function retransmit(ctx: SocketContext, connection: TcpConnection): void {
  for (const segment of connection.unacknowledged) transmitSegment(ctx, connection, segment);
  ctx.touch(connection);
}

/** Forgets a connection without a word. */
export function dropConnection(ctx: SocketContext, connection: TcpConnection): void {
  connection.state = 'CLOSED';
  connection.unacknowledged = [];
  ctx.touch(connection);
  const listener = connection.listener === undefined ? undefined : ctx.state.sockets.get(connection.listener);
  if (listener?.kind === 'listener') {
    listener.handshakes.delete(connection.id);
    const position = listener.acceptable.indexOf(connection.id);
    if (position >= 0) listener.acceptable.splice(position, 1);
  }
  removeSocket(ctx.state, connection);
}

function createConnection(
  ctx: SocketContext,
  ends: ConnectionEnds,
  start: Pick<TcpConnection, 'state' | 'listener'>,
): TcpConnection {
  return {
    kind: 'connection',
    id: takeSocketId(ctx.state),
    ...ends,
    ...start,
    sendNext: ctx.random.uint32(),
    receiveNext: 0,
    unacknowledged: [],
    received: [],
    receivedBytes: 0,
    peerClosed: false,
    orphan: false,
    error: undefined,
    softError: undefined,
    retries: 0,
    timer: undefined,
  };
}

function beginAnswer(
  ctx: SocketContext,
  listener: TcpListener,
  ends: ConnectionEnds,
  sequence: number,
): void {
  if (listener.acceptable.length + listener.handshakes.size >= listenBacklog) return;
  const connection = createConnection(ctx, ends, { state: 'SYN-RECV', listener: listener.id });
  connection.receiveNext = sequence + 1;
  addSocket(ctx.state, connection, false);
  listener.handshakes.add(connection.id);
  sendNew(ctx, connection, { syn: true, fin: false, payload: noBytes });
}

function takeSegment(ctx: SocketContext, connection: TcpConnection, packet: Packet, tcp: TcpHeader): void {
  if (connection.state === 'SYN-SENT') {
    takeAnswer(ctx, connection, packet, tcp);
    return;
  }
  if (tcp.rst) {
    if (tcp.sequence === connection.receiveNext) failConnection(ctx, connection, 'ECONNRESET');
    return;
  }
  if (tcp.syn) {
    // A repeated SYN wants our SYN-ACK again; a repeated SYN-ACK, or a SYN of somebody new, our acknowledgement.
    if (connection.state === 'SYN-RECV' && !tcp.ack) retransmit(ctx, connection);
    else transmit(ctx, connection, { sequence: connection.sendNext });
    return;
  }
  if (tcp.ack) acknowledge(ctx, connection, tcp.acknowledgement);
  if (!ctx.state.sockets.has(connection.id) || connection.state === 'SYN-RECV') return;
  if (packet.payload.length > 0 || tcp.fin) takePayload(ctx, connection, packet, tcp);
}

/** The answer to our SYN. Source: RFC 9293, section 3.10.7.3. */
function takeAnswer(ctx: SocketContext, connection: TcpConnection, packet: Packet, tcp: TcpHeader): void {
  if (!tcp.ack) return;
  if (tcp.acknowledgement !== connection.sendNext) {
    const reset = resetFor(packet);
    if (reset !== undefined) ctx.send(requireNamespace(ctx.state, connection.netns), reset);
    return;
  }
  if (tcp.rst) {
    failConnection(ctx, connection, 'ECONNREFUSED');
    return;
  }
  if (!tcp.syn) return;
  connection.receiveNext = tcp.sequence + 1;
  connection.state = 'ESTAB';
  acknowledge(ctx, connection, tcp.acknowledgement);
  transmit(ctx, connection, { sequence: connection.sendNext });
  ctx.notify(connection);
}

function acknowledge(ctx: SocketContext, connection: TcpConnection, acknowledgement: number): void {
  if (acknowledgement > connection.sendNext) return;
  const left = connection.unacknowledged.filter(
    (segment) => segment.sequence + segmentLength(segment) > acknowledgement,
  );
  if (left.length < connection.unacknowledged.length) {
    connection.unacknowledged = left;
    connection.retries = 0;
    connection.softError = undefined;
    if (connection.timer !== undefined) ctx.queue.cancel(connection.timer);
    connection.timer = undefined;
    ctx.touch(connection);
  }
  if (left.length > 0) return;
  switch (connection.state) {
    case 'SYN-RECV':
      becomeAcceptable(ctx, connection);
      return;
    case 'FIN-WAIT-1':
      connection.state = 'FIN-WAIT-2';
      return;
    case 'CLOSING':
    case 'LAST-ACK':
      dropConnection(ctx, connection);
      return;
    default:
  }
}

function becomeAcceptable(ctx: SocketContext, connection: TcpConnection): void {
  connection.state = 'ESTAB';
  const listener = connection.listener === undefined ? undefined : ctx.state.sockets.get(connection.listener);
  if (listener?.kind !== 'listener') return;
  listener.handshakes.delete(connection.id);
  listener.acceptable.push(connection.id);
  ctx.notify(listener);
}

function takePayload(ctx: SocketContext, connection: TcpConnection, packet: Packet, tcp: TcpHeader): void {
  const { payload } = packet;
  if (tcp.sequence !== connection.receiveNext) {
    // Already known, or something before it was lost: the peer learns where we stand.
    transmit(ctx, connection, { sequence: connection.sendNext });
    return;
  }
  if (payload.length > 0 && connection.orphan) {
    abortConnection(ctx, connection);
    return;
  }
  if (connection.receivedBytes + payload.length > maxBufferedBytes) return;
  if (payload.length > 0) {
    connection.received.push(payload);
    connection.receivedBytes += payload.length;
    connection.receiveNext += payload.length;
  }
  if (tcp.fin) {
    connection.receiveNext += 1;
    connection.peerClosed = true;
  }
  transmit(ctx, connection, { sequence: connection.sendNext });
  if (tcp.fin) noteFin(ctx, connection);
  if (connection.listener === undefined) ctx.notify(connection);
}

function noteFin(ctx: SocketContext, connection: TcpConnection): void {
  if (connection.state === 'ESTAB') connection.state = 'CLOSE-WAIT';
  else if (connection.state === 'FIN-WAIT-1') connection.state = 'CLOSING';
  else if (connection.state === 'FIN-WAIT-2') dropConnection(ctx, connection);
}
