/** Passing netfilter's hooks, and the answers to packets that a rule rejects or the kernel can't pass on. */
import type { HookContext } from '../netfilter/netfilter.ts';
import { traverse } from '../netfilter/traverse.ts';
import type { Packet } from '../packet.ts';
import type { Hook } from '../trace.ts';
import { type IcmpErrorKind, icmpErrorFor, rejectKind, resetFor } from './packets.ts';
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
  { nextHop, ...links }: HookLinks,
): boolean {
  const context: HookContext = {
    at: namespace.id,
    hook,
    ...links,
    isLocal: (address) => isLocalAddress(namespace, address),
    linkAddress: (link) => linkAddressTowards(namespace, link, nextHop),
    nowMs: walk.queue.now(),
    random: walk.random,
    maxRules: walk.limits.maxRulesPerHook,
    isRecording: flight.hops !== undefined,
    record: (hop) => flight.hops?.push(hop),
  };
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

/** Sends an ICMP error to the sender of a packet, when there is a way to it. */
export function sendIcmpError(
  walk: Walk,
  namespace: NamespaceState,
  packet: Packet,
  kind: IcmpErrorKind,
): void {
  const source = errorSource(namespace, packet);
  const error = source === undefined ? undefined : icmpErrorFor(packet, kind, source);
  if (error !== undefined) walk.send(namespace, error);
}

function reject(walk: Walk, namespace: NamespaceState, packet: Packet, rejectWith: string): void {
  if (rejectWith !== 'tcp-reset') {
    sendIcmpError(walk, namespace, packet, rejectKind(rejectWith));
    return;
  }
  const reset = resetFor(packet);
  if (reset !== undefined) walk.send(namespace, reset);
}

/** The address that the packet was sent to when it is our own, else that of the way back. Source: icmp_send in Linux. */
function errorSource(namespace: NamespaceState, packet: Packet): string | undefined {
  if (isLocalAddress(namespace, packet.destination)) return packet.destination;
  const back = routePacket(namespace, { ...packet, source: packet.destination, destination: packet.source });
  return back === undefined ? undefined : sourceAddressFor(namespace, back, packet.source);
}
