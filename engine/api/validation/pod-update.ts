/**
 * What may be changed in a Pod: images, the deadline, gates that go, tolerations that come.
 * Source: ValidatePodUpdate in pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, required } from '../field-errors.ts';
import { describeDifference } from '../internal-form/internal-form.ts';
import { asJson, number, struct, structs, text, without } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { rangeError } from './names.ts';
import { validatePod } from './pod-spec.ts';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const maxInt32 = 2 ** 31 - 1;

/** The problems of a changed Pod besides its metadata. */
export function validatePodUpdate(pod: JsonObject, oldObject: KubeObject): FieldError[] {
  const old = asJson(oldObject);
  const spec = struct(pod, 'spec');
  const before = struct(old, 'spec');
  const errors = validatePod(pod);
  for (const key of ['containers', 'initContainers']) {
    const counts = validateCount(spec, before, key);
    if (counts.length > 0) return [...errors, ...counts];
    errors.push(...validateImages(spec, key));
  }
  const deadline = validateDeadline(spec, before);
  errors.push(...deadline.errors);
  if (deadline.isFinal) return errors;
  errors.push(...validateAddedTolerations(spec, before), ...validateDeletedGates(spec, before));
  // Where defaults and empty lists alone differ, nothing does inside.
  const difference = describeDifference('PodSpec', before, munged(spec, before));
  if (difference !== '') {
    errors.push(
      forbidden('spec', `pod updates may not change fields other than ${updatable}\n${difference}`),
    );
  }
  return errors;
}

function validateCount(spec: JsonObject, before: JsonObject, key: string): FieldError[] {
  if (structs(spec, key).length === structs(before, key).length) return [];
  return [forbidden(`spec.${key}`, 'pod updates may not add or remove containers')];
}

function validateImages(spec: JsonObject, key: string): FieldError[] {
  return structs(spec, key).flatMap((container, index) => {
    const image = text(container, 'image');
    if (image === '') return [required(`spec.${key}[${index}].image`)];
    if (image === image.trim()) return [];
    return [invalid(`spec.${key}[${index}].image`, image, 'must not have leading or trailing whitespace')];
  });
}

function validateDeadline(spec: JsonObject, before: JsonObject): { errors: FieldError[]; isFinal: boolean } {
  const path = 'spec.activeDeadlineSeconds';
  const [now, old] = [number(spec, 'activeDeadlineSeconds'), number(before, 'activeDeadlineSeconds')];
  if (now === undefined) {
    if (old === undefined) return { errors: [], isFinal: false };
    return {
      errors: [invalid(path, null, 'must not update from a positive integer to nil value')],
      isFinal: false,
    };
  }
  if (now < 0 || now > maxInt32)
    return { errors: [invalid(path, now, rangeError(0, maxInt32))], isFinal: true };
  if (old !== undefined && old < now) {
    return { errors: [invalid(path, now, 'must be less than or equal to previous value')], isFinal: true };
  }
  return { errors: [], isFinal: false };
}

function validateAddedTolerations(spec: JsonObject, before: JsonObject): FieldError[] {
  const now = structs(spec, 'tolerations').map((toleration) => without(toleration, 'tolerationSeconds'));
  const isKept = structs(before, 'tolerations').every((old) =>
    now.some((toleration) => jsonEqual(toleration, without(old, 'tolerationSeconds'))),
  );
  return isKept
    ? []
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateDeletedGates(spec: JsonObject, before: JsonObject): FieldError[] {
  const known = new Set(structs(before, 'schedulingGates').map((gate) => text(gate, 'name')));
  return structs(spec, 'schedulingGates').flatMap((gate, index) => {
    const name = text(gate, 'name');
    if (known.has(name)) return [];
    const detail = 'only deletion is allowed, but found new scheduling gate';
    return [forbidden(`spec.schedulingGates[${index}].name`, `${detail} '${name}'`)];
  });
}

/** The new spec with all that may change set to what it was. */
function munged(spec: JsonObject, before: JsonObject): JsonObject {
  const grace = number(before, 'terminationGracePeriodSeconds');
  const isOneAfterNegative = grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1;
  const freed = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'];
  if (isOneAfterNegative) freed.push('terminationGracePeriodSeconds');
  const kept = freed.flatMap((key) => (before[key] === undefined ? [] : [[key, before[key]] as const]));
  return withOldImages({ ...without(spec, ...freed), ...Object.fromEntries(kept) }, before);
}

function withOldImages(spec: JsonObject, before: JsonObject): JsonObject {
  const lists = ['containers', 'initContainers'].flatMap((key) => {
    const old = structs(before, key);
    const containers = structs(spec, key).map((container, index) => ({
      ...container,
      image: text(old[index] ?? {}, 'image'),
    }));
    return containers.length === 0 ? [] : [[key, containers] as const];
  });
  return { ...spec, ...Object.fromEntries(lists) };
}
