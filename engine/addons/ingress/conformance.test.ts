/**
 * The scenarios of the upstream Ingress conformance in a cluster, said in our own words: the objects of a feature, what is asked
 * and what must come of it, by the names of the scenarios. Source: kubernetes-sigs/ingress-controller-conformance, features;
 * those of path_rules.feature are in routes.test.ts.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { ingresses, services } from '../../api/types/resources.ts';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { Vantage } from '../../explain/probe.ts';
import type { Shell } from '../../shell/shell.ts';
import { runLines } from '../../testing/run-lines.ts';

let world: Cluster;
const address = '203.0.113.1';
/** Controllers write addresses in rounds of a minute. */
const statusSeconds = 61;

beforeAll(async () => {
  world = createCluster({ seed: 'ingress-conformance', addons: ['ingress-nginx'] });
  await runLines(world, [
    ...['wildcard-foo-com', 'foo-bar-com', 'echo-service'].flatMap((name) => [
      `kubectl create deployment ${name} --image traefik/whoami`,
      `kubectl create service clusterip ${name} --tcp 8080:80`,
      `kubectl patch service ${name} --type json -p '[{"op":"replace","path":"/spec/ports/0/name","value":"http"}]'`,
    ]),
    'kubectl run pod --image curlimages/curl -- sleep infinity',
  ]);
});

function addressesOf(cluster: Cluster): readonly string[] {
  cluster.advance(statusSeconds);
  return cluster.view
    .list(ingresses)
    .flatMap(({ status }) => status?.loadBalancer?.ingress ?? [])
    .flatMap(({ ip }) => ip ?? []);
}

describe('host_rules.feature', () => {
  let cluster: Cluster;
  let shell: Shell;
  beforeAll(async () => {
    cluster = world.fork();
    shell = await runLines(cluster, [
      'openssl req -x509 -newkey rsa:1024 -nodes -keyout tls.key -out tls.crt -days 365 -subj /CN=foo.bar.com -addext subjectAltName=DNS:foo.bar.com',
      'kubectl create secret tls conformance-tls --cert=tls.crt --key=tls.key',
      `kubectl create ingress host-rules --class nginx --annotation nginx.ingress.kubernetes.io/ssl-redirect=false \
        --rule '*.foo.com/*=wildcard-foo-com:8080' --rule 'foo.bar.com/*=foo-bar-com:http,tls=conformance-tls'`,
    ]);
  });

  it('the Ingress status shows the address where it is exposed', () => {
    expect(addressesOf(cluster)).toEqual([address]);
  });

  it.each([
    ['foo.bar.com matches request foo.bar.com over TLS', 'https://foo.bar.com', 'foo-bar-com'],
    ['foo.bar.com matches request foo.bar.com', 'http://foo.bar.com', 'foo-bar-com'],
    ['foo.bar.com does not match request subdomain.bar.com', 'http://subdomain.bar.com', '404'],
    ['a wildcard matches on the shared suffix', 'http://bar.foo.com', 'wildcard-foo-com'],
    ['a wildcard covers only a single DNS label', 'http://baz.bar.foo.com', '404'],
    ['a wildcard does not match without a label', 'http://foo.com', '404'],
  ])('%s', async (_name, url, want) => {
    const host = new URL(url).host;
    const { stdout } = await shell.run(
      `curl -s --cacert tls.crt --resolve ${host}:80:${address} --resolve ${host}:443:${address} -w '%{http_code}' ${url}`,
    );
    if (want === '404') expect(stdout).toMatch(/404$/);
    else {
      expect(stdout).toMatch(new RegExp(`^Hostname: ${want}-`));
      expect(stdout.split(/\r?\n/)).toContain(`Host: ${host}`);
    }
  });
});

