/**
 * Which Pods a controller with too many takes away first.
 * Source: pkg/controller/controller_utils.go, ActivePodsWithRanks.
 */
import { isPodActive, isPodReady, podCondition } from '../../api/objects/pods.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';

const phaseOrder: ReadonlyMap<string, number> = new Map([
  ['Pending', 0],
  ['Unknown', 1],
  ['Running', 2],
]);

/** The `count` Pods to delete, first to go first. `related` are the Pods whose crowding on a node counts. */
export function choosePodsToDelete(
  candidates: readonly Pod[],
  related: readonly Pod[],
  count: number,
  nowMs: number,
): readonly Pod[] {
  if (count >= candidates.length) return candidates;
  const onNode = new Map<string, number>();
  for (const pod of related.filter(isPodActive)) {
    const node = pod.spec?.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod) => onNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return [...candidates].sort((a, b) => compareForDeletion(a, b, rank, nowMs)).slice(0, count);
}

function compareForDeletion(a: Pod, b: Pod, rank: (pod: Pod) => number, nowMs: number): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseRank(a) - phaseRank(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    compareAges(readyTimeMs(a), readyTimeMs(b), a, b, nowMs) ||
    maxRestarts(b) - maxRestarts(a) ||
    compareAges(createdMs(a), createdMs(b), a, b, nowMs) ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}

/**
 * The younger goes first; ages of one power of two count as equal, and then the UID decides.
 * Source: pkg/controller/controller_utils.go, logarithmicRankDiff.
 */
function compareAges(aMs: number, bMs: number, a: Pod, b: Pod, nowMs: number): number {
  if (aMs === bMs) return 0;
  const difference = logOfAge(nowMs - aMs) - logOfAge(nowMs - bMs);
  return difference === 0 ? compareKeys(a.metadata.uid, b.metadata.uid) : difference;
}

function logOfAge(ageMs: number): number {
  // The original takes the logarithm of nanoseconds, and -1 for what is not in the past.
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}

function isAssigned(pod: Pod): boolean {
  return (pod.spec?.nodeName ?? '') !== '';
}

function phaseRank(pod: Pod): number {
  return phaseOrder.get(pod.status?.phase ?? '') ?? 0;
}

function deletionCost(pod: Pod): number {
  const annotations = pod.metadata.annotations ?? {};
  const text = Object.hasOwn(annotations, 'controller.kubernetes.io/pod-deletion-cost')
    ? annotations['controller.kubernetes.io/pod-deletion-cost']
    : undefined;
  return text !== undefined && /^-?[0-9]{1,10}$/.test(text) ? Number(text) : 0;
}

function readyTimeMs(pod: Pod): number {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime !== undefined
    ? Date.parse(ready.lastTransitionTime)
    : 0;
}

function createdMs(pod: Pod): number {
  return Date.parse(pod.metadata.creationTimestamp);
}

function maxRestarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}
