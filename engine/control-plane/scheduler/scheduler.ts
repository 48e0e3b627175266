/**
 * Finds a node for each Pod that has none and writes it through the Pod's binding.
 * Source: pkg/scheduler. Left out: profiles, extenders.
 */
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import { isPodTerminal, podCondition } from '../../api/objects/pods.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { namespaces, nodes, podDisruptionBudgets, pods } from '../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import type { NodeView, Refusal } from './node-filters.ts';
import { refusalByNode } from './node-filters.ts';
import { chooseNode } from './node-scores.ts';
import { refusalByAffinity } from './pod-affinity.ts';
import { findPreemption, priorityOf, waitsForVictims } from './preemption.ts';
import { mayFitAfterNode, mayFitAfterPod } from './retry-hints.ts';
import { createSpreadSelector } from './spread-selector.ts';
import { refusalBySpread } from './topology-spread.ts';
import { createVolumeFilters } from './volume-filters.ts';

/** Starts the default scheduler; `host` is the machine that it runs on. */
export function createScheduler(context: ControllerContext, host: string): void {
  const podInformer = context.informers.informer(pods);
  const nodeInformer = context.informers.informer(nodes);
  const namespaceInformer = context.informers.informer(namespaces);
  const budgets = context.informers.informer(podDisruptionBudgets);
  const byPlace = podInformer.index('place for the scheduler', (pod) => placesOf(pod));
  const recorder = context.seriesRecorder('default-scheduler', host);
  const queue = context.workqueue('scheduler', (key) => schedule(key));
  const volumeFilters = createVolumeFilters(context, () => retryUnschedulable());
  const spreadSelector = createSpreadSelector(context.informers);

  podInformer.onChange((told) => {
    const { before, after } = told;
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
    if (!hasLeft && !hasArrived && !isRelabelled) return;
    const change = hasLeft ? { before } : hasArrived ? { after } : told;
    retryUnschedulable((pod) => mayFitAfterPod(pod, change, namespaceLabels));
  });
  nodeInformer.onChange((change) => {
    const { before, after } = change;
    if (before !== undefined && after !== undefined && !nodeMatters(before, after)) return;
    retryUnschedulable((pod) => mayFitAfterNode(pod, change));
  });

  function retryUnschedulable(isConcerned: (pod: Pod) => boolean = () => true): void {
    const refused = byPlace(refusedPlace)
      .filter(isConcerned)
      .sort((a, b) => priorityOf(b) - priorityOf(a));
    for (const pod of refused) queue.add(keyOf(pod));
  }

  function schedule(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const pod = podInformer.get(namespace, name);
    if (pod === undefined || !isWaiting(pod)) return 'done';
    const all = nodeViews();
    const problem = volumeFilters.problem(pod);
    if (problem !== undefined && all.length > 0) {
      refuse(pod, formatProblem(problem, all.length));
      return retryLater;
    }
    const refusalOf = (view: NodeView) => refusalOn(pod, view, all);
    const refusals = new Map<string, Refusal>();
    const fitting = all.filter((view) => {
      const refusal = refusalOf(view);
      if (refusal !== undefined) refusals.set(view.node.metadata.name, refusal);
      return refusal === undefined;
    });
    // Where room was made for the Pod it goes when it can.
    const nominated = fitting.find((view) => view.node.metadata.name === pod.status?.nominatedNodeName);
    const chosen =
      nominated ?? chooseNode(pod, fitting, { all, namespaceLabels, defaultSelector: spreadSelector(pod) });
    if (chosen === undefined) {
      makeRoom(pod, all, refusals);
      return retryLater;
    }
    const node = chosen.node.metadata.name;
    const answer = context.client.createSubresource(pods, namespace, name, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid: pod.metadata.uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    });
    if (!answer.ok) return answer.error.code === 404 || answer.error.code === 409 ? 'done' : 'retry';
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    recorder.event(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message });
    return 'done';
  }

  /**
   * Why the Pod does not fit there. Pods no less important that wait for room made on the node are thought to run there, and
   * then, as they may not come, not to.
   */
  function refusalOn(pod: Pod, view: NodeView, all: readonly NodeView[]): Refusal | undefined {
    const nominated = byPlace(nominatedPlace(view.node.metadata.name)).filter(
      (other) => other.metadata.uid !== pod.metadata.uid && priorityOf(other) >= priorityOf(pod),
    );
    const passes = nominated.length === 0 ? [[]] : [nominated, []];
    for (const more of passes) {
      const changed = more.length === 0 ? view : { node: view.node, pods: [...view.pods, ...more] };
      const views = all.map((other) => (other.node === changed.node ? changed : other));
      const refusal =
        refusalByNode(pod, changed) ??
        volumeFilters.refusal(pod, view.node) ??
        refusalBySpread(pod, changed, views) ??
        refusalByAffinity(pod, changed, { all: views, namespaceLabels });
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  function namespaceLabels(name: string): Readonly<Record<string, string>> {
    return namespaceInformer.get('', name)?.metadata.labels ?? {};
  }

  /** Takes Pods of lower priority away where that helps, and says why the Pod does not run yet. */
  function makeRoom(pod: Pod, all: readonly NodeView[], refusals: ReadonlyMap<string, Refusal>): void {
    if (all.length === 0) {
      refuse(pod, 'no nodes available to schedule pods');
      return;
    }
    const isForbidden = pod.spec?.preemptionPolicy === 'Never';
    if (!isForbidden && waitsForVictims(pod, all, refusals)) {
      const why = 'not eligible due to a terminating pod on the nominated node.';
      refuse(pod, formatRefusals(refusals, why));
      return;
    }
    if (isForbidden) {
      refuse(pod, formatRefusals(refusals, 'not eligible due to preemptionPolicy=Never.'));
      return;
    }
    const refusal = (view: NodeView) => refusalOn(pod, view, all);
    const answer = findPreemption({ pod, all, refusals, refusal, budgets: budgets.list() });
    if (answer.found === undefined) {
      const none = `0/${all.length} nodes are available: ${countReasons(answer.reasons)}.`;
      refuse(pod, formatRefusals(refusals, none), '');
      return;
    }
    const { node, victims } = answer.found;
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
      const told = { type: 'Normal', reason: 'Preempted', action: 'Preempting' } as const;
      recorder.event(victim, { ...told, message, related: pod });
    }
  }

  function nodeViews(): readonly NodeView[] {
    return nodeInformer.list().map((node) => ({ node, pods: byPlace(node.metadata.name) }));
  }

  /** Tells why, and where room is made: nowhere when the name is empty, where it was when there is none. */
  function refuse(pod: Pod, message: string, nominated = pod.status?.nominatedNodeName ?? ''): void {
    recorder.event(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message });
    const old = podCondition(pod, 'PodScheduled');
    const isTold = old?.message === message && old.status === 'False';
    if (isTold && nominated === (pod.status?.nominatedNodeName ?? '')) return;
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
    const nominatedNodeName = nominated === '' ? null : nominated;
    const patch = { status: { conditions: [...others, condition], nominatedNodeName } };
    context.client.mergePatch(pods, pod.metadata.namespace ?? '', pod.metadata.name, patch, 'status');
  }
}

/** A Pod that nothing changed for is tried again after so long. Source: pkg/scheduler, podMaxInUnschedulablePodsDuration. */
const retryLater = { requeueAfterMs: 300_000, background: true } as const;

/** No node's name: names have no spaces. */
const refusedPlace = 'refused by all nodes';

function nominatedPlace(node: string): string {
  return `nominated for ${node}`;
}

/** The node that a running Pod is on, or that the Pod was refused by all, with the node where room is made for it. */
function placesOf(pod: Pod): readonly string[] {
  const node = pod.spec?.nodeName ?? '';
  if (node !== '') return isPodTerminal(pod) ? [] : [node];
  if (!isWaiting(pod) || podCondition(pod, 'PodScheduled')?.status !== 'False') return [];
  const nominated = pod.status?.nominatedNodeName ?? '';
  return nominated === '' ? [refusedPlace] : [refusedPlace, nominatedPlace(nominated)];
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

/**
 * What the whole Pod stands in its own way with is told once, not for each node. What comes after it is the failure of a plugin
 * that did not get as far as to prepare itself. Source: plugins/dynamicresources, PostFilter; recorded.
 */
function formatProblem(problem: string, count: number): string {
  return `0/${count} nodes are available: ${problem}. not found`;
}

function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
