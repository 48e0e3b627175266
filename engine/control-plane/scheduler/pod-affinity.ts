/**
 * Required affinity and anti-affinity between Pods, and topology spread constraints that may not be broken.
 * Source: pkg/scheduler/framework/plugins/interpodaffinity and podtopologyspread. Left out: namespaceSelector,
 * matchLabelKeys, minDomains.
 */
import { selectsLabels } from '../../api/objects/labels.ts';
import { matchesNodeSelection } from '../../api/objects/node-selection.ts';
import type { Node, Pod, PodSpec } from '../../api/types/kinds.ts';
import type { NodeView, Refusal } from './node-filters.ts';

type AffinityTerm = NonNullable<
  NonNullable<
    NonNullable<PodSpec['affinity']>['podAffinity']
  >['requiredDuringSchedulingIgnoredDuringExecution']
>[number];

/** The refusal of the filters that compare a node with all others, or undefined when the Pod fits. */
export function refusalByPods(pod: Pod, candidate: NodeView, all: readonly NodeView[]): Refusal | undefined {
  return refusalBySpread(pod, candidate, all) ?? refusalByAffinity(pod, candidate, all);
}

function refusalBySpread(pod: Pod, candidate: NodeView, all: readonly NodeView[]): Refusal | undefined {
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const domain = topologyOf(candidate.node, constraint.topologyKey);
    if (domain === undefined) {
      const reason = "node(s) didn't match pod topology spread constraints (missing required label)";
      return { reasons: [reason], isFinal: true };
    }
    const counts = new Map<string, number>();
    for (const view of all) {
      const other = topologyOf(view.node, constraint.topologyKey);
      if (other === undefined || !matchesNodeSelection(pod.spec, view.node)) continue;
      const matching = view.pods.filter(
        (peer) =>
          peer.metadata.namespace === pod.metadata.namespace &&
          peer.metadata.deletionTimestamp === undefined &&
          selectsLabels(constraint.labelSelector, peer.metadata.labels),
      );
      counts.set(other, (counts.get(other) ?? 0) + matching.length);
    }
    const self = selectsLabels(constraint.labelSelector, pod.metadata.labels) ? 1 : 0;
    const fewest = Math.min(...counts.values());
    if ((counts.get(domain) ?? 0) + self - fewest > constraint.maxSkew) {
      return { reasons: ["node(s) didn't match pod topology spread constraints"], isFinal: false };
    }
  }
  return undefined;
}

function refusalByAffinity(pod: Pod, candidate: NodeView, all: readonly NodeView[]): Refusal | undefined {
  const affinity = pod.spec?.affinity;
  const wanted = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (!wanted.every((term) => isAttracted(pod, term, candidate, all))) {
    return { reasons: ["node(s) didn't match pod affinity rules"], isFinal: true };
  }
  const unwanted = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (unwanted.some((term) => peersInDomain(pod, term, candidate, all).length > 0)) {
    return { reasons: ["node(s) didn't match pod anti-affinity rules"], isFinal: false };
  }
  for (const view of all) {
    for (const peer of view.pods) {
      const terms =
        peer.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      if (
        terms.some((term) => matchesTerm(peer, term, pod) && shareDomain(term, view.node, candidate.node))
      ) {
        return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], isFinal: false };
      }
    }
  }
  return undefined;
}

/** A Pod that matches its own term may be the first of its group anywhere. */
function isAttracted(pod: Pod, term: AffinityTerm, candidate: NodeView, all: readonly NodeView[]): boolean {
  if (topologyOf(candidate.node, term.topologyKey) === undefined) return false;
  if (peersInDomain(pod, term, candidate, all).length > 0) return true;
  const isFirst = !all.some((view) => view.pods.some((peer) => matchesTerm(pod, term, peer)));
  return isFirst && matchesTerm(pod, term, pod);
}

function peersInDomain(pod: Pod, term: AffinityTerm, candidate: NodeView, all: readonly NodeView[]) {
  return all
    .filter((view) => shareDomain(term, view.node, candidate.node))
    .flatMap((view) => view.pods)
    .filter((peer) => matchesTerm(pod, term, peer));
}

function matchesTerm(owner: Pod, term: AffinityTerm, peer: Pod): boolean {
  const namespaces = term.namespaces ?? [];
  const own = owner.metadata.namespace ?? '';
  const inNamespace =
    namespaces.length > 0
      ? namespaces.includes(peer.metadata.namespace ?? '')
      : term.namespaceSelector !== undefined || peer.metadata.namespace === own;
  return inNamespace && selectsLabels(term.labelSelector, peer.metadata.labels);
}

function shareDomain(term: AffinityTerm, a: Node, b: Node): boolean {
  const domain = topologyOf(a, term.topologyKey);
  return domain !== undefined && domain === topologyOf(b, term.topologyKey);
}

function topologyOf(node: Node, key: string): string | undefined {
  const labels = node.metadata.labels ?? {};
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
