/**
 * One policy as chains: a chain of its rules, a chain of addresses for each rule that names peers, and one for each
 * address block with exceptions. Whatever a rule takes gets a mark.
 * Source: pkg/controllers/netpol/policy.go of kube-router. Differs: addresses stand in chains, where kube-router keeps
 * them in ipsets, so that `iptables-save` shows all there is; each direction has a chain of its own, since with both in
 * one a Pod's outgoing packet could pass by what is said about incoming ones.
 * Traffic is IPv4, so blocks of IPv6 addresses are passed over.
 */
import {
  isPolicyPod,
  namedPort,
  type PolicyDirection,
  type PolicyRule,
  policyRules,
  selectsNamespace,
  selectsPod,
} from '../../api/objects/network-policies.ts';
import type {
  Namespace,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Pod,
} from '../../api/types/kinds.ts';
import { formatIPv4, parseCidr, parseIPv4, prefixContains } from '../../net/ipv4.ts';
import { blockChainName, peerChainName, policyChainName } from './chain-names.ts';

/** Rules of one chain, each without `-A CHAIN `. */
export type ChainRules = ReadonlyMap<string, readonly string[]>;

/** The objects that peers are looked for in. */
export interface PolicyWorld {
  readonly namespaces: readonly Namespace[];
  podsIn(namespace: string): readonly Pod[];
}

/** What is written once a rule of a policy takes the packet; a Pod's chain looks for it. */
export const setAllowed = '-j MARK --set-xmark 0x10000/0x10000';

/** `iptables` takes comments of 255 characters, and names may have as many. */
const maxCommentLength = 240;

/** `-m comment --comment "…"`, cut where iptables would refuse it. */
export function comment(words: string): string {
  return `-m comment --comment "${words.slice(0, maxCommentLength)}"`;
}

/**
 * The chains of a policy in a direction, as far as `targets`, the Pods that it isolates on this node, need them. The
 * first is the policy's own.
 */
export function renderPolicy(
  policy: NetworkPolicy,
  direction: PolicyDirection,
  targets: readonly Pod[],
  world: PolicyWorld,
): ChainRules {
  const namespace = policy.metadata.namespace ?? '';
  const { name } = policy.metadata;
  const chains = new Map<string, readonly string[]>();
  const lines: string[] = [];
  const own = policyChainName(namespace, name, direction);
  chains.set(own, lines);
  const words = comment(
    `rule to ACCEPT ${direction.toLowerCase()} traffic by policy name: ${name} namespace ${namespace}`,
  );
  policyRules(policy, direction).forEach((rule, index) => {
    const peerChain = peerChainName(namespace, name, direction, index);
    const target = rule.peers.length === 0 ? setAllowed : `-j ${peerChain}`;
    if (rule.ports.length === 0) lines.push(`${words} ${target}`);
    for (const port of rule.ports) {
      if (typeof port.port !== 'string') lines.push(`${renderPort(port, words)} ${target}`);
      else if (direction === 'Ingress') lines.push(...renderNamedPort(targets, port, words, target));
      else lines.push(...renderNamedPort(peerPods(rule, namespace, world), port, words, setAllowed));
    }
    const isUsed = lines.some((line) => line.endsWith(` -j ${peerChain}`));
    if (isUsed)
      for (const [chain, rules] of renderPeers(rule, { namespace, direction, peerChain }, world))
        chains.set(chain, rules);
  });
  return chains;
}

function renderPort({ port, endPort, protocol = 'TCP' }: NetworkPolicyPort, words: string): string {
  const kind = protocol.toLowerCase();
  if (port === undefined) return `-p ${kind} ${words}`;
  const range = endPort === undefined || endPort === port ? String(port) : `${port}:${endPort}`;
  return `-p ${kind} ${words} -m ${kind} --dport ${range}`;
}

/** A named port is looked up in the Pod that the packet goes to, so each such Pod has a rule. */
function renderNamedPort(
  receivers: readonly Pod[],
  { port, protocol = 'TCP' }: NetworkPolicyPort,
  words: string,
  target: string,
): string[] {
  return receivers.flatMap((pod) => {
    const number = namedPort(pod, String(port), protocol);
    if (number === undefined) return [];
    return [`-d ${pod.status?.podIP}/32 ${renderPort({ port: number, protocol }, words)} ${target}`];
  });
}

/** The Pods that a rule's peers take; every Pod when it names none. */
function peerPods(rule: PolicyRule, policyNamespace: string, world: PolicyWorld): readonly Pod[] {
  return world.namespaces.flatMap((namespace) =>
    world.podsIn(namespace.metadata.name).filter((pod) => {
      if (!isPolicyPod(pod)) return false;
      if (rule.peers.length === 0) return true;
      return rule.peers.some((peer) => {
        if (peer.ipBlock !== undefined) return blockHolds(peer, pod.status?.podIP ?? '');
        return selectsNamespace(peer, policyNamespace, namespace) && selectsPod(peer, pod);
      });
    }),
  );
}

function blockHolds({ ipBlock }: NetworkPolicyPeer, address: string): boolean {
  const number = parseIPv4(address);
  if (number === undefined || ipBlock === undefined) return false;
  const holds = (cidr: string) => {
    const parsed = parseCidr(cidr);
    return parsed !== undefined && prefixContains(parsed.prefix, number);
  };
  return holds(ipBlock.cidr) && !(ipBlock.except ?? []).some(holds);
}

/** The chain of the addresses that a rule takes, and those of its blocks with exceptions. */
function renderPeers(
  rule: PolicyRule,
  place: { readonly namespace: string; readonly direction: PolicyDirection; readonly peerChain: string },
  world: PolicyWorld,
): ChainRules {
  const flag = place.direction === 'Ingress' ? '-s' : '-d';
  const chains = new Map<string, readonly string[]>();
  const selectors = rule.peers.filter((peer) => peer.ipBlock === undefined);
  const selected =
    selectors.length === 0 ? [] : peerPods({ ...rule, peers: selectors }, place.namespace, world);
  const lines = selected.map((pod) => `${flag} ${pod.status?.podIP}/32 ${setAllowed}`);
  rule.peers.forEach((peer, index) => {
    const block = peer.ipBlock === undefined ? undefined : addressTest(flag, peer.ipBlock.cidr);
    if (block === undefined) return;
    const except = (peer.ipBlock?.except ?? []).flatMap((cidr) => addressTest(flag, cidr) ?? []);
    const chain = blockChainName(place.peerChain, index);
    lines.push(`${block}${except.length === 0 ? setAllowed : `-j ${chain}`}`);
    if (except.length > 0) chains.set(chain, [...except.map((test) => `${test}-j RETURN`), setAllowed]);
  });
  chains.set(place.peerChain, lines);
  return chains;
}

/** `-s 10.0.0.0/8 ` as it is printed back; empty for every address, undefined for what is no IPv4 block. */
function addressTest(flag: string, cidr: string): string | undefined {
  const parsed = parseCidr(cidr);
  if (parsed === undefined) return undefined;
  const { network, length } = parsed.prefix;
  return length === 0 ? '' : `${flag} ${formatIPv4(network)}/${length} `;
}
