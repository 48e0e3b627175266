/**
 * Brings the number of a Job's Pods to what it should be. Source: pkg/controller/job/job_controller.go (manageJob) and
 * backoff_utils.go.
 */
import { isPodReady } from '../../../api/objects/pods.ts';
import type { Job, Pod } from '../../../api/types/kinds.ts';
import { pods } from '../../../api/types/resources.ts';
import type { ControllerContext } from '../../../client/client.ts';
import { choosePodsToDelete } from '../deletion-order.ts';
import { isNamespaceTerminating, type PodControl, type PodOwner } from '../pod-control.ts';
import { slowStart } from '../slow-start.ts';
import { missingFrom, unionOf, withIndexes } from './index-set.ts';
import {
  allFailures,
  finishedMs,
  hasFailed,
  indexMetadata,
  indexOf,
  isIndexed,
  isSuspended,
  jobTemplate,
  replacesFailedOnly,
  trackingFinalizer,
} from './job-pods.ts';
import { failedPodsToReplace, type JobView } from './job-status.ts';

/** What the Pods are managed with. */
export interface ManageDeps {
  readonly context: ControllerContext;
  readonly podControl: PodControl;
}

/** What came of it. */
export interface Managed {
  /** How the counts have changed. */
  readonly created: number;
  readonly deleted: number;
  readonly deletedReady: number;
  /** Failures hold back new Pods for so long. */
  readonly waitMs?: number;
  readonly hasFailed: boolean;
}

const firstDelayMs = 10_000;
const longestDelayMs = 600_000;
const maxPerSync = 500;

/** Creates or deletes Pods. */
export function managePods(deps: ManageDeps, owner: PodOwner, view: JobView, nowMs: number): Managed {
  const { job, active } = view;
  if (isSuspended(job)) return deletePods(deps, owner, active);
  const wanted = wantedActive(view);
  const surplus = podsToRemove(view, Math.max(0, active.length - wanted), nowMs);
  if (surplus.length > 0) return deletePods(deps, owner, surplus.slice(0, maxPerSync));
  const terminating = replacesFailedOnly(job) ? view.terminating.length : 0;
  const missing = Math.min(wanted - terminating - active.length, maxPerSync);
  if (missing <= 0) return unchanged;
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined;
  const waitMs = perIndex ? 0 : remainingBackOff(view, nowMs);
  if (waitMs > 0) return { ...unchanged, waitMs };
  return isIndexed(job)
    ? createIndexed(deps, owner, view, { missing, nowMs })
    : createPods(
        deps,
        owner,
        job,
        Array.from({ length: missing }, () => undefined),
      );
}

/** Ends Pods; they are let go at once, so that nothing counts them. */
function deletePods({ context, podControl }: ManageDeps, owner: PodOwner, doomed: readonly Pod[]): Managed {
  let deleted = 0;
  let deletedReady = 0;
  for (const pod of doomed) {
    releasePod(context, pod);
    if (!podControl.delete(owner, pod).ok) continue;
    deleted += 1;
    if (isPodReady(pod)) deletedReady += 1;
  }
  return { created: 0, deleted, deletedReady, hasFailed: deleted < doomed.length };
}

/** Takes away the finalizer that keeps a Pod from being forgotten. */
export function releasePod(context: ControllerContext, pod: Pod): void {
  const kept = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== trackingFinalizer);
  const { namespace = '', name, uid } = pod.metadata;
  const patch = { metadata: { uid, finalizers: kept.length === 0 ? null : kept } };
  context.client.mergePatch(pods, namespace, name, patch);
}

const unchanged: Managed = { created: 0, deleted: 0, deletedReady: 0, hasFailed: false };

