/**
 * PodDisruptionBudgets. Source: pkg/registry/policy/poddisruptionbudget/strategy.go, ValidatePodDisruptionBudgetSpec,
 * printPodDisruptionBudget.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { asJson, has, number, struct, text } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateOptionalChoice } from '../validation/fields.ts';
import { validateLabelSelector } from '../validation/label-selector.ts';
import { checkPathSegmentName } from '../validation/names.ts';
import { validateAtMostAll, validateIntOrPercent } from '../validation/workload.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';

const emptyStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

/** policy/v1 PodDisruptionBudget. */
export const podDisruptionBudgetKind: KindDefinition = defineKind({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  schema: 'V1PodDisruptionBudget',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  prepareForCreate: (budget) => beginGeneration(budget, emptyStatus),
  prepareForUpdate: (budget, old) => bumpGeneration(budget, old),
  checkName: checkPathSegmentName,
  anyFinalizer: true,
  changedMeta: [],
  validateRest: validateBudget,
  columns: [
    nameColumn,
    column('Min Available', 'string', 'How many Pods must stay.'),
    column('Max Unavailable', 'string', 'How many Pods may go.'),
    column('Allowed Disruptions', 'integer', 'How many Pods may go now.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const cell = (key: string) => (has(spec, key) ? String(spec[key]) : 'N/A');
    return [
      object.metadata.name,
      cell('minAvailable'),
      cell('maxUnavailable'),
      number(struct(asJson(object), 'status'), 'disruptionsAllowed') ?? 0,
      age(object, nowMs),
    ];
  },
});

function validateBudget(budget: JsonObject): FieldError[] {
  const spec = struct(budget, 'spec');
  const errors: FieldError[] = [];
  if (has(spec, 'minAvailable') && has(spec, 'maxUnavailable')) {
    // Upstream prints the spec as its internal Go struct.
    const shown = {
      MinAvailable: spec.minAvailable ?? null,
      Selector: spec.selector ?? null,
      MaxUnavailable: spec.maxUnavailable ?? null,
      UnhealthyPodEvictionPolicy: has(spec, 'unhealthyPodEvictionPolicy')
        ? text(spec, 'unhealthyPodEvictionPolicy')
        : null,
    };
    errors.push(invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const key of ['minAvailable', 'maxUnavailable']) {
    if (!has(spec, key)) continue;
    errors.push(
      ...validateIntOrPercent(`spec.${key}`, spec, key),
      ...validateAtMostAll(`spec.${key}`, spec, key),
    );
  }
  return [
    ...errors,
    ...validateLabelSelector(struct(spec, 'selector'), 'spec.selector'),
    ...validateOptionalChoice('spec', spec, 'unhealthyPodEvictionPolicy', ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}
