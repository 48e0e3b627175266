/**
 * The health servers of kube-proxy. Source of the answers: a kube-proxy v1.36.0 that was asked (live.sh among the records of
 * engine/node/kube-proxy/fixtures).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nodes, pods, type Resource, services } from '../api/types/resources.ts';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';

function send(
  cluster: Cluster,
  method: 'DELETE' | 'PATCH' | 'POST',
  resource: Resource<unknown>,
  name: string,
  body?: JsonObject,
) {
  const { group, version, plural, kind } = resource;
  const root = group === '' ? '/api' : `/apis/${group}`;
  const place = resource.namespaced ? '/namespaces/default' : '';
  const path = `${root}/${version}${place}/${plural}${name === '' ? '' : `/${name}`}`;
  const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
  const answer = cluster.request({
    method,
    path,
    headers,
    ...(body === undefined
      ? {}
      : { body: method === 'POST' ? { apiVersion: version, kind, ...body } : body }),
  });
  expect(answer, JSON.stringify(answer)).toMatchObject({ code: method === 'POST' ? 201 : 200 });
  cluster.settle();
}

const webPod = (nodeName: string): JsonObject => ({
  metadata: { name: `web-${nodeName}`, labels: { app: 'web' } },
  spec: { nodeName, containers: [{ name: 'web', image: 'nginx:1.27' }] },
});

const webService: JsonObject = {
  metadata: { name: 'web' },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31234,
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  },
};

const curl = (cluster: Cluster, node: string, url: string) =>
  cluster.run({ kind: 'node', name: node }, ['curl', '-si', url]).stdout.replaceAll('\r', '');
const statusOf = (answer: string) => answer.split('\n', 1)[0];
const listeners = (cluster: Cluster) =>
  [
    ...cluster
      .run({ kind: 'node', name: 'worker-1' }, ['ss', '-tlnp'])
      .stdout.matchAll(/:(\d+) .*"kube-proxy"/g),
  ].map(([, port]) => Number(port));

describe('the health servers of kube-proxy', () => {
  let prepared: Cluster;

  beforeAll(() => {
    prepared = createCluster({ seed: 'health' });
    send(prepared, 'POST', services, '', webService);
    send(prepared, 'POST', pods, '', webPod('worker-1'));
  });

  it('hold their ports on every node', () => {
    expect(listeners(prepared.fork()).sort()).toEqual([10249, 10256, 31234]);
  });

  it('tell on port 10256 that the proxy keeps up and the node stays', () => {
    expect(curl(prepared.fork(), 'worker-1', 'http://172.18.0.4:10256/healthz')).toMatch(
      /^HTTP\/1\.1 200 OK\nContent-Type: application\/json\nX-Content-Type-Options: nosniff\nDate: .* GMT\nContent-Length: \d+\n\n\{"lastUpdated":"2026-05-01T[\d:.]+Z","currentTime":"2026-05-01T[\d:.]+Z","nodeEligible":true,"healthy":true,"status":\{"IPv4":\{"lastUpdated":"2026-05-01T[\d:.]+Z","healthy":true\},"IPv6":\{"lastUpdated":"2026-05-01T[\d:.]+Z","healthy":true\}\}\}$/,
    );
  });

  it('tell balancers that a node is about to be deleted, while the proxy lives', () => {
    const cluster = prepared.fork();
    const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }];
    send(cluster, 'PATCH', nodes, 'worker-1', { spec: { taints } });
    const answer = curl(cluster, 'worker-1', 'http://localhost:10256/healthz');
    expect(statusOf(answer)).toBe('HTTP/1.1 503 Service Unavailable');
    expect(answer).toContain('"nodeEligible":false,"healthy":true');
    expect(statusOf(curl(cluster, 'worker-1', 'http://localhost:10256/livez'))).toBe('HTTP/1.1 200 OK');
    expect(statusOf(curl(cluster, 'worker-2', 'http://localhost:10256/healthz'))).toBe('HTTP/1.1 200 OK');
  });

  it.each([
    { node: 'worker-1', status: '200 OK', endpoints: 1 },
    { node: 'worker-2', status: '503 Service Unavailable', endpoints: 0 },
  ])('tell of a Service on $node that it has $endpoints endpoints there', ({ node, status, endpoints }) => {
    const answer = curl(prepared.fork(), node, 'http://localhost:31234/anything');
    expect(answer.replace(/Date: .*/, 'Date')).toBe(`HTTP/1.1 ${status}
Content-Type: application/json
X-Content-Type-Options: nosniff
X-Load-Balancing-Endpoint-Weight: ${endpoints}
Date
Content-Length: 114

{
\t"service": {
\t\t"namespace": "default",
\t\t"name": "web"
\t},
\t"localEndpoints": ${endpoints},
\t"serviceProxyHealthy": true
}`);
  });

  it('speak HTTP as Go does: an old version is answered in kind, and HEAD without a body', () => {
    const cluster = prepared.fork();
    const ask = (...args: string[]) =>
      cluster
        .run({ kind: 'node', name: 'worker-1' }, ['curl', '-si', ...args, 'http://127.0.0.1:31234/'])
        .stdout.replaceAll('\r', '')
        .split('\n\n');
    const [old, oldBody] = ask('-0');
    expect(old).toMatch(/^HTTP\/1\.0 200 OK\n(?:.*\n){4}Content-Length: 114$/);
    expect(oldBody).toContain('"localEndpoints": 1');
    expect(ask('-H', 'Connection: close')[0]).toMatch(/\nContent-Length: 114\nConnection: close$/);
    expect(ask('-I')).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 OK\n/), '']);
    expect(ask('-X', 'POST')[1]).toBe(oldBody);
  });

  it('go on with what they knew of a Node that was deleted', () => {
    const cluster = prepared.fork();
    send(cluster, 'DELETE', nodes, 'worker-1');
    const answer = curl(cluster, 'worker-1', 'http://localhost:10256/healthz');
    expect(statusOf(answer)).toBe('HTTP/1.1 200 OK');
    expect(answer).toContain('"nodeEligible":true');
  });

  it('follow the Service: another endpoint counts, and without the Service the port is closed', () => {
    const cluster = prepared.fork();
    send(cluster, 'POST', pods, '', webPod('worker-2'));
    expect(curl(cluster, 'worker-2', 'http://localhost:31234/')).toContain('"localEndpoints": 1');
    send(cluster, 'DELETE', services, 'web');
    expect(listeners(cluster).sort()).toEqual([10249, 10256]);
    expect(listeners(prepared.fork())).toContain(31234);
  });

  it('say on the node itself in which mode the proxy runs', () => {
    const cluster = prepared.fork();
    const body = (path: string) =>
      curl(cluster, 'worker-1', `http://127.0.0.1:10249${path}`).split('\n\n')[1];
    expect([body('/proxyMode'), body('/healthz')]).toEqual(['iptables', 'ok']);
    expect(statusOf(curl(cluster, 'worker-1', 'http://127.0.0.1:10249/x'))).toBe('HTTP/1.1 404 Not Found');
  });
});
