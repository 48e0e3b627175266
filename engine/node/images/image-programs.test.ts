import { expect, it } from 'vitest';
import { twoMachines } from '../../programs/testing/two-machines.ts';
import { findImage } from './images.ts';

/** Starts what an image runs on `server`; the rest of a container is the kubelet's. */
function startImage(
  reference: string,
  {
    args,
    env = {},
  }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const world = twoMachines();
  const image = findImage(reference);
  if (image === undefined) throw new Error(`no image ${reference}`);
  const rootfs = world.processes.addRootfs(image.layers);
  const started = world.processes.spawn({
    machine: 'server',
    netns: 'server',
    rootfs,
    hostname: 'web-0',
    argv: [...image.entrypoint, ...(args ?? image.command)],
    env: new Map([...image.env, ...Object.entries(env)]),
    cwd: image.workingDirectory,
    init: true,
  });
  if (!started.ok) throw new Error(started.error);
  world.queue.settle();
  const inside = (line: string) => {
    const ran = world.processes.spawn({
      machine: 'server',
      netns: 'server',
      rootfs,
      hostname: 'web-0',
      argv: ['/bin/sh', '-c', line],
      env: image.env,
      foreground: true,
    });
    if (!ran.ok) throw new Error(ran.error);
    world.queue.settle();
    return world.ran(ran.value);
  };
  return { world, inside, log: () => world.ran(started.value) };
}

// Sources: engine/programs/servers/demo-servers.ts, agnhost-servers.ts.
it.each([
  {
    image: 'gcr.io/google-samples/kubernetes-bootcamp:v2',
    url: ':8080/',
    body: 'Hello Kubernetes bootcamp! | Running on: web-0 | v=2\n',
  },
  { image: 'registry.k8s.io/hpa-example', url: '/', body: 'OK!' },
  { image: 'gcr.io/google-samples/hello-go-gke:1.0', url: '/', body: '{"message":"Hello"}\n' },
  { image: 'wordpress:6', url: '/', body: /<h1>Error establishing a database connection<\/h1>/ },
  {
    image: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
    args: ['liveness'],
    url: ':8080/healthz',
    body: 'ok',
  },
  {
    image: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
    args: ['porter'],
    env: { SERVE_PORT_9001: 'foo' },
    url: ':9001/',
    body: 'foo',
  },
  {
    image: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
    args: ['test-webserver'],
    url: '/etc/os-release',
    body: /Alpine Linux/,
  },
])('$image $args answers', ({ image, args, env, url, body }) => {
  const { world } = startImage(image, {
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
  });
  const { out } = world.run('client', ['curl', '-s', `http://10.0.0.1${url}`]);
  if (typeof body === 'string') expect(out).toBe(body);
  else expect(out).toMatch(body);
});

it('is well for ten seconds as agnhost liveness', () => {
  const { world } = startImage('registry.k8s.io/e2e-test-images/agnhost:2.40', { args: ['liveness'] });
  world.queue.advance(12_000);
  const { out } = world.run('client', ['curl', '-s', '-w', ' %{http_code}', 'http://10.0.0.1:8080/healthz']);
  expect(out).toBe('error: 12 500');
});

