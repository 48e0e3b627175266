/**
 * Lets deleted claims and volumes go once nobody uses them: a claim when no Pod on a node names it, a volume when it is not
 * bound. Source: pkg/controller/volume/pvcprotection and pvprotection. Left out: claims of ephemeral volumes.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import type { Pod } from '../../../api/types/kinds.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '../../../api/types/resources.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

/** Starts both controllers. */
export function createStorageProtection(context: ControllerContext): void {
  const { client } = context;
  const claims = context.informers.informer(persistentVolumeClaims);
  const volumes = context.informers.informer(persistentVolumes);
  const podInformer = context.informers.informer(pods);
  const users = podInformer.index('claims in use', (pod) =>
    (pod.spec?.nodeName ?? '') === '' ? [] : claimsOf(pod),
  );
  const claimQueue = context.workqueue('pvc-protection', (key) => reconcileClaim(key));
  const volumeQueue = context.workqueue('pv-protection', (key) => reconcileVolume(key));

  claims.onChange(({ after }) => {
    if (after !== undefined && isLeaving(after, claimFinalizer)) claimQueue.add(keyOf(after));
  });
  volumes.onChange(({ after }) => {
    if (after !== undefined && isLeaving(after, volumeFinalizer)) volumeQueue.add(keyOf(after));
  });
  podInformer.onChange(({ before, after }) => {
    if (before !== undefined && after === undefined) for (const key of claimsOf(before)) claimQueue.add(key);
  });

  function reconcileClaim(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const claim = claims.get(namespace, name);
    if (claim === undefined || !isLeaving(claim, claimFinalizer) || users(key).length > 0) return 'done';
    const patch = { metadata: { finalizers: without(claim, claimFinalizer) } };
    const answer = client.mergePatch(persistentVolumeClaims, namespace, name, patch);
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }

  function reconcileVolume(key: string): ReconcileOutcome {
    const { name } = splitKey(key);
    const volume = volumes.get('', name);
    if (volume === undefined || !isLeaving(volume, volumeFinalizer)) return 'done';
    if (volume.status?.phase === 'Bound') return 'done';
    const patch = { metadata: { finalizers: without(volume, volumeFinalizer) } };
    const answer = client.mergePatch(persistentVolumes, '', name, patch);
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }
}

/** The claims that a Pod names, as keys. */
function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined
      ? []
      : `${pod.metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`,
  );
}

function isLeaving({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(finalizer);
}

function without({ metadata }: KubeObject, finalizer: string): readonly string[] {
  return (metadata.finalizers ?? []).filter((name) => name !== finalizer);
}
