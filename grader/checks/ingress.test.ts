/** Check `reach` through an Ingress, in a real cluster. */
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../engine/index.ts';
import { reachCheckSchema } from '../exercise/schema.ts';
import { loadEngine } from '../load-engine.ts';
import type { CheckContext, CheckOutcome } from './context.ts';
import { runReachCheck } from './reach.ts';
import { checkContext } from './testing/check-context.ts';

let context: CheckContext;

beforeAll(async () => {
  const engine = await loadEngine();
  const cluster: Cluster = engine.createCluster({ seed: 'ingress-check', addons: ['ingress-nginx'] });
  const shell = await cluster.openShell();
  for (const line of [
    'kubectl create deployment web --image traefik/whoami --replicas 2',
    'kubectl create deployment api --image traefik/whoami',
    'kubectl expose deployment web --port 80',
    'kubectl expose deployment api --port 80',
    "kubectl create ingress stable --class nginx --rule 'canary.test/*=web:80'",
    `kubectl create ingress canary --class nginx --rule 'canary.test/*=api:80' \
      --annotation nginx.ingress.kubernetes.io/canary=true --annotation nginx.ingress.kubernetes.io/canary-weight=30`,
    `kubectl create ingress inner --class nginx --rule 'inner.test/*=web:80' \
      --annotation nginx.ingress.kubernetes.io/whitelist-source-range=192.0.2.0/24`,
    "kubectl create ingress shop --class nginx --rule 'shop.test/*=web:80' --rule 'shop.test/api=api:80'",
  ]) {
    expect(await shell.run(line)).toMatchObject({ exitCode: 0 });
  }
  context = checkContext(engine, cluster, shell);
});

function run(
  to: Readonly<Record<string, unknown>>,
  check: Readonly<Record<string, unknown>>,
): Promise<CheckOutcome> {
  const says = { ko: '인그레스', en: 'the Ingress' };
  const parsed = reachCheckSchema.parse({
    id: 'reach',
    says,
    kind: 'reach',
    from: { client: true },
    to: { ingress: 'shop.test', ...to },
    ...check,
  });
  return runReachCheck(parsed, context);
}

it('finds the Pod behind the controller, and every one of them', async () => {
  const answer = {
    status: 200,
    fromPod: { labels: { app: 'web' } },
    headers: { 'content-type': 'text/plain' },
  };
  expect(await run({}, { answer, times: 6, atLeastPods: 2 })).toEqual({ passed: true });
});

it('goes over TLS, and looks at the certificate', async () => {
  expect(await run({ scheme: 'https' }, { answer: { status: 200, certificate: 'does-not-fit' } })).toEqual({
    passed: true,
  });
  expect(await run({ scheme: 'https' }, { answer: { certificate: 'fits' } })).toMatchObject({
    passed: false,
    cause: { code: 'ingress-certificate', reason: 'spec.tls has no entry for "shop.test"' },
  });
});

it('names the rule that won', async () => {
  const answer = { fromPod: { labels: { app: 'api' } } };
  expect(await run({ path: '/api' }, { answer })).toEqual({ passed: true });
  expect(await run({ path: '/api/items' }, { answer })).toMatchObject({
    passed: false,
    cause: {
      code: 'ingress-rule-won',
      rule: 'Prefix /',
      service: 'web',
      lost: { rule: 'Exact /api', service: 'api', because: 'does-not-match' },
    },
  });
});

it('counts who answers of many requests, and names the weight that decides', async () => {
  const to = { ingress: 'canary.test' };
  const ofApi = (atLeast: number, atMost: number) => {
    return { times: 60, share: { fromPod: { labels: { app: 'api' } }, atLeast, atMost } };
  };
  expect(await run(to, ofApi(10, 28))).toEqual({ passed: true });
  expect(await run(to, ofApi(0, 5))).toMatchObject({
    passed: false,
    cause: {
      code: 'ingress-canary',
      service: 'web',
      canary: { service: 'api', by: 'weight', weight: 30, weightTotal: 100 },
      share: { requests: 60, wanted: '0–5' },
    },
  });
});

it('names the rule that took what nobody should answer, and the annotation that answers by itself', async () => {
  expect(await run({ path: '/nowhere' }, { answer: { status: 404 } })).toMatchObject({
    passed: false,
    cause: { code: 'ingress-rule-took', rule: 'Prefix /', service: 'web', by: 'below' },
  });
  expect(await run({ ingress: 'inner.test' }, { answer: { status: 200 } })).toMatchObject({
    passed: false,
    cause: { code: 'ingress-annotation', status: 403, annotation: 'whitelist-source-range' },
  });
});
