/** Lines of tcpdump. Source: what tcpdump 4.99.3 printed of such packets. */
import type { PacketFacts } from '../../net/process/inspect.ts';
import type { PacketHeader } from '../../net/trace.ts';
import { formatAscii, formatHex, windowOf } from './tcpdump-bytes.ts';
import { dnsText } from './tcpdump-dns.ts';

/** How a packet is shown. */
export interface PacketStyle {
  /** With the link and the direction, as on `any`. */
  readonly isAny: boolean;
  /** The numbers of links, where the frame is told too (`-e`). */
  readonly frames: ReadonlyMap<string, number> | undefined;
  /** How often `-t` was given: the time of day, none, seconds since the epoch, since the last packet, with the date. */
  readonly time: number;
  /** How often `-v` was given. */
  readonly verbosity: number;
  readonly isQuick: boolean;
  /** Whether sequence numbers are told as they are (`-S`). */
  readonly isAbsolute: boolean;
  readonly dump: 'hex' | 'hex-and-text' | 'ascii' | undefined;
  /** The first sequence numbers of connections, from which later ones are counted. */
  readonly beginnings: Map<string, number>;
  /** When the packet before was seen. */
  readonly previousMs: number | undefined;
}

/** One packet: a line, with more under it where that is asked for. */
export function formatPacket(packet: PacketFacts, style: PacketStyle): string {
  const { isAny, verbosity, dump, frames } = style;
  const link = isAny ? `${packet.link.padEnd(5)} ${packet.isOutgoing ? 'Out' : 'In '} ` : '';
  const frame = frames === undefined ? 'IP ' : frameText(packet, style, frames);
  const head = verbosity > 0 ? `${frame}${headerText(packet)}\n    ` : frame;
  const more =
    dump === undefined
      ? ''
      : dump === 'ascii'
        ? formatAscii(packet)
        : formatHex(packet, dump === 'hex-and-text');
  return `${timeText(packet, style)}${link}${head}${endsOf(packet)}: ${contentOf(packet, style)}\n${more}`;
}

/** Ethernet's header, or that of packets of any link. Source: ether_print and sll2_print. */
function frameText(
  packet: PacketFacts,
  { isAny }: PacketStyle,
  indexes: ReadonlyMap<string, number>,
): string {
  const { sourceMac, destinationMac, link } = packet;
  const ends = isAny ? `ifindex ${indexes.get(link) ?? 0} ${sourceMac}` : `${sourceMac} > ${destinationMac},`;
  const length = lengthOf(packet) + (isAny ? 20 : 14);
  return `${ends} ethertype IPv4 (0x0800), length ${length}: `;
}

function timeText({ atMs }: PacketFacts, { time, previousMs = atMs }: PacketStyle): string {
  const iso = (ms: number) => new Date(ms).toISOString();
  switch (time) {
    case 0:
      return `${iso(atMs).slice(11, 23)}000 `;
    case 1:
      return '';
    case 2:
      return `${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}000 `;
    case 3:
      return ` ${iso(atMs - previousMs).slice(11, 23)}000 `;
    default:
      return `${iso(atMs).slice(0, 10)} ${iso(atMs).slice(11, 23)}000 `;
  }
}

function endsOf({ protocol, source, sourcePort, destination, destinationPort }: PacketHeader): string {
  return protocol === 'icmp'
    ? `${source} > ${destination}`
    : `${source}.${sourcePort} > ${destination}.${destinationPort}`;
}

const protocolTexts = { tcp: 'TCP (6)', udp: 'UDP (17)', icmp: 'ICMP (1)', sctp: 'SCTP (132)' } as const;

/** The IP header; what is not modelled is as Linux has it, the identification being 0. */
function headerText(packet: PacketFacts): string {
  const { protocol, ttl, icmp } = packet;
  const isAnswer = icmp !== undefined && icmp.type !== 'echo-request';
  const tos = icmp?.quoted === undefined ? '0x0' : '0xc0';
  return `(tos ${tos}, ttl ${ttl}, id 0, offset 0, flags [${isAnswer ? 'none' : 'DF'}], proto ${protocolTexts[protocol]}, length ${lengthOf(packet)})`;
}

function lengthOf({ protocol, icmp, payloadBytes }: PacketFacts): number {
  return icmp?.quoted === undefined
    ? 20 + headerBytes[protocol] + payloadBytes
    : 20 + quotedBytes(icmp.quoted);
}

const headerBytes = { tcp: 20, udp: 8, icmp: 8, sctp: 12 } as const;

/** An error quotes the header and what began the packet, of which the length is told. */
function quotedBytes({ protocol }: PacketHeader): number {
  return protocol === 'tcp' ? 68 : 36;
}

