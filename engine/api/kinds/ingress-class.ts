/**
 * IngressClasses. Source: pkg/registry/networking/ingressclass/strategy.go, ValidateIngressClass, printIngressClass.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, notSupported, required, tooLong } from '../field-errors.ts';
import { asJson, has, mapStruct, struct, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateDomainPrefixedPath, validateText } from '../validation/fields.ts';
import { validateReference } from '../validation/ingress.ts';
import { byteLength, checkDns1123Label } from '../validation/names.ts';
import { validateImmutable } from '../validation/object-meta.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';
import { bumpGeneration, firstGeneration } from './generation.ts';

/** Bytes of the name of a controller. */
const maxControllerLength = 250;

/** networking.k8s.io/v1 IngressClass. */
export const ingressClassKind: KindDefinition = defineKind({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  schema: 'V1IngressClass',
  hasGeneration: true,
  applyDefaults: (ingressClass) =>
    mapStruct(ingressClass, 'spec', (spec) =>
      mapStruct(spec, 'parameters', (parameters) => withDefaults(parameters, { scope: 'Cluster' })),
    ),
  prepareForCreate: firstGeneration,
  prepareForUpdate: (ingressClass, old) => bumpGeneration(ingressClass, old),
  changedMeta: ['changed', 'new'],
  validateRest: validateIngressClass,
  validateChange: (ingressClass, old) => [
    ...validateController(ingressClass, old),
    ...validateIngressClass(ingressClass),
  ],
  columns: [
    nameColumn,
    column('Controller', 'string', 'The controller that serves Ingresses of the class.'),
    column('Parameters', 'string', 'An object with more settings of the controller.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
    return [
      `${object.metadata.name}${isDefault ? ' (default)' : ''}`,
      text(spec, 'controller'),
      has(spec, 'parameters') ? formatParameters(struct(spec, 'parameters')) : '<none>',
      age(object, nowMs),
    ];
  },
});

function formatParameters(parameters: JsonObject): string {
  const group = has(parameters, 'apiGroup') ? `.${text(parameters, 'apiGroup')}` : '';
  return `${text(parameters, 'kind')}${group}/${text(parameters, 'name')}`;
}

function validateController(ingressClass: JsonObject, old: KubeObject): FieldError[] {
  const controller = text(struct(ingressClass, 'spec'), 'controller');
  const before = text(struct(asJson(old), 'spec'), 'controller');
  return validateImmutable('spec.controller', controller, before, controller);
}

function validateIngressClass(ingressClass: JsonObject): FieldError[] {
  const spec = struct(ingressClass, 'spec');
  const controller = text(spec, 'controller');
  const errors =
    byteLength(controller) > maxControllerLength ? [tooLong('spec.controller', maxControllerLength)] : [];
  errors.push(...validateDomainPrefixedPath('spec.controller', controller));
  if (!has(spec, 'parameters')) return errors;
  return [...errors, ...validateParameters(struct(spec, 'parameters'), 'spec.parameters')];
}

function validateParameters(parameters: JsonObject, path: string): FieldError[] {
  const errors = validateReference(parameters, path);
  const scopes = ['Cluster', 'Namespace'];
  const scope = text(parameters, 'scope');
  const here = `${path}.namespace`;
  if (!scopes.includes(scope)) return [...errors, notSupported(`${path}.scope`, scope, scopes)];
  if (scope === 'Cluster') {
    const isGiven = has(parameters, 'namespace');
    return isGiven ? [...errors, forbidden(here, "`parameters.scope` is set to 'Cluster'")] : errors;
  }
  if (!has(parameters, 'namespace')) {
    return [...errors, required(here, "`parameters.scope` is set to 'Namespace'")];
  }
  return [...errors, ...validateText(here, text(parameters, 'namespace'), checkDns1123Label)];
}
