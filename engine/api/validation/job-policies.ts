/**
 * The rules of the policies by which a Job fails, succeeds and replaces its Pods.
 * Source: pkg/apis/batch/validation/validation.go of v1.36.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import {
  duplicate,
  invalid,
  invalidStruct,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative, validateText } from './fields.ts';
import { byteLength, checkQualifiedName } from './names.ts';

const maxRules = 20;
const maxExitCodes = 255;
const maxPatterns = 20;
const maxIndexesLength = 64 * 1024;

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const statuses = ['False', 'True', 'Unknown'];
const operators = ['In', 'NotIn'];

/** The problems of the policies in a Job's spec. */
export function validateJobPolicies(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (has(spec, 'podFailurePolicy')) {
    errors.push(...validateFailurePolicy(spec, `${path}.podFailurePolicy.rules`));
  }
  if (has(spec, 'successPolicy')) {
    const policy = struct(spec, 'successPolicy');
    if (text(spec, 'completionMode') !== 'Indexed') {
      const shown = internalForm('SuccessPolicy', policy);
      errors.push(invalid(`${path}.successPolicy`, shown, 'requires indexed completion mode'));
    } else {
      errors.push(...validateSuccessPolicy(spec, `${path}.successPolicy.rules`));
    }
  }
  return [...errors, ...validateReplacementPolicy(spec, `${path}.podReplacementPolicy`)];
}

function validateReplacementPolicy(spec: JsonObject, path: string): FieldError[] {
  if (!has(spec, 'podReplacementPolicy')) return [];
  const policy = text(spec, 'podReplacementPolicy');
  const allowed = has(spec, 'podFailurePolicy') ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return allowed.includes(policy) ? [] : [notSupported(path, policy, allowed)];
}

