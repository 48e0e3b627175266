/**
 * The rules of kinds that make Pods from a template by a label selector.
 * Source: pkg/apis/apps/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { type LabelRequirement, meetsRequirement } from '../objects/labels.ts';
import { has, number, struct, structs, text, textMap, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkPercent } from './names.ts';
import { validateImmutable } from './object-meta.ts';
import { validatePodTemplate } from './pod-spec.ts';

/** How the messages name the kind. */
export interface WorkloadWords {
  /** `empty selector is invalid for deployment` */
  readonly selectorOf: string;
  /** `activeDeadlineSeconds in ReplicaSet is not Supported` */
  readonly template: string;
}

/** The problems of `spec.selector` on its own. */
export function validateSelector(spec: JsonObject, words: WorkloadWords): FieldError[] {
  if (!has(spec, 'selector')) return [required('spec.selector')];
  const selector = struct(spec, 'selector');
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (isEmptySelector(selector))
    errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${words.selectorOf}`));
  return errors;
}

/** The problem of a `spec.selector` that was changed. */
export function validateSelectorUnchanged(object: JsonObject, old: JsonObject): FieldError[] {
  const { selector } = struct(object, 'spec');
  return validateImmutable('spec.selector', selector, struct(old, 'spec').selector, selector);
}

/** Whether a LabelSelector asks for nothing. */
export function isEmptySelector(selector: JsonObject): boolean {
  return textMap(selector, 'matchLabels').size + structs(selector, 'matchExpressions').length === 0;
}

/** Whether the selector takes the template's labels; undefined when the selector itself is none. */
export function selectorTakesTemplate(spec: JsonObject): boolean | undefined {
  // No selector selects nothing, an empty one everything.
  if (!has(spec, 'selector')) return false;
  const selector = struct(spec, 'selector');
  if (validateLabelSelector(selector, '').length > 0) return undefined;
  const labels = Object.fromEntries(textMap(struct(struct(spec, 'template'), 'metadata'), 'labels'));
  const isMatching = [...textMap(selector, 'matchLabels')].every(([key, value]) => labels[key] === value);
  return (
    isMatching &&
    structs(selector, 'matchExpressions')
      .map(toRequirement)
      .every((item) => meetsRequirement(item, labels))
  );
}

function toRequirement(expression: JsonObject): LabelRequirement {
  return {
    key: text(expression, 'key'),
    operator: text(expression, 'operator'),
    values: texts(expression, 'values'),
  };
}

/** The problem of a template that its own selector does not take. */
export function templateMismatch(spec: JsonObject): FieldError {
  const metadata = struct(struct(spec, 'template'), 'metadata');
  const shown = has(metadata, 'labels') ? struct(metadata, 'labels') : null;
  return invalid('spec.template.metadata.labels', shown, '`selector` does not match template `labels`');
}

/** The problems of `spec.template`, seen together with the selector. */
export function validateTemplate(spec: JsonObject, words: WorkloadWords): FieldError[] {
  const isTaken = selectorTakesTemplate(spec);
  if (isTaken === undefined)
    return [invalid('spec.selector', struct(spec, 'selector'), 'invalid label selector')];
  const errors = isTaken ? [] : [templateMismatch(spec)];
  return [
    ...errors,
    ...validatePodTemplate(struct(spec, 'template'), 'spec.template'),
    ...validateForeverPolicy(spec, words),
  ];
}

/** The problems of a template whose Pods would end. */
export function validateForeverPolicy(spec: JsonObject, words: WorkloadWords): FieldError[] {
  const podSpec = struct(struct(spec, 'template'), 'spec');
  const errors: FieldError[] = [];
  const policy = text(podSpec, 'restartPolicy');
  if (policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  if (has(podSpec, 'activeDeadlineSeconds')) {
    const detail = `activeDeadlineSeconds in ${words.template} is not Supported`;
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', detail));
  }
  return errors;
}

/** The problems of a number of Pods or a share of them. */
export function validateIntOrPercent(path: string, parent: JsonObject, key: string): FieldError[] {
  const value = parent[key];
  if (typeof value === 'string') return checkPercent(value).map((problem) => invalid(path, value, problem));
  const count = number(parent, key) ?? 0;
  return count < 0 ? [invalid(path, count, 'must be greater than or equal to 0')] : [];
}

/** A number of Pods or a share of them as upstream compares it: `25%` counts as 25. */
export function intOrPercentValue(parent: JsonObject, key: string): number {
  const value = parent[key];
  if (typeof value === 'string') return /^[0-9]+%$/.test(value) ? Number.parseInt(value, 10) : 0;
  return number(parent, key) ?? 0;
}

/** The problem of a share over all. */
export function validateAtMostAll(path: string, parent: JsonObject, key: string): FieldError[] {
  const value = parent[key];
  const isTooMuch = typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100;
  return isTooMuch ? [invalid(path, value, 'must not be greater than 100%')] : [];
}
