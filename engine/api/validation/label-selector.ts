/**
 * The rules of LabelSelector objects. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, required } from '../field-errors.ts';
import { structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateText } from './fields.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';
import { validateLabels } from './object-meta.ts';

/** The problems of a LabelSelector. */
export function validateLabelSelector(selector: JsonObject, path: string): FieldError[] {
  return [
    ...validateLabels(selector, 'matchLabels', `${path}.matchLabels`),
    ...structs(selector, 'matchExpressions').flatMap((requirement, index) =>
      validateRequirement(requirement, `${path}.matchExpressions[${index}]`),
    ),
  ];
}

/** The problems of one requirement; `anyOperator` lets operators pass that are not known. */
export function validateRequirement(
  requirement: JsonObject,
  path: string,
  { anyOperator = false } = {},
): FieldError[] {
  const operator = text(requirement, 'operator');
  const isKnown = anyOperator || knownOperators.includes(operator);
  return [
    ...(isKnown ? [] : [invalid(`${path}.operator`, operator, 'not a valid selector operator')]),
    ...validateOperands(requirement, path),
    ...validateText(`${path}.key`, text(requirement, 'key'), checkQualifiedName),
    ...texts(requirement, 'values').flatMap((value, index) =>
      validateText(`${path}.values[${index}]`, value, checkLabelValue),
    ),
  ];
}

const knownOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Whether a requirement has values where its operator compares with some, and none where it does not. */
export function validateOperands(requirement: JsonObject, path: string): FieldError[] {
  const operator = text(requirement, 'operator');
  const isEmpty = texts(requirement, 'values').length === 0;
  if ((operator === 'In' || operator === 'NotIn') && isEmpty) {
    return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && !isEmpty) {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    return [forbidden(`${path}.values`, why)];
  }
  return [];
}
