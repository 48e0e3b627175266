/**
 * What links count. ARP and what a network does of itself (neighbour discovery, multicast) are not exchanged here, and so not
 * counted.
 * Source: loopback_xmit and veth_xmit in Linux drivers/net, br_dev_xmit and br_pass_frame_up in net/bridge: frames count with
 * their header of Ethernet, but over the loopback and where a bridge hands one up to its machine.
 */
import { packetLength } from '../netfilter/view.ts';
import type { Packet } from '../packet.ts';
import type { Link, LinkCounters, NamespaceState } from './state.ts';

/** The header of Ethernet. */
const frameHeaderBytes = 14;

/** Counts a packet that passes a link. */
export function countOnLink(
  namespace: NamespaceState,
  link: Link,
  packet: Packet,
  isOutgoing: boolean,
): void {
  const counters = namespace.linkCounters.get(link.name) ?? createCounters(namespace, link.name);
  const isBare = link.kind === 'loopback' || (link.kind === 'bridge' && !isOutgoing);
  const bytes = packetLength(packet) + (isBare ? 0 : frameHeaderBytes);
  if (isOutgoing) {
    counters.sentBytes += bytes;
    counters.sentPackets += 1;
  } else {
    counters.receivedBytes += bytes;
    counters.receivedPackets += 1;
  }
}

function createCounters(namespace: NamespaceState, link: string): LinkCounters {
  const counters = { receivedBytes: 0, receivedPackets: 0, sentBytes: 0, sentPackets: 0 };
  namespace.linkCounters.set(link, counters);
  return counters;
}
