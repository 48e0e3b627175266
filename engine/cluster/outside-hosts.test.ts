import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../cluster.ts';
import type { Vantage } from '../explain/probe.ts';

const client: Vantage = { kind: 'pod', namespace: 'default', name: 'client' };

describe('a host outside of the clusters', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = createCluster({ seed: 'outside' });
    const added = cluster.addOutsideHost({
      name: 'db.example.com',
      address: '198.51.100.20',
      image: 'nginx',
    });
    expect(added).toEqual({ ok: true, value: undefined });
    const shell = await cluster.openShell();
    for (const line of [
      'kubectl run client --image nginx',
      'kubectl create service externalname alias --external-name db.example.com',
      'kubectl create service clusterip db --tcp 80',
      'kubectl patch service db --type json -p \'[{"op":"remove","path":"/spec/selector"}]\'',
    ]) {
      const { exitCode, stderr } = await shell.run(line);
      expect([exitCode, stderr]).toEqual([0, '']);
    }
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'db-1', labels: { 'kubernetes.io/service-name': 'db' } },
      addressType: 'IPv4',
      ports: [{ name: '80', port: 80 }],
      endpoints: [{ addresses: ['198.51.100.20'] }],
    };
    const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
    expect(cluster.request({ method: 'POST', path, body: slice })).toMatchObject({ code: 201 });
    cluster.settle();
  });

  const ask = (from: Vantage, host: string) =>
    cluster.probe(from, { host, port: 80, protocol: 'http', timeoutSeconds: 2 }).outcome;

  it.each(['198.51.100.20', 'db.example.com', 'alias', 'db'])('answers a Pod that asks %s', (host) => {
    expect(ask(client, host)).toBe('answered');
  });

  it('answers nodes and the client by its name', () => {
    expect(ask({ kind: 'node', name: 'worker-1' }, 'db.example.com')).toBe('answered');
    expect(ask({ kind: 'client' }, 'db.example.com')).toBe('answered');
  });

  it('resolves through the name servers, an alias with what it stands for', () => {
    expect(cluster.resolve(client, 'db.example.com')).toEqual(['198.51.100.20']);
    expect(cluster.resolve(client, 'alias')).toEqual(['198.51.100.20']);
    expect(cluster.resolve(client, 'www.example.com')).toEqual([]);
  });

  it('can be logged into', async () => {
    const shell = await cluster.openShell();
    expect((await shell.run('ssh db.example.com hostname')).stdout).toBe('db.example.com\n');
  });

  it('is its own in each fork, and reaches a second cluster', () => {
    const fork = cluster.fork();
    fork.addOutsideHost({ name: 'other', address: '198.51.100.21', image: 'nginx' });
    expect(fork.resolve(client, 'other')).toEqual(['198.51.100.21']);
    expect(cluster.resolve(client, 'other')).toEqual([]);
    const two = createCluster({ seed: 'two', hasSecond: true });
    two.addOutsideHost({ name: 'other', address: '198.51.100.21', image: 'nginx' });
    const from: Vantage = { kind: 'node', name: 'second-worker-1' };
    expect(two.probe(from, { host: 'other', port: 80, protocol: 'http' }).outcome).toBe('answered');
  });

  it.each([
    [{ name: 'a', address: '198.51.100.10', image: 'nginx' }, 'there is a host'],
    [{ name: 'worker-1', address: '198.51.100.30', image: 'nginx' }, 'there is a host'],
    [{ name: 'a', address: '10.0.0.1', image: 'nginx' }, 'no address'],
    [{ name: 'a', address: '198.51.100.30', image: 'nothing-like-this' }, 'nothing-like-this'],
    [{ name: 'a', address: '198.51.100.30', image: 'postgres:17' }, 'POSTGRES_PASSWORD'],
  ])('is refused as %o', (host, words) => {
    const added = cluster.fork().addOutsideHost(host);
    expect(added).toMatchObject({ ok: false, error: expect.stringContaining(words) });
  });
});
