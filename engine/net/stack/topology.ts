/**
 * Machines, namespaces, links, addresses and routes: what `ip` changes. Every change of what is connected with what
 * raises the state's generation, so that neighbours and bridges ask anew.
 */
import type { Random } from '../../base/random.ts';
import { invariant } from '../../base/result.ts';
import { formatIPv4, parseCidr } from '../ipv4.ts';
import type { LinkEnd, NetworkAdmin } from '../linux.ts';
import type { RouteSpec } from '../route-spec.ts';
import type { NetnsId } from '../trace.ts';
import { peerOf, portsOf, replaceLink, requireLink, requireNamespace } from './namespaces.ts';
import { formatDestination, routeFromSpec, routesOfAddress, setRoutes } from './routes.ts';
import {
  type Link,
  type LinkAddress,
  type NamespaceState,
  type NetworkState,
  namespaceState,
  type Route,
  routeTables,
} from './state.ts';
import { writeSysctl } from './sysctl.ts';

/** What of {@link NetworkAdmin} changes the topology. */
export type Topology = Pick<
  NetworkAdmin,
  | 'addMachine'
  | 'hasMachine'
  | 'addNetns'
  | 'removeNetns'
  | 'listNetns'
  | 'addBridge'
  | 'addVeth'
  | 'removeLink'
  | 'setLinkUp'
  | 'setMaster'
  | 'setMtu'
  | 'setHairpin'
  | 'addAddress'
  | 'removeAddress'
  | 'addresses'
  | 'addRoute'
  | 'removeRoute'
  | 'setSysctl'
>;

/** Source: IFNAMSIZ in Linux uapi/linux/if.h (16 with the closing zero). */
const maxLinkNameLength = 15;

/** See the head of this file. `forgetSockets` takes away the sockets of a namespace that is about to go. */
export function createTopology(
  state: NetworkState,
  random: Random,
  forgetSockets: (namespace: NamespaceState) => void,
): Topology {
  return {
    addMachine(machine) {
      invariant(!state.machines.has(machine), `machine ${machine} exists already`);
      state.machines.set(machine, Object.freeze([]));
      return addNamespace(state, machine, machine);
    },
    hasMachine: (machine) => state.machines.has(machine),
    addNetns: (machine, name) => addNamespace(state, machine, `${machine}/${name}`),
    removeNetns(id) {
      const { machine } = requireNamespace(state, id);
      const gone = id === machine ? (state.machines.get(machine) ?? []) : [id];
      for (const each of gone) removeNamespace(state, requireNamespace(state, each), forgetSockets);
      if (id === machine) state.machines.delete(machine);
    },
    listNetns: (machine) => state.machines.get(machine) ?? [],
    addBridge(netns, name) {
      const namespace = requireNamespace(state, netns);
      addLink(state, namespace, name, { kind: 'bridge', mac: randomMac(random) });
    },
    addVeth: (a, b) => addVeth(state, random, a, b),
    removeLink(netns, name) {
      const namespace = requireNamespace(state, netns);
      removeLink(state, namespace, requireLink(namespace, name));
    },
    setLinkUp(netns, name, up) {
      const namespace = requireNamespace(state, netns);
      const link = requireLink(namespace, name);
      if (link.up === up) return;
      replaceLink(namespace, { ...link, up });
      // What was routed over it is forgotten; only the networks of its addresses come back with it.
      const others = namespace.routes.flatMap((route) => {
        return route.table === routeTables.local ? [route] : withoutLink(route, name);
      });
      const connected = link.addresses.flatMap((address) => routesOfAddress(link, address));
      setRoutes(
        namespace,
        up ? [...others, ...connected.filter(({ table }) => table === routeTables.main)] : others,
      );
      state.generation += 1;
    },
    setMaster(netns, name, bridge) {
      const namespace = requireNamespace(state, netns);
      if (bridge === undefined) {
        const { master: _, ...port } = requireLink(namespace, name);
        replaceLink(namespace, port);
        state.generation += 1;
        return;
      }
      invariant(requireLink(namespace, bridge).kind === 'bridge', `${bridge} is no bridge`);
      const link = requireLink(namespace, name);
      invariant(link.kind === 'veth' || link.kind === 'ether', `${name} can be no port of a bridge`);
      replaceLink(namespace, { ...link, master: bridge });
      state.generation += 1;
    },
    setMtu(netns, name, mtuBytes) {
      const namespace = requireNamespace(state, netns);
      replaceLink(namespace, { ...requireLink(namespace, name), mtuBytes });
    },
    setHairpin(netns, name, hairpin) {
      const namespace = requireNamespace(state, netns);
      replaceLink(namespace, { ...requireLink(namespace, name), hairpin });
    },
    addAddress(netns, name, cidr) {
      const namespace = requireNamespace(state, netns);
      addAddress(state, namespace, requireLink(namespace, name), cidr);
    },
    removeAddress(netns, name, cidr) {
      const namespace = requireNamespace(state, netns);
      removeAddress(state, namespace, requireLink(namespace, name), cidr);
    },
    addresses: (netns) =>
      [...requireNamespace(state, netns).links.values()].flatMap((link) =>
        link.addresses.map(({ address, prefixLength }) => ({
          link: link.name,
          cidr: `${address}/${prefixLength}`,
        })),
      ),
    addRoute: (netns, spec) => addRoute(requireNamespace(state, netns), spec),
    removeRoute(netns, destination) {
      const namespace = requireNamespace(state, netns);
      setRoutes(
        namespace,
        namespace.routes.filter((route) => route.table !== routeTables.main || !isTo(route, destination)),
      );
    },
    setSysctl: (netns, name, value) => writeSysctl(requireNamespace(state, netns), name, value),
  };
}

