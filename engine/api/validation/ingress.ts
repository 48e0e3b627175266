/**
 * The rules of Ingresses. Source: pkg/apis/networking/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validatePathSegment, validateText } from './fields.ts';
import { isAddressText } from './ip.ts';
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortName,
  checkPortNumber,
  checkWildcardSubdomain,
} from './names.ts';

/** The annotation that came before `spec.ingressClassName`. */
export const ingressClassAnnotation = 'kubernetes.io/ingress.class';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

/** What an update leaves alone because it was wrong before. */
interface Leniency {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}

const strict: Leniency = { secretNames: false, wildcardRules: false };

/** The problems of a new Ingress besides its metadata. */
export function validateIngress(ingress: JsonObject): FieldError[] {
  const errors = validateSpec(struct(ingress, 'spec'), strict);
  const annotations = struct(struct(ingress, 'metadata'), 'annotations');
  const className = struct(ingress, 'spec').ingressClassName;
  const annotated = annotations[ingressClassAnnotation];
  if (has(annotations, ingressClassAnnotation) && typeof className === 'string' && annotated !== className) {
    const path = `annotations.${ingressClassAnnotation}`;
    errors.push(invalid(path, annotated, 'must match `ingressClassName` when both are specified'));
  }
  return errors;
}

/** The problems of a changed Ingress; what was wrong before may stay so. */
export function validateIngressUpdate(ingress: JsonObject, old: KubeObject): FieldError[] {
  const before = struct(asJson(old), 'spec');
  return validateSpec(struct(ingress, 'spec'), {
    secretNames: structs(before, 'tls').some(
      (entry) => validateSecretName(text(entry, 'secretName'), '').length > 0,
    ),
    wildcardRules: structs(before, 'rules').some(
      (rule) => text(rule, 'host').includes('*') && validateRuleValue(rule, '').length > 0,
    ),
  });
}

function validateSpec(spec: JsonObject, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const rules = structs(spec, 'rules');
  if (rules.length === 0 && !has(spec, 'defaultBackend')) {
    errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (has(spec, 'defaultBackend')) {
    errors.push(...validateBackend(struct(spec, 'defaultBackend'), 'spec.defaultBackend'));
  }
  for (const [index, rule] of rules.entries()) {
    errors.push(...validateRule(rule, `spec.rules[${index}]`, leniency));
  }
  for (const [index, entry] of structs(spec, 'tls').entries()) {
    errors.push(...validateTls(entry, `spec.tls[${index}]`, leniency));
  }
  if (has(spec, 'ingressClassName')) {
    errors.push(
      ...validateText('spec.ingressClassName', text(spec, 'ingressClassName'), checkDns1123Subdomain),
    );
  }
  return errors;
}

function validateRule(rule: JsonObject, path: string, leniency: Leniency): FieldError[] {
  const host = text(rule, 'host');
  const errors: FieldError[] = [];
  if (host !== '' && isAddressText(host)) {
    errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
  }
  if (host !== '') errors.push(...validateHost(host, `${path}.host`));
  if (host.includes('*') && leniency.wildcardRules) return errors;
  return [...errors, ...validateRuleValue(rule, path)];
}

function validateHost(host: string, path: string): FieldError[] {
  return validateText(path, host, host.includes('*') ? checkWildcardSubdomain : checkDns1123Subdomain);
}

function validateRuleValue(rule: JsonObject, path: string): FieldError[] {
  if (!has(rule, 'http')) return [];
  const paths = structs(struct(rule, 'http'), 'paths');
  if (paths.length === 0) return [required(`${path}.http.paths`)];
  return paths.flatMap((entry, index) => validatePath(entry, `${path}.http.paths[${index}]`));
}

function validatePath(entry: JsonObject, path: string): FieldError[] {
  if (!has(entry, 'pathType')) return [required(`${path}.pathType`, 'pathType must be specified')];
  const type = text(entry, 'pathType');
  const value = text(entry, 'path');
  const here = `${path}.path`;
  const errors: FieldError[] = [];
  const isMatched = type === 'Exact' || type === 'Prefix';
  if (!pathTypes.includes(type)) {
    errors.push(notSupported(`${path}.pathType`, type, pathTypes));
  } else if (!value.startsWith('/') && (isMatched || value !== '')) {
    errors.push(invalid(here, value, 'must be an absolute path'));
  }
  if (isMatched) {
    for (const sequence of forbiddenSequences) {
      if (value.includes(sequence)) errors.push(invalid(here, value, `must not contain '${sequence}'`));
    }
    for (const end of forbiddenEnds) {
      if (value.endsWith(end)) errors.push(invalid(here, value, `cannot end with '${end}'`));
    }
  }
  return [...errors, ...validateBackend(struct(entry, 'backend'), `${path}.backend`)];
}

function validateBackend(backend: JsonObject, path: string): FieldError[] {
  if (has(backend, 'resource') && has(backend, 'service')) {
    return [invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (has(backend, 'resource')) return validateReference(struct(backend, 'resource'), `${path}.resource`);
  if (!has(backend, 'service')) return [invalid(path, '', 'resource or service backend is required')];
  const service = struct(backend, 'service');
  const name = text(service, 'name');
  const errors =
    name === ''
      ? [required(`${path}.service.name`)]
      : validateText(`${path}.service.name`, name, checkDns1123Label);
  return [...errors, ...validateBackendPort(struct(service, 'port'), path)];
}

function validateBackendPort(port: JsonObject, path: string): FieldError[] {
  const name = text(port, 'name');
  const value = number(port, 'number') ?? 0;
  if (name !== '' && value !== 0) return [invalid(path, '', 'cannot set both port name & port number')];
  if (name !== '') return validateText(`${path}.service.port.name`, name, checkPortName);
  if (value === 0) return [required(path, 'port name or number is required')];
  return checkPortNumber(value).map((problem) => invalid(`${path}.service.port.number`, value, problem));
}

/** A reference to an object of any kind in the same namespace, or of a class to its parameters. */
export function validateReference(reference: JsonObject, path: string): FieldError[] {
  return [
    ...(has(reference, 'apiGroup')
      ? validateText(`${path}.apiGroup`, text(reference, 'apiGroup'), checkDns1123Subdomain)
      : []),
    ...validatePathSegment(path, reference, 'kind'),
    ...validatePathSegment(path, reference, 'name'),
  ];
}

function validateTls(entry: JsonObject, path: string, leniency: Leniency): FieldError[] {
  const errors = texts(entry, 'hosts').flatMap((host, index) =>
    validateHost(host, `${path}.hosts[${index}]`),
  );
  if (leniency.secretNames) return errors;
  return [...errors, ...validateSecretName(text(entry, 'secretName'), `${path}.secretName`)];
}

function validateSecretName(name: string, path: string): FieldError[] {
  return name === '' ? [] : validateText(path, name, checkDns1123Subdomain);
}
