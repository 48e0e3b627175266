/**
 * dig of BIND 9.18 and host. Left out: EDNS, DNSSEC, zone transfers, several questions at once, further tries over TCP.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import {
  formatData,
  type LookUp,
  lookUp,
  readResolverConfig,
  reverseName,
  wireLength,
} from '../dns/lookup.ts';
import type { DnsMessage, DnsRecord, DnsType } from '../dns/message.ts';
import { parseDnsType } from '../dns/message.ts';
import { isIPv4, resolveName, searchCandidates } from '../dns/resolver.ts';

interface Request {
  readonly name: string;
  readonly type: DnsType;
  readonly server: string | undefined;
  readonly port: number;
  readonly options: ReadonlyMap<string, string>;
}

/** dig. */
export const dig: Program = function* ({ argv }) {
  const request = readRequest(argv.slice(1));
  const isOn = (option: string, otherwise: boolean) => {
    if (request.options.has(`no${option}`)) return false;
    if (request.options.has(option)) return true;
    return otherwise && !request.options.has('noall');
  };
  const isOverTcp = isOn('tcp', false) || isOn('vc', false);
  const isShort = request.options.has('short');
  const config = yield* readResolverConfig();
  const named = request.server === undefined ? undefined : yield* resolveName(request.server);
  if (named?.ok === false) {
    yield* sys.print(`dig: couldn't get address for '${request.server ?? ''}': not found\n`);
    return 10;
  }
  const server = named?.ok === true ? (named.value.addresses[0] ?? '') : (config.nameservers[0] ?? '');
  const patience = {
    timeoutMs: 1000 * Number(request.options.get('time') ?? 5),
    tries: isOverTcp ? 1 : Math.min(Number(request.options.get('tries') ?? 3), 10),
  };
  const names = request.options.has('search')
    ? searchCandidates(request.name, config)
    : [request.name.replace(/(.)\.$/, '$1')];
  let found: LookUp | undefined;
  for (const name of names) {
    found = yield* lookUp(
      { address: server, port: request.port, isOverTcp },
      { name, type: request.type },
      patience,
    );
    if (found.reply === undefined || found.reply.rcode === 'NOERROR') break;
  }
  const heading =
    isShort || !isOn('cmd', true)
      ? ''
      : `\n; <<>> DiG 9.18.49 <<>> ${argv.slice(1).join(' ')}\n${request.server === undefined ? '' : '; (1 server found)\n'};; global options: +cmd\n`;
  if (found?.reply === undefined) {
    const why = found?.failure === 'refused' ? 'connection refused' : 'timed out';
    const said = isOverTcp
      ? `;; Connection to ${server}#${request.port}(${request.server ?? server}) for ${request.name} failed: ${why}.\n`
      : `;; communications error to ${server}#${request.port}: ${why}\n`.repeat(patience.tries);
    yield* sys.print(`${said}${heading};; no servers could be reached\n`);
    return 9;
  }
  const { reply } = found;
  if (isShort) {
    yield* sys.print(reply.answers.map((record) => `${formatData(record, true)}\n`).join(''));
    return 0;
  }
  const sections = [
    isOn('comments', true) ? headerLines(reply) : '',
    isOn('question', true) && reply.question !== undefined
      ? `;; QUESTION SECTION:\n;${tabbed([
          [0, `${reply.question.name}.`],
          [32, 'IN'],
          [40, reply.question.type],
        ])}\n\n`
      : '',
    isOn('answer', true) ? section('ANSWER', reply.answers, isOn('comments', true)) : '',
    isOn('authority', true) ? section('AUTHORITY', reply.authorities, isOn('comments', true)) : '',
    isOn('additional', true) ? section('ADDITIONAL', reply.additionals, isOn('comments', true)) : '',
  ];
  const statistics = isOn('stats', true)
    ? `;; Query time: ${found.tookMs} msec\n;; SERVER: ${server}#${request.port}(${request.server ?? server}) (${isOverTcp ? 'TCP' : 'UDP'})\n;; WHEN: ${digDate(yield* sys.now())}\n;; MSG SIZE  rcvd: ${wireLength(reply)}\n\n`
    : '';
  yield* sys.print(`${heading}${sections.join('')}${statistics}`);
  return 0;
};

