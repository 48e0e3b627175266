/**
 * The rules of HorizontalPodAutoscalers. Source: pkg/apis/autoscaling/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { parseQuantity } from '../quantity.ts';
import { asJson, has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validatePathSegment, validateText } from './fields.ts';
import { checkDns1123Label, checkPathSegmentName } from './names.ts';
import { validateContainerResourceName } from './resources.ts';

const maxPeriodSeconds = 1800;
const maxWindowSeconds = 3600;

/** The types of metrics with the fields that belong to them, in the order in which upstream looks at them. */
const sources = [
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
] as const;
const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** The problems of an autoscaler besides its metadata; on a change, a reference that stays is not looked at again. */
export function validateAutoscaler(autoscaler: JsonObject, old?: KubeObject): FieldError[] {
  const spec = struct(autoscaler, 'spec');
  const before = old === undefined ? undefined : struct(asJson(old), 'spec');
  const least = before !== undefined && number(before, 'minReplicas') === 0 ? 0 : 1;
  const [min, max] = [number(spec, 'minReplicas'), number(spec, 'maxReplicas') ?? 0];
  const errors: FieldError[] = [];
  if (min !== undefined && min < least) {
    errors.push(invalid('spec.minReplicas', min, `must be greater than or equal to ${least}`));
  }
  if (max === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (max < 0) errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to 1'));
  if (min !== undefined && max < min) {
    errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  }
  errors.push(...validateTarget(spec, before), ...validateMetrics(spec));
  const behavior = struct(spec, 'behavior');
  for (const key of ['scaleUp', 'scaleDown']) {
    if (has(behavior, key)) errors.push(...validateRules(struct(behavior, key), `spec.behavior.${key}`));
  }
  return errors;
}

function validateTarget(spec: JsonObject, before: JsonObject | undefined): FieldError[] {
  const target = struct(spec, 'scaleTargetRef');
  const was = before === undefined ? undefined : struct(before, 'scaleTargetRef');
  const isKept =
    was !== undefined &&
    text(was, 'apiVersion') === text(target, 'apiVersion') &&
    text(was, 'kind') === text(target, 'kind');
  const mayLackGroup = text(target, 'kind') === 'ReplicationController';
  return validateReference(target, 'spec.scaleTargetRef', isKept || mayLackGroup, isKept);
}

function validateReference(
  reference: JsonObject,
  path: string,
  mayLackGroup: boolean,
  isKept = false,
): FieldError[] {
  const errors = [
    ...validatePathSegment(path, reference, 'kind'),
    ...validatePathSegment(path, reference, 'name'),
  ];
  const version = text(reference, 'apiVersion');
  const parts = version.split('/');
  if (isKept) return errors;
  if (parts.length > 2) {
    errors.push(invalid(`${path}.apiVersion`, version, `unexpected GroupVersion string: ${version}`));
  } else if (!mayLackGroup && (parts.length < 2 || parts[0] === '')) {
    errors.push(invalid(`${path}.apiVersion`, version, 'apiVersion must specify API group'));
  }
  return errors;
}

function validateMetrics(spec: JsonObject): FieldError[] {
  const metrics = structs(spec, 'metrics');
  const errors = metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`));
  const canBeIdle = metrics.some((metric) => ['Object', 'External'].includes(text(metric, 'type')));
  if (number(spec, 'minReplicas') === 0 && !canBeIdle) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbidden('spec.metrics', detail));
  }
  return errors;
}

function validateMetric(metric: JsonObject, path: string): FieldError[] {
  const type = text(metric, 'type');
  const isKnown = sourceTypes.includes(type);
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric source type'));
  if (!isKnown) errors.push(notSupported(`${path}.type`, type, sourceTypes));
  const present = sources.filter(([, key]) => has(metric, key));
  const first = present[0];
  if (first !== undefined)
    errors.push(...validateSource(struct(metric, first[1]), `${path}.${first[1]}`, first[0]));
  const expected = sources.find(([name]) => name === type)?.[1];
  if (expected === undefined) errors.push(notSupported(`${path}.type`, type, sourceTypes));
  else if (!has(metric, expected)) {
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  }
  if (present.length === 1) return errors;
  const others = present.filter(([, key]) => key !== expected);
  return [
    ...errors,
    ...others.map(([, key]) => forbidden(`${path}.${key}`, 'must populate the given metric source only')),
  ];
}

function validateSource(source: JsonObject, path: string, type: string): FieldError[] {
  const target = struct(source, 'target');
  const here = `${path}.target`;
  const lacks = (...keys: readonly string[]) => !keys.some((key) => has(target, key));
  if (type === 'Resource' || type === 'ContainerResource') return validateResourceSource(source, path, type);
  const errors =
    type === 'Object'
      ? validateReference(struct(source, 'describedObject'), `${path}.describedObject`, true)
      : [];
  errors.push(
    ...validateIdentifier(struct(source, 'metric'), `${path}.metric`),
    ...validateAim(target, here),
  );
  if (type === 'Pods') {
    const detail = 'must specify a positive target averageValue';
    return lacks('averageValue') ? [...errors, required(`${here}.averageValue`, detail)] : errors;
  }
  if (lacks('value', 'averageValue')) {
    const detail =
      type === 'Object'
        ? 'must set either a target value or averageValue'
        : 'must set either a target value for metric or a per-pod target';
    errors.push(required(`${here}.averageValue`, detail));
  }
  if (type === 'External' && has(target, 'value') && has(target, 'averageValue')) {
    const detail = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbidden(`${here}.value`, detail));
  }
  return errors;
}

function validateResourceSource(source: JsonObject, path: string, type: string): FieldError[] {
  const name = text(source, 'name');
  const target = struct(source, 'target');
  const here = `${path}.target`;
  const errors = name === '' ? [required(`${path}.name`, 'must specify a resource name')] : [];
  if (type === 'ContainerResource') {
    if (name !== '') errors.push(...validateContainerResourceName(`${path}.name`, name));
    const container = text(source, 'container');
    errors.push(
      ...(container === ''
        ? [required(`${path}.container`, 'must specify a container')]
        : validateText(`${path}.container`, container, checkDns1123Label)),
    );
  }
  errors.push(...validateAim(target, here));
  const [hasShare, hasValue] = [has(target, 'averageUtilization'), has(target, 'averageValue')];
  if (!hasShare && !hasValue) {
    const detail = 'must set either a target raw value or a target utilization';
    errors.push(required(`${here}.averageUtilization`, detail));
  }
  if (hasShare && hasValue) {
    const detail = 'may not set both a target raw value and a target utilization';
    errors.push(forbidden(`${here}.averageValue`, detail));
  }
  return errors;
}

function validateIdentifier(metric: JsonObject, path: string): FieldError[] {
  const name = text(metric, 'name');
  if (name === '') return [required(`${path}.name`, 'must specify a metric name')];
  return validateText(`${path}.name`, name, checkPathSegmentName);
}

function validateAim(target: JsonObject, path: string): FieldError[] {
  const type = text(target, 'type');
  const errors = type === '' ? [required(`${path}.type`, 'must specify a metric target type')] : [];
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const key of ['value', 'averageValue']) {
    const amount = parseQuantity(text(target, key));
    if (amount.ok && amount.value.nano <= 0n) {
      errors.push(invalid(`${path}.${key}`, text(target, key), 'must be positive'));
    }
  }
  const share = number(target, 'averageUtilization');
  if (share !== undefined && share < 1) {
    errors.push(invalid(`${path}.averageUtilization`, share, 'must be greater than 0'));
  }
  return errors;
}

function validateRules(rules: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const window = number(rules, 'stabilizationWindowSeconds') ?? 0;
  const windowPath = `${path}.stabilizationWindowSeconds`;
  if (window < 0) errors.push(invalid(windowPath, window, 'must be greater than or equal to zero'));
  if (window > maxWindowSeconds) {
    errors.push(invalid(windowPath, window, `must be less than or equal to ${maxWindowSeconds}`));
  }
  const choices = ['Disabled', 'Max', 'Min'];
  const choice = text(rules, 'selectPolicy');
  if (has(rules, 'selectPolicy') && !choices.includes(choice)) {
    errors.push(notSupported(`${path}.selectPolicy`, choice, choices));
  }
  const policies = structs(rules, 'policies');
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  errors.push(...policies.flatMap((policy, index) => validatePolicy(policy, `${path}.policies[${index}]`)));
  const tolerance = parseQuantity(text(rules, 'tolerance'));
  if (tolerance.ok && tolerance.value.nano < 0n) {
    errors.push(invalid(`${path}.tolerance`, text(rules, 'tolerance'), 'must be greater than or equal to 0'));
  }
  return errors;
}

function validatePolicy(policy: JsonObject, path: string): FieldError[] {
  const types = ['Percent', 'Pods'];
  const type = text(policy, 'type');
  const errors = types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
  for (const key of ['value', 'periodSeconds']) {
    const value = number(policy, key) ?? 0;
    if (value <= 0) errors.push(invalid(`${path}.${key}`, value, 'must be greater than zero'));
  }
  const period = number(policy, 'periodSeconds') ?? 0;
  if (period > maxPeriodSeconds) {
    errors.push(
      invalid(`${path}.periodSeconds`, period, `must be less than or equal to ${maxPeriodSeconds}`),
    );
  }
  return errors;
}
