/**
 * Which of several fitting nodes is best: the weighted sum of the default plugins' scores, each from 0 to 100.
 * Source: pkg/scheduler/framework/plugins and the weights in apis/config/v1/default_plugins.go. Left out: image
 * locality (nodes name no images). Differs: among equals the first by name is taken, not a random one.
 */

import type { LabelSelector } from '../../api/objects/labels.ts';
import { isTolerated, matchesNodeTerm } from '../../api/objects/node-selection.ts';
import { podRequests, resourceAmount } from '../../api/objects/resource-amounts.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { NodeView } from './node-filters.ts';
import { type AffinitySurroundings, affinityScores } from './pod-affinity.ts';
import { spreadScores } from './topology-spread.ts';

/** What a container without requests counts as. Source: pkg/scheduler/util/pod_resources.go. */
const defaultCpu = 0.1;
const defaultMemory = 200 * 2 ** 20;

/** What a choice rests on besides the nodes that fit. */
export interface ChoiceSurroundings extends AffinitySurroundings {
  /** The Pods that a Pod without spread constraints is kept apart from; undefined for one that nobody selects. */
  readonly defaultSelector: LabelSelector | undefined;
}

/** The best of the nodes that fit; undefined when there is none. */
export function chooseNode(
  pod: Pod,
  fitting: readonly NodeView[],
  surroundings: ChoiceSurroundings,
): NodeView | undefined {
  if (fitting.length < 2) return fitting[0];
  const taints = byMost(fitting.map((view) => countDislikedTaints(pod, view))).map((score) => 100 - score);
  const liked = byMost(fitting.map((view) => nodePreference(pod, view)));
  const spread = spreadScores(pod, fitting, surroundings.all, surroundings.defaultSelector);
  const affinity = affinityScores(pod, fitting, surroundings);
  const scored = fitting.map((view, index) => ({
    view,
    score:
      3 * (taints[index] ?? 0) +
      2 * (liked[index] ?? 0) +
      2 * (spread[index] ?? 0) +
      2 * (affinity[index] ?? 0) +
      leastAllocatedScore(pod, view) +
      balancedScore(pod, view),
  }));
  scored.sort(
    (a, b) => b.score - a.score || compareKeys(a.view.node.metadata.name, b.view.node.metadata.name),
  );
  return scored[0]?.view;
}

/** Parts of the most in hundredths; nothing when all is nothing. Source: plugins/helper/normalize_score.go. */
function byMost(counts: readonly number[]): readonly number[] {
  const most = Math.max(0, ...counts);
  return counts.map((count) => (most === 0 ? 0 : Math.trunc((100 * count) / most)));
}

function countDislikedTaints(pod: Pod, view: NodeView): number {
  const tolerations = (pod.spec?.tolerations ?? []).filter(
    ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
  );
  return (view.node.spec?.taints ?? []).filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint),
  ).length;
}

function nodePreference(pod: Pod, view: NodeView): number {
  const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred
    .filter((preference) => matchesNodeTerm(preference.preference, view.node))
    .reduce((sum, preference) => sum + preference.weight, 0);
}

/** How much of cpu and memory would be left. Source: plugins/noderesources/least_allocated.go. */
function leastAllocatedScore(pod: Pod, view: NodeView): number {
  const allocatable = view.node.status?.allocatable ?? {};
  const left = (resource: 'cpu' | 'memory', fallback: number) => {
    const capacity = resourceAmount(allocatable[resource] ?? '0');
    const used = sum([...view.pods, pod], resource, fallback);
    return capacity === 0 ? undefined : Math.max(0, Math.trunc((100 * (capacity - used)) / capacity + 1e-9));
  };
  const scores = [left('cpu', defaultCpu), left('memory', defaultMemory)].filter(
    (score) => score !== undefined,
  );
  return scores.length === 0
    ? 0
    : Math.trunc(scores.reduce((total, score) => total + score, 0) / scores.length);
}

/**
 * Whether the Pod evens out what is used of cpu and of memory; one that asks for neither does nothing to it.
 * Source: plugins/noderesources/balanced_allocation.go.
 */
function balancedScore(pod: Pod, view: NodeView): number {
  const requests = podRequests(pod);
  if ((requests.get('cpu') ?? 0) === 0 && (requests.get('memory') ?? 0) === 0) return 0;
  const after = balance(view, [...view.pods, pod]);
  const before = balance(view, view.pods);
  return 50 + Math.trunc((50 + after - before) / 2);
}

function balance(view: NodeView, pods: readonly Pod[]): number {
  const allocatable = view.node.status?.allocatable ?? {};
  const fraction = (resource: 'cpu' | 'memory') =>
    Math.min(1, sum(pods, resource, 0) / (resourceAmount(allocatable[resource] ?? '0') || 1));
  return Math.trunc(100 * (1 - Math.abs(fraction('cpu') - fraction('memory')) / 2) + 1e-9);
}

function sum(pods: readonly Pod[], resource: string, fallback: number): number {
  return pods.reduce((total, pod) => total + (podRequests(pod).get(resource) ?? fallback), 0);
}
