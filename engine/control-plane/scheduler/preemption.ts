/**
 * Which Pods of lower priority would have to go so that a Pod fits. Source: pkg/scheduler/framework/preemption and
 * plugins/defaultpreemption. Left out: a random offset among candidates.
 */
import { selectsLabels } from '../../api/objects/labels.ts';
import { podCondition } from '../../api/objects/pods.ts';
import type { Pod, PodDisruptionBudget } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { NodeView, Refusal } from './node-filters.ts';

/** Where room can be made, and by whom. */
export interface Preemption {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly Pod[];
  /** How many of them a PodDisruptionBudget would keep. */
  readonly violations: number;
}

/** What is asked. */
export interface PreemptionQuestion {
  readonly pod: Pod;
  readonly all: readonly NodeView[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly budgets: readonly PodDisruptionBudget[];
  /** Why the Pod does not fit on a node as the view shows it; undefined when it does. */
  refusal(view: NodeView): Refusal | undefined;
}

/** Where room is made, or for each node why none can be. */
export type PreemptionAnswer =
  | { readonly found: Preemption }
  | { readonly found: undefined; readonly reasons: readonly string[] };

/** The priority of a Pod. */
export function priorityOf(pod: Pod): number {
  return pod.spec?.priority ?? 0;
}

/** Whether Pods that were preempted are still leaving the node that was chosen before: then the Pod waits for them. */
export function waitsForVictims(
  pod: Pod,
  all: readonly NodeView[],
  refusals: ReadonlyMap<string, Refusal>,
): boolean {
  const nominated = pod.status?.nominatedNodeName ?? '';
  if (refusals.get(nominated)?.isFinal) return false;
  const view = all.find(({ node }) => node.metadata.name === nominated);
  return (view?.pods ?? []).some(
    (other) =>
      other.metadata.deletionTimestamp !== undefined &&
      priorityOf(other) < priorityOf(pod) &&
      podCondition(other, 'DisruptionTarget')?.reason === 'PreemptionByScheduler',
  );
}

/** The best place to make room, or why there is none. */
export function findPreemption(question: PreemptionQuestion): PreemptionAnswer {
  const candidates: Preemption[] = [];
  const reasons: string[] = [];
  for (const view of question.all) {
    const name = view.node.metadata.name;
    const refusal = question.refusals.get(name);
    if (refusal === undefined || refusal.isFinal) {
      reasons.push('Preemption is not helpful for scheduling');
      continue;
    }
    const outcome = victimsOn(question, view);
    if ('reasons' in outcome) reasons.push(...outcome.reasons);
    else candidates.push({ node: name, ...outcome });
  }
  const [found] = candidates.sort(byCost);
  return found === undefined ? { found, reasons } : { found };
}

/**
 * All of lower priority are thought away, and then taken back as long as the Pod fits: first those that a budget keeps, of
 * them the most important first.
 */
function victimsOn(
  { pod, budgets, refusal }: PreemptionQuestion,
  view: NodeView,
): Omit<Preemption, 'node'> | Refusal {
  const lower = view.pods.filter((other) => priorityOf(other) < priorityOf(pod)).sort(byImportance);
  if (lower.length === 0) {
    return { reasons: ['No preemption victims found for incoming pod'], isFinal: true };
  }
  let kept = view.pods.filter((other) => !lower.includes(other));
  const stillRefused = refusal({ node: view.node, pods: kept });
  if (stillRefused !== undefined) return stillRefused;
  const { violating, others } = splitByBudgets(lower, budgets);
  const victims: Pod[] = [];
  let violations = 0;
  for (const other of [...violating, ...others]) {
    const more = [...kept, other];
    if (refusal({ node: view.node, pods: more }) === undefined) kept = more;
    else {
      victims.push(other);
      if (violating.includes(other)) violations += 1;
    }
  }
  return { victims: victims.sort(byImportance), violations };
}

/** Whom the budgets, as they stand, would not let go, and whom they would. */
function splitByBudgets(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]) {
  const allowed = budgets.map((budget) => budget.status?.disruptionsAllowed ?? 0);
  const violating: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    let isViolating = false;
    for (const [index, budget] of budgets.entries()) {
      if (!isCounted(pod, budget)) continue;
      const left = (allowed[index] ?? 0) - 1;
      allowed[index] = left;
      if (left < 0) isViolating = true;
    }
    (isViolating ? violating : others).push(pod);
  }
  return { violating, others };
}

function isCounted(pod: Pod, budget: PodDisruptionBudget): boolean {
  const selector = budget.spec?.selector;
  const parts = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length;
  return (
    budget.metadata.namespace === pod.metadata.namespace &&
    parts > 0 &&
    Object.keys(pod.metadata.labels ?? {}).length > 0 &&
    selectsLabels(selector, pod.metadata.labels) &&
    !Object.hasOwn(budget.status?.disruptedPods ?? {}, pod.metadata.name)
  );
}

/** Higher priority first, then who started earlier. */
function byImportance(a: Pod, b: Pod): number {
  return (
    priorityOf(b) - priorityOf(a) ||
    compareKeys(a.status?.startTime ?? '', b.status?.startTime ?? '') ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}

/**
 * The fewest that a budget keeps, the least important victim, the least sum, the fewest, those of the highest priority that
 * started last, then the first node by name.
 */
function byCost(a: Preemption, b: Preemption): number {
  const highest = ({ victims }: Preemption) => Math.max(...victims.map(priorityOf));
  // Upstream shifts priorities so that more victims never cost less than fewer.
  const sum = ({ victims }: Preemption) =>
    victims.reduce((total, victim) => total + priorityOf(victim) + 2 ** 31, 0);
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    compareKeys(earliestStart(b), earliestStart(a)) ||
    compareKeys(a.node, b.node)
  );
}

function earliestStart({ victims }: Preemption): string {
  const [first] = victims;
  const highest = first === undefined ? 0 : priorityOf(first);
  const starts = victims.filter((victim) => priorityOf(victim) === highest);
  return starts.map(({ status }) => status?.startTime ?? '').sort()[0] ?? '';
}
