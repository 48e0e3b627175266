/** The status of a StatefulSet. Source: pkg/controller/statefulset/stateful_set_control.go, computeReplicaStatus. */
import { isPodAvailable, isPodReady } from '../../../api/objects/pods.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../../api/types/kinds.ts';
import { replicasOf, revisionLabel } from './identity.ts';

/** How many Pods are how far. */
export interface SetCounts {
  readonly replicas: number;
  readonly ready: number;
  readonly available: number;
  readonly current: number;
  readonly updated: number;
}

/** Counts Pods; `current` and `update` are names of revisions. */
export function countPods(
  pods: readonly Pod[],
  options: {
    readonly minReadySeconds: number;
    readonly current: string;
    readonly update: string;
    readonly nowMs: number;
  },
): SetCounts {
  const isRunning = (pod: Pod) => pod.status?.phase === 'Running' && isPodReady(pod);
  const ofRevision = (name: string) =>
    pods.filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined && metadata.labels?.[revisionLabel] === name,
    ).length;
  return {
    replicas: pods.length,
    ready: pods.filter(isRunning).length,
    available: pods.filter(
      (pod) => isRunning(pod) && isPodAvailable(pod, options.minReadySeconds, options.nowMs),
    ).length,
    current: ofRevision(options.current),
    updated: ofRevision(options.update),
  };
}

/** The status to be written; when every Pod is updated and ready, the update revision becomes the current one. */
export function setStatus(input: {
  readonly set: StatefulSet;
  readonly counts: SetCounts;
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}): NonNullable<StatefulSet['status']> {
  const { set, counts, update } = input;
  const wanted = replicasOf(set);
  const isComplete =
    set.spec?.updateStrategy?.type === 'RollingUpdate' &&
    counts.updated === wanted &&
    counts.ready === wanted &&
    counts.replicas === wanted;
  const current = isComplete ? counts.updated : counts.current;
  const currentRevision = isComplete ? update.metadata.name : input.current.metadata.name;
  return {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas: counts.replicas,
    ...(counts.ready > 0 ? { readyReplicas: counts.ready } : {}),
    ...(current > 0 ? { currentReplicas: current } : {}),
    ...(counts.updated > 0 ? { updatedReplicas: counts.updated } : {}),
    currentRevision,
    updateRevision: update.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: counts.available,
  };
}
