/**
 * Whether a Pod may run on a node, with the reasons when it may not. The first filter that objects decides, in the
 * order of the default plugins. Source: pkg/scheduler/framework/plugins. Left out: volumes, dynamic resources.
 */
import { isTolerated, matchesNodeSelection, type Taint } from '../../api/objects/node-selection.ts';
import { podRequests, resourceAmount } from '../../api/objects/resource-amounts.ts';
import type { Node, Pod } from '../../api/types/kinds.ts';

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

/** The refusal of the filters that look at one node alone, or undefined when the Pod fits. */
export function refusalByNode(pod: Pod, view: NodeView): Refusal | undefined {
  const spec = view.node.spec;
  if (namedNodes(pod)?.has(view.node.metadata.name) === false) {
    return final("node(s) didn't satisfy plugin(s) [NodeAffinity]");
  }
  const tolerations = pod.spec?.tolerations ?? [];
  const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (spec?.unschedulable === true && !isTolerated(tolerations, unschedulable)) {
    return final('node(s) were unschedulable');
  }
  const wantedNode = pod.spec?.nodeName ?? '';
  if (wantedNode !== '' && wantedNode !== view.node.metadata.name) {
    return final("node(s) didn't match the requested node name");
  }
  const untolerated = (spec?.taints ?? []).find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(tolerations, taint),
  );
  if (untolerated !== undefined) return final('node(s) had untolerated taint(s)');
  if (!matchesNodeSelection(pod.spec, view.node))
    return final("node(s) didn't match Pod's node affinity/selector");
  if (hasPortConflict(pod, view.pods)) {
    return { reasons: ["node(s) didn't have free ports for the requested pod ports"], isFinal: false };
  }
  return refusalByResources(pod, view);
}

/**
 * The nodes that affinity asks for by their names, as it does for Pods of DaemonSets; undefined when it leaves others open.
 * Source: plugins/nodeaffinity/node_affinity.go, PreFilter.
 */
function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = pod.spec?.affinity?.nodeAffinity ?? {};
  const names = new Set<string>();
  for (const term of required?.nodeSelectorTerms ?? []) {
    const lists = (term.matchFields ?? []).flatMap(({ key, operator, values = [] }) =>
      key === 'metadata.name' && operator === 'In' ? [values] : [],
    );
    const [first, ...others] = lists;
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((list) => list.includes(name))) names.add(name);
  }
  return names.size === 0 ? undefined : names;
}

function final(reason: string): Refusal {
  return { reasons: [reason], isFinal: true };
}

/** Whether the Pod wants a port of the node that one of the others has. */
export function hasPortConflict(pod: Pod, others: readonly Pod[]): boolean {
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
