/**
 * The rules of kube-proxy in iptables mode: the input of iptables-restore, by lines.
 * Differs: Services come in order of their names (the real proxy's order is that of a Go map, so by chance), and rules of
 * the chains that they share before those of their own chains. No chain's rules come in another order by that.
 * Left out: IPv6, nfacct counters (a node without that kernel module), nodePortAddresses other than all.
 * Source: syncProxyRules in pkg/proxy/iptables/proxier.go, Kubernetes v1.36.
 */
import { isServiceChainName } from './chain-names.ts';
import type { ServicePortMap, SharedRules, WrittenPort } from './port-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { chainLine } from './rule-text.ts';

/** What to write: see {@link writeProxyRules}. */
export interface ProxyRulesInput {
  readonly facts: ProxyFacts;
  /** Every port that is served. */
  readonly ports: ServicePortMap;
  /** Their rules in chains of all Services. */
  readonly shared: SharedRules;
  /** Those whose own chains are written too, by their keys. */
  readonly written: ReadonlyMap<string, WrittenPort>;
  /** Chains of the nat table as they are: those of gone Services and endpoints are deleted. */
  readonly existingChains: Iterable<string>;
}

/** The chains of table filter that are always written anew. */
const filterChains = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
const natChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

/** The lines that kube-proxy hands to `iptables-restore --noflush --counters`. */
export function writeProxyRules(input: ProxyRulesInput): readonly string[] {
  const { facts, shared, written } = input;
  const lines = ['*filter', ...filterChains.map(chainLine)];
  if (facts.localhostNodePorts) lines.push(...localnetProtection);
  append(lines, shared.filter);
  lines.push(...forwardingRules(facts), 'COMMIT', '*nat', ...natChains.map(chainLine));
  for (const { chains } of written.values()) for (const chain of chains) lines.push(chainLine(chain));
  const stale = findStaleChains(input.ports, input.existingChains);
  for (const chain of stale) lines.push(chainLine(chain));
  lines.push(...masqueradingRules(facts));
  append(lines, shared.nat);
  lines.push(nodePortsJump(facts));
  for (const { natRules } of written.values()) append(lines, natRules);
  for (const chain of stale) lines.push(`-X ${chain}`);
  lines.push('COMMIT');
  return lines;
}

/** Lists are too long to be spread into arguments. */
function append(lines: string[], more: readonly string[]): void {
  for (const line of more) lines.push(line);
}

function findStaleChains(ports: ServicePortMap, existingChains: Iterable<string>): readonly string[] {
  const candidates = [...existingChains].filter(isServiceChainName);
  if (candidates.length === 0) return [];
  const active = new Set<string>();
  ports.forEachPair((_, port) => {
    for (const chain of port.chains) active.add(chain);
  });
  return candidates.filter((chain) => !active.has(chain));
}

/** Packets that carry the mark leave with the node's address, and without the mark. */
function masqueradingRules({ masqueradeMark: mark, randomFully }: ProxyFacts): readonly string[] {
  const random = randomFully ? ' --random-fully' : '';
  return [
    `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}`,
    `-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${random}`,
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}`,
  ];
}

/** With route_localnet set, neighbours could reach what listens on 127.0.0.1 only: this keeps them out. */
const localnetProtection = [
  chainLine('KUBE-FIREWALL'),
  '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
];

function nodePortsJump({ localhostNodePorts }: ProxyFacts): string {
  const notLocalhost = localhostNodePorts ? '' : ' ! -d 127.0.0.0/8';
  return `-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL${notLocalhost} -j KUBE-NODEPORTS`;
}

function forwardingRules({ masqueradeMark: mark }: ProxyFacts): readonly string[] {
  return [
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT`,
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
}