function wantedActive({ job, active, succeeded }: JobView): number {
  const parallelism = job.spec?.parallelism ?? 1;
  const completions = job.spec?.completions;
  // Without completions the Job is over with the first success, and what runs may end.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Besides the surplus, Pods of an index that another one has, or that is not wanted any more. */
function podsToRemove({ job, active }: JobView, atLeast: number, nowMs: number): readonly Pod[] {
  if (!isIndexed(job)) return atLeast === 0 ? [] : choosePodsToDelete(active, active, atLeast, nowMs);
  const completions = job.spec?.completions ?? 0;
  const byIndex = new Map<number, Pod[]>();
  for (const pod of active) byIndex.set(indexOf(pod), [...(byIndex.get(indexOf(pod)) ?? []), pod]);
  const removed: Pod[] = [];
  const left: Pod[] = [];
  for (const [index, same] of [...byIndex].sort(([a], [b]) => a - b)) {
    const surplus = index < 0 || index >= completions ? same.length : same.length - 1;
    const doomed = surplus === 0 ? [] : choosePodsToDelete(same, same, surplus, nowMs);
    removed.push(...doomed);
    left.push(...same.filter((pod) => !doomed.includes(pod)));
  }
  const more = atLeast - removed.length;
  return more <= 0 ? removed : [...removed, ...choosePodsToDelete(left, left, more, nowMs)];
}

function createIndexed(
  deps: ManageDeps,
  owner: PodOwner,
  view: JobView,
  { missing, nowMs }: { readonly missing: number; readonly nowMs: number },
): Managed {
  const { job } = view;
  const taken = [...view.active, ...(replacesFailedOnly(job) ? view.terminating : [])];
  const present = withIndexes(
    view.succeededIndexes,
    taken.map(indexOf).filter((index) => index >= 0),
  );
  const settled = unionOf(present, view.failedIndexes ?? []);
  const indexes = missingFrom(settled, missing, job.spec?.completions ?? 0);
  const replaced = failedPodsToReplace(view);
  const waits = new Map(
    indexes.map((index) => {
      const pod = replaced.get(index);
      return [index, pod === undefined ? 0 : backOffMs(allFailures(pod) + 1, finishedMs(pod), nowMs)];
    }),
  );
  const now = indexes.filter((index) => waits.get(index) === 0);
  if (now.length === 0) {
    const waitMs = Math.min(...waits.values());
    return Number.isFinite(waitMs) ? { ...unchanged, waitMs } : unchanged;
  }
  return createPods(
    deps,
    owner,
    job,
    now.map((index) => ({ index, replaced: replaced.get(index) })),
  );
}

type PlannedPod = { readonly index: number; readonly replaced: Pod | undefined } | undefined;

function createPods(
  { podControl }: ManageDeps,
  owner: PodOwner,
  job: Job,
  planned: readonly PlannedPod[],
): Managed {
  const template = jobTemplate(job);
  let created = 0;
  let next = 0;
  const outcome = slowStart(planned.length, () => {
    const plan = planned[next];
    next += 1;
    const answer = podControl.create(owner, template, {
      finalizers: [trackingFinalizer],
      ...(plan === undefined
        ? {}
        : {
            ...indexMetadata(job, plan.index, plan.replaced),
            generateName: `${job.metadata.name}-${plan.index}-`,
            spec: { containers: [], ...template.spec, hostname: `${job.metadata.name}-${plan.index}` },
          }),
    });
    if (answer.ok || isNamespaceTerminating(answer.error)) created += 1;
    return answer;
  });
  return { ...unchanged, created, hasFailed: !outcome.ok && !isNamespaceTerminating(outcome.error) };
}

/** How long failures since the last success hold back new Pods. */
function remainingBackOff({ job, pods: all }: JobView, nowMs: number): number {
  const ends = all.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedMs);
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...ends);
  const failures = all
    .filter((pod) => hasFailed(pod, job))
    .map(finishedMs)
    .filter((ms) => ms > lastSuccess);
  return failures.length === 0 ? 0 : backOffMs(failures.length, Math.max(...failures), nowMs);
}

function backOffMs(failures: number, lastFailureMs: number, nowMs: number): number {
  const delayMs = Math.min(firstDelayMs * 2 ** Math.min(failures - 1, 20), longestDelayMs);
  return Math.max(0, delayMs - (nowMs - lastFailureMs));
}
