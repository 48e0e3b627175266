/**
 * tcpdump on the links of a namespace. Source: tcpdump 4.99.3, its lines in the tests. Left out: ARP, which is not
 * exchanged packet by packet here, TCP's options and windows, writing files, all but the common words of filters.
 */
import { isPackets, type PacketFacts } from '../../net/process/inspect.ts';
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
      t: 'no-time',
      l: 'line',
      e: 'link',
      A: 'ascii',
      p: 'plain',
      U: 'unbuffered',
    },
    values: { i: 'interface', c: 'count', s: 'snaplen' },
  });
  if (!parsed.ok) {
    const option = parsed.error.option.replace(/^-+/, '');
    yield* sys.printError(`tcpdump: invalid option -- '${option}'\n`);
    return 1;
  }
  const args = parsed.value;
  const link = args.value('interface') ?? 'eth0';
  const filter = parseFilter(args.operands.join(' ').split(/\s+/).filter(Boolean));
  if (!filter.ok) {
    yield* sys.printError(`tcpdump: can't parse filter expression: ${filter.error}\n`);
    return 1;
  }
  const most = Number(args.value('count') ?? Number.POSITIVE_INFINITY);
  const pid = yield* sys.getpid();
  const refused = yield* sys.configure({ part: 'tap', pid });
  if (refused !== undefined) {
    yield* sys.printError(
      `tcpdump: ${link}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n`,
    );
    return 1;
  }
  const kind = link === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  yield* sys.printError(
    `${link === 'any' ? 'tcpdump: data link type LINUX_SLL2\n' : ''}tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${link}, link-type ${kind}, snapshot length 262144 bytes\n`,
  );
  const wanted = (packet: PacketFacts) => (link === 'any' || packet.link === link) && filter.value(packet);
  const beginnings = new Map<string, number>();
  let read = 0;
  let shown = 0;
  while (shown < most) {
    const facts = yield* sys.inspect('tap', { pid, from: read });
    const packets = isPackets(facts) ? facts : [];
    for (const packet of packets) {
      read += 1;
      if (!wanted(packet)) continue;
      yield* sys.print(
        formatPacket(packet, { isAny: link === 'any', hasTime: !args.flags.has('no-time'), beginnings }),
      );
      shown += 1;
      if (shown >= most) break;
    }
    if (shown < most && packets.length === 0) yield* sys.sleep(intervalMs);
  }
  const captured = `${shown} packet${shown === 1 ? '' : 's'} captured\n${read} packet${read === 1 ? '' : 's'} received by filter\n`;
  yield* sys.printError(`${captured}0 packets dropped by kernel\n`);
  return 0;
};
