/**
 * Where a DaemonSet's Pods are and how they are replaced. Source of what is expected: pkg/controller/daemon
 * (daemon_controller_test.go, update_test.go) and daemon/util/daemonset_util.go of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import { controllerRevisions, daemonSets, nodes, pods } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createSet(world: TestWorld, pod: JsonObject = {}, spec: JsonObject = {}): void {
  world.create(daemonSets, 'default', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'agent', image: 'box' }], ...pod },
      },
      ...spec,
    },
  });
  world.settle();
}

const podsOf = (world: TestWorld) => world.client.list(pods, 'default');
const places = (world: TestWorld) =>
  podsOf(world)
    .map(({ spec }) => spec?.nodeName ?? '')
    .sort();

function status(world: TestWorld) {
  const answer = world.client.get(daemonSets, 'default', 'agent');
  return answer.ok ? answer.value.status : undefined;
}

function change(world: TestWorld, spec: JsonObject): void {
  world.client.mergePatch(daemonSets, 'default', 'agent', { spec });
}

const everywhere = { tolerations: [{ operator: 'Exists' }] };
const newTemplate = { template: { metadata: { annotations: { version: '2' } } } };
const updated = (world: TestWorld) =>
  podsOf(world).filter(({ metadata }) => metadata.annotations?.version === '2').length;

describe('the Pods of a DaemonSet', () => {
  it.each([
    { name: 'are on every node whose taints they tolerate', pod: {}, want: ['worker-1', 'worker-2'] },
    {
      name: 'are on the control plane when they tolerate everything',
      pod: everywhere,
      want: ['control-plane', 'worker-1', 'worker-2'],
    },
    {
      name: 'are where the node selector says',
      pod: { nodeSelector: { 'kubernetes.io/hostname': 'worker-2' } },
      want: ['worker-2'],
    },
  ])('$name', ({ pod, want }) => {
    const world = createTestWorld();
    createSet(world, pod);
    expect(places(world)).toEqual(want);
    expect(status(world)).toMatchObject({
      desiredNumberScheduled: want.length,
      currentNumberScheduled: want.length,
      numberAvailable: want.length,
    });
  });

  it('are bound to their nodes by affinity and tolerate what befalls nodes', () => {
    const world = createTestWorld();
    createSet(world, { nodeSelector: { 'kubernetes.io/hostname': 'worker-1' } });
    const spec = podsOf(world)[0]?.spec;
    expect(spec?.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker-1'] }] },
          ],
        },
      },
    });
    expect(spec?.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/disk-pressure:NoSchedule',
      'node.kubernetes.io/memory-pressure:NoSchedule',
      'node.kubernetes.io/pid-pressure:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ]);
  });

  it('stay on a cordoned node, leave one that no longer fits, and come to one that does', () => {
    const world = createTestWorld();
    createSet(world, { nodeSelector: { 'kubernetes.io/os': 'linux' } });
    world.client.mergePatch(nodes, '', 'worker-1', { spec: { unschedulable: true } });
    world.settle();
    expect(places(world)).toEqual(['worker-1', 'worker-2']);
    world.client.mergePatch(nodes, '', 'worker-1', { metadata: { labels: { 'kubernetes.io/os': 'plan9' } } });
    world.settle();
    expect(places(world)).toEqual(['worker-2']);
    world.client.mergePatch(nodes, '', 'control-plane', { spec: { taints: null } });
    world.settle();
    expect(places(world)).toEqual(['control-plane', 'worker-2']);
  });

  it('come back when they were deleted', () => {
    const world = createTestWorld();
    createSet(world);
    const [first] = podsOf(world);
    world.client.delete(pods, 'default', first?.metadata.name ?? '');
    world.settle();
    expect(places(world)).toEqual(['worker-1', 'worker-2']);
  });
});

describe('a new template', () => {
  it('replaces one Pod after the other, and makes a revision', () => {
    const world = createTestWorld();
    createSet(world, everywhere);
    change(world, newTemplate);
    world.queue.runUntil(() => updated(world) === 1, 60_000);
    expect(podsOf(world)).toHaveLength(3);
    world.settle();
    expect(updated(world)).toBe(3);
    expect(places(world)).toEqual(['control-plane', 'worker-1', 'worker-2']);
    expect(
      world.client
        .list(controllerRevisions, 'default')
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('starts the new Pod beside the old one when it may surge', () => {
    const world = createTestWorld();
    createSet(world, {}, { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    change(world, newTemplate);
    world.queue.runUntil(() => podsOf(world).length === 3, 60_000);
    expect(podsOf(world)).toHaveLength(3);
    world.settle();
    expect([updated(world), podsOf(world).length]).toEqual([2, 2]);
  });

  it('waits for deletions with OnDelete', () => {
    const world = createTestWorld();
    createSet(world, {}, { updateStrategy: { type: 'OnDelete' } });
    change(world, newTemplate);
    world.settle();
    expect(updated(world)).toBe(0);
    world.client.delete(pods, 'default', podsOf(world)[0]?.metadata.name ?? '');
    world.settle();
    expect(updated(world)).toBe(1);
    expect(status(world)?.updatedNumberScheduled).toBe(1);
  });
});
