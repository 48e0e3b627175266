/**
 * All machines as data: what would have to be typed with `ip`, `bridge` and `sysctl` to build them again elsewhere, and
 * which sockets wait there. Neighbours, forwarding tables and connections are left out: they are learned anew.
 */
import type { NamespaceDescription } from '../linux.ts';
import { formatRoute } from './routes.ts';
import { formatRule } from './routing-rules.ts';
import {
  firstRules,
  type Link,
  type NamespaceState,
  type NetworkState,
  type Route,
  routeTables,
} from './state.ts';

const usual: ReadonlySet<string> = new Set(firstRules.map(formatRule));

/** Describes every namespace, in the order in which they were made. */
export function describeNetwork(state: NetworkState): readonly NamespaceDescription[] {
  return [...state.namespaces.values()].map((namespace) => ({
    netns: namespace.id,
    links: [...namespace.links.values()].map(describeLink),
    routes: namespace.routes.filter(isOwn).map(routeText),
    rules: namespace.rules.map(formatRule).filter((rule) => !usual.has(rule)),
    sysctls: [...namespace.sysctls].map(([name, value]) => ({ name, value })),
    listeners: listenersOf(state, namespace),
  }));
}

function describeLink({ name, kind, mac, mtuBytes, up, hairpin, peer, master, addresses }: Link) {
  return {
    name,
    kind,
    mac,
    mtuBytes,
    up,
    hairpin,
    ...(peer === undefined ? {} : { peer }),
    ...(master === undefined ? {} : { master }),
    addresses: addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
  };
}

/** Routes that came with an address come again with it. */
function isOwn(route: Route): boolean {
  return route.table !== routeTables.local && route.protocol !== 'kernel';
}

function routeText(route: Route): string {
  const [first, ...others] = route.nextHops;
  const table = route.table === routeTables.main ? [] : [`table ${route.table}`];
  if (others.length === 0) return [formatRoute(route, first), ...table].join(' ');
  const hops = route.nextHops.map(({ via, link }) => `nexthop via ${via} dev ${link} weight 1`);
  return [formatRoute(route, undefined), ...table, ...hops].join(' ');
}

function listenersOf(state: NetworkState, namespace: NamespaceState): NamespaceDescription['listeners'] {
  const ids = [...namespace.listeners.values()].flat();
  return ids.flatMap((id): NamespaceDescription['listeners'] => {
    const socket = state.sockets.get(id);
    if (socket?.kind === 'listener') return [{ protocol: 'tcp', ...socket.local }];
    return socket?.kind === 'udp' && !socket.isClient ? [{ protocol: 'udp', ...socket.local }] : [];
  });
}
