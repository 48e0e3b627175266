/**
 * All chains that enforce NetworkPolicies on one node. Packets that pass through the node come to KUBE-ROUTER-FORWARD
 * first of all; a chain for each isolated Pod and direction runs the policies about it, and drops what none has marked.
 *
 * Only FORWARD is asked: what a node sends to its own Pods passes OUTPUT and what they send to it INPUT, and both are
 * always allowed. A packet for a Service carries the Pod's address by then, and still the sender's, unless another node
 * has masqueraded it.
 * Source: pkg/controllers/netpol/pod.go of kube-router, which names its chains so. Differs: what is not allowed is dropped,
 * as kindnet, Calico and Cilium do, so that a client waits in vain; kube-router rejects it. Left out: the NFLOG rule.
 */
import { isolates, isPolicyPod, type PolicyDirection } from '../../api/objects/network-policies.ts';
import type { NetworkPolicy, Pod } from '../../api/types/kinds.ts';
import { podChainName, policyChainName } from './chain-names.ts';
import {
  type ChainRules,
  comment,
  createPolicyWorld,
  type PolicyObjects,
  renderPolicy,
} from './policy-rules.ts';

/** The chain that FORWARD jumps to. */
export const topChain = 'KUBE-ROUTER-FORWARD';

/** What the rules of a node are made from. */
export interface NodePolicies extends PolicyObjects {
  readonly policies: readonly NetworkPolicy[];
  /** The Pods that run on the node. */
  readonly localPods: readonly Pod[];
}

const directions = ['Egress', 'Ingress'] as const;

/** The chains, by name; none when no policy isolates a Pod of the node. */
export function renderNetworkPolicies(node: NodePolicies): ChainRules {
  const chains = new Map<string, readonly string[]>();
  const jumps: string[] = [];
  const world = createPolicyWorld(node);
  const locals = node.localPods.filter(isPolicyPod);
  for (const direction of directions) {
    const policiesOf = new Map<Pod, NetworkPolicy[]>();
    for (const policy of node.policies) {
      const targets = locals.filter((pod) => isolates(policy, pod, direction));
      if (targets.length === 0) continue;
      for (const pod of targets) policiesOf.set(pod, [...(policiesOf.get(pod) ?? []), policy]);
      for (const [chain, lines] of renderPolicy(policy, direction, targets, world)) chains.set(chain, lines);
    }
    for (const [pod, policies] of policiesOf) {
      const chain = podChainName(pod.metadata.namespace ?? '', pod.metadata.name, direction);
      chains.set(chain, renderPod(pod, direction, policies));
      jumps.push(renderJump(pod, direction, chain));
    }
  }
  if (jumps.length === 0) return new Map();
  const established = `${comment('rule for stateful firewall for pod')} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN`;
  return new Map([...chains, [topChain, [established, ...jumps]]]);
}

function renderJump(pod: Pod, direction: PolicyDirection, chain: string): string {
  const way = direction === 'Egress' ? 'from' : 'destined to';
  const words = comment(`rule to jump traffic ${way} POD ${describe(pod)} to chain ${chain}`);
  return `${direction === 'Egress' ? '-s' : '-d'} ${pod.status?.podIP}/32 ${words} -j ${chain}`;
}

function renderPod(
  pod: Pod,
  direction: PolicyDirection,
  policies: readonly NetworkPolicy[],
): readonly string[] {
  const itself = `${direction === 'Egress' ? '-d' : '-s'} ${pod.status?.podIP}/32`;
  const way = direction === 'Egress' ? 'egress traffic of' : 'ingress traffic to';
  return [
    `${itself} ${comment('a pod cannot block access to itself')} -j RETURN`,
    ...policies.map(({ metadata: { name, namespace = '' } }) => {
      const chain = policyChainName(namespace, name, direction);
      return `${comment(`run through nw policy ${name}`)} -j ${chain}`;
    }),
    `${comment(`rule to DROP ${way} POD ${describe(pod)}`)} -m mark ! --mark 0x10000/0x10000 -j DROP`,
    '-j MARK --set-xmark 0x0/0x10000',
  ];
}

function describe(pod: Pod): string {
  return `name:${pod.metadata.name} namespace: ${pod.metadata.namespace}`;
}
