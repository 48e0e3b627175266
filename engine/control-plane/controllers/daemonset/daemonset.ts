/**
 * Keeps one Pod of a DaemonSet on every node that its template takes. Source: pkg/controller/daemon. Left out: hash collisions.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerKey, controllerOf } from '../../../api/objects/owners.ts';
import { isPodAvailable, isPodReady, msUntilAvailable } from '../../../api/objects/pods.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../../api/types/kinds.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import {
  createRevision,
  holds,
  indexRevisions,
  nextNumber,
  renumber,
  revisionData,
} from '../controller-history.ts';
import { claimPods } from '../pod-claims.ts';
import { createPodControl, isNamespaceTerminating, type PodOwner } from '../pod-control.ts';
import { indexPodsByController } from '../pods-of-owner.ts';
import { templateHash } from '../template-hash.ts';
import { byAge, daemonTemplate, hashLabel, isUpdated, nodeWants, targetNode } from './daemon-pods.ts';
import { type Placement, type PlacementInput, planPlacement, planUpdate } from './placement.ts';

/** Starts the daemonset controller. */
export function createDaemonSetController(context: ControllerContext): void {
  const { client } = context;
  const sets = context.informers.informer(daemonSets);
  const podInformer = context.informers.informer(pods);
  const nodeInformer = context.informers.informer(nodes);
  const revisionInformer = context.informers.informer(controllerRevisions);
  const podsOf = indexPodsByController(podInformer);
  const revisionsOf = indexRevisions(revisionInformer);
  const recorder = context.eventRecorder('daemonset-controller');
  const podControl = createPodControl(client, recorder);
  const queue = context.workqueue('daemonset', (key) => reconcile(key));

  sets.onChange(({ before, after }) => {
    const set = after ?? before;
    if (set !== undefined) queue.add(keyOf(set));
  });
  podInformer.onChange(({ before, after }) => {
    for (const pod of [before, after]) {
      const owner = controllerKey(pod, 'DaemonSet');
      if (owner !== undefined) queue.add(owner);
    }
    if (after === undefined || controllerOf(after) !== undefined) return;
    for (const set of sets.list(after.metadata.namespace)) {
      if (selectsLabels(set.spec?.selector, after.metadata.labels)) queue.add(keyOf(set));
    }
  });
  nodeInformer.onChange(({ before, after }) => {
    const isSame =
      before !== undefined &&
      after !== undefined &&
      before.metadata.labels === after.metadata.labels &&
      before.spec === after.spec;
    if (!isSame) for (const set of sets.list()) queue.add(keyOf(set));
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return 'done';
    const owner: PodOwner = { object: set, apiVersion: 'apps/v1', kind: 'DaemonSet' };
    const current = currentRevision(set, owner);
    if (current === undefined) return 'retry';
    const hash = current.metadata.labels?.[hashLabel] ?? '';
    const nowMs = Date.parse(context.nowTimestamp());
    const look = (): PlacementInput => ({
      set,
      nodes: nodeInformer.list(),
      byNode: podsByNode(owner, set),
      hash,
      nowMs,
    });
    const isPlaced = apply(owner, set, hash, planPlacement(look()));
    const isRolling = isPlaced && set.spec?.updateStrategy?.type === 'RollingUpdate';
    const isUpdatedNow = !isRolling || apply(owner, set, hash, planUpdate(look()));
    cleanUp(set);
    const isWritten = writeStatus(look());
    return isPlaced && isUpdatedNow && isWritten ? nextAvailability(set, nowMs) : 'retry';
  }

  function podsByNode(owner: PodOwner, set: DaemonSet): ReadonlyMap<string, readonly Pod[]> {
    const own = claimPods({
      client,
      owner,
      candidates: podsOf(set),
      selects: (labels) => selectsLabels(set.spec?.selector, labels),
    });
    const byNode = new Map<string, Pod[]>();
    for (const pod of own) {
      const node = targetNode(pod);
      if (node !== '') byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    }
    return byNode;
  }

  function currentRevision(set: DaemonSet, owner: PodOwner): ControllerRevision | undefined {
    const template = set.spec?.template ?? {};
    const data = revisionData(template);
    const revisions = revisionsOf(set);
    const known = revisions.findLast((revision) => holds(revision, data));
    if (known !== undefined) {
      const number = nextNumber(revisions.filter((revision) => revision !== known));
      return known.revision < number ? renumber(client, known, number) : known;
    }
    const answer = createRevision(client, owner, {
      hash: templateHash(template, set.status?.collisionCount ?? 0),
      hashLabel,
      labels: template.metadata?.labels,
      data,
      number: nextNumber(revisions),
    });
    return answer.ok ? answer.value : undefined;
  }

  function apply(owner: PodOwner, set: DaemonSet, hash: string, plan: Placement): boolean {
    let isDone = true;
    for (const { pod, node } of plan.ended) {
      const title = `${pod.metadata.namespace ?? ''}/${pod.metadata.name} on node ${node}`;
      if (pod.status?.phase === 'Failed') {
        recorder.event(
          set,
          'Warning',
          'FailedDaemonPod',
          `Found failed daemon pod ${title}, will try to kill it`,
        );
      } else {
        const message = `Found succeeded daemon pod ${title}, will try to delete it`;
        recorder.event(set, 'Normal', 'SucceededDaemonPod', message);
      }
    }
    for (const node of plan.create) {
      const created = podControl.create(owner, daemonTemplate(set, hash, node));
      if (created.ok || isNamespaceTerminating(created.error)) continue;
      isDone = false;
      break;
    }
    for (const pod of [...plan.delete, ...plan.ended.map((end) => end.pod)]) {
      if (!podControl.delete(owner, pod).ok) isDone = false;
    }
    return isDone;
  }

  function writeStatus({ set, nodes: all, byNode, hash, nowMs }: PlacementInput): boolean {
    const wanted = all.filter((node) => nodeWants(set, node).run);
    const first = (node: Node) => [...(byNode.get(node.metadata.name) ?? [])].sort(byAge)[0];
    const scheduled = wanted.flatMap((node) => first(node) ?? []);
    const misscheduled = all.filter((node) => !nodeWants(set, node).run && first(node) !== undefined).length;
    const ready = scheduled.filter(isPodReady);
    const minReady = set.spec?.minReadySeconds ?? 0;
    const available = ready.filter((pod) => isPodAvailable(pod, minReady, nowMs)).length;
    const unavailable = wanted.length - available;
    const updated = scheduled.filter((pod) => isUpdated(set, pod, hash)).length;
    const status = {
      ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
      currentNumberScheduled: scheduled.length,
      numberMisscheduled: misscheduled,
      desiredNumberScheduled: wanted.length,
      numberReady: ready.length,
      ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
      ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
      ...(available > 0 ? { numberAvailable: available } : {}),
      ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
      ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
    };
    if (jsonEqual(status, set.status ?? {})) return true;
    const answer = client.updateStatus(daemonSets, { ...set, status });
    return answer.ok || answer.error.code === 404;
  }

  /** Old revisions beyond the history limit go, the oldest first, unless Pods of them still run. */
  function cleanUp(set: DaemonSet): void {
    const data = revisionData(set.spec?.template ?? {});
    const old = revisionsOf(set).filter((revision) => !holds(revision, data));
    const live = new Set(podsOf(set).map((pod) => pod.metadata.labels?.[hashLabel] ?? ''));
    const excess = Math.max(0, old.length - (set.spec?.revisionHistoryLimit ?? 10));
    const idle = old.filter(({ metadata }) => !live.has(metadata.labels?.[hashLabel] ?? ''));
    for (const { metadata } of idle.slice(0, excess)) {
      client.delete(controllerRevisions, metadata.namespace ?? '', metadata.name);
    }
  }

  function nextAvailability(set: DaemonSet, nowMs: number): ReconcileOutcome {
    const seconds = set.spec?.minReadySeconds ?? 0;
    const waits = podsOf(set)
      .filter((pod) => isPodReady(pod) && controllerOf(pod) !== undefined)
      .map((pod) => msUntilAvailable(pod, seconds, nowMs))
      .filter((waitMs) => waitMs > 0);
    return waits.length === 0 ? 'done' : { requeueAfterMs: Math.min(...waits) };
  }
}
