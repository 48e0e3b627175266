/**
 * The rules of containers: names, ports, environment, mounts, probes.
 * Source: validateContainers, validateInitContainers and what they call in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../field-errors.ts';
import { flag, has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateEnvironment } from './environment.ts';
import { protocols, validateChoice, validateOptionalChoice, validateText } from './fields.ts';
import { checkDns1123Label, checkNoBackSteps, checkPortName, checkPortNumber } from './names.ts';
import { validateLifecycle, validateProbe } from './probes.ts';
import { validateResourceRequirements } from './resources.ts';
import { validateRestartRules } from './restart-rules.ts';
import { validateContainerSecurity } from './security.ts';

/** What the rules of a container need to know of its Pod. */
export interface ContainerContext {
  /** Volumes by name. */
  readonly volumes: ReadonlyMap<string, JsonObject>;
  readonly gracePeriodSeconds: number | undefined;
  /** The Pod's restart policy is `Never`. */
  readonly neverRestarts: boolean;
  /** Names of the Pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  /** Users of the Pod are users of its node. */
  readonly hostUsers: boolean;
}

/** When an image is pulled. */
export const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** The problems of `containers`. */
export function validateContainers(
  containers: readonly JsonObject[],
  path: string,
  context: ContainerContext,
): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const here = `${path}[${index}]`;
    errors.push(...validateCommon(container, here, context), ...uniqueName(container, here, names));
    errors.push(...validateHooks(container, here, context));
    errors.push(...validateRestartRules(container, here, false));
  }
  return [...errors, ...validateHostPorts(containers, path)];
}

/** The problems of `initContainers`: those with `restartPolicy: Always` are sidecars and may have probes. */
export function validateInitContainers(
  containers: readonly JsonObject[],
  regular: readonly JsonObject[],
  path: string,
  context: ContainerContext,
): FieldError[] {
  const names = new Set(regular.map((container) => text(container, 'name')));
  return containers.flatMap((container, index) => {
    const here = `${path}[${index}]`;
    const errors = validateCommon(container, here, context);
    errors.push(...validateRestartRules(container, here, true));
    errors.push(...uniqueName(container, here, names), ...validateHostPorts([container], path));
    if (text(container, 'restartPolicy') === 'Always')
      return [...errors, ...validateHooks(container, here, context)];
    for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      if (has(container, key)) {
        errors.push(
          forbidden(`${here}.${key}`, 'may not be set for init containers without restartPolicy=Always'),
        );
      }
    }
    return errors;
  });
}

/** A name that another container of the Pod has; it counts from now on. */
export function uniqueName(container: JsonObject, path: string, names: Set<string>): FieldError[] {
  const name = text(container, 'name');
  const errors = names.has(name) ? [duplicate(`${path}.name`, name)] : [];
  names.add(name);
  return errors;
}

function validateHooks(container: JsonObject, path: string, context: ContainerContext): FieldError[] {
  const grace = context.gracePeriodSeconds;
  const errors: FieldError[] = [];
  if (has(container, 'lifecycle')) {
    errors.push(...validateLifecycle(struct(container, 'lifecycle'), `${path}.lifecycle`, grace));
  }
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (has(container, kind)) errors.push(...validateProbe(struct(container, kind), `${path}.${kind}`, kind));
  }
  return errors;
}

/** The problems of an image's name in a Pod. Templates are let through. */
export function validateImageName(container: JsonObject, path: string): FieldError[] {
  const image = text(container, 'image');
  if (image === image.trim()) return [];
  return [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}

/** The problems that containers of all kinds may have. */
export function validateCommon(container: JsonObject, path: string, context: ContainerContext): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(container, 'name');
  if (name === '') errors.push(required(`${path}.name`));
  else errors.push(...validateText(`${path}.name`, name, checkDns1123Label));
  if (text(container, 'image') === '') errors.push(required(`${path}.image`));
  errors.push(
    ...validateChoice(path, container, 'terminationMessagePolicy', ['File', 'FallbackToLogsOnError']),
    ...validateContainerPorts(structs(container, 'ports'), `${path}.ports`),
    ...validateEnvironment(container, path),
    ...validateMounts(container, path, context.volumes),
    ...validateChoice(path, container, 'imagePullPolicy', pullPolicies),
    ...validateResourceRequirements(struct(container, 'resources'), `${path}.resources`, context.claims),
    ...validateResizePolicy(container, path, context),
    ...validateContainerSecurity(
      struct(container, 'securityContext'),
      `${path}.securityContext`,
      context.hostUsers,
    ),
  );
  return errors;
}

function validateContainerPorts(ports: readonly JsonObject[], path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const here = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const name = text(port, 'name');
    if (name !== '') {
      const problems = validateText(`${here}.name`, name, checkPortName);
      errors.push(...problems);
      if (problems.length === 0 && names.has(name)) errors.push(duplicate(`${here}.name`, name));
      if (problems.length === 0) names.add(name);
    }
    const containerPort = number(port, 'containerPort') ?? 0;
    if (containerPort === 0) errors.push(required(`${here}.containerPort`));
    else errors.push(...validatePort(`${here}.containerPort`, containerPort));
    const hostPort = number(port, 'hostPort') ?? 0;
    if (hostPort !== 0) errors.push(...validatePort(`${here}.hostPort`, hostPort));
    return [...errors, ...validateChoice(here, port, 'protocol', protocols)];
  });
}

function validatePort(path: string, port: number): FieldError[] {
  return checkPortNumber(port).map((problem) => invalid(path, port, problem));
}

