/**
 * Client, informers, work queues and event recorder. Sources: client-go/tools/cache, util/workqueue and tools/record of
 * release 1.36. They run against a transport that holds objects in a plain list, since the room below knows no server.
 */
import { describe, expect, it } from 'vitest';
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from '../api/request.ts';
import type { Pod } from '../api/types/kinds.ts';
import { pods, services } from '../api/types/resources.ts';
import { EventQueue, eventQueueState } from '../base/event-queue.ts';
import { forkState } from '../base/fork-state.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { defaultLimits } from '../base/limits.ts';
import type { ReconcileOutcome } from './client.ts';
import { clientsState, createControllerContexts } from './controller-context.ts';
import { createClient, pathOf } from './create-client.ts';
import { createWorkqueue, workqueueState } from './workqueue.ts';

const user = { name: 'tester', groups: [] };
const startMs = 1_777_636_800_000;

function pod(name: string, resourceVersion = '1'): Pod & JsonObject {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion,
      creationTimestamp: '2026-05-01T12:00:00Z',
    },
  };
}

/** A server that remembers what it was asked and answers as told. */
function scriptedTransport(answer: (request: ApiRequest) => JsonObject): {
  readonly transport: Transport;
  readonly requests: ApiRequest[];
  readonly watchers: ((event: WatchEvent) => void)[];
} {
  const requests: ApiRequest[] = [];
  const watchers: ((event: WatchEvent) => void)[] = [];
  const transport: Transport = {
    send(request): ApiResponse {
      requests.push(request);
      if (request.query?.some(([name]) => name === 'watch') === true) {
        const watch = {
          onEvent: (listener: (event: WatchEvent) => void) => watchers.push(listener),
          bookmark: () => ({ type: 'BOOKMARK' as const, object: {} }),
          stop() {},
        };
        return { type: 'watch', code: 200, warnings: [], watch };
      }
      const body = answer(request);
      const code = typeof body.code === 'number' ? body.code : request.method === 'POST' ? 201 : 200;
      return { type: 'object', code, warnings: [], body };
    },
  };
  return { transport, requests, watchers };
}

describe('client', () => {
  it.each([
    ['get', 'GET', '/api/v1/namespaces/default/pods/web'],
    ['create', 'POST', '/api/v1/namespaces/default/pods'],
    ['update', 'PUT', '/api/v1/namespaces/default/pods/web'],
    ['updateStatus', 'PUT', '/api/v1/namespaces/default/pods/web/status'],
    ['mergePatch', 'PATCH', '/api/v1/namespaces/default/pods/web/status'],
    ['delete', 'DELETE', '/api/v1/namespaces/default/pods/web'],
    ['bind', 'POST', '/api/v1/namespaces/default/pods/web/binding'],
  ])('%s sends %s %s', (verb, method, path) => {
    const { transport, requests } = scriptedTransport(() => pod('web'));
    const client = createClient(transport, user, 'test/v1');
    const verbs: Record<string, () => unknown> = {
      get: () => client.get(pods, 'default', 'web'),
      create: () => client.create(pods, 'default', pod('web')),
      update: () => client.update(pods, pod('web')),
      updateStatus: () => client.updateStatus(pods, pod('web')),
      mergePatch: () => client.mergePatch(pods, 'default', 'web', {}, 'status'),
      delete: () => client.delete(pods, 'default', 'web', { gracePeriodSeconds: 0 }),
      bind: () => client.createSubresource(pods, 'default', 'web', 'binding', {}),
    };
    expect(verbs[verb]?.()).toEqual({ ok: true, value: pod('web') });
    expect(requests).toMatchObject([{ method, path, user, headers: { 'user-agent': 'test/v1' } }]);
  });

  it('gives a refusal as the Status it came with', () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'NotFound',
      message: 'no',
      code: 404,
    };
    const { transport } = scriptedTransport(() => status);
    expect(createClient(transport, user, 'test/v1').get(pods, 'default', 'web')).toEqual({
      ok: false,
      error: status,
    });
  });

  it('gives the items of a list their kind', () => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = pod('web');
    const { transport } = scriptedTransport(() => ({ kind: 'PodList', items: [item] }));
    expect(createClient(transport, user, 'test/v1').list(pods)).toEqual([pod('web')]);
  });

  it('knows the paths of cluster-scoped and named-group resources', () => {
    expect(pathOf({ ...services, group: 'apps' }, 'x', 'y')).toBe('/apis/apps/v1/namespaces/x/services/y');
    expect(pathOf({ ...services, namespaced: false }, '', 'y')).toBe('/api/v1/services/y');
  });
});

