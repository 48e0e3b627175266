/**
 * PersistentVolumes. Source: pkg/registry/core/persistentvolume/strategy.go, ValidatePersistentVolumeSpec,
 * printPersistentVolume. Left out: the rules of sources that need a cloud or a storage cluster.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { describeDifference, internalForm } from '../internal-form/internal-form.ts';
import { compareQuantities, parseQuantity, zeroQuantity } from '../quantity.ts';
import { asJson, has, mapField, mapStruct, struct, text, textMap, texts, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateBackSteps } from '../validation/containers.ts';
import { validateOptionalChoice, validateText } from '../validation/fields.ts';
import { checkDns1123Subdomain } from '../validation/names.ts';
import { validateImmutable } from '../validation/object-meta.ts';
import { validateAccessModes, validateVolumeMode } from '../validation/persistent-volume-claim.ts';
import { validateNodeSelector } from '../validation/scheduling.ts';
import { isSameAffinity } from '../validation/volume-affinity.ts';
import { validateVolumeSource } from '../validation/volumes.ts';
import {
  age,
  ageColumn,
  column,
  defineKind,
  keepStatus,
  nameColumn,
  wideColumn,
  withStatus,
} from './define.ts';
import { formatAccessModes, storageClassOf } from './persistent-volume-claim.ts';
import { defaultStorage, roundResources } from './pod-defaults.ts';

/** The sources of a volume, in the order in which upstream looks at them. */
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
];

/** core/v1 PersistentVolume. */
export const persistentVolumeKind: KindDefinition = defineKind({
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  schema: 'V1PersistentVolume',
  subresources: ['status'],
  hasStatus: true,
  applyDefaults,
  prepareForCreate: (volume) => {
    const { creationTimestamp } = struct(volume, 'metadata');
    const since = creationTimestamp === undefined ? {} : { lastPhaseTransitionTime: creationTimestamp };
    return withStatus(volume, { phase: 'Pending', ...since });
  },
  prepareForUpdate: keepStatus,
  prepareStatus: datePhase,
  changedMeta: ['new', 'new'],
  validateRest: validateVolume,
  validateChange: validateVolumeUpdate,
  warnings: (volume) =>
    text(struct(volume, 'spec'), 'persistentVolumeReclaimPolicy') === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  columns: [
    nameColumn,
    column('Capacity', 'string', 'Its size.'),
    column('Access Modes', 'string', 'How it can be mounted.'),
    column('Reclaim Policy', 'string', 'What becomes of it when it is released.'),
    column('Status', 'string', 'Whether it is bound to a claim.'),
    column('Claim', 'string', 'The claim.'),
    column('StorageClass', 'string', 'Its class.'),
    column('VolumeAttributesClass', 'string', 'The class of its attributes.'),
    column('Reason', 'string', 'Why it is as it is.'),
    ageColumn,
    wideColumn('VolumeMode', 'string', 'A file system or a block device.'),
  ],
  row: (object, nowMs) => {
    const volume = asJson(object);
    const spec = struct(volume, 'spec');
    const status = struct(volume, 'status');
    const claim = struct(spec, 'claimRef');
    return [
      object.metadata.name,
      textMap(spec, 'capacity').get('storage') ?? '0',
      formatAccessModes(texts(spec, 'accessModes')),
      text(spec, 'persistentVolumeReclaimPolicy'),
      has(struct(volume, 'metadata'), 'deletionTimestamp') ? 'Terminating' : text(status, 'phase'),
      has(spec, 'claimRef') ? `${text(claim, 'namespace')}/${text(claim, 'name')}` : '',
      storageClassOf(volume),
      has(spec, 'volumeAttributesClassName') ? text(spec, 'volumeAttributesClassName') : '<unset>',
      text(status, 'reason'),
      age(object, nowMs),
      has(spec, 'volumeMode') ? text(spec, 'volumeMode') : '<unset>',
    ];
  },
});

/** Says since when the volume is in its phase, unless the client says so itself. */
function datePhase(volume: JsonObject, old: KubeObject, now: string): JsonObject {
  const before = struct(asJson(old), 'status');
  const since = before.lastPhaseTransitionTime;
  return mapStruct(volume, 'status', (status) => {
    const given = status.lastPhaseTransitionTime;
    if (status.phase === before.phase) {
      return given === undefined && since !== undefined
        ? { ...status, lastPhaseTransitionTime: since }
        : status;
    }
    return given === undefined || given === since ? { ...status, lastPhaseTransitionTime: now } : status;
  });
}

function applyDefaults(volume: JsonObject): JsonObject {
  const spec = withDefaults(struct(volume, 'spec'), {
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  });
  return {
    ...volume,
    spec: mapField(defaultStorage(spec), 'capacity', roundResources),
    status: withDefaults(struct(volume, 'status'), { phase: 'Pending' }),
  };
}

