/**
 * What a namespace tells of itself, as the facts that {@link ../process/inspect.ts} describes: pure views of the state.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { formatIPv4, parseIPv4 } from '../ipv4.ts';
import { renderConntrackLines } from '../netfilter/conntrack/list.ts';
import { renderIptablesList } from '../netfilter/list.ts';
import { renderIptablesRules, renderIptablesSave } from '../netfilter/render.ts';
import { lookingCommands, runIpset } from '../netfilter/sets/command.ts';
import { ipsetContext } from '../netfilter/sets/context.ts';
import type {
  InspectSubject,
  LinkFacts,
  NeighbourFacts,
  PacketFacts,
  RouteFacts,
  RouteToFacts,
  RuleFacts,
  SocketFacts,
} from '../process/inspect.ts';
import type { TableName } from '../trace.ts';
import { peerOf, portsOf } from './namespaces.ts';
import { broadcastOf, formatDestination, routePacket, sourceAddressFor, whyNoRoute } from './routes.ts';
import { formatSelector } from './routing-rules.ts';
import { reachableMs } from './segment.ts';
import type { SocketState } from './socket-state.ts';
import {
  type Link,
  type NamespaceState,
  type Neighbour,
  type NetworkState,
  type Route,
  routeTables,
} from './state.ts';
import { readSysctl, sysctlNames } from './sysctl.ts';
import { readTap } from './taps.ts';
import { listenBacklog } from './tcp.ts';

/** What the network answers about a namespace; `processes` is for the process table. */
type NetworkSubject = Exclude<InspectSubject, 'processes' | 'terminal'>;

/** Answers a subject; null stands for what does not exist. */
export function inspectNamespace(
  state: NetworkState,
  namespace: NamespaceState,
  { subject, ...question }: Omit<Question, 'state' | 'namespace'> & { readonly subject: NetworkSubject },
): JsonValue {
  return answers[subject]({ state, namespace, ...question });
}

interface Question {
  readonly state: NetworkState;
  readonly namespace: NamespaceState;
  /** The process that asks. */
  readonly pid: number;
  readonly args: JsonValue;
  readonly nowMs: number;
}

const answers: Readonly<Record<NetworkSubject, (question: Question) => JsonValue>> = {
  links: ({ state, namespace }) =>
    [...namespace.links.values()].map((link) => ({ ...linkFacts(state, namespace, link) })),
  routes: ({ namespace, args }) => routesOf(namespace, args),
  rules: ({ namespace }) =>
    namespace.rules.map((rule) => {
      const selector = formatSelector(rule, (link) => namespace.links.has(link));
      const facts: RuleFacts = { preference: rule.preference, selector, action: rule.action };
      return { ...facts };
    }),
  'route-to': ({ namespace, args }) => routeTo(namespace, args),
  neighbours: ({ namespace, nowMs }) =>
    [...namespace.neighbours.values()]
      .sort((a, b) => indexOf(namespace, a) - indexOf(namespace, b) || addressOrder(a, b))
      .map((neighbour) => ({ ...neighbourFacts(neighbour, nowMs) })),
  sockets: ({ state, namespace }) =>
    [...state.sockets.values()]
      .filter((socket) => socket.netns === namespace.id)
      .flatMap((socket) => socketFacts(socket).map((facts) => ({ ...facts }))),
  iptables: ({ namespace, args }) => iptablesText(namespace, args),
  sysctl: ({ namespace, args }) => readSysctl(namespace, textArg(args, 'name') ?? '') ?? null,
  ipset: ({ namespace, args }) => lookAtSets(namespace, args),
  tap: ({ state, pid, args }) => readTap(state.taps.get(pid), numberArg(args, 'from') ?? 0).map(packetJson),
  'sysctl-names': ({ namespace }) => [...sysctlNames(namespace)],
  conntrack: ({ namespace, args, nowMs }) =>
    renderConntrackLines(namespace.netfilter.conntrack, nowMs, {
      protocol: textArg(args, 'protocol'),
      source: textArg(args, 'source'),
      destination: textArg(args, 'destination'),
      destinationPort: numberArg(args, 'destinationPort'),
      replySource: textArg(args, 'replySource'),
    }),
  'bridge-fdb': ({ namespace }) => forwardingLines(namespace),
};

