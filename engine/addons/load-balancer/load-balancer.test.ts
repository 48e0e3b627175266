/** Services of type LoadBalancer. Events: k8s.io/cloud-provider, controllers/service. */
import { describe, expect, it } from 'vitest';
import { nodes, pods, services } from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';

function createService(world: TestWorld, spec: JsonObject, name = 'web'): void {
  world.create(services, 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  });
  world.settle();
}

function ingress(world: TestWorld, name = 'web') {
  const answer = world.client.get(services, 'default', name);
  return answer.ok ? answer.value.status?.loadBalancer?.ingress : undefined;
}

/** What `ip route` shows on the router for load balancers. */
function routes(world: TestWorld): readonly string[] {
  const answer = world.net.inspect({ machine: 'router', netns: 'router', subject: 'routes', args: null });
  return answer.ok ? (JSON.stringify(answer.value).match(/203[^}]*/g) ?? []) : [];
}

describe('load balancer', () => {
  it('gives an address, and passes packets for it to the workers', () => {
    const world = createTestWorld();
    createService(world, {});
    expect(ingress(world)).toEqual([{ ip: '203.0.113.1', ipMode: 'VIP' }]);
    expect(world.eventsAbout('web')).toEqual([
      'Normal EnsuringLoadBalancer Ensuring load balancer',
      'Normal EnsuredLoadBalancer Ensured load balancer',
    ]);
    expect(routes(world).join()).toContain('172.18.0.3');
    expect(routes(world).join()).not.toContain('172.18.0.2');
  });

  it.each([
    {
      name: 'takes the address that is asked for',
      spec: { loadBalancerIP: '203.0.113.50' },
      want: '203.0.113.50',
    },
    {
      name: 'leaves a Service with a class to others',
      spec: { loadBalancerClass: 'example.com/x' },
      want: undefined,
    },
    { name: 'gives nothing outside its range', spec: { loadBalancerIP: '203.0.113.200' }, want: undefined },
  ])('$name', ({ spec, want }) => {
    const world = createTestWorld();
    createService(world, spec);
    expect(ingress(world)?.[0]?.ip).toBe(want);
  });

  it('takes everything back when the Service goes or changes its type', () => {
    const world = createTestWorld();
    createService(world, {});
    createService(world, {}, 'other');
    world.client.mergePatch(services, 'default', 'web', { spec: { type: 'ClusterIP' } });
    world.client.delete(services, 'default', 'other');
    world.settle();
    expect(ingress(world)).toBeUndefined();
    expect(world.client.get(services, 'default', 'other').ok).toBe(false);
    expect(routes(world)).toEqual([]);
    expect(world.eventsAbout('web').slice(2)).toEqual([
      'Normal DeletingLoadBalancer Deleting load balancer',
      'Normal DeletedLoadBalancer Deleted load balancer',
    ]);
    createService(world, {}, 'next');
    expect(ingress(world, 'next')?.[0]?.ip).toBe('203.0.113.1');
  });

  it('passes packets only to nodes with an endpoint under policy Local', () => {
    const world = createTestWorld();
    createService(world, { externalTrafficPolicy: 'Local' });
    expect(routes(world)).toEqual([]);
    world.create(pods, 'default', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { nodeName: 'worker-2', containers: [{ name: 'web', image: 'box' }] },
    });
    world.settle();
    expect(routes(world).join()).toContain('172.18.0.4');
    expect(routes(world).join()).not.toContain('172.18.0.3');
  });

  it('leaves out a node that is labelled so', () => {
    const world = createTestWorld();
    createService(world, {});
    const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
    world.client.mergePatch(nodes, '', 'worker-1', { metadata: { labels } });
    world.settle();
    expect(routes(world).join()).not.toContain('172.18.0.3');
    expect(world.eventsAbout('web').at(-1)).toBe(
      'Normal UpdatedLoadBalancer Updated load balancer with new hosts',
    );
  });

  it.each([
    {
      name: 'that the autoscaler is about to delete',
      change: { spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } },
    },
    { name: 'that waits for its finalizers', change: 'delete' as const },
  ])('passes no new connections to a node $name, without a word', ({ change }) => {
    const world = createTestWorld();
    createService(world, {});
    if (change === 'delete') {
      world.client.mergePatch(nodes, '', 'worker-1', { metadata: { finalizers: ['example.com/wait'] } });
      world.client.delete(nodes, '', 'worker-1');
    } else world.client.mergePatch(nodes, '', 'worker-1', change);
    world.settle();
    expect(routes(world).join()).not.toContain('172.18.0.3');
    expect(routes(world).join()).toContain('172.18.0.4');
    expect(world.eventsAbout('web').at(-1)).toBe('Normal EnsuredLoadBalancer Ensured load balancer');
  });
});
