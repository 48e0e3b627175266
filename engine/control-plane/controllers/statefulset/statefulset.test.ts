/**
 * The life of a StatefulSet's Pods. Source of what is expected: pkg/controller/statefulset/stateful_set_control_test.go and
 * stateful_pod_control.go (events) of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import {
  controllerRevisions,
  persistentVolumeClaims,
  pods,
  statefulSets,
} from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createSet(world: TestWorld, spec: JsonObject = {}, container: JsonObject = {}): void {
  world.create(statefulSets, 'default', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web' },
    spec: {
      serviceName: 'web',
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'web', image: 'box', ...container }],
        },
      },
      ...spec,
    },
  });
}

function change(world: TestWorld, spec: JsonObject): void {
  const answer = world.client.mergePatch(statefulSets, 'default', 'web', { spec });
  if (!answer.ok) throw new Error(answer.error.message);
}

function podsOf(world: TestWorld) {
  return world.client.list(pods, 'default');
}

const names = (world: TestWorld) => podsOf(world).map(({ metadata }) => metadata.name);

function status(world: TestWorld) {
  const answer = world.client.get(statefulSets, 'default', 'web');
  return answer.ok ? answer.value.status : undefined;
}

function updateTemplate(world: TestWorld): void {
  change(world, { template: { metadata: { annotations: { version: '2' } } } });
}

const updated = (world: TestWorld) =>
  podsOf(world)
    .filter(({ metadata }) => metadata.annotations?.version === '2')
    .map(({ metadata }) => metadata.name);

describe('the Pods of a StatefulSet', () => {
  it('come one after the other, each when the one before it is ready', () => {
    const world = createTestWorld();
    createSet(world);
    world.queue.runUntil(() => names(world).length === 2, 60_000);
    expect(podsOf(world).map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
      ['web-0', 'Running'],
      ['web-1', 'Pending'],
    ]);
    world.settle();
    expect(names(world)).toEqual(['web-0', 'web-1', 'web-2']);
  });

  it('come at once when the policy is Parallel', () => {
    const world = createTestWorld();
    createSet(world, { podManagementPolicy: 'Parallel' });
    world.queue.runUntil(() => names(world).length > 0, 60_000);
    expect(names(world)).toEqual(['web-0', 'web-1', 'web-2']);
  });

  it('carry their names as host names, their numbers and their revision as labels', () => {
    const world = createTestWorld();
    createSet(world, { replicas: 1, ordinals: { start: 5 } });
    world.settle();
    const [pod] = podsOf(world);
    expect(pod?.spec).toMatchObject({ hostname: 'web-5', subdomain: 'web' });
    expect(pod?.metadata.labels).toEqual({
      app: 'web',
      'apps.kubernetes.io/pod-index': '5',
      'controller-revision-hash': status(world)?.updateRevision,
      'statefulset.kubernetes.io/pod-name': 'web-5',
    });
  });

  it('are told by events', () => {
    const world = createTestWorld();
    createSet(world, { replicas: 1 });
    world.settle();
    change(world, { replicas: 0 });
    world.settle();
    expect(world.eventsAbout('web')).toEqual([
      'Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful',
      'Normal SuccessfulDelete Delete Pod web-0 in StatefulSet web successful',
    ]);
  });

  it('go from the highest number down, and come back under the same name', () => {
    const world = createTestWorld();
    createSet(world);
    world.settle();
    change(world, { replicas: 1 });
    world.settle();
    expect(names(world)).toEqual(['web-0']);
    const [before] = podsOf(world);
    world.client.delete(pods, 'default', 'web-0');
    world.settle();
    expect(names(world)).toEqual(['web-0']);
    expect(podsOf(world)[0]?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  it('wait with the next one until the first has been available long enough', () => {
    const world = createTestWorld();
    createSet(world, { replicas: 2, minReadySeconds: 30 });
    world.advance(20);
    expect(names(world)).toEqual(['web-0']);
    expect(status(world)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    world.settle();
    expect(status(world)).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
  });
});

describe('a new template', () => {
  it.each([
    { name: 'reaches every Pod', strategy: { type: 'RollingUpdate' }, want: ['web-0', 'web-1', 'web-2'] },
    {
      name: 'stops at the partition',
      strategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      want: ['web-2'],
    },
    { name: 'waits for deletions with OnDelete', strategy: { type: 'OnDelete' }, want: [] },
  ])('$name', ({ strategy, want }) => {
    const world = createTestWorld();
    createSet(world, { updateStrategy: strategy });
    world.settle();
    updateTemplate(world);
    world.settle();
    expect(updated(world)).toEqual(want);
    expect(status(world)?.updatedReplicas ?? 0).toBe(want.length);
    expect(status(world)?.currentRevision === status(world)?.updateRevision).toBe(want.length === 3);
  });

  it('is taken by the Pod with the highest number first', () => {
    const world = createTestWorld();
    createSet(world);
    world.settle();
    updateTemplate(world);
    world.queue.runUntil(() => updated(world).length > 0, 60_000);
    expect(updated(world)).toEqual(['web-2']);
  });

  it('makes a revision, and an old one is taken up again under a new number', () => {
    const world = createTestWorld();
    createSet(world, { replicas: 1 });
    world.settle();
    updateTemplate(world);
    world.settle();
    change(world, { template: { metadata: { annotations: null } } });
    world.settle();
    const revisions = world.client.list(controllerRevisions, 'default');
    expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3]);
    expect(updated(world)).toEqual([]);
  });
});

describe('a volume claim template', () => {
  const volumeClaimTemplates = [
    {
      metadata: { name: 'www' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ];
  const claims = (world: TestWorld) =>
    world.client.list(persistentVolumeClaims, 'default').map(({ metadata }) => metadata.name);

  it.each([
    { name: 'keeps the claim of a Pod that was scaled away', policy: {}, want: ['www-web-0', 'www-web-1'] },
    {
      name: 'lets the claim go with the Pod when the policy says so',
      policy: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' } },
      want: ['www-web-0'],
    },
  ])('$name', ({ policy, want }) => {
    const world = createTestWorld();
    createSet(world, { replicas: 2, podManagementPolicy: 'Parallel', volumeClaimTemplates, ...policy });
    world.settle();
    expect(claims(world)).toEqual(['www-web-0', 'www-web-1']);
    expect(world.eventsAbout('web')).toContain(
      'Normal SuccessfulCreate Create Claim www-web-0 Pod web-0 in StatefulSet web success',
    );
    change(world, { replicas: 1 });
    world.settle();
    expect(claims(world)).toEqual(want);
  });
});
