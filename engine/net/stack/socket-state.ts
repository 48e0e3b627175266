/** What changes in sockets: plain data, see {@link ./state.ts}. */
import type { Errno } from '../process/errno.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import type { NetnsId } from '../trace.ts';
import type { PingResult, SocketId } from './sockets.ts';

/** Any open socket. */
export type SocketState = TcpListener | TcpConnection | UdpSocket | PingSocket;

interface SocketBase {
  readonly id: SocketId;
  readonly netns: NetnsId;
  readonly pid: number;
}

/** A TCP socket that waits for connections. */
export interface TcpListener extends SocketBase {
  readonly kind: 'listener';
  readonly local: SocketAddress;
  /** Connections whose handshake is under way, and those that wait to be accepted. */
  readonly handshakes: Set<SocketId>;
  readonly acceptable: SocketId[];
}

/** As `ss` names them. */
export type TcpStateName =
  | 'SYN-SENT'
  | 'SYN-RECV'
  | 'ESTAB'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'CLOSED';

/** One end of a TCP connection. Sequence numbers count on past 2^32 instead of wrapping round. */
export interface TcpConnection extends SocketBase {
  readonly kind: 'connection';
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
  state: TcpStateName;
  /** The listener that has not handed it out yet. */
  listener: SocketId | undefined;
  sendNext: number;
  receiveNext: number;
  /** Sent and not acknowledged, in order. */
  unacknowledged: readonly Segment[];
  readonly received: Uint8Array[];
  receivedBytes: number;
  peerClosed: boolean;
  /** Its owner closed it; it lives on until the peer has closed too. */
  orphan: boolean;
  /** The error that the next call of the owner will return. */
  error: Errno | undefined;
  /** What an ICMP error said of the way, told when the peer stays silent. */
  softError: Errno | undefined;
  retries: number;
  timer: number | undefined;
}

/** What one TCP packet carried, for sending it again. */
export interface Segment {
  readonly sequence: number;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly payload: Uint8Array;
}

/** A bound UDP socket. */
export interface UdpSocket extends SocketBase {
  readonly kind: 'udp';
  readonly local: SocketAddress;
  readonly datagrams: Datagram[];
  receivedBytes: number;
  /** The peer of the last datagram sent by a socket that took any free port; see udp.ts on errors. */
  connectedTo: SocketAddress | undefined;
  readonly isClient: boolean;
  error: Errno | undefined;
}

/** A datagram that waits to be read. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly peer: SocketAddress;
}

/** One ICMP echo under way. */
export interface PingSocket extends SocketBase {
  readonly kind: 'ping';
  readonly identifier: number;
  result: PingResult | undefined;
}
