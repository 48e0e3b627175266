/**
 * HorizontalPodAutoscalers. Source: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go,
 * pkg/apis/autoscaling/v2/defaults.go, printHorizontalPodAutoscaler.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, has, mapStruct, number, struct, structs, text, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateAutoscaler } from '../validation/horizontal-pod-autoscaler.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, withStatus } from './define.ts';

/** The status of an autoscaler that has not looked yet. */
const emptyStatus = { desiredReplicas: 0, currentMetrics: null };

/** Metrics that a cell shows before it counts the rest. */
const shownMetrics = 2;

const scaleUpRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const scaleDownRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** What is measured when nothing is said. */
const defaultMetric = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

/** autoscaling/v2 HorizontalPodAutoscaler. */
export const horizontalPodAutoscalerKind: KindDefinition = defineKind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  schema: 'V2HorizontalPodAutoscaler',
  subresources: ['status'],
  hasStatus: true,
  applyDefaults: defaultAutoscaler,
  prepareForCreate: (autoscaler) => withStatus(autoscaler, emptyStatus),
  prepareForUpdate: keepStatus,
  validateRest: validateAutoscaler,
  validateChange: validateAutoscaler,
  columns: [
    nameColumn,
    column('Reference', 'string', 'What it scales.'),
    column('Targets', 'string', 'What is measured, and what should be.'),
    column('MinPods', 'string', 'How few Pods there may be.'),
    column('MaxPods', 'string', 'How many Pods there may be.'),
    column('Replicas', 'string', 'How many Pods there are.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    const target = struct(spec, 'scaleTargetRef');
    return [
      object.metadata.name,
      `${text(target, 'kind')}/${text(target, 'name')}`,
      formatMetrics(structs(spec, 'metrics'), structs(status, 'currentMetrics')),
      has(spec, 'minReplicas') ? String(number(spec, 'minReplicas')) : '<unset>',
      number(spec, 'maxReplicas') ?? 0,
      number(status, 'currentReplicas') ?? 0,
      age(object, nowMs),
    ];
  },
});

/** The defaults of an autoscaler. */
export function defaultAutoscaler(autoscaler: JsonObject): JsonObject {
  const spec = withDefaults(struct(autoscaler, 'spec'), { minReplicas: 1 });
  const measured = structs(spec, 'metrics').length > 0 ? spec : { ...spec, metrics: [defaultMetric] };
  return {
    ...autoscaler,
    spec: mapStruct(measured, 'behavior', (behavior) => ({
      ...behavior,
      scaleUp: { ...scaleUpRules, ...struct(behavior, 'scaleUp') },
      scaleDown: { ...scaleDownRules, ...struct(behavior, 'scaleDown') },
    })),
  };
}

function formatMetrics(metrics: readonly JsonObject[], statuses: readonly JsonObject[]): string {
  if (metrics.length === 0) return '<none>';
  const list = metrics.map((metric, index) => formatMetric(metric, statuses[index] ?? {}));
  const shown = list.slice(0, shownMetrics).join(', ');
  return list.length > shownMetrics ? `${shown} + ${list.length - shownMetrics} more...` : shown;
}

function formatMetric(metric: JsonObject, status: JsonObject): string {
  const type = text(metric, 'type');
  const key = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
  const source = struct(metric, key);
  const target = struct(source, 'target');
  const current = struct(struct(status, key), 'current');
  const amount = (from: JsonObject, field: string) => text(from, field) || '<unknown>';
  switch (type) {
    case 'External':
    case 'Object':
      return has(target, 'averageValue')
        ? `${amount(current, 'averageValue')}/${text(target, 'averageValue')} (avg)`
        : `${amount(current, 'value')}/${text(target, 'value')}`;
    case 'Pods':
      return `${amount(current, 'averageValue')}/${text(target, 'averageValue')}`;
    case 'Resource':
    case 'ContainerResource': {
      const name = text(source, 'name');
      if (has(target, 'averageValue')) {
        return `${name}: ${amount(current, 'averageValue')}/${text(target, 'averageValue')}`;
      }
      const share = (from: JsonObject, none: string) =>
        has(from, 'averageUtilization') ? `${number(from, 'averageUtilization')}%` : none;
      return `${name}: ${share(current, '<unknown>')}/${share(target, '<auto>')}`;
    }
    default:
      return '<unknown type>';
  }
}
