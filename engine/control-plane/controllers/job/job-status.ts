/** What a Job's Pods have come to, as one sync sees it. Source: pkg/controller/job/job_controller.go, syncJobCtx. */
import { isPodActive, isPodReady, isPodTerminal } from '../../../api/objects/pods.ts';
import type { Job, JobCondition, Pod } from '../../../api/types/kinds.ts';
import { formatIndexes, hasIndex, type IndexSet, parseIndexes, sizeOf, withIndexes } from './index-set.ts';
import {
  allFailures,
  countedFailures,
  finishedMs,
  hasFailed,
  indexOf,
  isIndexed,
  isTracked,
  judgeFailure,
} from './job-pods.ts';

/** See the head of this file. */
export interface JobView {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  /** Pods that have ended and are not in the status yet. */
  readonly newlySucceeded: readonly Pod[];
  readonly newlyFailed: readonly Pod[];
  /** With those that are not in the status yet. */
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: IndexSet;
  /** Undefined unless each index has a limit of its own. */
  readonly failedIndexes: IndexSet | undefined;
}

/** Looks at the Pods of a Job. */
export function viewJob(job: Job, pods: readonly Pod[]): JobView {
  const completions = job.spec?.completions ?? 0;
  const isCountable = (pod: Pod) => !isIndexed(job) || (indexOf(pod) >= 0 && indexOf(pod) < completions);
  const valid = pods.filter((pod) => isTracked(pod) && isCountable(pod));
  const newlySucceeded = valid.filter((pod) => pod.status?.phase === 'Succeeded');
  const newlyFailed = valid.filter((pod) => hasFailed(pod, job));
  const counted = newlyFailed.filter((pod) => judgeFailure(job, pod).isCounted).length;
  const succeededIndexes = isIndexed(job)
    ? withIndexes(parseIndexes(job.status?.completedIndexes ?? '', completions), newlySucceeded.map(indexOf))
    : [];
  const limit = job.spec?.backoffLimitPerIndex;
  return {
    job,
    pods,
    active: pods.filter(isPodActive),
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod)),
    newlySucceeded,
    newlyFailed,
    succeeded: isIndexed(job)
      ? sizeOf(succeededIndexes)
      : (job.status?.succeeded ?? 0) + newlySucceeded.length,
    failed: (job.status?.failed ?? 0) + counted,
    succeededIndexes,
    failedIndexes:
      isIndexed(job) && limit !== undefined
        ? withIndexes(
            parseIndexes(job.status?.failedIndexes ?? '', completions),
            newlyFailed.filter((pod) => hasIndexFailed(job, pod, limit)).map(indexOf),
          )
        : undefined,
  };
}

function hasIndexFailed(job: Job, pod: Pod, limit: number): boolean {
  const verdict = judgeFailure(job, pod);
  if (verdict.action === 'FailIndex') return true;
  return verdict.isCounted && countedFailures(pod) >= limit;
}

/**
 * The last failed Pod of each index that is to be tried again: it is kept until its successor is there, since that one goes
 * on counting from it.
 */
export function failedPodsToReplace(view: JobView): ReadonlyMap<number, Pod> {
  const kept = new Map<number, Pod>();
  const { failedIndexes } = view;
  if (failedIndexes === undefined) return kept;
  const activeIndexes = new Set(view.active.map(indexOf));
  for (const pod of view.newlyFailed) {
    const index = indexOf(pod);
    const isDone =
      hasIndex(view.succeededIndexes, index) || hasIndex(failedIndexes, index) || activeIndexes.has(index);
    const known = kept.get(index);
    const isLater =
      known === undefined || (allFailures(known) <= allFailures(pod) && finishedMs(pod) >= finishedMs(known));
    if (!isDone && isLater) kept.set(index, pod);
  }
  return kept;
}

/** What a sync has come to. */
export interface StatusInput {
  readonly view: JobView;
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly startTime: string | undefined;
  readonly completionTime?: string;
  readonly conditions: readonly JobCondition[];
  /** Failures that count in this sync, beside those in the status. */
  readonly newFailures: number;
  /** While ended Pods still wait to be let go, their UIDs stand in place of the counts. */
  readonly uncounted?: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
}

/** The status to be written. */
export function jobStatus(input: StatusInput): NonNullable<Job['status']> {
  const { view, uncounted } = input;
  const { job } = view;
  const succeeded = isIndexed(job)
    ? view.succeeded
    : (job.status?.succeeded ?? 0) + (uncounted === undefined ? view.newlySucceeded.length : 0);
  const failed = (job.status?.failed ?? 0) + (uncounted === undefined ? input.newFailures : 0);
  return {
    ...(input.conditions.length > 0 ? { conditions: input.conditions } : {}),
    ...(input.startTime === undefined ? {} : { startTime: input.startTime }),
    ...(input.completionTime === undefined ? {} : { completionTime: input.completionTime }),
    ...(input.active > 0 ? { active: input.active } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    terminating: input.terminating,
    ...(view.succeededIndexes.length > 0 ? { completedIndexes: formatIndexes(view.succeededIndexes) } : {}),
    ...(view.failedIndexes === undefined ? {} : { failedIndexes: formatIndexes(view.failedIndexes) }),
    uncountedTerminatedPods: {
      ...(uncounted === undefined || uncounted.succeeded.length === 0
        ? {}
        : { succeeded: uncounted.succeeded }),
      ...(uncounted === undefined || uncounted.failed.length === 0 ? {} : { failed: uncounted.failed }),
    },
    ready: input.ready,
  };
}

/** The Pods that are ready. */
export function countReady(pods: readonly Pod[]): number {
  return pods.filter(isPodReady).length;
}
