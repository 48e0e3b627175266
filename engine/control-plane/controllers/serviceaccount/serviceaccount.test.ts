/** Source of the texts: pkg/controller/certificates/rootcacertpublisher of release 1.36. */
import { expect, it } from 'vitest';
import { configMaps, namespaces, serviceAccounts } from '../../../api/types/resources.ts';
import { createTestWorld } from '../../../testing/world.ts';

it('gives a new namespace its account and the certificate, and makes them anew', () => {
  const world = createTestWorld();
  world.create(namespaces, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } });
  world.settle();
  world.client.delete(serviceAccounts, 'test', 'default');
  world.client.delete(configMaps, 'test', 'kube-root-ca.crt');
  world.settle();
  expect(world.client.list(serviceAccounts, 'test').map(({ metadata }) => metadata.name)).toEqual([
    'default',
  ]);
  const map = world.client.get(configMaps, 'test', 'kube-root-ca.crt');
  expect(map.ok && map.value.data).toEqual({ 'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') });
});
