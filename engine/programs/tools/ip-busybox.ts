/**
 * ip of busybox, which tells less than iproute2's and takes fewer options.
 * Source: busybox 1.35 (networking/libiproute), recorded in fixtures/busybox-net.txt. Left out: tunnels.
 */
import { isJsonObject } from '../../base/json.ts';
import {
  isLinks,
  isNeighbours,
  isRoutes,
  isRouteTo,
  isRules,
  type LinkFacts,
  type RouteFacts,
} from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { usageText } from '../applets/applet.ts';
import { isIPv4 } from '../dns/resolver.ts';
import { errnoText, isErrno } from '../errno-text.ts';
import { changeNetwork } from './ip-change.ts';
import { flagsOf, fullName } from './ip-link.ts';
import { formatTable, parseTable } from './ip-words.ts';

interface Options {
  readonly oneLine: boolean;
  readonly family: 'inet' | 'inet6' | 'link' | undefined;
}

const objects = ['address', 'route', 'link', 'neigh', 'rule'] as const;
const families = ['inet', 'inet6', 'link'] as const;

/** busybox ip. */
export const ipBusybox: Program = function* ({ argv }) {
  let oneLine = false;
  let family: Options['family'];
  let at = 1;
  for (; argv[at]?.startsWith('-') === true; at += 1) {
    const option = argv[at] ?? '';
    const digit = new Map([
      ['-4', 'inet'],
      ['-6', 'inet6'],
      ['-0', 'link'],
    ] as const);
    if (/^-o(?:neline)?$/.test(option)) oneLine = true;
    else if (/^-f(?:amily)?$/.test(option)) {
      at += 1;
      family = families.find((name) => name === argv[at]);
    } else if ([...digit.keys()].some((name) => name === option)) {
      family = [...digit].find(([name]) => name === option)?.[1];
    } else return yield* usage();
  }
  const [asked, command, ...rest] = argv.slice(at);
  const object = objects.find((name) => asked !== undefined && asked !== '' && name.startsWith(asked));
  if (object === undefined) return yield* usage();
  const isGet = object === 'route' && command === 'get';
  const isShow =
    command === undefined || ['show', 'list', 'lst', 'ls'].some((verb) => verb.startsWith(command));
  if (!isShow && !isGet) {
    const changed = yield* changeNetwork(object === 'neigh' ? 'neighbour' : object, argv.slice(at + 1));
    if (changed !== undefined) return changed;
    yield* sys.printError(`ip: invalid argument '${command}' to 'ip'\n`);
    return 1;
  }
  const options = { oneLine, family };
  switch (object) {
    case 'address':
    case 'link':
      return yield* showLinks(rest, options, object === 'address');
    case 'route':
      return isGet ? yield* routeTo(rest[0] ?? '') : yield* showRoutes(rest, options);
    case 'rule':
      return yield* showRules();
    case 'neigh':
      return yield* showNeighbours(rest);
  }
};

function* usage(): sys.Sys<number> {
  const usageLine = usageText({ name: 'ip', usage: '[OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]' });
  yield* sys.printError(usageLine);
  return 1;
}

function deviceOf(words: readonly string[]): string | undefined {
  return words[0] === 'dev' ? words[1] : words[0];
}

function* showLinks(words: readonly string[], options: Options, withAddresses: boolean): sys.Sys<number> {
  const facts = yield* sys.inspect('links');
  const links = isLinks(facts) ? facts : [];
  const name = deviceOf(words);
  if (name !== undefined && !links.some((link) => link.name === name)) {
    yield* sys.printError(`ip: can't find device '${name}'\n`);
    return 1;
  }
  const shown = links.filter(
    (link) =>
      (name === undefined || link.name === name) &&
      (!withAddresses || options.family !== 'inet' || link.addresses.length > 0) &&
      !(withAddresses && options.family === 'inet6'),
  );
  yield* sys.print(shown.map((link) => linkText(link, options, withAddresses)).join(''));
  return 0;
}

