/** The status of a Deployment. Source: pkg/controller/deployment/sync.go (calculateStatus) and progress.go. */
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import type { JsonObject } from '../../../base/json.ts';
import { desiredReplicas, rollingBounds, specReplicas } from './rolling-update.ts';

type Status = NonNullable<Deployment['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** What just happened to the newest ReplicaSet, for the condition Progressing. */
export type Progress = 'created' | 'found' | undefined;

/** The status as it should be told now. */
export function deploymentStatus(options: {
  readonly deployment: Deployment;
  readonly newest: ReplicaSet | undefined;
  readonly all: readonly ReplicaSet[];
  readonly progress: Progress;
  readonly now: string;
}): JsonObject {
  const { deployment, newest, all, now } = options;
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas') =>
    all.reduce((total, set) => total + (set.status?.[field] ?? 0), 0);
  const old = deployment.status;
  const replicas = sum('replicas');
  const available = sum('availableReplicas');
  const unavailable = Math.max(0, specReplicas(all) - available);
  const counts = {
    replicas,
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: unavailable,
  };
  const minAvailable = desiredReplicas(deployment) - rollingBounds(deployment).maxUnavailable;
  const isAvailable = available >= minAvailable;
  const drafts: Draft[] = [
    isAvailable
      ? draft('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
      : draft(
          'Available',
          'False',
          'MinimumReplicasUnavailable',
          'Deployment does not have minimum availability.',
        ),
  ];
  const progressing = progressDraft(options, counts);
  if (progressing !== undefined) drafts.push(progressing);
  const failure = [...(newest === undefined ? [] : [newest]), ...all]
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (failure !== undefined) {
    drafts.push(draft('ReplicaFailure', failure.status, failure.reason ?? '', failure.message ?? ''));
  }
  const kept = (old?.conditions ?? []).filter(
    ({ type }) => type !== 'ReplicaFailure' && !drafts.some((condition) => condition.type === type),
  );
  return {
    ...(deployment.metadata.generation === undefined
      ? {}
      : { observedGeneration: deployment.metadata.generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: sum('terminatingReplicas'),
    ...(old?.collisionCount === undefined ? {} : { collisionCount: old.collisionCount }),
    conditions: [
      ...kept.map((condition) => ({ ...condition })),
      ...drafts.map((each) => withTimes(each, old, now)),
    ],
  };
}

interface Draft {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function draft(type: string, status: string, reason: string, message: string): Draft {
  return { type, status, reason, message };
}

function withTimes(condition: Draft, old: Status | undefined, now: string): JsonObject {
  const before = old?.conditions?.find(({ type }) => type === condition.type);
  const isSame =
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message;
  return {
    ...condition,
    lastUpdateTime: isSame ? (before.lastUpdateTime ?? now) : now,
    lastTransitionTime: before?.status === condition.status ? (before.lastTransitionTime ?? now) : now,
  };
}

function progressDraft(
  { deployment, newest, progress, now }: Parameters<typeof deploymentStatus>[0],
  counts: {
    readonly replicas: number;
    readonly updatedReplicas: number;
    readonly availableReplicas: number;
    readonly readyReplicas: number;
  },
): Draft | undefined {
  const deadline = deployment.spec?.progressDeadlineSeconds ?? 600;
  const before: Condition | undefined = deployment.status?.conditions?.find(
    ({ type }) => type === 'Progressing',
  );
  const name =
    newest === undefined
      ? `Deployment ${JSON.stringify(deployment.metadata.name)}`
      : `ReplicaSet ${JSON.stringify(newest.metadata.name)}`;
  if (progress === 'created') {
    return draft(
      'Progressing',
      'True',
      'NewReplicaSetCreated',
      `Created new replica set ${JSON.stringify(newest?.metadata.name)}`,
    );
  }
  const desired = desiredReplicas(deployment);
  const isComplete =
    counts.updatedReplicas === desired && counts.replicas === desired && counts.availableReplicas === desired;
  const keep =
    before === undefined
      ? undefined
      : draft('Progressing', before.status, before.reason ?? '', before.message ?? '');
  if (before?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas) return keep;
  if (isComplete) {
    return draft('Progressing', 'True', 'NewReplicaSetAvailable', `${name} has successfully progressed.`);
  }
  const old = deployment.status;
  const hasProgressed =
    counts.updatedReplicas > (old?.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (old?.replicas ?? 0) - (old?.updatedReplicas ?? 0) ||
    counts.readyReplicas > (old?.readyReplicas ?? 0) ||
    counts.availableReplicas > (old?.availableReplicas ?? 0);
  if (hasProgressed) return draft('Progressing', 'True', 'ReplicaSetUpdated', `${name} is progressing.`);
  if (progress === 'found' && before === undefined) {
    return draft(
      'Progressing',
      'True',
      'FoundNewReplicaSet',
      `Found new replica set ${JSON.stringify(newest?.metadata.name)}`,
    );
  }
  const since = before?.lastUpdateTime === undefined ? undefined : Date.parse(before.lastUpdateTime);
  if (
    since !== undefined &&
    Date.parse(now) - since >= deadline * 1000 &&
    before?.reason !== 'NewReplicaSetAvailable'
  ) {
    return draft('Progressing', 'False', 'ProgressDeadlineExceeded', `${name} has timed out progressing.`);
  }
  return keep;
}
