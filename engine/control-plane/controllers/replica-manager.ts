/**
 * The common heart of the replication and replicaset controllers: keeps so many Pods of a template running. As
 * upstream, one is the other with different names. No expectations are kept: the informer has seen each write before
 * the next key is handled. Source: pkg/controller/replicaset/replica_set.go.
 */
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import { controllerOf } from '../../api/objects/owners.ts';
import { isPodActive, isPodReady, isPodTerminal, podCondition } from '../../api/objects/pods.ts';
import type { Pod, PodTemplateSpec, Status } from '../../api/types/kinds.ts';
import type { Resource } from '../../api/types/resources.ts';
import { pods } from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import type { JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { ControllerContext, ObjectChange, ReconcileOutcome } from '../../client/client.ts';
import { choosePodsToDelete } from './deletion-order.ts';
import { claimPods } from './pod-claims.ts';
import type { PodControl, PodOwner } from './pod-control.ts';
import { createPodControl, isNamespaceTerminating } from './pod-control.ts';
import { indexPodsByController } from './pods-of-owner.ts';
import { slowStart } from './slow-start.ts';

type Labels = Readonly<Record<string, string>>;

/** A condition of a replication controller or replica set. */
export type ReplicaCondition = {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
};

/** The status of a replication controller or replica set; counts of zero are left out, as on the wire. */
export interface ReplicaStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly ReplicaCondition[];
}

/** How one kind differs from the other. */
export interface ReplicaKind<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly apiVersion: string;
  /** Names the controller's queue and, with `-controller` or as given, the source of its events. */
  readonly queue: string;
  readonly component: string;
  readonly countsTerminating: boolean;
  replicas(object: T): number;
  minReadySeconds(object: T): number;
  template(object: T): PodTemplateSpec;
  selects(object: T, labels: Labels | undefined): boolean;
  status(object: T): ReplicaStatus | undefined;
  withStatus(object: T, status: ReplicaStatus): JsonObject;
  /** Pods whose crowding on nodes counts when too many run; the object's own ones when absent. */
  relatedPods?(object: T, own: readonly Pod[]): readonly Pod[];
}

/** Starts managing a kind: registers its listeners and its queue. */
export function createReplicaManager<T extends KubeObject>(
  context: ControllerContext,
  kind: ReplicaKind<T>,
): void {
  const objects = context.informers.informer(kind.resource);
  const podInformer = context.informers.informer(pods);
  const podsOf = indexPodsByController(podInformer);
  const podControl = createPodControl(context.client, context.eventRecorder(kind.component));
  const queue = context.workqueue(kind.queue, (key) => reconcile(key));

  objects.onChange(({ before, after }) => {
    const object = after ?? before;
    if (object !== undefined) queue.add(keyOf(object));
  });
  podInformer.onChange((change) => {
    for (const key of ownersToWake(change)) queue.add(key);
  });

  function ownersToWake(change: ObjectChange<Pod>): readonly string[] {
    const keys = new Set<string>();
    for (const pod of [change.before, change.after]) {
      if (pod === undefined) continue;
      const reference = controllerOf(pod);
      if (reference === undefined) continue;
      const owner =
        reference.kind === kind.resource.kind
          ? objects.get(pod.metadata.namespace ?? '', reference.name)
          : undefined;
      if (owner !== undefined && owner.metadata.uid === reference.uid) keys.add(keyOf(owner));
    }
    const { after } = change;
    if (after !== undefined && controllerOf(after) === undefined && isPodActive(after)) {
      for (const object of objects.list(after.metadata.namespace)) {
        if (kind.selects(object, after.metadata.labels)) keys.add(keyOf(object));
      }
    }
    return [...keys];
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const object = objects.get(namespace, name);
    if (object === undefined) return 'done';
    const owner: PodOwner = { object, apiVersion: kind.apiVersion, kind: kind.resource.kind };
    const candidates = podsOf(object);
    const active = claimPods({
      client: context.client,
      owner,
      candidates: candidates.filter(isPodActive),
      selects: (labels) => kind.selects(object, labels),
    });
    const terminating = candidates.filter(
      (pod) =>
        pod.metadata.deletionTimestamp !== undefined &&
        !isPodTerminal(pod) &&
        controllerOf(pod) !== undefined &&
        kind.selects(object, pod.metadata.labels),
    );
    const nowMs = Date.parse(context.nowTimestamp());
    const managed =
      object.metadata.deletionTimestamp === undefined
        ? manageReplicas({ object, owner, active, podControl, kind, nowMs })
        : ok(undefined);
    const status = replicaStatus({
      kind,
      object,
      active,
      terminating: terminating.length,
      managed,
      nowMs,
      now: context.nowTimestamp(),
    });
    const written = writeStatus(object, status);
    if (!written || !managed.ok) return 'retry';
    return nextAvailability(object, active, nowMs);
  }

  function writeStatus(object: T, status: ReplicaStatus): boolean {
    if (jsonEqual(kind.status(object) ?? {}, status)) return true;
    const answer = context.client.updateStatus(kind.resource, kind.withStatus(object, status));
    return answer.ok || answer.error.code === 404;
  }

  function nextAvailability(object: T, active: readonly Pod[], nowMs: number): ReconcileOutcome {
    const minReadyMs = kind.minReadySeconds(object) * 1000;
    if (minReadyMs === 0) return 'done';
    const waits = active
      .filter(isPodReady)
      .map((pod) => readySinceMs(pod) + minReadyMs - nowMs)
      .filter((waitMs) => waitMs > 0);
    return waits.length === 0 ? 'done' : { requeueAfterMs: Math.min(...waits) };
  }
}