function validateVolume(volume: JsonObject): FieldError[] {
  const spec = struct(volume, 'spec');
  const errors = texts(spec, 'accessModes').length === 0 ? [required('spec.accessModes')] : [];
  errors.push(
    ...validateAccessModes(spec, 'spec'),
    ...validateCapacity(spec),
    ...validateOptionalChoice('spec', spec, 'persistentVolumeReclaimPolicy', ['Delete', 'Recycle', 'Retain']),
  );
  if (has(spec, 'nodeAffinity')) {
    const affinity = struct(spec, 'nodeAffinity');
    const path = 'spec.nodeAffinity.required';
    errors.push(
      ...(has(affinity, 'required')
        ? validateNodeSelector(struct(affinity, 'required'), path)
        : [required(path, 'must specify required node constraints')]),
    );
  }
  errors.push(...validateSources(spec));
  const className = text(spec, 'storageClassName');
  if (className !== '')
    errors.push(...validateText('spec.storageClassName', className, checkDns1123Subdomain));
  return [...errors, ...validateVolumeMode(spec, 'spec'), ...validateAttributesClass(spec)];
}

function validateAttributesClass(spec: JsonObject): FieldError[] {
  if (!has(spec, 'volumeAttributesClassName')) return [];
  const path = 'spec.volumeAttributesClassName';
  const name = text(spec, 'volumeAttributesClassName');
  const errors =
    name === ''
      ? [required(path, 'an empty string is disallowed')]
      : validateText(path, name, checkDns1123Subdomain);
  if (!has(spec, 'csi')) {
    errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
  return errors;
}

function validateCapacity(spec: JsonObject): FieldError[] {
  const path = 'spec.capacity';
  const capacity = textMap(spec, 'capacity');
  const errors = capacity.size === 0 ? [required(path)] : [];
  if (!capacity.has('storage') || capacity.size > 1) {
    const shown = has(spec, 'capacity') ? Object.fromEntries(capacity) : null;
    errors.push(notSupported(path, shown, ['storage']));
  }
  for (const [name, value] of capacity) {
    const amount = parseQuantity(value);
    if (amount.ok && compareQuantities(amount.value, zeroQuantity) <= 0) {
      const here = `${path}[${name}]`;
      if (amount.value.nano < 0n)
        errors.push(
          invalid(here, Number(amount.value.nano / 1_000_000_000n), 'must be a valid resource quantity'),
        );
      errors.push(invalid(here, value, 'must be greater than zero'));
    }
  }
  return errors;
}

function validateSources(spec: JsonObject): FieldError[] {
  const [first, ...others] = sources.filter((source) => has(spec, source));
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const source = struct(spec, first);
  const errors = validateSource(source, first);
  for (const other of others) {
    if (other === 'flexVolume') {
      // The one source that upstream lets stand beside another.
      errors.push(...validateSource(struct(spec, other), other));
      continue;
    }
    // Upstream spells this one otherwise than the field.
    const path = `spec.${other === 'cephfs' ? 'cephFS' : other}`;
    errors.push(forbidden(path, 'may not specify more than 1 volume type'));
  }
  if (first === 'local' && !has(spec, 'nodeAffinity')) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  const isRoot = first === 'hostPath' && /^\/+$/.test(text(source, 'path'));
  if (isRoot && text(spec, 'persistentVolumeReclaimPolicy') === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', detail));
  }
  return errors;
}

function validateSource(source: JsonObject, kind: string): FieldError[] {
  if (kind === 'hostPath' || kind === 'nfs') return validateVolumeSource(source, `spec.${kind}`, kind);
  const needed = (key: string) => (text(source, key) === '' ? [required(`spec.${kind}.${key}`)] : []);
  if (kind === 'local') {
    const missing = needed('path');
    return missing.length > 0 ? missing : validateBackSteps('spec.local.path', text(source, 'path'));
  }
  if (kind === 'flexVolume') return needed('driver');
  if (kind !== 'csi') return [];
  const driver = text(source, 'driver');
  const problems = driver === '' ? [] : checkDns1123Subdomain(driver.toLowerCase());
  const named = problems.map((problem) => invalid('spec.csi.driver', driver, problem));
  return [...needed('driver'), ...named, ...needed('volumeHandle')];
}

function validateVolumeUpdate(volume: JsonObject, old: KubeObject): FieldError[] {
  const [spec, before] = [struct(volume, 'spec'), struct(asJson(old), 'spec')];
  // Upstream asks for the rules of a new volume twice.
  const errors = [...validateVolume(volume), ...validateVolume(volume)];
  if (sources.some((source) => !jsonEqual(spec[source] ?? null, before[source] ?? null))) {
    const difference = describeDifference('PersistentVolumeSource', before, spec);
    const detail = `spec.persistentvolumesource is immutable after creation\n${difference}`;
    errors.push(forbidden('spec.persistentvolumesource', detail));
  }
  errors.push(...validateImmutable('volumeMode', spec.volumeMode, before.volumeMode, spec.volumeMode));
  const { nodeAffinity } = before;
  if (
    nodeAffinity !== undefined &&
    !isSameAffinity(struct(spec, 'nodeAffinity'), struct(before, 'nodeAffinity'))
  ) {
    const shown = has(spec, 'nodeAffinity')
      ? internalForm('VolumeNodeAffinity', struct(spec, 'nodeAffinity'))
      : null;
    const detail = 'field is immutable, except for updating from beta label to GA';
    errors.push(invalid('nodeAffinity', shown, detail));
  }
  if (has(before, 'volumeAttributesClassName') && !has(spec, 'volumeAttributesClassName')) {
    const detail = 'update from non-nil value to nil is forbidden';
    errors.push(forbidden('spec.volumeAttributesClassName', detail));
  }
  return errors;
}
