/**
 * Keeps a Deployment's ReplicaSets in step with its template: one for each revision, the newest scaled up as the others
 * go down. Source: pkg/controller/deployment. Left out: adoption of ReplicaSets that nobody owns, rollback by the old API.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { controllerKey, controllerOf, controllerReference } from '../../../api/objects/owners.ts';
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import { deployments, pods, replicaSets } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { templateHash } from '../template-hash.ts';
import type { Progress } from './deployment-status.ts';
import { deploymentStatus } from './deployment-status.ts';
import {
  desiredReplicasOf,
  findNewReplicaSet,
  hashLabel,
  newSetAnnotations,
  replicaAnnotations,
  revisionAnnotation,
  revisionOf,
} from './revisions.ts';
import {
  desiredReplicas,
  newSetReplicas,
  rollingBounds,
  scaleDownOld,
  specReplicas,
} from './rolling-update.ts';

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
    const deployment = deploymentInformer.get(namespace, name);
    if (deployment === undefined) return 'done';
    if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(deployment, undefined);
    const isPaused = deployment.spec?.paused === true;
    const before = setsOf(deployment);
    let newest = findNewReplicaSet(deployment, before);
    let progress: Progress = newest === undefined ? undefined : 'found';
    const old = before.filter((set) => set !== newest);
    if (!isPaused) {
      const mayCreate = deployment.spec?.strategy?.type !== 'Recreate' || !oldPodsRun(deployment, old);
      if (newest === undefined && mayCreate) {
        newest = createNewest(deployment, old);
        if (newest === undefined) return 'retry';
        progress = 'created';
      } else if (newest !== undefined) newest = annotateNewest(deployment, newest, old);
      if (newest !== undefined) writeRevision(deployment, newest);
    }
    const current = deploymentInformer.get(namespace, name) ?? deployment;
    if (isScalingEvent(current, before)) scaleProportionally(current, newest, old);
    else if (!isPaused) roll(current, newest, old);
    if (!isPaused) cleanUp(current, old);
    return writeStatus(current, progress);
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
      recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
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
    return answer.value;
  }

  function annotateNewest(
    deployment: Deployment,
    newest: ReplicaSet,
    old: readonly ReplicaSet[],
  ): ReplicaSet {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const annotations = newSetAnnotations(deployment, newest.metadata.annotations, revision);
    if (jsonEqual(annotations, newest.metadata.annotations ?? {})) return newest;
    const answer = client.update(replicaSets, { ...newest, metadata: { ...newest.metadata, annotations } });
    return answer.ok ? answer.value : newest;
  }

  function writeRevision(deployment: Deployment, newest: ReplicaSet): void {
    const revision = newest.metadata.annotations?.[revisionAnnotation];
    if (revision === undefined || deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
    // Through the status, which leaves the generation as it is, as upstream does it.
    const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
    client.updateStatus(deployments, { ...deployment, metadata: { ...deployment.metadata, annotations } });
  }

  function roll(deployment: Deployment, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): void {
    if (deployment.spec?.strategy?.type === 'Recreate') {
      for (const set of old) scale(deployment, set, 0);
      if (newest !== undefined && !oldPodsRun(deployment, old))
        scale(deployment, newest, desiredReplicas(deployment));
      return;
    }
    if (newest === undefined) return;
    const desired = desiredReplicas(deployment);
    const current = newest.spec?.replicas ?? 0;
    const target = current > desired ? desired : newSetReplicas(deployment, [...old, newest], current);
    if (target !== current) {
      scale(deployment, newest, target);
      return;
    }
    for (const step of scaleDownOld(deployment, old, newest)) scale(deployment, step.set, step.replicas);
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

  function scaleProportionally(
    deployment: Deployment,
    newest: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
  ): void {
    const active = [...(newest === undefined ? [] : [newest]), ...old].filter(
      (set) => (set.spec?.replicas ?? 0) > 0,
    );
    const desired = desiredReplicas(deployment);
    const [only] = active;
    if (active.length <= 1) {
      const target = only ?? newest;
      if (target !== undefined) scale(deployment, target, desired);
      return;
    }
    const wanted = desired > 0 ? desired + rollingBounds(deployment).maxSurge : 0;
    const total = specReplicas(active);
    let left = wanted - total;
    // The largest takes what rounding leaves over.
    const sorted = [...active].sort((a, b) => (b.spec?.replicas ?? 0) - (a.spec?.replicas ?? 0));
    const targets = sorted.map((set) => {
      const replicas = set.spec?.replicas ?? 0;
      const share = total === 0 ? 0 : Math.round((replicas * wanted) / total) - replicas;
      const taken = left >= 0 ? Math.min(share, left) : Math.max(share, left);
      left -= taken;
      return { set, replicas: Math.max(0, replicas + taken) };
    });
    for (const [index, { set, replicas }] of targets.entries()) {
      scale(deployment, set, index === 0 ? Math.max(0, replicas + left) : replicas);
    }
  }

  function scale(deployment: Deployment, set: ReplicaSet, replicas: number): void {
    const max = desiredReplicas(deployment) + rollingBounds(deployment).maxSurge;
    const annotations = {
      ...set.metadata.annotations,
      ...replicaAnnotations(desiredReplicas(deployment), max),
    };
    const before = set.spec?.replicas ?? 0;
    if (before === replicas && jsonEqual(annotations, set.metadata.annotations ?? {})) return;
    const { namespace = '', name } = set.metadata;
    const patch = { metadata: { annotations }, spec: { replicas } };
    const answer = client.mergePatch(replicaSets, namespace, name, patch);
    if (!answer.ok || before === replicas) return;
    const direction = replicas > before ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${name} from ${before} to ${replicas}`;
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message);
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

  /** Old revisions beyond the history limit go, the oldest first. */
  function cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): void {
    const limit = deployment.spec?.revisionHistoryLimit ?? 10;
    const idle = old.filter(
      (set) =>
        (set.spec?.replicas ?? 0) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        set.metadata.deletionTimestamp === undefined,
    );
    const doomed = [...idle]
      .sort((a, b) => revisionOf(a) - revisionOf(b))
      .slice(0, Math.max(0, idle.length - limit));
    for (const { metadata } of doomed) client.delete(replicaSets, metadata.namespace ?? '', metadata.name);
  }

  function writeStatus(deployment: Deployment, progress: Progress): ReconcileOutcome {
    const { namespace = '', name } = deployment.metadata;
    const current = deploymentInformer.get(namespace, name);
    if (current === undefined) return 'done';
    const all = setsOf(current);
    const newest = findNewReplicaSet(current, all);
    const status = deploymentStatus({
      deployment: current,
      newest,
      all,
      progress,
      now: context.nowTimestamp(),
    });
    if (jsonEqual(status, current.status ?? {})) return nextCheck(current);
    const answer = client.updateStatus(deployments, { ...current, status });
    return answer.ok || answer.error.code === 404 ? nextCheck(current) : 'retry';
  }

  /** A rollout that does not get on is told so when its deadline has passed. */
  function nextCheck(deployment: Deployment): ReconcileOutcome {
    const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing');
    const isOpen = progressing?.status === 'True' && progressing.reason !== 'NewReplicaSetAvailable';
    if (!isOpen) return 'done';
    return {
      requeueAfterMs: (deployment.spec?.progressDeadlineSeconds ?? 600) * 1000 + 1000,
      background: true,
    };
  }
}

const noOwner = { metadata: { name: '' } };
