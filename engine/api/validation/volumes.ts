/**
 * The rules of a Pod's volumes. Kinds of storage that only a cloud or a storage system has are checked for what they must
 * name, no further. Source: ValidateVolumes and validateVolumeSource in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateBackSteps, validateDescendingPath } from './containers.ts';
import { validateFieldRef, validateResourceFieldRef } from './environment.ts';
import { validateText } from './fields.ts';
import { checkDns1123Label } from './names.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateClaimSpec } from './persistent-volume-claim.ts';

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const fileModeError = 'must be a number between 0 and 0777 (octal), both inclusive';
/** Fields of the Pod that a file of a downward API volume may hold. */
const downwardPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Which fields of a source must not be empty. */
const requiredFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['persistentVolumeClaim', ['claimName']],
  ['csi', ['driver']],
  ['flexVolume', ['driver']],
  ['gitRepo', ['repository']],
  ['awsElasticBlockStore', ['volumeID']],
  ['gcePersistentDisk', ['pdName']],
  ['azureFile', ['secretName', 'shareName']],
  ['azureDisk', ['diskName', 'diskURI']],
  ['vsphereVolume', ['volumePath']],
  ['photonPersistentDisk', ['pdID']],
  ['glusterfs', ['endpoints', 'path']],
  ['cinder', ['volumeID']],
  ['image', ['reference']],
]);

/** In which order upstream looks for a volume's kind: of two the later one is refused. */
const sourceOrder = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];

/** The problems of `volumes`, and those volumes by name that have none: mounts find only these. */
export function validateVolumes(
  volumes: readonly JsonObject[],
  path: string,
): { readonly errors: FieldError[]; readonly valid: ReadonlyMap<string, JsonObject> } {
  const errors: FieldError[] = [];
  const valid = new Map<string, JsonObject>();
  for (const [index, volume] of volumes.entries()) {
    const here = `${path}[${index}]`;
    const problems = validateSource(volume, here);
    const name = text(volume, 'name');
    if (name === '') problems.push(required(`${here}.name`));
    else problems.push(...validateText(`${here}.name`, name, checkDns1123Label));
    if (valid.has(name)) problems.push(duplicate(`${here}.name`, name));
    if (problems.length === 0) valid.set(name, volume);
    errors.push(...problems);
  }
  return { errors, valid };
}

/** Names that upstream gives sources in its refusals, where they are not those of the API. */
const nameInside: ReadonlyMap<string, string> = new Map([['gcePersistentDisk', 'persistentDisk']]);
const nameAsSecond: ReadonlyMap<string, string> = new Map([
  ['cephfs', 'cephFS'],
  ['downwardAPI', 'downwarAPI'],
]);

function validateSource(volume: JsonObject, path: string): FieldError[] {
  const kinds = sourceOrder.filter((key) => has(volume, key));
  const first = kinds[0];
  if (first === undefined) return [required(path, 'must specify a volume type')];
  return [
    ...validateVolumeSource(struct(volume, first), `${path}.${nameInside.get(first) ?? first}`, first),
    ...kinds
      .slice(1)
      .map((kind) =>
        forbidden(`${path}.${nameAsSecond.get(kind) ?? kind}`, 'may not specify more than 1 volume type'),
      ),
  ];
}

/** The problems of one source of a volume, by its kind. */
export function validateVolumeSource(source: JsonObject, path: string, kind: string): FieldError[] {
  switch (kind) {
    case 'emptyDir':
      return validateEmptyDir(source, path);
    case 'hostPath':
      return validateHostPath(source, path);
    case 'secret':
      return [...requiredName(source, path, 'secretName'), ...validateFiles(source, path)];
    case 'configMap':
      return [...requiredName(source, path, 'name'), ...validateFiles(source, path)];
    case 'nfs': {
      const exported = text(source, 'path');
      const isAbsolute = exported.startsWith('/');
      return [
        ...requiredName(source, path, 'server'),
        ...requiredName(source, path, 'path'),
        ...(isAbsolute ? [] : [invalid(`${path}.path`, exported, 'must be an absolute path')]),
      ];
    }
    case 'downwardAPI':
      return [
        ...validateMode(source, 'defaultMode', `${path}.defaultMode`),
        ...structs(source, 'items').flatMap((file) => validateDownwardFile(file, path)),
      ];
    case 'projected':
      return [
        ...validateMode(source, 'defaultMode', `${path}.defaultMode`),
        ...validateProjections(source, path),
      ];
    case 'ephemeral':
      return validateClaimTemplate(source, `${path}.volumeClaimTemplate`);
    default:
      return (requiredFields.get(kind) ?? []).flatMap((key) => requiredName(source, path, key));
  }
}

function validateClaimTemplate(source: JsonObject, path: string): FieldError[] {
  if (!has(source, 'volumeClaimTemplate')) return [required(path)];
  const template = struct(source, 'volumeClaimTemplate');
  const metadata = struct(template, 'metadata');
  return [
    ...validateLabels(metadata, 'labels', `${path}.metadata.labels`),
    ...validateAnnotations(metadata, `${path}.metadata.annotations`),
    ...validateClaimSpec(struct(template, 'spec'), `${path}.spec`),
  ];
}

