/** Passing netfilter's hooks, and the answers to packets that a rule rejects or the kernel can't pass on. */
import type { Random } from '../../base/random.ts';
import type { HookContext } from '../netfilter/netfilter.ts';
import { traverse } from '../netfilter/traverse.ts';
import type { IcmpErrorKind, Packet } from '../packet.ts';
import type { Hook, Hop, NetnsId } from '../trace.ts';
import { icmpErrorFor, rejectKind, resetFor } from './packets.ts';
import { isLocalAddress, linkAddressTowards, routePacket, sourceAddressFor } from './routes.ts';
import type { NamespaceState } from './state.ts';
import type { Flight, Walk } from './walk.ts';

/** The links between which a packet meets a hook. */
export interface HookLinks {
  readonly inLink?: string;
  readonly outLink?: string;
  readonly inPort?: string;
  readonly outPort?: string;
  /** The neighbour it will be handed to, which decides the address that MASQUERADE takes. */
  readonly nextHop?: string;
}

/** Lets the rules of a hook see the packet, and change it. False when its way has ended there. */
export function passHook(
  walk: Walk,
  flight: Flight,
  namespace: NamespaceState,
  hook: Hook,
  links: HookLinks,
): boolean {
  // Where no table was ever used there is nothing to meet: most packets are in such a namespace at both ends.
  if (namespace.netfilter.tables.size === 0) return true;
  const context = new PacketContext(walk, flight, namespace, { hook, links });
  const result = traverse(namespace.netfilter, flight.packet, context);
  switch (result.verdict) {
    case 'accept':
      flight.packet = result.packet;
      return true;
    case 'drop': {
      const { chain, rule } = result;
      walk.end(flight, { kind: 'dropped', at: namespace.id, chain, ...(rule === undefined ? {} : { rule }) });
      return false;
    }
    case 'reject':
      walk.end(flight, { kind: 'rejected', at: namespace.id, rule: result.rule, with: result.with });
      reject(walk, namespace, flight.packet, result.with);
      return false;
  }
}

/** What netfilter asks about the machine around a packet. A class, since one is made for every hook of every packet. */
class PacketContext implements HookContext {
  readonly at: NetnsId;
  readonly hook: Hook;
  readonly inLink: string | undefined;
  readonly outLink: string | undefined;
  readonly inPort: string | undefined;
  readonly outPort: string | undefined;
  readonly nowMs: number;
  readonly random: Random;
  readonly maxRules: number;
  readonly isRecording: boolean;
  readonly #namespace: NamespaceState;
  readonly #nextHop: string | undefined;
  readonly #hops: Hop[] | undefined;

  constructor(
    walk: Walk,
    flight: Flight,
    namespace: NamespaceState,
    { hook, links }: { readonly hook: Hook; readonly links: HookLinks },
  ) {
    this.at = namespace.id;
    this.hook = hook;
    this.inLink = links.inLink;
    this.outLink = links.outLink;
    this.inPort = links.inPort;
    this.outPort = links.outPort;
    this.nowMs = walk.queue.now();
    this.random = walk.random;
    this.maxRules = walk.limits.maxRulesPerHook;
    this.isRecording = flight.hops !== undefined;
    this.#namespace = namespace;
    this.#nextHop = links.nextHop;
    this.#hops = flight.hops;
  }

  isLocal(address: string): boolean {
    return isLocalAddress(this.#namespace, address);
  }

  linkAddress(link: string): string | undefined {
    return linkAddressTowards(this.#namespace, link, this.#nextHop);
  }

  record(hop: Hop): void {
    this.#hops?.push(hop);
  }
}

/** Sends an ICMP error to the sender of a packet, when there is a way to it. */
export function sendIcmpError(
  walk: Walk,
  namespace: NamespaceState,
  packet: Packet,
  kind: IcmpErrorKind,
): void {
  const source = errorSource(namespace, packet);
  const error = source === undefined ? undefined : icmpErrorFor(packet, kind, source);
  if (error !== undefined) walk.send(namespace, error, packet);
}

function reject(walk: Walk, namespace: NamespaceState, packet: Packet, rejectWith: string): void {
  if (rejectWith !== 'tcp-reset') {
    sendIcmpError(walk, namespace, packet, rejectKind(rejectWith));
    return;
  }
  const reset = resetFor(packet);
  if (reset !== undefined) walk.send(namespace, reset, packet);
}

/** The address that the packet was sent to when it is our own, else that of the way back. Source: icmp_send in Linux. */
function errorSource(namespace: NamespaceState, packet: Packet): string | undefined {
  if (isLocalAddress(namespace, packet.destination)) return packet.destination;
  const back = routePacket(namespace, { ...packet, source: packet.destination, destination: packet.source });
  return back === undefined ? undefined : sourceAddressFor(namespace, back, packet.source);
}
