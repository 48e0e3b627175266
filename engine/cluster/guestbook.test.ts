/** The guestbook of Kubernetes' tutorial on stateless applications, with its images and names. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';

interface Part {
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly replicas: number;
  readonly env?: Readonly<Record<string, string>>;
}

function create(cluster: Cluster, path: string, body: JsonObject): void {
  expect(cluster.request({ method: 'POST', path, body })).toMatchObject({ code: 201 });
}

function deploy(cluster: Cluster, { name, image, port, replicas, env = {} }: Part): void {
  const labels = { app: name };
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  create(cluster, '/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image, env: variables }] } },
    },
  });
  create(cluster, '/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: labels, ports: [{ port }] },
  });
}

const leader: Part = { name: 'redis-leader', image: 'docker.io/redis:6.0.5', port: 6379, replicas: 1 };
const registry = 'us-docker.pkg.dev/google-samples/containers/gke';
const follower: Part = {
  name: 'redis-follower',
  image: `${registry}/gb-redis-follower:v2`,
  port: 6379,
  replicas: 2,
};
const frontend: Part = {
  name: 'frontend',
  image: 'docker.io/corelab/gb-frontend:v5',
  port: 80,
  replicas: 3,
  env: { GET_HOSTS_FROM: 'dns' },
};

function run(cluster: Cluster, line: string): string {
  return cluster.run({ kind: 'node', name: 'worker-1' }, ['sh', '-c', line]).stdout;
}

/** What the frontend answers to a query. */
function ask(cluster: Cluster, query: string): string {
  const path = '/api/v1/namespaces/default/services/frontend';
  const service = JSON.stringify(cluster.request({ method: 'GET', path }));
  const address = service.match(/"clusterIP":"([\d.]+)"/)?.[1];
  return run(cluster, `curl -s 'http://${address}/${query}'`);
}

function scale(cluster: Cluster, name: string, replicas: number): void {
  const path = `/apis/apps/v1/namespaces/default/deployments/${name}`;
  const headers = { 'content-type': 'application/merge-patch+json' };
  expect(cluster.request({ method: 'PATCH', path, headers, body: { spec: { replicas } } })).toMatchObject({
    code: 200,
  });
  cluster.advance(60);
}

describe('the guestbook', () => {
  let prepared: Cluster;

  beforeAll(() => {
    prepared = createCluster({ seed: 'guestbook' });
    for (const part of [leader, follower, frontend]) deploy(prepared, part);
    prepared.settle();
    prepared.advance(10);
  });

  it('shows a page', () => {
    expect(ask(prepared.fork(), '')).toContain('<title>Guestbook</title>');
  });

  it('tells from a follower what was written to the leader', () => {
    const cluster = prepared.fork();
    expect(ask(cluster, 'guestbook.php?cmd=get')).toBe('{"data": ""}');
    expect(ask(cluster, 'guestbook.php?cmd=set&value=,Hello%20World')).toBe('{"message": "Updated"}');
    for (let turn = 0; turn < 4; turn += 1)
      expect(ask(cluster, 'guestbook.php?cmd=get')).toBe('{"data": ",Hello World"}');
  });

  it('reads on while the leader is gone, and cannot write', () => {
    const cluster = prepared.fork();
    ask(cluster, 'guestbook.php?cmd=set&value=a');
    for (let turn = 0; turn < 8; turn += 1) ask(cluster, 'guestbook.php?cmd=get');
    scale(cluster, 'redis-leader', 0);
    expect(ask(cluster, 'guestbook.php?cmd=get')).toBe('{"data": "a"}');
    expect(ask(cluster, 'guestbook.php?cmd=set&value=b')).toContain(
      "'Predis\\Connection\\ConnectionException' with message 'Connection refused [tcp://redis-leader:6379]'",
    );
  });

  it('can read nothing without followers', () => {
    const cluster = prepared.fork();
    scale(cluster, 'redis-follower', 0);
    expect(ask(cluster, 'guestbook.php?cmd=get')).toContain('Connection refused [tcp://redis-follower:6379]');
  });
});
