/**
 * Jobs. Source: pkg/registry/batch/job/strategy.go, SetDefaults_Job, printJob.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { ageSince, humanDuration } from '../duration.ts';
import {
  asJson,
  flag,
  has,
  mapStruct,
  mapStructs,
  number,
  struct,
  structs,
  text,
  withDefaults,
} from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateJob, validateJobUpdate } from '../validation/job.ts';
import { checkDns1123Label, checkLabelValue } from '../validation/names.ts';
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
import { withoutGatedTemplate } from './pod-gates.ts';
import { templateWarnings } from './pod-warnings.ts';
import { defaultTemplate, formatLabelSelector } from './workload.ts';

const maxInt32 = 2 ** 31 - 1;

/** batch/v1 Job. */
export const jobKind: KindDefinition = defineKind({
  group: 'batch',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  schema: 'V1Job',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  applyDefaults,
  prepareForCreate: (job) => beginGeneration(withSelector(withoutGatedTemplate(job)), {}),
  prepareStatus: withTemplateLabels,
  prepareForUpdate: (job, old) => bumpGeneration(withoutGatedTemplate(job), old),
  changedMeta: ['new'],
  validateRest: validateJob,
  validateChange: validateJobUpdate,
  warnings: (job, old) => [...(old === undefined ? nameWarnings(job) : []), ...templateWarnings(job, old)],
  columns: [
    nameColumn,
    column('Status', 'string', 'How the Job goes.'),
    column('Completions', 'string', 'How many Pods have succeeded, of those that must.'),
    column('Duration', 'string', 'How long it has run, or ran.'),
    ageColumn,
    ...containerColumns,
    wideColumn('Selector', 'string', 'The labels of the Pods that count.'),
  ],
  row: (object, nowMs) => {
    const job = asJson(object);
    const spec = struct(job, 'spec');
    const status = struct(job, 'status');
    return [
      object.metadata.name,
      jobStatus(job),
      formatCompletions(spec, number(status, 'succeeded') ?? 0),
      formatDuration(status, nowMs),
      age(object, nowMs),
      ...containerCells(struct(spec, 'template')),
      formatLabelSelector(spec, 'selector'),
    ];
  },
  selectableFields: (job) => ({
    'status.successful': String(number(struct(asJson(job), 'status'), 'succeeded') ?? 0),
  }),
  unknownFieldError: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
});

/** A name that cannot be part of a host's name. */
export function nameWarnings(object: JsonObject): readonly string[] {
  const problems = checkDns1123Label(text(struct(object, 'metadata'), 'name'));
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ];
}

function applyDefaults(job: JsonObject): JsonObject {
  const spec = defaultTemplate(defaultPatterns(struct(job, 'spec')));
  const isSingle = !has(spec, 'completions') && !has(spec, 'parallelism');
  const result = {
    ...job,
    spec: withDefaults(spec, {
      ...(isSingle ? { completions: 1 } : {}),
      parallelism: 1,
      backoffLimit: has(spec, 'backoffLimitPerIndex') ? maxInt32 : 6,
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: has(spec, 'podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed',
      manualSelector: false,
    }),
  };
  return withTemplateLabels(result);
}

/** A Job without labels has those of its template, whoever takes them away. */
function withTemplateLabels(job: JsonObject): JsonObject {
  const labels = struct(struct(struct(struct(job, 'spec'), 'template'), 'metadata'), 'labels');
  const isLabelled = Object.keys(struct(struct(job, 'metadata'), 'labels')).length > 0;
  if (isLabelled || Object.keys(labels).length === 0) return job;
  return { ...job, metadata: { ...struct(job, 'metadata'), labels } };
}

/** The defaults of a policy's conditions. */
export function defaultPatterns(spec: JsonObject): JsonObject {
  return mapStruct(spec, 'podFailurePolicy', (policy) =>
    mapStructs(policy, 'rules', (rule) =>
      mapStructs(rule, 'onPodConditions', (pattern) =>
        text(pattern, 'status') === '' ? { ...pattern, status: 'True' } : pattern,
      ),
    ),
  );
}

/** The labels and the selector by which a Job finds its own Pods. */
function withSelector(job: JsonObject): JsonObject {
  const spec = struct(job, 'spec');
  if (flag(spec, 'manualSelector')) return job;
  const { uid = '', name = '' } = struct(job, 'metadata');
  const template = struct(spec, 'template');
  const metadata = struct(template, 'metadata');
  const selector = struct(spec, 'selector');
  const own = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const labels = sorted({ ...own, ...struct(metadata, 'labels') });
  const matchLabels = sorted({
    'batch.kubernetes.io/controller-uid': uid,
    ...struct(selector, 'matchLabels'),
  });
  // A Job without labels of its own is read with those of its template, these among them.
  const given = struct(struct(job, 'metadata'), 'labels');
  const isShared = Object.keys(given).length === 0 || jsonEqual(given, struct(metadata, 'labels'));
  const isLabel = checkLabelValue(String(name)).length === 0;
  return {
    ...job,
    metadata: { ...struct(job, 'metadata'), ...(isShared && isLabel ? { labels } : {}) },
    spec: {
      ...spec,
      selector: { ...selector, matchLabels },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
}

function sorted(labels: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function jobStatus(job: JsonObject): string {
  const conditions = structs(struct(job, 'status'), 'conditions').filter(
    (condition) => text(condition, 'status') === 'True',
  );
  const holds = (type: string) => conditions.some((condition) => text(condition, 'type') === type);
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (has(struct(job, 'metadata'), 'deletionTimestamp')) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

function formatCompletions(spec: JsonObject, succeeded: number): string {
  const completions = number(spec, 'completions');
  if (completions !== undefined) return `${succeeded}/${completions}`;
  const parallelism = number(spec, 'parallelism') ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function formatDuration(status: JsonObject, nowMs: number): string {
  if (!has(status, 'startTime')) return '';
  if (!has(status, 'completionTime')) return ageSince(status.startTime, nowMs);
  return humanDuration(Date.parse(text(status, 'completionTime')) - Date.parse(text(status, 'startTime')));
}
