import { describe, expect, it } from 'vitest';
import { programs } from '../../programs/registry.ts';
import { twoMachines } from '../../programs/testing/two-machines.ts';
import { canonicalName, findImage, knownImages, nearestImages, pullFailure } from './images.ts';
import { parseImageReference } from './reference.ts';

describe('a reference', () => {
  // Source: distribution/reference, normalize_test.go and its grammar.
  it.each([
    { name: 'nginx', want: 'docker.io/library/nginx:latest' },
    { name: 'nginx:1.27', want: 'docker.io/library/nginx:1.27' },
    { name: 'docker.io/nginx', want: 'docker.io/library/nginx:latest' },
    { name: 'index.docker.io/nginx', want: 'docker.io/library/nginx:latest' },
    { name: 'traefik/whoami', want: 'docker.io/traefik/whoami:latest' },
    { name: 'localhost/app', want: 'localhost/app:latest' },
    { name: 'localhost:5000/app:1', want: 'localhost:5000/app:1' },
    { name: 'registry.k8s.io/pause:3.10.1', want: 'registry.k8s.io/pause:3.10.1' },
    { name: `busybox@sha256:${'a'.repeat(64)}`, want: `docker.io/library/busybox@sha256:${'a'.repeat(64)}` },
    { name: 'Broken', want: 'Broken' },
  ])('$name is canonically $want', ({ name, want }) => {
    expect(canonicalName(name)).toBe(want);
  });

  it.each([
    { name: 'Nginx', want: 'invalid reference format: repository name (library/Nginx) must be lowercase' },
    { name: 'nginx:', want: 'invalid reference format' },
    { name: 'a//b', want: 'invalid reference format' },
    { name: '', want: 'invalid reference format' },
    { name: '-x', want: 'invalid reference format' },
    { name: 'nginx@sha256:12', want: 'invalid reference format' },
  ])('is refused: "$name"', ({ name, want }) => {
    expect(parseImageReference(name)).toEqual({ ok: false, error: want });
  });
});

