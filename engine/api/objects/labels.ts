/** Which labels a selector takes. */

/** Labels by their keys. */
export type Labels = Readonly<Record<string, string>>;

/** A metav1.LabelSelector, as objects carry it. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelRequirement[];
}

/** One requirement of a selector, of labels or of a node's fields. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Whether every pair of `wanted` stands in `labels`: the selector of Services and replication controllers. */
export function hasLabels(wanted: Labels, labels: Labels | undefined): boolean {
  return Object.entries(wanted).every(([key, value]) => labelOf(labels, key) === value);
}

/**
 * Whether a label selector takes these labels. An absent selector takes nothing, an empty one everything.
 * Source: apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector.
 */
export function selectsLabels(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false;
  if (!hasLabels(selector.matchLabels ?? {}, labels)) return false;
  return (selector.matchExpressions ?? []).every((requirement) => meetsRequirement(requirement, labels));
}

/**
 * Whether labels meet one requirement; `Gt` and `Lt` compare whole numbers, as node selectors do.
 * Source: apimachinery/pkg/labels, Requirement.Matches.
 */
export function meetsRequirement(requirement: LabelRequirement, labels: Labels | undefined): boolean {
  const value = labelOf(labels, requirement.key);
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isWholeNumber(value) && isWholeNumber(values[0]) && Number(value) > Number(values[0]);
    case 'Lt':
      return isWholeNumber(value) && isWholeNumber(values[0]) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** The value of a label, if it is there. */
export function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function isWholeNumber(text: string | undefined): boolean {
  return text !== undefined && /^[+-]?[0-9]{1,18}$/.test(text);
}
