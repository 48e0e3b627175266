/**
 * Budgets and the evictions that they allow. Source of what is expected: pkg/controller/disruption (disruption_test.go) and
 * pkg/registry/core/pod/storage (eviction_test.go) of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import { daemonSets, deployments, podDisruptionBudgets, pods } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'box' }] },
};

function createWorld(spec: JsonObject, replicas = 3, image = 'box'): TestWorld {
  const world = createTestWorld();
  world.create(deployments, 'default', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { ...template, spec: { containers: [{ name: 'web', image }] } },
    },
  });
  createBudget(world, spec);
  return world;
}

function createBudget(world: TestWorld, spec: JsonObject): void {
  world.create(podDisruptionBudgets, 'default', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  world.settle();
}

function status(world: TestWorld) {
  const answer = world.client.get(podDisruptionBudgets, 'default', 'web');
  return answer.ok ? answer.value.status : undefined;
}

function evict(world: TestWorld, at: number) {
  const name = world.client.list(pods, 'default')[at]?.metadata.name ?? '';
  return world.client.createSubresource(pods, 'default', name, 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
  });
}

describe('a PodDisruptionBudget', () => {
  it.each([
    { spec: { minAvailable: 2 }, desired: 2, allowed: 1 },
    { spec: { minAvailable: '50%' }, desired: 2, allowed: 1 },
    { spec: { maxUnavailable: 1 }, desired: 2, allowed: 1 },
    { spec: { maxUnavailable: '34%' }, desired: 1, allowed: 2 },
    { spec: { minAvailable: 4 }, desired: 4, allowed: 0 },
  ])('$spec needs $desired of three Pods and lets $allowed go', ({ spec, desired, allowed }) => {
    const world = createWorld(spec);
    expect(status(world)).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: desired,
      disruptionsAllowed: allowed,
      expectedPods: 3,
      observedGeneration: 1,
      conditions: [
        { type: 'DisruptionAllowed', reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods' },
      ],
    });
  });

  it('cannot count Pods whose owner has no scale', () => {
    const world = createTestWorld();
    world.create(daemonSets, 'default', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: { app: 'web' } }, template },
    });
    world.settle();
    createBudget(world, { maxUnavailable: 1 });
    expect(status(world)?.conditions).toMatchObject([
      {
        status: 'False',
        reason: 'SyncFailed',
        message: 'daemonsets.apps does not implement the scale subresource',
      },
    ]);
  });
});

describe('an eviction', () => {
  it('is granted as often as the budget allows, and then refused', () => {
    const world = createWorld({ minAvailable: 2 });
    expect(evict(world, 0).ok).toBe(true);
    expect(evict(world, 1)).toMatchObject({
      ok: false,
      error: {
        code: 429,
        reason: 'TooManyRequests',
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: 'The disruption budget web does not allow evicting pods currently',
            },
          ],
        },
      },
    });
    world.settle();
    expect(status(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect(status(world)?.disruptedPods).toBeUndefined();
  });

  it('says how many Pods are needed', () => {
    const world = createWorld({ minAvailable: 3 });
    expect(evict(world, 0)).toMatchObject({
      error: {
        details: {
          causes: [{ message: 'The disruption budget web needs 3 healthy pods and has 3 currently' }],
        },
      },
    });
  });

  it('of a Pod that does not run needs no budget', () => {
    const world = createWorld({ minAvailable: 3 }, 3, 'missing');
    expect(evict(world, 0).ok).toBe(true);
  });
});
