/** A packet as it lies in a machine's memory: headers and a payload, never bytes of headers. */
import type { PacketHeader } from './trace.ts';

/** An IPv4 packet. Nobody changes it: NAT, marks and hops make a changed copy, see {@link changedPacket}. */
export interface Packet extends PacketHeader {
  /** Same for the whole way, for traces. */
  readonly id: number;
  readonly ttl: number;
  /** The skb mark; it does not leave the machine. */
  readonly mark: number;
  /** For tcp. */
  readonly tcp?: TcpHeader | undefined;
  /**
   * For icmp: an echo, or an error that quotes the header of the packet that caused it, as the machine that sends the
   * error saw it. A quoted echo has its identifier as source port and its type as destination port.
   */
  readonly icmp?: IcmpMessage | undefined;
  readonly payload: Uint8Array;
}

export interface TcpHeader {
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  readonly sequence: number;
  readonly acknowledgement: number;
}

export type IcmpMessage =
  | { readonly type: 'echo-request' | 'echo-reply'; readonly identifier: number; readonly sequence: number }
  | {
      readonly type: 'destination-unreachable';
      readonly code:
        | 'net'
        | 'host'
        | 'port'
        | 'protocol'
        | 'host-prohibited'
        | 'net-prohibited'
        | 'admin-prohibited';
      readonly quoted: PacketHeader;
    }
  | { readonly type: 'time-exceeded'; readonly quoted: PacketHeader };

/** What an ICMP error says. */
export type IcmpErrorKind =
  | Extract<IcmpMessage, { readonly type: 'destination-unreachable' }>['code']
  | 'time-exceeded';

/** What can be changed of a packet on its way. */
export type PacketChange = Partial<
  Pick<Packet, 'source' | 'sourcePort' | 'destination' | 'destinationPort' | 'ttl' | 'mark' | 'icmp'>
>;

/** A changed copy. Spelled out, since copying by spread costs a quarter of a packet's whole way. */
export function changedPacket(packet: Packet, change: PacketChange): Packet {
  return {
    id: packet.id,
    protocol: packet.protocol,
    source: change.source ?? packet.source,
    sourcePort: change.sourcePort ?? packet.sourcePort,
    destination: change.destination ?? packet.destination,
    destinationPort: change.destinationPort ?? packet.destinationPort,
    ttl: change.ttl ?? packet.ttl,
    mark: change.mark ?? packet.mark,
    payload: packet.payload,
    tcp: packet.tcp,
    icmp: change.icmp ?? packet.icmp,
  };
}
