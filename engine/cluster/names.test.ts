import { expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';

/** Source: CoreDNSConfigMap in cmd/kubeadm/app/phases/addons/dns/manifests.go, `disable denial` for the cluster's domain. */
it('knows a name as soon as its Service is there, though it was asked for before', async () => {
  const cluster = createCluster({ seed: 'names' });
  const shell = await cluster.openShell();
  await shell.run('kubectl run client --image nginx');
  const from = { kind: 'pod', namespace: 'default', name: 'client' } as const;
  expect(cluster.resolve(from, 'late')).toEqual([]);
  await shell.run('kubectl create service clusterip late --tcp 80');
  expect(cluster.resolve(from, 'late')).toEqual([expect.stringMatching(/^10\.96\./)]);
});
