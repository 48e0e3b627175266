/**
 * The rules of volumes that a cloud or a storage system keeps: what each must name, then what is its own. Source: the functions
 * for one kind of source each (validateISCSIVolumeSource, validateAzureDisk, …) in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, notSupported, required, tooLong } from '../field-errors.ts';
import { flag, has, number, struct, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateDescendingPath } from './containers.ts';
import { validateOptionalChoice, validateText } from './fields.ts';
import { byteLength, checkDns1123Label, checkDns1123Subdomain, rangeError } from './names.ts';

interface StorageRule {
  /** Fields that must not be empty, in the order of upstream's checks. */
  readonly needs: readonly string[];
  readonly rest?: (source: JsonObject, path: string) => FieldError[];
}

const hostPortPairs = 'must be a host:port pair or multiple pairs separated by commas';

/** What must hold for a source, by its kind. */
const storageRules: ReadonlyMap<string, StorageRule> = new Map<string, StorageRule>([
  ['persistentVolumeClaim', { needs: ['claimName'] }],
  ['awsElasticBlockStore', { needs: ['volumeID'], rest: validatePartition }],
  [
    'gitRepo',
    {
      needs: ['repository'],
      rest: (source, path) => validateDescendingPath(`${path}.directory`, text(source, 'directory')),
    },
  ],
  ['gcePersistentDisk', { needs: ['pdName'], rest: validatePartition }],
  ['azureFile', { needs: ['secretName', 'shareName'] }],
  ['azureDisk', { needs: ['diskName', 'diskURI'], rest: validateAzureDisk }],
  ['vsphereVolume', { needs: ['volumePath'] }],
  ['photonPersistentDisk', { needs: ['pdID'] }],
  ['glusterfs', { needs: ['endpoints', 'path'] }],
  ['cinder', { needs: ['volumeID'], rest: (source, path) => validateSecretRef(source, path, 'secretRef') }],
  ['cephfs', { needs: ['monitors'] }],
  ['rbd', { needs: ['monitors', 'image'] }],
  ['portworxVolume', { needs: ['volumeID'] }],
  ['scaleIO', { needs: ['gateway', 'system', 'volumeName'] }],
  ['iscsi', { needs: ['targetPortal'], rest: validateIscsi }],
  ['fc', { needs: [], rest: validateFibreChannel }],
  ['flocker', { needs: [], rest: validateFlocker }],
  ['quobyte', { needs: [], rest: validateQuobyte }],
  ['storageos', { needs: ['volumeName'], rest: validateStorageOs }],
  ['flexVolume', { needs: ['driver'], rest: validateFlexOptions }],
  ['csi', { needs: [], rest: validateCsi }],
]);

/** The problems of a source whose kind is one of those above; none for others. */
export function validateStorageSource(source: JsonObject, path: string, kind: string): FieldError[] {
  const rule = storageRules.get(kind);
  return [...missing(source, path, rule?.needs ?? []), ...(rule?.rest?.(source, path) ?? [])];
}

function missing(source: JsonObject, path: string, keys: readonly string[]): FieldError[] {
  return keys.flatMap((key) =>
    text(source, key) === '' && texts(source, key).length === 0 ? [required(`${path}.${key}`)] : [],
  );
}

function validateSecretRef(source: JsonObject, path: string, key: string): FieldError[] {
  return has(source, key) ? missing(struct(source, key), `${path}.${key}`, ['name']) : [];
}

function validateByte(source: JsonObject, path: string, key: string, shownLow: number): FieldError[] {
  const value = number(source, key) ?? 0;
  return value >= 0 && value <= 255 ? [] : [invalid(`${path}.${key}`, value, rangeError(shownLow, 255))];
}

/** No partition, 0, is allowed, whatever the message says. */
function validatePartition(source: JsonObject, path: string): FieldError[] {
  return validateByte(source, path, 'partition', 1);
}

function validateIscsi(source: JsonObject, path: string): FieldError[] {
  const errors = [
    ...(text(source, 'iqn') === '' ? [required(`${path}.iqn`)] : validateQualifiedName(source, path, 'iqn')),
    ...validateByte(source, path, 'lun', 0),
  ];
  const asksForSecret = flag(source, 'chapAuthDiscovery') || flag(source, 'chapAuthSession');
  if (asksForSecret && !has(source, 'secretRef')) errors.push(required(`${path}.secretRef`));
  if (!has(source, 'initiatorName')) return errors;
  return [...errors, ...validateQualifiedName(source, path, 'initiatorName')];
}

/** Names of iSCSI by what they begin with; upstream leaves the beginning of the first one free. Source: RFC 3721. */
const iscsiNames: readonly (readonly [string, RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/],
  ['eui', /^eui.[A-Za-z0-9]{16}$/],
  ['naa', /^naa.[A-Za-z0-9]{32}$/],
];

