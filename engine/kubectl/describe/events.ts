/** The events at the foot of a description. */
import { ageSince } from '../../api/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Invocation } from '../invocation.ts';
import { goSort } from '../printers/go-sort.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** Finds the events about an object; undefined when they are not wanted or can't be read. */
export async function findEvents(
  invocation: Invocation,
  object: JsonObject,
  options: { readonly withoutKind?: boolean; readonly uid?: string } = {},
): Promise<readonly JsonObject[] | undefined> {
  const namespace = stringAt(object, 'metadata', 'namespace');
  const fields = [
    ['involvedObject.name', stringAt(object, 'metadata', 'name')],
    ['involvedObject.namespace', namespace],
    ...(options.withoutKind === true ? [] : [['involvedObject.kind', stringAt(object, 'kind')]]),
    ['involvedObject.uid', options.uid ?? stringAt(object, 'metadata', 'uid')],
  ];
  const selector = fields.map(([name, value]) => `${name}=${value}`).join(',');
  // Events about objects without a namespace are kept in `default`.
  const path = namespace === '' ? '/api/v1/events' : `/api/v1/namespaces/${namespace}/events`;
  const list = await invocation.client.get(path, [['fieldSelector', selector]]);
  return list.ok ? objectsAt(list.value, 'items') : undefined;
}

/** Writes the table of events, the latest last. */
export function writeEvents(
  writer: DescribeWriter,
  events: readonly JsonObject[] | undefined,
  nowMs: number,
): void {
  if (events === undefined) return;
  if (events.length === 0) {
    writer.line(0, 'Events:\t<none>');
    return;
  }
  writer.flush();
  writer.line(0, 'Events:');
  writer.line(1, 'Type\tReason\tAge\tFrom\tMessage');
  writer.line(1, '----\t------\t----\t----\t-------');
  const inOrder = goSort(
    events,
    (a, b) => compareKeys(stringAt(a, 'lastTimestamp'), stringAt(b, 'lastTimestamp')) < 0,
  );
  for (const event of inOrder) writer.line(1, formatEvent(event, nowMs));
}

function formatEvent(event: JsonObject, nowMs: number): string {
  const source = stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent');
  const message = stringAt(event, 'message').trim();
  const fieldPath = stringAt(event, 'involvedObject', 'fieldPath');
  return [
    stringAt(event, 'type'),
    stringAt(event, 'reason'),
    eventInterval(event, nowMs),
    source,
    fieldPath === '' ? message : `${fieldPath}: ${message}`,
  ].join('\t');
}

/** `3s`, or `3s (x4 over 2m)` for an event that came more than once. */
export function eventInterval(event: JsonObject, nowMs: number): string {
  const eventTime = stringAt(event, 'eventTime');
  const first = ageSince(eventTime || valueAt(event, 'firstTimestamp'), nowMs);
  const seriesCount = Number(valueAt(event, 'series', 'count') ?? 0);
  if (seriesCount > 0) {
    return `${ageSince(valueAt(event, 'series', 'lastObservedTime'), nowMs)} (x${seriesCount} over ${first})`;
  }
  const count = Number(valueAt(event, 'count') ?? 0);
  return count > 1 ? `${ageSince(valueAt(event, 'lastTimestamp'), nowMs)} (x${count} over ${first})` : first;
}
