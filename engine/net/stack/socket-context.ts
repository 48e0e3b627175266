/** What the protocols ask of the stack around them. */
import type { EventQueue } from '../../base/event-queue.ts';
import type { Random } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import type { Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { Verdict } from '../trace.ts';
import type { PacketDraft } from './packets.ts';
import type { SocketState, TcpConnection } from './socket-state.ts';
import type { NamespaceState, NetworkState } from './state.ts';

/** See the head of this file. */
export interface SocketContext {
  readonly state: NetworkState;
  readonly queue: EventQueue;
  readonly random: Random;
  /** Sends a packet from a namespace; it travels when the packets before it have ended. */
  send(namespace: NamespaceState, draft: PacketDraft): Result<void, Errno>;
  /** Tells the owner that there is news, when no packet is under way any more. */
  notify(socket: SocketState): void;
  /** Sets or takes back a connection's timer, when no packet is under way any more. */
  touch(connection: TcpConnection): void;
}

/** The verdict over a packet that somebody took. */
export function delivered(namespace: NamespaceState, packet: Packet): Verdict {
  return { kind: 'delivered', at: namespace.id, address: packet.destination, port: packet.destinationPort };
}

/** The verdict over a packet that nobody takes here. */
export function noListener(namespace: NamespaceState, packet: Packet): Verdict {
  return { kind: 'no-listener', at: namespace.id, address: packet.destination, port: packet.destinationPort };
}
