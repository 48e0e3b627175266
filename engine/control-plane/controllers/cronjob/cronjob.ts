/**
 * Creates Jobs at the times of a schedule. Source: pkg/controller/cronjob. Left out: TZ inside of a schedule, which validation refuses.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { controllerKey, controllerOf, controllerReference } from '../../../api/objects/owners.ts';
import type { CronJob, Job } from '../../../api/types/kinds.ts';
import { cronJobs, jobs } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { isTimeZone, parseSchedule, type Schedule } from './schedule.ts';

/** A Job is created so long after its time, so that it does not come a moment before. Source: nextScheduleDelta. */
const deltaMs = 100;
const manyMissed = 100;

type Status = NonNullable<CronJob['status']>;

/** Starts the cronjob controller. */
export function createCronJobController(context: ControllerContext): void {
  const { client } = context;
  const cronInformer = context.informers.informer(cronJobs);
  const jobInformer = context.informers.informer(jobs);
  const jobsOf = jobInformer.index('controller', (job) => [controllerOf(job)?.uid ?? '']);
  const recorder = context.eventRecorder('cronjob-controller');
  const queue = context.workqueue('cronjob', (key) => reconcile(key));

  cronInformer.onChange(({ before, after }) => {
    if (after !== undefined && (before === undefined || before.spec !== after.spec)) queue.add(keyOf(after));
  });
  jobInformer.onChange(({ before, after }) => {
    const owner = controllerKey(after ?? before, 'CronJob');
    if (owner !== undefined) queue.add(owner);
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const cron = cronInformer.get(namespace, name);
    if (cron === undefined) return 'done';
    const own = [...jobsOf(cron.metadata.uid)];
    const watched = watchJobs(cron, own);
    const cleaned = cleanUp(cron, own, watched);
    const outcome =
      cron.metadata.deletionTimestamp === undefined
        ? start(cron, cleaned)
        : { status: cleaned, next: 'done' as const };
    const isWritten = jsonEqual(outcome.status, cron.status ?? {}) || writeStatus(cron, outcome.status);
    return isWritten ? outcome.next : 'retry';
  }

  function writeStatus(cron: CronJob, status: Status): boolean {
    const answer = client.updateStatus(cronJobs, { ...cron, status });
    return answer.ok || answer.error.code === 404;
  }

  /** Which Jobs still run, and when the last one succeeded. */
  function watchJobs(cron: CronJob, own: readonly Job[]): Status {
    let active = [...(cron.status?.active ?? [])];
    let last = cron.status?.lastSuccessfulTime;
    for (const job of own) {
      const { uid, name } = job.metadata;
      const isListed = active.some((reference) => reference.uid === uid);
      const end = endOf(job);
      if (end === undefined && !isListed) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        recorder.event(cron, 'Warning', 'UnexpectedJob', message);
      }
      if (end === undefined) continue;
      if (isListed) {
        active = active.filter((reference) => reference.uid !== uid);
        const message = `Saw completed job: ${name}, condition: ${end}`;
        recorder.event(cron, 'Normal', 'SawCompletedJob', message);
      }
      const time = job.status?.completionTime;
      const isNewest = time !== undefined && (last === undefined || time > last);
      if (end === 'Complete' && isNewest) last = time;
    }
    const known = new Set(own.map(({ metadata }) => metadata.uid));
    for (const reference of active.filter(({ uid }) => !known.has(uid ?? ''))) {
      recorder.event(cron, 'Normal', 'MissingJob', `Active job went missing: ${reference.name ?? ''}`);
      active = active.filter(({ uid }) => uid !== reference.uid);
    }
    const { active: _, lastSuccessfulTime: __, ...rest } = cron.status ?? {};
    return {
      ...(active.length > 0 ? { active } : {}),
      ...rest,
      ...(last === undefined ? {} : { lastSuccessfulTime: last }),
    };
  }

  /** Finished Jobs beyond the limits go, the oldest first. */
  function cleanUp(cron: CronJob, own: readonly Job[], status: Status): Status {
    let current = status;
    for (const [type, limit] of [
      ['Complete', cron.spec?.successfulJobsHistoryLimit ?? 3],
      ['Failed', cron.spec?.failedJobsHistoryLimit ?? 1],
    ] as const) {
      const ended = own
        .filter((job) => endOf(job) === type && job.metadata.deletionTimestamp === undefined)
        .sort(
          (a, b) =>
            compareKeys(a.status?.startTime ?? '', b.status?.startTime ?? '') ||
            compareKeys(a.metadata.name, b.metadata.name),
        );
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) {
        current = deleteJob(cron, job, current) ?? current;
      }
    }
    return current;
  }

  function deleteJob(cron: CronJob, job: Job, status: Status): Status | undefined {
    const { namespace = '', name, uid } = job.metadata;
    const answer = client.delete(jobs, namespace, name, { propagationPolicy: 'Background' });
    if (!answer.ok && answer.error.code !== 404) {
      recorder.event(cron, 'Warning', 'FailedDelete', `Deleted job: ${answer.error.message ?? ''}`);
      return undefined;
    }
    recorder.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    return withActive(
      status,
      (status.active ?? []).filter((reference) => reference.uid !== uid),
    );
  }

  function start(
    cron: CronJob,
    status: Status,
  ): { readonly status: Status; readonly next: ReconcileOutcome } {
    const zone = cron.spec?.timeZone ?? 'UTC';
    const text = cron.spec?.schedule ?? '';
    if (!isTimeZone(zone)) {
      const quoted = JSON.stringify(zone);
      const message = `invalid timeZone: ${quoted}: unknown time zone ${zone}`;
      recorder.event(cron, 'Warning', 'UnknownTimeZone', message);
      return { status, next: 'done' };
    }
    if (cron.spec?.suspend === true) return { status, next: 'done' };
    const schedule = parseSchedule(text, zone);
    if (schedule === undefined) return { status, next: 'done' };
    const nowMs = Date.parse(context.nowTimestamp());
    const due = mostRecentDue(cron, status, schedule, nowMs);
    if (due.missed > manyMissed) {
      const message =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      recorder.event(cron, 'Warning', 'TooManyMissedTimes', message);
    }
    const after = due.dueMs === undefined ? status : startAt(cron, status, due.dueMs, nowMs);
    if (after === undefined) return { status, next: 'retry' };
    const nextMs = schedule(nowMs);
    if (nextMs === undefined) return { status: after, next: 'done' };
    return { status: after, next: { requeueAfterMs: nextMs - nowMs + deltaMs, background: true } };
  }

  /** Creates the Job of one time unless something speaks against it; undefined when that failed. */
  function startAt(cron: CronJob, before: Status, dueMs: number, nowMs: number): Status | undefined {
    const deadline = cron.spec?.startingDeadlineSeconds;
    if (deadline !== undefined && dueMs + deadline * 1000 < nowMs) {
      const time = new Date(dueMs).toUTCString().replace('GMT', '+0000');
      recorder.event(cron, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${time}`);
      return before;
    }
    const name = `${cron.metadata.name}-${Math.floor(dueMs / 60_000)}`;
    const isKnown = before.active?.some((reference) => reference.name === name) ?? false;
    if (isKnown || Date.parse(before.lastScheduleTime ?? '') === dueMs) return before;
    const policy = cron.spec?.concurrencyPolicy;
    const active = before.active ?? [];
    if (policy === 'Forbid' && active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      recorder.event(cron, 'Normal', 'JobAlreadyActive', message);
      return before;
    }
    let status = before;
    const namespace = cron.metadata.namespace ?? '';
    for (const reference of policy === 'Replace' ? active : []) {
      const job = jobInformer.get(namespace, reference.name ?? '');
      const next = job === undefined ? status : deleteJob(cron, job, status);
      if (next === undefined) return undefined;
      status = next;
    }
    return createJob(cron, status, name, dueMs);
  }

  function createJob(cron: CronJob, status: Status, name: string, dueMs: number): Status | undefined {
    const template = cron.spec?.jobTemplate;
    const scheduled = rfc3339(dueMs, cron.spec?.timeZone ?? 'UTC');
    const answer = client.create(jobs, cron.metadata.namespace ?? '', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        ...(template?.metadata?.labels === undefined ? {} : { labels: template.metadata.labels }),
        annotations: {
          ...template?.metadata?.annotations,
          'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduled,
        },
        ownerReferences: [controllerReference(cron, 'batch/v1', 'CronJob')],
      },
      spec: { ...template?.spec },
    });
    if (!answer.ok) {
      if (answer.error.reason === 'AlreadyExists' || isNamespaceTerminating(answer.error)) return status;
      recorder.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${answer.error.message ?? ''}`);
      return undefined;
    }
    recorder.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    const { namespace = '', uid, resourceVersion } = answer.value.metadata;
    const reference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion };
    return {
      ...withActive(status, [...(status.active ?? []), reference]),
      lastScheduleTime: new Date(dueMs).toISOString().replace('.000Z', 'Z'),
    };
  }
}

