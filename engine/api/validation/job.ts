/**
 * The rules of Jobs. Source: pkg/apis/batch/validation/validation.go of v1.36.
 */
import { type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { invalid, notSupported, required, tooLong } from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { asJson, flag, has, mapStruct, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateDomainPrefixedPath, validateNonnegative } from './fields.ts';
import { validateJobPolicies } from './job-policies.ts';
import { validateLabelSelector } from './label-selector.ts';
import { byteLength, checkDns1123Label } from './names.ts';
import { validateImmutable, validateObjectMetaUpdate } from './object-meta.ts';
import { validatePodTemplate } from './pod-spec.ts';
import { selectorTakesTemplate, templateMismatch } from './workload.ts';

/** Above this many completions the lists of indexes in the status grow too long. */
const manyCompletions = 100_000;
const maxIndexedParallelism = 100_000;
const maxFailedIndexes = 100_000;
const maxWithManyCompletions = 10_000;
const maxManagedByLength = 63;

const immutableKeys = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
];

/** The problems of a Job besides its metadata. */
export function validateJob(job: JsonObject): FieldError[] {
  const spec = struct(job, 'spec');
  const errors = [...validateGeneratedSelector(job), ...validateSelectingSpec(spec)];
  const completions = number(spec, 'completions') ?? 0;
  if (text(spec, 'completionMode') === 'Indexed' && completions > 0) {
    const name = text(struct(job, 'metadata'), 'name');
    const hostname = `${name}-${completions - 1}`;
    if (checkDns1123Label(hostname).length > 0) {
      const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
      errors.push(invalid('metadata.name', name, detail));
    }
  }
  return errors;
}

function validateSelectingSpec(spec: JsonObject): FieldError[] {
  const errors = validateJobSpec(spec, 'spec');
  if (!has(spec, 'selector')) errors.push(required('spec.selector'));
  else errors.push(...validateLabelSelector(struct(spec, 'selector'), 'spec.selector'));
  return selectorTakesTemplate(spec) === false ? [...errors, templateMismatch(spec)] : errors;
}

/** A Job that does not bring its own selector has the one that was made for it. */
function validateGeneratedSelector(job: JsonObject): FieldError[] {
  const spec = struct(job, 'spec');
  if (flag(spec, 'manualSelector') || !has(spec, 'selector')) return [];
  const { uid = '', name = '' } = struct(job, 'metadata');
  const errors = uid === '' ? [required('metadata.uid')] : [];
  const labels = struct(struct(struct(spec, 'template'), 'metadata'), 'labels');
  const expected = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  for (const [key, value] of Object.entries(expected)) {
    const path = `spec.template.metadata.labels[${key}]`;
    const detail = `must be '${String(value)}'`;
    if (!has(labels, key)) errors.push(required(path, detail));
    else if (labels[key] !== value) errors.push(invalid(path, labels, detail));
  }
  const generated = { ...spec, template: { metadata: { labels: expected } } };
  if (selectorTakesTemplate(generated) === false) {
    errors.push(invalid('spec.selector', struct(spec, 'selector'), '`selector` not auto-generated'));
  }
  return errors;
}

