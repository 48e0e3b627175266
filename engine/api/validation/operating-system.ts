/**
 * What a Pod may ask for on the operating system that it names. Source: validateOS, validateLinux and validateWindows in
 * pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, notSupported, required } from '../field-errors.ts';
import { containersWithPaths } from '../objects/containers.ts';
import { flag, has, struct, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';

/** What of Linux the Pod's own security context may not ask for on Windows; `spec` stands for fields beside it. */
const linuxOfPod: readonly (readonly ['spec' | 'securityContext', string])[] = [
  ['securityContext', 'appArmorProfile'],
  ['securityContext', 'seLinuxOptions'],
  ['spec', 'hostUsers'],
  ['spec', 'hostPID'],
  ['spec', 'hostIPC'],
  ['securityContext', 'seccompProfile'],
  ['securityContext', 'fsGroup'],
  ['securityContext', 'fsGroupChangePolicy'],
  ['securityContext', 'sysctls'],
  ['spec', 'shareProcessNamespace'],
  ['securityContext', 'runAsUser'],
  ['securityContext', 'runAsGroup'],
  ['securityContext', 'supplementalGroups'],
  ['securityContext', 'supplementalGroupsPolicy'],
  ['securityContext', 'seLinuxChangePolicy'],
];

const linuxOfContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** The problems of `os`, and of what does not go with it. */
export function validateOperatingSystem(spec: JsonObject, path: string): FieldError[] {
  if (!has(spec, 'os')) return [];
  switch (text(struct(spec, 'os'), 'name')) {
    case '':
      return [required(`${path}.os.name`)];
    case 'linux':
      return validateLinux(spec, path);
    case 'windows':
      return validateWindows(spec, path);
    default:
      return [notSupported(`${path}.os`, text(struct(spec, 'os'), 'name'), ['linux', 'windows'])];
  }
}

function validateLinux(spec: JsonObject, path: string): FieldError[] {
  const places = [[spec, path] as const, ...containersWithPaths(spec, path)];
  return places.flatMap(([owner, at]) =>
    has(struct(owner, 'securityContext'), 'windowsOptions')
      ? [forbidden(`${at}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod')]
      : [],
  );
}

function validateWindows(spec: JsonObject, path: string): FieldError[] {
  const detail = 'cannot be set for a windows pod';
  const context = struct(spec, 'securityContext');
  // hostPID and hostIPC are plain flags: false is as good as absent.
  const isAsked = (owner: JsonObject, key: string) =>
    key === 'hostPID' || key === 'hostIPC' ? flag(owner, key) : has(owner, key);
  const ofPod = linuxOfPod.flatMap(([place, key]) => {
    const owner = place === 'spec' ? spec : context;
    const here = place === 'spec' ? path : `${path}.securityContext`;
    return isAsked(owner, key) ? [forbidden(`${here}.${key}`, detail)] : [];
  });
  const ofContainers = containersWithPaths(spec, path).flatMap(([container, at]) =>
    linuxOfContainer
      .filter((key) => has(struct(container, 'securityContext'), key))
      .map((key) => forbidden(`${at}.securityContext.${key}`, detail)),
  );
  return [...ofPod, ...ofContainers];
}
