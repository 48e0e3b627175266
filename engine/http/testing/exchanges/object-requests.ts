/** The requests that each kind's object is asked once it is there, the last of them its deletion. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import type { Exchange } from './exchange.ts';

const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const partialList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** See the head of this file; `path` is the object's. */
export function objectRequests(path: string, base: JsonObject): readonly Exchange[] {
  const collection = path.slice(0, path.lastIndexOf('/'));
  const name = path.slice(path.lastIndexOf('/') + 1);
  const only = `fieldSelector=metadata.name%3D${name}`;
  const read = (label: string, at: string, accept = 'application/json'): Exchange => ({
    label,
    method: 'GET',
    path: at,
    headers: { accept },
  });
  return [
    read('get', path),
    read('get as a table', path, table),
    read('get as metadata', path, partial),
    read('list', `${collection}?${only}`),
    read('list as a table', `${collection}?${only}`, table),
    read('list as metadata', `${collection}?${only}`, partialList),
    read('list by a label', `${collection}?labelSelector=app%3Dnothing`),
    read('list by a bad label', `${collection}?labelSelector=a%3D%3D%3D`),
    read('list by an unknown field', `${collection}?fieldSelector=spec.bogus%3Dx`),
    read('watch', `${collection}?watch=true&${only}`),
    read('watch by name', `${path}?watch=true`),
    read('get a missing one', `${path}-missing`),
    send('DELETE', 'delete a missing one', `${path}-missing`),
    send('PUT', 'update a missing one', `${path}-missing`, {
      ...base,
      metadata: { name: `${name}-missing` },
    }),
    send('PUT', 'update under another name', path, { ...base, metadata: { name: 'other' } }),
    send('PUT', 'update without a name', path, { ...base, metadata: {} }),
    send('PUT', 'update with an old version', path, withMeta(base, { resourceVersion: '1' })),
    send('PUT', 'update with a bad version', path, withMeta(base, { resourceVersion: 'x' })),
    send('PUT', 'update with another uid', path, withMeta(base, { uid: 'x' })),
    send('PUT', 'update of another kind', path, { ...base, kind: 'Bogus' }),
    send('PUT', 'update of another version', path, { ...base, apiVersion: 'bogus/v1' }),
    send('POST', 'create again', collection, base),
    send('POST', 'create with a generated name', `${collection}?dryRun=All`, {
      ...base,
      metadata: { generateName: 'made-' },
    }),
    send('POST', 'create without a name', `${collection}?dryRun=All`, { ...base, metadata: {} }),
    send('POST', 'create strictly', `${collection}?dryRun=All&fieldValidation=Strict`, { ...base, bogus: 1 }),
    send('POST', 'create ignorantly', `${collection}?dryRun=All&fieldValidation=Ignore`, {
      ...base,
      bogus: 1,
    }),
    ...patches(path, base),
    ...subresources(path, base),
    ...deletes(path),
  ];
}

function patches(path: string, base: JsonObject): readonly Exchange[] {
  const dry = `${path}?dryRun=All`;
  const labels = { metadata: { labels: { tier: 'front' } } };
  const bad = { metadata: { labels: { 'Bad Key!': 'x' } } };
  const renamed = { metadata: { name: 'other' } };
  const managed = `${path}?fieldManager=other`;
  return [
    ...(['merge-patch', 'strategic-merge-patch'] as const).flatMap((type) => [
      patch(type, 'a label', path, labels),
      patch(type, 'nothing', path, {}),
      patch(type, 'a bad label', dry, bad),
      patch(type, 'another name', dry, renamed),
      patch(type, 'an unknown field', dry, { bogus: 1 }),
      patch(type, 'no spec', dry, { spec: null }),
      patch(type, 'a list', dry, []),
      patch(type, 'an old version', dry, { metadata: { resourceVersion: '1' } }),
    ]),
    patch('json-patch', 'a label', path, [{ op: 'add', path: '/metadata/labels/json', value: 'y' }]),
    patch('json-patch', 'a missing path', dry, [{ op: 'remove', path: '/spec/bogus' }]),
    patch('json-patch', 'a failing test', dry, [{ op: 'test', path: '/metadata/name', value: 'other' }]),
    patch('json-patch', 'an unknown operation', dry, [{ op: 'bogus', path: '/metadata' }]),
    patch('json-patch', 'an object', dry, {}),
    patch('apply-patch', 'without a manager', path, base),
    patch('apply-patch', 'all of it', managed, base),
    patch('apply-patch', 'a label only', managed, {
      ...identity(base),
      metadata: { labels: { tier: 'back' } },
    }),
    patch('apply-patch', 'a label by force', `${managed}&force=true`, {
      ...identity(base),
      metadata: { labels: { tier: 'back' } },
    }),
    patch('apply-patch', 'nothing', managed, identity(base)),
    patch('apply-patch', 'an unknown field', managed, { ...identity(base), bogus: 1 }),
    patch('apply-patch', 'managed fields', managed, {
      ...identity(base),
      metadata: { managedFields: [{ manager: 'x' }] },
    }),
    patch('bogus-patch', 'of an unknown type', path, {}),
  ];
}

