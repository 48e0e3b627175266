import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { ProbeResult, Vantage } from '../../explain/probe.ts';
import { runLines } from '../../testing/run-lines.ts';

const client: Vantage = { kind: 'client' };
const nginx = 'nginx.ingress.kubernetes.io';

/** The Service's load balancer: the first address of the cloud's range. */
const address = '203.0.113.1';

let world: Cluster;

beforeAll(async () => {
  world = createCluster({ seed: 'ingress', addons: ['ingress-nginx'] });
  await runLines(world, [
    'kubectl create deployment web --image traefik/whoami --replicas 2',
    'kubectl create deployment api --image traefik/whoami',
    'kubectl expose deployment web --port 8080 --target-port 80',
    'kubectl expose deployment api --port 8080 --target-port 80',
    'kubectl expose deployment api --name refused --port 8080 --target-port 81',
    'kubectl create service clusterip empty --tcp 8080',
    'kubectl run pod --image nginx',
  ]);
});

/** A fork of the world with an Ingress for x.test: every path to web, `/api` to api. */
async function withIngress(annotations: Readonly<Record<string, string>>, rules = ['x.test/*=web:8080']) {
  const cluster = world.fork();
  const words = [
    ...rules.map((rule) => `--rule '${rule}'`),
    ...Object.entries(annotations).map(([name, value]) => `--annotation '${nginx}/${name}=${value}'`),
  ];
  await runLines(cluster, [`kubectl create ingress x --class nginx ${words.join(' ')}`]);
  return cluster;
}

function ask(
  cluster: Cluster,
  path = '/',
  more: {
    readonly from?: Vantage;
    readonly host?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly protocol?: 'http' | 'https';
  } = {},
): ProbeResult {
  const { from = client, host = 'x.test', headers = {}, protocol = 'http' } = more;
  const port = protocol === 'https' ? 443 : 80;
  return cluster.probe(from, { host, address, port, protocol, path, headers, timeoutSeconds: 60 });
}

const lineOf = ({ response }: ProbeResult, name: string) =>
  new RegExp(`^${name}:? (.*)$`, 'm').exec(response?.body ?? '')?.[1];

describe('a request through the controller', () => {
  it.each([
    ['the client outside', client],
    ['a Pod', { kind: 'pod', namespace: 'default', name: 'pod' }],
    ['a node', { kind: 'node', name: 'worker-1' }],
  ] satisfies readonly (readonly [string, Vantage])[])(
    'from %s is answered by a Pod, without the Service between',
    async (_, from) => {
      const cluster = await withIngress({});
      const result = ask(cluster, '/shop?page=2', { from });
      expect(lineOf(result, 'GET')).toBe('/shop?page=2 HTTP/1.1');
      const pods = cluster.view.list({
        group: '',
        version: 'v1',
        plural: 'pods',
        kind: 'Pod',
        namespaced: true,
      });
      const addressOf = (label: string) =>
        JSON.parse(JSON.stringify(pods))
          .filter((pod: { metadata: { name: string } }) => pod.metadata.name.startsWith(label))
          .map((pod: { status: { podIP: string } }) => pod.status.podIP);
      const arrived = result.packets
        .filter(({ summary }) => summary === 'SYN')
        .map(({ verdict }) => (verdict.kind === 'delivered' ? verdict.address : verdict.kind));
      expect(
        [addressOf('ingress-nginx'), addressOf('web')].map((all, index) => all.includes(arrived[index])),
      ).toEqual([true, true]);
    },
  );

  it('tells the backend who asked', async () => {
    const result = ask(await withIngress({}), '/', { headers: { 'X-Forwarded-For': '1.2.3.4' } });
    const told = [
      'X-Forwarded-For',
      'X-Real-IP',
      'X-Forwarded-Host',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
    ];
    expect(told.map((name) => lineOf(result, name))).toEqual([
      '198.51.100.10',
      '198.51.100.10',
      'x.test',
      '80',
      'http',
    ]);
    expect(lineOf(result, 'X-Original-Forwarded-For')).toBe('1.2.3.4');
  });

  it('takes turns between endpoints', async () => {
    const cluster = await withIngress({});
    const names = [1, 2, 3, 4].map(() => lineOf(ask(cluster), 'Hostname'));
    expect(new Set(names).size).toBe(2);
    expect(names[0]).toBe(names[2]);
  });
});