// Sources: engine/programs/servers/stores.ts, redis.ts and store-clients.ts.
it.each([
  {
    image: 'redis:7',
    line: 'redis-cli set color blue; redis-cli get color; redis-cli get none',
    out: 'OK\nblue\n\n',
  },
  { image: 'redis:6', line: 'redis-cli incr n; redis-cli incr n; redis-cli keys "*"', out: '1\n2\nn\n' },
  {
    image: 'redis',
    line: 'redis-cli foo bar',
    out: "ERR unknown command 'foo', with args beginning with: 'bar' \n",
    code: 1,
  },
  { image: 'redis', args: ['--port', '7000'], line: 'redis-cli -p 7000 ping', out: 'PONG\n' },
  {
    image: 'redis',
    line: 'redis-cli -p 6380',
    err: 'Could not connect to Redis at 127.0.0.1:6380: Connection refused\n',
    code: 1,
  },
  {
    image: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'x' },
    line: 'pg_isready -h 127.0.0.1',
    out: '127.0.0.1:5432 - accepting connections\n',
  },
  {
    image: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'x' },
    line: 'pg_isready -h 127.0.0.1 -p 5556',
    out: '127.0.0.1:5556 - no response\n',
    code: 2,
  },
  {
    image: 'mysql:8.0',
    env: { MYSQL_ROOT_PASSWORD: 'x' },
    line: 'mysqladmin ping -h 127.0.0.1 -u root -px; mysql -h 127.0.0.1 -e "SELECT 1"',
    out: 'mysqld is alive\n1\n1\n',
  },
  {
    image: 'mysql:8.0',
    env: { MYSQL_ROOT_PASSWORD: 'x' },
    line: 'mysql -h 127.0.0.1 -P 3307 -e "SELECT 1"',
    err: "ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3307' (111)\n",
    code: 1,
  },
])('$image: $line', ({ image, args, env, line, out = '', err = '', code = 0 }) => {
  const { inside } = startImage(image, {
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
  });
  expect(inside(line)).toEqual({ out, err, code });
});

it.each([
  {
    image: 'redis:7',
    log: /^1:C \d\d \w{3} \d{4} [\d:.]{12} \* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n(?:.*\n)+1:M .* \* Ready to accept connections tcp\n$/,
  },
  {
    image: 'redis:6',
    log: /^1:C .* # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n.* # Redis version=6\.2\.16, .*\n(?:.*\n)+1:M .* \* Ready to accept connections\n$/,
  },
  {
    image: 'mysql',
    log: /\[ERROR\] \[Entrypoint\]: Database is uninitialized and password option is not specified\n/,
  },
  {
    image: 'mariadb:10.6',
    env: { MARIADB_ROOT_PASSWORD: 'x' },
    log: /mariadbd: ready for connections\.\nVersion: '10\.6\.20-MariaDB'/,
  },
  {
    image: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'x' },
    log: /UTC \[1\] LOG: {2}starting PostgreSQL 16\.6 /,
  },
])('$image logs', ({ image, env, log }) => {
  expect(startImage(image, env === undefined ? {} : { env }).log().err).toMatch(log);
});

// Source: containerd's default capabilities, among which CAP_NET_RAW is.
it('lets a container listen in', () => {
  const { world, log } = startImage('nicolaka/netshoot', {
    args: ['tcpdump', '-nti', 'eth0', '-c', '1', 'icmp'],
  });
  world.run('client', ['ping', '-c', '1', '10.0.0.1']);
  world.queue.advance(1000);
  expect(log().out).toMatch(/^IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo request, id \d+, seq 1, length 64\n$/);
});

// Source: the Job of the documentation, "Running an example Job"; the digits are π's.
it.each([
  { args: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(20)'], out: '3.1415926535897932385\n' },
  { args: ['perl', '-e', 'print 1'], out: '' },
])('runs $args', ({ args, out }) => {
  expect(startImage('perl:5.34.0', { args }).log().out).toBe(out);
});

it.each([
  {
    image: 'node:22',
    args: ['node', 'app.js'],
    err: /^node:internal\/modules\/cjs\/loader:1228\n(?:.*\n)+Error: Cannot find module '\/app\.js'\n/,
  },
  { image: 'node:22', args: ['node', '-e', '1'], err: /^kubedrill: JavaScript is not run here/ },
  {
    image: 'python:3.12',
    args: ['python', 'app.py'],
    err: "python: can't open file '/app.py': [Errno 2] No such file or directory\n",
  },
  { image: 'python:3.12', args: ['python', '-c', '1'], err: /^kubedrill: Python code is not run here/ },
])('$image says why it does not run $args', ({ image, args, err }) => {
  const { log } = startImage(image, { args });
  expect(log().code).not.toBe(0);
  if (typeof err === 'string') expect(log().err).toBe(err);
  else expect(log().err).toMatch(err);
});
