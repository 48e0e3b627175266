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

function validateRequirement(requirement: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const operator = text(requirement, 'operator');
  const values = texts(requirement, 'values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
  } else {
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...validateText(`${path}.key`, text(requirement, 'key'), checkQualifiedName));
  return [
    ...errors,
    ...values.flatMap((value, index) => validateText(`${path}.values[${index}]`, value, checkLabelValue)),
  ];
}
