/**
 * Runs Pods to completion. Source: pkg/controller/job. Left out: Jobs that other controllers manage, gang scheduling.
 * Differs: the back-off follows from the Pods that are there, where the original remembers failures.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerOf } from '../../../api/objects/owners.ts';
import type { Job, JobCondition, Pod } from '../../../api/types/kinds.ts';
import { jobs, pods } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { claimPods } from '../pod-claims.ts';
import { createPodControl, type PodOwner } from '../pod-control.ts';
import { indexPodsByController } from '../pods-of-owner.ts';
import { sizeOf } from './index-set.ts';
import {
  earlierVerdict,
  failure,
  isFinished,
  jobCondition,
  successByPolicy,
  type Verdict,
  withCondition,
} from './job-conditions.ts';
import { hasFailed, indexOf, isIndexed, isSuspended, isTracked, judgeFailure } from './job-pods.ts';
import { countReady, failedPodsToReplace, type JobView, jobStatus, viewJob } from './job-status.ts';
import { type Managed, managePods, releasePod } from './manage-pods.ts';

/** Changes of Pods are looked at together. Source: job_controller.go, syncJobBatchPeriod. */
const batchMs = 1000;

/** Starts the job controller. */
export function createJobController(context: ControllerContext): void {
  const { client } = context;
  const jobInformer = context.informers.informer(jobs);
  const podInformer = context.informers.informer(pods);
  const podsOf = indexPodsByController(podInformer);
  const recorder = context.eventRecorder('job-controller');
  const podControl = createPodControl(client, recorder);
  const queue = context.workqueue('job', (key) => reconcile(key));
  const orphans = context.workqueue('job-orphan-pod', (key) => releaseOrphan(key));

  jobInformer.onChange(({ before, after }) => {
    const job = after ?? before;
    if (job === undefined || before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    const isOwnWrite = before !== undefined && after !== undefined && before.spec === after.spec;
    const isLeaving = before?.metadata.deletionTimestamp !== after?.metadata.deletionTimestamp;
    if (!isOwnWrite || isLeaving) queue.add(keyOf(job));
    if (after === undefined) for (const pod of podsOf(job)) if (isTracked(pod)) orphans.add(keyOf(pod));
  });
  podInformer.onChange(({ before, after }) => {
    for (const pod of [before, after]) {
      const owner = pod === undefined ? undefined : controllerOf(pod);
      if (pod === undefined || owner?.kind !== 'Job') continue;
      const namespace = pod.metadata.namespace ?? '';
      queue.addAfter(`${namespace}/${owner.name}`, batchMs);
      const job = jobInformer.get(namespace, owner.name);
      const isOrphan = job?.metadata.uid !== owner.uid || isFinished(job);
      if (pod === after && isTracked(pod) && isOrphan) orphans.add(keyOf(pod));
    }
  });

  /** A Pod that nobody counts any more is let go. */
  function releaseOrphan(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const pod = podInformer.get(namespace, name);
    const owner = pod === undefined ? undefined : controllerOf(pod);
    if (pod === undefined || !isTracked(pod)) return 'done';
    const job = owner?.kind === 'Job' ? jobInformer.get(namespace, owner.name) : undefined;
    if (job === undefined || job.metadata.uid !== owner?.uid || isFinished(job)) releasePod(context, pod);
    return 'done';
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const job = jobInformer.get(namespace, name);
    if (job === undefined || isFinished(job) || isManagedElsewhere(job)) return 'done';
    const owner: PodOwner = { object: job, apiVersion: 'batch/v1', kind: 'Job' };
    const own = claimPods({
      client,
      owner,
      candidates: podsOf(job),
      selects: (labels) => selectsLabels(job.spec?.selector, labels),
    });
    const nowMs = Date.parse(context.nowTimestamp());
    const view = viewJob(job, own);
    const startTime = job.status?.startTime ?? (isSuspended(job) ? undefined : context.nowTimestamp());
    let verdict = verdictOn(view, startTime, nowMs);
    let managed: Managed = { created: 0, deleted: 0, deletedReady: 0, hasFailed: false };
    let conditions = job.status?.conditions ?? [];
    let start = startTime;
    if (verdict !== undefined) managed = endActive(owner, view);
    else if (job.metadata.deletionTimestamp === undefined) {
      managed = managePods({ context, podControl }, owner, view, nowMs);
      verdict = isComplete(view, managed) ? completed : undefined;
      if (verdict === undefined) {
        const noted = noteSuspension(job, conditions, startTime);
        conditions = noted.conditions;
        start = noted.startTime;
      }
    }
    const isWritten = track(view, { verdict, managed, conditions, startTime: start });
    if (!isWritten || managed.hasFailed) return 'retry';
    return nextSync(job, start, managed, nowMs);
  }

  function endActive(owner: PodOwner, { active }: JobView): Managed {
    const deleted = active.filter((pod) => podControl.delete(owner, pod).ok);
    return {
      created: 0,
      deleted: deleted.length,
      deletedReady: countReady(deleted),
      hasFailed: deleted.length < active.length,
    };
  }

  function noteSuspension(job: Job, before: readonly JobCondition[], startTime: string | undefined) {
    const now = context.nowTimestamp();
    const suspended = isSuspended(job);
    const words = suspended
      ? { reason: 'JobSuspended', message: 'Job suspended' }
      : { reason: 'JobResumed', message: 'Job resumed' };
    const condition = jobCondition('Suspended', suspended ? 'True' : 'False', words, now);
    const conditions = withCondition(before, condition);
    if (conditions === before) return { conditions, startTime };
    recorder.event(job, 'Normal', suspended ? 'Suspended' : 'Resumed', words.message);
    return { conditions, startTime: suspended ? undefined : now };
  }

  /** Counts Pods that have ended, lets them go, and says when the Job is over. */
  function track(
    view: JobView,
    outcome: {
      readonly verdict: Verdict | undefined;
      readonly managed: Managed;
      readonly conditions: readonly JobCondition[];
      readonly startTime: string | undefined;
    },
  ): boolean {
    const { job } = view;
    const { verdict, managed } = outcome;
    const now = context.nowTimestamp();
    const kept = failedPodsToReplace(view);
    const released = view.pods.filter((pod) => isTracked(pod) && isReleasable(view, pod, verdict, kept));
    const succeeded = released.filter((pod) => pod.status?.phase === 'Succeeded');
    const failed = released.filter((pod) => countsAsFailed(view, pod, verdict));
    let conditions =
      verdict === undefined || outcome.conditions.some(({ type }) => type === verdict.type)
        ? outcome.conditions
        : [...outcome.conditions, jobCondition(verdict.type, 'True', verdict, now)];
    const terminating = view.terminating.length + managed.deleted;
    const common = {
      view,
      active: view.active.length + managed.created - managed.deleted,
      ready: countReady(view.active) - managed.deletedReady,
      terminating,
      startTime: outcome.startTime,
      newFailures: failed.length,
    };
    if (released.length > 0) {
      const uids = (list: readonly Pod[]) => list.map(({ metadata }) => metadata.uid);
      const uncounted = { succeeded: isIndexed(job) ? [] : uids(succeeded), failed: uids(failed) };
      if (!write(job, jobStatus({ ...common, conditions, uncounted }))) return false;
      for (const pod of released) releasePod(context, pod);
    }
    const isOver = verdict !== undefined && terminating === 0 && !managed.hasFailed;
    const isSuccess = verdict?.type === 'SuccessCriteriaMet';
    if (isOver) {
      conditions = withCondition(
        conditions,
        jobCondition(isSuccess ? 'Complete' : 'Failed', 'True', verdict, now),
      );
    }
    const status = jobStatus({
      ...common,
      conditions,
      ...(isOver && isSuccess ? { completionTime: now } : {}),
    });
    if (!write(job, status)) return false;
    if (isOver) tellEnd(job, verdict, status.succeeded ?? 0);
    return true;
  }

  function tellEnd(job: Job, verdict: Verdict, succeeded: number): void {
    if (verdict.type === 'FailureTarget') {
      recorder.event(job, 'Warning', verdict.reason, verdict.message);
      return;
    }
    if (job.spec?.completions !== undefined && succeeded > job.spec.completions) {
      const message = 'Too many succeeded pods running after completion count reached';
      recorder.event(job, 'Warning', 'TooManySucceededPods', message);
    }
    recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  function write(job: Job, status: NonNullable<Job['status']>): boolean {
    const current = jobInformer.get(job.metadata.namespace ?? '', job.metadata.name);
    if (current === undefined || jsonEqual(status, current.status ?? {})) return true;
    const answer = client.updateStatus(jobs, { ...current, status });
    return answer.ok || answer.error.code === 404;
  }
}

const completed: Verdict = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

/** Why a Job is to end, if it is. */
function verdictOn(view: JobView, startTime: string | undefined, nowMs: number): Verdict | undefined {
  const { job } = view;
  const earlier = earlierVerdict(job);
  if (earlier !== undefined) return earlier;
  for (const pod of view.pods) {
    const message = hasFailed(pod, job) ? judgeFailure(job, pod).jobMessage : undefined;
    if (message !== undefined) return failure('PodFailurePolicy', message);
  }
  const limit = job.spec?.backoffLimit ?? 6;
  if (view.failed > limit || isPastRestarts(view, limit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const deadlineMs = deadlineOf(job, startTime);
  if (deadlineMs !== undefined && nowMs >= deadlineMs) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (!isIndexed(job)) return undefined;
  const failed = sizeOf(view.failedIndexes ?? []);
  const { maxFailedIndexes, completions = 0 } = job.spec ?? {};
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', message);
  }
  if (failed > 0 && failed + view.succeeded >= completions) {
    return failure('FailedIndexes', 'Job has failed indexes');
  }
  return successByPolicy(job, view.succeededIndexes);
}

/** Containers that restart in their Pods count as failures, too. */
function isPastRestarts({ job, pods: all }: JobView, limit: number): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = all
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function deadlineOf(job: Job, startTime: string | undefined): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  if (seconds === undefined || startTime === undefined || isSuspended(job)) return undefined;
  return Date.parse(startTime) + seconds * 1000;
}

function isComplete({ job, active, succeeded }: JobView, managed: Managed): boolean {
  if (active.length + managed.created - managed.deleted > 0) return false;
  const completions = job.spec?.completions;
  return completions === undefined ? succeeded > 0 : succeeded >= completions;
}

function isReleasable(
  view: JobView,
  pod: Pod,
  verdict: Verdict | undefined,
  kept: ReadonlyMap<number, Pod>,
): boolean {
  const isLeaving = view.job.metadata.deletionTimestamp !== undefined;
  if (isLeaving || verdict !== undefined || pod.status?.phase === 'Succeeded') return true;
  return hasFailed(pod, view.job) && kept.get(indexOf(pod)) !== pod;
}

/** When the whole Job fails, what still ran has failed with it. */
function countsAsFailed({ job }: JobView, pod: Pod, verdict: Verdict | undefined): boolean {
  if (pod.status?.phase === 'Succeeded') return false;
  if (!hasFailed(pod, job) && verdict?.type !== 'FailureTarget') return false;
  const index = indexOf(pod);
  const isKnownIndex = index >= 0 && index < (job.spec?.completions ?? 0);
  return (!isIndexed(job) || isKnownIndex) && judgeFailure(job, pod).isCounted;
}

function isManagedElsewhere(job: Job): boolean {
  return (job.spec?.managedBy ?? 'kubernetes.io/job-controller') !== 'kubernetes.io/job-controller';
}

/** The deadline and the back-off are far away; rest does not wait for them. */
function nextSync(
  job: Job,
  startTime: string | undefined,
  managed: Managed,
  nowMs: number,
): ReconcileOutcome {
  const deadlineMs = deadlineOf(job, startTime);
  const waits = [
    ...(managed.waitMs === undefined ? [] : [managed.waitMs]),
    ...(deadlineMs === undefined || deadlineMs <= nowMs ? [] : [deadlineMs - nowMs]),
  ];
  return waits.length === 0 ? 'done' : { requeueAfterMs: Math.min(...waits), background: true };
}
