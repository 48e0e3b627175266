/**
 * Why a NetworkPolicy stopped a packet, or which one let it through: the policies that isolate the Pod, and the rule that
 * comes nearest to allowing what was tried.
 */
import {
  isolates,
  isPolicyPod,
  namedPort,
  type PolicyDirection,
  type PolicyRule,
  policyRules,
  selectsNamespace,
  selectsPod,
} from '../api/objects/network-policies.ts';
import type { NetworkPolicy, NetworkPolicyPort, Pod } from '../api/types/kinds.ts';
import { namespaces, networkPolicies, nodes, pods } from '../api/types/resources.ts';
import { parseCidr, parseIPv4, prefixContains } from '../net/ipv4.ts';
import type { PacketHeader, PacketTrace, RuleRef } from '../net/trace.ts';
import type { Cause, Place } from './cause.ts';
import type { ExplainView } from './explain.ts';
import { objectName } from './explain-service.ts';
import type { Vantage } from './probe.ts';

type AllowingRule = NonNullable<Reachable['allowedBy']>[number];
type Reachable = Extract<Cause, { readonly code: 'reachable-but-should-not-be' }>;
type Denied = Extract<Cause, { readonly code: 'denied-by-policy' }>;

/** What was tried, at the node that decides about it: after DNAT, and after masquerading by another node. */
interface Attempt {
  readonly direction: PolicyDirection;
  /** The Pod that is isolated. */
  readonly pod: Pod;
  /** The address of the other end. */
  readonly peer: string;
  readonly protocol: string;
  readonly port: number;
}