describe('a pull that fails', () => {
  // Source: containerd's words, as kubelets report them.
  it.each([
    {
      name: 'ngnix',
      want: 'failed to pull and unpack image "docker.io/library/ngnix:latest": failed to resolve reference "docker.io/library/ngnix:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    },
    {
      name: 'nginx:9.99',
      want: 'failed to pull and unpack image "docker.io/library/nginx:9.99": failed to resolve reference "docker.io/library/nginx:9.99": docker.io/library/nginx:9.99: not found',
    },
    {
      name: 'registry.k8s.io/nope:1',
      want: 'failed to pull and unpack image "registry.k8s.io/nope:1": failed to resolve reference "registry.k8s.io/nope:1": registry.k8s.io/nope:1: not found',
    },
    {
      name: 'reg.example.com/team/app:1',
      want: 'failed to pull and unpack image "reg.example.com/team/app:1": failed to resolve reference "reg.example.com/team/app:1": failed to do request: Head "https://reg.example.com/v2/team/app/manifests/1": dial tcp: lookup reg.example.com: no such host',
    },
  ])('is told in the words of containerd: $name', ({ name, want }) => {
    expect(findImage(name)).toBeUndefined();
    expect(pullFailure(name)).toBe(want);
  });

  it.each([
    { name: 'ngnix', want: 'nginx' },
    { name: 'nginxx:1.27', want: 'nginx:1.27' },
    { name: 'bussybox', want: 'busybox' },
    { name: 'hello-ap', want: 'gcr.io/google-samples/hello-app:1.0' },
  ])('$name is nearest to $want', ({ name, want }) => {
    expect(nearestImages(name)[0]).toBe(want);
  });
});

it('holds no executable without a program behind it, in any known image', () => {
  const broken: string[] = [];
  for (const [repository, tags] of knownImages()) {
    for (const tag of tags) {
      const image = findImage(`${repository}:${tag}`);
      if (image === undefined) broken.push(`${repository}:${tag}`);
      for (const [path, content] of image?.layers.flatMap(({ files }) => [...files]) ?? []) {
        if (typeof content === 'object' && 'program' in content && !programs.has(content.program)) {
          broken.push(`${repository}:${tag} ${path} ${content.program}`);
        }
      }
    }
  }
  expect(broken).toEqual([]);
});

it('gives the same id for the same image, and another for another', () => {
  expect(findImage('nginx')?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(findImage('nginx')?.id).toBe(findImage('docker.io/library/nginx:latest')?.id);
  expect(findImage('nginx')?.id).not.toBe(findImage('nginx:1.27')?.id);
  expect(findImage(`nginx@${findImage('nginx:1.27')?.id}`)?.layers).toBe(findImage('nginx:1.27')?.layers);
});

/** Runs a container's command of an image on `server`, and then a line of curl on `client`. */
function runImage(
  name: string,
  options: { args?: readonly string[]; env?: ReadonlyMap<string, string> } = {},
) {
  const world = twoMachines();
  const image = findImage(name);
  if (image === undefined) throw new Error(`no image ${name}`);
  const pid = world.start('server', [...image.entrypoint, ...(options.args ?? image.command)], {
    rootfs: world.processes.addRootfs(image.layers),
    env: new Map([...image.env, ...(options.env ?? [])]),
    cwd: image.workingDirectory,
    init: true,
  });
  return {
    world,
    pid,
    ran: () => world.ran(pid),
    curl: (...args: string[]) => world.run('client', ['curl', '-s', ...args]),
  };
}

describe('a container', () => {
  it.each([
    { image: 'nginx', url: ':80', want: /^<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!/ },
    { image: 'nginx:1.14.2', url: ':80', want: /<style>\n {4}body \{\n/ },
    { image: 'nginx:1.27-alpine', url: ':80', want: /Welcome to nginx!/ },
    { image: 'nginxinc/nginx-unprivileged', url: ':8080', want: /Welcome to nginx!/ },
    { image: 'httpd', url: ':80', want: /^<html><body><h1>It works!<\/h1><\/body><\/html>\n$/ },
    {
      image: 'gcr.io/google-samples/hello-app:2.0',
      url: ':8080',
      want: /^Hello, world!\nVersion: 2\.0\.0\nHostname: server\n$/,
    },
    { image: 'luksa/kubia', url: ':8080', want: /^You've hit server\n$/ },
    { image: 'gcr.io/google-samples/node-hello:1.0', url: ':8080', want: /^Hello Kubernetes!$/ },
    {
      image: 'traefik/whoami',
      url: ':80',
      want: /^Hostname: server\nIP: 127\.0\.0\.1\nIP: 10\.0\.0\.1\nRemoteAddr: 10\.0\.0\.2:\d+\nGET \/ HTTP\/1\.1\r\n/,
    },
    {
      image: 'registry.k8s.io/echoserver:1.4',
      url: ':8080',
      want: /^CLIENT VALUES:\nclient_address=10\.0\.0\.2\ncommand=GET\n/,
    },
    { image: 'registry.k8s.io/echoserver:1.10', url: ':8080', want: /\n\tclient_address=10\.0\.0\.2\n/ },
    { image: 'hashicorp/http-echo', args: ['-text=hi', '-listen=:9000'], url: ':9000', want: /^hi\n$/ },
    {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
      args: ['netexec'],
      url: ':8080/hostname',
      want: /^server$/,
    },
    {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
      args: ['serve-hostname', '--port', '80'],
      url: '',
      want: /^server$/,
    },
    {
      image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
      args: ['netexec'],
      url: ':8080/shell?cmd=echo%20hi',
      want: /^\{"output":"hi\\n"\}$/,
    },
    { image: 'registry.k8s.io/serve_hostname', url: ':9376', want: /^server$/ },
    {
      image: 'python:3.12',
      args: ['python', '-m', 'http.server', '8080'],
      url: ':8080/etc/os-release',
      want: /Debian/,
    },
    {
      image: 'busybox',
      args: ['sh', '-c', 'echo hello > /var/www/index.html; httpd -f -p 8080 -h /var/www'],
      url: ':8080',
      want: /^hello\n$/,
    },
    {
      image: 'nginx',
      args: ['sh', '-c', 'echo mine > /usr/share/nginx/html/index.html; exec nginx -g "daemon off;"'],
      url: ':80',
      want: /^mine\n$/,
    },
  ])('of $image $args answers at $url', ({ image, args, url, want }) => {
    const container = runImage(image, args === undefined ? {} : { args });
    expect(container.curl(`http://10.0.0.1${url}`).out).toMatch(want);
    expect(container.ran().code).toBeUndefined();
  });

  it.each([
    { image: 'busybox', code: 0, err: /^$/ },
    { image: 'hashicorp/http-echo', code: 127, err: /^Missing -text option!\n$/ },
    { image: 'mysql', code: 1, err: /Database is uninitialized and password option is not specified/ },
    {
      image: 'postgres',
      code: 1,
      err: /^Error: Database is uninitialized and superuser password is not specified\./,
    },
    { image: 'nginx', args: ['nginx'], code: 0, err: /^$/ },
    { image: 'nginx', args: ['nope'], code: 127, err: /exec: nope: not found/ },
  ])('of $image $args ends with $code', ({ image, args, code, err }) => {
    const ran = runImage(image, args === undefined ? {} : { args }).ran();
    expect(ran).toMatchObject({ code, err: expect.stringMatching(err) });
  });

  it.each([
    { image: 'nginx', want: 0 },
    { image: 'httpd', want: 0 },
    { image: 'registry.k8s.io/pause:3.10.1', want: 0 },
    { image: 'traefik/whoami', want: 2 },
    { image: 'python:3.12', args: ['python', '-m', 'http.server'], want: undefined },
    { image: 'busybox', args: ['sleep', '3600'], want: undefined },
  ])('of $image ends with $want at SIGTERM', ({ image, args, want }) => {
    const { world, pid } = runImage(image, args === undefined ? {} : { args });
    world.processes.kill(pid, 'SIGTERM');
    expect(world.processes.exitCode(pid)).toBe(want);
  });

  it('of redis answers PING', () => {
    const { world } = runImage('redis');
    expect(world.run('client', ['redis-cli', '-h', '10.0.0.1', 'ping'])).toMatchObject({
      out: 'PONG\n',
      code: 0,
    });
  });
});

it('retries a taken port five times and then gives up, in the words of nginx', () => {
  const world = twoMachines();
  const image = findImage('nginx');
  const rootfs = world.processes.addRootfs(image?.layers ?? []);
  const argv = ['nginx', '-g', 'daemon off;'];
  world.start('server', argv, { rootfs });
  const second = world.run('server', argv, { rootfs });
  const lines = second.err.split('\n').filter((line) => line.startsWith('nginx: '));
  expect(second.code).toBe(1);
  expect(lines).toEqual([
    ...Array.from(
      { length: 5 },
      () => 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
    ),
    'nginx: [emerg] still could not bind()',
  ]);
});
