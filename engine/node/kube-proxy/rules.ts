/**
 * The rules of kube-proxy in iptables mode: from Services and EndpointSlices to the input of iptables-restore.
 * Differs: Services come in order of their names; the real proxy's order is that of a Go map, so by chance.
 * Left out: IPv6, nfacct counters (a node without that kernel module), nodePortAddresses other than all.
 * Source: syncProxyRules in pkg/proxy/iptables/proxier.go, Kubernetes v1.36.
 */
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { isServiceChainName } from './chain-names.ts';
import { endpointsKey, endpointsOf } from './endpoints.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { RuleText } from './rule-text.ts';
import { servicePortsOf } from './service-ports.ts';
import { writeServicePort } from './service-rules.ts';

/** What to render: see {@link renderProxyRules}. */
export interface ProxyInput {
  readonly facts: ProxyFacts;
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  /** Chains of the nat table as they are: those of gone Services and endpoints are deleted. */
  readonly existingChains?: Iterable<string>;
  /** Services (`namespace/name`) whose own chains are written; all when absent. */
  readonly changed?: ReadonlySet<string>;
}

/** From this many endpoints on, comments of endpoints are left out. */
const largeClusterEndpoints = 1000;

/** The chains of table filter that are always written anew. */
const filterChains = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
const natChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

/** The text that kube-proxy hands to `iptables-restore --noflush --counters`. */
export function renderProxyRules(input: ProxyInput): string {
  const { facts } = input;
  const text = new RuleText();
  for (const chain of filterChains) text.filterChain(chain);
  for (const chain of natChains) text.natChain(chain);
  writeMasquerading(text, facts);
  if (facts.localhostNodePorts) writeLocalnetProtection(text);

  const endpoints = endpointsOf(input.endpointSlices, facts.nodeName);
  const ports = servicePortsOf(input.services);
  const endpointsOfPort = ports.map(
    (port) => endpoints.get(endpointsKey(port.service, port.portName, port.protocol)) ?? [],
  );
  const total = endpointsOfPort.reduce((sum, list) => sum + list.length, 0);
  const activeChains = new Set<string>();
  ports.forEach((port, index) => {
    writeServicePort({
      port,
      endpoints: endpointsOfPort[index] ?? [],
      facts,
      text,
      activeChains,
      isChanged: input.changed?.has(port.service) ?? true,
      hasComments: total <= largeClusterEndpoints,
    });
  });

  for (const chain of input.existingChains ?? []) {
    if (!isServiceChainName(chain) || activeChains.has(chain)) continue;
    text.natChain(chain);
    text.nat(`-X ${chain}`);
  }
  writeNodePortsJump(text, facts);
  writeForwarding(text, facts);
  return text.toString();
}

/** Packets that carry the mark leave with the node's address, and without the mark. */
function writeMasquerading(text: RuleText, { masqueradeMark: mark, randomFully }: ProxyFacts): void {
  text.nat(`-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`);
  text.nat(`-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}`);
  const random = randomFully ? ' --random-fully' : '';
  text.nat(
    `-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${random}`,
  );
  text.nat(`-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}`);
}

/** With route_localnet set, neighbours could reach what listens on 127.0.0.1 only: this keeps them out. */
function writeLocalnetProtection(text: RuleText): void {
  text.filterChain('KUBE-FIREWALL');
  text.filter(
    '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
  );
}

function writeNodePortsJump(text: RuleText, facts: ProxyFacts): void {
  const notLocalhost = facts.localhostNodePorts ? '' : ' ! -d 127.0.0.0/8';
  text.nat(
    `-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL${notLocalhost} -j KUBE-NODEPORTS`,
  );
}

function writeForwarding(text: RuleText, { masqueradeMark: mark }: ProxyFacts): void {
  text.filter('-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP');
  text.filter(
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT`,
  );
  text.filter(
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  );
}
