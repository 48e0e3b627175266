/** Check `reach` through a Gateway, in a real cluster. */
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../engine/index.ts';
import { reachCheckSchema } from '../exercise/schema.ts';
import { loadEngine } from '../load-engine.ts';
import type { CheckContext, CheckOutcome } from './context.ts';
import { runReachCheck } from './reach.ts';
import { checkContext } from './testing/check-context.ts';

let context: CheckContext;

const manifests = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: nobody }
spec: { gatewayClassName: nginx, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [shop.test]
  rules:
  - backendRefs: [{ name: web, port: 80 }]
  - { matches: [{ path: { type: Exact, value: /api } }], backendRefs: [{ name: api, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: canary }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [canary.test]
  rules: [{ backendRefs: [{ name: web, port: 80, weight: 70 }, { name: api, port: 80, weight: 30 }] }]
`;

beforeAll(async () => {
  const engine = await loadEngine();
  const cluster: Cluster = engine.createCluster({ seed: 'gateway-check', addons: ['envoy-gateway'] });
  const shell = await cluster.openShell({ files: new Map([['gateway.yaml', manifests]]) });
  for (const line of [
    'kubectl create deployment web --image traefik/whoami --replicas 2',
    'kubectl create deployment api --image traefik/whoami',
    'kubectl expose deployment web --port 80',
    'kubectl expose deployment api --port 80',
    'kubectl apply -f gateway.yaml',
  ]) {
    expect(await shell.run(line)).toMatchObject({ exitCode: 0 });
  }
  cluster.settle();
  context = checkContext(engine, cluster, shell);
});

function run(
  to: Readonly<Record<string, unknown>>,
  check: Readonly<Record<string, unknown>>,
): Promise<CheckOutcome> {
  const says = { ko: '게이트웨이', en: 'the Gateway' };
  const parsed = reachCheckSchema.parse({
    id: 'reach',
    says,
    kind: 'reach',
    from: { client: true },
    to: { gateway: { name: 'edge' }, host: 'shop.test', ...to },
    ...check,
  });
  return runReachCheck(parsed, context);
}

it('finds the Pod behind the proxy', async () => {
  const answer = { status: 200, fromPod: { labels: { app: 'web' } } };
  expect(await run({}, { answer, times: 12, atLeastPods: 2 })).toEqual({ passed: true });
});

it('names the rule that won', async () => {
  const answer = { fromPod: { labels: { app: 'api' } } };
  expect(await run({ path: '/api' }, { answer })).toEqual({ passed: true });
  expect(await run({ path: '/api/items' }, { answer })).toMatchObject({
    passed: false,
    cause: {
      code: 'gateway-rule-won',
      rule: 'shop.test PathPrefix /',
      lost: { rule: 'shop.test Exact /api', because: 'path' },
    },
  });
});

it('says which hosts there are routes for', async () => {
  expect(await run({ host: 'other.test' }, { answer: { status: 200 } })).toMatchObject({
    passed: false,
    cause: { code: 'gateway-host-missing', host: 'other.test', hostnames: ['canary.test', 'shop.test'] },
  });
});

it('says why a Gateway has no address', async () => {
  expect(await run({ gateway: { name: 'nobody' } }, { answer: { status: 200 } })).toMatchObject({
    passed: false,
    cause: { code: 'gateway-class-not-accepted', className: 'nginx', isThere: false },
  });
});

it('asks a node at the nodePort of the proxies', async () => {
  const outcomes = await Promise.all(
    ['worker-1', 'worker-2'].map((node) => run({ node }, { answer: { status: 200 } })),
  );
  // Only the node that runs the proxy answers: the Service's externalTrafficPolicy is Local.
  expect(outcomes.map(({ passed }) => passed).sort()).toEqual([false, true]);
});

it('counts who answers of many requests, and names the weights that decide', async () => {
  const ofApi = (atLeast: number, atMost: number) => {
    return { times: 60, share: { fromPod: { labels: { app: 'api' } }, atLeast, atMost } };
  };
  expect(await run({ host: 'canary.test' }, ofApi(10, 28))).toEqual({ passed: true });
  expect(await run({ host: 'canary.test' }, ofApi(0, 5))).toMatchObject({
    passed: false,
    cause: {
      code: 'gateway-weights',
      backends: [
        { service: 'web', weight: 70 },
        { service: 'api', weight: 30 },
      ],
      share: { requests: 60, wanted: '0–5' },
    },
  });
});

it('names the rule that took what nobody should answer', async () => {
  expect(await run({ path: '/nowhere' }, { answer: { status: 404 } })).toMatchObject({
    passed: false,
    cause: { code: 'gateway-rule-took', rule: 'shop.test PathPrefix /', isForEveryHost: false },
  });
});
