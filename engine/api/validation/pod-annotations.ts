/**
 * The rules of annotations that mean something to a Pod: what its deletion costs, and profiles as they were named before there
 * were fields for them. Source: ValidatePodSpecificAnnotations in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { containersWithPaths } from '../objects/containers.ts';
import { struct, text, textMap } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateDescendingPath } from './containers.ts';

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
/** Before a container's name: the AppArmor profile that it runs under. */
export const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/';
const maxInt32 = 2 ** 31 - 1;

/** The problems of a Pod's or a template's annotations besides those that any object has. */
export function validatePodAnnotations(pod: JsonObject, path: string): FieldError[] {
  const annotations = [...textMap(struct(pod, 'metadata'), 'annotations')];
  const seccomp = annotations
    .filter(([key]) => key === seccompOfPod || key.startsWith(seccompOfContainer))
    .sort(([a], [b]) => Number(a !== seccompOfPod) - Number(b !== seccompOfPod));
  const names = containersWithPaths(struct(pod, 'spec'), '').map(([container]) => text(container, 'name'));
  return [
    ...annotations.flatMap(([key, value]) =>
      key === deletionCost ? validateDeletionCost(`${path}[${key}]`, value) : [],
    ),
    ...seccomp.flatMap(([key, profile]) => validateSeccomp(`${path}.${key}`, profile)),
    ...annotations.flatMap(([key, profile]) =>
      key.startsWith(appArmorOfContainer) ? validateAppArmor(`${path}[${key}]`, key, profile, names) : [],
    ),
  ];
}

/** Source: GetDeletionCostFromPodAnnotations. */
function validateDeletionCost(path: string, cost: string): FieldError[] {
  const isInt32 = /^(?:0|-?[1-9][0-9]{0,9})$/.test(cost) && Math.abs(Number(cost)) <= maxInt32;
  return isInt32 ? [] : [invalid(path, cost, 'must be a 32bit integer')];
}

function validateSeccomp(path: string, profile: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  const local = /^localhost\/(.*)$/s.exec(profile)?.[1];
  return local === undefined
    ? [invalid(path, profile, 'must be a valid seccomp profile')]
    : validateDescendingPath(path, local);
}

function validateAppArmor(
  path: string,
  key: string,
  profile: string,
  containers: readonly string[],
): FieldError[] {
  const name = key.slice(appArmorOfContainer.length);
  const errors = containers.includes(name) ? [] : [invalid(path, name, 'container not found')];
  if (['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/'))
    return errors;
  return [...errors, invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)];
}
