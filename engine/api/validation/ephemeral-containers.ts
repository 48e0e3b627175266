/**
 * The rules of containers that are put into a running Pod, as `kubectl debug` does. Source: validateEphemeralContainers and
 * ValidatePodEphemeralContainersUpdate in pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, notFound } from '../field-errors.ts';
import { has, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { uniqueName, validateCommon } from './containers.ts';

const path = 'spec.ephemeralContainers';
const cannotBeSet = 'cannot be set for an Ephemeral Container';

/** What other containers have and these may not. */
const keptOut = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];

/**
 * The problems of a Pod whose ephemeral containers are set. One that is there stays as it is.
 * Differs: upstream shows after the message what of the container is different.
 */
export function validateEphemeralUpdate(pod: JsonObject, old: JsonObject): FieldError[] {
  const containers = structs(struct(pod, 'spec'), 'ephemeralContainers');
  const errors = validateEphemeralContainers(struct(pod, 'spec'), containers);
  for (const before of structs(struct(old, 'spec'), 'ephemeralContainers')) {
    const name = text(before, 'name');
    const now = containers.find((container) => text(container, 'name') === name);
    if (now !== undefined && jsonEqual(now, before)) continue;
    const verb = now === undefined ? 'removed' : 'changed';
    errors.push(
      forbidden(path, `existing ephemeral containers ${JSON.stringify(name)} may not be ${verb}\n`),
    );
  }
  return errors;
}

function validateEphemeralContainers(spec: JsonObject, containers: readonly JsonObject[]): FieldError[] {
  const others = [...structs(spec, 'containers'), ...structs(spec, 'initContainers')];
  const names = new Set(others.map((container) => text(container, 'name')));
  const targets = new Set(names);
  const volumes = new Map(structs(spec, 'volumes').map((volume) => [text(volume, 'name'), volume]));
  return containers.flatMap((container, index) => {
    const here = `${path}[${index}]`;
    const target = text(container, 'targetContainerName');
    return [
      ...validateCommon(container, here, { volumes, gracePeriodSeconds: undefined, neverRestarts: false }),
      ...uniqueName(container, here, names),
      ...(target === '' || targets.has(target) ? [] : [notFound(`${here}.targetContainerName`, target)]),
      ...keptOut
        .filter((key) => isSet(container, key))
        .map((key) => forbidden(`${here}.${key}`, cannotBeSet)),
      ...structs(container, 'volumeMounts').flatMap((mount, at) =>
        ['subPath', 'subPathExpr']
          .filter((key) => text(mount, key) !== '')
          .map((key) => forbidden(`${here}.volumeMounts[${at}].${key}`, cannotBeSet)),
      ),
    ];
  });
}

function isSet(container: JsonObject, key: string): boolean {
  return has(container, key) && !jsonEqual(container[key], {}) && !jsonEqual(container[key], []);
}
