/**
 * Routing tables: which way a packet takes from a namespace. The rules of `ip rule` name the tables that are asked, in
 * order; in a table the longest prefix wins, then the lowest metric, then what was added first.
 * Source: ip-route(8), ip-rule(8); Linux net/ipv4/fib_trie.c, fib_semantics.c, fib_rules.c.
 */
import { invariant } from '../../base/result.ts';
import { formatIPv4, networkOf, type Prefix, parseCidr, parseIPv4 } from '../ipv4.ts';
import type { Errno } from '../process/errno.ts';
import type { RouteSpec } from '../route-spec.ts';
import type { PacketHeader } from '../trace.ts';
import { formatRule, isMeant, type RoutedFlow } from './routing-rules.ts';
import {
  type Link,
  type LinkAddress,
  type NamespaceState,
  type NextHop,
  type RefusingType,
  type Route,
  type RoutingRule,
  routeTables,
} from './state.ts';
import { isSysctlSet } from './sysctl.ts';

/** A route with the next hop that was chosen for a flow. */
export interface RoutePath {
  readonly route: Route;
  readonly hop: NextHop;
}

/** Routes of one table by prefix length, longest first. */
type PrefixIndex = readonly {
  readonly length: number;
  readonly routes: ReadonlyMap<number, readonly Route[]>;
}[];

/** By table. */
type RouteIndex = ReadonlyMap<number, PrefixIndex>;

/** Why there is no way: what refuses it, or that nothing fits. */
export interface NoRoute {
  readonly errno: Errno;
  /** The route or rule as `ip` prints it; absent when none fits. */
  readonly because?: string;
}

/** Derived from the frozen list of routes, and so no part of the state. */
const indexes = new WeakMap<readonly Route[], RouteIndex>();

/** The way to a destination, without a choice among next hops; undefined when there is none or it is refused. */
export function lookupRoute(
  namespace: NamespaceState,
  destination: number,
  flow: RoutedFlow = {},
): Route | undefined {
  const found = lookup(namespace, destination, flow);
  return found === undefined || 'action' in found || found.nextHops.length === 0 ? undefined : found;
}

/**
 * The way that a packet takes; undefined when there is none, see {@link whyNoRoute}. Among several next hops the flow's
 * hash chooses, so that a flow stays together. `inLink` is where a packet of others came in.
 */
export function routePacket(
  namespace: NamespaceState,
  header: PacketHeader & { readonly mark?: number },
  inLink?: string,
): RoutePath | undefined {
  const destination = parseIPv4(header.destination);
  const route =
    destination === undefined ? undefined : lookupRoute(namespace, destination, flowOf(header, inLink));
  if (route === undefined) return undefined;
  const hops = route.nextHops.length === 1 ? route.nextHops : aliveHops(namespace, route);
  const hop = hops[hops.length === 1 ? 0 : flowHash(namespace, header) % hops.length];
  return hop === undefined ? undefined : { route, hop };
}

/** Why {@link routePacket} finds no way. Source: fib_props in Linux net/ipv4/fib_semantics.c, fib4_rule_action. */
export function whyNoRoute(
  namespace: NamespaceState,
  header: PacketHeader & { readonly mark?: number },
  inLink?: string,
): NoRoute {
  const destination = parseIPv4(header.destination);
  const found =
    destination === undefined ? undefined : lookup(namespace, destination, flowOf(header, inLink));
  if (found === undefined) return { errno: 'ENETUNREACH' };
  if ('action' in found) {
    const errno = found.action === 'unreachable' ? 'ENETUNREACH' : errnos[found.action];
    return { errno, because: formatRule(found) };
  }
  return isRefusing(found.type)
    ? { errno: errnos[found.type], because: formatRoute(found, undefined) }
    : { errno: 'ENETUNREACH' };
}

const errnos: Readonly<Record<RefusingType, Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
};

function isRefusing(type: Route['type']): type is RefusingType {
  return type in errnos;
}

function flowOf(header: PacketHeader & { readonly mark?: number }, inLink: string | undefined): RoutedFlow {
  return { source: header.source, mark: header.mark ?? 0, ...(inLink === undefined ? {} : { inLink }) };
}

/** The first route that the rules lead to, or the rule that refuses. */
function lookup(
  namespace: NamespaceState,
  destination: number,
  flow: RoutedFlow,
): Route | (RoutingRule & { readonly action: RefusingType }) | undefined {
  const index = indexOf(namespace.routes);
  for (const rule of namespace.rules) {
    if (!isMeant(rule, destination, flow)) continue;
    const { action } = rule;
    if (typeof action !== 'number') return { ...rule, action };
    const table = index.get(action);
    const found = table === undefined ? undefined : find(namespace, table, destination);
    if (found !== undefined && found.type !== 'throw') return found;
  }
  return undefined;
}

