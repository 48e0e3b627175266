/** ip of iproute2: address, link, route, rule, neighbour. What changes something is in ip-change.ts. */
import { isJsonObject } from '../../base/json.ts';
import {
  isLinks,
  isNeighbours,
  isRoutes,
  isRouteTo,
  type LinkFacts,
  type RouteFacts,
} from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { errnoText, isErrno } from '../errno-text.ts';
import { changeNetwork } from './ip-change.ts';
import { showRules } from './ip-rule.ts';
import { formatTable, parseNumber, parseTable } from './ip-words.ts';

interface Options {
  readonly brief: boolean;
  readonly oneLine: boolean;
  readonly link: string | undefined;
  readonly rest: readonly string[];
}

/** ip. */
export const ip: Program = function* ({ argv }) {
  const flags: string[] = [];
  let words = argv.slice(1);
  while (words[0]?.startsWith('-')) {
    flags.push(words[0].replace(/^-+/, ''));
    words = words.slice(1);
  }
  const [object = '', ...args] = words;
  if (flags.includes('6')) return 0;
  const unsupported = flags.find((flag) =>
    ['j', 'json', 'd', 'details', 's', 'stats', 'n', 'netns'].includes(flag),
  );
  if (unsupported !== undefined) {
    yield* sys.printError(`ip: option -${unsupported} is not simulated\n`);
    return 255;
  }
  const [command, ...rest] = args;
  const isShow =
    command === undefined ||
    ['show', 'list', 'ls', 'lst', 'get'].some((verb) => verb.startsWith(command) || command === verb);
  const target = isShow ? rest : args;
  const changed = isShow ? undefined : yield* changeNetwork(object, args);
  if (changed !== undefined) return changed;
  const named = target[0] === 'dev' ? target[1] : target[0];
  const options: Options = {
    brief: flags.some((flag) => flag === 'br' || flag === 'brief'),
    oneLine: flags.some((flag) => flag === 'o' || flag === 'oneline'),
    link: named,
    rest: target,
  };
  if (object !== '' && 'address'.startsWith(object)) return yield* showLinks(options, true);
  if (object !== '' && 'link'.startsWith(object)) return yield* showLinks(options, false);
  if (object !== '' && 'route'.startsWith(object)) return yield* showRoutes(command, options);
  if (object !== '' && 'rule'.startsWith(object)) return yield* showRules(target);
  if (object !== '' && ('neighbour'.startsWith(object) || 'neighbor'.startsWith(object)))
    return yield* showNeighbours(options);
  if (object === '') {
    yield* sys.printError(
      'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | link | neigh | route | rule }\n',
    );
    return 255;
  }
  yield* sys.printError(`Object "${object}" is unknown, try "ip help".\n`);
  return 1;
};

function* showLinks(options: Options, addresses: boolean): sys.Sys<number> {
  const facts = yield* sys.inspect('links');
  const links: readonly LinkFacts[] = isLinks(facts) ? facts : [];
  const shown = options.link === undefined ? links : links.filter(({ name }) => name === options.link);
  if (shown.length === 0 && options.link !== undefined) {
    yield* sys.printError(`Device "${options.link}" does not exist.\n`);
    return 1;
  }
  const format = options.brief ? briefLink : options.oneLine ? oneLineLink : fullLink;
  yield* sys.print(shown.map((link) => format(link, addresses)).join(''));
  return 0;
}

/** The name with where its other end is: `eth0@if5` when that lies in another namespace. */
function fullName(link: LinkFacts): string {
  if (link.peerName !== undefined) return `${link.name}@${link.peerName}`;
  return link.peerIndex === undefined ? link.name : `${link.name}@if${link.peerIndex}`;
}

function flagsOf(link: LinkFacts): string {
  const kind = link.kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST'];
  return [...kind, ...(link.up ? ['UP', 'LOWER_UP'] : [])].join(',');
}

function stateOf(link: LinkFacts): string {
  if (!link.up) return 'DOWN';
  return link.kind === 'loopback' || link.kind === 'vxlan' ? 'UNKNOWN' : 'UP';
}