function linkFacts(state: NetworkState, namespace: NamespaceState, link: Link): LinkFacts {
  const peer = link.kind === 'veth' ? peerOf(state, link) : undefined;
  const peerNumber = peer === undefined ? undefined : namespace.netnsNumbers.get(peer.namespace.id);
  return {
    index: link.index,
    name: link.name,
    kind: link.kind,
    up: link.up,
    hasCarrier: hasCarrier(state, namespace, link),
    mtuBytes: link.mtuBytes,
    mac: link.mac,
    ...(link.master === undefined ? {} : { master: link.master, ...portFacts(namespace, link, link.master) }),
    ...(peer === undefined ? {} : { peerIndex: peer.link.index }),
    ...(peerNumber === undefined ? {} : { peerNetnsNumber: peerNumber }),
    ...(peer !== undefined && peer.namespace === namespace ? { peerName: peer.link.name } : {}),
    addresses: link.addresses.map((address) => ({
      address: address.address,
      prefixLength: address.prefixLength,
      scope: address.scope,
      ...(address.scope === 'global' && address.prefixLength < 31
        ? { broadcast: formatIPv4(broadcastOf(address)) }
        : {}),
      ...(address.secondary ? { secondary: true } : {}),
    })),
    counters: { ...(namespace.linkCounters.get(link.name) ?? noCounters) },
  };
}

const noCounters = { receivedBytes: 0, receivedPackets: 0, sentBytes: 0, sentPackets: 0 } as const;

/** Source: veth_open, br_stp_enable_port and netif_carrier_ok in Linux. */
function hasCarrier(state: NetworkState, namespace: NamespaceState, link: Link): boolean {
  if (link.kind === 'veth') return link.up && peerOf(state, link)?.link.up === true;
  if (link.kind !== 'bridge') return link.up;
  return link.up && [...portsOf(namespace, link.name)].some((port) => hasCarrier(state, namespace, port));
}

function portFacts(namespace: NamespaceState, link: Link, master: string): Pick<LinkFacts, 'port'> {
  const number = 1 + [...portsOf(namespace, master)].findIndex(({ name }) => name === link.name);
  return { port: { number, hairpin: link.hairpin } };
}

/** All tables stand in the order of the kernel's hash of them. Source: fib_new_table in Linux net/ipv4/fib_frontend.c. */
function routesOf(namespace: NamespaceState, args: JsonValue): JsonValue {
  const table = numberArg(args, 'table') ?? routeTables.main;
  const tables =
    textArg(args, 'table') === 'all'
      ? [...namespace.routeTables].sort((a, b) => (a & 0xff) - (b & 0xff))
      : [table].filter((each) => namespace.routeTables.has(each));
  if (tables.length === 0) return null;
  return tables.flatMap((each) =>
    namespace.routes.filter((route) => route.table === each).map((route) => ({ ...routeFacts(route) })),
  );
}

function routeFacts(route: Route): RouteFacts {
  const [first] = route.nextHops;
  const way =
    route.nextHops.length > 1
      ? { nextHops: route.nextHops.map((hop) => ({ via: hop.via ?? '', link: hop.link })) }
      : {
          ...(first?.via === undefined ? {} : { via: first.via }),
          ...(first === undefined ? {} : { link: first.link }),
        };
  return {
    destination: formatDestination(route.prefix),
    table: route.table,
    ...(route.type === 'unicast' ? {} : { type: route.type }),
    ...(route.metric === 0 ? {} : { metric: route.metric }),
    ...way,
    ...(route.source === undefined ? {} : { source: route.source }),
    ...(route.scope === 'global' ? {} : { scope: route.scope }),
    ...(route.protocol === undefined ? {} : { protocol: route.protocol }),
  };
}

function routeTo(namespace: NamespaceState, args: JsonValue): JsonValue {
  const value = parseIPv4(textArg(args, 'destination') ?? '');
  if (value === undefined) return null;
  const destination = formatIPv4(value);
  const from = textArg(args, 'from');
  const header = {
    protocol: 'tcp',
    source: from ?? '',
    sourcePort: 0,
    destination,
    destinationPort: 0,
    mark: numberArg(args, 'mark') ?? 0,
  } as const;
  const path = routePacket(namespace, header);
  if (path === undefined) return { errno: whyNoRoute(namespace, header).errno };
  const source = from ?? sourceAddressFor(namespace, path, destination);
  if (source === undefined) return { errno: 'ENETUNREACH' };
  const local = path.route.type === 'local';
  const facts: RouteToFacts = {
    table: path.route.table,
    destination,
    local,
    ...(path.hop.via === undefined ? {} : { via: path.hop.via }),
    link: local ? 'lo' : path.hop.link,
    source,
  };
  return { ...facts };
}

function neighbourFacts(neighbour: Neighbour, nowMs: number): NeighbourFacts {
  const { address, link, mac } = neighbour;
  if (mac === undefined) return { address, link, state: 'FAILED' };
  if (neighbour.isPermanent === true) return { address, link, mac, state: 'PERMANENT' };
  const state = nowMs - neighbour.confirmedMs <= reachableMs ? 'REACHABLE' : 'STALE';
  return { address, link, mac, state };
}