/** Whether an address is one of the namespace's own, loopback included. */
export function isLocalAddress(namespace: NamespaceState, address: string): boolean {
  const value = parseIPv4(address);
  const local = indexOf(namespace.routes).get(routeTables.local);
  return value !== undefined && local !== undefined && find(namespace, local, value)?.type === 'local';
}

/**
 * The address that a packet without one gets for a way out: the route's own, else one of the link in the next hop's
 * network, else the link's first, else any of the namespace. Source: inet_select_addr in Linux net/ipv4/devinet.c.
 */
export function sourceAddressFor(
  namespace: NamespaceState,
  path: RoutePath,
  destination: string,
): string | undefined {
  if (path.route.type === 'local') return path.route.source ?? destination;
  if (path.route.source !== undefined) return path.route.source;
  return linkAddressTowards(namespace, path.hop.link, path.hop.via ?? destination);
}

/**
 * The address of a link that a neighbour on it would know, which those of the loopback never are; see
 * {@link sourceAddressFor}.
 */
export function linkAddressTowards(
  namespace: NamespaceState,
  link: string,
  neighbour?: string,
): string | undefined {
  const own = (namespace.links.get(link)?.addresses ?? []).filter(isGlobal);
  const value = neighbour === undefined ? undefined : parseIPv4(neighbour);
  const inNetwork = own.find((address) => value !== undefined && isInNetwork(address, value));
  const chosen = inNetwork ?? own[0];
  if (chosen !== undefined) return chosen.address;
  for (const other of namespace.links.values()) {
    const address = other.addresses.find(isGlobal);
    if (address !== undefined) return address.address;
  }
  return undefined;
}

/** Reads a route as `ip route add` takes it; the link of a gateway is found by the routes that exist. */
export function routeFromSpec(namespace: NamespaceState, spec: RouteSpec): Route {
  const prefix =
    spec.destination === 'default' ? { network: 0, length: 0 } : parseCidr(spec.destination)?.prefix;
  invariant(prefix !== undefined, `no prefix: ${spec.destination}`);
  const wanted =
    spec.type !== undefined
      ? []
      : (spec.nextHops ?? [
          {
            ...(spec.via === undefined ? {} : { via: spec.via }),
            ...(spec.link === undefined ? {} : { link: spec.link }),
          },
        ]);
  const nextHops = wanted.map((hop) => Object.freeze(completeHop(namespace, hop)));
  const isLinkScope = spec.type === undefined && nextHops.every((hop) => hop.via === undefined);
  return Object.freeze({
    table: spec.table ?? routeTables.main,
    type: spec.type ?? ('unicast' as const),
    metric: spec.metric ?? 0,
    prefix: Object.freeze(prefix),
    nextHops: Object.freeze(nextHops),
    scope: spec.scope ?? (isLinkScope ? 'link' : 'global'),
    ...(spec.source === undefined ? {} : { source: spec.source }),
    ...(spec.protocol === undefined ? {} : { protocol: spec.protocol }),
  });
}

/** The routes that the kernel adds for an address. Source: fib_add_ifaddr in Linux net/ipv4/fib_frontend.c. */
export function routesOfAddress(link: Link, address: LinkAddress): readonly Route[] {
  const network = networkOf(address.value, address.prefixLength);
  const common = {
    nextHops: Object.freeze([Object.freeze({ link: link.name })]),
    source: address.address,
    protocol: 'kernel',
    metric: 0,
  };
  const routes: Route[] = [
    {
      ...common,
      table: routeTables.local,
      type: 'local',
      prefix: { network: address.value, length: 32 },
      scope: 'host',
    },
  ];
  const isLoopback = link.kind === 'loopback';
  if (address.prefixLength < 32 && (isLoopback || !address.secondary)) {
    const prefix = { network, length: address.prefixLength };
    routes.push(
      isLoopback
        ? { ...common, table: routeTables.local, type: 'local', prefix, scope: 'host' }
        : { ...common, table: routeTables.main, type: 'unicast', prefix, scope: 'link' },
    );
  }
  if (address.prefixLength < 31) {
    const prefix = { network: broadcastOf(address), length: 32 };
    routes.push({ ...common, table: routeTables.local, type: 'broadcast', prefix, scope: 'link' });
  }
  return routes.map((route) => Object.freeze({ ...route, prefix: Object.freeze(route.prefix) }));
}

/** The broadcast address of an address's network. */
export function broadcastOf(address: LinkAddress): number {
  return (address.value | (0xffffffff >>> address.prefixLength)) >>> 0;
}

