/**
 * The rules of StatefulSets. Source: pkg/apis/apps/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, mapStruct, number, struct, structs, text, without } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateNonnegative, validateText } from './fields.ts';
import { checkDns1123Label } from './names.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateClaimSpec } from './persistent-volume-claim.ts';
import { validatePodTemplate } from './pod-spec.ts';
import {
  intOrPercentValue,
  selectorTakesTemplate,
  templateMismatch,
  validateAtMostAll,
  validateForeverPolicy,
  validateIntOrPercent,
  validateSelector,
} from './workload.ts';

const words = { selectorOf: 'statefulset', template: 'StatefulSet' };

/** The fields that may change. */
const mutableKeys = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** The problems of a new StatefulSet besides its metadata. */
export function validateStatefulSet(set: JsonObject): FieldError[] {
  return validateSpec(struct(set, 'spec'), { isUpdate: false, skipsTemplate: false });
}

/** The problems of a changed StatefulSet; a template that was wrong before may stay so. */
export function validateStatefulSetUpdate(set: JsonObject, old: KubeObject): FieldError[] {
  const spec = struct(set, 'spec');
  const before = struct(asJson(old), 'spec');
  const skipsTemplate = validateSpec(before, { isUpdate: true, skipsTemplate: false }).length > 0;
  const errors = validateSpec(spec, { isUpdate: true, skipsTemplate });
  if (!jsonEqual(without(spec, ...mutableKeys), without(before, ...mutableKeys))) {
    const detail =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbidden('spec', detail));
  }
  return errors;
}

function validateSpec(
  spec: JsonObject,
  { isUpdate, skipsTemplate }: { readonly isUpdate: boolean; readonly skipsTemplate: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  const policy = text(spec, 'podManagementPolicy');
  if (policy === '') errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  errors.push(...validateStrategy(struct(spec, 'updateStrategy')), ...validateRetention(spec));
  if (!isUpdate) {
    for (const [index, claim] of structs(spec, 'volumeClaimTemplates').entries()) {
      errors.push(...validateClaimSpec(struct(claim, 'spec'), `spec.volumeClaimTemplates[${index}].spec`));
    }
  }
  errors.push(
    ...validateNonnegative('spec', spec, 'replicas'),
    ...validateNonnegative('spec', spec, 'minReadySeconds'),
    ...validateNonnegative('spec.ordinals', struct(spec, 'ordinals'), 'start'),
  );
  const serviceName = text(spec, 'serviceName');
  if (!isUpdate && serviceName !== '') {
    errors.push(...validateText('spec.serviceName', serviceName, checkDns1123Label));
  }
  return [
    ...errors,
    ...validateSelector(spec, words),
    ...validateTemplate(spec, skipsTemplate),
    ...validateForeverPolicy(spec, words),
  ];
}

function validateStrategy(strategy: JsonObject): FieldError[] {
  const path = 'spec.updateStrategy';
  const type = text(strategy, 'type');
  const rolling = struct(strategy, 'rollingUpdate');
  const here = `${path}.rollingUpdate`;
  if (type === 'OnDelete') {
    if (!has(strategy, 'rollingUpdate')) return [];
    return [invalid(here, shownRolling(rolling), "only allowed for updateStrategy 'RollingUpdate'")];
  }
  if (type !== 'RollingUpdate') {
    const shown = has(strategy, 'rollingUpdate') ? shownRolling(rolling) : null;
    const detail = "must be 'RollingUpdate' or 'OnDelete'";
    return [invalid(path, { Type: type, RollingUpdate: shown }, detail)];
  }
  const errors = validateNonnegative(here, rolling, 'partition');
  if (!has(rolling, 'maxUnavailable')) return errors;
  errors.push(...validateIntOrPercent(`${here}.maxUnavailable`, rolling, 'maxUnavailable'));
  if (intOrPercentValue(rolling, 'maxUnavailable') === 0) {
    errors.push(invalid(`${here}.maxUnavailable`, rolling.maxUnavailable, 'cannot be 0'));
  }
  return [...errors, ...validateAtMostAll(`${here}.maxUnavailable`, rolling, 'maxUnavailable')];
}

/** The settings as upstream prints its internal Go struct. */
function shownRolling(rolling: JsonObject): JsonObject {
  return { Partition: number(rolling, 'partition') ?? 0, MaxUnavailable: rolling.maxUnavailable ?? null };
}

function validateRetention(spec: JsonObject): FieldError[] {
  const policies = ['Retain', 'Delete'];
  const retention = struct(spec, 'persistentVolumeClaimRetentionPolicy');
  if (!has(spec, 'persistentVolumeClaimRetentionPolicy')) return [];
  return ['whenDeleted', 'whenScaled'].flatMap((key) => {
    const policy = text(retention, key);
    const path = `spec.persistentVolumeClaimRetentionPolicy.${key}`;
    return policies.includes(policy) ? [] : [notSupported(path, policy, policies)];
  });
}

function validateTemplate(spec: JsonObject, skipsTemplate: boolean): FieldError[] {
  const isTaken = selectorTakesTemplate(spec);
  if (isTaken === undefined) return [invalid('spec.selector', struct(spec, 'selector'), '')];
  const template = struct(spec, 'template');
  const metadata = struct(template, 'metadata');
  return [
    ...(isTaken ? [] : [templateMismatch(spec)]),
    ...(skipsTemplate ? [] : validatePodTemplate(withClaims(template, spec), 'spec.template')),
    ...validateLabels(metadata, 'labels', 'spec.template.labels'),
    ...validateAnnotations(metadata, 'spec.template.annotations'),
  ];
}

/** The template as the controller completes it: names are its own, and volumes are taken from the claims. */
function withClaims(template: JsonObject, spec: JsonObject): JsonObject {
  const claims = structs(spec, 'volumeClaimTemplates').map((claim) =>
    text(struct(claim, 'metadata'), 'name'),
  );
  return mapStruct(template, 'spec', (podSpec) => ({
    ...without(podSpec, 'subdomain', 'hostname'),
    ...(claims.length === 0
      ? {}
      : {
          volumes: [
            ...[...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
            ...structs(podSpec, 'volumes').filter((volume) => !claims.includes(text(volume, 'name'))),
          ],
        }),
  }));
}
