/**
 * When TCP sends again, and when it gives up. A timer is set only for what is still open when no packet is under way
 * any more; on a network that loses nothing there is none. Timers are background events: whoever waits for the
 * connection decides how long.
 * Source: tcp_syn_retries, tcp_synack_retries, tcp_retries2, tcp_orphan_retries and tcp_fin_timeout in Linux ip-sysctl;
 * RFC 6298 (first time-out 1 s) and TCP_RTO_MIN, TCP_RTO_MAX in Linux net/tcp.h.
 */
import type { JsonValue } from '../../base/json.ts';
import type { SocketContext } from './socket-context.ts';
import type { TcpConnection } from './socket-state.ts';
import { dropConnection, failConnection, retransmit } from './tcp.ts';

/** The event that a connection's timer has run out. */
export const tcpTimerEvent = 'net/tcp-timer';

const firstHandshakeMs = 1_000;
const firstDataMs = 200;
const longestMs = 120_000;
const finTimeoutMs = 60_000;

/** Sets the timer that a connection needs, or takes back one that it does not need any more. */
export function adjustTimer(ctx: SocketContext, connection: TcpConnection): void {
  const delayMs = ctx.state.sockets.has(connection.id) ? neededDelay(connection) : undefined;
  if (delayMs === undefined) {
    if (connection.timer !== undefined) ctx.queue.cancel(connection.timer);
    connection.timer = undefined;
  } else {
    connection.timer ??= ctx.queue.schedule({
      kind: tcpTimerEvent,
      payload: connection.id,
      delayMs,
      background: true,
    });
  }
}

/** The handler of {@link tcpTimerEvent}. */
export function runTimer(ctx: SocketContext, payload: JsonValue): void {
  const connection = typeof payload === 'number' ? ctx.state.sockets.get(payload) : undefined;
  if (connection?.kind !== 'connection') return;
  connection.timer = undefined;
  if (connection.unacknowledged.length === 0) {
    if (connection.orphan) dropConnection(ctx, connection);
    return;
  }
  if (connection.retries >= maxRetries(connection)) {
    failConnection(ctx, connection, connection.softError ?? 'ETIMEDOUT');
    return;
  }
  connection.retries += 1;
  retransmit(ctx, connection);
}

function neededDelay(connection: TcpConnection): number | undefined {
  if (connection.unacknowledged.length > 0) {
    const firstMs = isHandshake(connection) ? firstHandshakeMs : firstDataMs;
    return Math.min(firstMs * 2 ** connection.retries, longestMs);
  }
  return connection.orphan && connection.state === 'FIN-WAIT-2' ? finTimeoutMs : undefined;
}

function maxRetries(connection: TcpConnection): number {
  if (connection.state === 'SYN-SENT') return 6;
  if (connection.state === 'SYN-RECV') return 5;
  return connection.orphan ? 8 : 15;
}

function isHandshake(connection: TcpConnection): boolean {
  return connection.state === 'SYN-SENT' || connection.state === 'SYN-RECV';
}
