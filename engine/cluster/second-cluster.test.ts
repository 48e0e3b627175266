import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import type { Vantage } from '../explain/probe.ts';

const pod = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    containers: [
      {
        name: 'server',
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['netexec', '--http-port=80'],
      },
    ],
  },
});

const service = (name: string, type: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type, selector: { app: name }, ports: [{ port: 80 }] },
});

function create(cluster: Cluster, plural: string, body: JsonObject): void {
  const answer = cluster.request({ method: 'POST', path: `/api/v1/namespaces/default/${plural}`, body });
  expect(answer).toMatchObject({ code: 201 });
}

function read(cluster: Cluster, plural: string, name: string): unknown {
  const answer = cluster.request({ method: 'GET', path: `/api/v1/namespaces/default/${plural}/${name}` });
  return answer.type === 'object' ? answer.body : undefined;
}

const inPod = (name: string): Vantage => ({ kind: 'pod', namespace: 'default', name });
const ask = (cluster: Cluster, from: Vantage, host: string) =>
  cluster.probe(from, { host, port: 80, protocol: 'http', path: '/clientip', timeoutSeconds: 2 });

describe('a second cluster', () => {
  let first: Cluster;
  let second: Cluster;

  beforeAll(() => {
    first = createCluster({ seed: 'two', hasSecond: true });
    second = first.named('second');
    create(first, 'pods', pod('client'));
    create(second, 'pods', pod('web'));
    create(second, 'services', service('web', 'LoadBalancer'));
    create(second, 'services', service('inside', 'ClusterIP'));
    first.settle();
  });

  it('is not there unless it is asked for', () => {
    expect(createCluster({ seed: 'one' }).names).toEqual(['kubedrill']);
    expect(first.names).toEqual(['kubedrill', 'second']);
  });

  it('has ranges, nodes and objects of its own', () => {
    expect(second.nodes).toEqual(['second-control-plane', 'second-worker-1']);
    expect(read(second, 'services', 'kubernetes')).toMatchObject({ spec: { clusterIP: '10.97.0.1' } });
    expect(read(second, 'pods', 'web')).toMatchObject({
      spec: { nodeName: 'second-worker-1' },
      status: { podIP: expect.stringMatching(/^10\.245\.1\./), hostIP: '172.19.0.3' },
    });
    expect(read(second, 'services', 'web')).toMatchObject({
      spec: { clusterIP: expect.stringMatching(/^10\.97\./) },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.129' }] } },
    });
    expect(read(first, 'services', 'web')).toMatchObject({ code: 404 });
  });

  it('answers the first one at its external address, which sees a node of the first', () => {
    const answer = ask(first, inPod('client'), '203.0.113.129');
    expect(answer).toMatchObject({ outcome: 'answered', response: { status: 200 } });
    const sources = answer.packets.flatMap(({ hops }) =>
      hops.flatMap((hop) =>
        hop.step === 'receive' && hop.at === 'second-router' ? [hop.header.source] : [],
      ),
    );
    expect(sources[0]).toMatch(/^172\.18\.0\.[34]$/);
  });

  it('answers the host outside as well', () => {
    expect(ask(first, { kind: 'client' }, '203.0.113.129').outcome).toBe('answered');
  });

  it("resolves names of its own cluster alone, and its Services' addresses lead nowhere in the other", () => {
    expect(second.resolve(inPod('web'), 'inside')).toEqual([expect.stringMatching(/^10\.97\./)]);
    expect(first.resolve(inPod('client'), 'inside')).toEqual([]);
    const [address = ''] = second.resolve(inPod('web'), 'inside');
    expect(ask(first, inPod('client'), address).outcome).not.toBe('answered');
  });

  it('sends packets for addresses that no load balancer has nowhere', () => {
    expect(ask(first, { kind: 'client' }, '203.0.113.200').outcome).toBe('unreachable');
    expect(ask(first, { kind: 'client' }, '203.0.113.100').outcome).toBe('unreachable');
  });

  it('forks with the first', () => {
    const fork = first.fork();
    fork.named('second').request({ method: 'DELETE', path: '/api/v1/namespaces/default/services/web' });
    fork.settle();
    expect(ask(fork, inPod('client'), '203.0.113.129').outcome).not.toBe('answered');
    expect(ask(first, inPod('client'), '203.0.113.129').outcome).toBe('answered');
    expect(second.fork().nodes).toEqual(second.nodes);
  });

  it('is served on a port of its own, in a context of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubedrill-two-'));
    const kubeconfig = join(folder, 'config');
    const served = await first.serve({ kubeconfig, isFrozen: true });
    if (!served.ok) throw new Error(served.error);
    const config = parse(readFileSync(kubeconfig, 'utf8'));
    expect(config.contexts.map(({ name }: { readonly name: string }) => name).sort()).toEqual([
      'kubedrill',
      'kubedrill-second',
    ]);
    expect(config['current-context']).toBe('kubedrill');
    const servers = config.clusters.map(({ cluster }: { cluster: { server: string } }) => cluster.server);
    expect(new Set(servers).size).toBe(2);
    expect(servers).toContain(served.value.url);
    expect(await served.value.close()).toEqual({ ok: true, value: undefined });
    expect(existsSync(kubeconfig)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('is a context of its own in the shell', async () => {
    const shell = await first.openShell();
    const run = async (line: string) => (await shell.run(line)).stdout.trim();
    expect(await run('kubectl config get-contexts -o name')).toBe(
      'kubernetes-admin@kubedrill\nkubernetes-admin@second',
    );
    expect(await run('kubectl get services -o name')).toBe('service/kubernetes');
    const other = 'kubectl --context kubernetes-admin@second get services -o name';
    expect(await run(other)).toBe('service/inside\nservice/kubernetes\nservice/web');
    await run('kubectl config use-context kubernetes-admin@second');
    expect(await run('kubectl get nodes -o name')).toBe('node/second-control-plane\nnode/second-worker-1');
    expect(await run('ssh second-worker-1 hostname')).toBe('second-worker-1');
    expect(await run('curl -s http://203.0.113.129/hostname')).toBe('web');
  });
});
