/**
 * tracepath of iputils 20221126. Left out: IPv6, and ways whose links take packets of different sizes. Echoes stand for its
 * datagrams.
 */
import { isLinks, isRouteTo } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { nameOf, probeHop } from './trace-path.ts';

/** What it begins with: as much as an IPv4 packet can have. */
const mostBytes = 65_535;
/** Source: HOST_COLUMN_SIZE, less the blank behind it. */
const hostWidth = 51;
const timeoutMs = 1000;
const triesPerHop = 3;

/** tracepath. */
export const tracepath: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: { '4': 'ipv4', b: 'both', n: 'numeric', V: 'version' },
    values: { l: 'length', m: 'hops', p: 'port' },
  });
  if (parsed.ok && parsed.value.flags.has('version')) {
    yield* sys.print('tracepath from iputils 20221126\n');
    return 0;
  }
  const [host] = parsed.ok ? parsed.value.operands : [];
  if (!parsed.ok || host === undefined) {
    yield* sys.printError(usage);
    return 255;
  }
  const args = parsed.value;
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    const isUnknown = !resolved.ok && resolved.error === 'not-found';
    const why = isUnknown ? 'Name or service not known' : 'Temporary failure in name resolution';
    yield* sys.printError(`tracepath: ${host}: ${why}\n`);
    return 1;
  }
  const length = Number(args.value('length') ?? mostBytes) || mostBytes;
  const fits = yield* bytesTowards(address);
  if (fits === undefined) {
    yield* sys.print(` 1:  send failed\n     Resume: pmtu ${length} \n`);
    return 0;
  }
  const pmtu = Math.min(length, fits);
  const isCut = pmtu < length;
  if (isCut) yield* sys.print(` 1?: [LOCALHOST]                      pmtu ${pmtu}\n`);
  const style = { isNumeric: args.flags.has('numeric'), isBoth: args.flags.has('both') };
  const most = Math.min(Number(args.value('hops') ?? 30) || 30, 255);
  for (let ttl = 1; ttl <= most; ttl += 1) {
    const place = String(ttl).padStart(2);
    let answer = yield* probeHop(address, { ttl, bytes: 56, timeoutMs });
    for (let tries = 1; answer === undefined && tries < triesPerHop; tries += 1) {
      answer = yield* probeHop(address, { ttl, bytes: 56, timeoutMs });
    }
    if (answer === undefined) {
      yield* sys.print(`${place}:  no reply\n`);
      continue;
    }
    const { from, isEnd, refusal, tookMs } = answer;
    const end = refusal !== '' ? `!${refusal}` : isEnd ? 'reached' : '';
    const shown = (yield* shownAs(from, style)).padEnd(hostWidth);
    const line = `${place}:  ${shown}${tookMs.toFixed(3).padStart(8)}ms ${end}\n`;
    // The first hop is asked once more when the first packet was too long for the own link.
    yield* sys.print(isCut && ttl === 1 && most > 1 ? line.repeat(2) : line);
    if (!isEnd) continue;
    yield* sys.print(`     Resume: pmtu ${pmtu} ${refusal === '' ? `hops ${ttl} back ${ttl} ` : ''}\n`);
    return 0;
  }
  yield* sys.print(`     Too many hops: pmtu ${pmtu}\n     Resume: pmtu ${pmtu} \n`);
  return 0;
};

/** How much fits through the link that leads to an address; nothing limits what stays in the machine. */
function* bytesTowards(address: string): sys.Sys<number | undefined> {
  const route = yield* sys.inspect('route-to', { destination: address });
  const links = yield* sys.inspect('links');
  if (!isRouteTo(route)) return undefined;
  const link = isLinks(links) ? links.find(({ name }) => name === route.link) : undefined;
  return route.local ? mostBytes : (link?.mtuBytes ?? mostBytes);
}

function* shownAs(
  address: string,
  { isNumeric, isBoth }: { readonly isNumeric: boolean; readonly isBoth: boolean },
): sys.Sys<string> {
  if (isNumeric) return address;
  const name = (yield* nameOf(address)) ?? '???';
  return isBoth ? `${name} (${address})` : name;
}

const usage =
  '\nUsage\n  tracepath [options] <destination>\n\nOptions:\n  -4             use IPv4\n  -6             use IPv6\n  -b             print both name and ip\n  -l <length>    use packet <length>\n  -m <hops>      use maximum <hops>\n  -n             no dns name resolution\n  -p <port>      use destination <port>\n  -V             print version and exit\n  <destination>  dns name or ip address\n\nFor more details see tracepath(8).\n';
