/**
 * Which Pods of lower priority would have to go so that a Pod fits. Source: pkg/scheduler/framework/preemption and
 * plugins/defaultpreemption. Left out: PodDisruptionBudgets, a random offset among candidates.
 */
import type { Pod } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { NodeView, Refusal } from './node-filters.ts';

/** Where room can be made, and by whom. */
export interface Preemption {
  readonly node: string;
  readonly victims: readonly Pod[];
}

/** What is asked. */
export interface PreemptionQuestion {
  readonly pod: Pod;
  readonly all: readonly NodeView[];
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** Whether the Pod fits on a node as the view shows it. */
  fits(view: NodeView): boolean;
}

/** The priority of a Pod. */
export function priorityOf(pod: Pod): number {
  return pod.spec?.priority ?? 0;
}

/** Whether Pods of lower priority are leaving the node that was chosen before: then the Pod waits for them. */
export function waitsForVictims(pod: Pod, all: readonly NodeView[]): boolean {
  const nominated = pod.status?.nominatedNodeName ?? '';
  const view = all.find(({ node }) => node.metadata.name === nominated);
  return (view?.pods ?? []).some(
    (other) => other.metadata.deletionTimestamp !== undefined && priorityOf(other) < priorityOf(pod),
  );
}

/** The best place to make room; undefined when nothing is won by it. */
export function findPreemption(question: PreemptionQuestion): Preemption | undefined {
  const candidates = question.all.flatMap((view) => {
    const refusal = question.refusals.get(view.node.metadata.name);
    const victims = refusal === undefined || refusal.isFinal ? undefined : victimsOn(question, view);
    return victims === undefined ? [] : [{ node: view.node.metadata.name, victims }];
  });
  return candidates.sort(byCost)[0];
}

/** All of lower priority are thought away, and then taken back, the most important first, as long as the Pod fits. */
function victimsOn({ pod, fits }: PreemptionQuestion, view: NodeView): readonly Pod[] | undefined {
  const lower = view.pods.filter((other) => priorityOf(other) < priorityOf(pod));
  if (lower.length === 0) return undefined;
  let kept = view.pods.filter((other) => !lower.includes(other));
  if (!fits({ node: view.node, pods: kept })) return undefined;
  const victims: Pod[] = [];
  for (const other of [...lower].sort(byImportance)) {
    const more = [...kept, other];
    if (fits({ node: view.node, pods: more })) kept = more;
    else victims.push(other);
  }
  return victims;
}

/** Higher priority first, then who started earlier. */
function byImportance(a: Pod, b: Pod): number {
  return (
    priorityOf(b) - priorityOf(a) ||
    compareKeys(a.status?.startTime ?? '', b.status?.startTime ?? '') ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}

/** The least important victim, the least sum, the fewest, then the first node by name. */
function byCost(a: Preemption, b: Preemption): number {
  const highest = ({ victims }: Preemption) => Math.max(...victims.map(priorityOf));
  // Upstream shifts priorities so that more victims never cost less than fewer.
  const sum = ({ victims }: Preemption) =>
    victims.reduce((total, victim) => total + priorityOf(victim) + 2 ** 31, 0);
  return (
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    compareKeys(a.node, b.node)
  );
}
