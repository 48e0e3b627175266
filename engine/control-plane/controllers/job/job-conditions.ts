/** The conditions of a Job. Source: pkg/controller/job/job_controller.go (newCondition, ensureJobConditionStatus) and success_policy.go. */
import type { Job, JobCondition } from '../../../api/types/kinds.ts';
import { type IndexSet, overlapOf, parseIndexes, sizeOf } from './index-set.ts';

/** A condition that holds, as far as it is not the same every time. */
export interface Verdict {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

/** Makes a condition. */
export function jobCondition(
  type: string,
  status: 'True' | 'False',
  { reason, message }: { readonly reason: string; readonly message: string },
  now: string,
): JobCondition {
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** The condition of this type that holds. */
function holding(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** Whether the Job is over, in success or failure. */
export function isFinished(job: Job): boolean {
  return holding(job, 'Complete') !== undefined || holding(job, 'Failed') !== undefined;
}

/** The list with the condition set; the same list when nothing changes. A first False is not written. */
export function withCondition(
  list: readonly JobCondition[],
  condition: JobCondition,
): readonly JobCondition[] {
  const index = list.findIndex(({ type }) => type === condition.type);
  const old = list[index];
  if (old === undefined) return condition.status === 'False' ? list : [...list, condition];
  const isSame =
    old.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  return isSame ? list : list.with(index, condition);
}

/** What was decided before and only waits for the last Pods to go. */
export function earlierVerdict(job: Job): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = holding(job, type);
    if (condition !== undefined) {
      return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
    }
  }
  return undefined;
}

/** A failure for one of the reasons that Jobs know. */
export function failure(reason: string, message: string): Verdict {
  return { type: 'FailureTarget', reason, message };
}

/** The verdict of the success policy on the indexes that have succeeded. */
export function successByPolicy(job: Job, succeeded: IndexSet): Verdict | undefined {
  if (succeeded.length === 0) return undefined;
  const completions = job.spec?.completions ?? 0;
  for (const [index, rule] of (job.spec?.successPolicy?.rules ?? []).entries()) {
    const wanted =
      rule.succeededIndexes === undefined ? undefined : parseIndexes(rule.succeededIndexes, completions);
    if (wanted !== undefined && wanted.length === 0) continue;
    const reached = wanted === undefined ? sizeOf(succeeded) : overlapOf(wanted, succeeded);
    const isAll = wanted !== undefined && reached === sizeOf(wanted);
    const isEnough = rule.succeededCount !== undefined && reached >= rule.succeededCount;
    if (isAll || isEnough) {
      return {
        type: 'SuccessCriteriaMet',
        reason: 'SuccessPolicy',
        message: `Matched rules at index ${index}`,
      };
    }
  }
  return undefined;
}
