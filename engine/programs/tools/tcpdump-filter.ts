/**
 * Filter expressions of tcpdump: `host`, `net`, `port`, `src`, `dst`, `tcp`, `udp`, `icmp`, `ip` with and, or, not and
 * brackets. Source: pcap-filter(7). Left out: everything else, of which nothing is guessed.
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
  const tokens = words.flatMap((word) => word.split(/([()!])/)).filter((token) => token !== '');
  if (tokens.length === 0) return ok(() => true);
  const reader = new FilterReader(tokens);
  const filter = reader.readEither(0);
  return filter !== undefined && reader.isAtEnd ? ok(filter) : err('syntax error');
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
    const protocol = this.#isNext(['tcp', 'udp', 'icmp', 'ip']) ? this.#take() : undefined;
    const end = this.#isNext(['src', 'dst']) ? this.#take() : undefined;
    const kind = this.#isNext(['host', 'net', 'port']) ? this.#take() : undefined;
    const isProtocol: PacketFilter = (packet) =>
      protocol === undefined || protocol === 'ip' || packet.protocol === protocol;
    if (kind === undefined && end === undefined && protocol !== undefined) return isProtocol;
    const value = this.isAtEnd ? '' : this.#take();
    const test = kind === 'port' ? portTest(value) : addressTest(value);
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

function addressTest(text: string): EndTest | undefined {
  const prefix = parseCidr(text.includes('/') ? text : `${text}/32`)?.prefix;
  if (prefix === undefined) return undefined;
  const shift = 32 - prefix.length;
  return (address) => {
    const value = parseIPv4(address);
    return value !== undefined && (shift === 32 || value >>> shift === prefix.network >>> shift);
  };
}
