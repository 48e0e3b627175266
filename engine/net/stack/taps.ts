/** Listening in: what packet sockets on all links of a namespace see. Source: packet(7). Left out: ARP, promiscuous mode. */
import type { Packet } from '../packet.ts';
import type { PacketFacts } from '../process/inspect.ts';
import type { NetnsId } from '../trace.ts';
import type { NetworkState, Tap, TappedPacket } from './state.ts';

/** What a tap keeps for its reader; the oldest make room. */
const mostPackets = 1_000;

/** What is kept of a payload: that of a frame. */
const mostBytes = 1_500;

/** Opens a tap for a process, which is closed with it. */
export function openTap(state: NetworkState, netns: NetnsId, pid: number): void {
  state.taps.set(pid, { netns, forgotten: 0, packets: [] });
}

/** Hands a packet to whoever listens in on its namespace. */
export function tellTaps(state: NetworkState, netns: NetnsId, seen: TappedPacket): void {
  if (state.taps.size === 0) return;
  for (const tap of state.taps.values()) {
    if (tap.netns !== netns) continue;
    tap.packets.push(Object.freeze(seen));
    if (tap.packets.length <= mostPackets) continue;
    tap.packets.shift();
    tap.forgotten += 1;
  }
}

/** The packets from a number on, the first one that a tap saw being 0. */
export function readTap(tap: Tap | undefined, from: number): readonly PacketFacts[] {
  const first = Math.max(0, from - (tap?.forgotten ?? 0));
  return (tap?.packets ?? []).slice(first).map(({ packet, ...frame }) => ({
    ...frame,
    ...factsOf(packet),
  }));
}

function factsOf(packet: Packet): Omit<PacketFacts, Exclude<keyof TappedPacket, 'packet'>> {
  const { protocol, source, sourcePort, destination, destinationPort, payload, tcp, icmp } = packet;
  const head = { protocol, source, sourcePort, destination, destinationPort, ttl: packet.ttl };
  return {
    ...head,
    payload: new TextDecoder('latin1').decode(payload.subarray(0, mostBytes)),
    payloadBytes: payload.length,
    ...(tcp === undefined ? {} : { tcp: { ...tcp } }),
    ...(icmp === undefined ? {} : { icmp: icmpFacts(icmp) }),
  };
}

function icmpFacts(icmp: NonNullable<Packet['icmp']>): NonNullable<PacketFacts['icmp']> {
  if ('identifier' in icmp) return { ...icmp };
  const { quoted, type } = icmp;
  return { type, quoted: { ...quoted }, ...('code' in icmp ? { code: icmp.code } : {}) };
}
