/** traceroute and conntrack: what a node administrator looks at besides addresses and rules. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';

/** traceroute as busybox prints it, with one probe to a hop that answers at once. ICMP echoes stand for its datagrams. */
export const traceroute: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: { n: 'numeric', I: 'icmp', '4': 'ipv4' },
    values: { m: 'max-ttl', w: 'wait', q: 'queries', p: 'port', f: 'first', s: 'source' },
  });
  const host = parsed.ok ? parsed.value.operands[0] : undefined;
  if (!parsed.ok || host === undefined) {
    yield* sys.printError('Usage: traceroute [-n] [-m MAXTTL] [-q PROBES] [-w WAIT_SEC] HOST\n');
    return 1;
  }
  const args = parsed.value;
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    yield* sys.printError(`traceroute: bad address '${host}'\n`);
    return 1;
  }
  const maxTtl = Math.min(Number(args.value('max-ttl') ?? 30) || 30, 64);
  const probes = Math.min(Number(args.value('queries') ?? 3) || 3, 10);
  const timeoutMs = 1000 * (Number(args.value('wait') ?? 5) || 5);
  yield* sys.print(`traceroute to ${host} (${address}), ${maxTtl} hops max, 46 byte packets\n`);
  for (let ttl = 1; ttl <= maxTtl; ttl += 1) {
    const cells: string[] = [];
    let reached = false;
    for (let probe = 0; probe < probes; probe += 1) {
      const pong = yield* sys.ping({ address, ttl, bytes: 38, timeoutMs });
      const from = pong.ok ? pong.value.from : '';
      if (!pong.ok || from === '') {
        cells.push('*');
        continue;
      }
      const shown = args.flags.has('numeric') ? from : `${from} (${from})`;
      cells.push(cells.some((cell) => cell.includes(from)) ? '0.050 ms' : `${shown}  0.050 ms`);
      if (pong.value.error !== 'time-exceeded') reached = true;
    }
    yield* sys.print(`${String(ttl).padStart(2)}  ${cells.join('  ')}\n`);
    if (reached) return 0;
  }
  return 0;
};

/** conntrack -L, -D and -F, with -p, -s, -d and --dport as filters. */
export const conntrack: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: {
      L: 'list',
      dump: 'list',
      D: 'delete',
      delete: 'delete',
      F: 'flush',
      flush: 'flush',
      n: 'numeric',
    },
    values: {
      p: 'protocol',
      proto: 'protocol',
      s: 'source',
      src: 'source',
      'orig-src': 'source',
      d: 'destination',
      dst: 'destination',
      'orig-dst': 'destination',
      r: 'reply',
      'reply-src': 'reply',
      dport: 'port',
      'orig-port-dst': 'port',
      t: 'table',
    },
  });
  const flags = parsed.ok ? parsed.value.flags : new Set<string>();
  if (!parsed.ok || (!flags.has('list') && !flags.has('delete') && !flags.has('flush'))) {
    yield* sys.printError('conntrack v1.4.7 (conntrack-tools): Only -L, -D and -F are simulated.\n');
    return 2;
  }
  const filter = filterOf(parsed.value);
  if (flags.has('flush')) {
    const flushed = yield* sys.configure({ part: 'conntrack' });
    const done = 'connection tracking table has been emptied.';
    const text = flushed?.errno === undefined ? done : `Operation failed: ${denied}`;
    yield* sys.printError(`conntrack v1.4.7 (conntrack-tools): ${text}\n`);
    return flushed?.errno === undefined ? 0 : 1;
  }
  const facts = yield* sys.inspect('conntrack', filter);
  const lines = Array.isArray(facts) ? facts.map(String) : [];
  if (flags.has('list')) {
    yield* sys.print(lines.map((line) => `${line}\n`).join(''));
    yield* sys.printError(
      `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been shown.\n`,
    );
    return 0;
  }
  const refused = yield* sys.configure({ part: 'conntrack', ...filter });
  if (refused?.errno !== undefined) {
    yield* sys.printError(`conntrack v1.4.7 (conntrack-tools): Operation failed: ${denied}\n`);
    return 1;
  }
  yield* sys.print(lines.map((line) => `${line}\n`).join(''));
  yield* sys.printError(
    `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been deleted.\n`,
  );
  // Source: conntrack(8): deleting nothing is a failure.
  return lines.length === 0 ? 1 : 0;
};

const denied = 'sorry, you must be root or get CAP_NET_ADMIN capability to do this';

/** Filters are about the original direction, but for the reply's source. */
function filterOf(args: ParsedArguments) {
  const protocol = args.value('protocol');
  const source = args.value('source');
  const destination = args.value('destination');
  const port = args.value('port');
  const replySource = args.value('reply');
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(port === undefined ? {} : { destinationPort: Number(port) }),
    ...(replySource === undefined ? {} : { replySource }),
  };
}
