/**
 * The rules of environment variables. Source: ValidateEnv and ValidateEnvFrom in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { compareQuantities, formatQuantity, parseQuantity, zeroQuantity } from '../quantity.ts';
import { has, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateText } from './fields.ts';
import {
  checkConfigMapKey,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvVarName,
  checkNoBackSteps,
  checkQualifiedName,
} from './names.ts';

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const resourcePaths = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const manySources = 'may not have more than one field specified at a time';

/** The problems of `env` and `envFrom` of a container. */
export function validateEnvironment(container: JsonObject, path: string): FieldError[] {
  const variables = structs(container, 'env').flatMap((variable, index) => {
    const here = `${path}.env[${index}]`;
    const name = text(variable, 'name');
    const errors =
      name === '' ? [required(`${here}.name`)] : validateText(`${here}.name`, name, checkEnvVarName);
    return has(variable, 'valueFrom')
      ? [...errors, ...validateValueFrom(variable, `${here}.valueFrom`)]
      : errors;
  });
  return [...variables, ...validateEnvFrom(structs(container, 'envFrom'), `${path}.envFrom`)];
}

function validateValueFrom(variable: JsonObject, path: string): FieldError[] {
  const source = struct(variable, 'valueFrom');
  const errors: FieldError[] = [];
  if (has(source, 'fieldRef'))
    errors.push(...validateFieldRef(struct(source, 'fieldRef'), `${path}.fieldRef`, fieldPaths));
  if (has(source, 'resourceFieldRef')) {
    errors.push(
      ...validateResourceFieldRef(struct(source, 'resourceFieldRef'), `${path}.resourceFieldRef`, false),
    );
  }
  for (const key of ['configMapKeyRef', 'secretKeyRef']) {
    if (has(source, key)) errors.push(...validateKeyRef(struct(source, key), `${path}.${key}`));
  }
  if (has(source, 'fileKeyRef'))
    errors.push(...validateFileKeyRef(struct(source, 'fileKeyRef'), `${path}.fileKeyRef`));
  const keys = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
  const count = keys.filter((key) => has(source, key)).length;
  if (count === 0) {
    const detail =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(path, '', detail));
  } else if (text(variable, 'value') !== '') {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (count > 1) {
    errors.push(invalid(path, '', manySources));
  }
  return errors;
}

/** The problems of a reference to a field of the Pod. */
export function validateFieldRef(ref: JsonObject, path: string, known: readonly string[]): FieldError[] {
  const apiVersion = text(ref, 'apiVersion');
  const fieldPath = text(ref, 'fieldPath');
  if (apiVersion === '') return [required(`${path}.apiVersion`)];
  if (fieldPath === '') return [required(`${path}.fieldPath`)];
  if (apiVersion !== 'v1') {
    const detail = `error converting fieldPath: unsupported pod version: ${apiVersion}`;
    return [invalid(`${path}.fieldPath`, fieldPath, detail)];
  }
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null) {
    const key = subscript[2] ?? '';
    const checked = subscript[1] === 'metadata.annotations' ? key.toLowerCase() : key;
    return checkQualifiedName(checked).map((problem) => invalid(path, key, problem));
  }
  if (known.includes(fieldPath)) return [];
  const convertible = [
    ...fieldPaths,
    'metadata.labels',
    'metadata.annotations',
    'spec.restartPolicy',
    'spec.schedulerName',
    'status.phase',
  ];
  if (convertible.includes(fieldPath))
    return [notSupported(`${path}.fieldPath`, fieldPath, [...known].sort())];
  const detail = `error converting fieldPath: field label not supported: ${fieldPath}`;
  return [invalid(`${path}.fieldPath`, fieldPath, detail)];
}

/** The problems of a reference to a container's resources. */
export function validateResourceFieldRef(ref: JsonObject, path: string, forVolume: boolean): FieldError[] {
  const resource = text(ref, 'resource');
  const container = text(ref, 'containerName');
  if (forVolume && container === '') return [required(`${path}.containerName`)];
  if (resource === '') return [required(`${path}.resource`)];
  if (resourcePaths.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource)) {
    return validateDivisor(ref, resource, `${path}.divisor`);
  }
  return [notSupported(`${path}.resource`, resource, resourcePaths)];
}

const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Source: validateContainerResourceDivisor. */
function validateDivisor(ref: JsonObject, resource: string, path: string): FieldError[] {
  const given = parseQuantity(text(ref, 'divisor') || '0');
  if (!given.ok || compareQuantities(given.value, zeroQuantity) === 0) return [];
  const divisor = formatQuantity(given.value);
  const name = resource.slice(resource.indexOf('.') + 1);
  if (name === 'cpu') {
    if (divisor === '1m' || divisor === '1') return [];
    return [invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  }
  if (byteDivisors.includes(divisor)) return [];
  const what =
    name === 'memory' ? 'memory' : name === 'ephemeral-storage' ? 'local ephemeral storage' : 'hugepages';
  return [
    invalid(
      path,
      resource,
      `only divisor's values ${byteDivisors.join(', ')} are supported with the ${what} resource`,
    ),
  ];
}

function validateKeyRef(ref: JsonObject, path: string): FieldError[] {
  const errors = validateText(`${path}.name`, text(ref, 'name'), checkDns1123Subdomain);
  const key = text(ref, 'key');
  return key === ''
    ? [...errors, required(`${path}.key`)]
    : [...errors, ...validateText(`${path}.key`, key, checkConfigMapKey)];
}

function validateFileKeyRef(ref: JsonObject, path: string): FieldError[] {
  const checks = [
    ['key', checkEnvVarName],
    ['volumeName', checkDns1123Label],
    ['path', checkNoBackSteps],
  ] as const;
  return checks.flatMap(([key, check]) => {
    const value = text(ref, key);
    return value === '' ? [required(`${path}.${key}`)] : validateText(`${path}.${key}`, value, check);
  });
}

function validateEnvFrom(sources: readonly JsonObject[], path: string): FieldError[] {
  return sources.flatMap((source, index) => {
    const here = `${path}[${index}]`;
    const prefix = text(source, 'prefix');
    const errors = prefix === '' ? [] : validateText(`${here}.prefix`, prefix, checkEnvVarName);
    const keys = ['configMapRef', 'secretRef'].filter((key) => has(source, key));
    for (const key of keys) {
      const name = text(struct(source, key), 'name');
      if (name === '') errors.push(required(`${here}.${key}.name`));
      else errors.push(...validateText(`${here}.${key}.name`, name, checkDns1123Subdomain));
    }
    if (keys.length === 0)
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (keys.length > 1) errors.push(invalid(path, '', manySources));
    return errors;
  });
}