function validateQualifiedName(source: JsonObject, path: string, key: string): FieldError[] {
  const name = text(source, key);
  const here = `${path}.${key.toLowerCase()}`;
  const format = iscsiNames.find(([prefix]) => name.startsWith(prefix));
  if (format === undefined)
    return [invalid(here, name, 'must be valid format starting with iqn, eui, or naa')];
  return format[1].test(name) ? [] : [invalid(here, name, 'must be valid format')];
}

function validateFibreChannel(source: JsonObject, path: string): FieldError[] {
  const [targets, ids] = [texts(source, 'targetWWNs'), texts(source, 'wwids')];
  const here = `${path}.targetWWNs`;
  const errors: FieldError[] = [];
  if (targets.length === 0 && ids.length === 0)
    errors.push(required(here, 'must specify either targetWWNs or wwids, but not both'));
  if (targets.length > 0 && ids.length > 0)
    errors.push(invalid(here, [...targets], 'targetWWNs and wwids can not be specified simultaneously'));
  if (targets.length === 0) return errors;
  if (!has(source, 'lun'))
    return [...errors, required(`${path}.lun`, 'lun is required if targetWWNs is specified')];
  return [...errors, ...validateByte(source, path, 'lun', 0)];
}

function validateFlocker(source: JsonObject, path: string): FieldError[] {
  const name = text(source, 'datasetName');
  const id = text(source, 'datasetUUID');
  const errors: FieldError[] = [];
  if (name === '' && id === '') errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  if (name !== '' && id !== '') {
    const detail = 'datasetName and datasetUUID can not be specified simultaneously';
    errors.push(invalid(path, 'resource', detail));
  }
  if (name.includes('/')) errors.push(invalid(`${path}.datasetName`, name, "must not contain '/'"));
  return errors;
}

function validateQuobyte(source: JsonObject, path: string): FieldError[] {
  const here = `${path}.registry`;
  const registry = text(source, 'registry');
  const volume = missing(source, path, ['volume']);
  if (registry === '') return [required(here, hostPortPairs), ...volume];
  if (byteLength(text(source, 'tenant')) > 64) {
    const detail = 'must be a UUID and may not exceed a length of 64 characters';
    return [required(`${path}.tenant`, detail), ...volume];
  }
  // Addresses of IPv6 stand in brackets. Source: net.SplitHostPort.
  const pairs = registry.split(',').filter((pair) => !/^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair));
  return [...pairs.map(() => invalid(here, registry, hostPortPairs)), ...volume];
}

function validateStorageOs(source: JsonObject, path: string): FieldError[] {
  const names = ['volumeName', 'volumeNamespace'].flatMap((key) => {
    const name = text(source, key);
    return name === '' ? [] : validateText(`${path}.${key}`, name, checkDns1123Label);
  });
  return [...names, ...validateSecretRef(source, path, 'secretRef')];
}

function validateAzureDisk(source: JsonObject, path: string): FieldError[] {
  const kind = text(source, 'kind');
  const address = text(source, 'diskURI');
  const [start, example] =
    kind === 'Managed'
      ? [
          '/subscriptions/',
          '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
        ]
      : ['https://', 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'];
  const errors = [
    ...validateOptionalChoice(path, source, 'cachingMode', ['None', 'ReadOnly', 'ReadWrite']),
    ...validateOptionalChoice(path, source, 'kind', ['Dedicated', 'Managed', 'Shared']),
  ];
  if (!has(source, 'kind') || address.startsWith(start)) return errors;
  return [...errors, notSupported(`${path}.diskURI`, address, [example])];
}

function validateFlexOptions(source: JsonObject, path: string): FieldError[] {
  return Object.keys(struct(source, 'options')).flatMap((key) => {
    const slash = key.indexOf('/');
    const namespace = `.${key.slice(0, slash < 0 ? key.length : slash).toLowerCase()}`;
    const isReserved = namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io');
    const detail = 'kubernetes.io and k8s.io namespaces are reserved';
    return isReserved ? [invalid(`${path}.options[${key}]`, key, detail)] : [];
  });
}

const maxDriverBytes = 63;

function validateCsi(source: JsonObject, path: string): FieldError[] {
  const errors = validateCsiDriver(source, path);
  if (!has(source, 'nodePublishSecretRef')) return errors;
  const name = text(struct(source, 'nodePublishSecretRef'), 'name');
  if (name === '') return [...errors, required(`${path}.nodePublishSecretRef.name`)];
  // Upstream names the source, not the reference.
  return [...errors, ...validateText(`${path}.name`, name, checkDns1123Subdomain)];
}

/** The problems of a CSI driver's name. Source: ValidateCSIDriverName. */
function validateCsiDriver(source: JsonObject, path: string): FieldError[] {
  const here = `${path}.driver`;
  const driver = text(source, 'driver');
  if (driver === '') return [required(here)];
  const errors = byteLength(driver) > maxDriverBytes ? [tooLong(here, maxDriverBytes)] : [];
  const problems = checkDns1123Subdomain(driver.toLowerCase());
  return [...errors, ...problems.map((problem) => invalid(here, driver, problem))];
}
