/**
 * ReplicationControllers. Source: pkg/registry/core/replicationcontroller/strategy.go, SetDefaults_ReplicationController.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapStruct, number, struct, textMap, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateReplicationController } from '../validation/replication-controller.ts';
import {
  age,
  ageColumn,
  column,
  containerCells,
  containerColumns,
  defineKind,
  formatLabels,
  nameColumn,
  wideColumn,
} from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { withoutGatedTemplate } from './pod-gates.ts';
import { templateWarnings } from './pod-warnings.ts';

/** core/v1 ReplicationController. */
export const replicationControllerKind: KindDefinition = defineKind({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  schema: 'V1ReplicationController',
  subresources: ['status', 'scale'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults,
  prepareForCreate: (controller) => beginGeneration(withoutGatedTemplate(controller), { replicas: 0 }),
  prepareForUpdate: (controller, old) => bumpGeneration(withoutGatedTemplate(controller), old),
  validateRest: validateReplicationController,
  // Upstream hands in the templates of a change in the wrong order: the old one is warned of.
  warnings: (controller, old) =>
    templateWarnings(controller, old, old === undefined ? controller : asJson(old)),
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
    const controller = asJson(object);
    const spec = struct(controller, 'spec');
    const status = struct(controller, 'status');
    return [
      object.metadata.name,
      number(spec, 'replicas') ?? 0,
      number(status, 'replicas') ?? 0,
      number(status, 'readyReplicas') ?? 0,
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
      formatLabels(spec, 'selector'),
    ];
  },
  selectableFields: (object) => ({
    'status.replicas': String(number(struct(asJson(object), 'status'), 'replicas') ?? 0),
  }),
});

/** Labels and selector that are not given are taken from the template. */
function applyDefaults(controller: JsonObject): JsonObject {
  const spec = struct(controller, 'spec');
  const labels = struct(struct(struct(spec, 'template'), 'metadata'), 'labels');
  const hasLabels = Object.keys(labels).length > 0;
  const filled = hasLabels && textMap(spec, 'selector').size === 0 ? { ...spec, selector: labels } : spec;
  const result = {
    ...controller,
    spec: mapStruct(withDefaults(filled, { replicas: 1 }), 'template', (template) =>
      mapStruct(template, 'spec', defaultPodSpec),
    ),
  };
  if (!hasLabels) return result;
  return mapStruct(result, 'metadata', (metadata) =>
    textMap(metadata, 'labels').size === 0 ? { ...metadata, labels } : metadata,
  );
}