function addNamespace(state: NetworkState, machine: string, id: NetnsId): NetnsId {
  const ids = state.machines.get(machine);
  invariant(ids !== undefined, `no such machine: ${machine}`);
  invariant(!state.namespaces.has(id), `network namespace ${id} exists already`);
  const namespace = namespaceState(machine, id);
  state.namespaces.set(id, namespace);
  state.machines.set(machine, Object.freeze([...ids, id]));
  addLink(state, namespace, 'lo', { kind: 'loopback', mac: '00:00:00:00:00:00' });
  addAddress(state, namespace, requireLink(namespace, 'lo'), '127.0.0.1/8');
  return id;
}

function removeNamespace(
  state: NetworkState,
  namespace: NamespaceState,
  forgetSockets: (namespace: NamespaceState) => void,
): void {
  forgetSockets(namespace);
  for (const link of [...namespace.links.values()]) {
    if (namespace.links.has(link.name)) removeLink(state, namespace, link);
  }
  state.namespaces.delete(namespace.id);
  const ids = state.machines.get(namespace.machine) ?? [];
  state.machines.set(namespace.machine, Object.freeze(ids.filter((id) => id !== namespace.id)));
  for (const id of ids) state.namespaces.get(id)?.netnsNumbers.delete(namespace.id);
  state.generation += 1;
}

function addLink(
  state: NetworkState,
  namespace: NamespaceState,
  name: string,
  what: Pick<Link, 'kind' | 'mac' | 'peer'>,
): void {
  invariant(!namespace.links.has(name), `link ${name} exists already in ${namespace.id}`);
  invariant(name.length > 0 && name.length <= maxLinkNameLength, `no name for a link: ${name}`);
  // Source: Linux drivers/net/loopback.c (64 KiB); Ethernet's 1500 for the others.
  const mtuBytes = what.kind === 'loopback' ? 65_536 : 1_500;
  replaceLink(namespace, {
    ...what,
    name,
    index: namespace.nextLinkIndex,
    mtuBytes,
    up: true,
    hairpin: false,
    addresses: Object.freeze([]),
  });
  namespace.nextLinkIndex += 1;
  state.generation += 1;
}

function addVeth(state: NetworkState, random: Random, a: LinkEnd, b: LinkEnd): void {
  const first = requireNamespace(state, a.netns);
  const second = requireNamespace(state, b.netns);
  const kind = first.machine === second.machine ? 'veth' : 'ether';
  addLink(state, first, a.link, { kind, mac: randomMac(random), peer: Object.freeze({ ...b }) });
  addLink(state, second, b.link, { kind, mac: randomMac(random), peer: Object.freeze({ ...a }) });
  if (kind === 'ether' || first === second) return;
  numberNetns(first, second.id);
  numberNetns(second, first.id);
}

/** A namespace knows another one by the lowest number that is free. Source: peernet2id_alloc in Linux. */
function numberNetns(namespace: NamespaceState, other: NetnsId): void {
  if (namespace.netnsNumbers.has(other)) return;
  const taken = new Set(namespace.netnsNumbers.values());
  let number = 0;
  while (taken.has(number)) number += 1;
  namespace.netnsNumbers.set(other, number);
}

