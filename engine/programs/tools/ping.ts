/** ping of iputils and of busybox, over IPv4. An endless one ends when it is killed; without a terminal that is all. */
import { isRouteTo } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type OptionTable, parseArguments } from '../arguments.ts';
import { isIPv4, resolveName } from '../dns/resolver.ts';

const options: OptionTable = {
  flags: {
    q: 'quiet',
    n: 'numeric',
    '4': 'ipv4',
    A: 'adaptive',
    v: 'verbose',
    O: 'report',
    D: 'timestamp',
    f: 'flood',
  },
  values: { c: 'count', W: 'timeout', w: 'deadline', i: 'interval', s: 'size', t: 'ttl', I: 'interface' },
};

interface Plan {
  readonly host: string;
  readonly name: string;
  readonly address: string;
  readonly count: number;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly intervalMs: number;
  readonly size: number;
  readonly ttl: number;
  readonly quiet: boolean;
}

/** iputils' ping. */
export const ping: Program = function* ({ argv }) {
  const plan = yield* readPlan(argv, 'iputils');
  if (typeof plan === 'number') return plan;
  const label = plan.name === plan.address ? plan.address : `${plan.name} (${plan.address})`;
  // It connects its socket before it prints anything.
  const route = yield* sys.inspect('route-to', { destination: plan.address });
  if (!isRouteTo(route)) {
    yield* sys.printError('ping: connect: Network is unreachable\n');
    return 2;
  }
  yield* sys.print(`PING ${plan.name} (${plan.address}) ${plan.size}(${plan.size + 28}) bytes of data.\n`);
  const startedMs = yield* sys.now();
  const tally = yield* run(plan, {
    reply: (from, sequence, ttl) =>
      `${plan.size + 8} bytes from ${from === plan.address ? label : from}: icmp_seq=${sequence + 1} ttl=${ttl} time=0.050 ms\n`,
    error: (from, sequence, error) => `From ${from} icmp_seq=${sequence + 1} ${error}\n`,
  });
  const tookMs = (yield* sys.now()) - startedMs;
  const errors = tally.errors > 0 ? `, +${tally.errors} errors` : '';
  yield* sys.print(
    `\n--- ${plan.name} ping statistics ---\n${tally.sent} packets transmitted, ${tally.received} received${errors}, ${lossOf(tally)}% packet loss, time ${tookMs}ms\n${tally.received > 0 ? 'rtt min/avg/max/mdev = 0.050/0.050/0.050/0.000 ms\n' : '\n'}`,
  );
  return tally.received > 0 ? 0 : 1;
};

/** busybox ping. */
export const pingBusybox: Program = function* ({ argv }) {
  const plan = yield* readPlan(argv, 'busybox');
  if (typeof plan === 'number') return plan;
  yield* sys.print(`PING ${plan.host} (${plan.address}): ${plan.size} data bytes\n`);
  const tally = yield* run(plan, {
    reply: (from, sequence, ttl) =>
      `${plan.size + 8} bytes from ${from}: seq=${sequence} ttl=${ttl} time=0.050 ms\n`,
    // Errors are not looked at unless it is told to be verbose.
    error: () => '',
  });
  if (tally.unreachable) {
    yield* sys.printError('ping: sendto: Network is unreachable\n');
    return 1;
  }
  yield* sys.print(
    `\n--- ${plan.host} ping statistics ---\n${tally.sent} packets transmitted, ${tally.received} packets received, ${lossOf(tally)}% packet loss\n${tally.received > 0 ? 'round-trip min/avg/max = 0.050/0.050/0.050 ms\n' : ''}`,
  );
  return tally.received > 0 ? 0 : 1;
};

