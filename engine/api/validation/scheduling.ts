/**
 * The rules of what places a Pod: tolerations, affinity, spread, gates.
 * Source: ValidateTolerations, validateAffinity and validateTopologySpreadConstraints in
 * pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateOptionalChoice, validateText } from './fields.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from './names.ts';
import { taintEffects } from './node.ts';

/** The problems of tolerations. */
export function validateTolerations(tolerations: readonly JsonObject[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const here = `${path}[${index}]`;
    const [key, operator, effect] = [
      text(toleration, 'key'),
      text(toleration, 'operator'),
      text(toleration, 'effect'),
    ];
    const errors = key === '' ? [] : validateText(`${here}.key`, key, checkQualifiedName);
    if (key === '' && operator !== 'Exists') {
      const detail =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${here}.operator`, operator, detail));
    }
    if (has(toleration, 'tolerationSeconds') && effect !== 'NoExecute') {
      errors.push(
        invalid(`${here}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    errors.push(...validateOperator(toleration, here));
    if (effect !== '' && !taintEffects.includes(effect))
      errors.push(notSupported(`${here}.effect`, effect, taintEffects));
    return errors;
  });
}

function validateOperator(toleration: JsonObject, path: string): FieldError[] {
  const operator = text(toleration, 'operator');
  const value = text(toleration, 'value');
  if (operator === '' || operator === 'Equal') {
    const problems = checkLabelValue(value);
    return problems.length === 0 ? [] : [invalid(`${path}.operator`, value, problems.join(';'))];
  }
  if (operator === 'Exists') {
    return value === ''
      ? []
      : [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")];
  }
  const isComparison = operator === 'Lt' || operator === 'Gt';
  return [
    notSupported(
      `${path}.operator`,
      operator,
      isComparison ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists'],
    ),
  ];
}

/** The problems of the gates that a Pod waits for, to be ready and to be scheduled. */
export function validateGates(spec: JsonObject, path: string): FieldError[] {
  const ready = structs(spec, 'readinessGates').flatMap((gate, index) =>
    validateText(
      `${path}.readinessGates[${index}].conditionType`,
      text(gate, 'conditionType'),
      checkQualifiedName,
    ),
  );
  const names = new Set<string>();
  const scheduling = structs(spec, 'schedulingGates').flatMap((gate, index) => {
    const here = `${path}.schedulingGates[${index}]`;
    const name = text(gate, 'name');
    const errors = validateText(here, name, checkQualifiedName);
    if (names.has(name)) errors.push(duplicate(here, name));
    names.add(name);
    return errors;
  });
  return [...ready, ...scheduling];
}

/** The problems of an affinity. */
export function validateAffinity(affinity: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const node = struct(affinity, 'nodeAffinity');
  const nodePath = `${path}.nodeAffinity`;
  const requiredKey = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferredKey = 'preferredDuringSchedulingIgnoredDuringExecution';
  if (has(node, requiredKey)) {
    errors.push(...validateNodeSelector(struct(node, requiredKey), `${nodePath}.${requiredKey}`));
  }
  for (const [index, term] of structs(node, preferredKey).entries()) {
    const here = `${nodePath}.${preferredKey}[${index}]`;
    errors.push(
      ...validateWeight(term, here),
      ...validateNodeTerm(struct(term, 'preference'), `${here}.preference`),
    );
  }
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const inner = struct(affinity, kind);
    for (const [index, term] of structs(inner, requiredKey).entries()) {
      errors.push(...validatePodTerm(term, `${path}.${kind}.${requiredKey}[${index}]`));
    }
    for (const [index, term] of structs(inner, preferredKey).entries()) {
      const here = `${path}.${kind}.${preferredKey}[${index}]`;
      errors.push(...validateWeight(term, here));
      errors.push(...validatePodTerm(struct(term, 'podAffinityTerm'), `${here}.podAffinityTerm`));
    }
  }
  return errors;
}

/** The problems of a NodeSelector. */
export function validateNodeSelector(selector: JsonObject, path: string): FieldError[] {
  const terms = structs(selector, 'nodeSelectorTerms');
  const here = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) return [required(here, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => validateNodeTerm(term, `${here}[${index}]`));
}

function validateWeight(term: JsonObject, path: string): FieldError[] {
  const weight = number(term, 'weight') ?? 0;
  return weight >= 1 && weight <= 100
    ? []
    : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

function validateNodeTerm(term: JsonObject, path: string): FieldError[] {
  const expressions = structs(term, 'matchExpressions').flatMap((requirement, index) => {
    const here = `${path}.matchExpressions[${index}]`;
    const values = texts(requirement, 'values');
    const errors: FieldError[] = [];
    const operator = text(requirement, 'operator');
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        errors.push(required(`${here}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbidden(`${here}.values`, detail));
      }
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) {
        errors.push(
          required(`${here}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        );
      }
    } else {
      errors.push(invalid(`${here}.operator`, operator, 'not a valid selector operator'));
    }
    errors.push(...validateText(`${here}.key`, text(requirement, 'key'), checkQualifiedName));
    return [
      ...errors,
      ...values.flatMap((value, at) => validateText(`${here}.values[${at}]`, value, checkLabelValue)),
    ];
  });
  return [
    ...expressions,
    ...structs(term, 'matchFields').flatMap((field, index) =>
      validateNodeField(field, `${path}.matchFields[${index}]`),
    ),
  ];
}

