/**
 * What a thousand HTTPRoutes with ten rules each cost Envoy Gateway, beside the targets: part of `npm run bench:ingress`. A whole
 * cluster with its proxies; in CPU time. Nothing fails when a target is missed: machines differ.
 */
import type { JsonObject } from './base/json.ts';
import { invariant } from './base/result.ts';
import { createCluster } from './cluster.ts';

const count = 1000;
const rulesEach = 10;
const group = '/apis/gateway.networking.k8s.io/v1/namespaces/default';
const apiVersion = 'gateway.networking.k8s.io/v1';

const cluster = createCluster({ seed: 'gateway', addons: ['envoy-gateway'] });

function send(method: 'POST' | 'PATCH', path: string, body: JsonObject): void {
  const headers = { 'content-type': 'application/merge-patch+json' };
  const answer = cluster.request({ method, path, body, ...(method === 'PATCH' ? { headers } : {}) });
  invariant(answer.type === 'object' && answer.code < 300, `${path}: ${JSON.stringify(answer)}`);
}

function routeSpec(index: number, prefix: string): JsonObject {
  return {
    parentRefs: [{ name: 'eg' }],
    hostnames: [`site-${index}.example.com`],
    rules: Array.from({ length: rulesEach }, (_, path) => ({
      matches: [{ path: { type: 'PathPrefix', value: `/${prefix}/${path}` } }],
      backendRefs: [{ name: 'web', port: 80 }],
    })),
  };
}

function statusOf(index: number, prefix: string): number | undefined {
  return cluster.probe(
    { kind: 'client' },
    {
      host: `site-${index}.example.com`,
      address: '203.0.113.1',
      port: 80,
      protocol: 'http',
      path: `/${prefix}/3`,
    },
  ).response?.status;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

send('POST', '/api/v1/namespaces/default/services', {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
});
send('POST', '/api/v1/namespaces/default/pods', {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'traefik/whoami' }] },
});
send('POST', `${group}/gateways`, {
  apiVersion,
  kind: 'Gateway',
  metadata: { name: 'eg' },
  spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
});
for (let index = 0; index < count; index += 1)
  send('POST', `${group}/httproutes`, {
    apiVersion,
    kind: 'HTTPRoute',
    metadata: { name: `site-${index}` },
    spec: routeSpec(index, 'web'),
  });
cluster.settle();

const changes = 50;
let spentMs = 0;
for (let index = 0; index < changes; index += 1) {
  const beforeMs = cpuMs();
  send('PATCH', `${group}/httproutes/site-${index}`, { spec: routeSpec(index, 'new') });
  cluster.settle();
  spentMs += cpuMs() - beforeMs;
  invariant(statusOf(index, 'new') === 200, 'the change is not seen');
}
const foundMs = spentMs / changes;
const target = 40;
process.stdout.write(
  `${'a changed HTTPRoute is served, status included, after'.padEnd(52)} ${foundMs.toFixed(3).padStart(9)} ms  target ${target} ms: ${foundMs <= target ? 'within' : 'MISSED'}\n`,
);
