/** `kubectl describe` of StatefulSets, DaemonSets, Jobs and CronJobs. */
import { humanDuration } from '../../api/duration.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { selectorOf } from '../commands/target-pod.ts';
import { objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { writePodTemplate } from './containers.ts';
import {
  annotationsOf,
  controllerOf,
  DescribeWriter,
  formatLabelPairs,
  formatLongTime,
  labelsOf,
  scalarAt,
  writeHead,
} from './describe-writer.ts';
import type { Describer, DescribeTarget } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';
import { writeClaim } from './storage.ts';
import { podStatus } from './workload.ts';

export const describeStatefulSet: Describer = async (target) => {
  const { invocation, object } = target;
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `CreationTimestamp:\t${formatLongTime(stringAt(object, 'metadata', 'creationTimestamp'))}`);
  writer.line(0, `Selector:\t${selectorOf(object) ?? ''}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(
    0,
    `Replicas:\t${count(object, 'spec', 'replicas')} desired | ${count(object, 'status', 'replicas')} total`,
  );
  writer.line(0, `Update Strategy:\t${stringAt(object, 'spec', 'updateStrategy', 'type')}`);
  const rolling = objectAt(object, 'spec', 'updateStrategy', 'rollingUpdate');
  if (rolling.partition !== undefined) {
    writer.line(1, `Partition:\t${scalarAt(rolling, 'partition')}`);
    if (rolling.maxUnavailable !== undefined)
      writer.line(1, `MaxUnavailable:\t${scalarAt(rolling, 'maxUnavailable')}`);
  }
  writer.line(0, `Pods Status:\t${await podStatus(invocation, object)}`);
  writePodTemplate(writer, objectAt(object, 'spec', 'template'));
  const claims = objectsAt(object, 'spec', 'volumeClaimTemplates');
  writer.line(0, `Volume Claims:${claims.length === 0 ? '\t<none>' : ''}`);
  for (const claim of claims) writeClaim(writer, claim, false);
  return finish(writer, target);
};

export const describeDaemonSet: Describer = async (target) => {
  const { invocation, object } = target;
  const writer = new DescribeWriter();
  const status = (field: string) => count(object, 'status', field);
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `Selector:\t${selectorOf(object) ?? ''}`);
  const nodes = stringMapAt(object, 'spec', 'template', 'spec', 'nodeSelector');
  writer.line(0, `Node-Selector:\t${formatLabelPairs(nodes)}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, `Desired Number of Nodes Scheduled: ${status('desiredNumberScheduled')}`);
  writer.line(0, `Current Number of Nodes Scheduled: ${status('currentNumberScheduled')}`);
  writer.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status('updatedNumberScheduled')}`);
  writer.line(0, `Number of Nodes Scheduled with Available Pods: ${status('numberAvailable')}`);
  writer.line(0, `Number of Nodes Misscheduled: ${status('numberMisscheduled')}`);
  writer.line(0, `Pods Status:\t${await podStatus(invocation, object)}`);
  writePodTemplate(writer, objectAt(object, 'spec', 'template'));
  return finish(writer, target);
};

export const describeJob: Describer = async (target) => {
  const { object } = target;
  const writer = new DescribeWriter();
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `Selector:\t${selectorOf(object) ?? ''}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  const controller = controllerOf(object);
  if (controller !== '') writer.line(0, `Controlled By:\t${controller}`);
  writeGiven(writer, 'Parallelism', spec.parallelism);
  writer.line(0, `Completions:\t${scalarAt(spec, 'completions') || '<unset>'}`);
  writeGiven(writer, 'Completion Mode', spec.completionMode);
  writeGiven(writer, 'Suspend', spec.suspend);
  writeGiven(writer, 'Backoff Limit', spec.backoffLimit);
  writeGiven(writer, 'TTL Seconds After Finished', spec.ttlSecondsAfterFinished);
  const start = stringAt(status, 'startTime');
  const end = stringAt(status, 'completionTime');
  if (start !== '') writer.line(0, `Start Time:\t${formatLongTime(start)}`);
  if (end !== '') writer.line(0, `Completed At:\t${formatLongTime(end)}`);
  if (start !== '' && end !== '')
    writer.line(0, `Duration:\t${humanDuration(Date.parse(end) - Date.parse(start))}`);
  if (spec.activeDeadlineSeconds !== undefined)
    writer.line(0, `Active Deadline Seconds:\t${scalarAt(spec, 'activeDeadlineSeconds')}s`);
  const ready = status.ready === undefined ? '' : ` (${scalarAt(status, 'ready')} Ready)`;
  writer.line(
    0,
    `Pods Statuses:\t${count(status, 'active')} Active${ready} / ${count(status, 'succeeded')} Succeeded / ${count(status, 'failed')} Failed`,
  );
  if (spec.completionMode === 'Indexed')
    writer.line(0, `Completed Indexes:\t${capIndexes(stringAt(status, 'completedIndexes'))}`);
  writePodTemplate(writer, objectAt(spec, 'template'));
  return finish(writer, target);
};

