/** Sending TCP segments: new ones, which are kept until they are acknowledged, and others. */
import { requireNamespace } from './namespaces.ts';
import type { SocketContext } from './socket-context.ts';
import type { Segment, TcpConnection } from './socket-state.ts';

const noBytes = new Uint8Array();

/** Sends a segment behind all that was sent before. */
export function sendNew(
  ctx: SocketContext,
  connection: TcpConnection,
  { syn, fin, payload }: Omit<Segment, 'sequence'>,
): void {
  const segment: Segment = { sequence: connection.sendNext, syn, fin, payload };
  connection.unacknowledged = [...connection.unacknowledged, segment];
  connection.sendNext += segmentLength(segment);
  transmitSegment(ctx, connection, segment);
  ctx.touch(connection);
}

/** Sends a segment, for the first time or again. */
export function transmitSegment(ctx: SocketContext, connection: TcpConnection, segment: Segment): void {
  const { sequence, syn, fin, payload } = segment;
  transmit(ctx, connection, { sequence, syn, fin, payload, isFirst: connection.state === 'SYN-SENT' });
}

/**
 * Sends a packet with what the connection stands at. What TCP makes of a failure to send is to try again later, so the
 * outcome is not looked at.
 */
export function transmit(
  ctx: SocketContext,
  connection: TcpConnection,
  what: Partial<Segment> & { readonly sequence: number; readonly rst?: boolean; readonly isFirst?: boolean },
): void {
  const { local, peer } = connection;
  const payload = what.payload ?? noBytes;
  ctx.send(requireNamespace(ctx.state, connection.netns), {
    protocol: 'tcp',
    source: local.address,
    sourcePort: local.port,
    destination: peer.address,
    destinationPort: peer.port,
    tcp: {
      syn: what.syn ?? false,
      ack: !what.isFirst,
      fin: what.fin ?? false,
      rst: what.rst ?? false,
      psh: payload.length > 0,
      sequence: what.sequence,
      acknowledgement: what.isFirst ? 0 : connection.receiveNext,
    },
    payload,
  });
}

/** What a segment takes of the sequence numbers: SYN and FIN count as one byte each. */
export function segmentLength(segment: Omit<Segment, 'sequence'>): number {
  return segment.payload.length + (segment.syn ? 1 : 0) + (segment.fin ? 1 : 0);
}
