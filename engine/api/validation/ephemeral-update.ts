/**
 * What may be changed in a running Pod's ephemeral containers: some may come. Source: ValidatePodEphemeralContainersUpdate in
 * pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden } from '../field-errors.ts';
import { describeDifference } from '../internal-form/internal-form.ts';
import { struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validatePod } from './pod-spec.ts';

const path = 'spec.ephemeralContainers';

/** The problems of a Pod whose ephemeral containers are set. One that is there stays as it is. */
export function validateEphemeralUpdate(pod: JsonObject, old: JsonObject): FieldError[] {
  const containers = structs(struct(pod, 'spec'), 'ephemeralContainers');
  const errors = validatePod(pod);
  for (const before of structs(struct(old, 'spec'), 'ephemeralContainers')) {
    const name = text(before, 'name');
    const now = containers.find((container) => text(container, 'name') === name);
    if (now !== undefined && jsonEqual(now, before)) continue;
    const what =
      now === undefined ? 'removed\n' : `changed\n${describeDifference('EphemeralContainer', before, now)}`;
    errors.push(forbidden(path, `existing ephemeral containers ${JSON.stringify(name)} may not be ${what}`));
  }
  return errors;
}