/** Longer lists are cut at a comma. Source: describe.go, capIndexesListOrNone with 50. */
function capIndexes(indexes: string): string {
  if (indexes === '') return '<none>';
  if (indexes.length <= 50) return indexes;
  const end = indexes.slice(0, 48).lastIndexOf(',');
  return `${indexes.slice(0, end + 1)}...`;
}

export const describeCronJob: Describer = async (target) => {
  const { object } = target;
  const writer = new DescribeWriter();
  const spec = objectAt(object, 'spec');
  writeHead(writer, object);
  writer.line(0, `Schedule:\t${stringAt(spec, 'schedule')}`);
  writer.line(0, `Concurrency Policy:\t${stringAt(spec, 'concurrencyPolicy')}`);
  writer.line(0, `Suspend:\t${formatBool(spec.suspend)}`);
  writer.line(0, `Time Zone:\t${scalarAt(spec, 'timeZone') || '<unset>'}`);
  writer.line(
    0,
    `Successful Job History Limit:\t${scalarAt(spec, 'successfulJobsHistoryLimit') || '<unset>'}`,
  );
  writer.line(0, `Failed Job History Limit:\t${scalarAt(spec, 'failedJobsHistoryLimit') || '<unset>'}`);
  const deadline = scalarAt(spec, 'startingDeadlineSeconds');
  writer.line(0, `Starting Deadline Seconds:\t${deadline === '' ? '<unset>' : `${deadline}s`}`);
  const job = objectAt(spec, 'jobTemplate', 'spec');
  writer.line(0, `Selector:\t${selectorOf({ spec: job }) ?? '<unset>'}`);
  writer.line(0, `Parallelism:\t${scalarAt(job, 'parallelism') || '<unset>'}`);
  writer.line(0, `Completions:\t${scalarAt(job, 'completions') || '<unset>'}`);
  if (job.activeDeadlineSeconds !== undefined)
    writer.line(0, `Active Deadline Seconds:\t${scalarAt(job, 'activeDeadlineSeconds')}s`);
  writePodTemplate(writer, objectAt(job, 'template'));
  const last = stringAt(object, 'status', 'lastScheduleTime');
  writer.line(0, `Last Schedule Time:\t${last === '' ? '<unset>' : formatLongTime(last)}`);
  const active = objectsAt(object, 'status', 'active').map((one) => stringAt(one, 'name'));
  writer.line(0, `Active Jobs:\t${active.length === 0 ? '<none>' : active.join(', ')}`);
  return finish(writer, target);
};

function writeGiven(writer: DescribeWriter, title: string, value: JsonValue | undefined): void {
  if (value !== undefined) writer.line(0, `${title}:\t${String(value)}`);
}

/** `True`, `False` or `<unset>`. */
function formatBool(value: JsonValue | undefined): string {
  if (typeof value !== 'boolean') return '<unset>';
  return value ? 'True' : 'False';
}

function count(object: JsonObject, ...path: readonly string[]): number {
  return Number(valueAt(object, ...path) ?? 0);
}

async function finish(
  writer: DescribeWriter,
  { invocation, object, showEvents }: DescribeTarget,
): ReturnType<Describer> {
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
}