describe('informer', () => {
  const list = (): JsonObject => ({ kind: 'PodList', metadata: { resourceVersion: '5' }, items: [pod('a')] });

  it('is one per kind, and lists and watches once', () => {
    const { transport, requests } = scriptedTransport(list);
    const queue = new EventQueue(eventQueueState(startMs), defaultLimits);
    const context = createControllerContexts({ transport, queue }, clientsState())(user, 'test/v1');
    context.informers.informer(pods);
    expect(context.informers.informer(pods).list()).toEqual([pod('a')]);
    expect(requests.map(({ query }) => query ?? [])).toEqual([
      [],
      [
        ['watch', 'true'],
        ['resourceVersion', '5'],
      ],
    ]);
  });

  it('tells listeners what was and what is', () => {
    const { transport, watchers } = scriptedTransport(list);
    const queue = new EventQueue(eventQueueState(startMs), defaultLimits);
    const informer = createControllerContexts({ transport, queue }, clientsState())(
      user,
      'x',
    ).informers.informer(pods);
    const changes: string[] = [];
    informer.onChange(({ before, after }) =>
      changes.push(`${before?.metadata.resourceVersion ?? '-'} ${after?.metadata.resourceVersion ?? '-'}`),
    );
    watchers[0]?.({ type: 'ADDED', object: pod('b', '6') });
    watchers[0]?.({ type: 'MODIFIED', object: pod('b', '7') });
    watchers[0]?.({ type: 'DELETED', object: pod('b', '8') });
    expect(changes).toEqual(['- 6', '6 7', '8 -']);
    expect(informer.get('default', 'b')).toBeUndefined();
  });

  it('of a forked cluster goes on from the revision that was reached, apart from its parent', () => {
    const first = scriptedTransport(list);
    const state = clientsState();
    const queue = new EventQueue(eventQueueState(startMs), defaultLimits);
    const parent = createControllerContexts({ transport: first.transport, queue }, state)(
      user,
      'x',
    ).informers.informer(pods);
    first.watchers[0]?.({ type: 'ADDED', object: pod('b', '6') });
    const second = scriptedTransport(list);
    const child = createControllerContexts({ transport: second.transport, queue }, forkState(state))(
      user,
      'x',
    ).informers.informer(pods);
    second.watchers[0]?.({ type: 'DELETED', object: pod('a', '7') });
    expect(second.requests.map(({ query }) => query?.[1]?.[1])).toEqual(['6']);
    expect(child.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(parent.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });
});

describe('workqueue', () => {
  function run(outcomes: Record<string, readonly ReconcileOutcome[]>) {
    const queue = new EventQueue(eventQueueState(0), defaultLimits);
    const handled: string[] = [];
    const left = new Map(Object.entries(outcomes).map(([key, list]) => [key, [...list]]));
    const work = createWorkqueue({ queue, name: 'test' }, workqueueState(), (key) => {
      handled.push(`${queue.now()} ${key}`);
      return left.get(key)?.shift() ?? 'done';
    });
    return { queue, work, handled };
  }

  it('handles a key once however often it was added, in order of adding', () => {
    const { queue, work, handled } = run({});
    for (const key of ['b', 'a', 'b', 'a']) work.add(key);
    queue.settle();
    expect(handled).toEqual(['0 b', '0 a']);
  });

  it('handles a key again that was added while it was handled', () => {
    const queue = new EventQueue(eventQueueState(0), defaultLimits);
    let runs = 0;
    const work = createWorkqueue({ queue, name: 'test' }, workqueueState(), (key) => {
      runs += 1;
      if (runs === 1) work.add(key);
      return 'done';
    });
    work.add('a');
    queue.settle();
    expect(runs).toBe(2);
  });

  it('brings a failed key back after 5 ms, 10 ms, 20 ms, and forgets failures after a success', () => {
    const { queue, work, handled } = run({ a: ['retry', 'retry', 'retry', 'done', 'retry'] });
    work.add('a');
    queue.settle();
    work.add('a');
    queue.settle();
    expect(handled).toEqual(['0 a', '5 a', '15 a', '35 a', '35 a', '40 a']);
  });

  it('waits no longer than 1000 s', () => {
    const { queue, work, handled } = run({ a: Array<ReconcileOutcome>(21).fill('retry') });
    work.add('a');
    queue.advance(10_000_000);
    const times = handled.map((line) => Number(line.split(' ')[0]));
    expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBe(1_000_000);
  });

  it('lets the earlier of two times count', () => {
    const { queue, work, handled } = run({});
    work.addAfter('a', 1000);
    work.addAfter('a', 500);
    work.addAfter('a', 2000);
    queue.settle();
    expect(handled).toEqual(['500 a']);
  });

  it('does not keep a cluster from rest with background keys', () => {
    const { queue, work, handled } = run({ a: [{ requeueAfterMs: 60_000, background: true }] });
    work.add('a');
    expect(queue.settle().elapsedMs).toBe(0);
    queue.advance(60_000);
    expect(handled).toEqual(['0 a', '60000 a']);
  });
});

describe('event recorder', () => {
  function recorder(answer: (request: ApiRequest) => JsonObject = () => ({})) {
    const queue = new EventQueue(eventQueueState(startMs), defaultLimits);
    const { transport, requests } = scriptedTransport(answer);
    const context = createControllerContexts({ transport, queue }, clientsState())(user, 'kubelet/v1');
    return { queue, requests, events: context.eventRecorder('kubelet', 'worker-1') };
  }

  it('writes an Event about an object', () => {
    const { requests, events } = recorder();
    events.event(pod('web'), 'Normal', 'Pulled', 'Pulled it', 'spec.containers{web}');
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/events',
        body: {
          kind: 'Event',
          apiVersion: 'v1',
          metadata: { namespace: 'default' },
          involvedObject: {
            kind: 'Pod',
            namespace: 'default',
            name: 'web',
            uid: 'web',
            apiVersion: 'v1',
            resourceVersion: '1',
            fieldPath: 'spec.containers{web}',
          },
          reason: 'Pulled',
          message: 'Pulled it',
          source: { component: 'kubelet', host: 'worker-1' },
          firstTimestamp: '2026-05-01T12:00:00Z',
          lastTimestamp: '2026-05-01T12:00:00Z',
          count: 1,
          type: 'Normal',
          reportingComponent: 'kubelet',
          reportingInstance: 'worker-1',
        },
      },
    ]);
    const body = requests[0]?.body;
    const metadata = isJsonObject(body) ? body.metadata : undefined;
    expect(isJsonObject(metadata) && metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  it('counts the same event up instead of writing it again', () => {
    const { queue, requests, events } = recorder();
    events.event(pod('web'), 'Warning', 'BackOff', 'Back-off');
    queue.advance(10_000);
    events.event(pod('web', '9'), 'Warning', 'BackOff', 'Back-off');
    expect(requests[1]).toMatchObject({
      method: 'PATCH',
      body: { count: 2, lastTimestamp: '2026-05-01T12:00:10Z' },
    });
  });

  it('joins events that differ in their message alone from the tenth on', () => {
    const { requests, events } = recorder();
    for (let index = 0; index < 10; index += 1) events.event(pod('web'), 'Warning', 'Failed', `try ${index}`);
    expect(requests.at(-1)).toMatchObject({
      method: 'POST',
      body: { message: '(combined from similar events): try 9' },
    });
  });

  it('is not heard after 25 events about one object, and then once in five minutes', () => {
    const { queue, requests, events } = recorder();
    for (let index = 0; index < 30; index += 1) events.event(pod('web'), 'Normal', `Reason${index}`, 'x');
    expect(requests.length).toBe(25);
    queue.advance(300_000);
    events.event(pod('web'), 'Normal', 'Later', 'x');
    events.event(pod('web'), 'Normal', 'TooMuch', 'x');
    expect(requests.length).toBe(26);
  });
});
