/**
 * What the Pods of a Job tell: which have ended and how, when, and what the policies say to it.
 * Source: pkg/controller/job (job_controller.go, backoff_utils.go, pod_failure_policy.go, indexed_job_utils.go).
 */
import { isSidecar } from '../../../api/objects/pods.ts';
import type { ContainerStatus, Job, Pod, PodTemplateSpec } from '../../../api/types/kinds.ts';

/** What keeps a Pod from being forgotten before it is counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
const indexKey = 'batch.kubernetes.io/job-completion-index';
const failuresKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredKey = 'batch.kubernetes.io/job-index-ignored-failure-count';
const indexVariable = 'JOB_COMPLETION_INDEX';

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

export function isSuspended(job: Job): boolean {
  return job.spec?.suspend === true;
}

/** Whether a Pod is only replaced when it has failed, and not while it still ends. */
export function replacesFailedOnly(job: Job): boolean {
  return job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined;
}

export function hasFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (replacesFailedOnly(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** The completion index of a Pod; -1 when it has none. */
export function indexOf(pod: Pod): number {
  return countAt(pod, indexKey, -1);
}

/** How often this index failed before this Pod, as far as failures count. */
export function countedFailures(pod: Pod): number {
  return countAt(pod, failuresKey, 0);
}

/** How often it failed in all. */
export function allFailures(pod: Pod): number {
  return countedFailures(pod) + countAt(pod, ignoredKey, 0);
}

/** When a Pod ended, in milliseconds since the Unix epoch. */
export function finishedMs(pod: Pod): number {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  const ends = statuses.map((status) => Date.parse(status.state?.terminated?.finishedAt ?? ''));
  if (ends.length > 0 && ends.every((end) => !Number.isNaN(end))) return Math.max(...ends);
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) {
    return Date.parse(ready.lastTransitionTime);
  }
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  return deletionTimestamp === undefined
    ? Date.parse(creationTimestamp)
    : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
}

/** What a pod failure policy says to a failed Pod. `jobMessage` when the whole Job fails by it. */
export interface FailureVerdict {
  readonly isCounted: boolean;
  readonly action?: string;
  readonly jobMessage?: string;
}

/** The first rule that matches decides. */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  for (const [index, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const { namespace = '', name } = pod.metadata;
    const container = rule.onExitCodes === undefined ? undefined : exitMatch(pod, rule.onExitCodes);
    const condition =
      rule.onExitCodes === undefined
        ? pod.status?.conditions?.find((candidate) =>
            rule.onPodConditions?.some(
              ({ type, status }) => candidate.type === type && candidate.status === status,
            ),
          )
        : undefined;
    if (container === undefined && condition === undefined) continue;
    const { action } = rule;
    if (action === 'Ignore') return { isCounted: false, action };
    if (action !== 'FailJob') return { isCounted: true, action };
    const what =
      container === undefined
        ? `Pod ${namespace}/${name} has condition ${condition?.type ?? ''}`
        : `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.state?.terminated?.exitCode ?? 0}`;
    return { isCounted: true, action, jobMessage: `${what} matching FailJob rule at index ${index}` };
  }
  return { isCounted: true };
}

/** The template of a Job's Pods; those of an indexed Job read their index from the environment. */
export function jobTemplate(job: Job): PodTemplateSpec {
  const template = job.spec?.template ?? {};
  if (!isIndexed(job)) return template;
  const variable = {
    name: indexVariable,
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } },
  };
  const withVariable = <T extends { readonly env?: readonly { readonly name: string }[] }>(container: T) =>
    container.env?.some(({ name }) => name === indexVariable)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] };
  const { spec } = template;
  return {
    ...template,
    spec: {
      ...spec,
      containers: (spec?.containers ?? []).map(withVariable),
      ...(spec?.initContainers === undefined
        ? {}
        : { initContainers: spec.initContainers.map(withVariable) }),
    },
  };
}

/** Labels and annotations of the Pod of one index. `replaced` is the failed Pod that it follows. */
export function indexMetadata(job: Job, index: number, replaced: Pod | undefined) {
  const labels = { [indexKey]: String(index) };
  if (job.spec?.backoffLimitPerIndex === undefined) return { labels, annotations: labels };
  const isCounted = replaced !== undefined && judgeFailure(job, replaced).isCounted;
  const counted = replaced === undefined ? 0 : countedFailures(replaced) + (isCounted ? 1 : 0);
  const before = replaced === undefined ? 0 : allFailures(replaced) - countedFailures(replaced);
  const ignored = before + (replaced !== undefined && !isCounted ? 1 : 0);
  return {
    labels,
    annotations: {
      ...labels,
      [failuresKey]: String(counted),
      ...(ignored > 0 ? { [ignoredKey]: String(ignored) } : {}),
    },
  };
}

type ExitCodes = NonNullable<
  NonNullable<NonNullable<Job['spec']>['podFailurePolicy']>['rules'][number]['onExitCodes']
>;

function exitMatch(pod: Pod, wanted: ExitCodes): ContainerStatus | undefined {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return statuses.find((status) => {
    const code = status.state?.terminated?.exitCode ?? 0;
    if (code === 0 || (wanted.containerName !== undefined && wanted.containerName !== status.name)) {
      return false;
    }
    return wanted.values.includes(code) === (wanted.operator === 'In');
  });
}

function countAt(pod: Pod, key: string, fallback: number): number {
  const text = pod.metadata.annotations?.[key] ?? '';
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : fallback;
}