function indexOf(namespace: NamespaceState, neighbour: Neighbour): number {
  return namespace.links.get(neighbour.link)?.index ?? 0;
}

function addressOrder(a: Neighbour, b: Neighbour): number {
  return (parseIPv4(a.address) ?? 0) - (parseIPv4(b.address) ?? 0);
}

/** Queues as `ss` shows them: a listener's are the connections that wait and how many may. */
function socketFacts(socket: SocketState): readonly SocketFacts[] {
  switch (socket.kind) {
    case 'ping':
      return [];
    case 'listener':
      return [
        {
          protocol: 'tcp',
          state: 'LISTEN',
          local: socket.local,
          pid: socket.pid,
          receiveQueueBytes: socket.acceptable.length,
          sendQueueBytes: listenBacklog,
        },
      ];
    case 'udp':
      return [
        {
          protocol: 'udp',
          state: 'UNCONN',
          local: socket.local,
          pid: socket.pid,
          receiveQueueBytes: socket.receivedBytes,
          sendQueueBytes: 0,
        },
      ];
    case 'connection':
      if (socket.state === 'CLOSED') return [];
      return [
        {
          protocol: 'tcp',
          state: socket.state,
          local: socket.local,
          peer: socket.peer,
          // Nobody's any more, or nobody's yet.
          pid: socket.orphan || socket.listener !== undefined ? 0 : socket.pid,
          receiveQueueBytes: socket.receivedBytes,
          sendQueueBytes: socket.unacknowledged.reduce((sum, { payload }) => sum + payload.length, 0),
        },
      ];
  }
}

function iptablesText(namespace: NamespaceState, args: JsonValue): JsonValue {
  const { netfilter } = namespace;
  const table = tableArg(args);
  const chain = textArg(args, 'chain');
  switch (textArg(args, 'form')) {
    case 'save':
      return renderIptablesSave(netfilter, {
        counters: flagArg(args, 'counters'),
        ...(table === undefined ? {} : { table }),
      });
    case 'rules':
      return renderIptablesRules(netfilter, table ?? 'filter', chain) ?? null;
    case 'list':
      return (
        renderIptablesList(netfilter, table ?? 'filter', {
          numeric: flagArg(args, 'numeric'),
          verbose: flagArg(args, 'verbose'),
          lineNumbers: flagArg(args, 'lineNumbers'),
          ...(chain === undefined ? {} : { chain }),
        }) ?? null
      );
    default:
      return null;
  }
}

/** A bridge knows its ports' own addresses for ever, and others as it saw them. Source: bridge(8), fdb show. */
function forwardingLines(namespace: NamespaceState): JsonValue {
  const lines: string[] = [];
  for (const bridge of namespace.links.values()) {
    if (bridge.kind !== 'bridge') continue;
    for (const port of portsOf(namespace, bridge.name)) {
      for (const [key, entry] of namespace.forwarding) {
        if (entry.port === port.name && key.startsWith(`${bridge.name} `)) {
          lines.push(`${key.slice(bridge.name.length + 1)} dev ${port.name} master ${bridge.name}`);
        }
      }
      lines.push(`${port.mac} dev ${port.name} vlan 1 master ${bridge.name} permanent`);
      lines.push(`${port.mac} dev ${port.name} master ${bridge.name} permanent`);
    }
  }
  return lines;
}

function textArg(args: JsonValue, name: string): string | undefined {
  const value = isJsonObject(args) && Object.hasOwn(args, name) ? args[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Only commands that look are carried out. */
function lookAtSets(namespace: NamespaceState, args: JsonValue): JsonValue {
  const words = isJsonObject(args) && Array.isArray(args.words) ? args.words.map(String) : [];
  const isLooking = words.some((word) => lookingCommands.has(word));
  return isLooking ? { ...runIpset(ipsetContext(namespace.netfilter), words) } : null;
}

function packetJson({ tcp, icmp, ...head }: PacketFacts): JsonValue {
  const { quoted, ...message } = icmp ?? { type: '' };
  const cause = quoted === undefined ? {} : { quoted: { ...quoted } };
  return {
    ...head,
    ...(tcp === undefined ? {} : { tcp: { ...tcp } }),
    ...(icmp === undefined ? {} : { icmp: { ...message, ...cause } }),
  };
}

function numberArg(args: JsonValue, name: string): number | undefined {
  const value = isJsonObject(args) && Object.hasOwn(args, name) ? args[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

function flagArg(args: JsonValue, name: string): boolean {
  return isJsonObject(args) && Object.hasOwn(args, name) && args[name] === true;
}

function tableArg(args: JsonValue): TableName | undefined {
  const table = textArg(args, 'table');
  return table === 'raw' || table === 'mangle' || table === 'nat' || table === 'filter' ? table : undefined;
}
