/**
 * The rules of containers that are put into a running Pod, as `kubectl debug` does. Source: validateEphemeralContainers in
 * pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, notFound } from '../field-errors.ts';
import { has, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { type ContainerContext, uniqueName, validateCommon, validateImageName } from './containers.ts';

const cannotBeSet = 'cannot be set for an Ephemeral Container';

/** What other containers have and these may not, in the order of the fields. */
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

/** The problems of a Pod's ephemeral containers. */
export function validateEphemeralContainers(
  spec: JsonObject,
  path: string,
  context: ContainerContext,
): FieldError[] {
  const others = [...structs(spec, 'containers'), ...structs(spec, 'initContainers')];
  const names = new Set(others.map((container) => text(container, 'name')));
  const targets = new Set(names);
  return structs(spec, 'ephemeralContainers').flatMap((container, index) => {
    const here = `${path}[${index}]`;
    const target = text(container, 'targetContainerName');
    return [
      ...validateCommon(container, here, context),
      ...validateImageName(container, here),
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

/** Resources are always there; what else stands in the object was written. */
function isSet(container: JsonObject, key: string): boolean {
  return has(container, key) && !(key === 'resources' && jsonEqual(container[key], {}));
}