function identity({ apiVersion = null, kind = null }: JsonObject): JsonObject {
  return { apiVersion, kind };
}

function subresources(path: string, base: JsonObject): readonly Exchange[] {
  const revision = withMeta(base, { resourceVersion: '$RV' });
  return [
    { label: 'get status', method: 'GET', path: `${path}/status`, headers: {} },
    send('PUT', 'update status', `${path}/status?dryRun=All`, revision),
    patch('merge-patch', 'status', `${path}/status?dryRun=All`, { status: { bogus: 1 } }),
    patch('merge-patch', 'status of a wrong type', `${path}/status?dryRun=All`, { status: 'x' }),
    patch('merge-patch', 'spec through status', `${path}/status?dryRun=All`, { spec: { replicas: 9 } }),
    { label: 'get scale', method: 'GET', path: `${path}/scale`, headers: {} },
    patch('merge-patch', 'scale', `${path}/scale?dryRun=All`, { spec: { replicas: 7 } }),
    patch('merge-patch', 'scale below zero', `${path}/scale?dryRun=All`, { spec: { replicas: -1 } }),
    { label: 'get bogus', method: 'GET', path: `${path}/bogus`, headers: {} },
    send('POST', 'post to the object', path, base),
  ];
}

function deletes(path: string): readonly Exchange[] {
  const options: readonly (readonly [string, JsonObject])[] = [
    ['an unknown policy', { propagationPolicy: 'Bogus' }],
    ['both policies', { propagationPolicy: 'Orphan', orphanDependents: true }],
    ['a negative grace period', { gracePeriodSeconds: -1, dryRun: ['All'] }],
    ['another uid', { preconditions: { uid: 'x' } }],
    ['another version', { preconditions: { resourceVersion: '1' } }],
    ['an unknown field', { bogus: 1, dryRun: ['All'] }],
    ['another kind of body', { kind: 'Pod', apiVersion: 'v1', dryRun: ['All'] }],
    ['an unknown dry run', { dryRun: ['Bogus'] }],
    ['in the foreground, dry', { propagationPolicy: 'Foreground', dryRun: ['All'] }],
    ['as orphans, dry', { propagationPolicy: 'Orphan', dryRun: ['All'] }],
  ];
  return [
    ...options.map(([label, body]) => send('DELETE', `delete with ${label}`, path, body)),
    send('DELETE', 'delete dry', `${path}?dryRun=All`),
    send('DELETE', 'delete', path, { gracePeriodSeconds: 0 }),
    patch('merge-patch', 'finalizers away', path, { metadata: { finalizers: null } }),
    { label: 'get what was deleted', method: 'GET', path, headers: {} },
  ];
}

function withMeta(base: JsonObject, extra: JsonObject): JsonObject {
  return { ...base, metadata: { ...(isJsonObject(base.metadata) ? base.metadata : {}), ...extra } };
}

function send(method: string, label: string, path: string, body?: JsonValue): Exchange {
  return { label, method, path, headers: {}, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

function patch(type: string, label: string, path: string, body: JsonValue): Exchange {
  const suffix = type === 'apply-patch' ? 'yaml' : 'json';
  return {
    label: `${type} ${label}`,
    method: 'PATCH',
    path,
    headers: { 'content-type': `application/${type}+${suffix}` },
    body: JSON.stringify(body),
  };
}
