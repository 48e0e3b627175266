/**
 * All machines as data: what would have to be typed with `ip`, `bridge` and `sysctl` to build them again elsewhere, and
 * which sockets wait there. Neighbours, forwarding tables and connections are left out: they are learned anew.
 */
import type { NamespaceDescription } from '../linux.ts';
import { formatRoute } from './routes.ts';
import type { Link, NamespaceState, NetworkState, Route } from './state.ts';

/** Describes every namespace, in the order in which they were made. */
export function describeNetwork(state: NetworkState): readonly NamespaceDescription[] {
  return [...state.namespaces.values()].map((namespace) => ({
    netns: namespace.id,
    links: [...namespace.links.values()].map(describeLink),
    routes: namespace.routes.filter(isOwn).map(routeText),
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
  return route.table === 'main' && route.protocol !== 'kernel';
}

function routeText(route: Route): string {
  const [first, ...others] = route.nextHops;
  if (first === undefined) return '';
  if (others.length === 0) return formatRoute(route, first);
  const { nextHops, ...single } = route;
  const destination = formatRoute({ ...single, nextHops: [first] }, first).split(' via ')[0];
  const hops = nextHops.map(({ via, link }) => `nexthop via ${via} dev ${link} weight 1`);
  return [destination, ...hops].join(' ');
}

function listenersOf(state: NetworkState, namespace: NamespaceState): NamespaceDescription['listeners'] {
  const ids = [...namespace.listeners.values()].flat();
  return ids.flatMap((id): NamespaceDescription['listeners'] => {
    const socket = state.sockets.get(id);
    if (socket?.kind === 'listener') return [{ protocol: 'tcp', ...socket.local }];
    return socket?.kind === 'udp' && !socket.isClient ? [{ protocol: 'udp', ...socket.local }] : [];
  });
}
