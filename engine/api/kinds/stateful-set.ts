/**
 * StatefulSets. Source: pkg/registry/apps/statefulset/strategy.go, SetDefaults_StatefulSet, printStatefulSet.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, has, mapStruct, mapStructs, number, struct, text, withDefaults, without } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { checkDns1123Label } from '../validation/names.ts';
import { validateStatefulSet, validateStatefulSetUpdate } from '../validation/stateful-set.ts';
import {
  age,
  ageColumn,
  column,
  containerCells,
  containerColumns,
  defineKind,
  nameColumn,
} from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';
import { defaultClaim } from './persistent-volume-claim.ts';
import { withoutGatedTemplate } from './pod-gates.ts';
import { templateWarnings } from './pod-warnings.ts';
import { defaultTemplate } from './workload.ts';

/** apps/v1 StatefulSet. */
export const statefulSetKind: KindDefinition = defineKind({
  group: 'apps',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  schema: 'V1StatefulSet',
  subresources: ['status', 'scale'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults: (set) => ({ ...set, spec: defaultSpec(struct(set, 'spec')) }),
  prepareForCreate: (set) =>
    beginGeneration(withoutMaxUnavailable(withoutGatedTemplate(set)), { replicas: 0, availableReplicas: 0 }),
  prepareForUpdate: (set, old) => {
    const kept = has(rollingOf(asJson(old)), 'maxUnavailable') ? set : withoutMaxUnavailable(set);
    return bumpGeneration(withoutGatedTemplate(kept), old);
  },
  checkName: checkDns1123Label,
  validateRest: validateStatefulSet,
  validateChange: validateStatefulSetUpdate,
  warnings: (set, old) => [...templateWarnings(set, old), ...historyWarnings(set)],
  columns: [
    nameColumn,
    column('Ready', 'string', 'How many Pods are ready, of those there should be.'),
    ageColumn,
    ...containerColumns,
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    return [
      object.metadata.name,
      `${number(status, 'readyReplicas') ?? 0}/${number(spec, 'replicas') ?? 0}`,
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
    ];
  },
});

function historyWarnings(set: JsonObject): readonly string[] {
  if ((number(struct(set, 'spec'), 'revisionHistoryLimit') ?? 0) >= 0) return [];
  return [
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ];
}

function rollingOf(set: JsonObject): JsonObject {
  return struct(struct(struct(set, 'spec'), 'updateStrategy'), 'rollingUpdate');
}

/** The field is of a feature that is off by default, so the server takes it away. */
function withoutMaxUnavailable(set: JsonObject): JsonObject {
  return mapStruct(set, 'spec', (spec) =>
    mapStruct(spec, 'updateStrategy', (strategy) =>
      mapStruct(strategy, 'rollingUpdate', (rolling) => without(rolling, 'maxUnavailable')),
    ),
  );
}

function defaultSpec(spec: JsonObject): JsonObject {
  const result = withDefaults(
    mapStructs(defaultTemplate(spec), 'volumeClaimTemplates', defaultClaimTemplate),
    {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: 10,
    },
  );
  return {
    ...result,
    updateStrategy: defaultStrategy(struct(spec, 'updateStrategy')),
    persistentVolumeClaimRetentionPolicy: withDefaults(struct(spec, 'persistentVolumeClaimRetentionPolicy'), {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    }),
  };
}

/** A template says what it is a template of, whatever was written. */
function defaultClaimTemplate(template: JsonObject): JsonObject {
  return { ...defaultClaim(template), kind: 'PersistentVolumeClaim', apiVersion: 'v1' };
}

function defaultStrategy(strategy: JsonObject): JsonObject {
  const typed = has(strategy, 'type') ? strategy : { rollingUpdate: {}, ...strategy, type: 'RollingUpdate' };
  if (text(typed, 'type') !== 'RollingUpdate' || !has(typed, 'rollingUpdate')) return typed;
  const rolling = struct(typed, 'rollingUpdate');
  return { ...typed, rollingUpdate: withDefaults(rolling, { partition: 0 }) };
}
