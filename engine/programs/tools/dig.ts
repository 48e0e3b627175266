/**
 * dig of BIND 9.18. Left out: EDNS, DNSSEC, zone transfers, several questions at once, further tries over TCP.
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
import { resolveName, searchCandidates } from '../dns/resolver.ts';

interface Request {
  readonly name: string;
  readonly type: DnsType;
  readonly server: string | undefined;
  readonly port: number;
  readonly options: ReadonlyMap<string, string>;
  readonly unknownType: string | undefined;
}

/** Those of dig(1); without effect here but where they choose what is asked and shown. */
const knownOptions: ReadonlySet<string> = new Set(
  'aaonly aaflag additional adflag all answer authority badcookie besteffort bufsize cdflag class cmd comments cookie crypto defname dns64prefix dnssec do domain edns ednsflags ednsnegotiation ednsopt expandaaaa expire fail fuzztime header-only https https-get idnin idnout identify ignore keepalive keepopen mapped multiline ndots nsid nssearch onesoa opcode padding qid qr question raflag rdflag rrcomments search short showallmessages showsearch split stats subnet tcflag tcp timeout time tls trace tries retry ttlid ttlunits unknownformat vc yaml zflag recurse'.split(
    ' ',
  ),
);

const usage =
  'Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n            {global-d-opt} host [@local-server] {local-d-opt}\n            [ host [@local-server] {local-d-opt} [...]]\n\nUse "dig -h" (or "dig -h | more") for complete list of options\n';

/** dig. */
export const dig: Program = function* ({ argv }) {
  const request = readRequest(argv.slice(1));
  if (argv.includes('-v')) {
    yield* sys.printError('DiG 9.18.49\n');
    return 0;
  }
  const unknown = [...request.options.keys()].find((option) => !knownOptions.has(option.replace(/^no/, '')));
  if (unknown !== undefined) {
    yield* sys.printError(`Invalid option: +${unknown}\n${usage}`);
    return 1;
  }
  if (request.unknownType !== undefined)
    yield* sys.print(`;; Warning, ignoring invalid type ${request.unknownType}\n\n`);
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
  const domain = request.options.get('domain');
  const names =
    domain !== undefined
      ? [`${request.name}.${domain}`]
      : request.options.has('search')
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
    const from = isOn('identify', false) ? ` from server ${server} in ${found.tookMs} ms.` : '';
    yield* sys.print(reply.answers.map((record) => `${formatData(record, true)}${from}\n`).join(''));
    return 0;
  }
  const style = {
    hasTitle: isOn('comments', true),
    hasTtl: !request.options.has('nottlid'),
    hasClass: !request.options.has('noclass'),
  };
  const sections = [
    isOn('comments', true) ? headerLines(reply) : '',
    isOn('question', true) && reply.question !== undefined
      ? `;; QUESTION SECTION:\n;${tabbed([
          [0, `${reply.question.name}.`],
          [32, 'IN'],
          [40, reply.question.type],
        ])}\n\n`
      : '',
    isOn('answer', true) ? section('ANSWER', reply.answers, style) : '',
    isOn('authority', true) ? section('AUTHORITY', reply.authorities, style) : '',
    isOn('additional', true) ? section('ADDITIONAL', reply.additionals, style) : '',
  ];
  const statistics = isOn('stats', true)
    ? `;; Query time: ${found.tookMs} msec\n;; SERVER: ${server}#${request.port}(${request.server ?? server}) (${isOverTcp ? 'TCP' : 'UDP'})\n;; WHEN: ${digDate(yield* sys.now())}\n;; MSG SIZE  rcvd: ${wireLength(reply)}\n\n`
    : '';
  yield* sys.print(`${heading}${sections.join('')}${statistics}`);
  return 0;
};

function readRequest(args: readonly string[]): Request {
  const options = new Map<string, string>();
  let name: string | undefined;
  let type: DnsType | undefined;
  let server: string | undefined;
  let port = 53;
  let unknownType: string | undefined;
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
      const asked = next();
      type = parseDnsType(asked);
      if (type === undefined) unknownType = asked;
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
  const asked = type ?? (name === undefined ? 'NS' : 'A');
  return { name: name ?? '.', type: asked, server, port, options, unknownType };
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

function section(
  title: string,
  records: readonly DnsRecord[],
  {
    hasTitle,
    hasTtl,
    hasClass,
  }: { readonly hasTitle: boolean; readonly hasTtl: boolean; readonly hasClass: boolean },
): string {
  if (records.length === 0) return '';
  const lines = records.map((record) => {
    const texts = [
      ...(hasTtl ? [String(record.ttl)] : []),
      ...(hasClass ? ['IN'] : []),
      record.type,
      formatData(record, true),
    ];
    // What is left out leaves its column to the next.
    const cells = texts.map((text, index) => [24 + 8 * index, text] as const);
    return `${tabbed([[0, `${record.name}.`], ...cells])}\n`;
  });
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
