/**
 * Topology spread constraints: which may not be broken, and how well a node keeps the others.
 * Source: pkg/scheduler/framework/plugins/podtopologyspread (filtering.go, scoring.go, common.go).
 */
import {
  type LabelRequirement,
  type LabelSelector,
  labelOf,
  selectsLabels,
} from '../../api/objects/labels.ts';
import { isTolerated, matchesNodeSelection } from '../../api/objects/node-selection.ts';
import type { Node, Pod, PodSpec } from '../../api/types/kinds.ts';
import type { NodeView, Refusal } from './node-filters.ts';

type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

const hostnameKey = 'kubernetes.io/hostname';

/** What Pods that state no constraints are spread by. Source: apis/config/v1/plugin.go, systemDefaultConstraints. */
const defaultConstraints: readonly Omit<Constraint, 'labelSelector'>[] = [
  { topologyKey: hostnameKey, maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
];

/** The refusal by the constraints that may not be broken, or undefined when the node keeps them. */
export function refusalBySpread(
  pod: Pod,
  candidate: NodeView,
  all: readonly NodeView[],
): Refusal | undefined {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  for (const constraint of constraints) {
    const domain = labelOf(candidate.node.metadata.labels, constraint.topologyKey);
    if (domain === undefined) {
      const reason = "node(s) didn't match pod topology spread constraints (missing required label)";
      return { reasons: [reason], isFinal: true };
    }
    const counts = countByDomain(pod, constraint, constraints, all);
    const self = selectsLabels(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
    const isShort = counts.size < (constraint.minDomains ?? 1);
    const fewest = isShort ? 0 : Math.min(...counts.values());
    if ((counts.get(domain) ?? 0) + self - fewest > constraint.maxSkew) {
      return { reasons: ["node(s) didn't match pod topology spread constraints"], isFinal: false };
    }
  }
  return undefined;
}

/**
 * How well each of the nodes keeps the constraints that may be broken, from 0 to 100. A Pod without constraints of its own is
 * spread among those that `defaultSelector` takes: its controller's and its Services'.
 */
export function spreadScores(
  pod: Pod,
  fitting: readonly NodeView[],
  all: readonly NodeView[],
  defaultSelector: LabelSelector | undefined,
): readonly number[] {
  const hasOwn = (pod.spec?.topologySpreadConstraints ?? []).length > 0;
  const constraints = hasOwn
    ? constraintsOf(pod, 'ScheduleAnyway')
    : defaultSelector === undefined
      ? []
      : defaultConstraints.map((constraint) => ({ ...constraint, labelSelector: defaultSelector }));
  if (constraints.length === 0) return fitting.map(() => 0);
  const isIgnored = ({ node }: NodeView) => hasOwn && !hasAllKeys(node, constraints);
  const taken = fitting.filter((view) => !isIgnored(view));
  const raw = new Map(taken.map((view) => [view, 0]));
  for (const constraint of constraints) {
    const isByHost = constraint.topologyKey === hostnameKey;
    const domains = new Set(taken.map(({ node }) => labelOf(node.metadata.labels, constraint.topologyKey)));
    const weight = Math.log((isByHost ? taken.length : domains.size) + 2);
    const counts = isByHost ? undefined : countByDomain(pod, constraint, hasOwn ? constraints : [], all);
    for (const view of taken) {
      const domain = labelOf(view.node.metadata.labels, constraint.topologyKey);
      if (domain === undefined) continue;
      const count = counts === undefined ? countPods(pod, constraint, view) : (counts.get(domain) ?? 0);
      raw.set(view, (raw.get(view) ?? 0) + count * weight + (constraint.maxSkew - 1));
    }
  }
  const scores = new Map([...raw].map(([view, score]) => [view, Math.round(score)]));
  const most = Math.max(0, ...scores.values());
  const least = Math.min(...scores.values());
  return fitting.map((view) => {
    const score = scores.get(view);
    if (score === undefined) return 0;
    return most === 0 ? 100 : Math.trunc((100 * (most + least - score)) / most);
  });
}

/** Whether a constraint that may not be broken counts the other Pod. */
export function isSpreadAgainst(pod: Pod, other: Pod): boolean {
  return (
    other.metadata.namespace === pod.metadata.namespace &&
    constraintsOf(pod, 'DoNotSchedule').some(({ labelSelector }) =>
      selectsLabels(labelSelector, other.metadata.labels),
    )
  );
}

/** Matching Pods by domain, on the nodes that count. */
function countByDomain(
  pod: Pod,
  constraint: Constraint,
  constraints: readonly Constraint[],
  all: readonly NodeView[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const view of all) {
    const domain = labelOf(view.node.metadata.labels, constraint.topologyKey);
    if (
      domain === undefined ||
      !hasAllKeys(view.node, constraints) ||
      !isCounted(pod, constraint, view.node)
    ) {
      continue;
    }
    counts.set(domain, (counts.get(domain) ?? 0) + countPods(pod, constraint, view));
  }
  return counts;
}

/** Whether the node counts by the constraint's policies on affinity (honoured by default) and taints (not by default). */
function isCounted(pod: Pod, constraint: Constraint, node: Node): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeSelection(pod.spec, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  const tolerations = pod.spec?.tolerations ?? [];
  return (node.spec?.taints ?? []).every(
    (taint) => taint.effect === 'PreferNoSchedule' || isTolerated(tolerations, taint),
  );
}

function countPods(pod: Pod, constraint: Constraint, view: NodeView): number {
  if (isEmpty(constraint.labelSelector)) return 0;
  return view.pods.filter(
    (peer) =>
      peer.metadata.namespace === pod.metadata.namespace &&
      peer.metadata.deletionTimestamp === undefined &&
      selectsLabels(constraint.labelSelector, peer.metadata.labels),
  ).length;
}

/** A selector that asks for nothing counts nothing here. */
function isEmpty(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
}

/** The Pod's constraints of one kind, narrowed down by the labels that matchLabelKeys names. */
function constraintsOf(pod: Pod, action: Constraint['whenUnsatisfiable']): readonly Constraint[] {
  return (pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => {
      const more = (constraint.matchLabelKeys ?? []).flatMap((key): LabelRequirement[] => {
        const value = labelOf(pod.metadata.labels, key);
        return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
      });
      if (more.length === 0 || constraint.labelSelector === undefined) return constraint;
      const matchExpressions = [...(constraint.labelSelector.matchExpressions ?? []), ...more];
      return { ...constraint, labelSelector: { ...constraint.labelSelector, matchExpressions } };
    });
}

function hasAllKeys(node: Node, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ topologyKey }) => labelOf(node.metadata.labels, topologyKey) !== undefined);
}