describe('default_backend.feature', () => {
  it.each([
    ['GET', 'my-host', '/'],
    ['GET', 'my-host', '/sub-path'],
    ['POST', 'some-host', '/'],
    ['PUT', '', '/resource'],
    ['DELETE', 'some-host', '/resource'],
    ['PATCH', 'my-host', '/resource'],
  ])(
    'an Ingress without rules sends %s of host "%s" and path %s to the default backend',
    async (method, host, path) => {
      const cluster = world.fork();
      const shell = await runLines(cluster, [
        'kubectl create ingress default-backend --class nginx --default-backend echo-service:8080',
      ]);
      const { stdout } = await shell.run(
        `curl -s -i -X ${method} -A Go-http-client/1.1 ${host === '' ? '' : `-H 'Host: ${host}'`} http://${address}${path}`,
      );
      expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      for (const field of ['Content-Length', 'Content-Type', 'Date'])
        expect(stdout).toMatch(new RegExp(`\\r\\n${field}: .`));
      const lines = stdout.split(/\r?\n/);
      expect(lines).toContain(`${method} ${path} HTTP/1.1`);
      expect(lines).toContain('User-Agent: Go-http-client/1.1');
      expect(stdout).toContain('Hostname: echo-service-');
    },
  );
});

describe('load_balancing.feature', () => {
  it('100 requests are answered by all of 10 Pods', async () => {
    const cluster = world.fork();
    const shell = await runLines(cluster, [
      'kubectl create ingress load-balancing --class nginx --default-backend echo-service:8080',
      'kubectl scale deployment echo-service --replicas 10',
    ]);
    const { stdout } = await shell.run(
      `for i in $(seq 100); do curl -s http://${address}/; done | grep '^Hostname' | sort | uniq -c | wc -l`,
    );
    expect(stdout.trim()).toBe('10');
  });
});

describe('ingress_class.feature', () => {
  it('an Ingress with an invalid ingress class should not show an address', async () => {
    const cluster = world.fork();
    await runLines(cluster, [
      "kubectl create ingress test-ingress-class --class some-invalid-class-name --rule 'ingress-class/*=echo-service:8080'",
    ]);
    expect(addressesOf(cluster)).toEqual([]);
  });
});

describe('every route is reached', () => {
  const places: readonly (readonly [string, Vantage])[] = [
    ['the client outside', { kind: 'client' }],
    ['a Pod', { kind: 'pod', namespace: 'default', name: 'pod' }],
    ['the node of the controller or another', { kind: 'node', name: 'worker-2' }],
    ['the control plane', { kind: 'node', name: 'control-plane' }],
  ];
  it.each(places)(
    'from %s, at the balancer, the ClusterIP and a nodePort, through the netns of the controller',
    async (_name, from) => {
      const cluster = world.fork();
      await runLines(cluster, [
        "kubectl create ingress all --class nginx --rule 'x.test/*=wildcard-foo-com:8080' --rule 'x.test/exact=foo-bar-com:8080'",
        'kubectl create ingress rest --class nginx --default-backend echo-service:8080',
      ]);
      const service = cluster.view
        .list(services, 'ingress-nginx')
        .find(({ spec }) => spec?.type === 'LoadBalancer');
      const nodePort = service?.spec?.ports?.find(({ port }) => port === 80)?.nodePort ?? 0;
      const at: readonly (readonly [string, number])[] = [
        [address, 80],
        ...(from.kind === 'client' ? [] : [[service?.spec?.clusterIP ?? '', 80] as const]),
        ['172.18.0.4', nodePort],
      ];
      for (const [to, port] of at) {
        for (const [host, path, want] of [
          ['x.test', '/', 'wildcard-foo-com'],
          ['x.test', '/exact', 'foo-bar-com'],
          ['y.test', '/', 'echo-service'],
        ] as const) {
          const result = cluster.probe(from, { host, address: to, port, protocol: 'http', path });
          expect([
            to,
            path,
            /Hostname: (.*)-[a-z0-9]+-[a-z0-9]+\n/.exec(result.response?.body ?? '')?.[1],
          ]).toEqual([to, path, want]);
          // The first connection ends where the second begins: in the network namespace of the controller's Pod.
          const [asked, forwarded] = result.packets.filter(({ summary }) => summary === 'SYN');
          const arrived = asked?.verdict.kind === 'delivered' ? asked.verdict.at : '';
          const sent = forwarded?.hops.find((hop) => hop.step === 'send');
          expect(arrived).toMatch(/^worker-\d\/cni-/);
          expect(sent?.step === 'send' ? sent.at : '').toBe(arrived);
        }
      }
    },
  );
});
