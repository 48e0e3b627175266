/**
 * Keeps the Pods of a StatefulSet, each under its own lasting name: one after the other or all at once, and updates them
 * from the highest ordinal down. Source: pkg/controller/statefulset. Left out: maxUnavailable, which is off by default.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerKey, controllerOf } from '../../../api/objects/owners.ts';
import { isPodReady, msUntilAvailable } from '../../../api/objects/pods.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../../api/types/kinds.ts';
import { controllerRevisions, pods, statefulSets } from '../../../api/types/resources.ts';
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
import type { PodOwner } from '../pod-control.ts';
import { indexPodsByController } from '../pods-of-owner.ts';
import { revisionHash } from '../template-hash.ts';
import { isMember, ordinalOf, revisionLabel } from './identity.ts';
import { setStatus } from './set-status.ts';
import { createStatefulPods } from './stateful-pods.ts';
import { updateSet } from './update-set.ts';
import { createVolumeClaims } from './volume-claims.ts';

const hashLabel = 'controller.kubernetes.io/hash';

/** Starts the statefulset controller. */
export function createStatefulSetController(context: ControllerContext): void {
  const { client } = context;
  const sets = context.informers.informer(statefulSets);
  const podInformer = context.informers.informer(pods);
  const revisionInformer = context.informers.informer(controllerRevisions);
  const podsOf = indexPodsByController(podInformer);
  const revisionsOf = indexRevisions(revisionInformer);
  const recorder = context.eventRecorder('statefulset-controller');
  const claims = createVolumeClaims(context, recorder);
  const statefulPods = createStatefulPods(context, recorder, claims);
  const queue = context.workqueue('statefulset', (key) => reconcile(key));

  sets.onChange(({ before, after }) => {
    const set = after ?? before;
    if (set !== undefined) queue.add(keyOf(set));
  });
  podInformer.onChange(({ before, after }) => {
    for (const pod of [before, after]) {
      const owner = controllerKey(pod, 'StatefulSet');
      if (owner !== undefined) queue.add(owner);
    }
    if (after === undefined || controllerOf(after) !== undefined) return;
    for (const set of sets.list(after.metadata.namespace)) {
      if (isMember(set, after) && selectsLabels(set.spec?.selector, after.metadata.labels))
        queue.add(keyOf(set));
    }
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (set === undefined) return 'done';
    const owner: PodOwner = { object: set, apiVersion: 'apps/v1', kind: 'StatefulSet' };
    const own = claimPods({
      client,
      owner,
      candidates: podsOf(set),
      selects: (labels, pod) => isMember(set, pod) && selectsLabels(set.spec?.selector, labels),
    });
    const revisions = revisionsOf(set);
    const update = updateRevision(set, owner, revisions);
    if (update === undefined) return 'retry';
    const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const nowMs = Date.parse(context.nowTimestamp());
    const updated = updateSet({ set, own, current, update, nowMs, pods: statefulPods, claims });
    const status = setStatus({ set, counts: updated.counts, current, update });
    const written = jsonEqual(status, set.status ?? {}) || writeStatus(set, status);
    truncateHistory(set, own, revisionsOf(set), current, update);
    if (!written || updated.hasFailed) return 'retry';
    return nextAvailability(set, nowMs);
  }

  /** The revision of the set's template; made, or taken up again from the history. */
  function updateRevision(
    set: StatefulSet,
    owner: PodOwner,
    revisions: readonly ControllerRevision[],
  ): ControllerRevision | undefined {
    const data = revisionData(set.spec?.template ?? {});
    const equal = revisions.findLast((revision) => holds(revision, data));
    const newest = revisions.at(-1);
    if (equal !== undefined) return equal === newest ? equal : renumber(client, equal, nextNumber(revisions));
    const collisions = set.status?.collisionCount ?? 0;
    const labels = set.spec?.template.metadata?.labels;
    const hash = revisionHash(data, collisions);
    const answer = createRevision(client, owner, {
      hash,
      hashLabel,
      labels,
      data,
      number: nextNumber(revisions),
    });
    return answer.ok ? answer.value : undefined;
  }

  function writeStatus(set: StatefulSet, status: NonNullable<StatefulSet['status']>): boolean {
    const answer = client.updateStatus(statefulSets, { ...set, status });
    return answer.ok || answer.error.code === 404;
  }

  function truncateHistory(
    set: StatefulSet,
    own: readonly Pod[],
    revisions: readonly ControllerRevision[],
    ...kept: readonly ControllerRevision[]
  ): void {
    const live = new Set([
      ...kept.map(({ metadata }) => metadata.name),
      ...own.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''),
    ]);
    const idle = revisions.filter(({ metadata }) => !live.has(metadata.name));
    const excess = Math.max(0, idle.length - (set.spec?.revisionHistoryLimit ?? 10));
    for (const { metadata } of idle.slice(0, excess)) {
      client.delete(controllerRevisions, metadata.namespace ?? '', metadata.name);
    }
  }

  /** A Pod that is ready becomes available by time alone. */
  function nextAvailability(set: StatefulSet, nowMs: number): ReconcileOutcome {
    const seconds = set.spec?.minReadySeconds ?? 0;
    const waits = podsOf(set)
      .filter((pod) => isPodReady(pod) && ordinalOf(pod) >= 0)
      .map((pod) => msUntilAvailable(pod, seconds, nowMs))
      .filter((waitMs) => waitMs > 0);
    return waits.length === 0 ? 'done' : { requeueAfterMs: Math.min(...waits) };
  }
}
