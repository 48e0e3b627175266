/** nslookup in its three forms: busybox's, busybox's before 1.29, and that of BIND's utilities. Non-interactive only. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { formatData, type LookUp, lookUp, readResolverConfig, reverseName } from '../dns/lookup.ts';
import { type DnsRecord, type DnsType, parseDnsType } from '../dns/message.ts';
import { isIPv4, type ResolverConfig, resolveName, searchCandidates } from '../dns/resolver.ts';

interface Arguments {
  readonly name: string;
  readonly server: string | undefined;
  readonly type: DnsType | undefined;
  readonly port: number;
  readonly timeoutMs: number | undefined;
}

/** busybox nslookup since 1.29. Names with a dot are asked for as they are, others once in each search domain. */
export const nslookupBusybox: Program = function* ({ argv }) {
  const args = readArguments(argv.slice(1));
  if (args === undefined) {
    yield* sys.printError(
      'BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n',
    );
    return 1;
  }
  const config = yield* readResolverConfig();
  const server = yield* serverAddress(args, config);
  if (server === undefined) {
    yield* sys.printError(`nslookup: bad address '${args.server ?? ''}'\n`);
    return 1;
  }
  const lookUps: LookUp[] = [];
  for (const question of busyboxQuestions(args, config)) {
    lookUps.push(
      yield* lookUp({ address: server, port: args.port }, question, {
        timeoutMs: args.timeoutMs ?? 5000,
        tries: 1,
      }),
    );
    // It sends everything at once and waits for all of it, so that silence costs the time of one.
    if (lookUps.at(-1)?.failure !== undefined) break;
  }
  if (lookUps.some(({ failure }) => failure !== undefined)) {
    yield* sys.print(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  yield* sys.print(`Server:\t\t${server}\nAddress:\t${server}:${args.port}\n\n`);
  let status = 0;
  for (const { question, reply } of lookUps) {
    if (reply === undefined) continue;
    if (reply.rcode !== 'NOERROR') {
      status = 1;
      yield* sys.print(`** server can't find ${question.name}: ${reply.rcode}\n\n`);
      continue;
    }
    const heading = reply.authoritative ? '' : 'Non-authoritative answer:\n';
    yield* sys.print(`${heading}${reply.answers.map((record) => busyboxLine(record)).join('')}\n`);
  }
  return status;
};

/** busybox nslookup up to 1.28: the C library's answer, every address with its name. */
export const nslookupOldBusybox: Program = function* ({ argv }) {
  const args = readArguments(argv.slice(1));
  if (args === undefined) {
    yield* sys.printError(
      'BusyBox v1.28.4 (2018-07-17 15:21:40 UTC) multi-call binary.\n\nUsage: nslookup [HOST] [SERVER]\n',
    );
    return 1;
  }
  const config = yield* readResolverConfig();
  const server = args.server ?? config.nameservers[0] ?? '';
  yield* sys.print(`Server:    ${server}\nAddress 1: ${server}${yield* nameOf(server, config)}\n\n`);
  const resolved = yield* resolveName(args.name);
  if (!resolved.ok) {
    yield* sys.print(`nslookup: can't resolve '${args.name}'\n`);
    return 1;
  }
  const lines: string[] = [`Name:      ${args.name}\n`];
  for (const [index, address] of resolved.value.addresses.entries()) {
    lines.push(`Address ${index + 1}: ${address}${yield* nameOf(address, config)}\n`);
  }
  yield* sys.print(lines.join(''));
  return 0;
};

/** nslookup of BIND 9.18. */
export const nslookup: Program = function* ({ argv }) {
  const args = readArguments(argv.slice(1));
  if (args === undefined) return 0;
  const config = yield* readResolverConfig();
  const server = yield* serverAddress(args, config);
  if (server === undefined) {
    yield* sys.print(`nslookup: couldn't get address for '${args.server ?? ''}': not found\n`);
    return 1;
  }
  const isReverse = isIPv4(args.name);
  const type = isReverse ? 'PTR' : (args.type ?? 'A');
  const names = isReverse ? [reverseName(args.name)] : searchCandidates(args.name, config);
  const patience = { timeoutMs: args.timeoutMs ?? 5000, tries: 3 };
  const place = { address: server, port: args.port };
  const recursionNote = `;; Got recursion not available from ${server}\n`;
  let notes = '';
  let last: LookUp | undefined;
  for (const name of names) {
    last = yield* lookUp(place, { name, type }, patience);
    if (last.reply === undefined) {
      const why = last.failure === 'refused' ? 'connection refused' : 'timed out';
      yield* sys.print(
        `${`;; communications error to ${server}#${args.port}: ${why}\n`.repeat(patience.tries)};; no servers could be reached\n\n`,
      );
      return 1;
    }
    if (!last.reply.recursionAvailable) notes += recursionNote;
    if (last.reply.rcode === 'NOERROR') break;
  }
  const reply = last?.reply;
  if (last === undefined || reply === undefined) return 1;
  const heading = `Server:\t\t${server}\nAddress:\t${server}#${args.port}\n\n`;
  if (isReverse) {
    if (reply.rcode !== 'NOERROR' || reply.answers.length === 0) {
      yield* sys.print(`${notes}** server can't find ${last.question.name}: ${reply.rcode}\n\n`);
      return 1;
    }
    yield* sys.print(`${notes}${reply.answers.map((record) => bindLine(record)).join('')}\n`);
    return 0;
  }
  if (reply.rcode !== 'NOERROR') {
    yield* sys.print(`${notes}${heading}** server can't find ${args.name}: ${reply.rcode}\n\n`);
    return 1;
  }
  if (reply.answers.length === 0) {
    yield* sys.print(`${notes}${heading}*** Can't find ${args.name}: No answer\n\n`);
    return 1;
  }
  const mark = reply.authoritative ? '' : 'Non-authoritative answer:\n';
  yield* sys.print(`${notes}${heading}${mark}${reply.answers.map((record) => bindLine(record)).join('')}`);
  const status = args.type === undefined ? yield* bindSecondQuestion(place, last, patience) : 0;
  yield* sys.print('\n');
  return status;
};

/** After the addresses of IPv4 it asks for those of IPv6, under the name that was found. */
function* bindSecondQuestion(
  place: { readonly address: string; readonly port: number },
  first: LookUp,
  patience: { readonly timeoutMs: number; readonly tries: number },
): sys.Sys<number> {
  const alias = first.reply?.answers.findLast((record) => record.type === 'CNAME');
  const name = alias !== undefined && alias.type === 'CNAME' ? alias.data : first.question.name;
  const second = yield* lookUp(place, { name, type: 'AAAA' }, patience);
  if (second.reply === undefined) return 0;
  const note = second.reply.recursionAvailable
    ? ''
    : `;; Got recursion not available from ${place.address}\n`;
  if (second.reply.rcode !== 'NOERROR') {
    yield* sys.print(`${note}** server can't find ${name}: ${second.reply.rcode}\n`);
    return 1;
  }
  yield* sys.print(`${note}${second.reply.answers.map((record) => bindLine(record)).join('')}`);
  return 0;
}

function readArguments(args: readonly string[]): Arguments | undefined {
  const [name, server, ...more] = args.filter((argument) => !argument.startsWith('-'));
  if (name === undefined || more.length > 0) return undefined;
  const option = (...names: readonly string[]) =>
    args
      .map((argument) => /^--?(\w+)=(.*)$/.exec(argument))
      .find((match) => match !== null && names.includes(match[1] ?? ''))?.[2];
  const type = option('type', 'querytype', 'query', 'q');
  const timeout = option('timeout');
  return {
    name,
    server,
    type: type === undefined ? undefined : parseDnsType(type),
    port: Number(option('port') ?? 53),
    timeoutMs: timeout === undefined ? undefined : Number(timeout) * 1000,
  };
}

function* serverAddress(args: Arguments, config: ResolverConfig): sys.Sys<string | undefined> {
  if (args.server === undefined) return config.nameservers[0];
  const resolved = yield* resolveName(args.server);
  return resolved.ok ? resolved.value.addresses[0] : undefined;
}

function busyboxQuestions(
  args: Arguments,
  config: ResolverConfig,
): readonly { readonly name: string; readonly type: DnsType }[] {
  if (isIPv4(args.name) && args.type === undefined) return [{ name: reverseName(args.name), type: 'PTR' }];
  const bare = args.name.replace(/\.$/, '');
  const isWhole = args.name.includes('.') || config.search.length === 0;
  const names = isWhole ? [bare] : config.search.map((domain) => `${bare}.${domain}`);
  const types: readonly DnsType[] = args.type === undefined ? ['A', 'AAAA'] : [args.type];
  return types.flatMap((type) => names.map((name) => ({ name, type })));
}

function busyboxLine(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${record.name}\nAddress: ${record.data}\n`;
    case 'CNAME':
      return `${record.name}\tcanonical name = ${record.data}\n`;
    case 'PTR':
      return `${record.name}\tname = ${record.data}\n`;
    case 'SRV':
      return `${record.name}\tservice = ${formatData(record, false)}\n`;
    case 'NS':
      return `${record.name}\tnameserver = ${record.data}\n`;
    case 'TXT':
      return `${record.name}\ttext = "${record.data}"\n`;
    default:
      return `${record.name}\n\torigin = ${record.data.mname}\n\tmail addr = ${record.data.rname}\n`;
  }
}

/** As busybox prints them but for the dots, and SOA's further fields. */
function bindLine(record: DnsRecord): string {
  if (record.type === 'A' || record.type === 'AAAA' || record.type === 'TXT') return busyboxLine(record);
  if (record.type === 'SRV') return `${record.name}\tservice = ${formatData(record, true)}\n`;
  if (record.type === 'SOA') {
    const { serial, refresh, retry, expire, minimum } = record.data;
    return `${busyboxLine(record)}\tserial = ${serial}\n\trefresh = ${refresh}\n\tretry = ${retry}\n\texpire = ${expire}\n\tminimum = ${minimum}\n`;
  }
  return busyboxLine({ ...record, data: `${record.data}.` });
}

function* nameOf(address: string, config: ResolverConfig): sys.Sys<string> {
  const server = config.nameservers[0];
  if (server === undefined || !isIPv4(address)) return '';
  const found = yield* lookUp(
    { address: server },
    { name: reverseName(address), type: 'PTR' },
    { timeoutMs: 5000, tries: 1 },
  );
  const [record] = found.reply?.answers ?? [];
  return record?.type === 'PTR' ? ` ${record.data}` : '';
}