function* readPlan(argv: readonly string[], form: 'iputils' | 'busybox'): sys.Sys<Plan | number> {
  const parsed = parseArguments(argv.slice(1), options);
  const host = parsed.ok ? parsed.value.operands[0] : undefined;
  if (!parsed.ok || host === undefined) {
    const problem = parsed.ok
      ? 'usage error: Destination address required'
      : `invalid option -- '${parsed.error.option.slice(1)}'`;
    const usage =
      form === 'iputils'
        ? `ping: ${problem}\n`
        : 'BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n';
    yield* sys.printError(usage);
    return form === 'iputils' ? 2 : 1;
  }
  const resolved = yield* resolveName(host);
  if (!resolved.ok) {
    const temporary =
      resolved.error === 'no-answer' ? 'Temporary failure in name resolution' : 'Name or service not known';
    yield* sys.printError(
      form === 'iputils' ? `ping: ${host}: ${temporary}\n` : `ping: bad address '${host}'\n`,
    );
    return form === 'iputils' ? 2 : 1;
  }
  const args = parsed.value;
  const number = (name: string, otherwise: number) => {
    const value = Number(args.value(name) ?? otherwise);
    return Number.isFinite(value) && value >= 0 ? value : otherwise;
  };
  return {
    host,
    name: isIPv4(host) ? host : resolved.value.canonicalName,
    address: resolved.value.addresses[0] ?? '',
    count: args.value('count') === undefined ? Number.POSITIVE_INFINITY : number('count', 1),
    timeoutMs: 1000 * number('timeout', 10),
    deadlineMs:
      args.value('deadline') === undefined ? Number.POSITIVE_INFINITY : 1000 * number('deadline', 10),
    intervalMs: 1000 * number('interval', 1),
    size: number('size', 56),
    ttl: number('ttl', 64),
    quiet: args.flags.has('quiet'),
  };
}

interface Tally {
  sent: number;
  received: number;
  errors: number;
  unreachable: boolean;
}

function* run(
  plan: Plan,
  lines: {
    reply(from: string, sequence: number, ttl: number): string;
    error(from: string, sequence: number, error: string): string;
  },
): sys.Sys<Tally> {
  const tally: Tally = { sent: 0, received: 0, errors: 0, unreachable: false };
  const startedMs = yield* sys.now();
  for (let sequence = 0; sequence < plan.count; sequence += 1) {
    const sentMs = yield* sys.now();
    if (sentMs - startedMs >= plan.deadlineMs) break;
    const isLast = sequence + 1 >= plan.count;
    // Only the last one is waited for longer than the interval.
    const timeoutMs = isLast ? plan.timeoutMs : Math.min(plan.intervalMs, plan.timeoutMs);
    const answer = yield* sys.ping({ address: plan.address, ttl: plan.ttl, bytes: plan.size, timeoutMs });
    tally.sent += 1;
    if (answer.ok && answer.value.error === 'ENETUNREACH') {
      tally.unreachable = true;
      break;
    }
    if (answer.ok && answer.value.error !== undefined) {
      const { from, error } = answer.value;
      tally.errors += 1;
      if (!plan.quiet)
        yield* sys.print(
          lines.error(from === '' ? yield* ownAddress(plan.address) : from, sequence, errorText(error)),
        );
    } else if (answer.ok) {
      tally.received += 1;
      if (!plan.quiet) yield* sys.print(lines.reply(answer.value.from, sequence, answer.value.ttl));
    }
    const spentMs = (yield* sys.now()) - sentMs;
    if (!isLast && spentMs < plan.intervalMs) yield* sys.sleep(plan.intervalMs - spentMs);
  }
  return tally;
}

/** The ICMP errors in ping's words. */
function errorText(kind: string): string {
  const texts = new Map([
    ['net', 'Destination Net Unreachable'],
    ['host', 'Destination Host Unreachable'],
    ['EHOSTUNREACH', 'Destination Host Unreachable'],
    ['port', 'Destination Port Unreachable'],
    ['protocol', 'Destination Protocol Unreachable'],
    ['net-prohibited', 'Destination Net Prohibited'],
    ['host-prohibited', 'Destination Host Prohibited'],
    ['admin-prohibited', 'Packet filtered'],
    ['time-exceeded', 'Time to live exceeded'],
  ]);
  return texts.get(kind) ?? kind;
}

/** Errors that this machine finds itself come from the address that it would send from. */
function* ownAddress(destination: string): sys.Sys<string> {
  const route = yield* sys.inspect('route-to', { destination });
  return isRouteTo(route) ? route.source : '127.0.0.1';
}

function lossOf({ sent, received }: Tally): number {
  return sent === 0 ? 0 : Math.trunc(((sent - received) * 100) / sent);
}
