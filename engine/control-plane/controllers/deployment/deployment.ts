/**
 * Keeps a Deployment's ReplicaSets in step with its template: one for each revision, the newest scaled up as the others
 * go down. Source: pkg/controller/deployment. Left out: rollback by the old API.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerKey, controllerOf, controllerReference } from '../../../api/objects/owners.ts';
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import { deployments, pods, replicaSets } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { templateHash } from '../template-hash.ts';
import { type ConditionDraft, conditionSetter } from './deployment-conditions.ts';
import {
  calculateStatus,
  type DeploymentStatus,
  isComplete,
  nextProgressCheck,
  rolloutStatus,
  type StatusInput,
} from './deployment-status.ts';
import {
  desiredReplicasOf,
  findNewReplicaSet,
  hashLabel,
  newSetAnnotations,
  replicaAnnotations,
  revisionAnnotation,
  revisionOf,
} from './revisions.ts';
import { desiredReplicas, newSetReplicas, rollingBounds, scaleDownOld } from './rolling-update.ts';
import { scaleSteps } from './scale-steps.ts';

/** Starts the deployment controller. */
export function createDeploymentController(context: ControllerContext): void {
  const { client } = context;
  const deploymentInformer = context.informers.informer(deployments);
  const setInformer = context.informers.informer(replicaSets);
  const podInformer = context.informers.informer(pods);
  const recorder = context.eventRecorder('deployment-controller');
  const queue = context.workqueue('deployment', (key) => reconcile(key));

  deploymentInformer.onChange(({ before, after }) => {
    const deployment = after ?? before;
    if (deployment !== undefined) queue.add(keyOf(deployment));
  });
  setInformer.onChange(({ before, after }) => wakeOwner(after ?? before));
  podInformer.onChange(({ before, after }) => {
    // Recreate waits for the last of the old Pods to go.
    const owner = after === undefined ? controllerOf(before ?? noOwner) : undefined;
    if (owner?.kind === 'ReplicaSet') {
      wakeOwner(setInformer.get(before?.metadata.namespace ?? '', owner.name));
    }
  });

  function wakeOwner(set: ReplicaSet | undefined): void {
    const owner = controllerKey(set, 'Deployment');
    if (owner !== undefined) queue.add(owner);
  }

  function setsOf(deployment: Deployment): readonly ReplicaSet[] {
    return setInformer
      .list(deployment.metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const read = () => deploymentInformer.get(namespace, name);
    let deployment = read();
    if (deployment === undefined) return 'done';
    const sets = claimSets(deployment);
    if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(deployment, calculateStatus);
    tellPause(deployment);
    deployment = read() ?? deployment;
    const existing = findNewReplicaSet(deployment, sets);
    const old = sets.filter((set) => set !== existing);
    const newest = existing === undefined ? undefined : syncNewest(deployment, existing, old);
    deployment = read() ?? deployment;
    const isPaused = deployment.spec?.paused === true;
    if (isPaused || isScalingEvent(deployment, sets)) {
      const { steps, renews } = scaleSteps(deployment, newest, old);
      for (const { set, replicas } of steps) scale(deployment, set, replicas, renews);
      if (isPaused) cleanUp(deployment, old);
      return writeStatus(deployment, calculateStatus);
    }
    const isRecreate = deployment.spec?.strategy?.type === 'Recreate';
    const outcome = isRecreate ? recreate(deployment, newest, old) : roll(deployment, newest, old);
    if (outcome === 'failed') return 'retry';
    deployment = read() ?? deployment;
    if (outcome === 'idle' && isComplete(deployment, deployment.status ?? {})) cleanUp(deployment, old);
    return writeStatus(deployment, rolloutStatus);
  }

  /** Takes over the ReplicaSets that nobody owns, and lets go those that the selector does not take any more. */
  function claimSets(deployment: Deployment): readonly ReplicaSet[] {
    if (deployment.metadata.deletionTimestamp !== undefined) return setsOf(deployment);
    for (const set of setInformer.list(deployment.metadata.namespace)) {
      const isSelected = selectsLabels(deployment.spec?.selector, set.metadata.labels);
      const owner = controllerOf(set);
      const isOwn = owner?.uid === deployment.metadata.uid;
      const adopts = owner === undefined && isSelected && set.metadata.deletionTimestamp === undefined;
      if (isOwn === isSelected || !(isOwn || adopts)) continue;
      const others = (set.metadata.ownerReferences ?? []).filter(
        ({ uid }) => uid !== deployment.metadata.uid,
      );
      const own = controllerReference(deployment, 'apps/v1', 'Deployment');
      const ownerReferences = adopts ? [...others, own] : others;
      client.mergePatch(replicaSets, set.metadata.namespace ?? '', set.metadata.name, {
        metadata: { ownerReferences },
      });
    }
    return setsOf(deployment);
  }

  /** A rollout that is stopped on purpose does not time out. */
  function tellPause(deployment: Deployment): void {
    const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
    if (progressing?.reason === 'ProgressDeadlineExceeded') return;
    const isPaused = deployment.spec?.paused === true;
    if (isPaused === (progressing?.reason === 'DeploymentPaused')) return;
    const told = isPaused
      ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
      : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
    writeProgress(deployment, { type: 'Progressing', status: 'Unknown', ...told });
  }

  /** Writes the condition, and the revision when it is given, through the status, which leaves the generation as it is. */
  function writeProgress(deployment: Deployment, draft: ConditionDraft | undefined, revision?: string): void {
    const conditions = conditionSetter(deployment.status?.conditions, context.nowTimestamp());
    if (draft !== undefined) conditions.set(draft);
    const annotations =
      revision === undefined
        ? deployment.metadata.annotations
        : { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
    const status = { ...deployment.status, conditions: conditions.list() };
    const metadata =
      annotations === undefined ? deployment.metadata : { ...deployment.metadata, annotations };
    client.updateStatus(deployments, { ...deployment, metadata, status });
  }

  function createNewest(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet | undefined {
    const { namespace = '', name } = deployment.metadata;
    const template = deployment.spec?.template ?? {};
    const hash = templateHash(template, deployment.status?.collisionCount ?? 0);
    const labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const replicas = newSetReplicas(deployment, old, 0);
    const selector = deployment.spec?.selector;
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const max = desiredReplicas(deployment) + rollingBounds(deployment).maxSurge;
    const answer = client.create(replicaSets, namespace, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        labels,
        annotations: {
          ...newSetAnnotations(deployment, undefined, revision),
          ...replicaAnnotations(desiredReplicas(deployment), max),
        },
        ownerReferences: [controllerReference(deployment, 'apps/v1', 'Deployment')],
      },
      spec: {
        replicas,
        ...(deployment.spec?.minReadySeconds === undefined
          ? {}
          : { minReadySeconds: deployment.spec.minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector?.matchLabels, [hashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    });
    if (!answer.ok) {
      if (isNamespaceTerminating(answer.error)) return undefined;
      const message = `Failed to create new replica set ${JSON.stringify(`${name}-${hash}`)}: ${answer.error.message ?? ''}`;
      const reason = 'ReplicaSetCreateError';
      writeProgress(deployment, { type: 'Progressing', status: 'False', reason, message });
      recorder.event(deployment, 'Warning', reason, message);
      return undefined;
    }
    if (replicas > 0) {
      const created = answer.value.metadata.name;
      recorder.event(
        deployment,
        'Normal',
        'ScalingReplicaSet',
        `Scaled up replica set ${created} from 0 to ${replicas}`,
      );
    }
    const message = `Created new replica set ${JSON.stringify(answer.value.metadata.name)}`;
    const draft = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message };
    writeProgress(deployment, draft, String(revision));
    return answer.value;
  }

  /** Keeps the newest ReplicaSet's annotations and minReadySeconds as the Deployment has them, and tells its revision. */
  function syncNewest(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): ReplicaSet {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const annotations = newSetAnnotations(deployment, newest.metadata.annotations, revision);
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
    const isCurrent = (newest.spec?.minReadySeconds ?? 0) === minReadySeconds;
    if (!isCurrent || !jsonEqual(annotations, newest.metadata.annotations ?? {})) {
      const patch = { metadata: { annotations }, spec: { minReadySeconds } };
      const { namespace = '', name } = newest.metadata;
      const answer = client.mergePatch(replicaSets, namespace, name, patch);
      if (answer.ok) return answer.value;
    }
    const told = newest.metadata.annotations?.[revisionAnnotation];
    const isFound = deployment.status?.conditions?.some(({ type }) => type === 'Progressing') !== true;
    if (isFound || deployment.metadata.annotations?.[revisionAnnotation] !== told) {
      const message = `Found new replica set ${JSON.stringify(newest.metadata.name)}`;
      const draft = { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message };
      writeProgress(deployment, isFound ? draft : undefined, told);
    }
    return newest;
  }

  function roll(
    deployment: Deployment,
    existing: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
  ): RolloutStep {
    const newest = existing ?? createNewest(deployment, old);
    if (newest === undefined) return 'failed';
    const desired = desiredReplicas(deployment);
    const current = newest.spec?.replicas ?? 0;
    const target = current > desired ? desired : newSetReplicas(deployment, [...old, newest], current);
    if (target !== current) return scale(deployment, newest, target) ? 'scaled' : 'failed';
    const steps = scaleDownOld(deployment, old, newest);
    for (const step of steps) scale(deployment, step.set, step.replicas);
    return steps.length > 0 ? 'scaled' : 'idle';
  }

  /** The newest is not made before the last of the old Pods has gone. */
  function recreate(
    deployment: Deployment,
    existing: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
  ): RolloutStep {
    const active = old.filter((set) => (set.spec?.replicas ?? 0) > 0);
    for (const set of active) scale(deployment, set, 0);
    if (active.length > 0 || oldPodsRun(deployment, old)) return 'scaled';
    const newest = existing ?? createNewest(deployment, old);
    if (newest === undefined) return 'failed';
    scale(deployment, newest, desiredReplicas(deployment));
    return 'idle';
  }

  /** The Deployment was scaled: so are its ReplicaSets, before any rollout goes on. */
  function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
    return sets.some((set) => {
      const desired = desiredReplicasOf(set);
      return (
        (set.spec?.replicas ?? 0) > 0 && desired !== undefined && desired !== desiredReplicas(deployment)
      );
    });
  }

  /** `renews`: also when only the annotations differ. */
  function scale(deployment: Deployment, set: ReplicaSet, replicas: number, renews = false): boolean {
    const before = set.spec?.replicas ?? 0;
    if (before === replicas && !renews) return true;
    const max = desiredReplicas(deployment) + rollingBounds(deployment).maxSurge;
    const annotations = {
      ...set.metadata.annotations,
      ...replicaAnnotations(desiredReplicas(deployment), max),
    };
    if (before === replicas && jsonEqual(annotations, set.metadata.annotations ?? {})) return true;
    const { namespace = '', name } = set.metadata;
    const patch = { metadata: { annotations }, spec: { replicas } };
    const answer = client.mergePatch(replicaSets, namespace, name, patch);
    if (!answer.ok || before === replicas) return answer.ok;
    const direction = replicas > before ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${name} from ${before} to ${replicas}`;
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message);
    return true;
  }

  function oldPodsRun(deployment: Deployment, old: readonly ReplicaSet[]): boolean {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    return podInformer
      .list(deployment.metadata.namespace)
      .some(
        (pod) =>
          uids.has(controllerOf(pod)?.uid ?? '') &&
          pod.status?.phase !== 'Failed' &&
          pod.status?.phase !== 'Succeeded',
      );
  }

  /** Old revisions beyond the history limit go, the oldest first; those with Pods are counted, and stay. */
  function cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): void {
    const limit = deployment.spec?.revisionHistoryLimit ?? 10;
    const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
    const oldest = [...alive]
      .sort((a, b) => revisionOf(a) - revisionOf(b))
      .slice(0, Math.max(0, alive.length - limit));
    for (const { metadata, spec, status } of oldest) {
      const isIdle = (spec?.replicas ?? 0) === 0 && (status?.replicas ?? 0) === 0;
      const isObserved = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
      if (isIdle && isObserved) client.delete(replicaSets, metadata.namespace ?? '', metadata.name);
    }
  }

  function writeStatus(
    deployment: Deployment,
    statusOf: (input: StatusInput) => DeploymentStatus,
  ): ReconcileOutcome {
    const { namespace = '', name } = deployment.metadata;
    const current = deploymentInformer.get(namespace, name);
    if (current === undefined) return 'done';
    const all = setsOf(current);
    const newest = findNewReplicaSet(current, all);
    const status = statusOf({ deployment: current, newest, all, now: context.nowTimestamp() });
    if (!jsonEqual(status, current.status ?? {})) {
      const answer = client.updateStatus(deployments, { ...current, status });
      if (!answer.ok && answer.error.code !== 404) return 'retry';
    }
    const waitMs = nextProgressCheck({ ...current, status }, Date.parse(context.nowTimestamp()));
    return waitMs === undefined ? 'done' : { requeueAfterMs: waitMs, background: true };
  }
}

/** How far a rollout came in one go: something was scaled, nothing was left to do, or the ReplicaSet could not be made. */
type RolloutStep = 'scaled' | 'idle' | 'failed';

const noOwner = { metadata: { name: '' } };
