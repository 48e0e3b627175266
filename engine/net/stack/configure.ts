/**
 * The changes that an administrator's tools make in a namespace, checked as the kernel checks them.
 * Source: the answers of a Linux 6.18 kernel to iproute2 6.1, recorded in programs/fixtures/administration.txt.
 */
import { assertNever } from '../../base/result.ts';
import { formatIPv4, parseCidr, parseIPv4 } from '../ipv4.ts';
import type { NetworkAdmin } from '../linux.ts';
import { runIptablesCommand } from '../netfilter/command.ts';
import { forgetConnections } from '../netfilter/conntrack/connection.ts';
import { isMeant } from '../netfilter/conntrack/list.ts';
import { restoreIptables } from '../netfilter/restore.ts';
import { formatRestoreError } from '../netfilter/restore-error.ts';
import { restoreIpset, runIpset } from '../netfilter/sets/command.ts';
import { ipsetContext } from '../netfilter/sets/context.ts';
import type { ConfigureRequest, NetworkChange, RefusedChange } from '../process/configure.ts';
import { requireNamespace } from './namespaces.ts';
import { changeRoute, changeRule, flushRoutes } from './route-changes.ts';
import { neighbourOn, setNeighbour } from './segment.ts';
import type { Link, NamespaceState, NetworkState } from './state.ts';
import { readSysctl } from './sysctl.ts';
import { openTap } from './taps.ts';

type Of<Part extends NetworkChange['part']> = Extract<NetworkChange, { readonly part: Part }>;
type Answer = RefusedChange | null;

interface Place {
  readonly state: NetworkState;
  readonly namespace: NamespaceState;
  readonly admin: NetworkAdmin;
  readonly nowMs: number;
}

/** Source: IFNAMSIZ in Linux uapi/linux/if.h. */
const longestLinkName = 15;
/** Source: Linux net/core/dev.c and drivers/net/veth.c. */
const mtuRange = { least: 68, most: 65_535 };
/** Bounds what commands in a loop can pile up. */
const mostOfAKind = 1_000;

/** Makes a change; null, or why it was refused. */
export function configureNamespace(
  state: NetworkState,
  admin: NetworkAdmin,
  { netns, pid, change }: ConfigureRequest,
  nowMs: number,
): Answer {
  const place = { state, namespace: requireNamespace(state, netns), admin, nowMs };
  switch (change.part) {
    case 'iptables': {
      const done = runIptablesCommand(place.namespace.netfilter, change);
      return done.ok ? null : done.error;
    }
    case 'iptables-restore': {
      const { text, ...options } = change;
      const done = restoreIptables(place.namespace.netfilter, text, options);
      return done.ok ? null : formatRestoreError(done.error);
    }
    case 'address':
      return changeAddress(place, change);
    case 'link':
      return changeLink(place, change);
    case 'route':
      return changeRoute(place, change);
    case 'rule':
      return changeRule(place.namespace, change);
    case 'neighbour':
      return changeNeighbour(place, change);
    case 'ipset': {
      const context = ipsetContext(place.namespace.netfilter);
      const { text, words } = change;
      const { stderr, exitCode } =
        text === undefined ? runIpset(context, words) : restoreIpset(context, text);
      return stderr === '' ? null : { stderr, exitCode };
    }
    case 'tap':
      openTap(state, netns, pid);
      return null;
    case 'flush':
      return flush(place, change);
    case 'sysctl':
      return changeSysctl(place, change);
    case 'conntrack':
      return forget(place, change);
    default:
      return assertNever(change);
  }
}

function changeAddress({ admin, namespace }: Place, { action, link: name, address }: Of<'address'>): Answer {
  const link = namespace.links.get(name);
  const parsed = parseCidr(address);
  if (link === undefined) return { errno: 'ENODEV' };
  if (parsed === undefined) return { errno: 'EINVAL' };
  const isThere = link.addresses.some(
    ({ value, prefixLength }) => value === parsed.address && prefixLength === parsed.prefix.length,
  );
  if (action === 'del') {
    if (!isThere) return { message: 'ipv4: Address not found.' };
    admin.removeAddress(namespace.id, name, address);
    return null;
  }
  if (isThere) return action === 'replace' ? null : { message: 'ipv4: Address already assigned.' };
  if (link.addresses.length >= mostOfAKind) return { errno: 'ENOSPC' };
  admin.addAddress(namespace.id, name, address);
  return null;
}

