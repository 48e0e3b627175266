/**
 * StorageClasses. Source: pkg/registry/storage/storageclass/strategy.go, ValidateStorageClass, printStorageClass.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, invalid, notSupported, required, tooLong } from '../field-errors.ts';
import { asJson, flag, has, structs, text, textMap, texts, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateText } from '../validation/fields.ts';
import { byteLength, checkQualifiedName } from '../validation/names.ts';
import { validateImmutable } from '../validation/object-meta.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

const maxParameters = 512;
const maxParametersBytes = 256 * 1024;
const immutableKeys = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'];
const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** storage.k8s.io/v1 StorageClass. */
export const storageClassKind: KindDefinition = defineKind({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'V1StorageClass',
  applyDefaults: (storageClass) =>
    withDefaults(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  changedMeta: ['new'],
  validateRest: validateStorageClass,
  validateChange: (storageClass, old) => [
    ...validateStorageClass(storageClass),
    ...immutableKeys.flatMap((key) =>
      validateImmutable(key, storageClass[key], asJson(old)[key], storageClass[key]),
    ),
  ],
  columns: [
    nameColumn,
    column('Provisioner', 'string', 'Who makes volumes of the class.'),
    column('ReclaimPolicy', 'string', 'What becomes of a volume that is released.'),
    column('VolumeBindingMode', 'string', 'When a volume is made.'),
    column('AllowVolumeExpansion', 'string', 'Whether volumes can grow.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const storageClass = asJson(object);
    const annotations = object.metadata.annotations ?? {};
    const isDefault = defaultAnnotations.some((key) => annotations[key] === 'true');
    return [
      `${object.metadata.name}${isDefault ? ' (default)' : ''}`,
      text(storageClass, 'provisioner'),
      text(storageClass, 'reclaimPolicy') || 'Delete',
      text(storageClass, 'volumeBindingMode') || 'Immediate',
      flag(storageClass, 'allowVolumeExpansion'),
      age(object, nowMs),
    ];
  },
});

function validateStorageClass(storageClass: JsonObject): FieldError[] {
  const provisioner = text(storageClass, 'provisioner');
  const errors =
    provisioner === ''
      ? [required('provisioner')]
      : validateText('provisioner', provisioner.toLowerCase(), checkQualifiedName);
  errors.push(...validateParameters([...textMap(storageClass, 'parameters')]));
  const choices = {
    reclaimPolicy: ['Delete', 'Retain'],
    volumeBindingMode: ['Immediate', 'WaitForFirstConsumer'],
  };
  for (const [key, words] of Object.entries(choices)) {
    const value = text(storageClass, key);
    // An empty policy is as good as none; an empty mode is one that there is not.
    const isGiven = has(storageClass, key) && (key !== 'reclaimPolicy' || value !== '');
    if (isGiven && !words.includes(value)) errors.push(notSupported(key, value, words));
  }
  return [...errors, ...validateTopologies(structs(storageClass, 'allowedTopologies'))];
}

/** Upstream looks for equals among as many absent terms as there are terms, too, and an empty term equals an absent one. */
function validateTopologies(terms: readonly JsonObject[]): FieldError[] {
  const before: string[] = terms.map(() => formatTerm({}));
  return terms.flatMap((term, index) => {
    const path = `allowedTopologies[${index}].matchLabelExpressions`;
    const written = formatTerm(term);
    const equals = before.filter((other) => other === written);
    before.push(written);
    return [...validateTerm(term, path), ...equals.map(() => duplicate(path, ''))];
  });
}

/** A term in a form that does not depend on the order of anything in it. */
function formatTerm(term: JsonObject): string {
  const values = new Map(
    structs(term, 'matchLabelExpressions').map((requirement) => [
      text(requirement, 'key'),
      [...new Set(texts(requirement, 'values'))].toSorted(),
    ]),
  );
  return JSON.stringify([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function validateParameters(parameters: readonly (readonly [string, string])[]): FieldError[] {
  if (parameters.length > maxParameters) return [tooLong('parameters', maxParameters)];
  const errors = parameters.flatMap(([key]) =>
    key === '' ? [invalid('parameters', key, 'field can not be empty.')] : [],
  );
  const size = parameters.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return size > maxParametersBytes ? [...errors, tooLong('parameters', maxParametersBytes)] : errors;
}

function validateTerm(term: JsonObject, path: string): FieldError[] {
  const seen = new Set<string>();
  return structs(term, 'matchLabelExpressions').flatMap((requirement, index) => {
    const here = `${path}[${index}]`;
    const key = text(requirement, 'key');
    const values = texts(requirement, 'values');
    const isRepeated = seen.has(key);
    seen.add(key);
    return [
      ...(values.length === 0 ? [required(`${here}.values`)] : []),
      ...values.flatMap((value, at) =>
        values.indexOf(value) < at ? [duplicate(`${here}.values[${at}]`, value)] : [],
      ),
      ...validateText(`${here}.key`, key, checkQualifiedName),
      ...(isRepeated ? [duplicate(`${here}.key`, key)] : []),
    ];
  });
}