function briefLink(link: LinkFacts, addresses: boolean): string {
  const head = `${fullName(link).padEnd(16)} ${stateOf(link).padEnd(14)} `;
  if (!addresses) return `${head}${link.mac} <${flagsOf(link)}> \n`;
  return `${head}${link.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength} `).join('')}\n`;
}

function oneLineLink(link: LinkFacts, addresses: boolean): string {
  if (!addresses) return `${fullLink(link, false).trimEnd().replaceAll('\n', '\\')}\n`;
  return link.addresses
    .map(
      (address) =>
        `${link.index}: ${link.name}    ${addressLine(link, address)}\\       valid_lft forever preferred_lft forever\n`,
    )
    .join('');
}

function fullLink(link: LinkFacts, addresses: boolean): string {
  const master = link.master === undefined ? '' : ` master ${link.master}`;
  const mode = addresses ? '' : ' mode DEFAULT';
  const isLoopback = link.kind === 'loopback';
  const netns = link.peerNetnsNumber === undefined ? '' : ` link-netnsid ${link.peerNetnsNumber}`;
  const broadcast = isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  const lines = [
    `${link.index}: ${fullName(link)}: <${flagsOf(link)}> mtu ${link.mtuBytes} qdisc noqueue${master} state ${stateOf(link)}${mode} group default qlen 1000`,
    `    link/${isLoopback ? 'loopback' : 'ether'} ${link.mac} brd ${broadcast}${netns}`,
  ];
  if (addresses) {
    for (const address of link.addresses) {
      lines.push(`    ${addressLine(link, address)}`, '       valid_lft forever preferred_lft forever');
    }
  }
  return `${lines.join('\n')}\n`;
}

function addressLine(
  link: LinkFacts,
  { address, prefixLength, scope, broadcast, secondary }: LinkFacts['addresses'][number],
): string {
  const toAll = broadcast === undefined ? '' : ` brd ${broadcast}`;
  return `inet ${address}/${prefixLength}${toAll} scope ${scope}${secondary === true ? ' secondary' : ''} ${link.name}`;
}

function* showRoutes(command: string | undefined, options: Options): sys.Sys<number> {
  if (command === 'get') return yield* routeTo(options.rest);
  const named = options.rest[options.rest.indexOf('table') + 1] ?? '';
  const asked = options.rest.includes('table') ? named : 'main';
  const table = asked === 'all' ? asked : parseTable(asked);
  if (table === undefined) {
    yield* sys.printError(`Error: argument "${asked}" is wrong: table id value is invalid\n\n`);
    return 255;
  }
  const facts = yield* sys.inspect('routes', { table });
  if (facts === null) {
    yield* sys.printError('Error: ipv4: FIB table does not exist.\nDump terminated\n');
    return 2;
  }
  const routes = isRoutes(facts) ? facts : [];
  const link = options.rest.includes('dev') ? options.rest[options.rest.indexOf('dev') + 1] : undefined;
  const [first] = options.rest;
  const isSelector = first !== undefined && !['dev', 'table', 'proto', 'scope', 'via', 'src'].includes(first);
  const to = isSelector ? first.replace(/\/32$/, '') : undefined;
  const shown = routes.filter(
    (route) => (link === undefined || route.link === link) && (to === undefined || route.destination === to),
  );
  yield* sys.print(shown.map((route) => routeLine(route, table === 'all')).join(''));
  return 0;
}

function routeLine(route: RouteFacts, withTable: boolean): string {
  const words = [
    ...(route.type === undefined ? [] : [route.type]),
    route.destination,
    ...(route.via === undefined ? [] : ['via', route.via]),
    ...(route.link === undefined ? [] : ['dev', route.link]),
    ...(withTable && route.table !== mainTable ? ['table', formatTable(route.table)] : []),
    ...(route.protocol === undefined ? [] : ['proto', route.protocol]),
    ...(route.scope === undefined || route.scope === 'global' ? [] : ['scope', route.scope]),
    ...(route.source === undefined ? [] : ['src', route.source]),
    ...(route.metric === undefined ? [] : ['metric', String(route.metric)]),
  ];
  const hops = (route.nextHops ?? []).map(
    ({ via, link }) => `\tnexthop via ${via}${link === undefined ? '' : ` dev ${link}`} weight 1 \n`,
  );
  return `${words.join(' ')} \n${hops.join('')}`;
}

const mainTable = parseTable('main');

function* routeTo(words: readonly string[]): sys.Sys<number> {
  const [destination = ''] = words;
  const wordAfter = (keyword: string) => {
    const at = words.indexOf(keyword, 1);
    return at < 0 ? undefined : words[at + 1];
  };
  const from = wordAfter('from');
  const mark = parseNumber(wordAfter('mark') ?? '0') ?? 0;
  if (destination === '') {
    yield* sys.printError('need at least a destination address\n');
    return 1;
  }
  const route = yield* sys.inspect('route-to', {
    destination,
    mark,
    ...(from === undefined ? {} : { from }),
  });
  if (!isRouteTo(route)) {
    const errno = isJsonObject(route) && isErrno(route.errno) ? route.errno : 'ENETUNREACH';
    yield* sys.printError(`RTNETLINK answers: ${errnoText(errno)}\n`);
    return 2;
  }
  const local = route.local ? 'local ' : '';
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const asked = from === undefined ? '' : ` from ${from}`;
  const table = route.local || route.table === mainTable ? '' : ` table ${formatTable(route.table)}`;
  const source = from === undefined ? ` src ${route.source}` : '';
  const marked = mark === 0 ? '' : ` mark 0x${mark.toString(16)}`;
  yield* sys.print(
    `${local}${route.destination}${asked}${via} dev ${route.link}${table}${source}${marked} uid 0 \n    cache ${route.local ? '<local> ' : ''}\n`,
  );
  return 0;
}

function* showNeighbours(options: Options): sys.Sys<number> {
  const facts = yield* sys.inspect('neighbours');
  const neighbours = isNeighbours(facts) ? facts : [];
  const shown = neighbours.filter(({ link }) => options.link === undefined || link === options.link);
  yield* sys.print(
    shown
      .map(
        ({ address, link, mac, state }) =>
          `${address} dev ${link} ${mac === undefined ? '' : `lladdr ${mac} `}${state} \n`,
      )
      .join(''),
  );
  return 0;
}
