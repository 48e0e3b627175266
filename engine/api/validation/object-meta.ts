/**
 * The rules of metadata, the same for every kind.
 * Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, required, tooLong } from '../field-errors.ts';
import { flag, has, number, struct, structs, text, textMap, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import {
  byteLength,
  checkDns1123Label,
  checkLabelValue,
  checkQualifiedName,
  maskTrailingDash,
  type NameCheck,
} from './names.ts';

/** All annotations of an object together. */
const maxAnnotationsBytes = 256 * 1024;

/** What kind of names an object has. */
export interface MetaRules {
  readonly namespaced: boolean;
  readonly checkName: NameCheck;
  /** Finalizers may be any qualified names, as those of custom resources. */
  readonly anyFinalizer?: boolean;
}

/** The problems of an object's metadata. */
export function validateObjectMeta(object: JsonObject, rules: MetaRules): FieldError[] {
  const metadata = struct(object, 'metadata');
  const errors: FieldError[] = [];
  const generateName = text(metadata, 'generateName');
  if (generateName !== '') {
    for (const problem of rules.checkName(maskTrailingDash(generateName))) {
      errors.push(invalid('metadata.generateName', generateName, problem));
    }
  }
  const name = text(metadata, 'name');
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const problem of rules.checkName(name)) errors.push(invalid('metadata.name', name, problem));
  const namespace = text(metadata, 'namespace');
  if (!rules.namespaced) {
    if (namespace !== '') errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  } else if (namespace === '') {
    errors.push(required('metadata.namespace'));
  } else {
    for (const problem of checkDns1123Label(namespace))
      errors.push(invalid('metadata.namespace', namespace, problem));
  }
  const generation = number(metadata, 'generation') ?? 0;
  if (generation < 0)
    errors.push(invalid('metadata.generation', generation, 'must be greater than or equal to 0'));
  return [
    ...errors,
    ...validateLabels(metadata, 'labels', 'metadata.labels'),
    ...validateAnnotations(metadata, 'metadata.annotations'),
    ...validateOwnerReferences(metadata),
    ...validateFinalizers(texts(metadata, 'finalizers')),
    ...(rules.anyFinalizer === true ? [] : validateFinalizerNames(texts(metadata, 'finalizers'))),
  ];
}

/** The problems of a map of labels. */
export function validateLabels(parent: JsonObject, key: string, path: string): FieldError[] {
  return [...textMap(parent, key)].flatMap(([name, value]) => [
    ...checkQualifiedName(name).map((problem) => invalid(path, name, problem)),
    ...checkLabelValue(value).map((problem) => invalid(path, value, problem)),
  ]);
}

/** The problems of `annotations` of a metadata object. */
export function validateAnnotations(metadata: JsonObject, path: string): FieldError[] {
  const annotations = [...textMap(metadata, 'annotations')];
  const errors = annotations.flatMap(([name]) =>
    checkQualifiedName(name.toLowerCase()).map((problem) => invalid(path, name, problem)),
  );
  const total = annotations.reduce((sum, [name, value]) => sum + byteLength(name) + byteLength(value), 0);
  if (total > maxAnnotationsBytes) errors.push(tooLong(path, maxAnnotationsBytes));
  return errors;
}

function validateOwnerReferences(metadata: JsonObject): FieldError[] {
  const path = 'metadata.ownerReferences';
  const references = structs(metadata, 'ownerReferences');
  const errors: FieldError[] = [];
  let controller = '';
  for (const reference of references) {
    const apiVersion = text(reference, 'apiVersion');
    if (apiVersion === '' || apiVersion.endsWith('/')) {
      errors.push(invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty'));
    }
    for (const key of ['kind', 'name', 'uid']) {
      if (text(reference, key) === '') errors.push(invalid(`${path}.${key}`, '', 'must not be empty'));
    }
    if (apiVersion === 'v1' && text(reference, 'kind') === 'Event') {
      errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (!flag(reference, 'controller')) continue;
    const here = `${text(reference, 'kind')}/${text(reference, 'name')}`;
    if (controller === '') controller = here;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${here}`;
      errors.push(invalid(path, [...references], detail));
    }
  }
  return errors;
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** The rules of one finalizer, its domain among them. Source: validateFinalizerName of pkg/apis/core/validation. */
export function validateFinalizerName(path: string, name: string): FieldError[] {
  const problems = checkQualifiedName(name).map((problem) => invalid(path, name, problem));
  return [...problems, ...validateFinalizerDomain(path, name)];
}

/** Finalizers of others than Kubernetes itself carry a domain. Source: validateKubeFinalizerName, in the same place. */
function validateFinalizerDomain(path: string, name: string): FieldError[] {
  if (name.includes('/') || standardFinalizers.includes(name)) return [];
  return [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function validateFinalizerNames(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((name, index) => validateFinalizerDomain(`metadata.finalizers[${index}]`, name));
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const path = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) =>
    checkQualifiedName(name).map((problem) => invalid(path, name, problem)),
  );
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, [...finalizers], 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

const immutableKeys = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** The problems of a change of metadata. */
export function validateObjectMetaUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const metadata = struct(object, 'metadata');
  const before = struct(old, 'metadata');
  const errors: FieldError[] = [];
  if (has(before, 'deletionTimestamp')) {
    const known = new Set(texts(before, 'finalizers'));
    const added = [...new Set(texts(metadata, 'finalizers').filter((name) => !known.has(name)))].sort();
    if (added.length > 0) {
      const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
      errors.push(forbidden('metadata.finalizers', detail));
    }
  }
  if (text(metadata, 'resourceVersion') === '') {
    errors.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  }
  const generation = number(metadata, 'generation') ?? 0;
  if (generation < (number(before, 'generation') ?? 0)) {
    errors.push(invalid('metadata.generation', generation, 'must not be decremented'));
  }
  for (const key of immutableKeys) {
    if (!jsonEqual(metadata[key] ?? null, before[key] ?? null)) {
      const value = metadata[key] ?? (key === 'name' || key === 'namespace' || key === 'uid' ? '' : null);
      errors.push(invalid(`metadata.${key}`, value, 'field is immutable'));
    }
  }
  return [
    ...errors,
    ...validateLabels(metadata, 'labels', 'metadata.labels'),
    ...validateAnnotations(metadata, 'metadata.annotations'),
    ...validateOwnerReferences(metadata),
  ];
}

/** One problem when a field was changed that may not be. */
export function validateImmutable(
  path: string,
  value: unknown,
  old: unknown,
  shown: JsonObject[string] | undefined,
): FieldError[] {
  return jsonEqual(value ?? null, old ?? null) ? [] : [invalid(path, shown, 'field is immutable')];
}
