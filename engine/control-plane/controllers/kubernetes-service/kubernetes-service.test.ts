/** What becomes of a deleted Service `kubernetes`. Source: pkg/controlplane/controller/kubernetesservice/controller.go. */
import { expect, it } from 'vitest';
import { endpointSlices, endpoints, services } from '../../../api/types/resources.ts';
import { createTestWorld } from '../../../testing/world.ts';

it('the Service kubernetes comes back within ten seconds, with its address and its endpoint', () => {
  const world = createTestWorld();
  world.settle();
  world.client.delete(services, 'default', 'kubernetes');
  world.client.delete(endpoints, 'default', 'kubernetes');
  world.client.delete(endpointSlices, 'default', 'kubernetes');
  world.settle();
  expect(world.client.get(services, 'default', 'kubernetes').ok).toBe(false);
  world.advance(10);
  const service = world.client.get(services, 'default', 'kubernetes');
  const slice = world.client.get(endpointSlices, 'default', 'kubernetes');
  expect(service.ok && service.value.spec?.clusterIP).toBe('10.96.0.1');
  expect(slice.ok && slice.value.endpoints?.map(({ addresses }) => addresses)).toEqual([['172.18.0.2']]);
  expect(world.client.get(endpoints, 'default', 'kubernetes').ok).toBe(true);
});

it('a controller looks away from Services of that name elsewhere', () => {
  const world = createTestWorld();
  world.create(services, 'kube-public', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes' },
    spec: { ports: [{ port: 443 }] },
  });
  world.client.delete(services, 'kube-public', 'kubernetes');
  world.advance(20);
  expect(world.client.get(services, 'kube-public', 'kubernetes').ok).toBe(false);
});
