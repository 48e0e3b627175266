/**
 * The rules of roles and of who has them. Source: pkg/apis/rbac/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateText } from './fields.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkDns1123Subdomain, checkPathSegmentName } from './names.ts';

/** The group of RBAC. */
export const rbacGroup = 'rbac.authorization.k8s.io';

/** The problems of a role's rules; a role of a namespace says nothing of paths outside the API. */
export function validateRules(role: JsonObject, isNamespaced: boolean): FieldError[] {
  return structs(role, 'rules').flatMap((rule, index) => {
    const path = `rules[${index}]`;
    const errors: FieldError[] = [];
    const lacks = (key: string) => texts(rule, key).length === 0;
    if (lacks('verbs')) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
    const urls = texts(rule, 'nonResourceURLs');
    if (urls.length > 0) {
      const here = `${path}.nonResourceURLs`;
      if (isNamespaced) {
        errors.push(invalid(here, [...urls], 'namespaced rules cannot apply to non-resource URLs'));
      }
      if (!['apiGroups', 'resources', 'resourceNames'].every(lacks)) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalid(here, [...urls], detail));
      }
      return errors;
    }
    if (lacks('apiGroups')) {
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (lacks('resources')) {
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    }
    return errors;
  });
}

/** The problems of a ClusterRole that gathers the rules of others. */
export function validateAggregation(role: JsonObject): FieldError[] {
  if (!has(role, 'aggregationRule')) return [];
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = structs(struct(role, 'aggregationRule'), 'clusterRoleSelectors');
  if (selectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return selectors.flatMap((selector, index) => {
    const here = `${path}[${index}]`;
    const errors = validateLabelSelector(selector, here);
    return errors.length === 0 ? [] : [...errors, invalid(here, null, 'invalid label selector.')];
  });
}

/** The problems of a binding besides its metadata. */
export function validateBinding(binding: JsonObject, isNamespaced: boolean): FieldError[] {
  const role = struct(binding, 'roleRef');
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const [group, kind, name] = [text(role, 'apiGroup'), text(role, 'kind'), text(role, 'name')];
  return [
    ...(group === rbacGroup ? [] : [notSupported('roleRef.apiGroup', group, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? [required('roleRef.name')] : validateText('roleRef.name', name, checkPathSegmentName)),
    ...structs(binding, 'subjects').flatMap((subject, index) =>
      validateSubject(subject, `subjects[${index}]`, isNamespaced),
    ),
  ];
}

/** The problem of a binding that changes its role. */
export function validateRoleChange(binding: JsonObject, old: KubeObject): FieldError[] {
  const role = struct(binding, 'roleRef');
  if (jsonEqual(role, struct(asJson(old), 'roleRef'))) return [];
  // Upstream prints the reference as its internal Go struct.
  const shown = { APIGroup: text(role, 'apiGroup'), Kind: text(role, 'kind'), Name: text(role, 'name') };
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}

function validateSubject(subject: JsonObject, path: string, isNamespaced: boolean): FieldError[] {
  const [kind, name, group] = [text(subject, 'kind'), text(subject, 'name'), text(subject, 'apiGroup')];
  const errors = name === '' ? [required(`${path}.name`)] : [];
  if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...validateText(`${path}.name`, name, checkDns1123Subdomain));
    if (group !== '') errors.push(notSupported(`${path}.apiGroup`, group, ['']));
    if (!isNamespaced && text(subject, 'namespace') === '') errors.push(required(`${path}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (group !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, group, [rbacGroup]));
  } else {
    errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}
