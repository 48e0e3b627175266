/**
 * Filter expressions of tcpdump: `host`, `net`, `port`, `portrange`, `src`, `dst`, `tcp`, `udp`, `icmp`, `ip`, `greater`, `less` and
 * the flags of TCP, with and, or, not and brackets. Source: pcap-filter(7). Left out: everything else, of which nothing is guessed.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseCidr, parseIPv4 } from '../../net/ipv4.ts';
import type { PacketFacts } from '../../net/process/inspect.ts';

/** Whether a packet is wanted. */
export type PacketFilter = (packet: PacketFacts) => boolean;

/** Brackets inside each other at most. */
const deepest = 50;

/** Reads an expression; none wants every packet. The error is that of libpcap's parser. */
export function parseFilter(words: readonly string[]): Result<PacketFilter, string> {
  const tokens = foldFlags(words.join(' '))
    .split(/([()!]|\s+)/)
    .filter((token) => token.trim() !== '');
  if (tokens.length === 0) return ok(() => true);
  const reader = new FilterReader(tokens);
  const filter = reader.readEither(0);
  return filter !== undefined && reader.isAtEnd ? ok(filter) : err('syntax error');
}

/** The flags of TCP by bit. Source: pcap-filter(7). */
const tcpFlags = ['tcp-fin', 'tcp-syn', 'tcp-rst', 'tcp-push', 'tcp-ack', 'tcp-urg'];

/** `tcp[tcpflags] & (tcp-syn|tcp-ack) != 0` as one token. */
function foldFlags(text: string): string {
  const expression =
    /tcp\[(?:tcpflags|13)\]\s*(?:&\s*(\([^()]*\)|[\w|-]+)\s*)?(==|!=|=)\s*(\([^()]*\)|[\w|-]+)/g;
  return text.replace(expression, (_, mask: string | undefined, comparison: string, value: string) => {
    const [masked, wanted] = [mask === undefined ? 0xff : flagBits(mask), flagBits(value)];
    return ` tcpflags:${masked}:${comparison === '!=' ? 'ne' : 'eq'}:${wanted} `;
  });
}

function flagBits(text: string): number {
  return text
    .replace(/[()]/g, '')
    .split('|')
    .map((word) => word.trim())
    .reduce((bits, word) => {
      const at = tcpFlags.indexOf(word);
      return bits | (at >= 0 ? 1 << at : Number(word) || 0);
    }, 0);
}

function flagTest(token: string): PacketFilter {
  const [, mask = '0', comparison, wanted = '0'] = token.split(':');
  return ({ tcp }) => {
    if (tcp === undefined) return false;
    const bits = [tcp.fin, tcp.syn, tcp.rst, tcp.psh, tcp.ack].reduce(
      (sum, isSet, bit) => sum | (isSet ? 1 << bit : 0),
      0,
    );
    return ((bits & Number(mask)) === Number(wanted)) === (comparison === 'eq');
  };
}

class FilterReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** In libpcap `and` and `or` bind alike, from the left. */
  readEither(depth: number): PacketFilter | undefined {
    let left = this.#readOne(depth);
    while (left !== undefined && this.#isNext(['and', 'or', '&&', '||'])) {
      const isAnd = ['and', '&&'].includes(this.#take());
      const right = this.#readOne(depth);
      if (right === undefined) return undefined;
      const before = left;
      left = isAnd
        ? (packet) => before(packet) && right(packet)
        : (packet) => before(packet) || right(packet);
    }
    return left;
  }

  #readOne(depth: number): PacketFilter | undefined {
    if (depth > deepest) return undefined;
    if (this.#isNext(['not', '!'])) {
      this.#take();
      const inner = this.#readOne(depth + 1);
      return inner === undefined ? undefined : (packet) => !inner(packet);
    }
    if (!this.#isNext(['('])) return this.#readPrimitive();
    this.#take();
    const inner = this.readEither(depth + 1);
    if (inner === undefined || !this.#isNext([')'])) return undefined;
    this.#take();
    return inner;
  }

  #readPrimitive(): PacketFilter | undefined {
    if (this.#tokens[this.#at]?.startsWith('tcpflags:') === true) return flagTest(this.#take());
    if (this.#isNext(['arp', 'ip6', 'icmp6'])) {
      this.#take();
      return () => false;
    }
    if (this.#isNext(['greater', 'less'])) {
      const isGreater = this.#take() === 'greater';
      const bytes = Number(this.#take());
      if (!Number.isInteger(bytes)) return undefined;
      return (packet) => (isGreater ? frameBytes(packet) >= bytes : frameBytes(packet) <= bytes);
    }
    const protocol = this.#isNext(['tcp', 'udp', 'icmp', 'ip']) ? this.#take() : undefined;
    const end = this.#isNext(['src', 'dst']) ? this.#take() : undefined;
    const kind = this.#isNext(['host', 'net', 'port', 'portrange']) ? this.#take() : undefined;
    const isProtocol: PacketFilter = (packet) =>
      protocol === undefined || protocol === 'ip' || packet.protocol === protocol;
    if (kind === undefined && end === undefined && protocol !== undefined) return isProtocol;
    const value = this.isAtEnd ? '' : this.#take();
    const test =
      kind === 'port' ? portTest(value) : kind === 'portrange' ? rangeTest(value) : addressTest(value);
    if (test === undefined) return undefined;
    return (packet) =>
      isProtocol(packet) &&
      ((end !== 'dst' && test(packet.source, packet.sourcePort)) ||
        (end !== 'src' && test(packet.destination, packet.destinationPort)));
  }

  #isNext(words: readonly string[]): boolean {
    return words.includes(this.#tokens[this.#at] ?? '');
  }

  #take(): string {
    this.#at += 1;
    return this.#tokens[this.#at - 1] ?? '';
  }
}

type EndTest = (address: string, port: number) => boolean;

const portNames: ReadonlyMap<string, number> = new Map([
  ['domain', 53],
  ['http', 80],
  ['https', 443],
]);

function portTest(text: string): EndTest | undefined {
  const port = portNames.get(text) ?? (/^\d{1,5}$/.test(text) ? Number(text) : undefined);
  return port === undefined ? undefined : (_, own) => own === port;
}

function rangeTest(text: string): EndTest | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  return (_, own) => own >= Number(first) && own <= Number(last);
}

/** As long as the packet was on the wire: with the headers of Ethernet, IP and its transport. */
function frameBytes({ protocol, payloadBytes }: PacketFacts): number {
  return 14 + 20 + (protocol === 'tcp' ? 20 : 8) + payloadBytes;
}

function addressTest(text: string): EndTest | undefined {
  const prefix = parseCidr(text.includes('/') ? text : `${text}/32`)?.prefix;
  if (prefix === undefined) return undefined;
  const shift = 32 - prefix.length;
  return (address) => {
    const value = parseIPv4(address);
    return value !== undefined && (shift === 32 || value >>> shift === prefix.network >>> shift);
  };
}
