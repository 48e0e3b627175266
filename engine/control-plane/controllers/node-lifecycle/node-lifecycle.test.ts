/**
 * What follows when a node falls silent, is tainted, cordoned or deleted. Source of what is expected: pkg/controller/nodelifecycle,
 * tainteviction and podgc of release 1.36 (texts, grace periods of 50, 300 and 40 seconds).
 */
import { describe, expect, it } from 'vitest';
import { deployments, endpointSlices, nodes, pods, services } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createWeb(world: TestWorld): void {
  world.create(deployments, 'default', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'box' }] },
      },
    },
  });
  world.create(services, 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  world.settle();
}

function kubelet(world: TestWorld, action: 'start' | 'stop'): void {
  world.kubelets.get('worker-1')?.cri({ call: 'unit', action });
  world.settle();
}

function getNode(world: TestWorld) {
  const answer = world.client.get(nodes, '', 'worker-1');
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

const taints = (world: TestWorld) =>
  (getNode(world).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
const ready = (world: TestWorld) => getNode(world).status?.conditions?.find(({ type }) => type === 'Ready');
const podsOn = (world: TestWorld, node: string) =>
  world.client.list(pods, 'default').filter(({ spec }) => spec?.nodeName === node);
const endpoints = (world: TestWorld) =>
  world.client
    .list(endpointSlices, 'default')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
    .flatMap((slice) => slice.endpoints ?? []);

function patchNode(world: TestWorld, patch: JsonObject): void {
  world.client.mergePatch(nodes, '', 'worker-1', patch);
  world.settle();
}

describe('a node whose kubelet has stopped', () => {
  it('is ready until it has been silent for 50 seconds', () => {
    const world = createTestWorld();
    kubelet(world, 'stop');
    world.advance(35);
    expect(ready(world)?.status).toBe('True');
    world.advance(20);
    expect(ready(world)).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(world)).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    expect(world.eventsAbout('worker-1')).toEqual([
      'Normal NodeNotReady Node worker-1 status is now: NodeNotReady',
    ]);
  });

  it('has Pods that count as not ready, and loses them after 300 seconds', () => {
    const world = createTestWorld();
    createWeb(world);
    kubelet(world, 'stop');
    world.advance(60);
    const [pod] = podsOn(world, 'worker-1');
    expect(world.eventsAbout(pod?.metadata.name ?? '').at(-1)).toBe('Warning NodeNotReady Node is not ready');
    expect(
      endpoints(world)
        .map(({ nodeName, conditions }) => [nodeName, conditions?.ready])
        .sort(),
    ).toEqual([
      ['worker-1', false],
      ['worker-2', true],
    ]);
    expect(podsOn(world, 'worker-2')).toHaveLength(1);
    world.advance(300);
    expect(podsOn(world, 'worker-2')).toHaveLength(2);
    // Nobody is there to end it.
    expect(podsOn(world, 'worker-1').map(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual(
      [true],
    );
    expect(world.eventsAbout(pod?.metadata.name ?? '').at(-1)).toBe(
      `Normal TaintManagerEviction Marking for deletion Pod default/${pod?.metadata.name}`,
    );
  });

  it('keeps its Pods when it comes back in time', () => {
    const world = createTestWorld();
    createWeb(world);
    kubelet(world, 'stop');
    world.advance(100);
    kubelet(world, 'start');
    expect(ready(world)).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(taints(world)).toEqual([]);
    expect(endpoints(world).map(({ conditions }) => conditions?.ready)).toEqual([true, true]);
    world.advance(400);
    expect(podsOn(world, 'worker-1')).toHaveLength(1);
    expect(world.eventsAbout('worker-1').at(-1)).toBe(
      'Normal NodeReady Node worker-1 status is now: NodeReady',
    );
  });

  it('refuses to show logs', () => {
    const world = createTestWorld();
    createWeb(world);
    kubelet(world, 'stop');
    const [pod] = podsOn(world, 'worker-1');
    const options = { container: 'web', previous: false, follow: false, timestamps: false };
    const answer = world.kubelets
      .get('worker-1')
      ?.connection.logs('default', pod?.metadata.name ?? '', options);
    expect(answer).toEqual({
      ok: false,
      error: {
        code: 500,
        message: 'error dialing backend: dial tcp 172.18.0.3:10250: connect: connection refused',
      },
    });
  });
});

describe('a node', () => {
  it('bears a taint while it is cordoned', () => {
    const world = createTestWorld();
    patchNode(world, { spec: { unschedulable: true } });
    expect(taints(world)).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
    patchNode(world, { spec: { unschedulable: null } });
    expect(taints(world)).toEqual([]);
  });

  it('loses the Pods that do not tolerate a NoExecute taint', () => {
    const world = createTestWorld();
    createWeb(world);
    patchNode(world, { spec: { taints: [{ key: 'repair', effect: 'NoExecute' }] } });
    expect(podsOn(world, 'worker-1')).toEqual([]);
    expect(podsOn(world, 'worker-2')).toHaveLength(2);
  });

  it('that is deleted takes its Pods with it when it does not come back', () => {
    const world = createTestWorld();
    createWeb(world);
    world.client.delete(nodes, '', 'worker-1');
    world.settle();
    expect(podsOn(world, 'worker-1')).toHaveLength(1);
    world.advance(65);
    expect(podsOn(world, 'worker-1')).toEqual([]);
    expect(podsOn(world, 'worker-2')).toHaveLength(2);
  });
});
