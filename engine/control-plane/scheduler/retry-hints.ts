/**
 * Whether a Pod that was refused may fit now that something has changed: else it is not tried again, and nothing is told anew.
 * Source: pkg/scheduler/framework/plugins, EventsToRegister and the hints of each plugin. Which plugins refused the Pod is read
 * from the message that they left.
 */
import { podCondition } from '../../api/objects/pods.ts';
import type { Node, Pod } from '../../api/types/kinds.ts';
import type { ObjectChange } from '../../client/client.ts';
import { hasPortConflict, refusalByNode } from './node-filters.ts';
import { meetsAllTerms, type NamespaceLabels } from './pod-affinity.ts';
import { isSpreadAgainst } from './topology-spread.ts';

/** Whether it may, after a Pod came to a node, left one, or was relabelled there. */
export function mayFitAfterPod(
  pod: Pod,
  { before, after }: ObjectChange<Pod>,
  namespaceLabels: NamespaceLabels,
): boolean {
  const message = podCondition(pod, 'PodScheduled')?.message ?? '';
  const hasLeft = before !== undefined && after === undefined;
  if (hasLeft && /Insufficient |Too many pods/.test(message)) return true;
  if (hasLeft && message.includes('free ports') && hasPortConflict(pod, [before])) return true;
  if (/affinity rules/.test(message) && affinityChanges()) return true;
  return (
    message.includes('topology spread constraints') &&
    [before, after].some((other) => other !== undefined && isSpreadAgainst(pod, other))
  );

  function affinityChanges(): boolean {
    const affinity = pod.spec?.affinity;
    const wanted = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const unwanted = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const isWanted = (other: Pod | undefined) =>
      other !== undefined && meetsAllTerms(pod, wanted, other, namespaceLabels);
    const isUnwanted = (other: Pod | undefined) =>
      other !== undefined && meetsAllTerms(pod, unwanted, other, namespaceLabels);
    if (isWanted(after) && !isWanted(before)) return true;
    if (isUnwanted(before) && !isUnwanted(after)) return true;
    if (!hasLeft) return false;
    const theirs =
      before.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    return meetsAllTerms(before, theirs, pod, namespaceLabels);
  }
}

/** Whether it may, after a node came or changed. */
export function mayFitAfterNode(pod: Pod, { before, after }: ObjectChange<Node>): boolean {
  if (after === undefined) return false;
  const takes = (node: Node) => refusalByNode(pod, { node, pods: [] }) === undefined;
  if (!takes(after)) return false;
  if (before === undefined || !takes(before)) return true;
  // Other labels make other domains.
  return (
    before.metadata.labels !== after.metadata.labels ||
    before.status?.allocatable !== after.status?.allocatable
  );
}