/** `default`, `10.244.1.0/24`, or an address alone for a single one. */
export function formatDestination(prefix: Prefix): string {
  if (prefix.length === 0) return 'default';
  return prefix.length === 32 ? formatIPv4(prefix.network) : `${formatIPv4(prefix.network)}/${prefix.length}`;
}

/** The routes of a namespace in the order of the kernel's trie: by network, the longer prefix, the lower metric. */
export function setRoutes(namespace: NamespaceState, routes: readonly Route[]): void {
  namespace.routes = Object.freeze(
    [...routes].sort(
      (a, b) =>
        a.prefix.network - b.prefix.network || b.prefix.length - a.prefix.length || a.metric - b.metric,
    ),
  );
}

/** A route as `ip route` prints it, on one line; `hop` is put in the place of several next hops. */
export function formatRoute(route: Route, hop: NextHop | undefined): string {
  const words = [formatDestination(route.prefix)];
  if (route.type !== 'unicast') words.unshift(route.type);
  if (hop?.via !== undefined) words.push('via', hop.via);
  if (hop !== undefined) words.push('dev', hop.link);
  if (route.protocol !== undefined) words.push('proto', route.protocol);
  if (route.scope !== 'global') words.push('scope', route.scope);
  if (route.source !== undefined) words.push('src', route.source);
  if (route.metric !== 0) words.push('metric', String(route.metric));
  return words.join(' ');
}

function find(namespace: NamespaceState, index: PrefixIndex, destination: number): Route | undefined {
  for (const { length, routes } of index) {
    const fitting = routes.get(networkOf(destination, length));
    if (fitting === undefined) continue;
    for (const route of fitting) if (isUsable(namespace, route)) return route;
  }
  return undefined;
}

/** Whether a route refuses, or a link of one of its next hops is up. */
function isUsable(namespace: NamespaceState, { nextHops }: Route): boolean {
  if (nextHops.length === 0) return true;
  for (const { link } of nextHops) if (namespace.links.get(link)?.up) return true;
  return false;
}

function indexOf(routes: readonly Route[]): RouteIndex {
  const known = indexes.get(routes);
  if (known !== undefined) return known;
  const tables = new Set(routes.map(({ table }) => table));
  const index = new Map([...tables].map((table) => [table, prefixIndex(routes, table)]));
  indexes.set(routes, index);
  return index;
}

function prefixIndex(routes: readonly Route[], table: Route['table']): PrefixIndex {
  const byLength = new Map<number, Map<number, Route[]>>();
  for (const route of routes) {
    if (route.table !== table) continue;
    const ofLength = byLength.get(route.prefix.length) ?? new Map<number, Route[]>();
    byLength.set(route.prefix.length, ofLength);
    const same = ofLength.get(route.prefix.network);
    if (same === undefined) ofLength.set(route.prefix.network, [route]);
    else same.push(route);
  }
  return [...byLength].sort(([a], [b]) => b - a).map(([length, ofLength]) => ({ length, routes: ofLength }));
}

function aliveHops(namespace: NamespaceState, route: Route): readonly NextHop[] {
  return route.nextHops.filter((hop) => namespace.links.get(hop.link)?.up);
}

/**
 * By addresses, or by ports too when the sysctl asks for it. The kernel's hash is seeded at boot; this one is the same
 * on every run. Source: fib_multipath_hash_policy in Linux Documentation/networking/ip-sysctl.
 */
function flowHash(namespace: NamespaceState, header: PacketHeader): number {
  let key = `${header.source} ${header.destination}`;
  if (isSysctlSet(namespace, 'net.ipv4.fib_multipath_hash_policy')) {
    key += ` ${header.protocol} ${header.sourcePort} ${header.destinationPort}`;
  }
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function completeHop(
  namespace: NamespaceState,
  hop: { readonly via?: string; readonly link?: string },
): NextHop {
  if (hop.via === undefined) {
    invariant(hop.link !== undefined && namespace.links.has(hop.link), 'a route needs a gateway or a link');
    return { link: hop.link };
  }
  if (hop.link !== undefined) return { link: hop.link, via: hop.via };
  const gateway = parseIPv4(hop.via);
  const towards = gateway === undefined ? undefined : lookupRoute(namespace, gateway);
  const first = towards?.nextHops[0];
  invariant(
    towards?.type === 'unicast' && first !== undefined && first.via === undefined,
    `Nexthop has invalid gateway: ${hop.via}`,
  );
  return { link: first.link, via: hop.via };
}

function isGlobal({ scope }: LinkAddress): boolean {
  return scope === 'global';
}

function isInNetwork(address: LinkAddress, value: number): boolean {
  return networkOf(value, address.prefixLength) === networkOf(address.value, address.prefixLength);
}
