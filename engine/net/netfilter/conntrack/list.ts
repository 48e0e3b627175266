/** The lines of `conntrack -L`. Source: man conntrack(8), and the output of conntrack-tools v1.4. */
import type { PacketHeader } from '../../trace.ts';
import { protocolNumbers } from '../protocols.ts';
import { type Connection, type ConntrackState, connectionsOf, type Tuple } from './connection.ts';

/** Which connections are meant: everything that is given has to be so of the original direction. */
export interface ConnectionFilter {
  readonly protocol?: string | undefined;
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly destinationPort?: number | undefined;
  /** The source of the answers, which DNAT makes another than the destination. */
  readonly replySource?: string | undefined;
}

/** One line for each connection that is meant, in the order in which they came to be. */
export function renderConntrackLines(
  conntrack: ConntrackState,
  nowMs: number,
  filter: ConnectionFilter = {},
): string[] {
  return [...connectionsOf(conntrack, nowMs)]
    .filter((connection) => isMeant(connection, filter))
    .map((connection) => renderLine(connection, nowMs));
}

/** Whether a connection is one of those that a filter means. */
export function isMeant(
  { original, reply }: { readonly original: PacketHeader; readonly reply: PacketHeader },
  { protocol, source, destination, destinationPort, replySource }: ConnectionFilter,
): boolean {
  return (
    (protocol === undefined || original.protocol === protocol) &&
    (source === undefined || original.source === source) &&
    (destination === undefined || original.destination === destination) &&
    (destinationPort === undefined || original.destinationPort === destinationPort) &&
    (replySource === undefined || reply.source === replySource)
  );
}

function renderLine(connection: Connection, nowMs: number): string {
  const { protocol, original, reply, tcp, mark } = connection;
  const seconds = Math.floor((connection.expiresMs - nowMs) / 1000);
  const parts = [
    `${protocol.padEnd(8)} ${protocolNumbers[protocol]} ${seconds}`,
    ...(tcp === undefined ? [] : [tcp]),
    formatTuple(original),
    ...(connection.seenReply ? [] : ['[UNREPLIED]']),
    formatTuple(reply),
    ...(connection.assured ? ['[ASSURED]'] : []),
    `mark=${mark}`,
    'use=1',
  ];
  return parts.join(' ');
}

function formatTuple(tuple: Tuple): string {
  const addresses = `src=${tuple.source} dst=${tuple.destination}`;
  return tuple.protocol === 'icmp'
    ? `${addresses} type=${tuple.destinationPort} code=0 id=${tuple.sourcePort}`
    : `${addresses} sport=${tuple.sourcePort} dport=${tuple.destinationPort}`;
}
