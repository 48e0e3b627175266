/**
 * ConfigMaps. Source: ValidateConfigMap in pkg/apis/core/validation/validation.go, printConfigMap.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { forbidden, invalid, tooLong } from '../field-errors.ts';
import { asJson, flag, textMap } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { byteLength, checkConfigMapKey } from '../validation/names.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** Bytes of all values together: what etcd takes in one object. Source: MaxSecretSize. */
export const maxDataBytes = 1024 * 1024;

/** core/v1 ConfigMap. */
export const configMapKind: KindDefinition = defineKind({
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  schema: 'V1ConfigMap',
  validateRest: validateConfigMap,
  changedMeta: ['changed', 'new'],
  validateChange: (map, old) => [
    ...validateUnchanged(map, old, ['data', 'binaryData']),
    ...validateConfigMap(map),
  ],
  columns: [nameColumn, column('Data', 'string', 'How many entries it has.'), ageColumn],
  row: (object, nowMs) => {
    const map = asJson(object);
    return [
      object.metadata.name,
      textMap(map, 'data').size + textMap(map, 'binaryData').size,
      age(object, nowMs),
    ];
  },
});

function validateConfigMap(map: JsonObject): FieldError[] {
  const data = textMap(map, 'data');
  const binary = textMap(map, 'binaryData');
  const errors: FieldError[] = [];
  for (const key of data.keys()) {
    errors.push(...checkConfigMapKey(key).map((problem) => invalid(`data[${key}]`, key, problem)));
    if (binary.has(key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  for (const key of binary.keys()) {
    errors.push(...checkConfigMapKey(key).map((problem) => invalid(`binaryData[${key}]`, key, problem)));
  }
  const texts = [...data.values()].reduce((sum, value) => sum + byteLength(value), 0);
  const total = texts + [...binary.values()].reduce((sum, value) => sum + decodedLength(value), 0);
  return total > maxDataBytes ? [...errors, tooLong('', maxDataBytes)] : errors;
}

/** How many bytes stand behind base64 text. */
export function decodedLength(base64: string): number {
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
}

/** The problems of changing what calls itself immutable. */
export function validateUnchanged(
  object: JsonObject,
  oldObject: KubeObject,
  keys: readonly string[],
): FieldError[] {
  const old = asJson(oldObject);
  if (!flag(old, 'immutable')) return [];
  const detail = 'field is immutable when `immutable` is set';
  return [
    ...(flag(object, 'immutable') ? [] : [forbidden('immutable', detail)]),
    ...keys
      .filter((key) => !jsonEqual(object[key] ?? {}, old[key] ?? {}))
      .map((key) => forbidden(key, detail)),
  ];
}