function validateNodeField(field: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const operator = text(field, 'operator');
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  } else if (texts(field, 'values').length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, detail));
  }
  const key = text(field, 'key');
  if (key !== 'metadata.name')
    return [...errors, invalid(`${path}.key`, key, 'not a valid field selector key')];
  return [
    ...errors,
    ...texts(field, 'values').flatMap((name, index) =>
      validateText(`${path}.values[${index}]`, name, checkDns1123Subdomain),
    ),
  ];
}

function validatePodTerm(term: JsonObject, path: string): FieldError[] {
  const errors = has(term, 'labelSelector')
    ? validateLabelSelector(struct(term, 'labelSelector'), `${path}.labelSelector`)
    : [];
  if (has(term, 'namespaceSelector')) {
    errors.push(...validateLabelSelector(struct(term, 'namespaceSelector'), `${path}.namespaceSelector`));
  }
  for (const namespace of texts(term, 'namespaces')) {
    errors.push(...validateText(`${path}.namespace`, namespace, checkDns1123Label));
  }
  errors.push(...validateLabelKeys(term, path));
  const key = text(term, 'topologyKey');
  if (key === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  return [...errors, ...validateText(`${path}.topologyKey`, key, checkQualifiedName)];
}

/** Source: ValidateMatchLabelKeysAndMismatchLabelKeys. */
function validateLabelKeys(term: JsonObject, path: string): FieldError[] {
  const errors = ['matchLabelKeys', 'mismatchLabelKeys'].flatMap((list) => {
    const keys = texts(term, list);
    const here = `${path}.${list}`;
    if (keys.length > 0 && !has(term, 'labelSelector'))
      return [forbidden(here, 'must not be specified when labelSelector is not set')];
    return keys.flatMap((key, index) => validateText(`${here}[${index}]`, key, checkQualifiedName));
  });
  const matched = texts(term, 'matchLabelKeys');
  const selector = struct(term, 'labelSelector');
  // The keys have become requirements already: one that comes twice was asked for by the selector, too.
  const known = new Set(Object.keys(struct(selector, 'matchLabels')));
  for (const key of structs(selector, 'matchExpressions').map((expression) => text(expression, 'key'))) {
    const index = matched.lastIndexOf(key);
    if (index >= 0 && known.has(key)) {
      errors.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    }
    known.add(key);
  }
  const mismatched = new Set(texts(term, 'mismatchLabelKeys'));
  return [
    ...errors,
    ...matched.flatMap((key, index) =>
      mismatched.has(key)
        ? [
            invalid(
              `${path}.matchLabelKeys[${index}]`,
              key,
              'exists in both matchLabelKeys and mismatchLabelKeys',
            ),
          ]
        : [],
    ),
  ];
}

/** The problems of constraints on how Pods are spread. */
export function validateSpread(constraints: readonly JsonObject[], path: string): FieldError[] {
  const pairOf = (constraint: JsonObject) =>
    `{${text(constraint, 'topologyKey')}, ${text(constraint, 'whenUnsatisfiable')}}`;
  return constraints.flatMap((constraint, index) => {
    const here = `${path}[${index}]`;
    const skew = number(constraint, 'maxSkew') ?? 0;
    const key = text(constraint, 'topologyKey');
    const action = text(constraint, 'whenUnsatisfiable');
    const errors = skew <= 0 ? [invalid(`${here}.maxSkew`, skew, 'must be greater than zero')] : [];
    if (key === '') errors.push(required(`${here}.topologyKey`, 'can not be empty'));
    const actions = ['DoNotSchedule', 'ScheduleAnyway'];
    if (!actions.includes(action)) errors.push(notSupported(`${here}.whenUnsatisfiable`, action, actions));
    // Upstream reports the earlier one of two that are alike.
    for (const later of constraints.slice(index + 1)) {
      if (pairOf(later) !== pairOf(constraint)) continue;
      errors.push(duplicate(`${here}.{topologyKey, whenUnsatisfiable}`, pairOf(constraint)));
    }
    const minDomains = number(constraint, 'minDomains');
    if (minDomains !== undefined && minDomains <= 0) {
      errors.push(invalid(`${here}.minDomains`, minDomains, 'must be greater than zero'));
    }
    if (minDomains !== undefined && action !== 'DoNotSchedule') {
      const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
      errors.push(invalid(`${here}.minDomains`, minDomains, detail));
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      errors.push(...validateOptionalChoice(here, constraint, policy, ['Honor', 'Ignore']));
    }
    errors.push(...validateLabelKeys(constraint, here));
    if (has(constraint, 'labelSelector')) {
      errors.push(...validateLabelSelector(struct(constraint, 'labelSelector'), `${here}.labelSelector`));
    }
    return errors;
  });
}
