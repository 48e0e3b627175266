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
export interface PolicyObjects {
  readonly namespaces: readonly Namespace[];
  podsIn(namespace: string): readonly Pod[];
}

/** The objects, with what was found in them: many policies have the same peers. */
export interface PolicyWorld {
  /** The Pods that peers of a policy in a namespace take; every Pod when there is no peer. */
  podsOf(peers: readonly NetworkPolicyPeer[], policyNamespace: string): readonly Pod[];
}

/** Makes a world whose objects do not change while it is asked. */
export function createPolicyWorld(objects: PolicyObjects): PolicyWorld {
  const found = new Map<string, readonly Pod[]>();
  return {
    podsOf(peers, policyNamespace) {
      const isAboutOwn = peers.some(
        (peer) => peer.ipBlock === undefined && peer.namespaceSelector === undefined,
      );
      const key = JSON.stringify([isAboutOwn ? policyNamespace : '', peers]);
      const known = found.get(key) ?? findPods(peers, policyNamespace, objects);
      found.set(key, known);
      return known;
    },
  };
}

/** What is written once a rule of a policy takes the packet; a Pod's chain looks for it. */
const setAllowed = '-j MARK --set-xmark 0x10000/0x10000';

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
  for (const rule of policyRules(policy, direction)) {
    const peers = rule.peers.length === 0 ? undefined : renderPeers(rule, { namespace, direction }, world);
    const target = peers === undefined ? setAllowed : `-j ${peers.entry}`;
    const before = lines.length;
    if (rule.ports.length === 0) lines.push(`${words} ${target}`);
    for (const port of rule.ports) {
      if (typeof port.port !== 'string') lines.push(`${renderPort(port, words)} ${target}`);
      else if (direction === 'Ingress') lines.push(...renderNamedPort(targets, port, words, target));
      else lines.push(...renderNamedPort(world.podsOf(rule.peers, namespace), port, words, setAllowed));
    }
    const isUsed = lines.slice(before).some((line) => line.endsWith(` ${target}`));
    if (peers !== undefined && isUsed) for (const [chain, rules] of peers.chains) chains.set(chain, rules);
  }
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

function findPods(
  peers: readonly NetworkPolicyPeer[],
  policyNamespace: string,
  { namespaces, podsIn }: PolicyObjects,
): readonly Pod[] {
  return namespaces.flatMap((namespace) => {
    const matching = peers.filter(
      (peer) => peer.ipBlock !== undefined || selectsNamespace(peer, policyNamespace, namespace),
    );
    if (peers.length > 0 && matching.length === 0) return [];
    return podsIn(namespace.metadata.name).filter((pod) => {
      if (!isPolicyPod(pod)) return false;
      if (peers.length === 0) return true;
      return matching.some((peer) =>
        peer.ipBlock === undefined ? selectsPod(peer, pod) : blockHolds(peer, pod.status?.podIP ?? ''),
      );
    });
  });
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
  place: { readonly namespace: string; readonly direction: PolicyDirection },
  world: PolicyWorld,
): { readonly entry: string; readonly chains: ChainRules } {
  const flag = place.direction === 'Ingress' ? '-s' : '-d';
  const chains = new Map<string, readonly string[]>();
  const selectors = rule.peers.filter((peer) => peer.ipBlock === undefined);
  const selected = selectors.length === 0 ? [] : world.podsOf(selectors, place.namespace);
  const lines = selected.map((pod) => `${flag} ${pod.status?.podIP}/32 ${setAllowed}`);
  for (const { ipBlock } of rule.peers) {
    const block = ipBlock === undefined ? undefined : addressTest(flag, ipBlock.cidr);
    if (block === undefined) continue;
    const except = (ipBlock?.except ?? []).flatMap((cidr) => addressTest(flag, cidr) ?? []);
    const parts = [...except.map((test) => `${test}-j RETURN`), setAllowed];
    const chain = blockChainName(parts);
    lines.push(`${block}${except.length === 0 ? setAllowed : `-j ${chain}`}`);
    if (except.length > 0) chains.set(chain, parts);
  }
  const entry = peerChainName(place.direction, lines);
  chains.set(entry, lines);
  return { entry, chains };
}

/** `-s 10.0.0.0/8 ` as it is printed back; empty for every address, undefined for what is no IPv4 block. */
function addressTest(flag: string, cidr: string): string | undefined {
  const parsed = parseCidr(cidr);
  if (parsed === undefined) return undefined;
  const { network, length } = parsed.prefix;
  return length === 0 ? '' : `${flag} ${formatIPv4(network)}/${length} `;
}
