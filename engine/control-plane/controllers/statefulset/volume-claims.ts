/**
 * Claims of a StatefulSet's Pods: made with the Pod, and owned as the retention policy says, so that the garbage collector
 * takes them with the set or with a Pod that was scaled away. Source: pkg/controller/statefulset/stateful_pod_control.go and
 * stateful_set_utils.go.
 */
import { controllerReference } from '../../../api/objects/owners.ts';
import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from '../../../api/types/kinds.ts';
import { persistentVolumeClaims } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { ControllerContext, EventRecorder, Informer } from '../../../client/client.ts';
import { claimsOf, isInRange, ordinalOf, podName } from './identity.ts';

/** Makes claims and keeps their owners. */
export interface VolumeClaims {
  /** Makes the claims that the Pod lacks; the error says of each why it is not there. */
  create(set: StatefulSet, ordinal: number): Result<void, string>;
  /** Gives the claims of a Pod the owners that the retention policy asks for. */
  alignOwners(set: StatefulSet, pod: Pod): void;
  /** Whether a claim is still owned by an earlier Pod of this name, and so about to go. */
  isStale(set: StatefulSet, ordinal: number): boolean;
}

/** The claims of all StatefulSets. */
export function createVolumeClaims(context: ControllerContext, recorder: EventRecorder): VolumeClaims {
  const claims: Informer<PersistentVolumeClaim> = context.informers.informer(persistentVolumeClaims);

  function owned(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
    const namespace = set.metadata.namespace ?? '';
    return claimsOf(set, ordinal).flatMap(({ name }) => claims.get(namespace, name) ?? []);
  }

  return {
    create(set, ordinal) {
      const namespace = set.metadata.namespace ?? '';
      const problems: string[] = [];
      for (const { name, object } of claimsOf(set, ordinal)) {
        const existing = claims.get(namespace, name);
        if (existing !== undefined) {
          if (existing.metadata.deletionTimestamp !== undefined)
            problems.push(`pvc ${name} is being deleted`);
          continue;
        }
        const made = context.client.create(persistentVolumeClaims, namespace, object);
        const where = `Claim ${name} Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`;
        if (made.ok) {
          recorder.event(set, 'Normal', 'SuccessfulCreate', `Create ${where} success`);
          continue;
        }
        const why = made.error.message ?? '';
        problems.push(`failed to create PVC ${name}: ${why}`);
        const message = `Create Claim ${name} for Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name} failed error: ${why}`;
        recorder.event(set, 'Warning', 'FailedCreate', message);
      }
      if (problems.length === 0) return ok(undefined);
      return err(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
    },
    alignOwners(set, pod) {
      for (const claim of owned(set, ordinalOf(pod))) {
        if (isStale(claim, set, 'StatefulSet') || isStale(claim, pod, 'Pod')) continue;
        const before = claim.metadata.ownerReferences ?? [];
        const wanted = wantedOwners(set, pod, before);
        if (jsonEqual(before, wanted)) continue;
        const { namespace = '', name } = claim.metadata;
        const ownerReferences = wanted.length === 0 ? null : wanted;
        context.client.mergePatch(persistentVolumeClaims, namespace, name, { metadata: { ownerReferences } });
      }
    },
    isStale(set, ordinal) {
      if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
      const name = podName(set, ordinal);
      return owned(set, ordinal).some((claim) =>
        (claim.metadata.ownerReferences ?? []).some((owner) => owner.kind === 'Pod' && owner.name === name),
      );
    },
  };
}

/** The owners of a claim: others' kept, ours as the policy says. */
function wantedOwners(
  set: StatefulSet,
  pod: Pod,
  before: readonly OwnerReference[],
): readonly OwnerReference[] {
  const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
  const isScaledAway = !isInRange(set, ordinalOf(pod));
  const byPod = policy?.whenScaled === 'Delete' && isScaledAway;
  const bySet = policy?.whenDeleted === 'Delete' && !byPod;
  const others = before.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid);
  // Another controller's claim is left to it.
  if (others.some(({ controller }) => controller === true)) return others;
  return [
    ...others,
    ...(bySet ? [controllerReference(set, 'apps/v1', 'StatefulSet')] : []),
    ...(byPod ? [controllerReference(pod, 'v1', 'Pod')] : []),
  ];
}

/** Owned by something of this name that is no more. */
function isStale(claim: PersistentVolumeClaim, owner: StatefulSet | Pod, kind: string): boolean {
  return (claim.metadata.ownerReferences ?? []).some(
    (reference) =>
      reference.kind === kind &&
      reference.name === owner.metadata.name &&
      reference.uid !== owner.metadata.uid,
  );
}
