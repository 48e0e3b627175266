/**
 * Events in the words of events.k8s.io, which are the same objects as those of the core group. They are kept as the latter.
 * Source: pkg/apis/events/v1/conversion.go, ValidateEventCreate and ValidateEventUpdate.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { asJson, has, number, struct, text, without } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { checkDns1123Subdomain } from '../validation/names.ts';
import {
  validateImmutable,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../validation/object-meta.ts';
import { defineKind } from './define.ts';
import { eventKind } from './event.ts';

const { columns, kind, plural, row, shortNames } = eventKind;

/** The fields that have another name here. */
const renamed = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

/** What of an Event may not change, by the names of the core group. */
const immutableKeys = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
];

/** events.k8s.io/v1 Event. */
export const eventV1Kind: KindDefinition = {
  ...defineKind({
    group: 'events.k8s.io',
    kind,
    plural,
    shortNames,
    schema: 'EventsV1Event',
    columns,
    row: (object, nowMs) =>
      row({ ...object, ...toStorage(asJson(object)), metadata: object.metadata }, nowMs),
    selectableFields: (object) => {
      const event = asJson(object);
      const fields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
      const about = struct(event, 'regarding');
      return {
        ...Object.fromEntries(fields.map((field) => [`regarding.${field}`, text(about, field)])),
        reason: text(event, 'reason'),
        reportingController: text(event, 'reportingController'),
        type: text(event, 'type'),
      };
    },
  }),
  storage: { group: '', plural, toStorage, fromStorage },
  validate: (event) => [...validateLegacy(event), ...validateCreate(toStorage(event))],
  validateUpdate: (event, old) => [
    ...validateObjectMetaUpdate(event, asJson(old)),
    ...validateLegacy(event),
    ...validateChange(toStorage(event), toStorage(asJson(old))),
  ],
};

function rename(
  event: JsonObject,
  apiVersion: string,
  names: readonly (readonly [from: string, to: string])[],
): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...event, apiVersion };
  for (const [from] of names) delete result[from];
  for (const [from, to] of names) {
    const value = event[from];
    if (value !== undefined) result[to] = value;
  }
  return result;
}

function toStorage(event: JsonObject): JsonObject {
  return rename(event, 'v1', renamed);
}

function fromStorage(event: JsonObject): JsonObject {
  const shown = rename(
    event,
    'events.k8s.io/v1',
    renamed.map(([here, there]) => [there, here] as const),
  );
  // The core's Events write out what is empty, these do not.
  return without(shown, ...['reportingController', 'reportingInstance'].filter((key) => shown[key] === ''));
}

/** The rules of the core group's Events, which calls one field by another name. */
function validateLegacy(event: JsonObject): readonly FieldError[] {
  return eventKind
    .validate(toStorage(event))
    .filter((error) => !error.field.startsWith('metadata.'))
    .map((error) =>
      error.field === 'reportingComponent' ? { ...error, field: 'reportingController' } : error,
    );
}

function validateSeries(event: JsonObject): FieldError[] {
  if (!has(event, 'series')) return [];
  const series = struct(event, 'series');
  return [
    ...((number(series, 'count') ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(has(series, 'lastObservedTime') ? [] : [required('series.lastObservedTime')]),
  ];
}

function validateCreate(event: JsonObject): FieldError[] {
  const errors = [
    ...validateObjectMeta(event, { namespaced: true, checkName: checkDns1123Subdomain }),
    ...validateSeries(event),
  ];
  if (!has(event, 'eventTime')) errors.push(required('eventTime'));
  const type = text(event, 'type');
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  const isSet = {
    firstTimestamp: has(event, 'firstTimestamp'),
    lastTimestamp: has(event, 'lastTimestamp'),
    count: (number(event, 'count') ?? 0) !== 0,
    source: Object.keys(struct(event, 'source')).length > 0,
  };
  for (const [field, isThere] of Object.entries(isSet)) {
    if (isThere) errors.push(invalid(field, '', 'needs to be unset'));
  }
  return errors;
}

function validateChange(event: JsonObject, old: JsonObject): FieldError[] {
  const isSameSeries = jsonEqual(struct(event, 'series'), struct(old, 'series'));
  return [
    ...validateObjectMetaUpdate(event, old),
    ...(isSameSeries ? [] : validateSeries(event)),
    ...immutableKeys.flatMap((key) =>
      validateImmutable(
        key === 'reportingComponent' ? 'reportingController' : key,
        event[key],
        old[key],
        event[key],
      ),
    ),
  ];
}