function requiredName(source: JsonObject, path: string, key: string): FieldError[] {
  return text(source, key) === '' ? [required(`${path}.${key}`)] : [];
}

function validateEmptyDir(source: JsonObject, path: string): FieldError[] {
  const limit = text(source, 'sizeLimit');
  return limit.startsWith('-')
    ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : [];
}

function validateHostPath(source: JsonObject, path: string): FieldError[] {
  const errors = requiredName(source, path, 'path');
  if (errors.length === 0) errors.push(...validateBackSteps(`${path}.path`, text(source, 'path')));
  const type = text(source, 'type');
  if (!hostPathTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, hostPathTypes));
  return errors;
}

function validateMode(source: JsonObject, key: string, path: string): FieldError[] {
  const mode = number(source, key);
  return mode === undefined || (mode >= 0 && mode <= 0o777) ? [] : [invalid(path, mode, fileModeError)];
}

function validateFiles(source: JsonObject, path: string): FieldError[] {
  return [
    ...validateMode(source, 'defaultMode', `${path}.defaultMode`),
    ...structs(source, 'items').flatMap((item, index) => validateKeyToPath(item, `${path}.items[${index}]`)),
  ];
}

function validateKeyToPath(item: JsonObject, path: string): FieldError[] {
  const errors = text(item, 'key') === '' ? [required(`${path}.key`)] : [];
  const target = text(item, 'path');
  if (target === '') errors.push(required(`${path}.path`));
  errors.push(...validateReservedPath(`${path}.path`, target));
  return [...errors, ...validateMode(item, 'mode', `${path}.mode`)];
}

/** A relative path that keeps clear of the names that the kubelet uses itself. */
function validateReservedPath(path: string, value: string): FieldError[] {
  const errors = validateDescendingPath(path, value);
  if (value.startsWith('..') && !value.startsWith('../'))
    errors.push(invalid(path, value, "must not start with '..'"));
  return errors;
}

function validateDownwardFile(file: JsonObject, path: string): FieldError[] {
  const target = text(file, 'path');
  const errors = target === '' ? [required(`${path}.path`)] : [];
  errors.push(...validateReservedPath(`${path}.path`, target));
  if (has(file, 'fieldRef')) {
    errors.push(...validateFieldRef(struct(file, 'fieldRef'), `${path}.fieldRef`, downwardPaths));
    if (has(file, 'resourceFieldRef')) {
      errors.push(
        invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
      );
    }
  } else if (has(file, 'resourceFieldRef')) {
    errors.push(
      ...validateResourceFieldRef(struct(file, 'resourceFieldRef'), `${path}.resourceFieldRef`, true),
    );
  } else {
    errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  return [...errors, ...validateMode(file, 'mode', `${path}.mode`)];
}

function validateProjections(source: JsonObject, path: string): FieldError[] {
  const paths = new Set<string>();
  return structs(source, 'sources').flatMap((projection, index) => {
    const here = `${path}.sources[${index}]`;
    const errors: FieldError[] = [];
    for (const kind of ['secret', 'configMap'] as const) {
      if (!has(projection, kind)) continue;
      const inner = struct(projection, kind);
      errors.push(...requiredName(inner, `${here}.${kind}`, 'name'));
      for (const [at, item] of structs(inner, 'items').entries()) {
        errors.push(...validateKeyToPath(item, `${here}.${kind}.items[${at}]`));
        if (isRepeated(paths, text(item, 'path'))) {
          errors.push(invalid(path, text(inner, 'name'), 'conflicting duplicate paths'));
        }
      }
    }
    for (const file of structs(struct(projection, 'downwardAPI'), 'items')) {
      errors.push(...validateDownwardFile(file, `${here}.downwardAPI`));
      if (isRepeated(paths, text(file, 'path'))) {
        errors.push(invalid(path, text(file, 'path'), 'conflicting duplicate paths'));
      }
    }
    if (has(projection, 'serviceAccountToken')) {
      errors.push(...validateToken(struct(projection, 'serviceAccountToken'), path, here));
    }
    const kinds = Object.keys(projection).filter((key) => has(projection, key));
    if (kinds.length > 1) errors.push(forbidden(here, 'may not specify more than 1 volume type per source'));
    return errors;
  });
}

function isRepeated(seen: Set<string>, path: string): boolean {
  if (path === '') return false;
  const isKnown = seen.has(path);
  seen.add(path);
  return isKnown;
}

function validateToken(token: JsonObject, volumePath: string, path: string): FieldError[] {
  const seconds = number(token, 'expirationSeconds') ?? 0;
  const here = `${path}.serviceAccountToken.expirationSeconds`;
  const errors: FieldError[] = [];
  if (seconds < 600) errors.push(invalid(here, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(invalid(here, seconds, 'may not specify a duration larger than 2^32 seconds'));
  const target = text(token, 'path');
  // Upstream names the volume, not the source.
  if (target === '') return [...errors, required(`${volumePath}.path`)];
  return [...errors, ...validateReservedPath(`${volumePath}.path`, target)];
}
