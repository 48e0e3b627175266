/**
 * Pods. Source: pkg/registry/core/pod/strategy.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { asJson, has, mapStruct, number, struct, structs, text } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateNewPod } from '../validation/pod-spec.ts';
import { validatePodUpdate } from '../validation/pod-update.ts';
import { defineKind, keepStatus, withStatus } from './define.ts';
import { appArmorWarnings, withAnnotatedProfiles } from './pod-app-armor.ts';
import { defaultPod } from './pod-defaults.ts';
import { withoutGated } from './pod-gates.ts';
import { withLabelKeys } from './pod-label-keys.ts';
import { qosClass } from './pod-qos.ts';
import { podColumns, podRow } from './pod-row.ts';
import { podWarnings } from './pod-warnings.ts';

/** core/v1 Pod. */
export const podKind: KindDefinition = defineKind({
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  schema: 'V1Pod',
  subresources: [
    'status',
    'log',
    'exec',
    'attach',
    'portforward',
    'proxy',
    'binding',
    'eviction',
    'ephemeralcontainers',
  ],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults: defaultPod,
  warningsBefore: appArmorWarnings,
  prepareForCreate: (given) => {
    const pod = withAnnotatedProfiles(mapStruct(given, 'spec', withoutGated));
    const gated = structs(struct(pod, 'spec'), 'schedulingGates').length > 0;
    const conditions = gated
      ? [
          {
            type: 'PodScheduled',
            status: 'False',
            lastProbeTime: null,
            lastTransitionTime: struct(pod, 'metadata').creationTimestamp ?? null,
            reason: 'SchedulingGated',
            message: 'Scheduling is blocked due to non-empty scheduling gates',
          },
        ]
      : undefined;
    return withStatus(
      { ...withLabelKeys(withGrace(pod)), metadata: { ...struct(pod, 'metadata'), generation: 1 } },
      {
        phase: 'Pending',
        ...(conditions === undefined ? {} : { conditions }),
        qosClass: qosClass(struct(pod, 'spec')),
      },
    );
  },
  prepareStatus: (pod, old) =>
    mapStruct(pod, 'status', (status) => {
      const { qosClass } = struct(asJson(old), 'status');
      return qosClass === undefined || has(status, 'qosClass') ? status : { ...status, qosClass };
    }),
  prepareForUpdate: (pod, old) => bumpGeneration(keepStatus(mapStruct(pod, 'spec', withoutGated), old), old),
  validateRest: validateNewPod,
  changedMeta: ['changed', 'new'],
  validateChange: validatePodUpdate,
  warnings: (pod, old) => (old === undefined ? podWarnings(pod, '') : []),
  columns: podColumns,
  row: (pod, nowMs) => podRow(asJson(pod), nowMs),
  selectableFields: (object) => {
    const pod = asJson(object);
    const spec = struct(pod, 'spec');
    const status = struct(pod, 'status');
    const hostNetwork = has(spec, 'hostNetwork') && spec.hostNetwork === true;
    return {
      'spec.nodeName': text(spec, 'nodeName'),
      'spec.restartPolicy': text(spec, 'restartPolicy'),
      'spec.schedulerName': text(spec, 'schedulerName'),
      'spec.serviceAccountName': text(spec, 'serviceAccountName'),
      'spec.hostNetwork': String(hostNetwork),
      'status.phase': text(status, 'phase'),
      'status.podIP': text(structs(status, 'podIPs')[0] ?? {}, 'ip'),
      'status.nominatedNodeName': text(status, 'nominatedNodeName'),
    };
  },
});

/** A Pod cannot end before it is told to. */
function withGrace(pod: JsonObject): JsonObject {
  const spec = struct(pod, 'spec');
  if ((number(spec, 'terminationGracePeriodSeconds') ?? 0) >= 0) return pod;
  return { ...pod, spec: { ...spec, terminationGracePeriodSeconds: 1 } };
}

/** A change of the spec makes a new generation. */
function bumpGeneration(object: JsonObject, old: KubeObject): JsonObject {
  const before = number(struct(asJson(old), 'metadata'), 'generation') ?? 0;
  const generation = jsonEqual(object.spec, asJson(old).spec) ? before : before + 1;
  if (generation === 0) return object;
  return { ...object, metadata: { ...struct(object, 'metadata'), generation } };
}
