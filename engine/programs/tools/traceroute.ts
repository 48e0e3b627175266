/** traceroute of busybox. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
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
