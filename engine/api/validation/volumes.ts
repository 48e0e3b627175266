/**
 * The rules of a Pod's volumes. Source: ValidateVolumes and validateVolumeSource in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { has, struct, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { pullPolicies, validateBackSteps } from './containers.ts';
import { validateChoice, validateText } from './fields.ts';
import { byteLength, checkDns1123Label, checkDns1123Subdomain } from './names.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateClaimSpec } from './persistent-volume-claim.ts';
import { validateStorageSource } from './storage-sources.ts';
import { validateDownwardFiles, validateFiles, validateProjected } from './volume-files.ts';

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

/** Whose volumes they are: of a template there is no Pod yet. */
export interface VolumeOwner {
  readonly isPod: boolean;
  /** The Pod's name, empty when it is not known. */
  readonly podName: string;
}

/** The problems of `volumes`, and those volumes by name that have none: mounts find only these. */
export function validateVolumes(
  volumes: readonly JsonObject[],
  path: string,
  owner: VolumeOwner,
): { readonly errors: FieldError[]; readonly valid: ReadonlyMap<string, JsonObject> } {
  const errors: FieldError[] = [];
  const valid = new Map<string, JsonObject>();
  const ownClaims = namesOfOwnClaims(volumes, owner);
  for (const [index, volume] of volumes.entries()) {
    const here = `${path}[${index}]`;
    const problems = validateSource(volume, here, owner);
    const name = text(volume, 'name');
    if (name === '') problems.push(required(`${here}.name`));
    else problems.push(...validateText(`${here}.name`, name, checkDns1123Label));
    if (valid.has(name)) problems.push(duplicate(`${here}.name`, name));
    if (problems.length === 0) valid.set(name, volume);
    errors.push(...problems);
    const claim = text(struct(volume, 'persistentVolumeClaim'), 'claimName');
    if (has(volume, 'persistentVolumeClaim') && ownClaims.has(claim)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalid(`${here}.persistentVolumeClaim.claimName`, claim, detail));
    }
  }
  return { errors, valid };
}

function namesOfOwnClaims(volumes: readonly JsonObject[], { podName }: VolumeOwner): ReadonlySet<string> {
  if (podName === '') return new Set();
  const ephemeral = volumes.filter((volume) => has(volume, 'ephemeral'));
  return new Set(ephemeral.map((volume) => `${podName}-${text(volume, 'name')}`));
}

/** Names that upstream gives sources in its refusals, where they are not those of the API. */
const nameInside: ReadonlyMap<string, string> = new Map([['gcePersistentDisk', 'persistentDisk']]);
const nameAsSecond: ReadonlyMap<string, string> = new Map([
  ['cephfs', 'cephFS'],
  ['downwardAPI', 'downwarAPI'],
]);

/** The longest `volume:portal` that an initiator's name leaves room for. */
const maxIscsiName = 64;

function validateSource(volume: JsonObject, path: string, owner: VolumeOwner): FieldError[] {
  const kinds = sourceOrder.filter((key) => has(volume, key));
  if (kinds.length === 0) return [required(path, 'must specify a volume type')];
  return kinds.flatMap((kind, index) => {
    const source = struct(volume, kind);
    const errors =
      index === 0
        ? validateFirst(volume, path, kind, owner)
        : [forbidden(`${path}.${nameAsSecond.get(kind) ?? kind}`, 'may not specify more than 1 volume type')];
    if (kind !== 'iscsi' || !has(source, 'initiatorName')) return errors;
    const name = text(volume, 'name');
    if (byteLength(`${name}:${text(source, 'targetPortal')}`) <= maxIscsiName) return errors;
    const detail =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    return [...errors, invalid(`${path}.name`, name, detail)];
  });
}

function validateFirst(volume: JsonObject, path: string, kind: string, owner: VolumeOwner): FieldError[] {
  const source = struct(volume, kind);
  const here = `${path}.${nameInside.get(kind) ?? kind}`;
  if (kind === 'image') {
    return [
      ...(owner.isPod ? requiredName(source, here, 'reference') : []),
      ...validateChoice(here, source, 'pullPolicy', pullPolicies),
    ];
  }
  const errors = validateVolumeSource(source, here, kind);
  const name = text(volume, 'name');
  if (kind !== 'ephemeral' || owner.podName === '' || name === '') return errors;
  const claim = `${owner.podName}-${name}`;
  const problems = checkDns1123Subdomain(claim);
  return [
    ...errors,
    ...problems.map((problem) =>
      invalid(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${problem}`),
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
      return validateDownwardFiles(source, path);
    case 'projected':
      return validateProjected(source, path);
    case 'ephemeral':
      return validateClaimTemplate(source, `${path}.volumeClaimTemplate`);
    default:
      return validateStorageSource(source, path, kind);
  }
}

function validateClaimTemplate(source: JsonObject, path: string): FieldError[] {
  if (!has(source, 'volumeClaimTemplate')) return [required(path)];
  const template = struct(source, 'volumeClaimTemplate');
  const metadata = struct(template, 'metadata');
  return [
    ...validateAnnotations(metadata, `${path}.metadata.annotations`),
    ...validateLabels(metadata, 'labels', `${path}.metadata.labels`),
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
