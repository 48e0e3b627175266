/** Lists and watches through the door. Source: the Kubernetes API concepts page, and k8s.io/apiserver/pkg/storage/cacher. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../api/request.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { nameOf, objectsAt, stringAt } from './object-access.ts';
import { createTestDoor, type TestDoor } from './testing/test-door.ts';

const services = '/api/v1/namespaces/default/services';

function service(name: string, app = 'web'): JsonObject {
  return { metadata: { name, labels: { app } }, spec: { ports: [{ port: 80 }] } };
}

function watch(
  door: TestDoor,
  path: string,
  query: readonly (readonly [string, string])[] = [],
  accept = 'application/json',
): WatchEvent[] {
  const answer = door.transport.send({
    method: 'GET',
    path,
    query: [['watch', 'true'], ...query],
    headers: { accept },
  });
  if (answer.type !== 'watch') throw new Error(JSON.stringify(answer));
  const events: WatchEvent[] = [];
  answer.watch.onEvent((event) => events.push(event));
  return events;
}

function summary(events: readonly WatchEvent[]): readonly string[] {
  return events.map(({ type, object }) => `${type} ${isJsonObject(object) ? nameOf(object) : ''}`);
}

describe('watch', () => {
  it('without a resourceVersion begins with what is there', () => {
    const door = createTestDoor();
    const events = watch(door, services);
    door.post(services, service('web'));
    expect(summary(events)).toEqual(['ADDED kubernetes', 'ADDED web']);
  });

  it('from a resourceVersion tells what came after it', () => {
    const door = createTestDoor();
    const from = stringAt(door.post(services, service('a')), 'metadata', 'resourceVersion');
    door.post(services, service('b'));
    door.patch(`${services}/a`, 'merge', { metadata: { labels: { x: 'y' } } });
    door.delete(`${services}/b`);
    const events = watch(door, services, [['resourceVersion', from]]);
    expect(summary(events)).toEqual(['ADDED b', 'MODIFIED a', 'DELETED b']);
  });

  it('gives a deleted object the resourceVersion of its deletion', () => {
    const door = createTestDoor();
    const events = watch(door, services);
    const created = door.post(services, service('a'));
    door.delete(`${services}/a`);
    const last = events.at(-1)?.object;
    const deleted = isJsonObject(last) ? Number(stringAt(last, 'metadata', 'resourceVersion')) : 0;
    expect(deleted).toBeGreaterThan(Number(stringAt(created, 'metadata', 'resourceVersion')));
  });

  it('tells an object that leaves the selection as deleted, and one that enters it as added', () => {
    const door = createTestDoor();
    door.post(services, service('a'));
    const events = watch(door, services, [['labelSelector', 'app=web']]);
    door.patch(`${services}/a`, 'merge', { metadata: { labels: { app: 'other' } } });
    door.patch(`${services}/a`, 'merge', { metadata: { labels: { app: 'web' } } });
    expect(summary(events)).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
  });

  it('of one namespace is silent about others', () => {
    const door = createTestDoor();
    const events = watch(door, '/api/v1/namespaces/kube-system/services');
    door.post(services, service('a'));
    door.post('/api/v1/namespaces/kube-system/services', service('b'));
    expect(summary(events)).toEqual(['ADDED b']);
  });

  it('ends the initial events with a bookmark when asked to', () => {
    const events = watch(createTestDoor(), services, [
      ['sendInitialEvents', 'true'],
      ['allowWatchBookmarks', 'true'],
      ['resourceVersionMatch', 'NotOlderThan'],
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'Service', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  it('says the columns of a Table once', () => {
    const door = createTestDoor();
    const events = watch(door, services, [], 'application/json;as=Table;v=v1;g=meta.k8s.io');
    door.post(services, service('a'));
    const tables = events.map(({ object }) => (isJsonObject(object) ? object : {}));
    expect(tables.map(({ columnDefinitions }) => columnDefinitions !== null)).toEqual([true, false]);
  });

  it('tells nothing after it was stopped', () => {
    const door = createTestDoor();
    const answer = door.transport.send({ method: 'GET', path: services, query: [['watch', 'true']] });
    if (answer.type !== 'watch') throw new Error('no watch');
    const events: WatchEvent[] = [];
    answer.watch.onEvent((event) => events.push(event));
    answer.watch.stop();
    door.post(services, service('a'));
    expect(summary(events)).toEqual(['ADDED kubernetes']);
  });
});

const step = fc.record({
  verb: fc.constantFrom('create', 'label', 'delete'),
  name: fc.constantFrom('a', 'b', 'c'),
  label: fc.constantFrom('x', 'y'),
});

describe('a watch replayed from any resourceVersion', () => {
  it('ends in the list', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const door = createTestDoor();
        const lists = [door.get(services)];
        for (const { verb, name, label } of steps) {
          if (verb === 'create') door.post(services, service(name, label));
          else if (verb === 'delete') door.delete(`${services}/${name}`);
          else door.patch(`${services}/${name}`, 'merge', { metadata: { labels: { app: label } } });
          lists.push(door.get(services));
        }
        const last = byName(objectsAt(door.get(services), 'items'));
        for (const list of lists) {
          const objects = byName(objectsAt(list, 'items'));
          const from = stringAt(list, 'metadata', 'resourceVersion');
          for (const { type, object } of watch(door, services, [['resourceVersion', from]])) {
            if (!isJsonObject(object)) continue;
            if (type === 'DELETED') objects.delete(nameOf(object));
            else objects.set(nameOf(object), JSON.stringify(object.metadata));
          }
          expect([...objects].sort()).toEqual([...last].sort());
        }
      }),
      { numRuns: 30 },
    );
  });
});

function byName(objects: readonly JsonObject[]): Map<string, string> {
  return new Map(objects.map((object) => [nameOf(object), JSON.stringify(object.metadata)]));
}

describe('a watch from a revision that is yet to come', () => {
  it('waits for it, unless it is to begin with what is there', () => {
    const door = createTestDoor();
    const events = watch(door, services, [['resourceVersion', '9']]);
    for (const name of ['a', 'b', 'c']) door.post(services, service(name));
    expect(summary(events)).toEqual(['ADDED c']);
    const refused = watch(door, services, [
      ['resourceVersion', '99'],
      ['resourceVersionMatch', 'NotOlderThan'],
      ['sendInitialEvents', 'true'],
    ]);
    expect(refused).toMatchObject([{ type: 'ERROR', object: { reason: 'Timeout', code: 504 } }]);
  });
});

describe('list', () => {
  it('comes in pages that together are the whole', () => {
    const door = createTestDoor();
    for (const name of ['a', 'b', 'c']) door.post(services, service(name));
    const names: string[] = [];
    let token = '';
    for (let page = 0; page < 4; page += 1) {
      const list = door.body({
        method: 'GET',
        path: services,
        query: [['limit', '2'], ...(token === '' ? [] : [['continue', token] as const])],
      });
      names.push(...objectsAt(list, 'items').map(nameOf));
      if (page === 0) expect(list).toMatchObject({ metadata: { remainingItemCount: 2 } });
      token = stringAt(list, 'metadata', 'continue');
      if (token === '') break;
    }
    expect(names).toEqual(['a', 'b', 'c', 'kubernetes']);
  });

  it('goes on as it was at its first page, whatever changes meanwhile', () => {
    const door = createTestDoor();
    for (const name of ['a', 'b', 'c']) door.post(services, service(name));
    const first = door.body({ method: 'GET', path: services, query: [['limit', '1']] });
    door.delete(`${services}/b`);
    door.patch(`${services}/c`, 'merge', { metadata: { labels: { app: 'new' } } });
    door.post(services, service('d'));
    const token = stringAt(first, 'metadata', 'continue');
    const rest = door.body({ method: 'GET', path: services, query: [['continue', token]] });
    expect(
      objectsAt(rest, 'items').map(
        (item) => `${nameOf(item)} ${stringAt(item, 'metadata', 'labels', 'app')}`,
      ),
    ).toEqual(['b web', 'c web', 'kubernetes ']);
    expect(stringAt(rest, 'metadata', 'resourceVersion')).toBe(
      stringAt(first, 'metadata', 'resourceVersion'),
    );
  });

  it('shows the revision that is asked for exactly', () => {
    const door = createTestDoor();
    const made = door.post(services, service('a'));
    door.post(services, service('b'));
    const at = (match: string) =>
      objectsAt(
        door.body({
          method: 'GET',
          path: services,
          query: [
            ['resourceVersion', stringAt(made, 'metadata', 'resourceVersion')],
            ['resourceVersionMatch', match],
          ],
        }),
        'items',
      ).map(nameOf);
    expect([at('Exact'), at('NotOlderThan')]).toEqual([
      ['a', 'kubernetes'],
      ['a', 'b', 'kubernetes'],
    ]);
  });

  const encode = (token: object) => Buffer.from(JSON.stringify(token)).toString('base64url');
  // Source: apimachinery internalversion/validation.go, apiserver storage/interfaces.go, continue.go, errors.go.
  it.each([
    [
      'continue=a!',
      400,
      'invalid continue token: continue key is not valid: illegal base64 data at input byte 1',
    ],
    [
      `continue=${encode({ v: 'v0', rv: 1, start: 'a' })}`,
      400,
      'invalid continue token: continue key is not valid: server does not recognize this encoded version v0',
    ],
    [
      `continue=${encode({ v: 'meta.k8s.io/v1', start: 'a' })}`,
      400,
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    [
      `continue=${encode({ v: 'meta.k8s.io/v1', rv: 3, start: '../secrets' })}`,
      400,
      'invalid continue token: continue key is not valid: ../secrets',
    ],
    [
      `continue=${encode({ v: 'meta.k8s.io/v1', rv: 3, start: 'a' })}&resourceVersion=3`,
      400,
      'specifying resource version is not allowed when using continue',
    ],
    [
      'resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersion=1&resourceVersionMatch=Near',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'sendInitialEvents=true',
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    [
      'watch=true&sendInitialEvents=true',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'watch=true&resourceVersion=1&resourceVersionMatch=NotOlderThan',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
    ['resourceVersion=99999', 504, 'Timeout: Too large resource version: 99999, current: 7'],
    ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ])('refuses %s', (text, code, message) => {
    const door = createTestDoor();
    const answer = door.transport.send({
      method: 'GET',
      path: services,
      query: [...new URLSearchParams(text)],
    });
    expect(answer).toMatchObject({ code, body: { message } });
  });

  it('over all namespaces is ordered by namespace, then name', () => {
    const door = createTestDoor();
    door.post('/api/v1/namespaces/kube-system/services', service('a'));
    door.post(services, service('z'));
    expect(objectsAt(door.get('/api/v1/services'), 'items').map(nameOf)).toEqual(['kubernetes', 'z', 'a']);
  });

  it('has the kind, apiVersion and resourceVersion of the list', () => {
    expect(createTestDoor().get('/api/v1/services')).toMatchObject({
      kind: 'ServiceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7' },
    });
  });

  it('of Endpoints warns that they are deprecated', () => {
    const answer = createTestDoor().transport.send({ method: 'GET', path: '/api/v1/endpoints' });
    expect(answer.type === 'object' && answer.warnings).toEqual([
      'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    ]);
  });
});

describe('fork', () => {
  it('leaves the parent untouched by what the child does', () => {
    const parent = createTestDoor();
    parent.post(services, service('a'));
    const before = JSON.stringify(parent.get('/api/v1/services'));
    const child = parent.fork();
    child.post(services, service('b'));
    child.delete(`${services}/a`);
    child.delete('/api/v1/namespaces/kube-system');
    expect(JSON.stringify(parent.get('/api/v1/services'))).toBe(before);
    expect(objectsAt(child.get(services), 'items').map(nameOf)).toEqual(['b', 'kubernetes']);
  });

  it('does what its parent would have done', () => {
    const parent = createTestDoor();
    const child = parent.fork();
    expect(child.post(services, service('a'))).toEqual(parent.post(services, service('a')));
  });
});
