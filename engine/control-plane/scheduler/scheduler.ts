/**
 * Finds a node for each Pod that has none and writes it through the Pod's binding.
 * Source: pkg/scheduler. Left out: profiles, extenders.
 */
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import { isPodTerminal, podCondition } from '../../api/objects/pods.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { nodes, pods } from '../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import type { NodeView, Refusal } from './node-filters.ts';
import { refusalByNode } from './node-filters.ts';
import { chooseNode } from './node-scores.ts';
import { refusalByPods } from './pod-affinity.ts';
import { findPreemption, priorityOf, waitsForVictims } from './preemption.ts';
import { createVolumeFilters } from './volume-filters.ts';

/** Starts the default scheduler. */
export function createScheduler(context: ControllerContext): void {
  const podInformer = context.informers.informer(pods);
  const nodeInformer = context.informers.informer(nodes);
  const byPlace = podInformer.index('place for the scheduler', (pod) => placesOf(pod));
  const recorder = context.eventRecorder('default-scheduler');
  const queue = context.workqueue('scheduler', (key) => schedule(key));
  const volumeFilters = createVolumeFilters(context, () => retryUnschedulable());

  podInformer.onChange(({ before, after }) => {
    if (after !== undefined && isWaiting(after)) {
      // What the scheduler itself writes into the status is no reason to try again.
      if (before === undefined || before.metadata.generation !== after.metadata.generation)
        queue.add(keyOf(after));
      return;
    }
    const hasLeft =
      before !== undefined && !isWaiting(before) && (after === undefined || isPodTerminal(after));
    const hasArrived = after !== undefined && (before === undefined || isWaiting(before));
    const isRelabelled =
      before?.metadata.labels !== after?.metadata.labels && after !== undefined && !hasArrived;
    if (hasLeft || hasArrived || isRelabelled) retryUnschedulable();
  });
  nodeInformer.onChange(({ before, after }) => {
    if (before !== undefined && after !== undefined && !nodeMatters(before, after)) return;
    retryUnschedulable();
  });

  function retryUnschedulable(): void {
    const refused = [...byPlace(refusedPlace)].sort((a, b) => priorityOf(b) - priorityOf(a));
    for (const pod of refused) queue.add(keyOf(pod));
  }

  function schedule(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const pod = podInformer.get(namespace, name);
    if (pod === undefined || !isWaiting(pod)) return 'done';
    const all = nodeViews();
    const problem = volumeFilters.problem(pod);
    if (problem !== undefined && all.length > 0) {
      refuse(pod, formatProblem(pod, problem, all.length));
      return 'done';
    }
    const refusals = new Map<string, Refusal>();
    const refusalOf = (view: NodeView, views: readonly NodeView[]) =>
      refusalByNode(pod, view) ?? volumeFilters.refusal(pod, view.node) ?? refusalByPods(pod, view, views);
    const fitting = all.filter((view) => {
      const refusal = refusalOf(view, all);
      if (refusal !== undefined) refusals.set(view.node.metadata.name, refusal);
      return refusal === undefined;
    });
    const chosen = chooseNode(pod, fitting);
    if (chosen === undefined) {
      const fits = (changed: NodeView) =>
        refusalOf(
          changed,
          all.map((view) => (view.node === changed.node ? changed : view)),
        ) === undefined;
      makeRoom(pod, all, refusals, fits);
      return 'done';
    }
    const node = chosen.node.metadata.name;
    const answer = context.client.createSubresource(pods, namespace, name, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid: pod.metadata.uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    });
    if (!answer.ok) return answer.error.code === 404 || answer.error.code === 409 ? 'done' : 'retry';
    recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    return 'done';
  }

  /** Takes Pods of lower priority away where that helps, and says why the Pod does not run yet. */
  function makeRoom(
    pod: Pod,
    all: readonly NodeView[],
    refusals: ReadonlyMap<string, Refusal>,
    fits: (view: NodeView) => boolean,
  ): void {
    if (all.length === 0) {
      refuse(pod, 'no nodes available to schedule pods');
      return;
    }
    const isForbidden = pod.spec?.preemptionPolicy === 'Never';
    if (!isForbidden && waitsForVictims(pod, all)) {
      const why = 'not eligible due to a terminating pod on the nominated node.';
      refuse(pod, formatRefusals(refusals, why));
      return;
    }
    const found = isForbidden ? undefined : findPreemption({ pod, all, refusals, fits });
    if (found === undefined) {
      refuse(pod, formatRefusals(refusals, formatNoPreemption(pod, refusals)));
      return;
    }
    const { node, victims } = found;
    refuse(pod, formatRefusals(refusals, undefined), node);
    for (const victim of victims) {
      const { namespace = '', name } = victim.metadata;
      const condition = {
        type: 'DisruptionTarget',
        ...(victim.metadata.generation === undefined
          ? {}
          : { observedGeneration: victim.metadata.generation }),
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: context.nowTimestamp(),
        reason: 'PreemptionByScheduler',
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
      };
      const others = (victim.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      const patch = { status: { conditions: [...others, condition] } };
      context.client.mergePatch(pods, namespace, name, patch, 'status');
      context.client.delete(pods, namespace, name);
      const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
      recorder.event(victim, 'Normal', 'Preempted', message);
    }
  }

  function nodeViews(): readonly NodeView[] {
    return nodeInformer.list().map((node) => ({ node, pods: byPlace(node.metadata.name) }));
  }

  function refuse(pod: Pod, message: string, nominated?: string): void {
    recorder.event(pod, 'Warning', 'FailedScheduling', message);
    const old = podCondition(pod, 'PodScheduled');
    if (old?.message === message && old.status === 'False' && nominated === undefined) return;
    const condition = {
      type: 'PodScheduled',
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime:
        old?.status === 'False' ? (old.lastTransitionTime ?? context.nowTimestamp()) : context.nowTimestamp(),
      reason: 'Unschedulable',
      message,
    };
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const chosen = nominated === undefined ? {} : { nominatedNodeName: nominated };
    const patch = { status: { conditions: [...others, condition], ...chosen } };
    context.client.mergePatch(pods, pod.metadata.namespace ?? '', pod.metadata.name, patch, 'status');
  }
}

