/**
 * Eviction: a deletion that PodDisruptionBudgets may refuse. Source: pkg/registry/core/pod/storage/eviction.go.
 */
import { selectsLabels } from '../../api/objects/labels.ts';
import { asJson } from '../../api/read.ts';
import type { PodDisruptionBudget } from '../../api/types/kinds.ts';
import { podDisruptionBudgets } from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { type StoredObject, storeKey } from '../store/store.ts';
import { readBody } from './decode-body.ts';
import { deleteObject } from './delete.ts';
import { trackUpdate } from './managed-fields/track-update.ts';
import { objectAt, objectsAt, stringAt, toStoredObject, withKeys } from './object-access.ts';
import { nameMismatch } from './pod-subresources.ts';
import { notFound, type Outcome, success, tooManyRequests } from './refusals.ts';
import { type Call, storedObject, timestamp } from './server-context.ts';
import { writeUpdate } from './update.ts';

type Budget = StoredObject & PodDisruptionBudget;

/** Deletes a Pod on behalf of whoever empties its node, if its budget allows. */
export function evictPod(call: Call): Outcome<{ readonly code: number; readonly body: JsonObject }> {
  const body = readBody(call);
  if (!body.ok) return body;
  const mismatch = nameMismatch(call, 'Eviction', body.value.object);
  if (mismatch !== undefined) return mismatch;
  const pod = storedObject(call);
  if (pod === undefined) return err(notFound(call.kind, call.name));
  const granted = isIgnored(pod) ? ok(true) : askBudget(call, pod);
  if (!granted.ok) return granted;
  if (!call.isDryRun) {
    const marked = writeUpdate(call, withDisruptionTarget(call, pod), pod);
    if (!marked.ok) return marked;
  }
  const options = objectAt(body.value.object, 'deleteOptions');
  const deleted = deleteObject({ ...call, subresource: '', request: { ...call.request, body: options } });
  return deleted.ok ? ok(success(undefined, 201)) : deleted;
}

/** A Pod that does not run, or goes anyway, is nobody's loss. */
function isIgnored(pod: StoredObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined;
}

function askBudget(call: Call, pod: StoredObject): Outcome<unknown> {
  const budgets = [
    ...call.server.store.list(storeKey('policy', 'poddisruptionbudgets', call.namespace, '')),
  ].flatMap(([key, budget]) => {
    if (!isBudget(budget)) return [];
    return selectsLabels(budget.spec?.selector, pod.metadata.labels) ? [{ key, budget }] : [];
  });
  const [first] = budgets;
  if (first === undefined) return ok(true);
  if (budgets.length > 1) {
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    const body = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: why,
      code: 500,
    };
    return err({ code: 500, body });
  }
  const { key, budget } = first;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  const ready = objectsAt(pod, 'status', 'conditions').find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') {
    const isAlways = budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow';
    if (isAlways || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return ok(true);
  }
  return spend(call, key, budget);
}

/** Books the disruption, so that the next eviction does not count on the same Pod. */
function spend(call: Call, key: string, budget: Budget): Outcome<unknown> {
  const { status, metadata } = budget;
  const { name, generation = 0 } = metadata;
  const refuse = (message: string, retryAfterSeconds: number) =>
    err(
      tooManyRequests(
        "Cannot evict pod as it would violate the pod's disruption budget.",
        retryAfterSeconds,
        [{ reason: 'DisruptionBudget', message }],
      ),
    );
  if ((status?.observedGeneration ?? 0) < generation) {
    return refuse(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const allowed = status?.disruptionsAllowed ?? 0;
  if (status === undefined || allowed <= 0) return refuse(whyNone(budget), 0);
  if (call.isDryRun) return ok(true);
  const now = timestamp(call.server.queue.now());
  const changed = {
    ...status,
    ...(allowed > 1 ? {} : { conditions: withNoneAllowed(status, now) }),
    disruptionsAllowed: allowed - 1,
    disruptedPods: { ...status.disruptedPods, [call.name]: now },
  };
  const object = noteServer(call, asJson({ ...budget, status: changed }), budget);
  const stored = call.server.store.update({ key, object: toStoredObject(object) }, budget);
  return stored.ok
    ? ok(true)
    : refuse(`The disruption budget ${name} is still being processed by the server.`, 10);
}

/** Source: pkg/util/poddisruptionbudget (UpdateDisruptionAllowedCondition). */
function withNoneAllowed(status: NonNullable<Budget['status']>, now: string) {
  const conditions = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status.observedGeneration ?? 0,
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : now,
    reason: 'InsufficientPods',
    message: '',
  };
  return old === undefined
    ? [...conditions, condition]
    : conditions.map((other) => (other === old ? condition : other));
}

/** The server writes the budget in its own name, as a client of itself. */
function noteServer(call: Call, changed: JsonObject, budget: Budget): JsonObject {
  const kind = call.server.scheme.byResource('policy', 'v1', 'poddisruptionbudgets');
  if (kind === undefined) return changed;
  const own = {
    ...call,
    kind,
    name: budget.metadata.name,
    subresource: 'status',
    fieldManager: 'kube-apiserver',
  };
  return trackUpdate(own, changed, budget);
}

function whyNone({ status, metadata: { name } }: Budget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const isRefused = condition?.status === 'False' && condition.message !== '';
  if (isRefused && condition.reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${condition.message}`;
  }
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return isRefused
    ? `The disruption budget ${name} does not allow evicting pods currently (${condition.reason}): ${condition.message}`
    : `The disruption budget ${name} does not allow evicting pods currently`;
}

function withDisruptionTarget(call: Call, pod: StoredObject): JsonObject {
  const status = objectAt(pod, 'status');
  const others = objectsAt(status, 'conditions').filter(({ type }) => type !== 'DisruptionTarget');
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(call.server.queue.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  return withKeys(pod, { status: withKeys(status, { conditions: [...others, condition] }) });
}

/** What is stored under the key of a budget was checked when it was written. */
function isBudget(object: StoredObject): object is Budget {
  return object.kind === podDisruptionBudgets.kind;
}
