/**
 * Maps ports of a node to ports of a Pod, as the CNI plugin portmap does with iptables.
 * Source: containernetworking/plugins, plugins/meta/portmap (portmap_iptables.go, chain.go, utils.go). Left out: IPv6.
 */
import { createHash } from 'node:crypto';
import { invariant } from '../../base/result.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';

/** One port of the node that leads to a container. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** The node's address that it counts for; every one when absent. */
  readonly hostIP?: string;
}

/** The name of the network in comments. */
const networkName = 'kindnet';

/** What the match multiport takes. */
const maxPortsPerRule = 15;

/** The mark by which postrouting finds what is to be masqueraded. */
const markBit = '0x2000';

/** Rules for a sandbox. Nothing is done without mappings. */
export function addPortMappings(
  net: NetworkAdmin,
  machine: NetnsId,
  sandbox: { readonly id: string; readonly address: string },
  mappings: readonly PortMapping[],
): void {
  if (mappings.length === 0) return;
  const chain = chainName(sandbox.id);
  const lines = [
    '*nat',
    ':CNI-HOSTPORT-DNAT - [0:0]',
    ':CNI-HOSTPORT-MASQ - [0:0]',
    ':CNI-HOSTPORT-SETMARK - [0:0]',
    `:${chain} - [0:0]`,
  ];
  if (!net.iptablesSave(machine, { table: 'nat' }).includes('-j CNI-HOSTPORT-DNAT'))
    lines.push(...commonRules());
  for (const protocol of ['tcp', 'udp', 'sctp'] as const) {
    const ports = mappings.filter((mapping) => mapping.protocol === protocol).map(({ hostPort }) => hostPort);
    const comment = `-m comment --comment "dnat name: \\"${networkName}\\" id: \\"${sandbox.id}\\""`;
    for (let from = 0; from < ports.length; from += maxPortsPerRule) {
      const list = ports.slice(from, from + maxPortsPerRule).join(',');
      // The newest sandbox comes first, so that it wins a port that two want.
      lines.push(`-I CNI-HOSTPORT-DNAT -p ${protocol} ${comment} -m multiport --dports ${list} -j ${chain}`);
    }
  }
  for (const mapping of mappings) {
    const { hostPort, containerPort, protocol, hostIP } = mapping;
    const to = hostIP === undefined ? '' : `-d ${hostIP}/32 `;
    const port = `-p ${protocol} -m ${protocol} --dport ${hostPort}`;
    // The Pod reaching itself through the node must see the node's address, or its answer would not come back.
    lines.push(`-A ${chain} -s ${podRange(sandbox.address)} ${to}${port} -j CNI-HOSTPORT-SETMARK`);
    lines.push(`-A ${chain} -s 127.0.0.1/32 ${to}${port} -j CNI-HOSTPORT-SETMARK`);
    lines.push(`-A ${chain} ${to}${port} -j DNAT --to-destination ${sandbox.address}:${containerPort}`);
  }
  restore(net, machine, [...lines, 'COMMIT']);
}

/** Takes the rules of a sandbox away. */
export function removePortMappings(net: NetworkAdmin, machine: NetnsId, sandbox: string): void {
  const chain = chainName(sandbox);
  const rules = net
    .iptablesSave(machine, { table: 'nat' })
    .split('\n')
    .filter((line) => line.startsWith('-A CNI-HOSTPORT-DNAT ') && line.endsWith(`-j ${chain}`));
  if (rules.length === 0) return;
  const deletions = rules.map((line) => line.replace('-A ', '-D '));
  restore(net, machine, ['*nat', ...deletions, `-F ${chain}`, `-X ${chain}`, 'COMMIT']);
}

/** The chains that all sandboxes share are led to once. */
function commonRules(): readonly string[] {
  return [
    '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
    '-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
    // Before everything that masquerades on its own terms.
    '-I POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    `-A CNI-HOSTPORT-MASQ -m mark --mark ${markBit}/${markBit} -j MASQUERADE`,
    `-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark ${markBit}/${markBit}`,
  ];
}

function restore(net: NetworkAdmin, machine: NetnsId, lines: readonly string[]): void {
  const restored = net.iptablesRestore(machine, `${lines.join('\n')}\n`, { noflush: true });
  invariant(restored.ok, `port mappings were refused: ${restored.ok ? '' : restored.error.message}`);
}

/** Source: plugins/pkg/utils, MustFormatChainNameWithPrefix: a prefix and the start of a hash, 28 letters in all. */
function chainName(sandbox: string): string {
  const digest = createHash('sha512').update(`${networkName}${sandbox}`).digest('hex');
  return `CNI-DN-${digest}`.slice(0, 28);
}

function podRange(address: string): string {
  return `${address.split('.').slice(0, 3).join('.')}.0/24`;
}
