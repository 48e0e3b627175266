/**
 * PersistentVolumeClaims. Source: pkg/registry/core/persistentvolumeclaim/strategy.go,
 * SetDefaults_PersistentVolumeClaim, printPersistentVolumeClaim.
 */
import type { JsonObject } from '../../base/json.ts';
import {
  asJson,
  has,
  mapField,
  mapStruct,
  struct,
  text,
  textMap,
  texts,
  withDefaults,
  without,
} from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import {
  storageClassAnnotation,
  validateClaim,
  validateClaimUpdate,
} from '../validation/persistent-volume-claim.ts';
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
import { roundResources } from './pod-defaults.ts';

/** core/v1 PersistentVolumeClaim. */
export const persistentVolumeClaimKind: KindDefinition = defineKind({
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  schema: 'V1PersistentVolumeClaim',
  subresources: ['status'],
  hasStatus: true,
  applyDefaults: defaultClaim,
  prepareForCreate: (claim) =>
    withStatus(
      mapStruct(claim, 'spec', (spec) => alignSources(withKnownSource(spec))),
      { phase: 'Pending' },
    ),
  prepareForUpdate: (claim, old) => keepStatus(mapStruct(claim, 'spec', alignSources), old),
  changedMeta: ['changed', 'new'],
  validateRest: validateClaim,
  validateChange: validateClaimUpdate,
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether a volume is bound to it.'),
    column('Volume', 'string', 'The volume.'),
    column('Capacity', 'string', 'The size of the volume.'),
    column('Access Modes', 'string', 'How the volume can be mounted.'),
    column('StorageClass', 'string', 'The class that it asks for.'),
    column('VolumeAttributesClass', 'string', 'The class of attributes that it asks for.'),
    ageColumn,
    wideColumn('VolumeMode', 'string', 'A file system or a block device.'),
  ],
  row: (object, nowMs) => {
    const claim = asJson(object);
    const spec = struct(claim, 'spec');
    const status = struct(claim, 'status');
    const isBound = text(spec, 'volumeName') !== '';
    return [
      object.metadata.name,
      has(struct(claim, 'metadata'), 'deletionTimestamp') ? 'Terminating' : text(status, 'phase'),
      text(spec, 'volumeName'),
      isBound ? (textMap(status, 'capacity').get('storage') ?? '0') : '',
      isBound ? formatAccessModes(texts(status, 'accessModes')) : '',
      storageClassOf(claim),
      has(spec, 'volumeAttributesClassName') ? text(spec, 'volumeAttributesClassName') : '<unset>',
      age(object, nowMs),
      has(spec, 'volumeMode') ? text(spec, 'volumeMode') : '<unset>',
    ];
  },
});

/** The defaults of a claim, or of a StatefulSet's template of one. */
export function defaultClaim(claim: JsonObject): JsonObject {
  const spec = mapStruct(claim, 'spec', (given) =>
    mapStruct(withDefaults(given, { volumeMode: 'Filesystem' }), 'resources', (resources) =>
      mapField(mapField(resources, 'limits', roundResources), 'requests', roundResources),
    ),
  );
  return { ...spec, status: withDefaults(struct(claim, 'status'), { phase: 'Pending' }) };
}

/** A source of a kind that the older field does not know is ignored. Source: EnforceDataSourceBackwardsCompatibility. */
function withKnownSource(spec: JsonObject): JsonObject {
  if (has(spec, 'dataSourceRef')) return spec;
  const source = struct(spec, 'dataSource');
  const named = `${text(source, 'apiGroup')}/${text(source, 'kind')}`;
  const known = ['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot'];
  return known.includes(named) ? spec : without(spec, 'dataSource');
}

/** Of the two spellings of a source each is completed by the other. Source: NormalizeDataSources. */
function alignSources(spec: JsonObject): JsonObject {
  const source = struct(spec, 'dataSource');
  const reference = struct(spec, 'dataSourceRef');
  if (has(spec, 'dataSource') && !has(spec, 'dataSourceRef')) return { ...spec, dataSourceRef: source };
  const isOwn = has(spec, 'dataSourceRef') && text(reference, 'namespace') === '';
  return isOwn && !has(spec, 'dataSource') ? { ...spec, dataSource: reference } : spec;
}

const shortModes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

/** Access modes as columns show them: `RWO,ROX`. */
export function formatAccessModes(modes: readonly string[]): string {
  return shortModes.flatMap(([mode, short]) => (modes.includes(mode) ? [short] : [])).join(',');
}

/** The storage class of a volume or claim, its older annotation first. */
export function storageClassOf(object: JsonObject): string {
  const annotations = struct(struct(object, 'metadata'), 'annotations');
  if (has(annotations, storageClassAnnotation)) return text(annotations, storageClassAnnotation);
  return text(struct(object, 'spec'), 'storageClassName');
}
