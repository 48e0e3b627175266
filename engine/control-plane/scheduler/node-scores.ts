/**
 * Which of several fitting nodes is best: the weighted sum of the default plugins' scores, each from 0 to 100.
 * Source: pkg/scheduler/framework/plugins and the weights in apis/config/v1/default_plugins.go. Left out: image
 * locality, preferred affinity between Pods. Differs: among equals the first by name is taken, not a random one.
 */

import { isTolerated, matchesNodeTerm } from '../../api/objects/node-selection.ts';
import { controllerOf } from '../../api/objects/owners.ts';
import { podRequests, resourceAmount } from '../../api/objects/resource-amounts.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { NodeView } from './node-filters.ts';

/** What a container without requests counts as. Source: pkg/scheduler/util/pod_resources.go. */
const defaultCpu = 0.1;
const defaultMemory = 200 * 2 ** 20;

/** The best of the nodes that fit; undefined when there is none. */
export function chooseNode(pod: Pod, fitting: readonly NodeView[]): NodeView | undefined {
  const fromMost = (counts: readonly number[], index: number) => {
    const most = Math.max(...counts);
    return most === 0 ? 100 : Math.floor((100 * (most - (counts[index] ?? 0))) / most);
  };
  const peers = fitting.map((view) => countPeers(pod, view));
  const bad = fitting.map((view) => countDislikedTaints(pod, view));
  const liked = fitting.map((view) => nodePreference(pod, view));
  const mostLiked = Math.max(0, ...liked);
  const scored = fitting.map((view, index) => ({
    view,
    score:
      3 * fromMost(bad, index) +
      2 * (mostLiked === 0 ? 0 : Math.floor((100 * (liked[index] ?? 0)) / mostLiked)) +
      2 * fromMost(peers, index) +
      resourceScore(pod, view),
  }));
  scored.sort(
    (a, b) => b.score - a.score || compareKeys(a.view.node.metadata.name, b.view.node.metadata.name),
  );
  return scored[0]?.view;
}

/** Pods of the same controller on the node: what the default spreading constraints count. */
function countPeers(pod: Pod, view: NodeView): number {
  const owner = controllerOf(pod)?.uid;
  if (owner === undefined) return 0;
  return view.pods.filter(
    (peer) => peer.metadata.deletionTimestamp === undefined && controllerOf(peer)?.uid === owner,
  ).length;
}

function countDislikedTaints(pod: Pod, view: NodeView): number {
  const tolerations = pod.spec?.tolerations ?? [];
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

/** Least allocated plus balanced allocation, each with weight 1. */
function resourceScore(pod: Pod, view: NodeView): number {
  const allocatable = view.node.status?.allocatable ?? {};
  const everybody = [...view.pods, pod];
  const cpu = sum(everybody, 'cpu', defaultCpu) / (resourceAmount(allocatable.cpu) || 1);
  const memory = sum(everybody, 'memory', defaultMemory) / (resourceAmount(allocatable.memory) || 1);
  const least = Math.floor((100 * (Math.max(0, 1 - cpu) + Math.max(0, 1 - memory))) / 2);
  const balanced = Math.floor(100 * (1 - Math.abs(Math.min(1, cpu) - Math.min(1, memory)) / 2));
  return least + balanced;
}

function sum(pods: readonly Pod[], resource: string, fallback: number): number {
  return pods.reduce((total, pod) => total + (podRequests(pod).get(resource) ?? fallback), 0);
}