/** host. */
export const host: Program = function* ({ argv }) {
  const [name = '', server] = argv.slice(1).filter((argument) => !argument.startsWith('-'));
  const config = yield* readResolverConfig();
  const address = server ?? config.nameservers[0] ?? '';
  const isReverse = isIPv4(name);
  const type: DnsType = isReverse ? 'PTR' : 'A';
  const names = isReverse ? [reverseName(name)] : searchCandidates(name, config);
  const heading =
    server === undefined ? '' : `Using domain server:\nName: ${server}\nAddress: ${server}#53\nAliases: \n\n`;
  for (const candidate of names) {
    const found = yield* lookUp({ address }, { name: candidate, type }, { timeoutMs: 5000, tries: 2 });
    if (found.reply === undefined) {
      yield* sys.print(
        `${`;; communications error to ${address}#53: timed out\n`.repeat(2)};; no servers could be reached\n`,
      );
      return 1;
    }
    if (found.reply.rcode !== 'NOERROR') continue;
    const lines = found.reply.answers.map((record) => {
      if (record.type === 'A') return `${record.name} has address ${record.data}\n`;
      if (record.type === 'CNAME') return `${record.name} is an alias for ${record.data}.\n`;
      return `${record.name} domain name pointer ${formatData(record, true)}\n`;
    });
    yield* sys.print(`${heading}${lines.join('')}`);
    return 0;
  }
  yield* sys.print(`${heading}Host ${isReverse ? `${reverseName(name)}.` : name} not found: 3(NXDOMAIN)\n`);
  return 1;
};

function readRequest(args: readonly string[]): Request {
  const options = new Map<string, string>();
  let name: string | undefined;
  let type: DnsType | undefined;
  let server: string | undefined;
  let port = 53;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const next = () => {
      index += 1;
      return args[index] ?? '';
    };
    if (argument.startsWith('+')) {
      const [option = '', value = ''] = argument.slice(1).split('=');
      options.set(option, value);
    } else if (argument.startsWith('@')) {
      server = argument.slice(1);
    } else if (argument === '-x') {
      name = reverseName(next());
      type = 'PTR';
    } else if (argument === '-t') {
      type = parseDnsType(next());
    } else if (argument === '-p') {
      port = Number(next());
    } else if (argument === '-q') {
      name = next();
    } else if (!argument.startsWith('-')) {
      const asType = argument.toUpperCase() === 'IN' ? undefined : parseDnsType(argument);
      if (asType !== undefined && type === undefined) type = asType;
      else if (argument.toUpperCase() !== 'IN') name = argument;
    }
  }
  return { name: name ?? '.', type: type ?? (name === undefined ? 'NS' : 'A'), server, port, options };
}

function headerLines(reply: DnsMessage): string {
  const isLocal = reply.question?.name.toLowerCase().endsWith('.local') === true;
  const flags = [
    'qr',
    ...(reply.authoritative ? ['aa'] : []),
    ...(reply.truncated ? ['tc'] : []),
    ...(reply.recursionDesired ? ['rd'] : []),
    ...(reply.recursionAvailable ? ['ra'] : []),
  ];
  const lines = [
    ';; Got answer:',
    ...(isLocal
      ? [
          ';; WARNING: .local is reserved for Multicast DNS',
          ';; You are currently testing what happens when an mDNS query is leaked to DNS',
        ]
      : []),
    `;; ->>HEADER<<- opcode: QUERY, status: ${reply.rcode}, id: ${reply.id}`,
    `;; flags: ${flags.join(' ')}; QUERY: 1, ANSWER: ${reply.answers.length}, AUTHORITY: ${reply.authorities.length}, ADDITIONAL: ${reply.additionals.length}`,
    ...(reply.recursionDesired && !reply.recursionAvailable
      ? [';; WARNING: recursion requested but not available']
      : []),
    '',
    '',
  ];
  return lines.join('\n');
}

function section(title: string, records: readonly DnsRecord[], hasTitle: boolean): string {
  if (records.length === 0) return '';
  const lines = records.map(
    (record) =>
      `${tabbed([
        [0, `${record.name}.`],
        [24, String(record.ttl)],
        [32, 'IN'],
        [40, record.type],
        [48, formatData(record, true)],
      ])}\n`,
  );
  return hasTitle ? `;; ${title} SECTION:\n${lines.join('')}\n` : lines.join('');
}

/** Texts at columns, with tabs between them where a tab stop lies between, as BIND's master file style. */
function tabbed(cells: readonly (readonly [column: number, text: string])[]): string {
  let line = '';
  let at = 0;
  for (const [wanted, text] of cells) {
    if (wanted > 0) {
      const target = wanted <= at ? at + 1 : wanted;
      const tabs = Math.floor(target / 8) - Math.floor(at / 8);
      const from = tabs > 0 ? 8 * Math.floor(target / 8) : at;
      line += '\t'.repeat(tabs) + ' '.repeat(target - from);
      at = target;
    }
    line += text;
    at += text.length;
  }
  return line;
}

function digDate(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(ms)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
