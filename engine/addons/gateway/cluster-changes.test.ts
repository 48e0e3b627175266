/** Envoy Gateway in a cluster while things change: what it keeps between two changes says the same as what it would read anew. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { Shell } from '../../shell/shell.ts';
import { runLines } from '../../testing/run-lines.ts';

let cluster: Cluster;
let shell: Shell;

const manifest = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: eg }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { parentRefs: [{ name: eg }], hostnames: [web.test], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: other }
spec: { parentRefs: [{ name: eg }], hostnames: [other.test], rules: [{ backendRefs: [{ name: web, namespace: shop, port: 80 }] }] }
`;

beforeEach(async () => {
  cluster = createCluster({ seed: 'rule-cache', addons: ['envoy-gateway'] });
  shell = await cluster.openShell({ files: new Map([['all.yaml', manifest]]) });
  await run(
    'kubectl create namespace shop',
    'kubectl create deployment web --image traefik/whoami',
    'kubectl create deployment web --image traefik/whoami -n shop',
    'kubectl expose deployment web --port 80 -n shop',
    'kubectl apply -f all.yaml',
  );
});

async function run(...lines: readonly string[]): Promise<void> {
  await runLines(cluster, lines, shell);
  cluster.settle();
}

function status(host: string): number | undefined {
  const target = { host, address: '203.0.113.1', port: 80, protocol: 'http', path: '/' } as const;
  return cluster.probe({ kind: 'client' }, target).response?.status;
}

describe('a route is read again', () => {
  it('when a Service that it names comes, loses its Pods and gets them back', async () => {
    expect(status('web.test')).toBe(500);
    await run('kubectl expose deployment web --port 80');
    expect(status('web.test')).toBe(200);
    await run('kubectl scale deployment web --replicas 0');
    expect(status('web.test')).toBe(503);
    await run('kubectl scale deployment web --replicas 1');
    expect(status('web.test')).toBe(200);
  });

  it('when a ReferenceGrant comes and goes', async () => {
    expect(status('other.test')).toBe(500);
    await run(`kubectl apply -n shop -f - <<'E'
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: open }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default }]
  to: [{ group: "", kind: Service }]
E`);
    expect(status('other.test')).toBe(200);
    await run('kubectl delete referencegrant open -n shop');
    expect(status('other.test')).toBe(500);
  });

  it('when a listener stops taking it, and takes it again', async () => {
    await run('kubectl expose deployment web --port 80');
    const listener = (hostname: string) =>
      `kubectl patch gateway eg --type merge -p '{"spec":{"listeners":[{"name":"http","port":80,"protocol":"HTTP","hostname":"${hostname}"}]}}'`;
    await run(listener('other.test'));
    expect(status('web.test')).toBe(404);
    const accepted = async () =>
      (await shell.run(`kubectl get httproute web -o jsonpath='{.status.parents[0].conditions[0].reason}'`))
        .stdout;
    expect(await accepted()).toBe('NoMatchingListenerHostname');
    await run(listener('web.test'));
    expect([status('web.test'), await accepted()]).toEqual([200, 'Accepted']);
  });
});

// HTTPRouteServiceTypes of the conformance tests: what a Service's endpoints come from makes no difference.
it('asks Services without a cluster address and with endpoints that were written by hand', async () => {
  const podIP = (await shell.run("kubectl get pods -l app=web -o jsonpath='{.items[0].status.podIP}'"))
    .stdout;
  const names = ['headless', 'manual', 'headless-manual'];
  const manifests = names.map((name) => {
    const clusterIP = name.startsWith('headless') ? 'clusterIP: None, ' : '';
    const selector = name === 'headless' ? 'selector: { app: web }, ' : '';
    const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: first-port, port: 80 }]
endpoints: [{ addresses: ["${podIP}"] }]
---`;
    return `${name === 'headless' ? '' : slice}
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ${clusterIP}${selector}ports: [{ name: first-port, port: 8080, targetPort: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec: { parentRefs: [{ name: eg }], hostnames: [${name}.test], rules: [{ backendRefs: [{ name: ${name}, port: 8080 }] }] }`;
  });
  await run(`kubectl apply -f - <<'E'\n${manifests.join('\n---\n')}\nE`);
  expect(names.map((name) => status(`${name}.test`))).toEqual([200, 200, 200]);
});

it.each([
  ['the client outside', { kind: 'client' }],
  ['a Pod', { kind: 'pod', namespace: 'default', name: 'pod' }],
  ['a node', { kind: 'node', name: 'worker-1' }],
] as const)('is reached from %s, through the netns of the proxy', async (_name, from) => {
  await run(
    'kubectl expose deployment web --port 80',
    'kubectl run pod --image curlimages/curl -- sleep infinity',
  );
  const target = { host: 'web.test', address: '203.0.113.1', port: 80, protocol: 'http', path: '/' } as const;
  const { response, packets } = cluster.probe(from, target);
  expect(response?.status).toBe(200);
  const [asked, forwarded] = packets.filter(({ summary }) => summary === 'SYN');
  const arrived = asked?.verdict.kind === 'delivered' ? asked.verdict.at : '';
  const sent = forwarded?.hops.find((hop) => hop.step === 'send');
  expect(arrived).toMatch(/^worker-\d\/cni-/);
  expect(sent?.step === 'send' ? sent.at : '').toBe(arrived);
});
