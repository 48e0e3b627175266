/**
 * Events. Source: pkg/apis/core/validation/events.go, pkg/registry/core/event/strategy.go, printEvent.
 */
import type { JsonObject } from '../../base/json.ts';
import { ageSince } from '../duration.ts';
import { invalid, required } from '../field-errors.ts';
import { asJson, has, number, struct, text } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateText } from '../validation/fields.ts';
import { checkDns1123Subdomain, checkPathSegmentName, checkQualifiedName } from '../validation/names.ts';
import { column, defineKind, nameColumn, type Row, wideColumn } from './define.ts';

/** Bytes of a reason, action or reporting instance. */
const maxWordLength = 128;
const maxMessageLength = 1024;

/** core/v1 Event. */
export const eventKind: KindDefinition = defineKind({
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  schema: 'CoreV1Event',
  checkName: checkPathSegmentName,
  anyFinalizer: true,
  changedMeta: [],
  validateRest: validateEvent,
  columns: [
    column('Last Seen', 'string', 'Time since it happened last.'),
    column('Type', 'string', 'Normal or Warning.'),
    column('Reason', 'string', 'Why, in one word.'),
    column('Object', 'string', 'What it is about.'),
    wideColumn('Subobject', 'string', 'Which part of the object it is about.'),
    wideColumn('Source', 'string', 'Who reports it.'),
    column('Message', 'string', 'What happened, in words.'),
    wideColumn('First Seen', 'string', 'Time since it happened first.'),
    wideColumn('Count', 'string', 'How often it happened.'),
    { ...nameColumn, priority: 1 },
  ],
  row: (event, nowMs) => eventRow(asJson(event), nowMs),
  selectableFields: (object) => {
    const event = asJson(object);
    const about = struct(event, 'involvedObject');
    const source = struct(event, 'source');
    return {
      'involvedObject.kind': text(about, 'kind'),
      'involvedObject.namespace': text(about, 'namespace'),
      'involvedObject.name': text(about, 'name'),
      'involvedObject.uid': text(about, 'uid'),
      'involvedObject.apiVersion': text(about, 'apiVersion'),
      'involvedObject.resourceVersion': text(about, 'resourceVersion'),
      'involvedObject.fieldPath': text(about, 'fieldPath'),
      reason: text(event, 'reason'),
      reportingComponent: text(event, 'reportingComponent'),
      source: text(source, 'component') || text(event, 'reportingComponent'),
      type: text(event, 'type'),
    };
  },
});

function eventRow(event: JsonObject, nowMs: number): Row {
  const first = ageSince(event.firstTimestamp ?? event.eventTime, nowMs);
  const series = struct(event, 'series');
  const last = has(event, 'series')
    ? ageSince(series.lastObservedTime, nowMs)
    : has(event, 'lastTimestamp')
      ? ageSince(event.lastTimestamp, nowMs)
      : first;
  const count = has(event, 'series') ? (number(series, 'count') ?? 0) : number(event, 'count') || 1;
  const about = struct(event, 'involvedObject');
  const kind = text(about, 'kind').toLowerCase();
  const name = text(about, 'name');
  const source = struct(event, 'source');
  const component = text(source, 'component') || text(event, 'reportingComponent');
  const host = text(source, 'host') || text(event, 'reportingInstance');
  return [
    last,
    text(event, 'type'),
    text(event, 'reason'),
    name === '' ? kind : `${kind}/${name}`,
    text(about, 'fieldPath'),
    host === '' ? component : `${component}, ${host}`,
    text(event, 'message').trim(),
    first,
    count,
    text(struct(event, 'metadata'), 'name'),
  ];
}

function validateEvent(event: JsonObject): FieldError[] {
  const namespace = text(struct(event, 'metadata'), 'namespace');
  const about = text(struct(event, 'involvedObject'), 'namespace');
  const errors: FieldError[] = [];
  const isNew = has(event, 'eventTime');
  const allowedWithout = isNew ? ['default', 'kube-system'] : ['', 'default'];
  const isFitting = about === '' ? allowedWithout.includes(namespace) : isNew || about === namespace;
  if (!isFitting) errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (isNew) errors.push(...validateReporter(event));
  return [...errors, ...validateText('namespace', namespace, checkDns1123Subdomain)];
}

function validateReporter(event: JsonObject): FieldError[] {
  const component = text(event, 'reportingComponent');
  const errors = component === '' ? [required('reportingComponent')] : [];
  errors.push(...validateText('reportingComponent', component, checkQualifiedName));
  for (const key of ['reportingInstance', 'action', 'reason']) {
    const value = text(event, key);
    if (value === '') errors.push(required(key));
    if (value.length > maxWordLength)
      errors.push(invalid(key, '', `can have at most ${maxWordLength} characters`));
  }
  if (text(event, 'message').length > maxMessageLength) {
    errors.push(invalid('message', '', `can have at most ${maxMessageLength} characters`));
  }
  return errors;
}
