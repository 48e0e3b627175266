/** The rules of access reviews. Source: pkg/apis/authorization/validation/validation.go. */
import type { JsonObject } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { has, struct, structs, text, texts, without } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateOperands, validateRequirement } from './label-selector.ts';

/** The problems of a review of the asking user's own access. */
export function validateSelfAccessReview(review: JsonObject): FieldError[] {
  const spec = struct(review, 'spec');
  return [
    ...attributesProblems(spec),
    ...selectorProblems(spec),
    ...metadataProblems(review, 'must be empty'),
  ];
}

/** The problems of a review of anybody's access. */
export function validateAccessReview(review: JsonObject): FieldError[] {
  return [...subjectProblems(struct(review, 'spec')), ...metadataProblems(review, 'must be empty')];
}

/** The problems of a review of anybody's access in one namespace. */
export function validateLocalAccessReview(review: JsonObject): FieldError[] {
  const spec = struct(review, 'spec');
  const metadata = struct(review, 'metadata');
  const bare = { ...review, metadata: without(metadata, 'namespace') };
  const errors = subjectProblems(spec);
  if (metadataProblems(bare, '').length > 0) {
    errors.push(...metadataProblems(review, 'must be empty except for namespace'));
  }
  const asked = text(struct(spec, 'resourceAttributes'), 'namespace');
  if (has(spec, 'resourceAttributes') && asked !== text(metadata, 'namespace')) {
    errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  }
  if (has(spec, 'nonResourceAttributes')) {
    const why = 'disallowed on this kind of request';
    errors.push(invalid('spec.nonResourceAttributes', internalPath(spec), why));
  }
  return errors;
}

function subjectProblems(spec: JsonObject): FieldError[] {
  const errors = attributesProblems(spec);
  if (text(spec, 'user') === '' && texts(spec, 'groups').length === 0) {
    errors.push(invalid('spec.user', '', 'at least one of user or group must be specified'));
  }
  return [...errors, ...selectorProblems(spec)];
}

function attributesProblems(spec: JsonObject): FieldError[] {
  const isOfResource = has(spec, 'resourceAttributes');
  if (isOfResource !== has(spec, 'nonResourceAttributes')) return [];
  return isOfResource
    ? [
        invalid(
          'spec.nonResourceAttributes',
          internalPath(spec),
          'cannot be specified in combination with resourceAttributes',
        ),
      ]
    : [
        invalid(
          'spec.resourceAttributes',
          null,
          'exactly one of nonResourceAttributes or resourceAttributes must be specified',
        ),
      ];
}

/** The internal type has no names for JSON, so that Go's stand in the answer. */
function internalPath(spec: JsonObject): JsonObject {
  const attributes = struct(spec, 'nonResourceAttributes');
  return { Path: text(attributes, 'path'), Verb: text(attributes, 'verb') };
}

function metadataProblems(review: JsonObject, why: string): FieldError[] {
  const metadata = struct(review, 'metadata');
  const isEmpty = Object.keys(without(metadata, 'managedFields')).length === 0;
  return isEmpty ? [] : [invalid('metadata', metadata, why)];
}

function selectorProblems(spec: JsonObject): FieldError[] {
  const attributes = struct(spec, 'resourceAttributes');
  const path = 'spec.resourceAttributes';
  return [
    ...selectorProblemsOf(attributes, 'fieldSelector', path, validateFieldRequirement),
    // What newer clients know and this server does not is passed over.
    ...selectorProblemsOf(attributes, 'labelSelector', path, (requirement, at) =>
      validateRequirement(requirement, at, { anyOperator: true }),
    ),
  ];
}

function selectorProblemsOf(
  attributes: JsonObject,
  key: 'fieldSelector' | 'labelSelector',
  parent: string,
  validateOne: (requirement: JsonObject, path: string) => readonly FieldError[],
): FieldError[] {
  if (!has(attributes, key)) return [];
  const selector = struct(attributes, key);
  const path = `${parent}.${key}`;
  const raw = text(selector, 'rawSelector');
  const requirements = structs(selector, 'requirements');
  const errors: FieldError[] = [];
  if (raw !== '' && requirements.length > 0) {
    errors.push(invalid(`${path}.rawSelector`, raw, 'may not specified at the same time as requirements'));
  }
  if (raw === '' && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(`${path}.requirements`, why));
  }
  return [
    ...errors,
    ...requirements.flatMap((requirement, index) =>
      validateOne(requirement, `${path}.requirements[${index}]`),
    ),
  ];
}

// Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation, ValidateFieldSelectorRequirement.
function validateFieldRequirement(requirement: JsonObject, path: string): readonly FieldError[] {
  const isNamed = text(requirement, 'key') !== '';
  return [
    ...(isNamed ? [] : [required(`${path}.key`, 'must be specified')]),
    ...validateOperands(requirement, path),
  ];
}
