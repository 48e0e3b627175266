/**
 * The rules of a container's own restart policy. Source: validateContainerRestartPolicy and validateInitContainerRestartPolicy
 * in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { required, tooMany } from '../field-errors.ts';
import { has, struct, structs } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateOptionalChoice, validateWord } from './fields.ts';

const maxRules = 20;
const maxExitCodes = 255;

/** The problems of `restartPolicy` and `restartPolicyRules` of a container. */
export function validateRestartRules(container: JsonObject, path: string, isInit: boolean): FieldError[] {
  const rules = structs(container, 'restartPolicyRules');
  if (!has(container, 'restartPolicy')) {
    if (rules.length === 0) return [];
    const problem = required(
      `${path}.restartPolicy`,
      'must specify restartPolicy when restart rules are used',
    );
    return isInit ? [problem] : [problem, ...validateRules(rules, path)];
  }
  return [
    ...validateOptionalChoice(path, container, 'restartPolicy', ['Always', 'Never', 'OnFailure']),
    ...validateRules(rules, path),
  ];
}

function validateRules(rules: readonly JsonObject[], path: string): FieldError[] {
  const list = `${path}.restartPolicyRules`;
  const errors = rules.length > maxRules ? [tooMany(list, rules.length, maxRules)] : [];
  return [...errors, ...rules.flatMap((rule, index) => validateRule(rule, `${list}[${index}]`))];
}

function validateRule(rule: JsonObject, path: string): FieldError[] {
  const errors = validateWord(path, rule, 'action', ['Restart', 'RestartAllContainers']);
  const here = `${path}.exitCodes`;
  if (!has(rule, 'exitCodes')) return [...errors, required(here, 'must be specified')];
  const codes = struct(rule, 'exitCodes');
  const count = Array.isArray(codes.values) ? codes.values.length : 0;
  return [
    ...errors,
    ...validateWord(here, codes, 'operator', ['In', 'NotIn']),
    ...(count > maxExitCodes ? [tooMany(`${here}.values`, count, maxExitCodes)] : []),
  ];
}
