/**
 * The life of a custom resource through the door: verbs, versions, patches, status, scale, server-side apply, Tables, discovery
 * and OpenAPI. fixtures/custom-resources.json is one run against kube-apiserver v1.36.0, step by step; identifiers and times,
 * which differ from run to run, were taken out.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatCompactJson } from '../../base/go-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { arrayAt, objectAt, objectsAt, stringAt, valueAt, withKeys } from './object-access.ts';
import { establish, problemsOf } from './testing/custom-door.ts';
import { createTestDoor } from './testing/test-door.ts';

const parsed: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/custom-resources.json', import.meta.url), 'utf8'),
);
const fixture = isJsonObject(parsed) ? parsed : {};
const door = createTestDoor();
const established = establish(door, objectAt(fixture, 'definition'));
// Entries of one second stand in the order of their managers; the recording took longer than that.
function inOrder(entries: JsonValue): JsonValue {
  return Array.isArray(entries)
    ? entries.map((entry: JsonValue) => formatCompactJson(clean(entry))).sort()
    : entries;
}

const changing = new Set([
  'description',
  'storageVersionHash',

  'uid',
  'resourceVersion',
  'creationTimestamp',
  'time',
  'lastTransitionTime',
  'deletionTimestamp',
]);

/** A document without what differs from run to run, and without descriptions and hashes, which are not upstream's. */
function clean(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(clean);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !changing.has(key));
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === 'managedFields' ? inOrder(inner) : clean(inner)]),
  );
}

describe('a custom resource', () => {
  const steps = objectsAt(fixture, 'steps').map((step): [string, JsonObject] => [
    stringAt(step, 'name'),
    step,
  ]);

  it.each(steps)('%s', (_name, step) => {
    const query = new URLSearchParams(stringAt(step, 'query'));
    const method = stringAt(step, 'method');
    if (
      method !== 'GET' &&
      method !== 'POST' &&
      method !== 'PUT' &&
      method !== 'PATCH' &&
      method !== 'DELETE'
    ) {
      throw new Error(method);
    }
    const body = valueAt(step, 'body');
    const answer = door.transport.send({
      method,
      path: stringAt(step, 'path'),
      query: [...query],
      headers: {
        'content-type': stringAt(step, 'contentType'),
        accept: stringAt(step, 'accept'),
        'user-agent': 'recorder/v1',
      },
      ...(body === undefined ? {} : { body }),
    });
    if (answer.type !== 'object') throw new Error('no object');
    const want = objectAt(step, 'want');
    const shown = (code: number, answered: JsonObject): JsonValue =>
      code >= 400
        ? problemsOf(answered).map((problem) => problem.replace(/Invalid value: "\{.*\}"/, ''))
        : clean(answered);
    expect({
      code: answer.code,
      warnings: answer.warnings,
      body: shown(answer.code, answer.body),
    }).toEqual({
      code: want.code,
      warnings: arrayAt(want, 'warnings'),
      body: shown(Number(want.code), objectAt(want, 'body')),
    });
  });
});

it('is discovered in the aggregated document', () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const document = door.body({ method: 'GET', path: '/apis', headers: { accept } });
  const own = objectsAt(document, 'items').filter(
    (item) => stringAt(item, 'metadata', 'name') === 'flow.example.com',
  );
  expect(own.map(clean)).toEqual(objectsAt(fixture, 'aggregated').map(clean));
});

describe('OpenAPI', () => {
  const schemas = (document: JsonObject, ...path: readonly string[]) =>
    Object.fromEntries(
      Object.entries(objectAt(document, ...path)).filter(([name]) => name.startsWith('com.example.flow')),
    );
  // Differs: selectable fields are not named there.
  const named = (definitions: JsonObject) =>
    Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [
        name,
        isJsonObject(definition)
          ? withKeys(definition, { 'x-kubernetes-selectable-fields': undefined })
          : definition,
      ]),
    );

  it('describes it in the third version', () => {
    const document = door.get('/openapi/v3/apis/flow.example.com/v1');
    expect(clean(schemas(document, 'components', 'schemas'))).toEqual(
      clean(named(objectAt(fixture, 'openApiV3'))),
    );
  });

  it('describes it in the second version, as far as that goes', () => {
    const document = door.get('/openapi/v2');
    expect(clean(schemas(document, 'definitions'))).toEqual(clean(named(objectAt(fixture, 'openApiV2'))));
  });
});

it('keeps the definition as the real server does', () => {
  const { status: _status, ...want } = objectAt(fixture, 'established');
  const { status: _own, ...got } = established;
  expect(clean(withKeys(got, { metadata: { name: 'things.flow.example.com' } }))).toEqual(
    clean(withKeys(want, { metadata: { name: 'things.flow.example.com' } })),
  );
});
