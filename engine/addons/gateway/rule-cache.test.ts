/** What is kept between two runs says the same as what is read anew. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { Shell } from '../../shell/shell.ts';

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
  for (const line of lines) {
    const { exitCode, stderr } = await shell.run(line);
    expect([line, exitCode, stderr]).toEqual([line, 0, '']);
  }
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
