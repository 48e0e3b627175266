/**
 * What a NetworkPolicy says of one Pod and one peer: the part of its meaning that needs objects only. Whoever turns
 * policies into rules, and whoever explains them, reads them here.
 * Source: the field documentation of NetworkPolicySpec in k8s.io/api/networking/v1, and the page "Network Policies" of
 * the Kubernetes documentation.
 */
import type { Namespace, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '../types/kinds.ts';
import { selectsLabels } from './labels.ts';
import { findPodPort, isPodTerminal } from './pods.ts';

/** Which way traffic goes, seen from the Pod that a policy isolates. */
export type PolicyDirection = 'Ingress' | 'Egress';

/** One rule of a policy, whichever way it looks. An absent or empty list stands for everything. */
export interface PolicyRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

/** A Pod whose traffic policies are about: it has an address of its own and has not ended. */
export function isPolicyPod(pod: Pod): boolean {
  return pod.spec?.hostNetwork !== true && pod.status?.podIP !== undefined && !isPodTerminal(pod);
}

/** Whether a policy isolates a Pod in a direction. */
export function isolates(policy: NetworkPolicy, pod: Pod, direction: PolicyDirection): boolean {
  return (
    policy.metadata.namespace === pod.metadata.namespace &&
    (policy.spec?.policyTypes ?? []).includes(direction) &&
    selectsLabels(policy.spec?.podSelector ?? {}, pod.metadata.labels)
  );
}

/** The rules of a policy for a direction; none allows nothing. */
export function policyRules(policy: NetworkPolicy, direction: PolicyDirection): readonly PolicyRule[] {
  return direction === 'Ingress'
    ? (policy.spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports: ports ?? [] }))
    : (policy.spec?.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports: ports ?? [] }));
}

/** Whether a namespace may hold Pods that a peer selects; without namespaceSelector it is the policy's own. */
export function selectsNamespace(
  peer: NetworkPolicyPeer,
  policyNamespace: string,
  namespace: Namespace,
): boolean {
  if (peer.ipBlock !== undefined) return false;
  return peer.namespaceSelector === undefined
    ? namespace.metadata.name === policyNamespace
    : selectsLabels(peer.namespaceSelector, namespace.metadata.labels);
}

/** Whether a peer selects a Pod of a namespace for which {@link selectsNamespace} holds. */
export function selectsPod(peer: NetworkPolicyPeer, pod: Pod): boolean {
  return selectsLabels(peer.podSelector ?? {}, pod.metadata.labels);
}

/** The number of a named port in the Pod that the traffic goes to; undefined when it declares no such port. */
export function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  return findPodPort(pod, { port: 0, protocol, targetPort: name });
}
