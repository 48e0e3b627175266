/**
 * The rules of one Service port: how its addresses are captured, and how a packet gets from there to an endpoint.
 * Source: the loop over Services in syncProxyRules, pkg/proxy/iptables/proxier.go, Kubernetes v1.36.
 */
import { parseIPv4, prefixContains } from '../../net/ipv4.ts';
import { chooseEndpoints, type EndpointInfo, type UsedEndpoints } from './endpoints.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import type { RuleText } from './rule-text.ts';
import { isExternal, type ServicePortInfo } from './service-ports.ts';

/** What is written, and where. */
export interface ServicePortInput {
  readonly port: ServicePortInfo;
  readonly endpoints: readonly EndpointInfo[];
  readonly facts: ProxyFacts;
  readonly text: RuleText;
  /** Whether rules about endpoints carry comments. */
  readonly hasComments: boolean;
}

interface ServiceWriter extends ServicePortInput {
  readonly used: UsedEndpoints;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  readonly usesFirewall: boolean;
  readonly usesExternalChain: boolean;
  /** The chain that internal traffic goes to. */
  readonly internalChain: string;
  /** The end of an endpoint's last rule, up to the endpoint. */
  readonly dnat: string;
}

/** Writes everything about one Service port. */
export function writeServicePort(input: ServicePortInput): void {
  const { port, endpoints, facts, text, hasComments } = input;
  const used = chooseEndpoints(endpoints, port, facts);
  const hasLocal = used.local.length > 0;
  const writer: ServiceWriter = {
    port,
    endpoints,
    facts,
    text,
    hasComments,
    used,
    hasInternal: used.hasAny && (!port.internalPolicyLocal || hasLocal),
    hasExternal: used.hasAny && (!port.externalPolicyLocal || hasLocal),
    usesFirewall: used.hasAny && port.loadBalancerIPs.length > 0 && port.sourceRanges.length > 0,
    usesExternalChain: used.hasAny && isExternal(port),
    internalChain: port.internalPolicyLocal ? port.chains.local : port.chains.cluster,
    dnat: ` -m ${port.protocol} -p ${port.protocol} -j DNAT --to-destination `,
  };
  captureClusterIP(writer);
  captureExternalIPs(writer);
  captureLoadBalancerIPs(writer);
  captureNodePort(writer);
  acceptHealthChecks(writer);
  writeInternalMasquerading(writer);
  writeExternalChain(writer);
  writeFirewallChain(writer);
  if (used.cluster.length > 0) writeBalancing(writer, port.chains.cluster, used.cluster);
  if (used.local.length > 0) writeBalancing(writer, port.chains.local, used.local);
  for (const endpoint of used.reachable) writeEndpointChain(writer, endpoint);
}

/** `-m comment --comment "…"`. */
function comment(words: string): string {
  return `-m comment --comment "${words}"`;
}

/** `-m tcp -p tcp -d ADDRESS --dport PORT`. */
function toAddress({ protocol, port }: ServicePortInfo, address: string): string {
  return `-m ${protocol} -p ${protocol} -d ${address} --dport ${port}`;
}

/** What the filter table does with traffic that no endpoint can take, and the words for it. */
function refusal({ port, used }: ServiceWriter): { readonly target: string; readonly words: string } {
  return used.hasAny
    ? { target: 'DROP', words: comment(`${port.name} has no local endpoints`) }
    : { target: 'REJECT', words: comment(`${port.name} has no endpoints`) };
}

function captureClusterIP(writer: ServiceWriter): void {
  const { port, text } = writer;
  const to = toAddress(port, port.clusterIP);
  if (writer.hasInternal) {
    text.sharedNat(`-A KUBE-SERVICES ${comment(`${port.name} cluster IP`)} ${to} -j ${writer.internalChain}`);
  } else {
    const { target, words } = refusal(writer);
    text.filter(`-A KUBE-SERVICES ${words} ${to} -j ${target}`);
  }
}

function captureExternalIPs(writer: ServiceWriter): void {
  const { port, text } = writer;
  for (const address of port.externalIPs) {
    const to = toAddress(port, address);
    if (writer.used.hasAny) {
      text.sharedNat(
        `-A KUBE-SERVICES ${comment(`${port.name} external IP`)} ${to} -j ${port.chains.external}`,
      );
    }
    if (!writer.hasExternal) refuseExternal(writer, to);
  }
}

function refuseExternal(writer: ServiceWriter, to: string): void {
  const { target, words } = refusal(writer);
  writer.text.filter(`-A KUBE-EXTERNAL-SERVICES ${words} ${to} -j ${target}`);
}

function captureLoadBalancerIPs(writer: ServiceWriter): void {
  const { port, text } = writer;
  const chain = writer.usesFirewall ? port.chains.firewall : port.chains.external;
  for (const address of port.loadBalancerIPs) {
    const to = toAddress(port, address);
    if (writer.used.hasAny) {
      text.sharedNat(`-A KUBE-SERVICES ${comment(`${port.name} loadbalancer IP`)} ${to} -j ${chain}`);
    }
    if (writer.usesFirewall) {
      const words = comment(`${port.name} traffic not accepted by ${port.chains.firewall}`);
      text.filter(`-A KUBE-PROXY-FIREWALL ${words} ${to} -j DROP`);
    }
  }
  if (writer.hasExternal) return;
  for (const address of port.loadBalancerIPs) refuseExternal(writer, toAddress(port, address));
}