function contentOf(packet: PacketFacts, style: PacketStyle): string {
  const { sourcePort, destinationPort, payload, payloadBytes, protocol } = packet;
  if (packet.tcp !== undefined)
    return style.isQuick ? `tcp ${payloadBytes}` : tcpText(packet, packet.tcp, style);
  if (packet.icmp !== undefined) return icmpText(packet, packet.icmp);
  const isDns = protocol === 'udp' && (sourcePort === 53 || destinationPort === 53) && !style.isQuick;
  const dns = isDns ? dnsText(Buffer.from(payload, 'latin1'), payloadBytes, style.verbosity) : undefined;
  return dns ?? `${protocol.toUpperCase()}, length ${payloadBytes}`;
}

function tcpText(packet: PacketFacts, tcp: NonNullable<PacketFacts['tcp']>, style: PacketStyle): string {
  const { sourcePort, destinationPort, payloadBytes, payload } = packet;
  const letters = `${tcp.fin ? 'F' : ''}${tcp.syn ? 'S' : ''}${tcp.rst ? 'R' : ''}${tcp.psh ? 'P' : ''}${tcp.ack ? '.' : ''}`;
  const from = countedFrom(packet, tcp, style);
  const start = tcp.sequence - from.sequence;
  const range = payloadBytes > 0 ? `${start}:${start + payloadBytes}` : `${start}`;
  const isNumbered = tcp.syn || tcp.fin || tcp.rst || payloadBytes > 0;
  const sequence = isNumbered ? ` seq ${range},` : '';
  const acknowledgement = tcp.ack ? ` ack ${tcp.acknowledgement - from.acknowledgement},` : '';
  const isHttp = payloadBytes > 0 && (sourcePort === 80 || destinationPort === 80);
  const line = isHttp
    ? (/^(?:[A-Z]+ \S+ HTTP\/1\.[01]|HTTP\/1\.[01] [^\r\n]*)/.exec(payload)?.[0] ?? '')
    : '';
  const lines = payload.replace(/\r?\n$/, '').split(/\r?\n/);
  const quick = line === '' ? '' : `: ${line}`;
  const whole = `, length: ${payloadBytes}${lines.map((text) => `\n\t${text}`).join('')}`;
  const http = isHttp ? `: HTTP${style.verbosity > 0 && line !== '' ? whole : quick}` : '';
  return `Flags [${letters}],${sequence}${acknowledgement} win ${windowOf(packet)}, length ${payloadBytes}${http}`;
}

/**
 * Numbers are counted from the first segment of a connection that acknowledges something; that one has them as they are.
 * Source: tcp_print in print-tcp.c.
 */
function countedFrom(
  { source, sourcePort, destination, destinationPort }: PacketFacts,
  tcp: NonNullable<PacketFacts['tcp']>,
  { beginnings, isAbsolute }: PacketStyle,
): { readonly sequence: number; readonly acknowledgement: number } {
  const absolute = { sequence: 0, acknowledgement: 0 };
  if (isAbsolute || !tcp.ack) return absolute;
  const forth = `${source}:${sourcePort} ${destination}:${destinationPort}`;
  const back = `${destination}:${destinationPort} ${source}:${sourcePort}`;
  const [own, other] = [beginnings.get(forth), beginnings.get(back)];
  if (own === undefined || other === undefined || tcp.syn) {
    beginnings.set(forth, tcp.sequence);
    beginnings.set(back, tcp.acknowledgement - 1);
    return absolute;
  }
  return { sequence: own, acknowledgement: other };
}

function icmpText({ payloadBytes }: PacketFacts, icmp: NonNullable<PacketFacts['icmp']>): string {
  const { type, code, identifier = 0, sequence = 0, quoted } = icmp;
  if (quoted === undefined) {
    const word = type === 'echo-reply' ? 'reply' : 'request';
    return `ICMP echo ${word}, id ${identifier}, seq ${sequence}, length ${payloadBytes + 8}`;
  }
  const { destination, destinationPort, protocol } = quoted;
  const texts = new Map([
    ['net', `net ${destination} unreachable`],
    ['host', `host ${destination} unreachable`],
    ['port', `${destination} ${protocol} port ${destinationPort} unreachable`],
    ['protocol', `${destination} protocol ${protocol === 'udp' ? 17 : 6} unreachable`],
    ['net-prohibited', `net ${destination} unreachable - admin prohibited`],
    ['host-prohibited', `host ${destination} unreachable - admin prohibited`],
    ['admin-prohibited', `host ${destination} unreachable - admin prohibited filter`],
  ]);
  const text = type === 'time-exceeded' ? 'time exceeded in-transit' : (texts.get(code ?? '') ?? type);
  return `ICMP ${text}, length ${quotedBytes(quoted)}`;
}
