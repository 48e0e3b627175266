/** mtr 0.95, its reports. Left out: the display in a terminal, other forms than text, probes by UDP, TCP and SCTP. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { type Hop, nameOf, probeHop } from './trace-path.ts';

/** Columns for the own name and for hosts, unless the report is wide. */
const widths = { own: 28, host: 26 } as const;
const timeoutMs = 1000;
/** Hops in a row that say nothing until no more are asked. Source: mtr(8), --max-unknown. */
const mostUnknown = 5;

/** What is known of one hop. */
interface Row {
  readonly host: string;
  readonly sent: number;
  readonly times: readonly number[];
}

/** mtr. */
export const mtr: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: {
      r: 'report',
      report: 'report',
      w: 'wide',
      'report-wide': 'wide',
      n: 'numeric',
      'no-dns': 'numeric',
      b: 'both',
      'show-ips': 'both',
      '4': 'ipv4',
      v: 'version',
      version: 'version',
    },
    values: {
      c: 'cycles',
      'report-cycles': 'cycles',
      m: 'max-ttl',
      'max-ttl': 'max-ttl',
      i: 'interval',
      interval: 'interval',
      s: 'size',
      psize: 'size',
    },
  });
  if (parsed.ok && parsed.value.flags.has('version')) {
    yield* sys.print('mtr 0.95\n');
    return 0;
  }
  const [host] = parsed.ok ? parsed.value.operands : [];
  if (
    !parsed.ok ||
    host === undefined ||
    !(parsed.value.flags.has('report') || parsed.value.flags.has('wide'))
  ) {
    yield* sys.printError('mtr: only reports in text (-r, -w) are simulated\n');
    return 1;
  }
  const args = parsed.value;
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    const isUnknown = !resolved.ok && resolved.error === 'not-found';
    const why = isUnknown ? 'Name or service not known' : 'Temporary failure in name resolution';
    yield* sys.printError(`mtr: Failed to resolve host: ${host}: ${why}\n`);
    return 0;
  }
  const start = new Date(yield* sys.now()).toISOString().slice(0, 19);
  const hops = yield* measure(address, {
    cycles: Math.min(Number(args.value('cycles') ?? 10) || 10, 1000),
    mostHops: Math.min(Number(args.value('max-ttl') ?? 30) || 30, 255),
    intervalMs: 1000 * (Number(args.value('interval') ?? 1) || 1),
  });
  const rows: Row[] = [];
  for (const { from, sent, times } of hops) {
    const name = from === '' || args.flags.has('numeric') ? undefined : yield* nameOf(from);
    const both = name !== undefined && args.flags.has('both') ? `${name} (${from})` : (name ?? from);
    rows.push({ host: from === '' ? '???' : both, sent, times });
  }
  yield* sys.print(
    `Start: ${start}+0000\n${formatReport(yield* sys.hostname(), rows, args.flags.has('wide'))}`,
  );
  return 0;
};

interface Asked {
  from: string;
  sent: number;
  readonly times: number[];
}

function* measure(
  address: string,
  plan: { readonly cycles: number; readonly mostHops: number; readonly intervalMs: number },
): sys.Sys<readonly Asked[]> {
  const hops: Asked[] = [];
  for (let cycle = 0; cycle < plan.cycles; cycle += 1) {
    if (cycle > 0) yield* sys.sleep(plan.intervalMs);
    let unknown = 0;
    for (let ttl = 1; ttl <= plan.mostHops && unknown < mostUnknown; ttl += 1) {
      const known: Hop | undefined = yield* probeHop(address, { ttl, bytes: 36, timeoutMs });
      const hop = hops[ttl - 1] ?? { from: '', sent: 0, times: [] };
      hops[ttl - 1] = hop;
      hop.sent += 1;
      unknown = known === undefined ? unknown + 1 : 0;
      if (known === undefined) continue;
      hop.from = known.from;
      hop.times.push(known.tookMs);
      if (known.isEnd) break;
    }
  }
  // Of hops that never said anything one is shown.
  const last = hops.findLastIndex(({ from }) => from !== '');
  return hops.slice(0, last + 2);
}

function formatReport(own: string, rows: readonly Row[], isWide: boolean): string {
  const longest = Math.max(own.length, ...rows.map(({ host }) => host.length));
  const columns = isWide ? { own: longest + 1, host: longest + 1 } : widths;
  const head = `HOST: ${own.padEnd(columns.own)}Loss%   Snt   Last   Avg  Best  Wrst StDev\n`;
  return `${head}${rows.map((row, at) => rowText(row, at + 1, columns.host)).join('')}`;
}

function rowText({ host, sent, times }: Row, number: number, width: number): string {
  const lost = sent === 0 ? 0 : (100 * (sent - times.length)) / sent;
  const loss = lost === 100 ? '100.0' : `${lost.toFixed(1)}%`;
  const average = times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length);
  const deviation = Math.sqrt(
    times.reduce((sum, time) => sum + (time - average) ** 2, 0) / Math.max(1, times.length - 1),
  );
  const [last = 0] = times.slice(-1);
  const numbers = [average, Math.min(...times, last), Math.max(...times, last), deviation];
  const cells = numbers.map((value) => shortNumber(value).padStart(6)).join('');
  return `${String(number).padStart(3)}.|-- ${host.padEnd(width)}${loss.padStart(5)}${String(sent).padStart(6)}${shortNumber(last).padStart(7)}${cells}\n`;
}

/** Five characters: from a thousand on the figure behind the point gives way. */
function shortNumber(value: number): string {
  return value >= 1000 ? `${Math.floor(value)}.` : value.toFixed(1);
}
