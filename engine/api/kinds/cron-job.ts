/**
 * CronJobs. Source: pkg/registry/batch/cronjob/strategy.go, SetDefaults_CronJob, ValidateCronJobCreate, printCronJob.
 */
import type { JsonObject } from '../../base/json.ts';
import { ageSince } from '../duration.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { asJson, flag, has, mapStruct, number, struct, structs, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { scheduleProblem } from '../validation/cron-schedule.ts';
import { validateChoice, validateNonnegative } from '../validation/fields.ts';
import { validateJobSpec } from '../validation/job.ts';
import { byteLength } from '../validation/names.ts';
import {
  age,
  ageColumn,
  column,
  containerCells,
  containerColumns,
  defineKind,
  nameColumn,
  wideColumn,
} from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';
import { defaultPatterns, nameWarnings } from './job.ts';
import { withoutGatedTemplate } from './pod-gates.ts';
import { podWarnings } from './pod-warnings.ts';
import { defaultTemplate, formatLabelSelector } from './workload.ts';

/** The names of its Jobs are eleven characters longer. */
const maxNameLength = 52;

/** batch/v1 CronJob. */
export const cronJobKind: KindDefinition = defineKind({
  group: 'batch',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  schema: 'V1CronJob',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults: (cronJob) => mapStruct(cronJob, 'spec', defaultSpec),
  prepareForCreate: (cronJob) => beginGeneration(dropGated(cronJob), {}),
  prepareForUpdate: (cronJob, old) => bumpGeneration(dropGated(cronJob), old),
  validateRest: (cronJob) => {
    const name = text(struct(cronJob, 'metadata'), 'name');
    const errors = validateCronJob(cronJob, undefined);
    if (byteLength(name) <= maxNameLength) return errors;
    return [...errors, invalid('metadata.name', name, 'must be no more than 52 characters')];
  },
  validateChange: validateCronJob,
  warnings,
  columns: [
    nameColumn,
    column('Schedule', 'string', 'When it runs, in the words of cron.'),
    column('Timezone', 'string', 'The time zone of the schedule.'),
    column('Suspend', 'boolean', 'Whether it does not run for now.'),
    column('Active', 'integer', 'How many of its Jobs run.'),
    column('Last Schedule', 'string', 'Time since it ran last.'),
    ageColumn,
    ...containerColumns,
    wideColumn('Selector', 'string', 'The labels of the Pods of its Jobs.'),
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const status = struct(asJson(object), 'status');
    const jobSpec = struct(struct(spec, 'jobTemplate'), 'spec');
    return [
      object.metadata.name,
      text(spec, 'schedule'),
      has(spec, 'timeZone') ? text(spec, 'timeZone') : '<none>',
      has(spec, 'suspend') ? (flag(spec, 'suspend') ? 'True' : 'False') : '<unset>',
      structs(status, 'active').length,
      has(status, 'lastScheduleTime') ? ageSince(status.lastScheduleTime, nowMs) : '<none>',
      age(object, nowMs),
      ...containerCells(struct(jobSpec, 'template')),
      formatLabelSelector(jobSpec, 'selector'),
    ];
  },
});

function dropGated(cronJob: JsonObject): JsonObject {
  return mapStruct(cronJob, 'spec', (spec) => mapStruct(spec, 'jobTemplate', withoutGatedTemplate));
}

function defaultSpec(spec: JsonObject): JsonObject {
  const result = withDefaults(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  return mapStruct(result, 'jobTemplate', (template) =>
    mapStruct(template, 'spec', (jobSpec) => defaultTemplate(defaultPatterns(jobSpec))),
  );
}

function warnings(cronJob: JsonObject, old?: KubeObject): readonly string[] {
  const template = struct(struct(struct(struct(cronJob, 'spec'), 'jobTemplate'), 'spec'), 'template');
  const generation = (of: JsonObject) => number(struct(of, 'metadata'), 'generation') ?? 0;
  const isNew = old === undefined || generation(cronJob) !== generation(asJson(old));
  const inside = isNew ? podWarnings(template, 'spec.jobTemplate.spec.template.') : [];
  if (old === undefined) return [...nameWarnings(cronJob), ...inside];
  if (!text(struct(cronJob, 'spec'), 'schedule').includes('TZ')) return inside;
  return [
    ...inside,
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ];
}

function validateCronJob(cronJob: JsonObject, old: KubeObject | undefined): FieldError[] {
  const spec = struct(cronJob, 'spec');
  const before = old === undefined ? undefined : struct(asJson(old), 'spec');
  const errors = validateSchedule(spec, before);
  errors.push(...validateNonnegative('spec', spec, 'startingDeadlineSeconds'));
  if (has(spec, 'timeZone') && before?.timeZone !== spec.timeZone) {
    errors.push(...validateTimeZone(text(spec, 'timeZone'), 'spec.timeZone'));
  }
  const policies = ['Allow', 'Forbid', 'Replace'];
  return [
    ...errors,
    ...validateChoice('spec', spec, 'concurrencyPolicy', policies),
    ...validateJobTemplate(struct(struct(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec'),
    ...validateNonnegative('spec', spec, 'successfulJobsHistoryLimit'),
    ...validateNonnegative('spec', spec, 'failedJobsHistoryLimit'),
  ];
}

function validateSchedule(spec: JsonObject, before: JsonObject | undefined): FieldError[] {
  const path = 'spec.schedule';
  const schedule = text(spec, 'schedule');
  if (schedule === '') return [required(path)];
  const hasZone = schedule.includes('TZ');
  const mayHaveZone = before !== undefined && text(before, 'schedule').includes('TZ');
  const problem = scheduleProblem(schedule.replace(/^(?:CRON_)?TZ=\S+ */, ''));
  const errors = problem === undefined ? [] : [invalid(path, schedule, problem)];
  if (hasZone && mayHaveZone && has(spec, 'timeZone')) {
    errors.push(invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  } else if (hasZone && !mayHaveZone) {
    errors.push(invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  }
  return errors;
}

function validateTimeZone(zone: string, path: string): FieldError[] {
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  const isWellFormed = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && /^(?!-)[A-Za-z.\-_0-9+]{1,14}$/.test(part));
  if (!isWellFormed) return [invalid(path, zone, `unknown time zone ${zone}`)];
  const errors: FieldError[] = [];
  if (zone.toLowerCase() === 'local') {
    const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.push(invalid(path, zone, detail));
  }
  if (zone === 'Local' || isTimeZone(zone)) return errors;
  return [...errors, invalid(path, zone, `unknown time zone ${zone}`)];
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function validateJobTemplate(spec: JsonObject, path: string): FieldError[] {
  const errors = validateJobSpec(spec, path);
  if (has(spec, 'selector')) {
    const detail = '`selector` will be auto-generated';
    errors.push(invalid(`${path}.selector`, struct(spec, 'selector'), detail));
  }
  if (flag(spec, 'manualSelector')) {
    errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
  }
  return errors;
}
