/** Lines of tcpdump. Source: what tcpdump 4.99.3 printed of such packets. */
import type { PacketFacts } from '../../net/process/inspect.ts';

/** How a packet is shown. */
export interface PacketStyle {
  /** With the link and the direction, as on `any`. */
  readonly isAny: boolean;
  readonly hasTime: boolean;
  /** The first sequence numbers of connections, from which later ones are counted. */
  readonly beginnings: Map<string, number>;
}

/** One packet as a line. */
export function formatPacket(packet: PacketFacts, { isAny, hasTime, beginnings }: PacketStyle): string {
  const time = hasTime ? `${new Date(packet.atMs).toISOString().slice(11, 23)}000 ` : '';
  const link = isAny ? `${packet.link.padEnd(5)} ${packet.isOutgoing ? 'Out' : 'In '} ` : '';
  const isPort = packet.protocol !== 'icmp';
  const from = isPort ? `${packet.source}.${packet.sourcePort}` : packet.source;
  const to = isPort ? `${packet.destination}.${packet.destinationPort}` : packet.destination;
  return `${time}${link}IP ${from} > ${to}: ${contentOf(packet, beginnings)}\n`;
}

function contentOf(packet: PacketFacts, beginnings: Map<string, number>): string {
  if (packet.tcp !== undefined) return tcpText(packet, packet.tcp, beginnings);
  if (packet.icmp !== undefined) return icmpText(packet, packet.icmp);
  const { sourcePort, destinationPort, payloadBytes, protocol } = packet;
  if (protocol === 'udp' && (sourcePort === 53 || destinationPort === 53)) return dnsText(packet);
  return `${protocol.toUpperCase()}, length ${payloadBytes}`;
}

function tcpText(
  packet: PacketFacts,
  tcp: NonNullable<PacketFacts['tcp']>,
  beginnings: Map<string, number>,
): string {
  const { source, sourcePort, destination, destinationPort, payloadBytes, payload } = packet;
  const forth = `${source}:${sourcePort} ${destination}:${destinationPort}`;
  const back = `${destination}:${destinationPort} ${source}:${sourcePort}`;
  const letters = `${tcp.fin ? 'F' : ''}${tcp.syn ? 'S' : ''}${tcp.rst ? 'R' : ''}${tcp.psh ? 'P' : ''}${tcp.ack ? '.' : ''}`;
  if (tcp.syn) beginnings.set(forth, tcp.sequence);
  const first = tcp.syn ? 0 : (beginnings.get(forth) ?? 0);
  const start = tcp.syn ? tcp.sequence : tcp.sequence - first;
  const range = payloadBytes > 0 ? `${start}:${start + payloadBytes}` : `${start}`;
  const isNumbered = tcp.syn || tcp.fin || tcp.rst || payloadBytes > 0;
  const sequence = isNumbered ? ` seq ${range},` : '';
  const acknowledged = tcp.acknowledgement - (tcp.syn ? 0 : (beginnings.get(back) ?? 0));
  const acknowledgement = tcp.ack ? ` ack ${acknowledged},` : '';
  const isHttp = payloadBytes > 0 && (sourcePort === 80 || destinationPort === 80);
  const line = isHttp
    ? (/^(?:[A-Z]+ \S+ HTTP\/1\.[01]|HTTP\/1\.[01] [^\r\n]*)/.exec(payload)?.[0] ?? '')
    : '';
  const http = isHttp ? `: HTTP${line === '' ? '' : `: ${line}`}` : '';
  return `Flags [${letters}],${sequence}${acknowledgement} win 64240, length ${payloadBytes}${http}`;
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
  // It quotes the header and what began the packet, of which the length is told.
  return `ICMP ${text}, length ${protocol === 'tcp' ? 68 : 36}`;
}

/** The question of a query; answers are told by their count. */
function dnsText({ payload, payloadBytes, destinationPort }: PacketFacts): string {
  const byte = (index: number) => payload.charCodeAt(index) || 0;
  const id = byte(0) * 256 + byte(1);
  const labels: string[] = [];
  let at = 12;
  for (let length = byte(at); length > 0 && length < 64 && at < payload.length; length = byte(at)) {
    labels.push(payload.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  const types = new Map([
    [1, 'A'],
    [5, 'CNAME'],
    [12, 'PTR'],
    [28, 'AAAA'],
    [33, 'SRV'],
  ]);
  const type = types.get(byte(at + 1) * 256 + byte(at + 2)) ?? `Type${byte(at + 1) * 256 + byte(at + 2)}`;
  const recursion = (byte(2) & 1) === 1 ? '+' : '';
  if (destinationPort === 53) return `${id}${recursion} ${type}? ${labels.join('.')}. (${payloadBytes})`;
  const rcode = byte(3) & 15;
  const code = rcode === 3 ? ' NXDomain' : rcode === 2 ? ' ServFail' : rcode === 5 ? ' Refused' : '';
  const authoritative = (byte(2) & 4) === 4 ? '*' : '';
  const counts = [6, 8, 10].map((index) => byte(index) * 256 + byte(index + 1)).join('/');
  const missing = (byte(3) & 0x80) === 0 ? '-' : '';
  return `${id}${code}${authoritative}${missing} ${counts} (${payloadBytes})`;
}
