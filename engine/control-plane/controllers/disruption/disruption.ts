/**
 * Counts for every PodDisruptionBudget how many of its Pods are healthy and how many may go.
 * Source: pkg/controller/disruption. Left out: clearing of conditions of evictions that did not come to pass.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerOf } from '../../../api/objects/owners.ts';
import { isPodReady } from '../../../api/objects/pods.ts';
import type { OwnerReference, Pod, PodDisruptionBudget } from '../../../api/types/kinds.ts';
import {
  deployments,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { indexPodsByLabel } from '../pods-by-label.ts';
import { scaledValue } from '../scaled-value.ts';

/** How long an eviction that was granted may take. Source: disruption.go, DeletionTimeout. */
const deletionTimeoutMs = 120_000;

type Status = NonNullable<PodDisruptionBudget['status']>;
/** What a budget is counted by. */
interface Expectation {
  readonly expected: number;
  readonly healthy: number;
}

/** Starts the disruption controller. */
export function createDisruptionController(context: ControllerContext): void {
  const { client } = context;
  const budgets = context.informers.informer(podDisruptionBudgets);
  const podInformer = context.informers.informer(pods);
  const podsByLabel = indexPodsByLabel(podInformer);
  const deploymentInformer = context.informers.informer(deployments);
  const setInformer = context.informers.informer(replicaSets);
  const replicationInformer = context.informers.informer(replicationControllers);
  const statefulInformer = context.informers.informer(statefulSets);
  const recorder = context.eventRecorder('controllermanager');
  const queue = context.workqueue('disruption', (key) => reconcile(key));

  budgets.onChange(({ before, after }) => {
    if (after !== undefined && before?.status === after.status) queue.add(keyOf(after));
    else if (after !== undefined && before === undefined) queue.add(keyOf(after));
  });
  podInformer.onChange(({ before, after }) => {
    const namespace = (after ?? before)?.metadata.namespace;
    for (const budget of budgets.list(namespace)) {
      const isOf = (pod: Pod | undefined) =>
        pod !== undefined && selectsLabels(budget.spec?.selector, pod.metadata.labels);
      if (isOf(before) || isOf(after)) queue.add(keyOf(budget));
    }
  });
  for (const informer of [deploymentInformer, setInformer, replicationInformer, statefulInformer]) {
    const wake = (namespace: string | undefined) => {
      for (const budget of budgets.list(namespace)) queue.add(keyOf(budget));
    };
    informer.onChange(({ before, after }) => {
      if (before?.spec?.replicas !== after?.spec?.replicas) wake((after ?? before)?.metadata.namespace);
    });
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const budget = budgets.get(namespace, name);
    if (budget === undefined) return 'done';
    const own = podsByLabel.selectedBy(namespace, budget.spec?.selector);
    if (own.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expectation = expectationOf(budget, own);
    if (!expectation.ok) {
      const message = `Failed to calculate the number of expected pods: ${expectation.error}`;
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      return write(budget, failSafe(budget, expectation.error)) ? 'done' : 'retry';
    }
    const nowMs = Date.parse(context.nowTimestamp());
    const disrupted = disruptedPods(budget, own, nowMs);
    const healthy = own.filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined && !disrupted.has(pod.metadata.name) && isPodReady(pod),
    ).length;
    if (!write(budget, statusOf(budget, expectation.value, healthy, disrupted))) return 'retry';
    const waits = [...disrupted.values()].map((time) => Date.parse(time) + deletionTimeoutMs - nowMs);
    return waits.length === 0 ? 'done' : { requeueAfterMs: Math.max(0, ...waits) + 1, background: true };
  }

  function expectationOf(budget: PodDisruptionBudget, own: readonly Pod[]): Result<Expectation, string> {
    const { maxUnavailable, minAvailable } = budget.spec ?? {};
    if (maxUnavailable === undefined && typeof minAvailable === 'number') {
      return ok({ expected: own.length, healthy: minAvailable });
    }
    if (maxUnavailable === undefined && minAvailable === undefined) return ok({ expected: 0, healthy: 0 });
    const scale = expectedScale(budget, own);
    if (!scale.ok) return scale;
    const expected = scale.value;
    const amount = scaledValue(maxUnavailable ?? minAvailable, expected, Math.ceil);
    return ok({ expected, healthy: maxUnavailable === undefined ? amount : Math.max(0, expected - amount) });
  }

  /** The Pods that the controllers of the present ones are to have. */
  function expectedScale(budget: PodDisruptionBudget, own: readonly Pod[]): Result<number, string> {
    const scales = new Map<string, number>();
    const unmanaged = own.some((pod) => controllerOf(pod) === undefined);
    for (const pod of own) {
      const owner = controllerOf(pod);
      if (owner === undefined) continue;
      const scale = scaleOf(pod.metadata.namespace ?? '', owner);
      if (scale === 'unscalable') {
        const group = owner.apiVersion.replace(/\/?[^/]*$/, '');
        const resource = `${owner.kind.toLowerCase()}s${group === '' ? '' : `.${group}`}`;
        return err(`${resource} does not implement the scale subresource`);
      }
      if (scale === undefined)
        return err(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
      scales.set(scale.uid, scale.replicas);
    }
    if (unmanaged) tellUnmanaged(budget);
    return ok([...scales.values()].reduce((sum, replicas) => sum + replicas, 0));
  }

  function scaleOf(
    namespace: string,
    owner: OwnerReference,
  ): { readonly uid: string; readonly replicas: number } | 'unscalable' | undefined {
    if (owner.kind === 'ReplicaSet') {
      const set = setInformer.get(namespace, owner.name);
      if (set === undefined || set.metadata.uid !== owner.uid) return undefined;
      const above = controllerOf(set);
      const deployment =
        above?.kind === 'Deployment' ? deploymentInformer.get(namespace, above.name) : undefined;
      const found = deployment?.metadata.uid === above?.uid ? (deployment ?? set) : set;
      return { uid: found.metadata.uid, replicas: found.spec?.replicas ?? 1 };
    }
    if (owner.kind !== 'StatefulSet' && owner.kind !== 'ReplicationController') return 'unscalable';
    const found =
      owner.kind === 'StatefulSet'
        ? statefulInformer.get(namespace, owner.name)
        : replicationInformer.get(namespace, owner.name);
    if (found?.metadata.uid !== owner.uid) return undefined;
    return { uid: owner.uid, replicas: found.spec?.replicas ?? 1 };
  }

  function tellUnmanaged(budget: PodDisruptionBudget): void {
    const labels = Object.entries(budget.spec?.selector?.matchLabels ?? {}).map(
      ([key, value]) => `${key}:${value}`,
    );
    const selector = `&LabelSelector{MatchLabels:map[string]string{${labels.map((label) => `${label.replace(':', ': ')},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{},}`;
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status ` +
      'of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ' +
      '".spec.minAvailable" field of the PDB to an integer value.';
    recorder.event(budget, 'Warning', 'UnmanagedPods', message);
  }

  function statusOf(
    budget: PodDisruptionBudget,
    { expected, healthy: desired }: Expectation,
    current: number,
    disrupted: ReadonlyMap<string, string>,
  ): Status {
    const allowed = expected <= 0 ? 0 : Math.max(0, current - desired);
    return {
      conditions: withAllowed(budget, {
        status: allowed > 0 ? 'True' : 'False',
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        observedGeneration: budget.metadata.generation,
      }),
      currentHealthy: current,
      desiredHealthy: desired,
      ...(disrupted.size > 0 ? { disruptedPods: Object.fromEntries(disrupted) } : {}),
      disruptionsAllowed: allowed,
      expectedPods: expected,
      ...(budget.metadata.generation === undefined ? {} : { observedGeneration: budget.metadata.generation }),
    };
  }

  function failSafe(budget: PodDisruptionBudget, message: string): Status {
    const before = budget.status;
    return {
      ...before,
      conditions: withAllowed(budget, {
        status: 'False',
        reason: 'SyncFailed',
        message,
        observedGeneration: before?.observedGeneration,
      }),
      currentHealthy: before?.currentHealthy ?? 0,
      desiredHealthy: before?.desiredHealthy ?? 0,
      disruptionsAllowed: 0,
      expectedPods: before?.expectedPods ?? 0,
    };
  }

  function withAllowed(
    budget: PodDisruptionBudget,
    draft: {
      readonly status: string;
      readonly reason: string;
      readonly message: string;
      readonly observedGeneration: number | undefined;
    },
  ): NonNullable<Status['conditions']> {
    const old = budget.status?.conditions ?? [];
    const before = old.find(({ type }) => type === 'DisruptionAllowed');
    const { observedGeneration, ...words } = draft;
    const condition = {
      ...words,
      type: 'DisruptionAllowed',
      lastTransitionTime:
        before?.status === draft.status ? before.lastTransitionTime : context.nowTimestamp(),
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    };
    return [...old.filter(({ type }) => type !== 'DisruptionAllowed'), condition];
  }

  function write(budget: PodDisruptionBudget, status: Status): boolean {
    if (jsonEqual(status, budget.status ?? {})) return true;
    const answer = client.updateStatus(podDisruptionBudgets, { ...budget, status });
    return answer.ok || answer.error.code === 404;
  }
}

/** Pods whose eviction was granted and that are still there, by the time of the grant. */
function disruptedPods(
  budget: PodDisruptionBudget,
  own: readonly Pod[],
  nowMs: number,
): ReadonlyMap<string, string> {
  const granted = new Map(Object.entries(budget.status?.disruptedPods ?? {}));
  return new Map(
    own.flatMap(({ metadata }) => {
      const time = granted.get(metadata.name);
      const isWaiting =
        time !== undefined &&
        metadata.deletionTimestamp === undefined &&
        Date.parse(time) + deletionTimeoutMs >= nowMs;
      return isWaiting ? [[metadata.name, time] as const] : [];
    }),
  );
}
