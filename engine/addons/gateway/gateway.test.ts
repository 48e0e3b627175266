/** Envoy Gateway in a cluster: what it makes, who reaches what is behind it, and how its proxies follow changes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import { certificatePem, privateKeyPem } from './testing/certificate.ts';

const server = (name: string, namespace = 'default', args = '[netexec]') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { containers: [{ name: web, image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: ${args} }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ port: 8080 }] }
---
`;

const manifests = `
${server('one')}
${server('two')}
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: eg }
spec:
  gatewayClassName: eg
  listeners:
  - { name: http, protocol: HTTP, port: 80 }
  - { name: https, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: cert }] } }
  - { name: pass, protocol: TLS, port: 443, hostname: pass.example.com, tls: { mode: Passthrough } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: eg }]
  hostnames: [shop.example.com, secure.example.com]
  rules:
  - { matches: [{ path: { value: /hostname } }], backendRefs: [{ name: one, port: 8080 }] }
  - { matches: [{ path: { value: /two } }], filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }], backendRefs: [{ name: two, port: 8080 }] }
  - { matches: [{ path: { value: /clientip } }], backendRefs: [{ name: one, port: 8080 }] }
  - { matches: [{ path: { value: /missing } }], backendRefs: [{ name: nobody, port: 8080 }] }
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: { name: cert }
data:
  tls.crt: ${Buffer.from(certificatePem).toString('base64')}
  tls.key: ${Buffer.from(privateKeyPem).toString('base64')}
`;

const curl = (cluster: Cluster, path: string, ...more: readonly string[]) =>
  cluster.run({ kind: 'client' }, [
    'curl',
    '-s',
    '-H',
    'Host: shop.example.com',
    ...more,
    `http://203.0.113.1${path}`,
  ]).stdout;

describe('Envoy Gateway', () => {
  let cluster: Cluster;
  const shellOf = async (on: Cluster, files: Readonly<Record<string, string>>) => {
    const shell = await on.openShell({ files: new Map(Object.entries(files)) });
    return async (line: string) => {
      const { stdout, stderr } = await shell.run(line);
      on.settle();
      return stdout + stderr;
    };
  };

  beforeAll(async () => {
    cluster = createCluster({ seed: 'gateway', addons: ['envoy-gateway'] });
    const run = await shellOf(cluster, { 'world.yaml': manifests });
    await run('kubectl apply -f world.yaml');
  });

  it('makes proxies and a Service named after the Gateway, and tells its address', async () => {
    const run = await shellOf(cluster, {});
    expect(await run('kubectl get gateway eg')).toMatch(/eg +eg +203\.0\.113\.1 +True/);
    expect(await run('kubectl get deploy -n envoy-gateway-system -o name')).toBe(
      'deployment.apps/envoy-default-eg-e41e7b31\ndeployment.apps/envoy-gateway\n',
    );
    expect(
      await run(
        "kubectl get svc -n envoy-gateway-system envoy-default-eg-e41e7b31 -o jsonpath='{.spec.ports[*].name}'",
      ),
    ).toBe('http-80 https-443');
  });

  it.each([
    ['the client outside', { kind: 'client' as const }],
    ['a Pod', { kind: 'pod' as const, namespace: 'default', name: 'two' }],
    ['a node', { kind: 'node' as const, name: 'worker-1' }],
  ])('is reached from %s', (_name, from) => {
    const target = {
      host: '203.0.113.1',
      port: 80,
      protocol: 'http',
      headers: { Host: 'shop.example.com' },
    } as const;
    const bodies = ['/hostname', '/two/hostname'].map(
      (path) => cluster.fork().probe(from, { ...target, path }).response?.body,
    );
    expect(bodies).toEqual(['one', 'two']);
  });

  it('shows the packets of both connections: to the proxy, and from it to the Pod', () => {
    const target = {
      host: '203.0.113.1',
      port: 80,
      protocol: 'http',
      headers: { Host: 'shop.example.com' },
      path: '/hostname',
    } as const;
    const { packets } = cluster.fork().probe({ kind: 'client' }, target);
    const arrivals = packets
      .filter(({ summary, verdict }) => summary === 'SYN' && verdict.kind === 'delivered')
      .map(({ verdict }) => (verdict.kind === 'delivered' ? verdict.port : 0));
    expect(arrivals).toEqual([10_080, 8080]);
  });

  it('answers 500 for a backend that is not there and 404 for a host that no route has', () => {
    const forked = cluster.fork();
    expect(curl(forked, '/missing', '-o', '/dev/null', '-w', '%{http_code}')).toBe('500');
    const headers = { Host: 'other.example' };
    const target = { host: '203.0.113.1', port: 80, protocol: 'http', headers, path: '/hostname' } as const;
    expect(forked.probe({ kind: 'client' }, target).response?.status).toBe(404);
  });

  it('ends TLS with the certificate of the Secret', () => {
    const { stdout, exitCode } = cluster
      .fork()
      .run({ kind: 'client' }, [
        'curl',
        '-sk',
        '--resolve',
        'secure.example.com:443:203.0.113.1',
        'https://secure.example.com/hostname',
      ]);
    expect([stdout, exitCode]).toEqual(['one', 0]);
  });

  it('passes TLS on unopened by the name that it asks for', async () => {
    const forked = cluster.fork();
    const run = await shellOf(forked, {
      'tls.yaml': `${server('tls', 'default', '[netexec, --http-port=8080]')}
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: { name: pass }
spec: { parentRefs: [{ name: eg }], hostnames: [pass.example.com], rules: [{ backendRefs: [{ name: tls, port: 8080 }] }] }
`,
    });
    await run('kubectl apply -f tls.yaml');
    expect(await run("kubectl get gateway eg -o jsonpath='{.status.listeners[2].attachedRoutes}'")).toBe('1');
    const { stderr } = forked.run({ kind: 'client' }, [
      'curl',
      '-sSk',
      '--resolve',
      'pass.example.com:443:203.0.113.1',
      'https://pass.example.com/',
    ]);
    // The Pod speaks plain HTTP, and its answer to the ClientHello comes all the way back.
    expect(stderr).toMatch(/curl: \(35\)/);
  });

  it('follows listeners and routes that change, and keeps answering', async () => {
    const forked = cluster.fork();
    const run = await shellOf(forked, {});
    const add = JSON.stringify([
      { op: 'add', path: '/spec/listeners/-', value: { name: 'more', protocol: 'HTTP', port: 8080 } },
    ]);
    await run(`kubectl patch gateway eg --type=json -p '${add}'`);
    const asked = {
      host: '203.0.113.1',
      port: 8080,
      protocol: 'http',
      headers: { Host: 'shop.example.com' },
      path: '/hostname',
    } as const;
    expect(forked.probe({ kind: 'client' }, asked).response?.body).toBe('one');
    await run('kubectl patch gateway eg --type=json -p \'[{"op":"remove","path":"/spec/listeners/3"}]\'');
    expect(forked.probe({ kind: 'client' }, asked).outcome).not.toBe('answered');
    expect(curl(forked, '/hostname')).toBe('one');
  });

  it('goes on serving without its control plane, which no longer follows changes', async () => {
    const forked = cluster.fork();
    const run = await shellOf(forked, {});
    await run('kubectl scale -n envoy-gateway-system deploy/envoy-gateway --replicas=0');
    await run('kubectl delete httproute shop');
    expect(curl(forked, '/hostname')).toBe('one');
    await run('kubectl scale -n envoy-gateway-system deploy/envoy-gateway --replicas=1');
    expect(curl(forked, '/hostname', '-o', '/dev/null', '-w', '%{http_code}')).toBe('404');
  });

  it('takes the proxies away with the Gateway', async () => {
    const forked = cluster.fork();
    const run = await shellOf(forked, {});
    await run('kubectl delete gateway eg');
    forked.advance(60);
    expect(await run('kubectl get deploy,svc,sa -n envoy-gateway-system -o name')).not.toContain(
      'envoy-default-eg',
    );
  });

  it.each([
    ['a backend that is not there', '/missing', '2'],
    ['a service that no route has', '/some.Service/Call', '12'],
  ])('tells a call of gRPC of %s in a status of its own', (_name, path, status) => {
    const call = ['-i', '-X', 'POST', '-H', 'content-type: application/grpc'];
    const answer = curl(cluster.fork(), path, ...call);
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).toContain(`grpc-status: ${status}\r\n`);
  });

  it('says what became of a connection to an endpoint that refuses it', async () => {
    const forked = cluster.fork();
    const run = await shellOf(forked, {});
    await run('kubectl patch svc one -p \'{"spec":{"ports":[{"port":8080,"targetPort":9}]}}\'');
    expect(curl(forked, '/hostname', '-w', ' %{http_code}')).toBe(
      'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused 503',
    );
  });

  it('tells the backend the client’s own address', () => {
    expect(curl(cluster.fork(), '/clientip')).toMatch(/^10\.244\./);
    expect(curl(cluster.fork(), '/two/header?key=X-Forwarded-For')).toBe('198.51.100.10');
  });

  it('goes the same way twice', () => {
    const [a, b] = [cluster.fork(), cluster.fork()];
    expect(curl(a, '/two/header?key=X-Request-Id')).toBe(curl(b, '/two/header?key=X-Request-Id'));
  });
});
