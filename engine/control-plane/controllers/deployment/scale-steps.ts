/**
 * What a Deployment that was scaled does to its ReplicaSets: one alone gets all, several get parts in proportion to their
 * size. Source: pkg/controller/deployment/sync.go (scale) and util/deployment_util.go (GetReplicaSetProportion).
 */
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import { byAge, desiredReplicasOf, maxReplicasOf } from './revisions.ts';
import { desiredReplicas, rollingBounds, type ScaleStep, specReplicas } from './rolling-update.ts';

/** What is to be done, and whether the annotations are to be renewed where the number stays. */
export interface ScaleSteps {
  readonly steps: readonly ScaleStep[];
  readonly renews: boolean;
}

/** The steps for a Deployment's ReplicaSets as they stand. */
export function scaleSteps(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ScaleSteps {
  const desired = desiredReplicas(deployment);
  const all = [...old, ...(newest === undefined ? [] : [newest])];
  const active = all.filter(isActive);
  const latest = newest ?? [...old].sort((a, b) => byAge(b, a))[0];
  const only = active.length > 1 ? undefined : (active[0] ?? latest);
  if (only !== undefined) return { steps: [{ set: only, replicas: desired }], renews: false };
  if (newest !== undefined && isSaturated(deployment, newest)) {
    return { steps: old.filter(isActive).map((set) => ({ set, replicas: 0 })), renews: false };
  }
  if (deployment.spec?.strategy?.type === 'Recreate' || active.length === 0)
    return { steps: [], renews: false };
  return { steps: proportions(deployment, active), renews: true };
}

function proportions(deployment: Deployment, active: readonly ReplicaSet[]): readonly ScaleStep[] {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + rollingBounds(deployment).maxSurge : 0;
  const toAdd = allowed - specReplicas(active);
  // The largest first; among equals the newer grow first and the older shrink first.
  const sorted = [...active].sort(
    (a, b) =>
      sizeOf(b) - sizeOf(a) ||
      (toAdd > 0 ? byAge(b, a) : byAge(a, b)) ||
      compareKeys(a.metadata.name, b.metadata.name),
  );
  if (toAdd === 0) return sorted.map((set) => ({ set, replicas: sizeOf(set) }));
  let added = 0;
  const sizes = sorted.map((set) => {
    const left = toAdd - added;
    const wanted = left === 0 ? 0 : fraction(deployment, set);
    const part = toAdd > 0 ? Math.min(wanted, left) : Math.max(wanted, left);
    added += part;
    return sizeOf(set) + part;
  });
  return sorted.map((set, index) => {
    const size = sizes[index] ?? 0;
    return { set, replicas: index === 0 ? Math.max(0, size + toAdd - added) : size };
  });
}

/** By how much a ReplicaSet grows when it keeps its share of the most that may run. */
function fraction(deployment: Deployment, set: ReplicaSet): number {
  const desired = desiredReplicas(deployment);
  if (desired === 0) return -sizeOf(set);
  const before = maxReplicasOf(set) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  const size = (sizeOf(set) * (desired + rollingBounds(deployment).maxSurge)) / before;
  return Math.floor(size + 0.5) - sizeOf(set);
}

function isSaturated(deployment: Deployment, newest: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment);
  return (
    sizeOf(newest) === desired &&
    desiredReplicasOf(newest) === desired &&
    (newest.status?.availableReplicas ?? 0) === desired
  );
}

function isActive(set: ReplicaSet): boolean {
  return sizeOf(set) > 0;
}

function sizeOf(set: ReplicaSet): number {
  return set.spec?.replicas ?? 0;
}