function validateFailurePolicy(spec: JsonObject, path: string): FieldError[] {
  const rules = structs(struct(spec, 'podFailurePolicy'), 'rules');
  const podSpec = struct(struct(spec, 'template'), 'spec');
  const names = ['containers', 'initContainers'].flatMap((key) =>
    structs(podSpec, key).map((container) => text(container, 'name')),
  );
  return [
    ...(rules.length > maxRules ? [tooMany(path, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, index) => [
      ...validateAction(rule, has(spec, 'backoffLimitPerIndex'), `${path}[${index}].action`),
      ...validateFailureRule(rule, names, `${path}[${index}]`),
    ]),
  ];
}

function validateAction(rule: JsonObject, hasLimitPerIndex: boolean, path: string): FieldError[] {
  const action = text(rule, 'action');
  if (action === '') return [required(path, validValues(actions))];
  if (action === 'FailIndex' && !hasLimitPerIndex) {
    return [invalid(path, action, 'requires the backoffLimitPerIndex to be set')];
  }
  return actions.includes(action) ? [] : [notSupported(path, action, actions)];
}

/** `valid values: ["In" "NotIn"]` */
function validValues(words: readonly string[]): string {
  return `valid values: [${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function validateFailureRule(rule: JsonObject, names: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const patterns = structs(rule, 'onPodConditions');
  if (has(rule, 'onExitCodes')) {
    errors.push(...validateExitCodes(struct(rule, 'onExitCodes'), names, `${path}.onExitCodes`));
  }
  if (patterns.length > maxPatterns) {
    errors.push(tooMany(`${path}.onPodConditions`, patterns.length, maxPatterns));
  }
  for (const [index, pattern] of patterns.entries()) {
    errors.push(...validatePattern(pattern, `${path}.onPodConditions[${index}]`));
  }
  if (has(rule, 'onExitCodes') && patterns.length > 0) {
    errors.push(invalidStruct(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!has(rule, 'onExitCodes') && patterns.length === 0) {
    errors.push(invalidStruct(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

function validatePattern(pattern: JsonObject, path: string): FieldError[] {
  const status = text(pattern, 'status');
  const errors = validateText(`${path}.type`, text(pattern, 'type'), checkQualifiedName);
  if (status === '') errors.push(required(`${path}.status`, validValues(statuses)));
  else if (!statuses.includes(status)) errors.push(notSupported(`${path}.status`, status, statuses));
  return errors;
}

function validateExitCodes(codes: JsonObject, names: readonly string[], path: string): FieldError[] {
  const operator = text(codes, 'operator');
  const errors: FieldError[] = [];
  if (operator === '') errors.push(required(`${path}.operator`, validValues(operators)));
  else if (!operators.includes(operator)) {
    errors.push(notSupported(`${path}.operator`, operator, operators));
  }
  const container = text(codes, 'containerName');
  if (has(codes, 'containerName') && !names.includes(container)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(`${path}.containerName`, container, detail));
  }
  const given: readonly JsonValue[] = Array.isArray(codes.values) ? codes.values : [];
  const values = given.map(Number);
  const here = `${path}.values`;
  if (values.length === 0) errors.push(invalid(here, codes.values ?? null, 'at least one value is required'));
  else if (values.length > maxExitCodes) errors.push(tooMany(here, values.length, maxExitCodes));
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      errors.push(invalid(`${here}[${index}]`, value, 'must not be 0 for the In operator'));
    }
    if (values.indexOf(value) < index) errors.push(duplicate(`${here}[${index}]`, value));
  }
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
  return isOrdered ? errors : [...errors, invalid(here, values, 'must be ordered')];
}

function validateSuccessPolicy(spec: JsonObject, path: string): FieldError[] {
  const rules = structs(struct(spec, 'successPolicy'), 'rules');
  const completions = number(spec, 'completions') ?? 0;
  const none = 'at least one rules must be specified when the successPolicy is specified';
  return [
    ...(rules.length === 0 ? [required(path, none)] : []),
    ...(rules.length > maxRules ? [tooMany(path, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, index) => validateSuccessRule(rule, completions, `${path}[${index}]`)),
  ];
}

function validateSuccessRule(rule: JsonObject, completions: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const count = number(rule, 'succeededCount');
  const indexes = text(rule, 'succeededIndexes');
  if (count === undefined && !has(rule, 'succeededIndexes')) {
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  const total = countIndexes(indexes, completions);
  const here = `${path}.succeededIndexes`;
  if (byteLength(indexes) > maxIndexesLength) errors.push(tooLong(here, maxIndexesLength));
  if (!total.ok) {
    errors.push(invalid(here, indexes, `error parsing succeededIndexes: ${total.error}`));
  }
  if (count === undefined) return errors;
  const tooLarge = (limit: string) =>
    errors.push(invalid(`${path}.succeededCount`, count, `must be less than or equal to ${limit}`));
  errors.push(...validateNonnegative(path, rule, 'succeededCount'));
  if (count > completions) tooLarge(`${completions} (the number of specified completions)`);
  const known = total.ok ? total.value : 0;
  if (has(rule, 'succeededIndexes') && count > known) {
    tooLarge(`${known} (the number of indexes in the specified succeededIndexes field)`);
  }
  return errors;
}

/** How many indexes a text such as `0,2-4` names. */
function countIndexes(text: string, completions: number): Result<number, string> {
  let last = -1;
  let total = 0;
  for (const interval of text === '' ? [] : text.split(',')) {
    const parts = interval.split('-');
    if (parts.length > 2) {
      return err(
        `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      );
    }
    for (const part of parts) {
      if (!/^[-+]?[0-9]+$/.test(part)) {
        return err(`cannot convert string to integer for index: ${JSON.stringify(part)}`);
      }
      if (Number(part) >= completions) return err(`too large index: ${JSON.stringify(part)}`);
    }
    const [low = 0, high = low] = parts.map(Number);
    if (parts.length === 2 && low >= high) {
      return err(`non-increasing order, previous: ${low}, current: ${high}`);
    }
    if (total > 0 && last >= low) return err(`non-increasing order, previous: ${last}, current: ${low}`);
    total += high - low + 1;
    last = high;
  }
  return ok(total);
}
