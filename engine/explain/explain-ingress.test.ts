import { beforeAll, describe, expect, it } from 'vitest';
import { services } from '../api/types/resources.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import type { Cause } from './cause.ts';
import { type AskedIngress, explainIngress } from './explain-ingress.ts';
import { explainProbe } from './explain-probe.ts';

let world: Cluster;

async function run(cluster: Cluster, lines: readonly string[]): Promise<void> {
  const shell = await cluster.openShell();
  for (const line of lines) {
    const { exitCode, stderr } = await shell.run(line);
    expect([line, exitCode, stderr]).toEqual([line, 0, '']);
  }
}

beforeAll(async () => {
  world = createCluster({ seed: 'explain-ingress' });
  world.installIngress();
  await run(world, [
    'kubectl create deployment web --image nginx',
    'kubectl create deployment api --image nginx',
    'kubectl expose deployment web --port 80',
    'kubectl expose deployment api --port 80',
    'kubectl create service clusterip empty --tcp 80',
  ]);
});

const ingress = { kind: 'Ingress', namespace: 'default', name: 'x' };
const serviceOf = (name: string) => ({ kind: 'Service', namespace: 'default', name });
const api = { labels: { app: 'api' }, namespace: 'default' };
const create = (rules: string, words = '--class nginx') => `kubectl create ingress x ${words} ${rules}`;

describe('explainIngress', () => {
  it.each<readonly [string, string, Partial<AskedIngress>, Cause | undefined]>([
    [
      'a class that nobody serves',
      create("--rule 'x.test/*=web:80'", '--class ngnix'),
      {},
      { code: 'ingress-not-served', ingress, className: 'ngnix', classes: ['nginx'], hasController: true },
    ],
    [
      'no class',
      create("--rule 'x.test/*=web:80'", ''),
      {},
      { code: 'ingress-not-served', ingress, classes: ['nginx'], hasController: true },
    ],
    [
      'another host',
      create("--rule 'y.test/*=web:80'"),
      {},
      { code: 'ingress-host-missing', host: 'x.test', hosts: ['y.test'] },
    ],
    [
      'no path',
      create("--rule 'x.test/cart=web:80'"),
      { path: '/cart/' },
      { code: 'ingress-path-missing', host: 'x.test', path: '/cart/', rules: ['Exact /cart'] },
    ],
    [
      'a missing Service',
      create("--rule 'x.test/*=wbe:80'"),
      { status: 503 },
      {
        code: 'ingress-backend-missing',
        ingress,
        service: serviceOf('wbe'),
        services: ['api', 'empty', 'kubernetes', 'web'],
      },
    ],
    [
      'a missing port',
      create("--rule 'x.test/*=web:8080'"),
      { status: 503 },
      { code: 'ingress-backend-port', ingress, service: serviceOf('web'), port: '8080', ports: ['80'] },
    ],
    [
      'a Service without endpoints',
      create("--rule 'x.test/*=empty:80'"),
      { status: 503 },
      {
        code: 'selector-matches-nothing',
        service: serviceOf('empty'),
        selector: { app: 'empty' },
        nearest: expect.anything(),
      },
    ],
    [
      'a longer path that won',
      create("--rule 'x.test/*=api:80' --rule 'x.test/cart*=web:80'"),
      { path: '/cart/1', status: 200, wanted: api },
      {
        code: 'ingress-rule-won',
        path: '/cart/1',
        ingress,
        rule: 'Prefix /cart',
        service: 'web',
        lost: { rule: 'Prefix /', service: 'api', because: 'longer' },
      },
    ],
    [
      'an Exact path that does not take it',
      create("--rule 'x.test/*=web:80' --rule 'x.test/cart=api:80'"),
      { path: '/cart/1', status: 200, wanted: api },
      {
        code: 'ingress-rule-won',
        path: '/cart/1',
        ingress,
        rule: 'Prefix /',
        service: 'web',
        lost: { rule: 'Exact /cart', service: 'api', because: 'does-not-match' },
      },
    ],
    [
      'a rule without a host that took what nobody should',
      create("--rule '/*=web:80'"),
      { status: 200, isForNobody: true },
      { code: 'ingress-every-host', host: 'x.test', ingress },
    ],
    [
      'a Secret that is missing',
      create("--rule 'x.test/*=web:80,tls=tls'"),
      { status: 200, isAboutCertificate: true },
      { code: 'ingress-certificate', ingress, host: 'x.test', reason: 'secret "default/tls" was not found' },
    ],
    [
      'nothing when the wanted Pods were asked',
      create("--rule 'x.test/*=api:80'"),
      { status: 200, wanted: api },
      undefined,
    ],
  ])('names %s', async (_, line, asked, want) => {
    const cluster = world.fork();
    await run(cluster, [line]);
    expect(explainIngress(cluster.view, { host: 'x.test', path: '/', status: 404, ...asked })).toEqual(want);
  });

  it('names the policy that keeps the controller from the Pods', async () => {
    const cluster = world.fork();
    await run(cluster, [
      create("--rule 'x.test/*=web:80'"),
      `kubectl apply -f - <<'E'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shut }
spec: { podSelector: { matchLabels: { app: web } } }
E`,
    ]);
    const service = cluster.view
      .list(services, 'ingress-nginx')
      .find(({ status }) => status?.loadBalancer?.ingress !== undefined);
    const address = service?.status?.loadBalancer?.ingress?.[0]?.ip ?? '';
    const from = { kind: 'client' } as const;
    const target = { host: 'x.test', address, port: 80, protocol: 'http', timeoutSeconds: 3 } as const;
    const result = cluster.probe(from, target);
    expect(explainProbe(cluster.view, { from, target, result })).toMatchObject({
      code: 'denied-by-policy',
      direction: 'Ingress',
      policies: [{ kind: 'NetworkPolicy', namespace: 'default', name: 'shut' }],
    });
  });

  it('says when no controller runs', async () => {
    const cluster = createCluster({ seed: 'none' });
    await run(cluster, ['kubectl create ingress x --class nginx --rule x.test/=web:80']);
    expect(explainIngress(cluster.view, { host: 'x.test', path: '/', status: 404 })).toEqual({
      code: 'ingress-not-served',
      ingress,
      className: 'nginx',
      classes: [],
      hasController: false,
    });
  });
});
