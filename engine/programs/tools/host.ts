/**
 * host of BIND 9.18. Left out: `-a`, `-v`, zone transfers, and the questions for AAAA and MX that follow one for A, which have no
 * answers here.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { formatData, lookUp, readResolverConfig, reverseName } from '../dns/lookup.ts';
import { type DnsRecord, parseDnsType } from '../dns/message.ts';
import { isIPv4, searchCandidates } from '../dns/resolver.ts';

/** host. */
export const host: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: { '4': 'ipv4', T: 'tcp', U: 'udp', r: 'no-recursion', w: 'wait', V: 'version' },
    values: { t: 'type', c: 'class', N: 'ndots', R: 'retries', W: 'timeout', p: 'port' },
  });
  const [name, server] = parsed.ok ? parsed.value.operands : [];
  if (parsed.ok && parsed.value.flags.has('version')) {
    yield* sys.printError('host 9.18.49\n');
    return 0;
  }
  if (!parsed.ok || name === undefined) {
    yield* sys.print(
      'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n',
    );
    return 1;
  }
  const asked = parsed.value.value('type');
  const type = parseDnsType(asked ?? 'A');
  if (type === undefined) {
    yield* sys.printError(`host: invalid type: ${asked}\n`);
    return 1;
  }
  const config = yield* readResolverConfig();
  const address = server ?? config.nameservers[0] ?? '';
  const isReverse = isIPv4(name);
  const names = isReverse ? [reverseName(name)] : searchCandidates(name, config);
  const heading =
    server === undefined ? '' : `Using domain server:\nName: ${server}\nAddress: ${server}#53\nAliases: \n\n`;
  const question = isReverse && asked === undefined ? 'PTR' : type;
  const patience = { timeoutMs: 1000 * Number(parsed.value.value('timeout') ?? 5), tries: 2 };
  for (const candidate of names) {
    const found = yield* lookUp({ address }, { name: candidate, type: question }, patience);
    if (found.reply === undefined) {
      const why = found.failure === 'refused' ? 'connection refused' : 'timed out';
      yield* sys.print(
        `${`;; communications error to ${address}#53: ${why}\n`.repeat(2)};; no servers could be reached\n`,
      );
      return 1;
    }
    if (found.reply.rcode !== 'NOERROR') continue;
    const { answers } = found.reply;
    const lines = answers.map(recordLine);
    const nothing = asked === undefined ? '' : `${candidate} has no ${question} record\n`;
    yield* sys.print(`${heading}${lines.length === 0 ? nothing : lines.join('')}`);
    return 0;
  }
  yield* sys.print(`${heading}Host ${isReverse ? `${reverseName(name)}.` : name} not found: 3(NXDOMAIN)\n`);
  return 1;
};

const words: ReadonlyMap<string, string> = new Map([
  ['A', 'has address'],
  ['AAAA', 'has IPv6 address'],
  ['CNAME', 'is an alias for'],
  ['NS', 'name server'],
  ['PTR', 'domain name pointer'],
  ['SOA', 'has SOA record'],
  ['SRV', 'has SRV record'],
  ['TXT', 'descriptive text'],
]);

function recordLine(record: DnsRecord): string {
  return `${record.name} ${words.get(record.type) ?? record.type} ${formatData(record, true)}\n`;
}
