/**
 * A packet on its way, and what the layers it passes ask of the walk as a whole. Both live only while the queue of
 * packets is worked off, and so are no part of the state.
 */
import type { EventQueue } from '../../base/event-queue.ts';
import type { Limits } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import type { Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { Hop, Verdict } from '../trace.ts';
import type { PacketDraft } from './packets.ts';
import type { Link, NamespaceState, NetworkState } from './state.ts';

/** One packet from its sender to its end. */
export interface Flight {
  packet: Packet;
  /** How the packet was when it was sent. */
  readonly sent: Packet;
  readonly atMs: number;
  /** Absent when nobody captures. */
  readonly hops: Hop[] | undefined;
  hopCount: number;
}

/** A frame that is about to come in over a link. */
export interface Arrival {
  readonly namespace: NamespaceState;
  readonly link: Link;
  readonly sourceMac: string;
  readonly destinationMac: string;
}

/** What the layers need. */
export interface Walk {
  readonly state: NetworkState;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
  /**
   * Sends a packet of the machine's own; the error is what the sending call would return. `refused` is the packet that
   * could not be passed on and is answered by this one.
   */
  send(namespace: NamespaceState, draft: PacketDraft, refused?: Packet): Result<void, Errno>;
  /** Lets a packet come in over a link when its turn comes. */
  enqueue(flight: Flight, arrival: Arrival): void;
  /** Ends a packet's way and keeps its trace. Returns nothing, for `return walk.end(…)`. */
  end(flight: Flight, verdict: Verdict): undefined;
}
