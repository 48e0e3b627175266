/**
 * Requests through the API server to Pods, Services and nodes. Words: ResourceLocation of pkg/registry/core (pod, service,
 * node), util/proxy/transport.go of k8s.io/apimachinery, Go's net.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';
import type { Shell } from './shell.ts';

const manifest = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: c, image: 'nginx:1.27', ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: echo, labels: {app: echo}}
spec:
  containers:
  - name: c
    image: registry.k8s.io/e2e-test-images/agnhost:2.53
    args: [netexec, --http-port=8080]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8000, targetPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}, {name: dead, port: 81, targetPort: 81}]}
---
apiVersion: v1
kind: Service
metadata: {name: none}
spec: {selector: {app: none}, ports: [{port: 80}]}
`;

let shell: Shell;
const path = (rest: string) => `/api/v1/namespaces/default/${rest}`;

beforeAll(async () => {
  const cluster = createCluster({ seed: 'proxied' });
  shell = await cluster.openShell({ files: new Map([['all.yaml', manifest]]) });
  await shell.run('kubectl apply -f all.yaml; kubectl wait --for=condition=Ready pod --all');
});

describe('kubectl get --raw', () => {
  it.each([
    ['a Pod by its first port', 'pods/web/proxy/', /<h1>Welcome to nginx!<\/h1>/],
    ['a Service by its only port', 'services/web/proxy/', /<h1>Welcome to nginx!<\/h1>/],
    ["a Service by a port's number", 'services/web:8000/proxy/', /<h1>Welcome to nginx!<\/h1>/],
    ["a Service by a port's name", 'services/echo:http/proxy/hostname', /^echo$/],
    ['a Pod by a port, with a query', 'pods/echo:8080/proxy/echo?msg=a%20b', /^a b$/],
  ])('reaches %s', async (_, rest, want) => {
    const { stdout, stderr } = await shell.run(`kubectl get --raw '${path(rest)}'`);
    expect({ stderr, stdout: stdout.trimEnd() }).toEqual({ stderr: '', stdout: expect.stringMatching(want) });
  });

  it.each([
    ['services/none/proxy/', 'no endpoints available for service "none"'],
    ['services/echo/proxy/', 'no endpoints available for service "echo"'],
    ['services/echo:82/proxy/', 'no service port 82 found for service "echo"'],
    [
      'pods/web:81/proxy/',
      /^error trying to reach service: dial tcp 10\.244\.\d+\.\d+:81: connect: connection refused$/,
    ],
    [
      'services/echo:dead/proxy/',
      /^error trying to reach service: dial tcp 10\.244\.\d+\.\d+:81: connect: connection refused$/,
    ],
    [
      'pods/https:web:80/proxy/',
      'error trying to reach service: tls: first record does not look like a TLS handshake',
    ],
    ['pods/web:bogus/proxy/', 'error trying to reach service: dial tcp: lookup tcp/bogus: unknown port'],
    ['pods/ftp:web:80/proxy/', 'invalid pod request "ftp:web:80"'],
  ])('says of %s what the server says', async (rest, want) => {
    const { stderr } = await shell.run(`kubectl get --raw ${path(rest)}`);
    const said = stderr.trimEnd().replace(/^Error from server \(\w+\): /, '');
    if (typeof want === 'string') expect(said).toBe(want);
    else expect(said).toMatch(want);
  });

  it('finds no Pod that is not there', async () => {
    const { stderr } = await shell.run(`kubectl get --raw ${path('pods/x/proxy/')}`);
    expect(stderr).toBe('Error from server (NotFound): pods "x" not found\n');
  });
});

describe('kubectl proxy', () => {
  beforeAll(async () => {
    await shell.run('kubectl proxy &');
  });

  it.each([
    ['a page', `curl -s localhost:8001${path('services/web/proxy/')} | grep -c 'Welcome to nginx'`, '2\n'],
    [
      'the way to a page without a slash',
      `curl -s -o /dev/null -w '%{http_code} %{redirect_url}' localhost:8001${path('services/web/proxy')}`,
      `301 http://localhost:8001${path('services/web/proxy/')}`,
    ],
    [
      'a refusal of the other end with its code',
      `curl -s -o /dev/null -w '%{http_code} %{content_type}' localhost:8001${path('pods/web/proxy/nothing')}`,
      '404 text/html',
    ],
    [
      'what is posted',
      `curl -s -X POST -d x=1 'localhost:8001${path('pods/echo:8080/proxy/echo?msg=hi')}'`,
      'hi',
    ],
    [
      'whom nobody reaches',
      `curl -s -o /dev/null -w '%{http_code}' localhost:8001${path('services/none/proxy/')}`,
      '503',
    ],
  ])('passes on %s', async (_, line, stdout) => {
    expect((await shell.run(line)).stdout).toBe(stdout);
  });
});

it('waits half a minute for packets that a NetworkPolicy drops', async () => {
  await shell.run(`kubectl apply -f - <<'EOF'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
EOF`);
  const { stderr } = await shell.run(`kubectl get --raw ${path('pods/web/proxy/')}`);
  expect(stderr).toMatch(/error trying to reach service: dial tcp 10\.244\.\d+\.\d+:80: i\/o timeout\n$/);
});
