/** Described machines as shell lines for iproute2, sysctl and iptables-restore: the same network in a real kernel. */
import type { LinkDescription, NamespaceDescription } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';

/** Short names for the namespaces, in their order. */
export function nameNamespaces(network: readonly NamespaceDescription[]): ReadonlyMap<NetnsId, string> {
  return new Map(network.map(({ netns }, index) => [netns, `n${index}`]));
}

/** A script that makes the namespaces with links, addresses, parameters and routes. */
export function networkScript(
  network: readonly NamespaceDescription[],
  names: ReadonlyMap<NetnsId, string>,
): string {
  const nameOf = (netns: NetnsId) => names.get(netns) ?? '';
  const made = new Set<string>();
  const lines: string[] = [];
  const batch = new Map<string, string[]>(network.map(({ netns }) => [nameOf(netns), []]));
  for (const { netns, sysctls } of network) {
    const name = nameOf(netns);
    lines.push(`ip netns add ${name}`, `ip -n ${name} link set lo up`);
    lines.push(`ip netns exec ${name} sysctl -q ${sysctlWords(sysctls)}`);
  }
  for (const { netns, links } of network) {
    const name = nameOf(netns);
    for (const link of links) {
      if (link.kind === 'loopback' || made.has(`${name} ${link.name}`)) continue;
      lines.push(addLink(name, link, link.peer && nameOf(link.peer.netns)));
      if (link.peer !== undefined) made.add(`${nameOf(link.peer.netns)} ${link.peer.link}`);
    }
  }
  for (const { netns, links, routes, rules } of network) {
    const own = batch.get(nameOf(netns));
    for (const link of links) own?.push(...setLink(link));
    for (const route of routes) own?.push(`route add ${route}`);
    for (const rule of rules) own?.push(`rule add ${rule}`);
  }
  for (const [name, commands] of batch) {
    lines.push(`ip -n ${name} -batch - <<'END'`, ...commands, 'END');
  }
  return `${lines.join('\n')}\n`;
}

/** Lines that put a namespace's routes in the place of others. */
export function routesScript(name: string, before: readonly string[], after: readonly string[]): string {
  const gone = before.filter((route) => !after.includes(route)).map((route) => `route del ${route}`);
  const come = after.filter((route) => !before.includes(route)).map((route) => `route add ${route}`);
  if (gone.length + come.length === 0) return '';
  return [`ip -n ${name} -batch - <<'END'`, ...gone, ...come, 'END', ''].join('\n');
}

/** Lines that load rules in the place of all others. */
export function rulesScript(name: string, dump: string): string {
  const tables = ['raw', 'mangle', 'nat', 'filter'];
  const empty = tables.filter((table) => !dump.includes(`*${table}\n`)).map((table) => `*${table}\nCOMMIT\n`);
  return `ip netns exec ${name} iptables-restore -w <<'END'\n${dump}${empty.join('')}END\n`;
}

/** What a new namespace takes over from this machine is set to what a fresh one has, then to what was set. */
function sysctlWords(sysctls: NamespaceDescription['sysctls']): string {
  const fresh = ['forwarding', 'rp_filter', 'route_localnet'].flatMap((parameter) =>
    ['all', 'default'].map((link) => `net.ipv4.conf.${link}.${parameter}=0`),
  );
  const bridged = 'net.bridge.bridge-nf-call-iptables=0';
  // A connection of one situation must not be met by the next, which may take its port again.
  const states = ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_time_wait', 'tcp_timeout_close'];
  const forget = states.map((state) => `net.netfilter.nf_conntrack_${state}=1`);
  const set = sysctls.map(({ name, value }) => `${name}='${value}'`);
  return [...fresh, bridged, 'net.ipv4.icmp_ratelimit=0', ...forget, ...set].join(' ');
}

function addLink(netns: string, link: LinkDescription, peerNetns: string | undefined): string {
  if (link.peer === undefined || peerNetns === undefined) {
    return `ip -n ${netns} link add ${link.name} address ${link.mac} type bridge`;
  }
  return `ip -n ${netns} link add ${link.name} type veth peer name ${link.peer.link} netns ${peerNetns}`;
}

function setLink(link: LinkDescription): readonly string[] {
  if (link.kind === 'loopback') return [];
  const master = link.master === undefined ? '' : ` master ${link.master}`;
  const state = link.up ? 'up' : 'down';
  return [
    ...(link.kind === 'bridge' ? [] : [`link set ${link.name} address ${link.mac}${master}`]),
    ...(link.hairpin ? [`link set ${link.name} type bridge_slave hairpin on`] : []),
    ...link.addresses.map((address) => `address add ${address} dev ${link.name}`),
    `link set ${link.name} mtu ${link.mtuBytes} ${state}`,
    // Nobody waits a second for each of the questions about a missing neighbour.
    `ntable change name arp_cache dev ${link.name} retrans 150`,
  ];
}
