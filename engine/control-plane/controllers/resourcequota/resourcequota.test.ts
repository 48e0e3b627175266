/** Source of what is counted when: pkg/controller/resourcequota and pkg/quota/v1/evaluator/core of release 1.36. */
import { describe, expect, it } from 'vitest';
import { pods, replicationControllers, resourceQuotas, services } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

function createQuota(world: TestWorld, hard: JsonObject): void {
  world.create(resourceQuotas, 'default', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard },
  });
}

function createController(world: TestWorld, replicas: number): void {
  const containers = [{ name: 'web', image: 'box', resources: { requests: { cpu: '100m' } } }];
  world.create(replicationControllers, 'default', {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { app: 'web' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { terminationGracePeriodSeconds: 0, containers },
      },
    },
  });
}

function status(world: TestWorld) {
  const quota = world.client.get(resourceQuotas, 'default', 'q');
  return quota.ok ? quota.value.status : undefined;
}

describe('resourcequota controller', () => {
  it('counts what was there before the quota', () => {
    const world = createTestWorld();
    createController(world, 2);
    world.settle();
    createQuota(world, { pods: '5', 'requests.cpu': '1', 'count/replicationcontrollers': '3', 'a.b/c': '1' });
    world.settle();
    expect(status(world)).toEqual({
      hard: { 'a.b/c': '1', 'count/replicationcontrollers': '3', pods: '5', 'requests.cpu': '1' },
      used: { 'count/replicationcontrollers': '1', pods: '2', 'requests.cpu': '200m' },
    });
  });

  it('gives back what goes, and lets the rest be made', () => {
    const world = createTestWorld();
    createQuota(world, { pods: '2' });
    world.settle();
    expect(status(world)).toEqual({ hard: { pods: '2' }, used: { pods: '0' } });
    createController(world, 3);
    world.settle();
    expect(world.client.list(pods, 'default').length).toBe(2);
    expect(world.eventsAbout('web').join('\n')).toContain(
      'is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    );
    world.client.delete(replicationControllers, 'default', 'web', { propagationPolicy: 'Background' });
    world.settle();
    expect(status(world)?.used).toEqual({ pods: '0' });
  });

  it('follows a Service that changes its type, and a quota that changes its limits', () => {
    const world = createTestWorld();
    createQuota(world, { 'services.nodeports': '5' });
    world.create(services, 'default', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    });
    world.settle();
    expect(status(world)?.used).toEqual({ 'services.nodeports': '1' });
    const service = world.client.get(services, 'default', 's');
    if (service.ok)
      world.client.update(services, { ...service.value, spec: { ...service.value.spec, type: 'ClusterIP' } });
    world.settle();
    expect(status(world)?.used).toEqual({ 'services.nodeports': '0' });
    const quota = world.client.get(resourceQuotas, 'default', 'q');
    if (quota.ok) world.client.update(resourceQuotas, { ...quota.value, spec: { hard: { pods: '1' } } });
    world.settle();
    expect(status(world)).toEqual({ hard: { pods: '1' }, used: { pods: '0' } });
  });
});
