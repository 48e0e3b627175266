/** ICMP: echo and its reply, and errors that are handed to the socket whose packet they quote. */
import type { IcmpErrorKind, IcmpMessage, Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { Verdict } from '../trace.ts';
import { requireNamespace } from './namespaces.ts';
import { delivered, type SocketContext } from './socket-context.ts';
import type { PingSocket } from './socket-state.ts';
import { addSocket, findConnection, pendingPings, takeSocketId } from './socket-table.ts';
import type { PingResult } from './sockets.ts';
import { chooseSource } from './source-address.ts';
import type { NamespaceState } from './state.ts';
import { noteTcpError } from './tcp.ts';
import { noteUdpError } from './udp.ts';

/** Source: 65535 less the headers of IP and ICMP. */
const maxEchoBytes = 65_507;

/** What an ICMP error means to a socket. Source: icmp_err_convert in Linux net/ipv4/icmp.c. */
const errnos: Readonly<Record<IcmpErrorKind, Errno>> = {
  net: 'ENETUNREACH',
  host: 'EHOSTUNREACH',
  port: 'ECONNREFUSED',
  protocol: 'ENOPROTOOPT',
  'net-prohibited': 'ENETUNREACH',
  'host-prohibited': 'EHOSTUNREACH',
  'admin-prohibited': 'EHOSTUNREACH',
  'time-exceeded': 'EHOSTUNREACH',
};

/** What to ping: see Sockets.ping. */
export interface EchoOptions {
  readonly netns: string;
  readonly address: string;
  readonly ttl: number;
  readonly bytes: number;
  readonly pid: number;
}

/** Sends an echo request. When that fails, the socket has its result at once. */
export function sendEcho(ctx: SocketContext, options: EchoOptions): PingSocket {
  const namespace = requireNamespace(ctx.state, options.netns);
  const id = takeSocketId(ctx.state);
  const { netns, pid, address, ttl } = options;
  const identifier = id & 0xffff;
  const socket: PingSocket = { kind: 'ping', id, netns, pid, identifier, result: undefined };
  addSocket(ctx.state, socket, true);
  const ends = chooseSource(namespace, address, undefined);
  const sent = !ends.ok
    ? ends
    : ctx.send(namespace, {
        protocol: 'icmp',
        ...ends.value,
        sourcePort: 0,
        destinationPort: 0,
        ttl: Math.min(Math.max(Math.trunc(ttl), 1), 255),
        icmp: { type: 'echo-request', identifier, sequence: 1 },
        payload: new Uint8Array(Math.min(Math.max(Math.trunc(options.bytes), 0), maxEchoBytes)),
      });
  // An error that came back meanwhile says more than that sending failed.
  if (!sent.ok) socket.result ??= { from: '', ttl: 0, error: sent.error };
  return socket;
}

/** An ICMP packet has arrived. */
export function receiveIcmp(ctx: SocketContext, namespace: NamespaceState, packet: Packet): Verdict {
  const { icmp } = packet;
  switch (icmp?.type) {
    case 'echo-request':
      ctx.send(namespace, {
        protocol: 'icmp',
        source: packet.destination,
        sourcePort: 0,
        destination: packet.source,
        destinationPort: 0,
        icmp: { ...icmp, type: 'echo-reply' },
        payload: packet.payload,
      });
      break;
    case 'echo-reply':
      for (const socket of pendingPings(ctx.state, namespace)) {
        if (socket.kind === 'ping' && socket.identifier === icmp.identifier) {
          answer(ctx, socket, { from: packet.source, ttl: packet.ttl });
        }
      }
      break;
    case 'destination-unreachable':
      noteError(ctx, namespace, packet, icmp, icmp.code);
      break;
    case 'time-exceeded':
      noteError(ctx, namespace, packet, icmp, icmp.type);
      break;
    default:
  }
  return delivered(namespace, packet);
}

function noteError(
  ctx: SocketContext,
  namespace: NamespaceState,
  packet: Packet,
  { quoted }: Extract<IcmpMessage, { readonly quoted: unknown }>,
  kind: IcmpErrorKind,
): void {
  const errno = errnos[kind];
  if (quoted.protocol === 'udp') noteUdpError(ctx, namespace, quoted, { kind, errno });
  if (quoted.protocol === 'tcp') {
    const local = { address: quoted.source, port: quoted.sourcePort };
    const peer = { address: quoted.destination, port: quoted.destinationPort };
    const connection = findConnection(ctx.state, namespace, local, peer);
    if (connection?.kind === 'connection') noteTcpError(ctx, connection, errno);
  }
  if (quoted.protocol !== 'icmp') return;
  for (const socket of pendingPings(ctx.state, namespace)) {
    if (socket.kind === 'ping' && socket.identifier === quoted.sourcePort) {
      answer(ctx, socket, { from: packet.source, ttl: packet.ttl, error: kind });
    }
  }
}

function answer(ctx: SocketContext, socket: PingSocket, result: PingResult): void {
  if (socket.result !== undefined) return;
  socket.result = Object.freeze(result);
  ctx.notify(socket);
}
