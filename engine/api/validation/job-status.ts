/**
 * What a write to the status of a Job may say: counters, and conditions that fit each other. Source: validateJobStatus and
 * ValidateJobUpdateStatus in pkg/apis/batch/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, invalidStruct, required } from '../field-errors.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative } from './fields.ts';

const counters = ['active', 'succeeded', 'failed', 'ready', 'terminating'];

/** The problems of a Job whose status is written over another. */
export function validateJobStatus(job: JsonObject, oldJob: JsonObject): FieldError[] {
  const status = struct(job, 'status');
  const old = struct(oldJob, 'status');
  const is = (type: string) => isTrue(status, type);
  const isComplete = is('Complete');
  const isFinished = isComplete || is('Failed');
  const count = (key: string, from = status) => number(from, key) ?? 0;
  const errors = counters.flatMap((key) => validateNonnegative('status', status, key));
  const conditions = (detail: string) => errors.push(invalidStruct('status.conditions', detail));
  if (isComplete && is('Failed')) conditions('cannot set Complete=True and Failed=true conditions');
  if (isComplete && is('FailureTarget')) {
    conditions('cannot set Complete=True and FailureTarget=true conditions');
  }
  if (has(status, 'completionTime') && !isComplete) {
    const detail = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(invalid('status.completionTime', status.completionTime, detail));
  }
  if (isComplete && !has(status, 'completionTime')) {
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  if (isFinished && count('active') > 0) {
    errors.push(invalid('status.active', count('active'), 'active>0 is invalid for finished job'));
  }
  if (count('ready') > count('active')) {
    errors.push(invalid('status.ready', count('ready'), 'cannot set more ready pods than active'));
  }
  if (isFinished && !has(status, 'startTime')) {
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  }
  if (is('Failed') && !is('FailureTarget')) {
    conditions('cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if (isComplete && !is('SuccessCriteriaMet')) {
    conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
  for (const key of ['succeeded', 'failed']) {
    if (count(key) < count(key, old)) {
      errors.push(invalid(`status.${key}`, count(key), `cannot decrease the ${key} counter`));
    }
  }
  for (const type of ['Complete', 'Failed']) {
    if (isTrue(old, type) && !is(type)) conditions(`cannot disable the terminal ${type}=True condition`);
  }
  return errors;
}

function isTrue(status: JsonObject, type: string): boolean {
  return structs(status, 'conditions').some(
    (condition) => text(condition, 'type') === type && text(condition, 'status') === 'True',
  );
}
