/**
 * Controllers on a running cluster. Messages are those of pkg/controller of release 1.36; deletion order is that of
 * controller_utils.go (ActivePodsWithRanks).
 */
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/types/kinds.ts';
import {
  endpointSlices,
  endpoints,
  namespaces,
  pods,
  replicationControllers,
  services,
} from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

const template = (labels: JsonObject, container: JsonObject = {}): JsonObject => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'box', ...container }] },
});

function createController(world: TestWorld, replicas: number, container: JsonObject = {}): void {
  world.create(replicationControllers, 'default', {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'web' },
    spec: { replicas, selector: { app: 'web' }, template: template({ app: 'web' }, container) },
  });
}

function createService(world: TestWorld, spec: JsonObject = {}, labels: JsonObject = {}): void {
  world.create(services, 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  });
}

function slices(world: TestWorld, name = 'web') {
  return world.client
    .list(endpointSlices, 'default')
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name);
}

function podNames(list: readonly Pod[]): readonly string[] {
  return list.map(({ metadata }) => metadata.name);
}

const firstPod = (world: TestWorld) => world.client.list(pods, 'default')[0]?.metadata.name ?? '';

describe('replication controller', () => {
  it('makes three Pods that run on both workers', () => {
    const world = createTestWorld();
    createController(world, 3);
    world.settle();
    const list = world.client.list(pods, 'default');
    expect(list.map(({ status, spec }) => [status?.phase, spec?.nodeName, status?.podIP])).toEqual(
      expect.arrayContaining([
        ['Running', 'worker-1', '10.244.1.2'],
        ['Running', 'worker-2', '10.244.2.2'],
        ['Running', 'worker-1', '10.244.1.3'],
      ]),
    );
    const answer = world.client.get(replicationControllers, 'default', 'web');
    expect(answer.ok && answer.value.status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    expect(world.eventsAbout('web').length).toBe(3);
    expect(world.eventsAbout('web')).toEqual(
      expect.arrayContaining(podNames(list).map((name) => `Normal SuccessfulCreate Created pod: ${name}`)),
    );
  });

  it('replaces a Pod that is deleted', () => {
    const world = createTestWorld();
    createController(world, 3);
    world.settle();
    const gone = firstPod(world);
    world.client.delete(pods, 'default', gone);
    world.settle();
    const list = world.client.list(pods, 'default');
    expect(list.length).toBe(3);
    expect(podNames(list)).not.toContain(gone);
    expect(list.every(({ status }) => status?.phase === 'Running')).toBe(true);
  });

  it('lets a Pod go whose label is changed, and takes one in that carries it', () => {
    const world = createTestWorld();
    createController(world, 2);
    world.settle();
    const released = firstPod(world);
    world.client.mergePatch(pods, 'default', released, { metadata: { labels: { app: 'other' } } });
    world.settle();
    const answer = world.client.get(pods, 'default', released);
    expect(answer.ok && answer.value.metadata.ownerReferences).toBeUndefined();
    expect(world.client.list(pods, 'default').length).toBe(3);
    world.client.mergePatch(pods, 'default', released, { metadata: { labels: { app: 'web' } } });
    world.settle();
    expect(world.client.list(pods, 'default').length).toBe(2);
  });

  it('takes away first what is not ready, then what is crowded, then what is youngest', () => {
    const world = createTestWorld();
    createController(world, 3);
    world.settle();
    const crowded = world.client.list(pods, 'default').filter(({ spec }) => spec?.nodeName === 'worker-1');
    world.client.mergePatch(replicationControllers, 'default', 'web', { spec: { replicas: 2 } });
    world.settle();
    const left = podNames(world.client.list(pods, 'default'));
    expect(podNames(crowded).filter((name) => left.includes(name)).length).toBe(1);
    expect(world.eventsAbout('web').at(-1)).toMatch(/^Normal SuccessfulDelete Deleted pod: web-[a-z0-9]{5}$/);
  });

  it('is followed by its Pods when it is deleted, unless they are to be orphans', () => {
    const world = createTestWorld();
    createController(world, 2);
    world.settle();
    const fork = world.fork();
    world.client.delete(replicationControllers, 'default', 'web', { propagationPolicy: 'Background' });
    world.settle();
    expect(world.client.list(pods, 'default')).toEqual([]);
    fork.client.delete(replicationControllers, 'default', 'web', { propagationPolicy: 'Orphan' });
    fork.settle();
    expect(fork.client.list(replicationControllers)).toEqual([]);
    const orphans = fork.client.list(pods, 'default');
    expect(orphans.map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined, undefined]);
  });

  it('stays until its Pods have gone under foreground deletion', () => {
    const world = createTestWorld();
    createController(world, 2, { command: ['server', '80'] });
    world.settle();
    world.client.delete(replicationControllers, 'default', 'web', { propagationPolicy: 'Foreground' });
    expect(world.client.list(replicationControllers).length).toBe(1);
    world.settle();
    expect(world.client.list(replicationControllers)).toEqual([]);
    expect(world.client.list(pods, 'default')).toEqual([]);
  });
});

