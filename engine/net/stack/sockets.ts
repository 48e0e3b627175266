/**
 * What processes ask of the network stack, without waiting: calls return at once, and a listener is told when a socket
 * has something new to say. Waiting is done by the process table.
 */
import type { Result } from '../../base/result.ts';
import type { IcmpErrorKind } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import type { NetnsId } from '../trace.ts';

/** A socket's number, unique over all machines. */
export type SocketId = number;

/** What came of an echo request. */
export interface PingResult {
  /** Who answered; empty when the request was not even sent. */
  readonly from: string;
  readonly ttl: number;
  /**
   * Absent for an echo reply. The code of an ICMP error (`net`, `host`, `port`, `protocol`, `net-prohibited`,
   * `host-prohibited`, `admin-prohibited`, `time-exceeded`), or the errno with which sending failed.
   */
  readonly error?: IcmpErrorKind | Errno;
}

/** Sockets of all namespaces. */
export interface Sockets {
  /** A TCP listener or bound UDP socket. Port 0 takes a free port of 32768–60999. `EADDRINUSE`, `EADDRNOTAVAIL`. */
  listen(options: {
    readonly netns: NetnsId;
    readonly protocol: 'tcp' | 'udp';
    readonly address: string;
    readonly port: number;
    readonly pid: number;
  }): Result<SocketId, Errno>;
  /** Sends a SYN, with retransmissions at 1, 3, 7, … s as Linux does; the outcome comes by {@link Sockets.status}. */
  connect(options: {
    readonly netns: NetnsId;
    readonly address: string;
    readonly port: number;
    readonly pid: number;
    readonly sourceAddress?: string;
  }): Result<SocketId, Errno>;
  /** The next established connection of a listener. */
  accept(
    socket: SocketId,
  ): Result<
    { readonly socket: SocketId; readonly local: SocketAddress; readonly peer: SocketAddress },
    Errno
  >;
  /** `EAGAIN` while too much of what was sent is not acknowledged; `EPIPE` when the connection has ended. */
  send(socket: SocketId, bytes: Uint8Array): Result<void, Errno>;
  /** All bytes that have come, `eof` after the peer's FIN, `EAGAIN` when there is nothing yet. */
  receive(socket: SocketId): Result<{ readonly bytes: Uint8Array } | { readonly eof: true }, Errno>;
  /** `ENETUNREACH` without a route, `EPERM` when a rule stopped it, `EMSGSIZE`. See udp.ts for errors that come later. */
  sendTo(socket: SocketId, to: SocketAddress, bytes: Uint8Array): Result<void, Errno>;
  /** One datagram; or the errno of an ICMP error that an earlier one caused; `EAGAIN` when there is nothing yet. */
  receiveFrom(socket: SocketId): Result<{ readonly bytes: Uint8Array; readonly peer: SocketAddress }, Errno>;
  /** `connecting` until the handshake ended; `failed` with the errno (ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH). */
  status(
    socket: SocketId,
  ):
    | { readonly state: 'listening' | 'connecting' | 'established' | 'closed' }
    | { readonly state: 'failed'; readonly errno: Errno };
  isReadable(socket: SocketId): boolean;
  name(socket: SocketId): { readonly local: SocketAddress; readonly peer?: SocketAddress } | undefined;
  /** Sends FIN (or RST when unread bytes are left) and forgets the socket for its owner. */
  close(socket: SocketId): void;
  /** Closes every socket of a process, as the kernel does when it ends. */
  closeAllOf(pid: number): void;
  /** Sends one ICMP echo request; the reply, an ICMP error or nothing comes by {@link Sockets.pingResult}. */
  ping(options: {
    readonly netns: NetnsId;
    readonly address: string;
    readonly ttl: number;
    readonly bytes: number;
    readonly pid: number;
  }): SocketId;
  pingResult(socket: SocketId): PingResult | undefined;
  listenersOf(pid: number): readonly { readonly protocol: 'tcp' | 'udp'; readonly local: SocketAddress }[];
  /** Told when a socket became readable, acceptable, connected or failed; set once, when the parts are wired. */
  onReady(listener: (socket: SocketId, pid: number) => void): void;
}
