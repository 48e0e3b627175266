/** `ip route show|get`. Source: iproute2 6.1 (ip/iproute.c), recorded in fixtures/iproute2-show.txt. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { parseCidr } from '../../net/ipv4.ts';
import { isRoutes, isRouteTo, type RouteFacts, type RouteToFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import { isIPv4 } from '../dns/resolver.ts';
import { errnoText, isErrno } from '../errno-text.ts';
import { formatJson, paint, type ShowOptions } from './ip-output.ts';
import { formatTable, isPrefix, parseNumber, parseTable } from './ip-words.ts';

/** Words that are followed by what they ask for. What all routes that are shown have in common is not said of each. */
const keywords = ['dev', 'table', 'proto', 'scope', 'via', 'src', 'type', 'metric', 'vrf'] as const;
type Keyword = (typeof keywords)[number];

interface Selection {
  readonly values: ReadonlyMap<Keyword, string>;
  /** A destination, and how those that are shown lie to it. */
  readonly to?: { readonly how: 'exact' | 'root' | 'match'; readonly prefix: string };
}

/** Prints the routes that the words select. */
export function* showRoutes(words: readonly string[], options: ShowOptions): sys.Sys<number> {
  const selection = readSelection(words);
  const asked = selection.values.get('table') ?? 'main';
  const table = asked === 'all' ? asked : parseTable(asked);
  if (table === undefined) {
    yield* sys.printError(`Error: argument "${asked}" is wrong: table id value is invalid\n\n`);
    return 255;
  }
  const { to } = selection;
  if (to !== undefined && to.prefix !== 'default' && !isPrefix(withLength(to.prefix))) {
    yield* sys.printError(`Error: any valid prefix is expected rather than "${to.prefix}".\n`);
    return 1;
  }
  const facts = yield* sys.inspect('routes', { table });
  if (facts === null) {
    yield* sys.printError('Error: ipv4: FIB table does not exist.\nDump terminated\n');
    return 2;
  }
  const routes = (isRoutes(facts) ? facts : []).filter((route) => isSelected(route, selection));
  const said = new Set<string>(selection.values.keys());
  const withTable = table === 'all';
  yield* sys.print(
    options.json
      ? formatJson(
          routes.map((route) => routeJson(route, { said, withTable, options })),
          options,
        )
      : routes.map((route) => routeText(route, { said, withTable, options })).join(''),
  );
  return 0;
}

function readSelection(words: readonly string[]): Selection {
  const values = new Map<Keyword, string>();
  let how: 'exact' | 'root' | 'match' = 'exact';
  let prefix: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const keyword = keywords.find((known) => known === word || (known === 'proto' && word === 'protocol'));
    if (keyword !== undefined) {
      index += 1;
      values.set(keyword, words[index] ?? '');
    } else if (word === 'root' || word === 'match' || word === 'exact') how = word;
    else if (word !== 'to') prefix = word;
  }
  return { values, ...(prefix === undefined ? {} : { to: { how, prefix } }) };
}

function withLength(prefix: string): string {
  return prefix.includes('/') ? prefix : `${prefix}/32`;
}

function isSelected(route: RouteFacts, { values, to }: Selection): boolean {
  const { link, protocol, scope, via, source, type, metric } = route;
  const facts: Readonly<Record<Keyword, string | undefined>> = {
    dev: link,
    proto: protocol ?? 'boot',
    scope: scope ?? 'global',
    via,
    src: source,
    type: type ?? 'unicast',
    metric: String(metric ?? 0),
    table: undefined,
    vrf: undefined,
  };
  const isSo = [...values].every(([key, value]) => key === 'table' || facts[key] === value);
  return isSo && (to === undefined || liesSo(route.destination, to));
}

function liesSo(destination: string, { how, prefix }: NonNullable<Selection['to']>): boolean {
  const parse = (text: string) => parseCidr(text === 'default' ? '0.0.0.0/0' : withLength(text))?.prefix;
  const [own, asked] = [parse(destination), parse(prefix)];
  if (own === undefined || asked === undefined) return false;
  const [wide, narrow] = how === 'root' ? [asked, own] : [own, asked];
  if (how === 'exact' && own.length !== asked.length) return false;
  const shift = 32 - wide.length;
  return (
    narrow.length >= wide.length && (shift === 32 || wide.network >>> shift === narrow.network >>> shift)
  );
}

interface RouteStyle {
  readonly said: ReadonlySet<string>;
  readonly withTable: boolean;
  readonly options: ShowOptions;
}