/** Node ports are not subject to source ranges. */
function captureNodePort(writer: ServiceWriter): void {
  const { port, text } = writer;
  if (port.nodePort === 0) return;
  const to = `-m ${port.protocol} -p ${port.protocol} --dport ${port.nodePort}`;
  if (writer.used.hasAny) {
    text.sharedNat(`-A KUBE-NODEPORTS -m comment --comment ${port.name} ${to} -j ${port.chains.external}`);
  }
  if (!writer.hasExternal) refuseExternal(writer, `-m addrtype --dst-type LOCAL ${to}`);
}

function acceptHealthChecks({ port, text }: ServiceWriter): void {
  if (port.healthCheckNodePort === 0) return;
  const words = comment(`${port.name} health check node port`);
  text.filter(`-A KUBE-NODEPORTS ${words} -m tcp -p tcp --dport ${port.healthCheckNodePort} -j ACCEPT`);
}

/** Traffic to the cluster IP from outside the cluster must come back the way it went. */
function writeInternalMasquerading(writer: ServiceWriter): void {
  const { port, facts, text } = writer;
  if (!writer.hasInternal) return;
  const rule = `-A ${writer.internalChain} ${comment(`${port.name} cluster IP`)} ${toAddress(port, port.clusterIP)}`;
  if (facts.masqueradeAll) text.nat(`${rule} -j KUBE-MARK-MASQ`);
  else if (facts.clusterCIDR !== undefined) {
    text.nat(`${rule} ! -s ${facts.clusterCIDR} -j KUBE-MARK-MASQ`);
  }
}

function writeExternalChain(writer: ServiceWriter): void {
  const { port, facts, text } = writer;
  const { external, cluster, local } = port.chains;
  if (!writer.usesExternalChain) return;
  text.chain(external);
  const about = (words: string) => comment(`${words} for ${port.name} external destinations`);
  if (!port.externalPolicyLocal) {
    text.nat(`-A ${external} ${about('masquerade traffic')} -j KUBE-MARK-MASQ`);
  } else {
    if (facts.clusterCIDR !== undefined) {
      text.nat(`-A ${external} ${about('pod traffic')} -s ${facts.clusterCIDR} -j ${cluster}`);
    }
    const fromNode = '-m addrtype --src-type LOCAL';
    text.nat(`-A ${external} ${about('masquerade LOCAL traffic')} ${fromNode} -j KUBE-MARK-MASQ`);
    text.nat(`-A ${external} ${about('route LOCAL traffic')} ${fromNode} -j ${cluster}`);
  }
  if (writer.hasExternal) text.nat(`-A ${external} -j ${port.externalPolicyLocal ? local : cluster}`);
}

function writeFirewallChain(writer: ServiceWriter): void {
  const { port, facts, text } = writer;
  const { firewall, external } = port.chains;
  if (!writer.usesFirewall) return;
  text.chain(firewall);
  const allow = `-A ${firewall} ${comment(`${port.name} loadbalancer IP`)}`;
  const nodeAddress = facts.nodeIP === undefined ? undefined : parseIPv4(facts.nodeIP);
  for (const range of port.sourceRanges) text.nat(`${allow} -s ${range.text} -j ${external}`);
  const allowsNode = port.sourceRanges.some(
    ({ prefix }) => nodeAddress !== undefined && prefixContains(prefix, nodeAddress),
  );
  // Where the load balancer's address is also the node's own, the node's requests carry it as their source.
  if (allowsNode) {
    for (const address of port.loadBalancerIPs) text.nat(`${allow} -s ${address} -j ${external}`);
  }
  const rest = comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`);
  text.nat(`-A ${firewall} ${rest}`);
}

/** Rules that remember a client come first, then those that choose by chance. */
function writeBalancing(writer: ServiceWriter, chain: string, endpoints: readonly EndpointInfo[]): void {
  const { port, text } = writer;
  text.chain(chain);
  const own = `-A ${chain}`;
  const start = (endpoint: EndpointInfo) =>
    writer.hasComments ? `${own} ${comment(`${port.name} -> ${endpoint.text}`)}` : own;
  if (port.affinitySeconds !== undefined) {
    for (const endpoint of endpoints) {
      const name = endpoint.chain;
      const known = `-m recent --name ${name} --rcheck --seconds ${port.affinitySeconds} --reap`;
      text.nat(`${start(endpoint)} ${known} -j ${name}`);
    }
  }
  endpoints.forEach((endpoint, index) => {
    text.nat(`${start(endpoint)}${chanceAndJump(endpoints.length - index)}${endpoint.chain}`);
  });
}

// The shares of up to this many endpoints are written once: they are the same for every Service.
const commonShares = Array.from({ length: 64 }, (_, left) => formatShare(left));

/** What comes before the chain's name where so many endpoints are left: the share of the first, and none for the last. */
function chanceAndJump(left: number): string {
  return commonShares[left] ?? formatShare(left);
}

function formatShare(left: number): string {
  return left > 1 ? ` -m statistic --mode random --probability ${formatProbability(left)} -j ` : ' -j ';
}

/** One in so many, with ten digits. */
function formatProbability(count: number): string {
  return (1 / count).toFixed(10);
}

function writeEndpointChain(writer: ServiceWriter, endpoint: EndpointInfo): void {
  const { port, text } = writer;
  const { chain } = endpoint;
  text.chain(chain);
  const start = `-A ${chain}${writer.hasComments ? ` -m comment --comment ${port.name}` : ''}`;
  // Joined, since templates of so many lines are trees of their pieces that take twice the memory.
  // A Pod that reaches itself through its Service would otherwise answer itself directly.
  text.nat([start, ' -s ', endpoint.address, ' -j KUBE-MARK-MASQ'].join(''));
  const remember = port.affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`;
  text.nat([start, remember, writer.dnat, endpoint.text].join(''));
}
