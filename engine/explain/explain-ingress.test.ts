import { beforeAll, describe, expect, it } from 'vitest';
import { services } from '../api/types/resources.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import { runLines } from '../testing/run-lines.ts';
import { type AskedIngress, explainIngress } from './explain-ingress.ts';
import { explainProbe } from './explain-probe.ts';

let world: Cluster;

beforeAll(async () => {
  world = createCluster({ seed: 'explain-ingress', addons: ['ingress-nginx'] });
  await runLines(world, [
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

const took = (rule: string, by: string) => ({
  code: 'ingress-rule-took',
  host: 'x.test',
  path: '/cart/1',
  ingress,
  rule,
  service: 'web',
  by,
});

describe('explainIngress', () => {
  it.each<readonly [string, string, Partial<AskedIngress>, object | undefined]>([
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
      { status: 200, wantedStatus: 404 },
      { code: 'ingress-every-host', host: 'x.test', ingress },
    ],
    [
      'a rule that took what nobody should answer',
      create("--rule 'x.test/cart*=web:80'"),
      { path: '/cart/1', status: 200, wantedStatus: 404 },
      took('Prefix /cart', 'below'),
    ],
    [
      'a wildcard that took what nobody should answer',
      create("--rule '*.test/cart*=web:80'"),
      { path: '/cart/1', status: 200, wantedStatus: 404 },
      took('Prefix /cart', 'wildcard'),
    ],
    [
      'a default backend that took what nobody should answer',
      create("--rule 'x.test/a*=web:80' --default-backend web:80"),
      { path: '/cart/1', status: 200, wantedStatus: 404 },
      took('defaultBackend /', 'default-backend'),
    ],
    [
      'a regular expression that took what nobody should answer',
      create("--rule 'x.test/cart=web:80' --annotation nginx.ingress.kubernetes.io/use-regex=true"),
      { path: '/cart/1', status: 200, wantedStatus: 404 },
      took('Exact /cart', 'expression'),
    ],
    [
      'an annotation that keeps the client out',
      create(
        "--rule 'x.test/*=web:80' --annotation nginx.ingress.kubernetes.io/whitelist-source-range=10.9.0.0/16",
      ),
      { status: 403, wantedStatus: 200, clientAddress: '198.51.100.10' },
      {
        code: 'ingress-annotation',
        path: '/',
        ingress,
        rule: 'Prefix /',
        status: 403,
        annotation: 'whitelist-source-range',
      },
    ],
    [
      'an annotation that sends the client to HTTPS',
      create("--rule 'x.test/*=web:80' --annotation nginx.ingress.kubernetes.io/force-ssl-redirect=true"),
      { status: 308, wanted: { labels: { app: 'web' }, namespace: 'default' } },
      {
        code: 'ingress-annotation',
        path: '/',
        ingress,
        rule: 'Prefix /',
        status: 308,
        annotation: 'force-ssl-redirect',
      },
    ],
    [
      'a path that the Pods do not have',
      create("--rule 'x.test/cart*=web:80'"),
      { path: '/cart/1', status: 404, wantedStatus: 200 },
      {
        code: 'ingress-path-passed-on',
        path: '/cart/1',
        ingress,
        rule: 'Prefix /cart',
        service: 'web',
        target: '/cart/1',
      },
    ],
    [
      'TLS that the Pods do not speak',
      create("--rule 'x.test/*=web:80' --annotation nginx.ingress.kubernetes.io/backend-protocol=HTTPS"),
      { status: 502, wantedStatus: 200 },
      { code: 'ingress-backend-secure', ingress, service: 'web' },
    ],
    [
      'Pods that say nothing',
      create("--rule 'x.test/*=web:80' --annotation nginx.ingress.kubernetes.io/proxy-read-timeout=5"),
      { status: 504, wantedStatus: 200 },
      { code: 'ingress-backend-silent', ingress, service: 'web', seconds: 5 },
    ],
    [
      'annotations that are missing where the controller should have answered itself',
      create("--rule 'x.test/*=web:80'"),
      { status: 200, wantedStatus: 308 },
      {
        code: 'ingress-annotation-missing',
        path: '/',
        ingress,
        rule: 'Prefix /',
        service: 'web',
        wanted: 308,
        status: 200,
        annotations: ['ssl-redirect', 'force-ssl-redirect'],
      },
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
    await runLines(cluster, [line]);
    expect(explainIngress(cluster.view, { host: 'x.test', path: '/', status: 404, ...asked })).toEqual(want);
  });

  it.each<readonly [string, Partial<AskedIngress>, object]>([
    [
      'the weight',
      { wanted: api },
      { canary: { by: 'weight', weight: 20, weightTotal: 100 }, wentTo: 'web' },
    ],
    [
      'the header',
      { wanted: { labels: { app: 'web' }, namespace: 'default' }, headers: { 'X-New': 'always' } },
      { canary: { by: 'header' }, wentTo: 'api' },
    ],
    ['the cookie', { wanted: api, headers: { Cookie: 'new=never' } }, { canary: { by: 'cookie' } }],
  ])('names %s of a canary that decided', async (_name, asked, want) => {
    const cluster = world.fork();
    const prefix = 'nginx.ingress.kubernetes.io/canary';
    const annotations = ['=true', '-weight=20', '-by-header=X-New', '-by-cookie=new'];
    await runLines(cluster, [
      create("--rule 'x.test/*=web:80'"),
      `kubectl create ingress y --class nginx --rule 'x.test/*=api:80' ${annotations.map((one) => `--annotation ${prefix}${one}`).join(' ')}`,
    ]);
    const cause = explainIngress(cluster.view, { host: 'x.test', path: '/', status: 200, ...asked });
    expect(cause).toMatchObject({ code: 'ingress-canary', ingress, service: 'web', ...want });
  });

  it('says that only the rules of the most specific host are asked', async () => {
    const cluster = world.fork();
    await runLines(cluster, [create("--rule 'x.test/*=web:80' --rule '*.test/cart*=api:80'")]);
    const asked = { host: 'x.test', path: '/cart', status: 200, wanted: api };
    expect(explainIngress(cluster.view, asked)).toMatchObject({
      code: 'ingress-rule-won',
      lost: { rule: 'Prefix /cart', because: 'host' },
    });
  });

  it('names the policy that keeps the controller from the Pods', async () => {
    const cluster = world.fork();
    await runLines(cluster, [
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
    await runLines(cluster, ['kubectl create ingress x --class nginx --rule x.test/=web:80']);
    expect(explainIngress(cluster.view, { host: 'x.test', path: '/', status: 404 })).toEqual({
      code: 'ingress-not-served',
      ingress,
      className: 'nginx',
      classes: [],
      hasController: false,
    });
  });
});

describe('a controller that gets no answer', () => {
  it.each<readonly [string, string, number, object]>([
    [
      'names the targetPort at which nobody listens',
      'kubectl create service clusterip api2 --tcp 80:81 && kubectl patch service api2 -p \'{"spec":{"selector":{"app":"api"}}}\'',
      502,
      {
        code: 'nobody-listens',
        port: 81,
        listening: [80],
        field: { object: serviceOf('api2'), path: 'spec.ports[0].targetPort', value: '81' },
      },
    ],
  ])('%s', async (_name, line, status, want) => {
    const cluster = world.fork();
    await runLines(cluster, [line, create("--rule 'x.test/*=api2:80'")]);
    const address =
      cluster.view
        .list(services, 'ingress-nginx')
        .flatMap((service) => service.status?.loadBalancer?.ingress ?? [])
        .at(0)?.ip ?? '';
    const target = { host: 'x.test', address, port: 80, protocol: 'http' } as const;
    const { response, packets } = cluster.probe({ kind: 'client' }, target);
    expect(response?.status).toBe(status);
    const asked = { host: 'x.test', path: '/', status, wantedStatus: 200, packets };
    expect(explainIngress(cluster.view, asked)).toMatchObject(want);
  });
});