function validateHostPorts(containers: readonly JsonObject[], path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap((container, index) =>
    structs(container, 'ports').flatMap((port, portIndex) => {
      const hostPort = number(port, 'hostPort') ?? 0;
      const key = `${text(port, 'protocol')}/${text(port, 'hostIP')}/${hostPort}`;
      if (hostPort === 0) return [];
      if (seen.has(key)) return [duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key)];
      seen.add(key);
      return [];
    }),
  );
}

function validateMounts(
  container: JsonObject,
  path: string,
  volumes: ReadonlyMap<string, JsonObject>,
): FieldError[] {
  const devices = structs(container, 'volumeDevices');
  const mountPaths = new Set<string>();
  const errors = structs(container, 'volumeMounts').flatMap((mount, index) => {
    const here = `${path}.volumeMounts[${index}]`;
    const name = text(mount, 'name');
    const mountPath = text(mount, 'mountPath');
    const problems: FieldError[] = [];
    if (name === '') problems.push(required(`${here}.name`));
    if (!volumes.has(name)) problems.push(notFound(`${here}.name`, name));
    if (mountPath === '') problems.push(required(`${here}.mountPath`));
    if (mountPaths.has(mountPath)) problems.push(invalid(`${here}.mountPath`, mountPath, 'must be unique'));
    mountPaths.add(mountPath);
    if (devices.some((device) => text(device, 'name') === name)) {
      problems.push(invalid(`${here}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => text(device, 'devicePath') === mountPath)) {
      problems.push(
        invalid(`${here}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'),
      );
    }
    return [
      ...problems,
      ...validateSubPaths(mount, `${path}.volumeMounts`, here),
      ...validatePropagation(mount, `${path}.volumeMounts`, container),
    ];
  });
  return [...errors, ...validateDevices(container, path, volumes)];
}

/** As with sub-paths upstream names the list. Source: validateMountPropagation, validateMountRecursiveReadOnly. */
function validatePropagation(mount: JsonObject, path: string, container: JsonObject): FieldError[] {
  const errors = validateOptionalChoice(path, mount, 'mountPropagation', [
    'Bidirectional',
    'HostToContainer',
    'None',
  ]);
  const propagation = text(mount, 'mountPropagation');
  if (propagation === 'Bidirectional' && !flag(struct(container, 'securityContext'), 'privileged')) {
    const detail = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(forbidden(`${path}.mountPropagation`, detail));
  }
  const here = `${path}.recursiveReadOnly`;
  errors.push(
    ...validateOptionalChoice(path, mount, 'recursiveReadOnly', ['Disabled', 'Enabled', 'IfPossible']),
  );
  if (!['Enabled', 'IfPossible'].includes(text(mount, 'recursiveReadOnly'))) return errors;
  if (!flag(mount, 'readOnly')) errors.push(forbidden(here, 'may only be specified when readOnly is true'));
  if (!['', 'None'].includes(propagation)) {
    errors.push(forbidden(here, 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

function validateResizePolicy(
  container: JsonObject,
  containerPath: string,
  { neverRestarts }: ContainerContext,
): FieldError[] {
  const path = `${containerPath}.resizePolicy`;
  const known = new Set<string>();
  const oneOf = (value: string, words: readonly string[]): FieldError[] => {
    if (value === '') return [required(path)];
    return words.includes(value) ? [] : [notSupported(path, value, words)];
  };
  return structs(container, 'resizePolicy').flatMap((policy, index) => {
    const name = text(policy, 'resourceName');
    const restart = text(policy, 'restartPolicy');
    const errors = known.has(name) ? [duplicate(`${path}[${index}]`, name)] : [];
    known.add(name);
    errors.push(...oneOf(name, ['cpu', 'memory']), ...oneOf(restart, ['NotRequired', 'RestartContainer']));
    if (neverRestarts && restart !== 'NotRequired') {
      errors.push(invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}

function validateSubPaths(mount: JsonObject, listPath: string, here: string): FieldError[] {
  const subPath = text(mount, 'subPath');
  const expression = text(mount, 'subPathExpr');
  // Upstream names the list, not the item, for these two.
  const errors = subPath === '' ? [] : validateDescendingPath(`${listPath}.subPath`, subPath);
  if (expression === '') return errors;
  if (subPath !== '') {
    errors.push(invalid(`${here}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'));
  }
  return [...errors, ...validateDescendingPath(`${listPath}.subPathExpr`, expression)];
}

/** A path that stays below the folder it starts in. */
export function validateDescendingPath(path: string, value: string): FieldError[] {
  const errors = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : [];
  return [...errors, ...validateBackSteps(path, value)];
}

function validateDevices(
  container: JsonObject,
  path: string,
  volumes: ReadonlyMap<string, JsonObject>,
): FieldError[] {
  const paths = new Set<string>();
  const names = new Set<string>();
  return structs(container, 'volumeDevices').flatMap((device, index) => {
    const here = `${path}.volumeDevices[${index}]`;
    const name = text(device, 'name');
    const devicePath = text(device, 'devicePath');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${here}.name`));
    if (names.has(name)) errors.push(invalid(`${here}.name`, name, 'must be unique'));
    names.add(name);
    const volume = volumes.get(name);
    if (volume === undefined) errors.push(notFound(`${here}.name`, name));
    else if (!has(volume, 'persistentVolumeClaim') && !has(volume, 'ephemeral')) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(`${here}.name`, name, detail));
    }
    if (devicePath === '') errors.push(required(`${here}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalid(`${here}.devicePath`, devicePath, 'must be unique'));
    else if (devicePath !== '') errors.push(...validateBackSteps(`${here}.devicePath`, devicePath));
    paths.add(devicePath);
    return errors;
  });
}

/** A path without `..`. */
export function validateBackSteps(path: string, value: string): FieldError[] {
  return validateText(path, value, checkNoBackSteps);
}