// Statuses and fields as ingress-nginx's e2e tests expect them: test/e2e/annotations, test/e2e/defaultbackend.
describe('annotations and failures', () => {
  it.each([
    ['no rule takes the path', {}, ['x.test/a=web:8080'], '/b', {}, 404, undefined],
    ['the Service is missing', {}, ['x.test/*=nobody:8080'], '/', {}, 503, undefined],
    ['the Service has no endpoints', {}, ['x.test/*=empty:8080'], '/', {}, 503, undefined],
    ['nobody listens on the endpoint', {}, ['x.test/*=refused:8080'], '/', {}, 502, undefined],
    [
      'the client may not ask',
      { 'whitelist-source-range': '10.0.0.0/8' },
      undefined,
      '/',
      {},
      403,
      undefined,
    ],
    [
      'the client may ask',
      { 'whitelist-source-range': '10.0.0.0/8,198.51.100.0/24' },
      undefined,
      '/',
      {},
      200,
      undefined,
    ],
    [
      'the client is turned away',
      { 'denylist-source-range': '198.51.100.10' },
      undefined,
      '/',
      {},
      403,
      undefined,
    ],
    [
      'everybody is sent to https',
      { 'force-ssl-redirect': 'true' },
      undefined,
      '/a?b=c',
      {},
      308,
      'https://x.test/a?b=c',
    ],
    ['the root is elsewhere', { 'app-root': '/app' }, undefined, '/', {}, 302, 'http://x.test/app'],
    ['it moved', { 'permanent-redirect': 'https://y.test' }, undefined, '/', {}, 301, 'https://y.test'],
    [
      'the body is too large',
      { 'proxy-body-size': '1k' },
      undefined,
      '/',
      { 'Content-Length': '0', 'X-Big': '1' },
      200,
      undefined,
    ],
    [
      'TLS is spoken with a backend that does not',
      { 'backend-protocol': 'HTTPS' },
      undefined,
      '/',
      {},
      502,
      undefined,
    ],
  ] as const)('answers when %s', async (_, annotations, rules, path, headers, status, location) => {
    const { response } = ask(
      await withIngress(annotations, rules === undefined ? undefined : [...rules]),
      path,
      { headers },
    );
    expect([response?.status, response?.headers.location]).toEqual([status, location]);
  });

  it('refuses a body that is larger than proxy-body-size', async () => {
    const shell = await (await withIngress({ 'proxy-body-size': '1k' })).openShell();
    const body = 'x'.repeat(1025);
    const { stdout } = await shell.run(
      `curl -s -o /dev/null -w '%{http_code}' -H 'Host: x.test' -d ${body} ${address}`,
    );
    expect(stdout).toBe('413');
  });

  it('rewrites with the groups of a regular expression', async () => {
    const cluster = await withIngress({ 'use-regex': 'true', 'rewrite-target': '/$2' }, [
      'x.test/api=api:8080',
    ]);
    const at = '/spec/rules/0/http/paths/0';
    const changes = [
      { op: 'replace', path: `${at}/path`, value: '/api(/|$)(.*)' },
      { op: 'replace', path: `${at}/pathType`, value: 'ImplementationSpecific' },
    ];
    await runLines(cluster, [`kubectl patch ingress x --type json -p '${JSON.stringify(changes)}'`]);
    expect(lineOf(ask(cluster, '/api/items?x=1'), 'GET')).toBe('/items?x=1 HTTP/1.1');
    expect(lineOf(ask(cluster, '/api'), 'GET')).toBe('/ HTTP/1.1');
  });

  it('keeps a client at one endpoint by a cookie', async () => {
    const cluster = await withIngress({ affinity: 'cookie' });
    const first = ask(cluster);
    const cookie = first.response?.headers['set-cookie'] ?? '';
    expect(cookie).toMatch(/^INGRESSCOOKIE=\S+; Path=\/; HttpOnly$/);
    const headers = { Cookie: cookie.split(';', 1)[0] ?? '' };
    const names = [1, 2, 3].map(() => lineOf(ask(cluster, '/', { headers }), 'Hostname'));
    expect(new Set([lineOf(first, 'Hostname'), ...names]).size).toBe(1);
  });

  it('lets a canary take over by header, and else by weight', async () => {
    const cluster = await withIngress({});
    await runLines(cluster, [
      `kubectl create ingress canary --class nginx --rule 'x.test/*=api:8080' --annotation ${nginx}/canary=true --annotation ${nginx}/canary-by-header=X-Canary --annotation ${nginx}/canary-weight=0`,
    ]);
    const by = (headers: Readonly<Record<string, string>>) =>
      lineOf(ask(cluster, '/', { headers }), 'Hostname');
    expect(by({ 'X-Canary': 'always' })).toMatch(/^api-/);
    expect([by({}), by({ 'X-Canary': 'never' })].every((name) => name?.startsWith('web-'))).toBe(true);
    await runLines(cluster, [`kubectl annotate ingress canary ${nginx}/canary-weight=100 --overwrite`]);
    expect([by({}), by({ 'X-Canary': 'never' })].map((name) => name?.slice(0, 3))).toEqual(['api', 'web']);
  });
});