/** The problems of a Job's spec but for its selector; also of the template of a CronJob. */
export function validateJobSpec(spec: JsonObject, path: string): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ];
  const errors = counts.flatMap((key) => validateNonnegative(path, spec, key));
  if (has(spec, 'maxFailedIndexes') && !has(spec, 'backoffLimitPerIndex')) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (has(spec, 'managedBy')) {
    const managedBy = text(spec, 'managedBy');
    errors.push(...validateDomainPrefixedPath(`${path}.managedBy`, managedBy));
    if (byteLength(managedBy) > maxManagedByLength) {
      errors.push(tooLong(`${path}.managedBy`, maxManagedByLength));
    }
  }
  return [
    ...errors,
    ...validateCompletionMode(spec, path),
    ...validateJobPolicies(spec, path),
    ...validatePodTemplate(struct(spec, 'template'), `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function validateCompletionMode(spec: JsonObject, path: string): FieldError[] {
  const modes = ['NonIndexed', 'Indexed'];
  const mode = text(spec, 'completionMode');
  const errors: FieldError[] = [];
  if (has(spec, 'completionMode') && !modes.includes(mode)) {
    errors.push(notSupported(`${path}.completionMode`, mode, modes));
  }
  if (mode === 'Indexed') return [...errors, ...validateIndexed(spec, path)];
  if (has(spec, 'completionMode') && mode !== 'NonIndexed') return errors;
  for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    if (has(spec, key)) {
      errors.push(invalid(`${path}.${key}`, spec[key], 'requires indexed completion mode'));
    }
  }
  return errors;
}

function validateIndexed(spec: JsonObject, path: string): FieldError[] {
  const completions = number(spec, 'completions');
  const parallelism = number(spec, 'parallelism') ?? 0;
  const failed = number(spec, 'maxFailedIndexes');
  const errors: FieldError[] = [];
  const tooLarge = (key: string, limit: string) =>
    errors.push(invalid(`${path}.${key}`, spec[key], `must be less than or equal to ${limit}`));
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  if (parallelism > maxIndexedParallelism) {
    tooLarge('parallelism', `${maxIndexedParallelism} when completion mode is Indexed`);
  }
  if (completions !== undefined && failed !== undefined && failed > completions) {
    tooLarge('maxFailedIndexes', 'completions');
  }
  if (failed !== undefined && failed > maxFailedIndexes) {
    tooLarge('maxFailedIndexes', String(maxFailedIndexes));
  }
  if ((completions ?? 0) <= manyCompletions || !has(spec, 'backoffLimitPerIndex')) return errors;
  if (failed === undefined) {
    const detail = `must be specified when completions is above ${manyCompletions}`;
    errors.push(required(`${path}.maxFailedIndexes`, detail));
  }
  const limit = `${maxWithManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (parallelism > maxWithManyCompletions) tooLarge('parallelism', limit);
  if (failed !== undefined && failed > maxWithManyCompletions) tooLarge('maxFailedIndexes', limit);
  return errors;
}

function validateRestartPolicy(spec: JsonObject, path: string): FieldError[] {
  const policy = text(struct(struct(spec, 'template'), 'spec'), 'restartPolicy');
  if (policy === 'Always' || policy === '') {
    return [required(path, 'valid values: "OnFailure", "Never"')];
  }
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [notSupported(path, policy, ['OnFailure', 'Never'])];
  }
  if (!has(spec, 'podFailurePolicy') || policy === 'Never') return [];
  return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

/**
 * The problems of a changed Job. A template that may not change is shown as the server has it inside.
 */
export function validateJobUpdate(job: JsonObject, oldObject: KubeObject): FieldError[] {
  const old = asJson(oldObject);
  const [spec, before] = [struct(job, 'spec'), struct(old, 'spec')];
  const immutable = (key: string) =>
    validateImmutable(`spec.${key}`, spec[key], before[key], shown(spec, key));
  return [
    ...validateJob(job),
    ...validateObjectMetaUpdate(job, old),
    ...validateSelectingSpec(spec),
    ...validateCompletionsChange(spec, before),
    ...immutable('selector'),
    ...validateTemplateChange(spec, old),
    ...immutableKeys.flatMap(immutable),
  ];
}

/** A field as the server has it inside. */
function shown(spec: JsonObject, key: string): JsonValue | undefined {
  const type = internalTypesOf.get(key);
  return type === undefined || !has(spec, key) ? spec[key] : internalForm(type, struct(spec, key));
}

const internalTypesOf: ReadonlyMap<string, string> = new Map([
  ['podFailurePolicy', 'PodFailurePolicy'],
  ['successPolicy', 'SuccessPolicy'],
]);

/** An elastic Job may change completions and parallelism together. */
function validateCompletionsChange(spec: JsonObject, before: JsonObject): FieldError[] {
  const { completions, parallelism } = spec;
  if (text(spec, 'completionMode') !== 'Indexed') {
    return validateImmutable('spec.completions', completions, before.completions, completions);
  }
  const isSame = jsonEqual(completions ?? null, before.completions ?? null);
  if (isSame || completions === undefined || completions === parallelism) return [];
  return [invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')];
}

function validateTemplateChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const before = struct(old, 'spec');
  const status = struct(old, 'status');
  const isSuspended =
    flag(before, 'suspend') &&
    (number(status, 'active') ?? 0) === 0 &&
    structs(status, 'conditions').some(
      (condition) => text(condition, 'type') === 'Suspended' && text(condition, 'status') === 'True',
    );
  const template = struct(spec, 'template');
  const was = struct(before, 'template');
  if (!isSuspended)
    return validateImmutable('spec.template', template, was, internalForm('PodTemplateSpec', template));
  const podSpec = struct(template, 'spec');
  const allowed = withResourcesOf(withPlacementOf(struct(was, 'spec'), podSpec), podSpec);
  return validateImmutable('spec.template.spec', podSpec, allowed, internalForm('PodSpec', podSpec));
}

/** Where the Pods of a suspended Job may run can still change. */
function withPlacementOf(was: JsonObject, now: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...was };
  for (const key of ['nodeSelector', 'tolerations', 'schedulingGates']) {
    const value = now[key];
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  const nodeAffinity = struct(now, 'affinity').nodeAffinity;
  const affinity: Record<string, JsonObject[string]> = { ...struct(was, 'affinity') };
  delete affinity.nodeAffinity;
  if (nodeAffinity !== undefined) affinity.nodeAffinity = nodeAffinity;
  delete result.affinity;
  if (Object.keys(affinity).length > 0 || has(now, 'affinity')) result.affinity = affinity;
  return result;
}

/** What the containers of a suspended Job ask for can still change. */
function withResourcesOf(was: JsonObject, now: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...was };
  for (const key of ['containers', 'initContainers']) {
    const [before, after] = [structs(was, key), structs(now, key)];
    if (before.length !== after.length || before.length === 0) continue;
    result[key] = before.map((container, index) => {
      const other = after[index];
      const isSame = other !== undefined && text(other, 'name') === text(container, 'name');
      return isSame
        ? mapStruct({ ...container, resources: {} }, 'resources', () => struct(other, 'resources'))
        : container;
    });
  }
  return result;
}
