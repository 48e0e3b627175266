/**
 * DaemonSets. Source: pkg/registry/apps/daemonset/strategy.go, SetDefaults_DaemonSet, ValidateDaemonSetSpec,
 * printDaemonSet. The number of the template's generation, which internal objects have as a field, is an annotation.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, mapStruct, number, struct, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateNonnegative } from '../validation/fields.ts';
import { validateLabelSelector } from '../validation/label-selector.ts';
import { validatePodTemplate } from '../validation/pod-spec.ts';
import {
  intOrPercentValue,
  isEmptySelector,
  selectorTakesTemplate,
  templateMismatch,
  validateAtMostAll,
  validateForeverPolicy,
  validateIntOrPercent,
  validateSelectorUnchanged,
} from '../validation/workload.ts';
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
import { withoutGatedTemplate } from './pod-gates.ts';
import { templateWarnings } from './pod-warnings.ts';
import { defaultTemplate, formatLabelSelector } from './workload.ts';

const templateGeneration = 'deprecated.daemonset.template.generation';
const words = { selectorOf: 'daemonset', template: 'DaemonSet' };
const emptyStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

/** apps/v1 DaemonSet. */
export const daemonSetKind: KindDefinition = defineKind({
  group: 'apps',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  schema: 'V1DaemonSet',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  // The internal object's number is written out with every object, so that it is 0 before the server has set it.
  applyDefaults: (set) =>
    withTemplateGeneration(mapStruct(set, 'spec', defaultSpec), templateGenerationOf(set)),
  prepareStatus: (set, old) => withTemplateGeneration(set, templateGenerationOf(asJson(old))),
  prepareForCreate: (given) => {
    const set = withoutGatedTemplate(given);
    return beginGeneration(withTemplateGeneration(set, Math.max(1, templateGenerationOf(set))), emptyStatus);
  },
  prepareForUpdate,
  validateRest: validateDaemonSet,
  validateChange: (set, old) => [...validateSelectorUnchanged(set, asJson(old)), ...validateDaemonSet(set)],
  warnings: templateWarnings,
  columns: [
    nameColumn,
    column('Desired', 'integer', 'How many nodes should run its Pod.'),
    column('Current', 'integer', 'How many of these nodes have one.'),
    column('Ready', 'integer', 'On how many nodes it is ready.'),
    column('Up-to-date', 'integer', 'On how many nodes it has the present template.'),
    column('Available', 'integer', 'On how many nodes it has been ready long enough.'),
    column('Node Selector', 'string', 'The labels of the nodes that run it.'),
    ageColumn,
    ...containerColumns,
    wideColumn('Selector', 'string', 'The labels of the Pods that count.'),
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    const count = (key: string) => number(status, key) ?? 0;
    return [
      object.metadata.name,
      count('desiredNumberScheduled'),
      count('currentNumberScheduled'),
      count('numberReady'),
      count('updatedNumberScheduled'),
      count('numberAvailable'),
      formatLabels(struct(struct(spec, 'template'), 'spec'), 'nodeSelector'),
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
      formatLabelSelector(spec, 'selector'),
    ];
  },
});

function templateGenerationOf(set: JsonObject): number {
  return Number(struct(struct(set, 'metadata'), 'annotations')[templateGeneration] ?? 0);
}

function withTemplateGeneration(set: JsonObject, generation: number): JsonObject {
  const metadata = struct(set, 'metadata');
  const annotations = { ...struct(metadata, 'annotations'), [templateGeneration]: String(generation) };
  return { ...set, metadata: { ...metadata, annotations } };
}

/** Only a change of the template makes a new template generation. */
function prepareForUpdate(given: JsonObject, oldObject: KubeObject): JsonObject {
  const set = withoutGatedTemplate(given);
  const old = asJson(oldObject);
  const isChanged = !jsonEqual(struct(set, 'spec').template ?? null, struct(old, 'spec').template ?? null);
  const generation = templateGenerationOf(old) + (isChanged ? 1 : 0);
  return bumpGeneration(withTemplateGeneration(set, generation), oldObject);
}

function defaultSpec(spec: JsonObject): JsonObject {
  const result = withDefaults(defaultTemplate(spec), { updateStrategy: {}, revisionHistoryLimit: 10 });
  return mapStruct(result, 'updateStrategy', (strategy) => {
    const typed = withDefaults(strategy, { type: 'RollingUpdate' });
    if (text(typed, 'type') !== 'RollingUpdate') {
      return mapStruct(typed, 'rollingUpdate', (rolling) =>
        withDefaults(rolling, { maxUnavailable: 0, maxSurge: 0 }),
      );
    }
    const rolling = struct(typed, 'rollingUpdate');
    return { ...typed, rollingUpdate: withDefaults(rolling, { maxUnavailable: 1, maxSurge: 0 }) };
  });
}

function validateDaemonSet(set: JsonObject): FieldError[] {
  const spec = struct(set, 'spec');
  const selector = struct(spec, 'selector');
  const errors = has(spec, 'selector') ? validateLabelSelector(selector, 'spec.selector') : [];
  if (selectorTakesTemplate(spec) === false) errors.push(templateMismatch(spec));
  if (has(spec, 'selector') && isEmptySelector(selector)) {
    errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${words.selectorOf}`));
  }
  return [
    ...errors,
    ...validatePodTemplate(struct(spec, 'template'), 'spec.template'),
    ...validateForeverPolicy(spec, words),
    ...validateNonnegative('spec', spec, 'minReadySeconds'),
    ...validateStrategy(struct(spec, 'updateStrategy')),
    ...validateNonnegative('spec', spec, 'revisionHistoryLimit'),
  ];
}

function validateStrategy(strategy: JsonObject): FieldError[] {
  const type = text(strategy, 'type');
  if (type === 'OnDelete') return [];
  const rolling = struct(strategy, 'rollingUpdate');
  if (type !== 'RollingUpdate') {
    const shown = has(strategy, 'rollingUpdate') ? shownRolling(rolling) : null;
    // Upstream prints the strategy as its internal Go struct.
    const value = { Type: type, RollingUpdate: shown };
    return [notSupported('spec.updateStrategy', value, ['RollingUpdate', 'OnDelete'])];
  }
  const path = 'spec.updateStrategy.rollingUpdate';
  const keys = ['maxUnavailable', 'maxSurge'];
  const errors = [
    ...keys.flatMap((key) => validateIntOrPercent(`${path}.${key}`, rolling, key)),
    ...keys.flatMap((key) => validateAtMostAll(`${path}.${key}`, rolling, key)),
  ];
  const [unavailable = 0, surge = 0] = keys.map((key) => intOrPercentValue(rolling, key));
  if (unavailable !== 0 && surge !== 0) {
    const detail = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalid(`${path}.maxSurge`, rolling.maxSurge, detail));
  }
  if (unavailable === 0 && surge === 0) {
    errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

function shownRolling(rolling: JsonObject): JsonObject {
  return { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 };
}
