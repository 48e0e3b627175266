/**
 * A packet's bytes as tcpdump dumps them, with `-X`, `-x` and `-A`. Source: tcpdump 4.99.3 (print-ascii.c); RFC 791, 768, 792
 * and 9293 for the headers, which are built anew here: identification is 0, TCP has no options.
 */
import { parseIPv4 } from '../../net/ipv4.ts';
import type { PacketFacts } from '../../net/process/inspect.ts';

/** A segment that resets has no window. */
export function windowOf({ tcp }: PacketFacts): number {
  return tcp?.rst === true ? 0 : 64_240;
}

/** IP header, transport header and payload. */
function packetBytes(packet: PacketFacts): Uint8Array {
  const payload = Buffer.from(packet.payload, 'latin1');
  const transport = transportHeader(packet);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(0x4500, 0);
  head.writeUInt16BE(20 + transport.length + packet.payloadBytes, 2);
  head.writeUInt16BE(packet.icmp === undefined ? 0x4000 : 0, 6);
  head.writeUInt8(packet.ttl, 8);
  head.writeUInt8(protocolNumbers[packet.protocol], 9);
  head.writeUInt32BE(parseIPv4(packet.source) ?? 0, 12);
  head.writeUInt32BE(parseIPv4(packet.destination) ?? 0, 16);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, transport, payload]);
}

const protocolNumbers = { tcp: 6, udp: 17, icmp: 1, sctp: 132 } as const;

function transportHeader(packet: PacketFacts): Buffer {
  const { sourcePort, destinationPort, payloadBytes, tcp, icmp } = packet;
  if (tcp !== undefined) {
    const header = Buffer.alloc(20);
    header.writeUInt16BE(sourcePort, 0);
    header.writeUInt16BE(destinationPort, 2);
    header.writeUInt32BE(tcp.sequence >>> 0, 4);
    header.writeUInt32BE(tcp.ack ? tcp.acknowledgement >>> 0 : 0, 8);
    const flags = [tcp.fin, tcp.syn, tcp.rst, tcp.psh, tcp.ack];
    header.writeUInt16BE(0x5000 | flags.reduce((sum, isSet, bit) => sum | (isSet ? 1 << bit : 0), 0), 12);
    header.writeUInt16BE(windowOf(packet), 14);
    return header;
  }
  if (icmp !== undefined) {
    const header = Buffer.alloc(8);
    const types = new Map([
      ['echo-request', 8],
      ['echo-reply', 0],
      ['time-exceeded', 11],
    ]);
    header.writeUInt8(types.get(icmp.type) ?? 3, 0);
    header.writeUInt16BE(icmp.identifier ?? 0, 4);
    header.writeUInt16BE(icmp.sequence ?? 0, 6);
    return header;
  }
  const header = Buffer.alloc(8);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt16BE(8 + payloadBytes, 4);
  return header;
}

/** Source: RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Rows of sixteen bytes as hexadecimal words, with `-X` and what is printable of them. */
export function formatHex(packet: PacketFacts, withText: boolean): string {
  const bytes = packetBytes(packet);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Buffer.from(bytes.subarray(at, at + 16));
    const words =
      row
        .toString('hex')
        .match(/.{1,4}/g)
        ?.join(' ') ?? '';
    const text = withText ? `${''.padEnd(39 - words.length)}  ${printable(row)}` : '';
    rows.push(`\t0x${at.toString(16).padStart(4, '0')}:  ${words}${text}\n`);
  }
  return rows.join('');
}

/** What is printable, line by line; a carriage return before the end of a line is not shown. */
export function formatAscii(packet: PacketFacts): string {
  const bytes = packetBytes(packet);
  const text = [...bytes].map((byte, index) => {
    if (byte === 0x0a || byte === 0x09) return String.fromCharCode(byte);
    if (byte === 0x0d && bytes[index + 1] === 0x0a) return '';
    return byte < 0x20 || byte > 0x7e ? '.' : String.fromCharCode(byte);
  });
  return `${text.join('')}\n`;
}

function printable(bytes: Buffer): string {
  return [...bytes].map((byte) => (byte < 0x21 || byte > 0x7e ? '.' : String.fromCharCode(byte))).join('');
}
