/**
 * Affinity and anti-affinity between Pods: what is required, and how much of what is preferred a node gives.
 * Source: pkg/scheduler/framework/plugins/interpodaffinity (filtering.go, scoring.go).
 */
import { labelOf, selectsLabels } from '../../api/objects/labels.ts';
import type { Node, Pod, PodSpec } from '../../api/types/kinds.ts';
import type { NodeView, Refusal } from './node-filters.ts';

type PodAffinity = NonNullable<NonNullable<PodSpec['affinity']>['podAffinity']>;
type Term = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type Labels = Readonly<Record<string, string>>;

/** The labels of a namespace; none when there is no such namespace. */
export type NamespaceLabels = (namespace: string) => Labels;

/** What the Pods of a cluster say to a node: all nodes, and what namespaces are labelled with. */
export interface AffinitySurroundings {
  readonly all: readonly NodeView[];
  readonly namespaceLabels: NamespaceLabels;
}

/** The refusal by required terms, the Pod's own and those of Pods that run, or undefined when the Pod fits. */
export function refusalByAffinity(
  pod: Pod,
  candidate: NodeView,
  { all, namespaceLabels }: AffinitySurroundings,
): Refusal | undefined {
  const matches = (owner: Pod, term: Term, peer: Pod) => matchesTerm(owner, term, peer, namespaceLabels);
  const wanted = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (wanted.length > 0 && !isAttracted()) {
    return { reasons: ["node(s) didn't match pod affinity rules"], isFinal: true };
  }
  const unwanted = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const meetsUnwanted = unwanted.some((term) =>
    all.some(
      (view) =>
        shareDomain(term, view.node, candidate.node) && view.pods.some((peer) => matches(pod, term, peer)),
    ),
  );
  if (meetsUnwanted) return { reasons: ["node(s) didn't match pod anti-affinity rules"], isFinal: false };
  for (const view of all) {
    for (const peer of view.pods) {
      const terms =
        peer.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      if (terms.some((term) => matches(peer, term, pod) && shareDomain(term, view.node, candidate.node))) {
        return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], isFinal: false };
      }
    }
  }
  return undefined;

  /** Only Pods that meet all terms count; a Pod that meets its own may be the first of its group anywhere. */
  function isAttracted(): boolean {
    if (wanted.some((term) => labelOf(candidate.node.metadata.labels, term.topologyKey) === undefined))
      return false;
    const meetsAll = (peer: Pod) => meetsAllTerms(pod, wanted, peer, namespaceLabels);
    const views = all.filter((view) => view.pods.some(meetsAll));
    if (wanted.every((term) => views.some((view) => shareDomain(term, view.node, candidate.node))))
      return true;
    return views.length === 0 && meetsAll(pod);
  }
}

/** What a required term of a Pod that runs counts as for those that it wants near it. Source: HardPodAffinityWeight. */
const requiredWeight = 1;

/** How much of what is preferred each node gives, from 0 to 100. */
export function affinityScores(
  pod: Pod,
  fitting: readonly NodeView[],
  { all, namespaceLabels }: AffinitySurroundings,
): readonly number[] {
  const sums = new Map<string, Map<string, number>>();
  const own = preferredTerms(pod);
  for (const { node, pods } of all) {
    const add = (term: Term, weight: number) => {
      const domain = labelOf(node.metadata.labels, term.topologyKey);
      if (domain === undefined) return;
      const byDomain = sums.get(term.topologyKey) ?? new Map<string, number>();
      byDomain.set(domain, (byDomain.get(domain) ?? 0) + weight);
      sums.set(term.topologyKey, byDomain);
    };
    for (const peer of pods) {
      for (const { term, weight } of own) {
        if (matchesTerm(pod, term, peer, namespaceLabels)) add(term, weight);
      }
      for (const { term, weight } of [...requiredTerms(peer), ...preferredTerms(peer)]) {
        if (matchesTerm(peer, term, pod, namespaceLabels)) add(term, weight);
      }
    }
  }
  if (sums.size === 0) return fitting.map(() => 0);
  const raw = fitting.map(({ node }) =>
    [...sums].reduce(
      (total, [key, byDomain]) => total + (byDomain.get(labelOf(node.metadata.labels, key) ?? '') ?? 0),
      0,
    ),
  );
  const least = Math.min(...raw);
  const span = Math.max(...raw) - least;
  return raw.map((score) => (span === 0 ? 0 : Math.trunc((100 * (score - least)) / span)));
}

interface WeightedTerm {
  readonly term: Term;
  readonly weight: number;
}

function preferredTerms(pod: Pod): readonly WeightedTerm[] {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const liked = podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const disliked = podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...liked.map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight })),
    ...disliked.map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: -weight })),
  ];
}

function requiredTerms(pod: Pod): readonly WeightedTerm[] {
  const terms = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map((term) => ({ term, weight: requiredWeight }));
}

/** Whether a Pod meets all of another's terms; nobody meets none. */
export function meetsAllTerms(
  owner: Pod,
  terms: readonly Term[],
  peer: Pod,
  namespaceLabels: NamespaceLabels,
): boolean {
  return terms.length > 0 && terms.every((term) => matchesTerm(owner, term, peer, namespaceLabels));
}

/** Without namespaces and a selector of them a term is about the Pod's own; an empty selector takes all. */
function matchesTerm(owner: Pod, term: Term, peer: Pod, namespaceLabels: NamespaceLabels): boolean {
  const namespaces = term.namespaces ?? [];
  const { namespace = '' } = peer.metadata;
  const isInPlace =
    namespaces.length === 0 && term.namespaceSelector === undefined
      ? namespace === owner.metadata.namespace
      : namespaces.includes(namespace) || selectsLabels(term.namespaceSelector, namespaceLabels(namespace));
  return isInPlace && selectsLabels(term.labelSelector, peer.metadata.labels);
}

function shareDomain(term: Term, a: Node, b: Node): boolean {
  const domain = labelOf(a.metadata.labels, term.topologyKey);
  return domain !== undefined && domain === labelOf(b.metadata.labels, term.topologyKey);
}