describe('endpoints in both forms', () => {
  it('list the three Pods as ready', () => {
    const world = createTestWorld();
    createService(world, {}, { team: 'a' });
    createController(world, 3);
    world.settle();
    const [slice] = slices(world);
    expect(slices(world).length).toBe(1);
    expect(slice?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(slice?.metadata.labels).toEqual({
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    expect(slice?.ports).toEqual([{ name: '', port: 80, protocol: 'TCP' }]);
    expect(slice?.endpoints?.map(({ conditions }) => conditions)).toEqual(
      Array.from({ length: 3 }, () => ({ ready: true, serving: true, terminating: false })),
    );
    const old = world.client.get(endpoints, 'default', 'web');
    expect(old.ok && old.value.subsets?.map((subset) => subset.addresses?.map(({ ip }) => ip))).toEqual([
      ['10.244.1.2', '10.244.1.3', '10.244.2.2'],
    ]);
  });

  it('keep one empty slice for a Service without Pods, and the same slice fills up', () => {
    const world = createTestWorld();
    createService(world);
    world.settle();
    const before = slices(world);
    expect(before.map((slice) => [slice.endpoints ?? [], slice.ports ?? []])).toEqual([[[], []]]);
    createController(world, 1);
    world.settle();
    expect(slices(world).map(({ metadata }) => metadata.name)).toEqual(
      before.map(({ metadata }) => metadata.name),
    );
    expect(slices(world)[0]?.endpoints?.length).toBe(1);
  });

  it('tell a Pod that is not ready apart', () => {
    const world = createTestWorld();
    createService(world);
    createController(world, 1, { readinessProbe: { httpGet: { port: 80 } } });
    world.settle();
    expect(slices(world)[0]?.endpoints?.[0]?.conditions).toEqual({
      ready: false,
      serving: false,
      terminating: false,
    });
    const old = world.client.get(endpoints, 'default', 'web');
    expect(old.ok && old.value.subsets?.[0]?.notReadyAddresses?.length).toBe(1);
    world.client.mergePatch(services, 'default', 'web', { spec: { publishNotReadyAddresses: true } });
    world.settle();
    expect(slices(world)[0]?.endpoints?.[0]?.conditions?.ready).toBe(true);
  });

  // Source: endpointSliceChangeMinSyncDelay and onEndpointSliceUpdate of pkg/controller/endpointslice.
  it.each([
    ['emptied by hand', { endpoints: [] }],
    ['given to another Service', { metadata: { labels: { 'kubernetes.io/service-name': 'other' } } }],
    ['taken from its Service', { metadata: { labels: { 'kubernetes.io/service-name': null } } }],
  ])('are put right a second after one was %s', (_, patch) => {
    const world = createTestWorld();
    createService(world);
    createController(world, 1);
    world.settle();
    const count = () => slices(world).flatMap((slice) => slice.endpoints ?? []).length;
    expect(count()).toBe(1);
    world.client.mergePatch(endpointSlices, 'default', slices(world)[0]?.metadata.name ?? '', patch);
    world.advance(0.9);
    expect(count()).toBe(0);
    world.advance(0.2);
    expect(count()).toBe(1);
  });

  it('tell a Pod that is about to go apart while it still serves', () => {
    const world = createTestWorld();
    createService(world);
    createController(world, 1);
    world.settle();
    world.client.delete(pods, 'default', firstPod(world), { gracePeriodSeconds: 60 });
    world.advance(1);
    const conditions = slices(world)[0]?.endpoints?.map((endpoint) => endpoint.conditions);
    expect(conditions).toContainEqual({ ready: false, serving: true, terminating: true });
  });

  it('resolve a named port for each Pod, so that two versions make two slices', () => {
    const world = createTestWorld();
    createService(world, { ports: [{ port: 80, targetPort: 'http' }] });
    for (const [name, port] of [
      ['old', 8080],
      ['new', 9090],
    ] as const) {
      world.create(pods, 'default', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'box',
              command: ['server', `${port}`],
              ports: [{ name: 'http', containerPort: port }],
            },
          ],
        },
      });
    }
    world.settle();
    expect(
      slices(world).map(({ ports, endpoints: list }) => [ports?.[0]?.port, list?.[0]?.targetRef?.name]),
    ).toEqual(
      expect.arrayContaining([
        [8080, 'old'],
        [9090, 'new'],
      ]),
    );
  });

  it('are mirrored into a slice when they were written by hand', () => {
    const world = createTestWorld();
    world.create(services, 'default', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'db' },
      spec: { ports: [{ port: 5432 }] },
    });
    world.create(endpoints, 'default', {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'db' },
      subsets: [{ addresses: [{ ip: '198.51.100.20' }], ports: [{ port: 5432 }] }],
    });
    world.settle();
    expect(slices(world, 'db').map((slice) => [slice.endpoints, slice.ports])).toEqual([
      [
        [{ addresses: ['198.51.100.20'], conditions: { ready: true } }],
        [{ name: '', port: 5432, protocol: 'TCP' }],
      ],
    ]);
    expect(slices(world, 'db')[0]?.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe(
      'endpointslicemirroring-controller.k8s.io',
    );
    world.client.delete(endpoints, 'default', 'db');
    world.settle();
    expect(slices(world, 'db')).toEqual([]);
  });

  it('come back as they were in a slice that somebody else empties or deletes', () => {
    const world = createTestWorld();
    createService(world);
    createController(world, 2);
    world.settle();
    const [slice] = slices(world);
    const name = slice?.metadata.name ?? '';
    expect(slice?.endpoints?.length).toBe(2);
    world.client.mergePatch(endpointSlices, 'default', name, { endpoints: [] });
    world.settle();
    expect(slices(world)[0]?.endpoints).toEqual(slice?.endpoints);
    world.client.delete(endpointSlices, 'default', name);
    world.settle();
    expect(slices(world).map((other) => other.endpoints)).toEqual([slice?.endpoints]);
  });

  it('go with the Service', () => {
    const world = createTestWorld();
    createService(world);
    createController(world, 1);
    world.settle();
    world.client.delete(services, 'default', 'web');
    world.settle();
    expect(slices(world)).toEqual([]);
    expect(world.client.get(endpoints, 'default', 'web').ok).toBe(false);
  });
});

describe('namespace controller', () => {
  it('empties a namespace, waits for its Pods, and lets it go', () => {
    const world = createTestWorld();
    world.create(namespaces, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } });
    world.create(pods, 'test', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { terminationGracePeriodSeconds: 10, containers: [{ name: 'web', image: 'box' }] },
    });
    world.settle();
    world.client.delete(namespaces, '', 'test');
    world.advance(1);
    const answer = world.client.get(namespaces, '', 'test');
    expect(answer.ok && answer.value.status?.phase).toBe('Terminating');
    expect(
      answer.ok &&
        answer.value.status?.conditions?.map(({ type, status, message }) => [type, status, message]),
    ).toContainEqual([
      'NamespaceContentRemaining',
      'True',
      'Some resources are remaining: pods. has 1 resource instances',
    ]);
    world.settle();
    expect(world.client.get(namespaces, '', 'test').ok).toBe(false);
  });
});
