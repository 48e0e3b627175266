/**
 * UDP. On Linux only a connected socket hears of ICMP errors. Programs here have no connect for UDP; a socket that was
 * bound to port 0 is taken for a client's and counts as connected to the peer of its last datagram, so that it hears of
 * nobody else; one with a port of its own is a server's, hears everybody and of no error. An error is told by the next call, receive or send; of the ICMP errors only those that
 * Linux counts as hard reach the socket, so that an unreachable host looks like silence.
 * Source: udp(7); __udp4_lib_err and icmp_err_convert in Linux net/ipv4.
 */
import { err, type Result } from '../../base/result.ts';
import type { IcmpErrorKind, Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import type { PacketHeader, Verdict } from '../trace.ts';
import { sendIcmpError } from './hooks.ts';
import { requireNamespace } from './namespaces.ts';
import { delivered, noListener, type SocketContext } from './socket-context.ts';
import type { UdpSocket } from './socket-state.ts';
import { anyAddress, findBound } from './socket-table.ts';
import { chooseSource } from './source-address.ts';
import type { NamespaceState } from './state.ts';
import type { Walk } from './walk.ts';

/** Source: 65535 less the headers of IP and UDP. */
const maxDatagramBytes = 65_507;
/** Source: net.core.rmem_default in Linux admin-guide/sysctl/net. */
const receiveBufferBytes = 212_992;
/** What the kernel's own record of a small datagram takes of the buffer (its truesize). */
const datagramOverheadBytes = 768;

const hardErrors: ReadonlySet<IcmpErrorKind> = new Set([
  'port',
  'protocol',
  'net-prohibited',
  'host-prohibited',
  'admin-prohibited',
]);

/** Sends one datagram. */
export function sendDatagram(
  ctx: SocketContext,
  socket: UdpSocket,
  to: SocketAddress,
  bytes: Uint8Array,
): Result<void, Errno> {
  if (bytes.length > maxDatagramBytes) return err('EMSGSIZE');
  const { error } = socket;
  socket.error = undefined;
  if (error !== undefined) return err(error);
  const namespace = requireNamespace(ctx.state, socket.netns);
  const wanted = socket.local.address === anyAddress ? undefined : socket.local.address;
  const ends = chooseSource(namespace, to.address, wanted);
  if (!ends.ok) return ends;
  if (socket.isClient) socket.connectedTo = { address: ends.value.destination, port: to.port };
  return ctx.send(namespace, {
    protocol: 'udp',
    ...ends.value,
    sourcePort: socket.local.port,
    destinationPort: to.port,
    payload: bytes.slice(),
  });
}

/** A UDP packet has arrived. What does not fit into the socket's buffer is lost without a word. */
export function receiveUdp(
  ctx: SocketContext,
  walk: Walk,
  namespace: NamespaceState,
  packet: Packet,
): Verdict {
  const local = { address: packet.destination, port: packet.destinationPort };
  const socket = findBound(ctx.state, namespace, 'udp', local);
  if (socket?.kind !== 'udp' || !hears(socket, packet)) {
    sendIcmpError(walk, namespace, packet, 'port');
    return noListener(namespace, packet);
  }
  const takenBytes =
    socket.receivedBytes + packet.payload.length + (socket.datagrams.length + 1) * datagramOverheadBytes;
  if (takenBytes <= receiveBufferBytes) {
    const peer = Object.freeze({ address: packet.source, port: packet.sourcePort });
    socket.datagrams.push(Object.freeze({ bytes: packet.payload, peer }));
    socket.receivedBytes += packet.payload.length;
    ctx.notify(socket);
  }
  return delivered(namespace, packet);
}

/** Source: compute_score in Linux net/ipv4/udp.c: a connected socket is none for packets of others. */
function hears({ connectedTo }: UdpSocket, { source, sourcePort }: Packet): boolean {
  return connectedTo === undefined || (connectedTo.address === source && connectedTo.port === sourcePort);
}

/** An ICMP error quotes a datagram that was sent from here. */
export function noteUdpError(
  ctx: SocketContext,
  namespace: NamespaceState,
  quoted: PacketHeader,
  { kind, errno }: { readonly kind: IcmpErrorKind; readonly errno: Errno },
): void {
  if (!hardErrors.has(kind)) return;
  const local = { address: quoted.source, port: quoted.sourcePort };
  const socket = findBound(ctx.state, namespace, 'udp', local);
  if (socket?.kind !== 'udp' || socket.connectedTo === undefined) return;
  const { address, port } = socket.connectedTo;
  if (address !== quoted.destination || port !== quoted.destinationPort) return;
  socket.error = errno;
  ctx.notify(socket);
}
