/** Making packets, and the answers that a machine gives by itself: RST and ICMP errors. */
import { parseIPv4 } from '../ipv4.ts';
import type { IcmpErrorKind, IcmpMessage, Packet, TcpHeader } from '../packet.ts';
import type { PacketHeader } from '../trace.ts';
import type { NetworkState } from './state.ts';

/** Source: IPDEFTTL in Linux linux/ip.h. */
const defaultTtl = 64;

const noBytes = new Uint8Array();

/** What a new packet is made from; what is absent has its usual value. */
export interface PacketDraft extends PacketHeader {
  readonly ttl?: number;
  readonly tcp?: TcpHeader;
  readonly icmp?: IcmpMessage;
  readonly payload?: Uint8Array;
}

/** A packet with the next number. */
export function createPacket(state: NetworkState, draft: PacketDraft): Packet {
  const id = state.nextPacketId;
  state.nextPacketId += 1;
  const { protocol, source, sourcePort, destination, destinationPort, tcp, icmp } = draft;
  const ttl = draft.ttl ?? defaultTtl;
  const payload = draft.payload ?? noBytes;
  return { id, protocol, source, sourcePort, destination, destinationPort, ttl, mark: 0, payload, tcp, icmp };
}

/** The addresses and ports alone. */
export function headerOf(packet: PacketHeader): PacketHeader {
  const { protocol, source, sourcePort, destination, destinationPort } = packet;
  return { protocol, source, sourcePort, destination, destinationPort };
}

/** What a packet carries, as traces tell it. */
export function summarizePacket(packet: Packet): string {
  const { tcp, icmp } = packet;
  if (tcp !== undefined) {
    if (tcp.rst) return 'RST';
    if (tcp.syn) return tcp.ack ? 'SYN-ACK' : 'SYN';
    if (tcp.fin) return 'FIN';
    return packet.payload.length > 0 ? 'PSH' : 'ACK';
  }
  if (icmp === undefined) return packet.protocol.toUpperCase();
  switch (icmp.type) {
    case 'echo-request':
      return 'ICMP echo request';
    case 'echo-reply':
      return 'ICMP echo reply';
    case 'time-exceeded':
      return 'ICMP time exceeded';
    case 'destination-unreachable':
      return `ICMP ${icmp.code.replace('-', ' ')}${icmp.code.includes('-') ? '' : ' unreachable'}`;
  }
}

/** The RST for a segment that belongs to no connection; an RST gets none. Source: RFC 9293, section 3.10.7.1. */
export function resetFor(packet: Packet): PacketDraft | undefined {
  const { tcp } = packet;
  if (tcp === undefined || tcp.rst) return undefined;
  const length = packet.payload.length + (tcp.syn ? 1 : 0) + (tcp.fin ? 1 : 0);
  return {
    protocol: 'tcp',
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    tcp: {
      syn: false,
      fin: false,
      psh: false,
      rst: true,
      ack: !tcp.ack,
      sequence: tcp.ack ? tcp.acknowledgement : 0,
      acknowledgement: tcp.ack ? 0 : tcp.sequence + length,
    },
  };
}

/**
 * The ICMP error about a packet, from an address of the machine that sends it. An ICMP error causes none.
 * Source: RFC 1122, section 3.2.2.
 */
export function icmpErrorFor(packet: Packet, icmp: IcmpErrorKind, source: string): PacketDraft | undefined {
  const isError = packet.icmp !== undefined && 'quoted' in packet.icmp;
  if (isError || parseIPv4(packet.source) === 0) return undefined;
  const quoted = quotedHeader(packet);
  return {
    protocol: 'icmp',
    source,
    sourcePort: 0,
    destination: packet.source,
    destinationPort: 0,
    icmp:
      icmp === 'time-exceeded'
        ? { type: icmp, quoted }
        : { type: 'destination-unreachable', code: icmp, quoted },
  };
}

/** An echo has its identifier and its type where others have ports, as connection tracking has it. Source: RFC 792. */
function quotedHeader(packet: Packet): PacketHeader {
  const { icmp } = packet;
  if (icmp?.type !== 'echo-request' && icmp?.type !== 'echo-reply') return headerOf(packet);
  const destinationPort = icmp.type === 'echo-request' ? 8 : 0;
  return { ...headerOf(packet), sourcePort: icmp.identifier, destinationPort };
}

/** The ICMP error that REJECT sends for its `--reject-with`. Source: iptables-extensions(8), REJECT. */
export function rejectKind(rejectWith: string): IcmpErrorKind {
  switch (rejectWith) {
    case 'icmp-net-unreachable':
      return 'net';
    case 'icmp-host-unreachable':
      return 'host';
    case 'icmp-proto-unreachable':
      return 'protocol';
    case 'icmp-net-prohibited':
      return 'net-prohibited';
    case 'icmp-host-prohibited':
      return 'host-prohibited';
    case 'icmp-admin-prohibited':
      return 'admin-prohibited';
    default:
      return 'port';
  }
}
