/**
 * Whether a Pod may run on a node, with the reasons when it may not. The first filter that objects decides, in the
 * order of the default plugins. Source: pkg/scheduler/framework/plugins. Left out: volumes, dynamic resources.
 */
import type { LabelRequirement } from '../../api/objects/labels.ts';
import { meetsRequirement } from '../../api/objects/labels.ts';
import { podRequests, resourceAmount } from '../../api/objects/resource-amounts.ts';
import type { Node, Pod, PodSpec } from '../../api/types/kinds.ts';

/** A node with the Pods that are assigned to it and have not ended. */
export interface NodeView {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

/** Why a node was refused. `isFinal` when taking other Pods away could not help. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly isFinal: boolean;
}

type Toleration = NonNullable<PodSpec['tolerations']>[number];
type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** The refusal of the filters that look at one node alone, or undefined when the Pod fits. */
export function refusalByNode(pod: Pod, view: NodeView): Refusal | undefined {
  const spec = view.node.spec;
  const tolerations = pod.spec?.tolerations ?? [];
  const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (spec?.unschedulable === true && !tolerates(tolerations, unschedulable)) {
    return final('node(s) were unschedulable');
  }
  const wantedNode = pod.spec?.nodeName ?? '';
  if (wantedNode !== '' && wantedNode !== view.node.metadata.name) {
    return final("node(s) didn't match the requested node name");
  }
  const untolerated = (spec?.taints ?? []).find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint),
  );
  if (untolerated !== undefined) return final('node(s) had untolerated taint(s)');
  if (!matchesNodeSelection(pod, view.node))
    return final("node(s) didn't match Pod's node affinity/selector");
  if (hasPortConflict(pod, view.pods)) {
    return { reasons: ["node(s) didn't have free ports for the requested pod ports"], isFinal: false };
  }
  return refusalByResources(pod, view);
}

/** Whether one of the tolerations covers a taint. Source: k8s.io/api/core/v1/toleration.go. */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((toleration) => {
    if ((toleration.effect ?? '') !== '' && toleration.effect !== taint.effect) return false;
    if ((toleration.key ?? '') !== '' && toleration.key !== taint.key) return false;
    if (toleration.operator === 'Exists') return true;
    return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
  });
}

/** Whether nodeSelector and required node affinity take the node. */
export function matchesNodeSelection(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels;
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {})) {
    if (!meetsRequirement({ key, operator: 'In', values: [value] }, labels)) return false;
  }
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** Whether one term of a node selector takes the node; an empty term takes none. */
export function matchesNodeTerm(
  term: {
    readonly matchExpressions?: readonly LabelRequirement[];
    readonly matchFields?: readonly LabelRequirement[];
  },
  node: Node,
): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => meetsRequirement(requirement, node.metadata.labels)) &&
    fields.every((requirement) => meetsRequirement(requirement, { 'metadata.name': node.metadata.name }))
  );
}

function final(reason: string): Refusal {
  return { reasons: [reason], isFinal: true };
}

function hasPortConflict(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return false;
  const taken = others.flatMap(hostPorts);
  return wanted.some((port) =>
    taken.some(
      (other) =>
        other.port === port.port &&
        other.protocol === port.protocol &&
        (other.address === port.address || other.address === '0.0.0.0' || port.address === '0.0.0.0'),
    ),
  );
}

function hostPorts(pod: Pod) {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return containers
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({
      port: port.hostPort,
      protocol: port.protocol ?? 'TCP',
      address: (port.hostIP ?? '') === '' ? '0.0.0.0' : port.hostIP,
    }));
}

/** Pods that ask for nothing still take one place. Source: plugins/noderesources/fit.go, fitsRequest. */
function refusalByResources(pod: Pod, view: NodeView): Refusal | undefined {
  const allocatable = view.node.status?.allocatable ?? {};
  const reasons: string[] = [];
  let isFinal = false;
  if (view.pods.length + 1 > resourceAmount(allocatable.pods ?? '110')) reasons.push('Too many pods');
  for (const [name, amount] of podRequests(pod)) {
    if (amount <= 0) continue;
    const capacity = Object.hasOwn(allocatable, name) ? resourceAmount(allocatable[name]) : 0;
    const used = view.pods.reduce((sum, other) => sum + (podRequests(other).get(name) ?? 0), 0);
    // Amounts are fractions of cores: a thousandth of a thousandth is below what a quantity can tell apart.
    if (amount <= capacity - used + 1e-9) continue;
    reasons.push(`Insufficient ${name}`);
    if (amount > capacity) isFinal = true;
  }
  return reasons.length === 0 ? undefined : { reasons, isFinal };
}
