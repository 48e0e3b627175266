/**
 * How far the ReplicaSets of a Deployment are scaled in the next step of a rolling update.
 * Source: pkg/controller/deployment/rolling.go and util/deployment_util.go.
 */
import type { Deployment, ReplicaSet } from '../../../api/types/kinds.ts';
import { scaledValue } from '../scaled-value.ts';
import { byAge } from './revisions.ts';

/** How far more or fewer Pods than wanted may run. */
export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** A ReplicaSet and the number of Pods it should have. */
export interface ScaleStep {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** The bounds as numbers of Pods; if both come to nothing, one Pod may be unavailable. */
export function rollingBounds(deployment: Deployment): Bounds {
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const desired = desiredReplicas(deployment);
  if (deployment.spec?.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = scaledValue(rolling?.maxSurge, desired, Math.ceil);
  const unavailable = scaledValue(rolling?.maxUnavailable, desired, Math.floor);
  const maxUnavailable = maxSurge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, desired) };
}

/** The number of Pods that the Deployment is to have. */
export function desiredReplicas(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

/** The Pods that ReplicaSets are to have, in sum. */
export function specReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + (set.spec?.replicas ?? 0), 0);
}

/** How many Pods the newest ReplicaSet may have now. `all` holds it too, when it is there already. */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const desired = desiredReplicas(deployment);
  if (deployment.spec?.strategy?.type === 'Recreate') return desired;
  const room = desired + rollingBounds(deployment).maxSurge - specReplicas(all);
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

/** What to take from the old ReplicaSets: first Pods that don't serve anyway, then as many as may be missing. */
export function scaleDownOld(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  newest: ReplicaSet,
): readonly ScaleStep[] {
  const minAvailable = desiredReplicas(deployment) - rollingBounds(deployment).maxUnavailable;
  const newUnavailable = (newest.spec?.replicas ?? 0) - (newest.status?.availableReplicas ?? 0);
  const maxScaledDown = specReplicas([...old, newest]) - minAvailable - newUnavailable;
  if (specReplicas(old) === 0 || maxScaledDown <= 0) return [];
  const sorted = [...old].sort(byAge);
  const targets = new Map(sorted.map((set) => [set, set.spec?.replicas ?? 0]));
  let cleaned = 0;
  for (const set of sorted) {
    const replicas = set.spec?.replicas ?? 0;
    if (replicas === 0 || cleaned >= maxScaledDown) continue;
    const unhealthy = replicas - (set.status?.availableReplicas ?? 0);
    // The ReplicaSet's status is older than its spec: it is waited for.
    if (unhealthy < 0) return [];
    const taken = Math.min(maxScaledDown - cleaned, unhealthy);
    targets.set(set, replicas - taken);
    cleaned += taken;
  }
  const available = [...old, newest].reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
  let left = Math.max(0, available - minAvailable);
  for (const set of sorted) {
    const replicas = targets.get(set) ?? 0;
    const taken = Math.min(replicas, left);
    targets.set(set, replicas - taken);
    left -= taken;
  }
  return [...targets]
    .filter(([set, replicas]) => replicas !== (set.spec?.replicas ?? 0))
    .map(([set, replicas]) => ({ set, replicas }));
}
