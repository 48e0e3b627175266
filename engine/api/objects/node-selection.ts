/** Which nodes a Pod takes: taints it tolerates, selectors and required affinity. Source: k8s.io/component-helpers/scheduling/corev1. */
import type { Node, PodSpec } from '../types/kinds.ts';
import type { LabelRequirement } from './labels.ts';
import { meetsRequirement } from './labels.ts';

/** What a Pod puts up with. */
export type Toleration = NonNullable<PodSpec['tolerations']>[number];
/** What a node keeps Pods away with. */
export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** Whether a toleration covers a taint. Source: k8s.io/api/core/v1/toleration.go. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if ((toleration.effect ?? '') !== '' && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? '') !== '' && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/** Whether one of the tolerations covers a taint. */
export function isTolerated(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Whether nodeSelector and required node affinity take the node. */
export function matchesNodeSelection(spec: PodSpec | undefined, node: Node): boolean {
  const labels = node.metadata.labels;
  for (const [key, value] of Object.entries(spec?.nodeSelector ?? {})) {
    if (!meetsRequirement({ key, operator: 'In', values: [value] }, labels)) return false;
  }
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** Whether one term of a node selector takes the node; an empty term takes none. */
export function matchesNodeTerm(
  term: {
    readonly matchExpressions?: readonly LabelRequirement[];
    readonly matchFields?: readonly LabelRequirement[];
  },
  node: Node,
): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => meetsRequirement(requirement, node.metadata.labels)) &&
    fields.every((requirement) => meetsRequirement(requirement, { 'metadata.name': node.metadata.name }))
  );
}
