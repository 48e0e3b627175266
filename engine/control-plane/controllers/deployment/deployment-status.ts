/** The status of a Deployment. Source: pkg/controller/deployment/sync.go (calculateStatus) and progress.go. */
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import { conditionSetter } from './deployment-conditions.ts';
import { desiredReplicas, rollingBounds, specReplicas } from './rolling-update.ts';

/** A Deployment's status. */
export type DeploymentStatus = NonNullable<Deployment['status']>;

/** What a status follows from. */
export interface StatusInput {
  readonly deployment: Deployment;
  readonly newest: ReplicaSet | undefined;
  /** With the newest. */
  readonly all: readonly ReplicaSet[];
  readonly now: string;
}

/** Counts and availability: what is told of a Deployment that is paused, scaled or deleted. */
export function calculateStatus({ deployment, newest, all, now }: StatusInput): DeploymentStatus {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas') =>
    all.reduce((total, set) => total + (set.status?.[field] ?? 0), 0);
  const available = sum('availableReplicas');
  const counts = {
    replicas: sum('replicas'),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, specReplicas(all) - available),
  };
  const conditions = conditionSetter(deployment.status?.conditions, now);
  const isAvailable = available >= desiredReplicas(deployment) - rollingBounds(deployment).maxUnavailable;
  conditions.set(
    isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
  );
  const { generation } = deployment.metadata;
  const { collisionCount } = deployment.status ?? {};
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: sum('terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: conditions.list(),
  };
}

/** The status while a rollout goes on: with how it gets on, and why Pods can't be made. */
export function rolloutStatus(input: StatusInput): DeploymentStatus {
  const { deployment, newest, all, now } = input;
  const status = calculateStatus(input);
  const conditions = conditionSetter(status.conditions, now);
  const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  const isOver =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable';
  const name =
    newest === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(newest.metadata.name)}`;
  const tell = (is: 'True' | 'False', reason: string, what: string) =>
    conditions.set({ type: 'Progressing', status: is, reason, message: `${name} ${what}` });
  if (!isOver) {
    if (isComplete(deployment, status))
      tell('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
    else if (hasProgressed(deployment.status ?? {}, status)) {
      // Each sign of progress counts anew, though the reason is the same.
      if (before !== undefined) conditions.remove('Progressing');
      tell('True', 'ReplicaSetUpdated', 'is progressing.');
      if (before?.status === 'True') conditions.keepTransition(before);
    } else if (hasTimedOut(deployment, now)) {
      tell('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
    }
  }
  const failure = [...(newest === undefined ? [] : [newest]), ...all]
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) conditions.remove('ReplicaFailure');
  else {
    const { type, status: is, reason = '', message = '', lastTransitionTime } = failure;
    conditions.set({ type, status: is, reason, message }, lastTransitionTime);
  }
  return { ...status, conditions: conditions.list() };
}

/** Whether all that is wanted runs, from the newest template, and nothing else. Source: util, DeploymentComplete. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** In how many milliseconds a rollout that does not get on is to be looked at; undefined when none goes on. */
export function nextProgressCheck(deployment: Deployment, nowMs: number): number | undefined {
  const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing === undefined || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
  if (isComplete(deployment, deployment.status ?? {})) return undefined;
  const since = Date.parse(progressing.lastUpdateTime ?? '') || nowMs;
  return Math.max(1000, since + deadlineMs(deployment) - nowMs + 1000);
}

function hasProgressed(old: DeploymentStatus, now: DeploymentStatus): boolean {
  const count = (
    status: DeploymentStatus,
    field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas',
  ) => status[field] ?? 0;
  const oldPods = (status: DeploymentStatus) => count(status, 'replicas') - count(status, 'updatedReplicas');
  return (
    count(now, 'updatedReplicas') > count(old, 'updatedReplicas') ||
    oldPods(now) < oldPods(old) ||
    count(now, 'readyReplicas') > count(old, 'readyReplicas') ||
    count(now, 'availableReplicas') > count(old, 'availableReplicas')
  );
}

function hasTimedOut(deployment: Deployment, now: string): boolean {
  const condition = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return Date.parse(condition.lastUpdateTime ?? now) + deadlineMs(deployment) < Date.parse(now);
}

function deadlineMs(deployment: Deployment): number {
  return (deployment.spec?.progressDeadlineSeconds ?? 600) * 1000;
}
