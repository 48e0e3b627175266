/**
 * ReplicaSets. Source: pkg/registry/apps/replicaset/strategy.go, ValidateReplicaSetSpec, printReplicaSet.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapStruct, number, struct, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateNonnegative } from '../validation/fields.ts';
import { validateSelector, validateSelectorUnchanged, validateTemplate } from '../validation/workload.ts';
import {
  age,
  ageColumn,
  column,
  containerCells,
  containerColumns,
  defineKind,
  nameColumn,
  wideColumn,
} from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';
import { withoutGatedTemplate } from './pod-gates.ts';
import { templateWarnings } from './pod-warnings.ts';
import { defaultTemplate, formatLabelSelector } from './workload.ts';

// Upstream says "deployment" of a ReplicaSet's empty selector, too.
const words = { selectorOf: 'deployment', template: 'ReplicaSet' };

/** apps/v1 ReplicaSet. */
export const replicaSetKind: KindDefinition = defineKind({
  group: 'apps',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  schema: 'V1ReplicaSet',
  subresources: ['status', 'scale'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults: (set) =>
    mapStruct(set, 'spec', (spec) => withDefaults(defaultTemplate(spec), { replicas: 1 })),
  prepareForCreate: (set) => beginGeneration(withoutGatedTemplate(set), { replicas: 0 }),
  prepareForUpdate: (set, old) => bumpGeneration(withoutGatedTemplate(set), old),
  validateRest: validateReplicaSet,
  validateChange: (set, old) => [...validateReplicaSet(set), ...validateSelectorUnchanged(set, asJson(old))],
  warnings: templateWarnings,
  columns: [
    nameColumn,
    column('Desired', 'integer', 'How many Pods there should be.'),
    column('Current', 'integer', 'How many Pods there are.'),
    column('Ready', 'integer', 'How many Pods are ready.'),
    ageColumn,
    ...containerColumns,
    wideColumn('Selector', 'string', 'The labels of the Pods that count.'),
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    return [
      object.metadata.name,
      number(spec, 'replicas') ?? 0,
      number(status, 'replicas') ?? 0,
      number(status, 'readyReplicas') ?? 0,
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
      formatLabelSelector(spec, 'selector'),
    ];
  },
});

function validateReplicaSet(set: JsonObject): FieldError[] {
  const spec = struct(set, 'spec');
  return [
    ...validateNonnegative('spec', spec, 'replicas'),
    ...validateNonnegative('spec', spec, 'minReadySeconds'),
    ...validateSelector(spec, words),
    ...validateTemplate(spec, words),
  ];
}
