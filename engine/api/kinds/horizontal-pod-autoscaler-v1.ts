/**
 * HorizontalPodAutoscalers in the words of autoscaling/v1, which knows only one metric. They are kept as those of
 * autoscaling/v2. Source: pkg/apis/autoscaling/v1/conversion.go.
 *
 * Differs: upstream writes what this version cannot say into annotations; here it is left out of the answer, and stays as it
 * is when the object is changed in this version.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, has, number, struct, structs, text, withDefaults, without } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { defineKind } from './define.ts';
import { defaultAutoscaler, horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';

const { columns, group, kind, plural, row, shortNames, categories } = horizontalPodAutoscalerKind;

/** autoscaling/v1 HorizontalPodAutoscaler. */
export const horizontalPodAutoscalerV1Kind: KindDefinition = {
  ...defineKind({
    group,
    version: 'v1',
    kind,
    plural,
    shortNames,
    categories,
    schema: 'V1HorizontalPodAutoscaler',
    subresources: ['status'],
    hasStatus: true,
    applyDefaults: (autoscaler) => ({
      ...autoscaler,
      spec: withDefaults(struct(autoscaler, 'spec'), { minReplicas: 1 }),
    }),
    prepareForCreate: (autoscaler) => ({
      ...fromStorage(toStorage(autoscaler, undefined)),
      status: { currentReplicas: 0, desiredReplicas: 0 },
    }),
    prepareForUpdate: (autoscaler, old) => {
      const status = struct(asJson(old), 'status');
      return { ...fromStorage(toStorage(autoscaler, undefined)), status };
    },
    columns,
    row: (object, nowMs) =>
      row({ ...object, ...toStorage(asJson(object), undefined), metadata: object.metadata }, nowMs),
  }),
  storage: { group, plural, toStorage, fromStorage },
  validate: (autoscaler) => horizontalPodAutoscalerKind.validate(toStorage(autoscaler, undefined)),
  validateUpdate: (autoscaler, old) =>
    horizontalPodAutoscalerKind.validateUpdate(toStorage(autoscaler, undefined), {
      ...old,
      ...toStorage(asJson(old), undefined),
      metadata: old.metadata,
    }),
};

function isCpuShare(metric: JsonObject): boolean {
  const source = struct(metric, 'resource');
  return text(source, 'name') === 'cpu' && has(struct(source, 'target'), 'averageUtilization');
}

function toStorage(autoscaler: JsonObject, before: KubeObject | undefined): JsonObject {
  const spec = struct(autoscaler, 'spec');
  const was = struct(asJson(before), 'spec');
  const share = number(spec, 'targetCPUUtilizationPercentage');
  const others = structs(was, 'metrics').filter((metric) => !isCpuShare(metric));
  const cpu =
    share === undefined
      ? []
      : [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } },
          },
        ];
  const behavior = has(was, 'behavior') ? { behavior: struct(was, 'behavior') } : {};
  const status = struct(autoscaler, 'status');
  const shownShare = number(status, 'currentCPUUtilizationPercentage');
  const currentMetrics =
    shownShare === undefined
      ? (struct(asJson(before), 'status').currentMetrics ?? null)
      : [
          {
            type: 'Resource',
            resource: { name: 'cpu', current: { averageUtilization: shownShare, averageValue: '0' } },
          },
        ];
  return defaultAutoscaler({
    ...autoscaler,
    apiVersion: `${group}/v2`,
    spec: { ...without(spec, 'targetCPUUtilizationPercentage'), metrics: [...others, ...cpu], ...behavior },
    ...(has(autoscaler, 'status')
      ? { status: { ...without(status, 'currentCPUUtilizationPercentage'), currentMetrics } }
      : {}),
  });
}

function fromStorage(autoscaler: JsonObject): JsonObject {
  const spec = struct(autoscaler, 'spec');
  const share = shareOf(structs(spec, 'metrics'), 'target');
  const status = struct(autoscaler, 'status');
  const shownShare = shareOf(structs(status, 'currentMetrics'), 'current');
  return {
    ...autoscaler,
    apiVersion: `${group}/v1`,
    spec: {
      ...without(spec, 'metrics', 'behavior'),
      ...(share === undefined ? {} : { targetCPUUtilizationPercentage: share }),
    },
    ...(has(autoscaler, 'status')
      ? {
          status: {
            currentReplicas: 0,
            ...without(status, 'currentMetrics', 'conditions'),
            ...(shownShare === undefined ? {} : { currentCPUUtilizationPercentage: shownShare }),
          },
        }
      : {}),
  };
}

function shareOf(metrics: readonly JsonObject[], part: 'target' | 'current'): number | undefined {
  const cpu = metrics.find((metric) => text(struct(metric, 'resource'), 'name') === 'cpu');
  return cpu === undefined ? undefined : number(struct(struct(cpu, 'resource'), part), 'averageUtilization');
}
