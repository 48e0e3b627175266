/**
 * PriorityClasses. Source: pkg/registry/scheduling/priorityclass/strategy.go, ValidatePriorityClass, printPriorityClass.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden } from '../field-errors.ts';
import { asJson, flag, has, number, struct, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateChoice } from '../validation/fields.ts';
import { validateImmutable } from '../validation/object-meta.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';
import { firstGeneration } from './generation.ts';

/** Higher ones are for the system. */
const highestUserPriority = 1_000_000_000;

/** The classes that every cluster has. Source: pkg/apis/scheduling/v1/helpers.go. */
const systemClasses = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

/** scheduling.k8s.io/v1 PriorityClass. */
export const priorityClassKind: KindDefinition = defineKind({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'V1PriorityClass',
  hasGeneration: true,
  applyDefaults: (priorityClass) => withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  prepareForCreate: firstGeneration,
  validateRest: validatePriorityClass,
  validateChange: (priorityClass, old) => {
    const before = asJson(old);
    const isSame = number(priorityClass, 'value') === number(before, 'value');
    const { preemptionPolicy } = priorityClass;
    return [
      ...(isSame ? [] : [forbidden('value', 'may not be changed in an update.')]),
      ...validateImmutable('preemptionPolicy', preemptionPolicy, before.preemptionPolicy, preemptionPolicy),
    ];
  },
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority of Pods of the class.'),
    column('Global-Default', 'boolean', 'Whether Pods without a class have it.'),
    ageColumn,
    column('PreemptionPolicy', 'string', 'Whether its Pods push others out.'),
  ],
  row: (object, nowMs) => {
    const priorityClass = asJson(object);
    return [
      object.metadata.name,
      number(priorityClass, 'value') ?? 0,
      flag(priorityClass, 'globalDefault'),
      age(object, nowMs),
      text(priorityClass, 'preemptionPolicy'),
    ];
  },
});

function validatePriorityClass(priorityClass: JsonObject): FieldError[] {
  const name = text(struct(priorityClass, 'metadata'), 'name');
  const value = number(priorityClass, 'value') ?? 0;
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, flag(priorityClass, 'globalDefault'));
    if (problem !== undefined) {
      const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`;
      errors.push(forbidden('metadata.name', detail));
    }
  } else if (value > highestUserPriority) {
    const detail = `maximum allowed value of a user defined priority is ${highestUserPriority}`;
    errors.push(forbidden('value', detail));
  }
  if (!has(priorityClass, 'preemptionPolicy')) return errors;
  const policies = ['PreemptLowerPriority', 'Never'];
  const choice = validateChoice('', priorityClass, 'preemptionPolicy', policies);
  return [...errors, ...choice.map((error) => ({ ...error, field: 'preemptionPolicy' }))];
}

function systemProblem(name: string, value: number, isDefault: boolean): string | undefined {
  const known = systemClasses.get(name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