function changeLink(place: Place, change: Of<'link'>): Answer {
  const { admin, namespace } = place;
  const { id } = namespace;
  const { link: name } = change;
  if (change.action === 'add-bridge' || change.action === 'add-veth') return addLink(place, change);
  const link = namespace.links.get(name);
  if (link === undefined) return { errno: 'ENODEV' };
  switch (change.action) {
    case 'up':
    case 'down':
      admin.setLinkUp(id, name, change.action === 'up');
      return null;
    case 'del':
      if (link.kind === 'loopback' || link.kind === 'ether') return { errno: 'EOPNOTSUPP' };
      admin.removeLink(id, name);
      return null;
    case 'master':
      if (namespace.links.get(change.bridge)?.kind !== 'bridge') return { errno: 'EOPNOTSUPP' };
      if (change.bridge === name || link.kind === 'loopback') return { errno: 'EINVAL' };
      if (link.kind === 'bridge') return { message: 'Can not enslave a bridge to a bridge.' };
      admin.setMaster(id, name, change.bridge);
      return null;
    case 'nomaster':
      admin.setMaster(id, name, undefined);
      return null;
    case 'mtu':
      if (change.mtuBytes < mtuRange.least) return { message: 'mtu less than device minimum.' };
      if (change.mtuBytes > mtuRange.most) return { message: 'mtu greater than device maximum.' };
      admin.setMtu(id, name, change.mtuBytes);
      return null;
    case 'hairpin':
      if (link.master === undefined) return { errno: 'EINVAL' };
      admin.setHairpin(id, name, change.on);
      return null;
    default:
      return assertNever(change);
  }
}

function addLink(
  { admin, namespace }: Place,
  change: Extract<Of<'link'>, { readonly action: 'add-bridge' | 'add-veth' }>,
): Answer {
  const names = change.action === 'add-veth' ? [change.link, change.peer] : [change.link];
  if (names.some((name) => namespace.links.has(name)) || new Set(names).size < names.length) {
    return { errno: 'EEXIST' };
  }
  if (names.some((name) => name === '' || name.length > longestLinkName)) return { errno: 'EINVAL' };
  if (namespace.links.size >= mostOfAKind) return { errno: 'ENOSPC' };
  const { id: netns } = namespace;
  if (change.action === 'add-bridge') admin.addBridge(netns, change.link);
  // The peer is made first. Source: veth_newlink in Linux.
  else admin.addVeth({ netns, link: change.peer }, { netns, link: change.link });
  // What is made by hand is down until it is set up.
  for (const name of names) admin.setLinkUp(netns, name, false);
  return null;
}

function changeNeighbour({ state, namespace, nowMs }: Place, change: Of<'neighbour'>): Answer {
  const { action, link: name, mac } = change;
  const value = parseIPv4(change.address);
  const link = namespace.links.get(name);
  if (link === undefined) return { errno: 'ENODEV' };
  if (value === undefined) return { errno: 'EINVAL' };
  const address = formatIPv4(value);
  const known = neighbourOn(namespace, name, address);
  if (action === 'del') {
    if (known === undefined) return { errno: 'ENOENT' };
    namespace.neighbours.delete(`${name} ${address}`);
    return null;
  }
  if (known !== undefined && action === 'add') return { errno: 'EEXIST' };
  if (namespace.neighbours.size >= mostOfAKind) return { errno: 'ENOSPC' };
  if (!isNeighbourLink(link)) return { errno: 'EINVAL' };
  const { generation } = state;
  setNeighbour(namespace, {
    address,
    link: name,
    ...(mac === undefined ? {} : { mac, isPermanent: true }),
    confirmedMs: nowMs,
    generation,
  });
  return null;
}

function isNeighbourLink({ kind }: Link): boolean {
  return kind !== 'loopback';
}

function flush({ admin, namespace }: Place, change: Of<'flush'>): Answer {
  const { what, link: name } = change;
  const link = name === undefined ? undefined : namespace.links.get(name);
  if (name !== undefined && link === undefined) return { errno: 'ENODEV' };
  switch (what) {
    case 'address':
      // With the first of a network its secondaries go by themselves.
      for (
        let [first] = linkAddresses(namespace, name);
        first !== undefined;
        [first] = linkAddresses(namespace, name)
      ) {
        admin.removeAddress(namespace.id, first.link, first.address);
      }
      return null;
    case 'neighbour':
      for (const [key, neighbour] of namespace.neighbours) {
        if (name === undefined || neighbour.link === name) namespace.neighbours.delete(key);
      }
      return null;
    case 'route':
      return flushRoutes(namespace, change);
    default:
      return assertNever(what);
  }
}

function linkAddresses(namespace: NamespaceState, name: string | undefined) {
  const links = name === undefined ? [...namespace.links.values()] : [namespace.links.get(name)];
  return links.flatMap((link) =>
    (link?.addresses ?? []).map(({ address, prefixLength }) => ({
      link: link?.name ?? '',
      address: `${address}/${prefixLength}`,
    })),
  );
}

function changeSysctl({ admin, namespace }: Place, { name, value }: Of<'sysctl'>): Answer {
  const before = readSysctl(namespace, name);
  if (before === undefined) return { errno: 'ENOENT' };
  const isNumber = /^[-+]?\d{1,19}$/.test(before);
  if (isNumber && !/^[-+]?\d{1,19}$/.test(value)) return { errno: 'EINVAL' };
  admin.setSysctl(namespace.id, name, value);
  return null;
}

function forget({ namespace }: Place, { part: _part, ...filter }: Of<'conntrack'>): Answer {
  forgetConnections(namespace.netfilter.conntrack, (connection) => isMeant(connection, filter));
  return null;
}