function removeLink(state: NetworkState, namespace: NamespaceState, link: Link): void {
  const peer = peerOf(state, link);
  forgetLink(namespace, link);
  if (peer !== undefined) forgetLink(peer.namespace, peer.link);
  state.generation += 1;
}

function forgetLink(namespace: NamespaceState, link: Link): void {
  if (link.kind === 'bridge') {
    for (const { master: _, ...port } of [...portsOf(namespace, link.name)]) replaceLink(namespace, port);
  }
  namespace.links.delete(link.name);
  namespace.linkCounters.delete(link.name);
  setRoutes(
    namespace,
    namespace.routes.flatMap((route) => withoutLink(route, link.name)),
  );
  for (const [key, neighbour] of namespace.neighbours) {
    if (neighbour.link === link.name) namespace.neighbours.delete(key);
  }
  for (const [key, entry] of namespace.forwarding) {
    if (entry.port === link.name || key.startsWith(`${link.name} `)) namespace.forwarding.delete(key);
  }
}

function withoutLink(route: Route, link: string): readonly Route[] {
  if (route.nextHops.every((hop) => hop.link !== link)) return [route];
  const nextHops = Object.freeze(route.nextHops.filter((hop) => hop.link !== link));
  return nextHops.length === 0 ? [] : [Object.freeze({ ...route, nextHops })];
}

function addAddress(state: NetworkState, namespace: NamespaceState, link: Link, cidr: string): void {
  const parsed = parseCidr(cidr);
  invariant(parsed !== undefined, `no address with a prefix: ${cidr}`);
  const { prefix } = parsed;
  invariant(
    link.addresses.every((other) => other.value !== parsed.address || other.prefixLength !== prefix.length),
    `${link.name} has the address ${cidr} already`,
  );
  const address: LinkAddress = Object.freeze({
    address: formatIPv4(parsed.address),
    value: parsed.address,
    prefixLength: prefix.length,
    scope: parsed.address >>> 24 === 127 ? 'host' : 'global',
    secondary: link.addresses.some((other) => isSameNetwork(other, parsed.address, prefix.length)),
  });
  const changed: Link = { ...link, addresses: Object.freeze([...link.addresses, address]) };
  replaceLink(namespace, changed);
  setRoutes(namespace, [...namespace.routes, ...routesOfAddress(changed, address)]);
  state.generation += 1;
}

/** With a primary address its secondaries go too. Source: promote_secondaries in ip-sysctl (default 0). */
function removeAddress(state: NetworkState, namespace: NamespaceState, link: Link, cidr: string): void {
  const parsed = parseCidr(cidr);
  const gone = link.addresses.find(
    (address) => address.value === parsed?.address && address.prefixLength === parsed.prefix.length,
  );
  invariant(gone !== undefined, `${link.name} has no address ${cidr}`);
  const stays = (address: LinkAddress) =>
    address !== gone && (gone.secondary || !isSameNetwork(address, gone.value, gone.prefixLength));
  const addresses = link.addresses.filter(stays);
  const removed = link.addresses.filter((address) => !stays(address));
  replaceLink(namespace, { ...link, addresses: Object.freeze(addresses) });
  setRoutes(
    namespace,
    namespace.routes.filter(
      (route) =>
        !removed.some((address) => route.source === address.address && route.nextHops[0]?.link === link.name),
    ),
  );
  state.generation += 1;
}

function isSameNetwork(address: LinkAddress, value: number, prefixLength: number): boolean {
  const shift = 32 - prefixLength;
  return (
    address.prefixLength === prefixLength && (shift === 32 || address.value >>> shift === value >>> shift)
  );
}

function addRoute(namespace: NamespaceState, spec: RouteSpec): void {
  const route = routeFromSpec(namespace, spec);
  const destination = formatDestination(route.prefix);
  const others = namespace.routes.filter(
    (other) => other.table !== route.table || other.metric !== route.metric || !isTo(other, destination),
  );
  namespace.routeTables.add(route.table);
  setRoutes(namespace, [...others, route]);
}

function isTo(route: Route, destination: string): boolean {
  const wanted = destination.endsWith('/32') ? destination.slice(0, -3) : destination;
  return formatDestination(route.prefix) === (wanted === '0.0.0.0/0' ? 'default' : wanted);
}

/** Locally administered, no group. Source: eth_random_addr in Linux linux/etherdevice.h. */
function randomMac(random: Random): string {
  const octets = [(random.below(256) & 0xfc) | 0x02];
  while (octets.length < 6) octets.push(random.below(256));
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