/** No node's name: names have no spaces. */
const refusedPlace = 'refused by all nodes';

/** The node that a running Pod is on, or that the Pod was refused by all. */
function placesOf(pod: Pod): readonly string[] {
  const node = pod.spec?.nodeName ?? '';
  if (node !== '') return isPodTerminal(pod) ? [] : [node];
  return isWaiting(pod) && podCondition(pod, 'PodScheduled')?.status === 'False' ? [refusedPlace] : [];
}

function isWaiting(pod: Pod): boolean {
  return (
    (pod.spec?.nodeName ?? '') === '' &&
    pod.metadata.deletionTimestamp === undefined &&
    !isPodTerminal(pod) &&
    (pod.spec?.schedulingGates ?? []).length === 0 &&
    (pod.spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler'
  );
}

function nodeMatters(before: NodeView['node'], after: NodeView['node']): boolean {
  return (
    before.spec !== after.spec ||
    before.metadata.labels !== after.metadata.labels ||
    before.status?.allocatable !== after.status?.allocatable
  );
}

/**
 * The message of FailedScheduling: each reason with the number of nodes that gave it, then why nothing could be
 * preempted. Source: pkg/scheduler/framework/types.go, FitError; plugins/dynamicresources and defaultpreemption.
 */
function formatRefusals(refusals: ReadonlyMap<string, Refusal>, preemption: string | undefined): string {
  const reasons = countReasons([...refusals.values()].flatMap((refusal) => refusal.reasons));
  const refused = `0/${refusals.size} nodes are available: ${reasons}.`;
  return preemption === undefined
    ? refused
    : `${refused} no new claims to deallocate, preemption: ${preemption}`;
}

function formatNoPreemption(pod: Pod, refusals: ReadonlyMap<string, Refusal>): string {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const reasons = [...refusals.values()].map((refusal) =>
    refusal.isFinal
      ? 'Preemption is not helpful for scheduling'
      : 'No preemption victims found for incoming pod',
  );
  return `0/${refusals.size} nodes are available: ${countReasons(reasons)}.`;
}

/** What the whole Pod stands in its own way with is told once, not for each node. */
function formatProblem(pod: Pod, problem: string, count: number): string {
  const preemption =
    pod.spec?.preemptionPolicy === 'Never'
      ? 'not eligible due to preemptionPolicy=Never.'
      : `0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
  return `0/${count} nodes are available: ${problem}. no new claims to deallocate, preemption: ${preemption}`;
}

function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
