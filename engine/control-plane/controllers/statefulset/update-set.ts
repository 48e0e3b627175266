/**
 * One step of a StatefulSet: what is missing is made, what is too much goes, and then one Pod of an old revision is
 * replaced. In order each Pod waits for those before it. Source: pkg/controller/statefulset/stateful_set_control.go,
 * updateStatefulSet.
 */
import { isPodAvailable, isPodReady } from '../../../api/objects/pods.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../../api/types/kinds.ts';
import { hasIdentity, isInRange, ordinalOf, replicasOf, revisionLabel, startOrdinal } from './identity.ts';
import { countPods, type SetCounts } from './set-status.ts';
import type { StatefulPods } from './stateful-pods.ts';
import type { VolumeClaims } from './volume-claims.ts';

/** What a step starts from. */
export interface UpdateInput {
  readonly set: StatefulSet;
  /** The Pods of the set, whatever their ordinals. */
  readonly own: readonly Pod[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly nowMs: number;
  readonly pods: StatefulPods;
  readonly claims: VolumeClaims;
}

/** What a step came to. */
export interface UpdateOutcome {
  readonly counts: SetCounts;
  /** Something could not be written and is to be tried again. */
  readonly hasFailed: boolean;
}

/** Does one step. */
export function updateSet(input: UpdateInput): UpdateOutcome {
  const { set, own } = input;
  const counts = countPods(own, {
    minReadySeconds: set.spec?.minReadySeconds ?? 0,
    current: input.current.metadata.name,
    update: input.update.metadata.name,
    nowMs: input.nowMs,
  });
  if (set.metadata.deletionTimestamp !== undefined) return { counts, hasFailed: false };
  const byOrdinal = new Map(own.map((pod) => [ordinalOf(pod), pod]));
  const first = startOrdinal(set);
  const length = Math.min(replicasOf(set), own.length + burst);
  const ordinals = Array.from({ length }, (_, index) => first + index);
  const condemned = own
    .filter((pod) => ordinalOf(pod) >= 0 && !isInRange(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const isOrdered = set.spec?.podManagementPolicy !== 'Parallel';
  const step = { ...input, byOrdinal, isOrdered };

  let hasFailed = false;
  for (const ordinal of ordinals) {
    const outcome = processReplica(step, ordinal);
    if (outcome === 'failed') hasFailed = true;
    if (outcome === 'failed' || (isOrdered && outcome === 'wait')) return { counts, hasFailed };
  }
  for (const pod of condemned) input.claims.alignOwners(set, pod);
  const firstUnhealthy = [
    ...ordinals.map((ordinal) => byOrdinal.get(ordinal)),
    ...[...condemned].reverse(),
  ].find((pod) => pod === undefined || isUnavailable(step, pod));
  for (const pod of condemned) {
    const outcome = processCondemned(step, pod, firstUnhealthy);
    if (outcome === 'failed') hasFailed = true;
    if (isOrdered && outcome !== 'go on') return { counts, hasFailed };
  }
  if (set.spec?.updateStrategy?.type === 'OnDelete') return { counts, hasFailed };
  const replaced = replaceOne(step, ordinals);
  return {
    counts: replaced === 'deleted' ? { ...counts, current: Math.max(0, counts.current - 1) } : counts,
    hasFailed: hasFailed || replaced === 'failed',
  };
}

/** As many Pods are made in one step at most; the next step goes on. */
const burst = 500;

interface Step extends UpdateInput {
  readonly byOrdinal: ReadonlyMap<number, Pod>;
  readonly isOrdered: boolean;
}

type StepOutcome = 'go on' | 'wait' | 'failed';

function processReplica(step: Step, ordinal: number): StepOutcome {
  const { set, isOrdered, pods, claims } = step;
  const pod = step.byOrdinal.get(ordinal);
  if (pod === undefined) {
    if (claims.isStale(set, ordinal)) return 'wait';
    const revision = isOfCurrent(step, ordinal) ? step.current : step.update;
    return pods.create(set, revision, ordinal) === undefined ? 'failed' : 'wait';
  }
  const phase = pod.status?.phase;
  if (phase === 'Failed' || phase === 'Succeeded') {
    const isGoing = pod.metadata.deletionTimestamp !== undefined;
    return isGoing || pods.delete(set, pod) ? 'wait' : 'failed';
  }
  if (phase === 'Pending' && !claims.create(set, ordinal).ok) return 'failed';
  if (isOrdered && (isUnavailable(step, pod) || !isRunningAndReady(pod))) return 'wait';
  claims.alignOwners(set, pod);
  if (!hasIdentity(set, pod)) pods.restoreIdentity(set, pod, ordinal);
  return 'go on';
}

function processCondemned(step: Step, pod: Pod, firstUnhealthy: Pod | undefined): StepOutcome {
  if (pod.metadata.deletionTimestamp !== undefined) return step.isOrdered ? 'wait' : 'go on';
  const isHealthy = isRunningAndReady(pod) && !isUnavailable(step, pod);
  if (step.isOrdered && !isHealthy && pod !== firstUnhealthy) return 'wait';
  return step.pods.delete(step.set, pod) ? 'wait' : 'failed';
}

/** From the highest ordinal down to the partition: the first old Pod goes, and no other until its successor is available. */
function replaceOne(step: Step, ordinals: readonly number[]): 'deleted' | 'failed' | 'none' {
  const partition = step.set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const ordinal of ordinals.slice(partition).reverse()) {
    const pod = step.byOrdinal.get(ordinal);
    if (pod === undefined) return 'none';
    const isOld = pod.metadata.labels?.[revisionLabel] !== step.update.metadata.name;
    if (isOld && pod.metadata.deletionTimestamp === undefined) {
      return step.pods.delete(step.set, pod) ? 'deleted' : 'failed';
    }
    if (isUnavailable(step, pod)) return 'none';
  }
  return 'none';
}

/** Whether a Pod that is missing is made anew from the old template. */
function isOfCurrent({ set }: Step, ordinal: number): boolean {
  const strategy = set.spec?.updateStrategy;
  if (strategy?.type !== 'RollingUpdate') return false;
  const kept = strategy.rollingUpdate?.partition ?? set.status?.currentReplicas ?? 0;
  return ordinal < startOrdinal(set) + kept;
}

function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}

function isUnavailable({ set, nowMs }: Step, pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp !== undefined ||
    !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)
  );
}