/** The chains of Pods, and what the comment of their last rule says. Source: engine/node/network-policy/rules.ts. */
const podChain = 'KUBE-POD-FW-';
const dropComment = /rule to DROP (egress traffic of|ingress traffic to) POD name:(\S+) namespace: ([^\s"]+)/;

/** Why a policy's rule dropped a packet; undefined when another rule did. */
export function explainPolicyDrop(view: ExplainView, packet: PacketTrace | undefined): Cause | undefined {
  const rule = packet?.verdict.kind === 'dropped' ? packet.verdict.rule : undefined;
  if (packet === undefined || rule === undefined || !rule.chain.startsWith(podChain)) return undefined;
  const [, way = '', name, namespace] = dropComment.exec(rule.text) ?? [];
  const header = lastHeader(packet);
  const pod = view.list(pods, namespace).find(({ metadata }) => metadata.name === name);
  if (pod === undefined || header === undefined) return undefined;
  const isEgress = way.startsWith('egress');
  const attempt: Attempt = {
    direction: isEgress ? 'Egress' : 'Ingress',
    pod,
    peer: isEgress ? header.destination : header.source,
    protocol: header.protocol.toUpperCase(),
    port: header.destinationPort,
  };
  return denied(view, attempt, rule);
}

/** Whether policies keep a Pod from the name servers: DNS is traffic like any other. */
export function explainPolicyOnDns(view: ExplainView, from: Vantage): Cause | undefined {
  if (from.kind !== 'pod') return undefined;
  const asker = view.list(pods, from.namespace).find(({ metadata }) => metadata.name === from.name);
  if (asker === undefined || !isPolicyPod(asker)) return undefined;
  const servers = view
    .list(pods, 'kube-system')
    .filter((pod) => pod.metadata.labels?.['k8s-app'] === 'kube-dns' && isPolicyPod(pod));
  for (const server of servers) {
    const question = { protocol: 'UDP', port: 53 };
    const cause =
      deniedAttempt(view, { ...question, direction: 'Egress', pod: asker, peer: addressOf(server) }) ??
      deniedAttempt(view, { ...question, direction: 'Ingress', pod: server, peer: addressOf(asker) });
    if (cause !== undefined) return { ...cause, isDns: true };
  }
  return undefined;
}

/** The rules by which policies let a connection through, where they isolate its ends: the sender's first. */
export function policiesThatAllow(
  view: ExplainView,
  packet: PacketTrace | undefined,
): readonly AllowingRule[] {
  const header = packet === undefined ? undefined : lastHeader(packet);
  if (packet === undefined || header === undefined) return [];
  const source = firstHeader(packet)?.source ?? header.source;
  const what = { protocol: header.protocol.toUpperCase(), port: header.destinationPort };
  const ends = [
    { direction: 'Egress', address: source, peer: header.destination },
    { direction: 'Ingress', address: header.destination, peer: header.source },
  ] as const;
  return ends.flatMap(({ direction, address, peer }) => {
    const pod = view.list(pods).find((one) => isPolicyPod(one) && addressOf(one) === address);
    const rule = pod === undefined ? undefined : allowingRule(view, { ...what, direction, pod, peer });
    return rule === undefined ? [] : [rule];
  });
}

function allowingRule(view: ExplainView, attempt: Attempt): AllowingRule | undefined {
  const { direction } = attempt;
  for (const policy of isolating(view, attempt)) {
    const index = policyRules(policy, direction).findIndex(
      (rule) => takesPeer(view, policy, rule, attempt) && takesPort(view, rule, attempt),
    );
    const field = direction === 'Ingress' ? 'ingress' : 'egress';
    if (index >= 0)
      return { policy: objectName('NetworkPolicy', policy.metadata), path: `spec.${field}[${index}]` };
  }
  return undefined;
}

function deniedAttempt(view: ExplainView, attempt: Attempt): Denied | undefined {
  const policies = isolating(view, attempt);
  if (policies.length === 0) return undefined;
  const isAllowed = policies.some((policy) =>
    policyRules(policy, attempt.direction).some(
      (rule) => takesPeer(view, policy, rule, attempt) && takesPort(view, rule, attempt),
    ),
  );
  return isAllowed ? undefined : denied(view, attempt);
}

function denied(view: ExplainView, attempt: Attempt, rule?: RuleRef): Denied {
  const policies = isolating(view, attempt);
  const nearest = nearestRule(view, policies, attempt);
  return {
    code: 'denied-by-policy',
    direction: attempt.direction,
    pod: objectName('Pod', attempt.pod.metadata),
    peer: placeOf(view, attempt.peer),
    protocol: attempt.protocol,
    port: attempt.port,
    policies: policies.map(({ metadata }) => objectName('NetworkPolicy', metadata)),
    ...(nearest === undefined ? {} : { nearest }),
    ...(attempt.port === 53 ? { isDns: true } : {}),
    ...(rule === undefined ? {} : { rule }),
  };
}

function isolating(view: ExplainView, { pod, direction }: Attempt): readonly NetworkPolicy[] {
  return view
    .list(networkPolicies, pod.metadata.namespace)
    .filter((policy) => isolates(policy, pod, direction));
}

/** The first rule that takes the peer but not the port, else the first that takes the port but not the peer. */
function nearestRule(
  view: ExplainView,
  policies: readonly NetworkPolicy[],
  attempt: Attempt,
): Denied['nearest'] {
  const field = attempt.direction === 'Ingress' ? 'ingress' : 'egress';
  const rules = policies.flatMap((policy) =>
    policyRules(policy, attempt.direction).map((rule, index) => ({ policy, rule, index })),
  );
  const byPeer = rules.find(({ policy, rule }) => takesPeer(view, policy, rule, attempt));
  const found = byPeer ?? rules.find(({ rule }) => takesPort(view, rule, attempt));
  if (found === undefined) return undefined;
  return {
    policy: objectName('NetworkPolicy', found.policy.metadata),
    path: `spec.${field}[${found.index}]`,
    differs: byPeer === undefined ? 'peer' : 'port',
  };
}

function takesPeer(view: ExplainView, policy: NetworkPolicy, rule: PolicyRule, { peer }: Attempt): boolean {
  if (rule.peers.length === 0) return true;
  const pod = view.list(pods).find((one) => isPolicyPod(one) && addressOf(one) === peer);
  const namespace = view.list(namespaces).find(({ metadata }) => metadata.name === pod?.metadata.namespace);
  return rule.peers.some((candidate) => {
    if (candidate.ipBlock !== undefined) {
      const { cidr, except = [] } = candidate.ipBlock;
      return holds(cidr, peer) && !except.some((part) => holds(part, peer));
    }
    if (pod === undefined || namespace === undefined) return false;
    const own = policy.metadata.namespace ?? '';
    return selectsNamespace(candidate, own, namespace) && selectsPod(candidate, pod);
  });
}

function holds(cidr: string, address: string): boolean {
  const block = parseCidr(cidr);
  const number = parseIPv4(address);
  return block !== undefined && number !== undefined && prefixContains(block.prefix, number);
}

function takesPort(view: ExplainView, rule: PolicyRule, attempt: Attempt): boolean {
  const receiver =
    attempt.direction === 'Ingress'
      ? attempt.pod
      : view.list(pods).find((one) => isPolicyPod(one) && addressOf(one) === attempt.peer);
  return rule.ports.length === 0 || rule.ports.some((port) => isPort(port, attempt, receiver));
}

function isPort(
  { port, endPort, protocol = 'TCP' }: NetworkPolicyPort,
  attempt: Attempt,
  receiver: Pod | undefined,
): boolean {
  if (protocol !== attempt.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return attempt.port >= port && attempt.port <= (endPort ?? port);
  return receiver !== undefined && namedPort(receiver, String(port), protocol) === attempt.port;
}

function addressOf(pod: Pod): string {
  return pod.status?.podIP ?? '';
}

/** Whose an address is: a Pod's, a node's, a machine's outside, or nobody's that is known. */
function placeOf(view: ExplainView, address: string): Place {
  const pod = view.list(pods).find((one) => isPolicyPod(one) && addressOf(one) === address);
  if (pod !== undefined) return objectName('Pod', pod.metadata);
  const node = view
    .list(nodes)
    .find((one) => one.status?.addresses?.some((entry) => entry.address === address) === true);
  if (node !== undefined) return objectName('Node', node.metadata);
  for (const [machine, addresses] of view.machineAddresses()) if (addresses.includes(address)) return machine;
  return address;
}

/** The header that a packet had at its end. */
function lastHeader(packet: PacketTrace): PacketHeader | undefined {
  return headers(packet).at(-1);
}

/** The header that a packet was sent with. */
function firstHeader(packet: PacketTrace): PacketHeader | undefined {
  return headers(packet)[0];
}

function headers(packet: PacketTrace): readonly PacketHeader[] {
  return packet.hops.flatMap((hop) => ('header' in hop && hop.header !== undefined ? [hop.header] : []));
}