/** Upstream's bound on Pods created or deleted in one go. Source: replica_set.go, BurstReplicas. */
const burstReplicas = 500;

function manageReplicas<T extends KubeObject>(options: {
  readonly object: T;
  readonly owner: PodOwner;
  readonly active: readonly Pod[];
  readonly podControl: PodControl;
  readonly kind: ReplicaKind<T>;
  readonly nowMs: number;
}): Result<unknown, Status> {
  const { object, owner, active, podControl, kind } = options;
  const missing = kind.replicas(object) - active.length;
  if (missing > 0) {
    return slowStart(Math.min(missing, burstReplicas), () => {
      const created = podControl.create(owner, kind.template(object));
      return !created.ok && isNamespaceTerminating(created.error) ? ok(undefined) : created;
    });
  }
  if (missing === 0) return ok(undefined);
  const related = kind.relatedPods?.(object, active) ?? active;
  const doomed = choosePodsToDelete(active, related, Math.min(-missing, burstReplicas), options.nowMs);
  let failure: Result<never, Status> | undefined;
  for (const pod of doomed) {
    const outcome = podControl.delete(owner, pod);
    if (!outcome.ok) failure ??= outcome;
  }
  return failure ?? ok(undefined);
}

function replicaStatus<T extends KubeObject>(options: {
  readonly kind: ReplicaKind<T>;
  readonly object: T;
  readonly active: readonly Pod[];
  readonly terminating: number;
  readonly managed: Result<unknown, Status>;
  readonly nowMs: number;
  readonly now: string;
}): ReplicaStatus {
  const { kind, object, active, managed } = options;
  const templateLabels = Object.entries(kind.template(object).metadata?.labels ?? {});
  const fullyLabeled = active.filter((pod) =>
    templateLabels.every(([key, value]) => {
      const labels = pod.metadata.labels ?? {};
      return Object.hasOwn(labels, key) && labels[key] === value;
    }),
  ).length;
  const ready = active.filter(isPodReady);
  const minReadyMs = kind.minReadySeconds(object) * 1000;
  const available = ready.filter(
    (pod) => minReadyMs === 0 || readySinceMs(pod) + minReadyMs <= options.nowMs,
  ).length;
  const conditions = replicaConditions(options);
  return {
    replicas: active.length,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(kind.countsTerminating ? { terminatingReplicas: options.terminating } : {}),
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };

  function replicaConditions({ now }: { readonly now: string }): readonly ReplicaCondition[] {
    const old = kind.status(object)?.conditions ?? [];
    const failure = old.find((condition) => condition.type === 'ReplicaFailure');
    if (managed.ok) return old.filter((condition) => condition.type !== 'ReplicaFailure');
    if (failure !== undefined) return old;
    return [
      ...old,
      {
        type: 'ReplicaFailure',
        status: 'True',
        lastTransitionTime: now,
        reason: active.length < kind.replicas(object) ? 'FailedCreate' : 'FailedDelete',
        message: managed.error.message ?? '',
      },
    ];
  }
}

function readySinceMs(pod: Pod): number {
  return Date.parse(podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp);
}