function linkText(link: LinkFacts, { oneLine, family }: Options, withAddresses: boolean): string {
  const isLoopback = link.kind === 'loopback';
  const master = link.master === undefined ? '' : ` master ${link.master}`;
  const head = `${link.index}: ${fullName(link)}: <${flagsOf(link)
    .filter((flag) => flag !== 'M-DOWN')
    .join(',')}> mtu ${link.mtuBytes} qdisc ${link.up ? 'noqueue' : 'noop'}${master} qlen 1000`;
  const hardware = `    link/${isLoopback ? 'loopback' : 'ether'} ${link.mac} brd ${isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}`;
  if (!withAddresses) return `${head}${oneLine ? '\\' : '\n'}${hardware}\n`;
  const lifetime = '       valid_lft forever preferred_lft forever';
  const addresses = (family === 'link' ? [] : link.addresses).map(
    ({ address, prefixLength, broadcast, scope, secondary }) =>
      `inet ${address}/${prefixLength}${broadcast === undefined ? '' : ` brd ${broadcast}`} scope ${scope}${secondary === true ? ' secondary' : ''} ${link.name}`,
  );
  if (oneLine) {
    return addresses.map((line) => `${link.index}: ${link.name}    ${line}\\${lifetime}\n`).join('');
  }
  const lines = addresses.flatMap((line) => [`    ${line}`, lifetime]);
  return [head, ...(family === 'inet' ? [] : [hardware]), ...lines].map((line) => `${line}\n`).join('');
}

function* showRoutes(words: readonly string[], { family }: Options): sys.Sys<number> {
  const after = (key: string) => (words.includes(key) ? words[words.indexOf(key) + 1] : undefined);
  const asked = after('table') ?? 'main';
  const table = asked === 'all' ? asked : parseTable(asked);
  if (table === undefined) {
    yield* sys.printError(`ip: invalid argument '${asked}' to 'table'\n`);
    return 1;
  }
  const facts = family === 'inet6' ? null : yield* sys.inspect('routes', { table });
  const link = after('dev');
  const routes = (isRoutes(facts) ? facts : []).filter((route) => link === undefined || route.link === link);
  yield* sys.print(routes.map((route) => routeText(route, link !== undefined)).join(''));
  return 0;
}

function routeText(route: RouteFacts, hidesLink: boolean): string {
  const words = [
    ...(route.type === undefined ? [] : [`${route.type} `]),
    `${route.destination} `,
    ...(route.via === undefined ? [] : [`via ${route.via} `]),
    ...(route.link === undefined || hidesLink ? [] : [`dev ${route.link} `]),
    ...(route.scope === undefined || route.scope === 'global' ? [] : [`scope ${route.scope} `]),
    ...(route.source === undefined ? [] : [` src ${route.source} `]),
    ...(route.metric === undefined ? [] : [` metric ${route.metric} `]),
  ];
  return `${words.join('')}\n`;
}

function* routeTo(destination: string): sys.Sys<number> {
  if (!isIPv4(destination)) {
    yield* sys.printError(`ip: invalid argument '${destination}' to 'to'\n`);
    return 1;
  }
  const route = yield* sys.inspect('route-to', { destination });
  if (!isRouteTo(route)) {
    const errno = isJsonObject(route) && isErrno(route.errno) ? route.errno : 'ENETUNREACH';
    yield* sys.printError(`ip: RTNETLINK answers: ${errnoText(errno)}\n`);
    return 2;
  }
  const via = route.via === undefined ? '' : `via ${route.via} `;
  yield* sys.print(
    `${route.local ? 'local ' : ''}${destination} ${via}dev ${route.link}  src ${route.source} \n`,
  );
  return 0;
}

function* showRules(): sys.Sys<number> {
  const facts = yield* sys.inspect('rules');
  const rows = (isRules(facts) ? facts : []).map(
    ({ preference, selector, action }) =>
      `${preference}:\t${selector} ${typeof action === 'number' ? `lookup ${formatTable(action)}` : action} \n`,
  );
  yield* sys.print(rows.join(''));
  return 0;
}

function* showNeighbours(words: readonly string[]): sys.Sys<number> {
  const facts = yield* sys.inspect('neighbours');
  const name = deviceOf(words);
  const rows = (isNeighbours(facts) ? facts : [])
    .filter(({ link }) => name === undefined || link === name)
    .map(
      ({ address, link, mac, state }) =>
        `${address} dev ${link} ${mac === undefined ? '' : `lladdr ${mac} `}used 0/0/0 probes 0 ${state}\n`,
    );
  yield* sys.print(rows.join(''));
  return 0;
}
