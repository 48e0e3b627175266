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

it('asks over TCP where dig is told to, which a name server on UDP alone does not answer', async () => {
  const cluster = createCluster({ seed: 'names' });
  const shell = await cluster.openShell();
  await shell.run('kubectl run client --image registry.k8s.io/e2e-test-images/agnhost:2.53');
  await shell.run('kubectl -n kube-system create service clusterip over-udp --tcp 53');
  await shell.run(
    `kubectl -n kube-system patch service over-udp --type json -p '[{"op":"replace","path":"/spec/selector","value":{"k8s-app":"kube-dns"}},{"op":"replace","path":"/spec/ports/0/protocol","value":"UDP"}]'`,
  );
  const dig = (options: string) =>
    shell.run(`kubectl exec client -- dig ${options} kubernetes.default.svc.cluster.local`);
  expect(await dig('+short +tcp')).toMatchObject({ exitCode: 0, stdout: '10.96.0.1\n' });
  expect((await dig('+tcp')).stdout).toMatch(/;; SERVER: 10\.96\.0\.10#53\(10\.96\.0\.10\) \(TCP\)/);
  expect(await dig('+short @over-udp.kube-system')).toMatchObject({ stdout: '10.96.0.1\n' });
  expect((await dig('+short +tcp @over-udp.kube-system')).stdout).toContain(';; no servers could be reached');
});
