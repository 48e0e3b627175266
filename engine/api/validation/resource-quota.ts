/**
 * The rules of ResourceQuotas. Source: ValidateResourceQuota in pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { asJson, has, struct, structs, text, textMap, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { isQuotaName, validateQuantity, validateResourceName } from './resources.ts';

const podScopes = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort'];
const scopes = [...podScopes, 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass'];
const existsOnly = [...podScopes, 'CrossNamespacePodAffinity'];
const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** What Pods ask for, and so what a scope of Pods can count. Source: pkg/apis/core/helper/helpers.go. */
const podResources = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/** The problems of a new ResourceQuota besides its metadata. */
export function validateResourceQuota(quota: JsonObject): FieldError[] {
  const status = struct(quota, 'status');
  return [
    ...validateSpec(struct(quota, 'spec')),
    ...validateAmounts(status, 'hard', 'status'),
    ...validateAmounts(status, 'used', 'status'),
  ];
}

/** The problems of a changed ResourceQuota. */
export function validateResourceQuotaUpdate(quota: JsonObject, old: KubeObject): FieldError[] {
  const spec = struct(quota, 'spec');
  const now = texts(spec, 'scopes');
  const before = texts(struct(asJson(old), 'spec'), 'scopes');
  const isSame = jsonEqual([...new Set(now)].sort(), [...new Set(before)].sort());
  const shown = has(spec, 'scopes') ? [...now] : null;
  return [...validateSpec(spec), ...(isSame ? [] : [invalid('spec.scopes', shown, 'field is immutable')])];
}

/** The problems of amounts in a status. */
export function validateResourceQuotaStatus(quota: JsonObject): FieldError[] {
  const status = struct(quota, 'status');
  return ['hard', 'used'].flatMap((key) => validateAmounts(status, key, 'status'));
}

function validateSpec(spec: JsonObject): FieldError[] {
  return [
    ...validateAmounts(spec, 'hard', 'spec'),
    ...validateScopes(spec),
    ...(has(spec, 'scopeSelector') ? validateScopeSelector(spec) : []),
  ];
}

function validateAmounts(parent: JsonObject, key: string, path: string): FieldError[] {
  return [...textMap(parent, key)].flatMap(([name, value]) => {
    const here = `${path}.${key}[${name}]`;
    const isUnknown = !name.includes('/') && !isQuotaName(name);
    return [
      ...validateResourceName(here, name),
      ...(isUnknown ? [invalid(here, name, 'must be a standard resource for quota')] : []),
      ...validateQuantity(here, name, value),
    ];
  });
}

function isScopeValidFor(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return podResources.has(resource);
    default:
      return true;
  }
}

/** How many of the quota's resources the scope cannot count. */
function unfitResources(spec: JsonObject, scope: string): number {
  const names = [...textMap(spec, 'hard').keys()].filter(isQuotaName);
  return names.filter((name) => !isScopeValidFor(scope, name)).length;
}

function validateScopes(spec: JsonObject): FieldError[] {
  const given = texts(spec, 'scopes');
  const wrong = (detail: string) => invalid('spec.scopes', [...given], detail);
  return [
    ...given.flatMap((scope) => [
      ...(scopes.includes(scope) ? [] : [wrong('unsupported scope')]),
      ...Array.from({ length: unfitResources(spec, scope) }, () =>
        wrong('unsupported scope applied to resource'),
      ),
    ]),
    ...conflicts.flatMap((pair) =>
      pair.every((scope) => given.includes(scope)) ? [wrong('conflicting scopes')] : [],
    ),
  ];
}

function validateScopeSelector(spec: JsonObject): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const selector = struct(spec, 'scopeSelector');
  const requirements = structs(selector, 'matchExpressions');
  const given = requirements.map((requirement) => text(requirement, 'scopeName'));
  const errors = requirements.flatMap((requirement) => {
    const scope = text(requirement, 'scopeName');
    return [
      ...(scopes.includes(scope) ? [] : [invalid(`${path}.scopeName`, scope, 'unsupported scope')]),
      ...Array.from({ length: unfitResources(spec, scope) }, () =>
        invalid(path, shownSelector(requirements), 'unsupported scope applied to resource'),
      ),
      ...validateOperator(requirement, path),
    ];
  });
  for (const pair of conflicts) {
    if (pair.every((scope) => given.includes(scope))) {
      // Upstream shows the other field here.
      errors.push(
        invalid(path, has(spec, 'scopes') ? [...texts(spec, 'scopes')] : null, 'conflicting scopes'),
      );
    }
  }
  return errors;
}

/** The selector as upstream prints its internal Go struct. */
function shownSelector(requirements: readonly JsonObject[]): JsonObject {
  return {
    MatchExpressions: requirements.map((requirement) => ({
      ScopeName: text(requirement, 'scopeName'),
      Operator: text(requirement, 'operator'),
      Values: has(requirement, 'values') ? [...texts(requirement, 'values')] : null,
    })),
  };
}

function validateOperator(requirement: JsonObject, path: string): FieldError[] {
  const scope = text(requirement, 'scopeName');
  const operator = text(requirement, 'operator');
  const values = texts(requirement, 'values');
  const errors: FieldError[] = [];
  if (existsOnly.includes(scope) && operator !== 'Exists') {
    const detail =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalid(`${path}.operator`, operator, detail));
  }
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(required(`${path}.values`, detail));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(invalid(`${path}.values`, [...values], detail));
  } else {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  return errors;
}
