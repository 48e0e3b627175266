/**
 * The rules of PersistentVolumeClaims. Source: pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { describeDifference } from '../internal-form/internal-form.ts';
import { compareQuantities, parseQuantity, zeroQuantity } from '../quantity.ts';
import { asJson, has, mapStruct, struct, text, textMap, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateText } from './fields.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkDns1123Label, checkDns1123Subdomain } from './names.ts';
import { validateImmutable } from './object-meta.ts';
import { validateQuantity } from './resources.ts';

/** The annotation that came before `spec.storageClassName`. */
export const storageClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

/** The problems of a new PersistentVolumeClaim besides its metadata. */
export function validateClaim(claim: JsonObject): FieldError[] {
  return validateClaimSpec(struct(claim, 'spec'), 'spec');
}

/** The problems of a claim's spec. */
export function validateClaimSpec(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (texts(spec, 'accessModes').length === 0) {
    errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  }
  if (has(spec, 'selector')) {
    errors.push(...validateLabelSelector(struct(spec, 'selector'), `${path}.selector`));
  }
  errors.push(...validateAccessModes(spec, path), ...validateStorage(spec, `${path}.resources[storage]`));
  const className = text(spec, 'storageClassName');
  if (className !== '') {
    errors.push(...validateText(`${path}.storageClassName`, className, checkDns1123Subdomain));
  }
  errors.push(...validateVolumeMode(spec, path), ...validateSources(spec, path));
  const attributesClass = text(spec, 'volumeAttributesClassName');
  if (attributesClass !== '') {
    errors.push(...validateText(`${path}.volumeAttributesClassName`, attributesClass, checkDns1123Subdomain));
  }
  return errors;
}

/** The problems of access modes of a volume or claim. */
export function validateAccessModes(spec: JsonObject, path: string): FieldError[] {
  const here = `${path}.accessModes`;
  const modes = texts(spec, 'accessModes');
  const errors = modes.flatMap((mode) =>
    accessModes.includes(mode) ? [] : [notSupported(here, mode, accessModes)],
  );
  const isMixed =
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode));
  if (isMixed) errors.push(forbidden(here, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

/** The problem of a volume mode of a volume or claim. */
export function validateVolumeMode(spec: JsonObject, path: string): FieldError[] {
  const mode = text(spec, 'volumeMode');
  if (!has(spec, 'volumeMode') || volumeModes.includes(mode)) return [];
  return [notSupported(`${path}.volumeMode`, mode, volumeModes)];
}

function validateStorage(spec: JsonObject, path: string): FieldError[] {
  const storage = textMap(struct(spec, 'resources'), 'requests').get('storage');
  if (storage === undefined) return [required(path)];
  const amount = parseQuantity(storage);
  if (amount.ok && compareQuantities(amount.value, zeroQuantity) <= 0) {
    return [invalid(path, storage, 'must be greater than zero')];
  }
  return validateQuantity(path, 'storage', storage);
}

function validateSources(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['dataSource', 'dataSourceRef']) {
    if (has(spec, key)) errors.push(...validateSource(struct(spec, key), `${path}.${key}`));
  }
  if (!has(spec, 'dataSource') || !has(spec, 'dataSourceRef')) return errors;
  const [source, reference] = [struct(spec, 'dataSource'), struct(spec, 'dataSourceRef')];
  // Upstream prints the path itself where the value belongs, as an empty Go struct.
  if (text(reference, 'namespace') !== '') {
    errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (
    ['apiGroup', 'kind', 'name'].some((key) => !jsonEqual(source[key] ?? null, reference[key] ?? null))
  ) {
    errors.push(invalid(path, {}, 'must match dataSourceRef'));
  }
  return errors;
}

function validateSource(source: JsonObject, path: string): FieldError[] {
  const errors = ['name', 'kind'].flatMap((key) =>
    text(source, key) === '' ? [required(`${path}.${key}`)] : [],
  );
  const group = text(source, 'apiGroup');
  const kind = text(source, 'kind');
  if (group !== '') errors.push(...validateText(`${path}.apiGroup`, group, checkDns1123Subdomain));
  else if (kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(path, kind, detail));
  }
  const namespace = text(source, 'namespace');
  if (namespace !== '') errors.push(...validateText(`${path}.namespace`, namespace, checkDns1123Label));
  return errors;
}

/**
 * The problems of a changed claim. A claim stays as it was but for its size, once it is bound.
 */
export function validateClaimUpdate(claim: JsonObject, oldObject: KubeObject): FieldError[] {
  const old = asJson(oldObject);
  const [spec, before] = [struct(claim, 'spec'), struct(old, 'spec')];
  const errors = validateClaim(claim);
  const annotation = (object: JsonObject) =>
    struct(struct(object, 'metadata'), 'annotations')[storageClassAnnotation] ?? null;
  if (!jsonEqual(annotation(claim), annotation(old))) {
    const path = `metadata.annotations[${storageClassAnnotation}]`;
    errors.push(invalid(path, annotation(claim) ?? '', 'field is immutable'));
  }
  if (!jsonEqual(comparable(spec, spec, old), comparable(before, spec, old))) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    const difference = describeDifference(
      'PersistentVolumeClaimSpec',
      claimed(before, spec, old),
      claimed(spec, spec, old),
    );
    errors.push(forbidden('spec', `${detail}\n${difference}`));
  }
  const size = (of: JsonObject, list: string) => parseQuantity(textMap(of, list).get('storage') ?? '0');
  const [now, was] = [
    size(struct(spec, 'resources'), 'requests'),
    size(struct(before, 'resources'), 'requests'),
  ];
  const actual = size(struct(old, 'status'), 'capacity');
  const isShrunk = now.ok && was.ok && compareQuantities(now.value, was.value) < 0;
  if (isShrunk && actual.ok && compareQuantities(now.value, actual.value) <= 0) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return [...errors, ...validateImmutable('volumeMode', spec.volumeMode, before.volumeMode, spec.volumeMode)];
}

/** A spec as it is compared; a volume that is named for the first time counts as named before. */
function claimed(spec: JsonObject, now: JsonObject, old: JsonObject): JsonObject {
  const before = struct(old, 'spec');
  return text(before, 'volumeName') === '' ? { ...spec, volumeName: text(now, 'volumeName') } : spec;
}

/** What of a spec must stay: not the volume where there was none, nor the size and class of what is bound. */
function comparable(spec: JsonObject, now: JsonObject, old: JsonObject): JsonObject {
  const before = struct(old, 'spec');
  const isBound = text(struct(old, 'status'), 'phase') === 'Bound';
  const taken: Record<string, JsonObject[string]> = {};
  if (text(before, 'volumeName') === '') taken.volumeName = text(now, 'volumeName');
  if (!has(before, 'storageClassName')) taken.storageClassName = now.storageClassName ?? null;
  if (isBound) taken.volumeAttributesClassName = null;
  const result: JsonObject = { ...spec, ...taken };
  if (!isBound) return result;
  return mapStruct(result, 'resources', (resources) =>
    mapStruct(resources, 'requests', (requests) => ({ ...requests, storage: '0' })),
  );
}
