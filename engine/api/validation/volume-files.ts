/**
 * The rules of files that the API server's own objects become in volumes: of ConfigMaps, Secrets, fields of the Pod, tokens.
 * Projections of trust bundles and of Pods' certificates are off by default and gone before. Source: validateKeyToPath,
 * validateDownwardAPIVolumeFile and validateProjectionSources in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, required } from '../field-errors.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateDescendingPath } from './containers.ts';
import { validateFieldRef, validateResourceFieldRef } from './environment.ts';

const fileModeError = 'must be a number between 0 and 0777 (octal), both inclusive';
/** Fields of the Pod that a file of a downward API volume may hold. */
const downwardPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

function validateMode(source: JsonObject, key: string, path: string): FieldError[] {
  const mode = number(source, key);
  return mode === undefined || (mode >= 0 && mode <= 0o777) ? [] : [invalid(path, mode, fileModeError)];
}

/** The problems of a ConfigMap's or Secret's files. */
export function validateFiles(source: JsonObject, path: string): FieldError[] {
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

/** The problems of files that hold fields of the Pod. */
export function validateDownwardFiles(source: JsonObject, path: string): FieldError[] {
  return [
    ...validateMode(source, 'defaultMode', `${path}.defaultMode`),
    ...structs(source, 'items').flatMap((file) => validateDownwardFile(file, path)),
  ];
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

/** The problems of a projected volume. */
export function validateProjected(source: JsonObject, path: string): FieldError[] {
  return [
    ...validateMode(source, 'defaultMode', `${path}.defaultMode`),
    ...validateProjections(source, path),
  ];
}

function validateProjections(source: JsonObject, path: string): FieldError[] {
  const paths = new Set<string>();
  return structs(source, 'sources').flatMap((projection, index) => {
    const here = `${path}.sources[${index}]`;
    const errors: FieldError[] = [];
    for (const kind of ['secret', 'configMap'] as const) {
      if (!has(projection, kind)) continue;
      const inner = struct(projection, kind);
      if (text(inner, 'name') === '') errors.push(required(`${here}.${kind}.name`));
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