function routeText(route: RouteFacts, { said, withTable, options }: RouteStyle): string {
  const word = (key: string, name: string, value: string | undefined) =>
    value === undefined || said.has(key) ? '' : `${name} ${value} `;
  const address = (text: string) => paint(`${text} `, text === 'default' ? undefined : 'inet', options);
  const via = route.via === undefined || said.has('via') ? '' : `via ${address(route.via)}`;
  const link =
    route.link === undefined || said.has('dev') ? '' : `dev ${paint(`${route.link} `, 'link', options)}`;
  const { protocol, scope } = detailed(route, options);
  const type = route.type ?? (options.details ? 'unicast' : undefined);
  const line = [
    type === undefined ? '' : `${type} `,
    address(route.destination),
    via,
    link,
    withTable && route.table !== parseTable('main') ? `table ${formatTable(route.table)} ` : '',
    word('proto', 'proto', protocol),
    word('scope', 'scope', scope),
    route.source === undefined || said.has('src') ? '' : `src ${address(route.source)}`,
    word('metric', 'metric', route.metric === undefined ? undefined : String(route.metric)),
  ];
  const hops = (route.nextHops ?? []).map(
    ({ via: gateway, link: device }) =>
      `\tnexthop via ${address(gateway)}${device === undefined ? '' : `dev ${paint(`${device} `, 'link', options)}`}weight 1 \n`,
  );
  return `${line.join('')}\n${hops.join('')}`;
}

/** What `-d` tells besides: what is so of any route of which nothing else was said. */
function detailed(route: RouteFacts, { details }: ShowOptions) {
  const scope = route.scope === 'global' ? undefined : route.scope;
  return details
    ? { protocol: route.protocol ?? 'boot', scope: scope ?? 'global' }
    : { protocol: route.protocol, scope };
}

function routeJson(route: RouteFacts, { said, withTable, options }: RouteStyle): JsonObject {
  const { protocol, scope } = detailed(route, options);
  const type = route.type ?? (options.details ? 'unicast' : undefined);
  const named = (key: string, name: string, value: string | number | undefined): JsonObject =>
    value === undefined || said.has(key) ? {} : { [name]: value };
  return {
    ...named('', 'type', type),
    dst: route.destination,
    ...named('via', 'gateway', route.via),
    ...named('dev', 'dev', route.link),
    ...(withTable && route.table !== parseTable('main') ? { table: formatTable(route.table) } : {}),
    ...named('proto', 'protocol', protocol),
    ...named('scope', 'scope', scope),
    ...named('src', 'prefsrc', route.source),
    ...named('metric', 'metric', route.metric),
    flags: [],
    ...(route.nextHops === undefined
      ? {}
      : {
          nexthops: route.nextHops.map(({ via, link }) => ({
            gateway: via,
            ...(link === undefined ? {} : { dev: link }),
            weight: 1,
            flags: [],
          })),
        }),
  };
}

/** `ip route get`: the way of one packet. */
export function* showRouteTo(all: readonly string[], options: ShowOptions): sys.Sys<number> {
  const words = all[0] === 'to' ? all.slice(1) : all;
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
  if (!isIPv4(destination.replace(/\/32$/, ''))) {
    yield* sys.printError(`Error: any valid prefix is expected rather than "${destination}".\n`);
    return 1;
  }
  const route = yield* sys.inspect('route-to', {
    destination: destination.replace(/\/32$/, ''),
    mark,
    ...(from === undefined ? {} : { from }),
  });
  if (!isRouteTo(route)) {
    const errno = isJsonObject(route) && isErrno(route.errno) ? route.errno : 'ENETUNREACH';
    yield* sys.printError(`RTNETLINK answers: ${errnoText(errno)}\n`);
    return 2;
  }
  yield* sys.print(wayText(route, { from, mark, options }));
  return 0;
}

function wayText(
  route: RouteToFacts,
  {
    from,
    mark,
    options,
  }: { readonly from: string | undefined; readonly mark: number; readonly options: ShowOptions },
): string {
  const { local, destination, via, link, source } = route;
  const table = local || route.table === parseTable('main') ? undefined : formatTable(route.table);
  const marked = mark === 0 ? undefined : `0x${mark.toString(16)}`;
  if (options.json) {
    const found: JsonObject = {
      ...(local ? { type: 'local' } : {}),
      dst: destination,
      ...(from === undefined ? {} : { from }),
      ...(via === undefined ? {} : { gateway: via }),
      dev: link,
      ...(table === undefined ? {} : { table }),
      ...(from === undefined ? { prefsrc: source } : {}),
      ...(marked === undefined ? {} : { mark: marked }),
      flags: [],
      uid: 0,
      cache: local ? ['local'] : [],
    };
    return formatJson([found], options);
  }
  const words = [
    ...(local ? ['local'] : []),
    destination,
    ...(from === undefined ? [] : ['from', from]),
    ...(via === undefined ? [] : ['via', via]),
    'dev',
    link,
    ...(table === undefined ? [] : ['table', table]),
    ...(from === undefined ? ['src', source] : []),
    ...(marked === undefined ? [] : ['mark', marked]),
  ];
  return `${words.join(' ')} uid 0 \n    cache ${local ? '<local> ' : ''}\n`;
}
