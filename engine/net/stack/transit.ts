/**
 * The queue of packets under way. A hop takes no virtual time; packets wait for their turn, so that an answer never
 * runs inside the packet that it answers, and every one ends within `maxPacketHops`.
 */
import type { EventQueue } from '../../base/event-queue.ts';
import type { Limits } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import { attachAnswer } from '../netfilter/traverse.ts';
import type { Packet } from '../packet.ts';
import type { Errno } from '../process/errno.ts';
import type { Verdict } from '../trace.ts';
import { keepTrace } from './captures.ts';
import { type Deliver, receivePacket, sendPacket } from './ip-layer.ts';
import { failNeighbour, neighbourFailedEvent, noteReceive, passBridge } from './link-layer.ts';
import { createPacket, type PacketDraft, summarizePacket } from './packets.ts';
import type { NamespaceState, NetworkState } from './state.ts';
import type { Arrival, Flight, Walk } from './walk.ts';

/** What the parts of the network have in common. */
export interface NetworkDeps {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
}

/** See the head of this file. */
export class Transit implements Walk {
  readonly state: NetworkState;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
  readonly #deliver: Deliver;
  readonly #waiting: { readonly flight: Flight; readonly arrival: Arrival }[] = [];

  /** `settled` is called after packets that an event of the queue caused have come to their end. */
  constructor(
    deps: NetworkDeps,
    state: NetworkState,
    { deliver, settled }: { readonly deliver: Deliver; readonly settled: () => void },
  ) {
    this.state = state;
    this.queue = deps.queue;
    this.random = deps.random;
    this.limits = deps.limits;
    this.#deliver = deliver;
    deps.queue.on(neighbourFailedEvent, (payload) => {
      failNeighbour(this, payload);
      settled();
    });
  }

  send(namespace: NamespaceState, draft: PacketDraft, refused?: Packet): Result<void, Errno> {
    const packet = createPacket(this.state, draft);
    if (refused !== undefined) attachAnswer(namespace.netfilter, refused, packet);
    const flight: Flight = {
      packet,
      sent: packet,
      atMs: this.queue.now(),
      hops: this.state.captures.size > 0 ? [] : undefined,
      hopCount: 0,
    };
    return sendPacket(this, flight, namespace);
  }

  enqueue(flight: Flight, arrival: Arrival): void {
    this.#waiting.push({ flight, arrival });
  }

  end(flight: Flight, verdict: Verdict): undefined {
    if (flight.hops === undefined) return;
    const trace = {
      id: flight.sent.id,
      atMs: flight.atMs,
      summary: summarizePacket(flight.sent),
      hops: flight.hops,
      verdict,
    };
    keepTrace(this.state, trace, this.limits.maxCapturedPackets);
  }

  /** Lets every packet that is under way, and those sent in answer, come to its end. */
  run(): void {
    for (let index = 0; index < this.#waiting.length; index += 1) {
      const next = this.#waiting[index];
      if (next !== undefined) this.#travel(next.flight, next.arrival);
    }
    this.#waiting.length = 0;
  }

  #travel(flight: Flight, start: Arrival): void {
    for (let arrival: Arrival | undefined = start; arrival !== undefined; ) {
      flight.hopCount += 1;
      if (flight.hopCount > this.limits.maxPacketHops) {
        this.end(flight, { kind: 'discarded', at: arrival.namespace.id, reason: 'hop-limit' });
        return;
      }
      arrival = this.#arrive(flight, arrival);
    }
  }

  #arrive(flight: Flight, arrival: Arrival): Arrival | undefined {
    const { namespace, link } = arrival;
    const isHere = namespace.links.get(link.name)?.up === true;
    if (!isHere) return this.end(flight, { kind: 'discarded', at: namespace.id, reason: 'link-down' });
    noteReceive(this, flight, arrival);
    const deliver = this.#deliver;
    if (link.master === undefined) {
      return receivePacket(this, flight, namespace, link, { prerouted: false, deliver });
    }
    const passed = passBridge(this, flight, arrival);
    if (passed === undefined || 'namespace' in passed) return passed;
    return receivePacket(this, flight, namespace, passed.up, { prerouted: passed.prerouted, deliver });
  }
}
