/** What annotations make of requests, in a cluster. Source: ingress-nginx, docs/user-guide/nginx-configuration/annotations.md. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { Shell } from '../../shell/shell.ts';
import { runLines } from '../../testing/run-lines.ts';
import { apr1 } from './basic-auth.ts';

let world: Cluster;
const address = '203.0.113.1';

beforeAll(async () => {
  world = createCluster({ seed: 'ingress-annotations', addons: ['ingress-nginx'] });
  await runLines(world, [
    'kubectl create deployment web --image traefik/whoami --replicas 4',
    'kubectl expose deployment web --port 80',
    'kubectl create service externalname outside --external-name web.default.svc.cluster.local',
    'kubectl create service externalname nowhere --external-name nowhere.example.com',
    'kubectl run mute --image busybox --port 80 -- nc -lk -p 80',
    'kubectl expose pod mute --port 80',
  ]);
});

async function withIngress(
  annotations: Readonly<Record<string, string>>,
  backend = 'web:80',
): Promise<Shell> {
  const words = Object.entries(annotations).map(
    ([name, value]) => `--annotation 'nginx.ingress.kubernetes.io/${name}=${value}'`,
  );
  const line = `kubectl create ingress x --class nginx --rule 'x.test/*=${backend}' ${words.join(' ')}`;
  return runLines(world.fork(), [line]);
}

const ask = (words: string, host = 'x.test') => `curl -s -H 'Host: ${host}' ${words} http://${address}`;

describe('a backend', () => {
  it.each([
    ['whose name outside the cluster is asked', 'outside:80', '200', {}],
    ['whose name nobody knows', 'nowhere:80', '503', {}],
    ['that takes connections and never answers', 'mute:80', '504', { 'proxy-read-timeout': '3' }],
  ])('%s', async (_name, backend, status, annotations) => {
    const shell = await withIngress(annotations, backend);
    const { stdout } = await shell.run(ask(`-o /dev/null -w '%{http_code}'`));
    expect(stdout).toBe(status);
  });

  it('is waited for as long as proxy-read-timeout says, for each try', async () => {
    const shell = await withIngress({ 'proxy-read-timeout': '3' }, 'mute:80');
    const { stdout } = await shell.run(ask(`-o /dev/null -w '%{time_total}'`));
    expect(Math.floor(Number(stdout))).toBe(3);
    const log = await shell.run('kubectl logs -n ingress-nginx deploy/ingress-nginx-controller --tail 2');
    expect(log.stdout).toContain(
      'upstream timed out (110: Operation timed out) while reading response header from upstream',
    );
  });
});

describe('basic authentication', () => {
  // Made with `openssl passwd -apr1`.
  it.each([
    ['s3cret-password-of-some-length', 'xyZ12abc', '$apr1$xyZ12abc$LGO.CJ4J0UTrTcVBNiDoG0'],
    ['pw', 'ab', '$apr1$ab$RieuZkC7MNZo71UI4mVva0'],
  ])('hashes %s as htpasswd does', (password, salt, hash) => {
    expect(apr1(password, salt)).toBe(hash);
  });

  it.each([
    ['nobody', '', '401'],
    ['somebody with another password', '-u foo:bar', '401'],
    ['somebody who is not in the file', '-u bar:pw', '401'],
    ['somebody who is', '-u foo:pw', '200'],
    ['somebody with a SHA-1 hash', '-u sha:password', '200'],
  ])('%s', async (_name, words, status) => {
    const shell = await withIngress({
      'auth-type': 'basic',
      'auth-secret': 'basic-auth',
      'auth-realm': 'Who',
    });
    await shell.run(
      `printf 'foo:%s\\nsha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\\n' '$apr1$ab$RieuZkC7MNZo71UI4mVva0' > auth; kubectl create secret generic basic-auth --from-file=auth`,
    );
    const { stdout } = await shell.run(
      ask(`-o /dev/null -w '%{http_code} %header{www-authenticate}' ${words}`),
    );
    expect(stdout.trim()).toBe(status === '401' ? '401 Basic realm="Who"' : status);
  });

  it('closes the location when the Secret is missing', async () => {
    const shell = await withIngress({ 'auth-type': 'basic', 'auth-secret': 'nowhere' });
    expect((await shell.run(ask(`-o /dev/null -w '%{http_code}' -u foo:pw`))).stdout).toBe('503');
  });
});

describe('enable-cors', () => {
  const fields = (stdout: string) => stdout.split('\r\n').filter((line) => line.startsWith('Access-Control'));

  it('answers a preflight itself', async () => {
    const shell = await withIngress({ 'enable-cors': 'true' });
    const { stdout } = await shell.run(ask('-i -X OPTIONS -H "Origin: https://a.test"'));
    expect(stdout).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(fields(stdout)).toEqual([
      'Access-Control-Allow-Origin: *',
      'Access-Control-Allow-Credentials: true',
      'Access-Control-Allow-Methods: GET, PUT, POST, DELETE, PATCH, OPTIONS',
      'Access-Control-Allow-Headers: DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
      'Access-Control-Max-Age: 1728000',
    ]);
  });

  it.each([
    ['https://a.test', 'https://a.test'],
    ['https://b.sub.test', 'https://b.sub.test'],
    ['https://c.b.sub.test', undefined],
    ['https://evil.test', undefined],
  ])('lets in the origins of cors-allow-origin: %s', async (origin, want) => {
    const shell = await withIngress({
      'enable-cors': 'true',
      'cors-allow-origin': 'https://a.test, https://*.sub.test',
    });
    const { stdout } = await shell.run(ask(`-i -H 'Origin: ${origin}'`));
    expect(fields(stdout)[0]).toBe(want === undefined ? undefined : `Access-Control-Allow-Origin: ${want}`);
  });
});

it('upstream-hash-by sends one value to one endpoint', async () => {
  const shell = await withIngress({ 'upstream-hash-by': '$http_x_user' });
  const hosts = async (user: string) => {
    const line = `for i in 1 2 3 4; do ${ask(`-H 'X-User: ${user}'`)} | grep Hostname; done | sort -u | wc -l`;
    return (await shell.run(line)).stdout.trim();
  };
  expect([await hosts('ann'), await hosts('bob')]).toEqual(['1', '1']);
});

it('server-alias answers other hosts, too', async () => {
  const shell = await withIngress({ 'server-alias': 'y.test, z.test' });
  const status = async (host: string) =>
    (await shell.run(ask(`-o /dev/null -w '%{http_code}'`, host))).stdout;
  expect([await status('z.test'), await status('other.test')]).toEqual(['200', '404']);
});

it.each([
  ['temporal-redirect', { 'temporal-redirect': 'https://n.test', 'temporal-redirect-code': '307' }, '307'],
  ['permanent-redirect', { 'permanent-redirect': 'https://n.test', 'permanent-redirect-code': '308' }, '308'],
])('%s may have another status', async (_name, annotations, status) => {
  const shell = await withIngress(annotations);
  expect((await shell.run(ask(`-o /dev/null -w '%{http_code} %{redirect_url}'`))).stdout).toBe(
    `${status} https://n.test`,
  );
});

it.each([
  [
    'configuration-snippet',
    'more_set_headers "a: b";',
    'Snippet directives are disabled by the Ingress administrator',
  ],
  ['auth-type', 'digest', 'this controller knows basic authentication'],
  ['limit-rps', '5', 'is not known to this controller and has no effect'],
  ['proxy-body-size', 'big', 'a size is a number with k, m or g behind it'],
])('tells in an event that %s has no effect', async (name, value, why) => {
  const shell = await withIngress({ [name]: value });
  const { stdout } = await shell.run('kubectl events --for ingress/x --types Warning');
  expect(stdout).toContain(`nginx.ingress.kubernetes.io/${name}`);
  expect(stdout).toContain(why);
});

it('says nothing about how nginx holds requests and answers on their way', async () => {
  const shell = await withIngress({ 'proxy-buffering': 'off', 'proxy-buffer-size': '8k' });
  const { stdout } = await shell.run('kubectl get events --field-selector type=Warning -o name');
  expect(stdout).not.toContain('event/x');
});