describe('TLS', () => {
  const makeSecret = (name: string, host: string, days = 365) => [
    `openssl req -x509 -newkey rsa:1024 -nodes -keyout tls.key -out tls.crt -days ${days} -subj /CN=${host} -addext subjectAltName=DNS:${host}`,
    `kubectl create secret tls ${name} --cert=tls.crt --key=tls.key`,
  ];

  it.each([
    ['the one that fits', makeSecret('tls', 'x.test'), 'CN=x.test', undefined],
    [
      'the fake one when the Secret is missing',
      [],
      'O=Acme Co,CN=Kubernetes Ingress Controller Fake Certificate',
      'secret "default/tls" was not found',
    ],
    [
      'the fake one when the name is another',
      makeSecret('tls', 'y.test'),
      'O=Acme Co,CN=Kubernetes Ingress Controller Fake Certificate',
      'does not contain a Common Name or Subject Alternative Name for server "x.test"',
    ],
    [
      'the fake one when its time is over',
      makeSecret('tls', 'x.test', -1),
      'O=Acme Co,CN=Kubernetes Ingress Controller Fake Certificate',
      'expired (2026-04-30',
    ],
  ] as const)('shows %s, and says why', async (_, lines, subject, reason) => {
    const cluster = world.fork();
    const shell = await runLines(cluster, [
      ...lines,
      "kubectl create ingress x --class nginx --rule 'x.test/*=web:8080,tls=tls'",
    ]);
    const result = ask(cluster, '/', { protocol: 'https' });
    expect([result.response?.status, result.certificate?.subject]).toEqual([200, subject]);
    const { stdout } = await shell.run('kubectl describe ingress x');
    if (reason === undefined) expect(stdout).not.toContain('Warning');
    else expect(stdout).toContain(reason);
    // Only a host with a certificate of its own sends plain requests to https.
    expect(ask(cluster).response?.status).toBe(reason === undefined ? 308 : 200);
  });

  it('is told by curl as OpenSSL words it', async () => {
    const cluster = world.fork();
    const shell = await runLines(cluster, [
      ...makeSecret('tls', 'x.test'),
      "kubectl create ingress x --class nginx --rule 'x.test/*=web:8080,tls=tls'",
    ]);
    const at = `--resolve x.test:443:${address} https://x.test/`;
    expect(await shell.run(`curl -s --cacert tls.crt -o /dev/null -w '%{http_code}' ${at}`)).toMatchObject({
      stdout: '200',
      exitCode: 0,
    });
    const refused = await shell.run(`curl -sS ${at}`);
    expect([refused.exitCode, refused.stderr.split('\n')[0]]).toEqual([
      60,
      'curl: (60) SSL certificate problem: self-signed certificate',
    ]);
    const other = await shell.run(
      `curl -sS --cacert tls.crt --resolve y.test:443:${address} https://y.test/`,
    );
    expect([other.exitCode, other.stderr.split('\n')[0]]).toEqual([
      60,
      'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    ]);
  });
});

describe('classes', () => {
  it.each([
    ['its class', '--class nginx', 200],
    ['another class', '--class other', 404],
    ['no class', '', 404],
    ['the old annotation', '--annotation kubernetes.io/ingress.class=nginx', 200],
  ])('serves an Ingress of %s or not', async (_, words, status) => {
    const cluster = world.fork();
    const shell = await cluster.openShell();
    await shell.run(`kubectl create ingress x ${words} --rule 'x.test/*=web:8080'`);
    expect(ask(cluster).response?.status).toBe(status);
  });

  it('serves one without a class once its class is the default', async () => {
    const cluster = world.fork();
    await runLines(cluster, [
      'kubectl annotate ingressclass nginx ingressclass.kubernetes.io/is-default-class=true',
      "kubectl create ingress x --rule 'x.test/*=web:8080'",
    ]);
    expect(ask(cluster).response?.status).toBe(200);
  });
});

it('gives Ingresses the address of its Service in its next round, and tells events', async () => {
  const cluster = await withIngress({ limit: '5' });
  cluster.advance(60);
  const shell = await cluster.openShell();
  expect((await shell.run('kubectl get ingress x')).stdout).toContain(address);
  const { stdout } = await shell.run('kubectl describe ingress x');
  expect(stdout).toMatch(/Normal +Sync .*nginx-ingress-controller +Scheduled for sync/);
  expect(stdout).toMatch(/Warning +UnknownAnnotation .*nginx\.ingress\.kubernetes\.io\/limit/);
});

it('writes its log as nginx does, with the endpoint that was asked', async () => {
  const cluster = await withIngress({});
  ask(cluster, '/logged');
  const shell = await cluster.openShell();
  const { stdout } = await shell.run(
    'kubectl logs -n ingress-nginx deploy/ingress-nginx-controller --tail 1',
  );
  expect(stdout).toMatch(
    /^198\.51\.100\.10 - - \[01\/May\/2026:[\d:]{8} \+0000\] "GET \/logged HTTP\/1\.1" 200 \d+ "-" "probe" \d+ 0\.000 \[default-web-8080\] \[\] 10\.244\.\d\.\d+:80 \d+ 0\.000 200 [0-9a-f]{32}\n$/,
  );
});
