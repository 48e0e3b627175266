/**
 * Deployments. Source: pkg/registry/apps/deployment/strategy.go, SetDefaults_Deployment, ValidateDeploymentSpec,
 * printDeployment.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, mapStruct, number, struct, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateNonnegative } from '../validation/fields.ts';
import {
  intOrPercentValue,
  validateAtMostAll,
  validateIntOrPercent,
  validateSelector,
  validateSelectorUnchanged,
  validateTemplate,
} from '../validation/workload.ts';
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

const words = { selectorOf: 'deployment', template: 'ReplicaSet' };

/** apps/v1 Deployment. */
export const deploymentKind: KindDefinition = defineKind({
  group: 'apps',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  schema: 'V1Deployment',
  subresources: ['status', 'scale'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults: (deployment) => mapStruct(deployment, 'spec', defaultSpec),
  prepareForCreate: (deployment) => beginGeneration(withoutGatedTemplate(deployment), {}),
  // Upstream keeps the labels, and nothing else of metadata.
  prepareStatus: (deployment, old) => withLabelsOf(deployment, asJson(old)),
  prepareForUpdate: (deployment, old) => {
    const annotations = struct(struct(deployment, 'metadata'), 'annotations');
    const before = struct(struct(asJson(old), 'metadata'), 'annotations');
    return bumpGeneration(withoutGatedTemplate(deployment), old, !jsonEqual(annotations, before));
  },
  validateRest: validateDeployment,
  validateChange: (deployment, old) => [
    ...validateDeployment(deployment),
    ...validateSelectorUnchanged(deployment, asJson(old)),
  ],
  warnings: templateWarnings,
  columns: [
    nameColumn,
    column('Ready', 'string', 'How many Pods are ready, of those there should be.'),
    column('Up-to-date', 'string', 'How many Pods have the present template.'),
    column('Available', 'string', 'How many Pods have been ready long enough.'),
    ageColumn,
    ...containerColumns,
    wideColumn('Selector', 'string', 'The labels of the Pods that count.'),
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    return [
      object.metadata.name,
      `${number(status, 'readyReplicas') ?? 0}/${number(spec, 'replicas') ?? 0}`,
      number(status, 'updatedReplicas') ?? 0,
      number(status, 'availableReplicas') ?? 0,
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
      // Unlike a ReplicaSet's, an empty selector leaves the cell empty.
      formatLabelSelector(spec, 'selector').replace('<none>', ''),
    ];
  },
});

function withLabelsOf(deployment: JsonObject, old: JsonObject): JsonObject {
  const { labels } = struct(old, 'metadata');
  const { labels: _given, ...metadata } = struct(deployment, 'metadata');
  return { ...deployment, metadata: { ...metadata, ...(labels === undefined ? {} : { labels }) } };
}

function defaultSpec(spec: JsonObject): JsonObject {
  const result = withDefaults(defaultTemplate(spec), {
    replicas: 1,
    strategy: {},
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  return mapStruct(result, 'strategy', (strategy) => {
    const typed = withDefaults(strategy, { type: 'RollingUpdate' });
    if (text(typed, 'type') !== 'RollingUpdate') return typed;
    return {
      ...typed,
      rollingUpdate: withDefaults(struct(typed, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' }),
    };
  });
}

function validateDeployment(deployment: JsonObject): FieldError[] {
  const spec = struct(deployment, 'spec');
  const errors = [
    ...validateNonnegative('spec', spec, 'replicas'),
    ...validateSelector(spec, words),
    ...validateTemplate(spec, words),
    ...validateStrategy(struct(spec, 'strategy')),
    ...validateNonnegative('spec', spec, 'minReadySeconds'),
    ...validateNonnegative('spec', spec, 'revisionHistoryLimit'),
    ...validateNonnegative('spec', spec, 'progressDeadlineSeconds'),
  ];
  const deadline = number(spec, 'progressDeadlineSeconds');
  if (deadline !== undefined && deadline <= (number(spec, 'minReadySeconds') ?? 0)) {
    errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

/** Upstream prints the strategy as its internal Go struct. */
function shownStrategy(strategy: JsonObject): JsonObject {
  const { maxUnavailable = 0, maxSurge = 0 } = struct(strategy, 'rollingUpdate');
  return {
    Type: text(strategy, 'type'),
    RollingUpdate: has(strategy, 'rollingUpdate')
      ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge }
      : null,
  };
}

function validateStrategy(strategy: JsonObject): FieldError[] {
  const path = 'spec.strategy';
  const type = text(strategy, 'type');
  const rolling = struct(strategy, 'rollingUpdate');
  if (type === 'Recreate') {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    return has(strategy, 'rollingUpdate') ? [forbidden(`${path}.rollingUpdate`, detail)] : [];
  }
  if (type !== 'RollingUpdate') {
    return [notSupported(path, shownStrategy(strategy), ['Recreate', 'RollingUpdate'])];
  }
  if (!has(strategy, 'rollingUpdate')) {
    return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
  }
  const here = `${path}.rollingUpdate`;
  const errors = [
    ...validateIntOrPercent(`${here}.maxUnavailable`, rolling, 'maxUnavailable'),
    ...validateIntOrPercent(`${here}.maxSurge`, rolling, 'maxSurge'),
  ];
  if (intOrPercentValue(rolling, 'maxUnavailable') === 0 && intOrPercentValue(rolling, 'maxSurge') === 0) {
    errors.push(
      invalid(`${here}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
    );
  }
  return [...errors, ...validateAtMostAll(`${here}.maxUnavailable`, rolling, 'maxUnavailable')];
}
