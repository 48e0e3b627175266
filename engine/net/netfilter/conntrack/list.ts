/** The lines of `conntrack -L`. Source: man conntrack(8), and the output of conntrack-tools v1.4. */
import { protocolNumbers } from '../protocols.ts';
import { type Connection, type ConntrackState, connectionsOf, type Tuple } from './connection.ts';

/** One line a connection, in the order in which they came to be. */
export function renderConntrackLines(conntrack: ConntrackState, nowMs: number): string[] {
  return [...connectionsOf(conntrack, nowMs)].map((connection) => renderLine(connection, nowMs));
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