function withActive(status: Status, active: NonNullable<Status['active']>): Status {
  const { active: _, ...rest } = status;
  return active.length > 0 ? { active, ...rest } : rest;
}

/** How a Job ended, if it has. */
function endOf(job: Job): 'Complete' | 'Failed' | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    if (job.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True')) {
      return type;
    }
  }
  return undefined;
}

/** The last time that was due and is not done, and how many were. Looking back stops when there are too many. */
function mostRecentDue(
  cron: CronJob,
  status: Status,
  schedule: Schedule,
  nowMs: number,
): { readonly dueMs: number | undefined; readonly missed: number } {
  const sinceMs = Date.parse(status.lastScheduleTime ?? cron.metadata.creationTimestamp);
  const deadline = cron.spec?.startingDeadlineSeconds;
  const earliestMs = deadline === undefined ? sinceMs : Math.max(sinceMs, nowMs - deadline * 1000);
  const firstMs = schedule(earliestMs);
  if (firstMs === undefined || firstMs > nowMs) return { dueMs: undefined, missed: 0 };
  const secondMs = schedule(firstMs);
  if (secondMs === undefined || secondMs > nowMs) return { dueMs: firstMs, missed: 1 };
  const betweenMs = secondMs - firstMs;
  const missed = Math.floor((nowMs - firstMs) / betweenMs) + 1;
  let dueMs: number | undefined;
  let next = schedule(firstMs + (missed - 2) * betweenMs);
  while (next !== undefined && next <= nowMs) {
    dueMs = next;
    next = schedule(next);
  }
  return { dueMs, missed };
}

/** A moment as clocks in a zone show it: `2026-05-01T09:00:00Z`, `2026-05-01T18:00:00+09:00`. */
function rfc3339(ms: number, timeZone: string): string {
  if (timeZone === 'UTC') return new Date(ms).toISOString().replace('.000Z', 'Z');
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(new Date(ms))
    .find(({ type }) => type === 'timeZoneName')?.value;
  const offset = /([+-])([0-9]{2}):([0-9]{2})/.exec(name ?? '');
  if (offset === null) return new Date(ms).toISOString().replace('.000Z', 'Z');
  const minutes = (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
  return new Date(ms + minutes * 60_000).toISOString().replace('.000Z', offset[0]);
}
