/**
 * tcpdump on the links of a namespace. Source: tcpdump 4.99.3, its lines in the tests and in fixtures/tcpdump.txt. Left out:
 * ARP, which is not exchanged packet by packet here, what stands in headers besides addresses, ports and flags, files, all but
 * the common words of filters.
 */
import { isLinks, isPackets, type PacketFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { parseFilter } from './tcpdump-filter.ts';
import { formatPacket } from './tcpdump-format.ts';

/** How often it looks for packets; nothing is lost in between. */
const intervalMs = 50;

/** tcpdump. */
export const tcpdump: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: {
      n: 'numeric',
      q: 'quick',
      v: 'verbose',
      t: 'time',
      l: 'line',
      e: 'link',
      A: 'ascii',
      x: 'hex',
      X: 'hex-and-text',
      S: 'absolute',
      p: 'plain',
      U: 'unbuffered',
      '#': 'number',
      version: 'version',
    },
    values: { i: 'interface', interface: 'interface', c: 'count', s: 'snaplen', w: 'write', r: 'read' },
  });
  if (!parsed.ok) {
    const option = parsed.error.option.replace(/^-+/, '');
    yield* sys.printError(`tcpdump: invalid option -- '${option}'\n`);
    return 1;
  }
  const args = parsed.value;
  if (args.flags.has('version')) {
    yield* sys.print('tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\n');
    return 0;
  }
  const unsimulated =
    args.value('write') !== undefined ? '-w' : args.value('read') !== undefined ? '-r' : undefined;
  if (unsimulated !== undefined) {
    yield* sys.printError(`tcpdump: ${unsimulated} is not simulated\n`);
    return 1;
  }
  const link = args.value('interface') ?? 'eth0';
  const links = yield* sys.inspect('links');
  if (link !== 'any' && isLinks(links) && !links.some(({ name }) => name === link)) {
    yield* sys.printError(`tcpdump: ${link}: No such device exists\n(No such device exists)\n`);
    return 1;
  }
  const filter = parseFilter(args.operands.join(' ').split(/\s+/).filter(Boolean));
  if (!filter.ok) {
    yield* sys.printError(`tcpdump: can't parse filter expression: ${filter.error}\n`);
    return 1;
  }
  const most = Number(args.value('count') ?? Number.POSITIVE_INFINITY);
  yield* sys.configure({ part: 'tap' });
  const kind = link === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  const verbosity = args.count('verbose');
  const suppressed =
    verbosity > 0
      ? 'tcpdump: '
      : 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n';
  yield* sys.printError(
    `${link === 'any' ? 'tcpdump: data link type LINUX_SLL2\n' : ''}${suppressed}listening on ${link}, link-type ${kind}, snapshot length 262144 bytes\n`,
  );
  const wanted = (packet: PacketFacts) => (link === 'any' || packet.link === link) && filter.value(packet);
  let read = 0;
  let shown = 0;
  let previousMs: number | undefined;
  const style = {
    isAny: link === 'any',
    frames:
      args.flags.has('link') && isLinks(links)
        ? new Map(links.map(({ name, index }) => [name, index]))
        : undefined,
    time: args.count('time'),
    verbosity,
    isQuick: args.flags.has('quick'),
    isAbsolute: args.flags.has('absolute'),
    dump: (['ascii', 'hex-and-text', 'hex'] as const).find((name) => args.flags.has(name)),
    beginnings: new Map<string, number>(),
  };
  while (shown < most) {
    const facts = yield* sys.inspect('tap', { from: read });
    const packets = isPackets(facts) ? facts : [];
    for (const packet of packets) {
      read += 1;
      if (!wanted(packet)) continue;
      const number = args.flags.has('number') ? `    ${shown + 1}  ` : '';
      yield* sys.print(`${number}${formatPacket(packet, { ...style, previousMs })}`);
      previousMs = packet.atMs;
      shown += 1;
      if (shown >= most) break;
    }
    if (shown < most && packets.length === 0) yield* sys.sleep(intervalMs);
  }
  const captured = `${shown} packet${shown === 1 ? '' : 's'} captured\n${read} packet${read === 1 ? '' : 's'} received by filter\n`;
  yield* sys.printError(`${captured}0 packets dropped by kernel\n`);
  return 0;
};
