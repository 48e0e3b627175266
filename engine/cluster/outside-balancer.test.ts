/**
 * nginx on a host outside as somebody's own load balancer. Expectations: ngx_http_upstream_module and
 * ngx_http_proxy_module (round robin, max_fails, fail_timeout, down, backup, weight, proxy_next_upstream), nginx(8) for -s.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../cluster.ts';
import type { Shell } from '../index.ts';

let world: Cluster;

beforeAll(() => {
  world = createCluster({ seed: 'balancer' });
  for (const [name, address] of [
    ['a', '198.51.100.21'],
    ['b', '198.51.100.22'],
  ] as const) {
    const files = new Map([
      ['/etc/nginx/conf.d/default.conf', `server { listen 80; return 200 "${name} $http_via"; }`],
    ]);
    expect(world.addOutsideHost({ name, address, image: 'nginx', files })).toMatchObject({ ok: true });
  }
  expect(world.addOutsideHost({ name: 'lb', address: '198.51.100.20', image: 'nginx' })).toMatchObject({
    ok: true,
  });
});

function configuration(servers: readonly string[], location = ''): string {
  const group = `upstream all { ${servers.map((server) => `server ${server};`).join(' ')} }`;
  return `${group} server { listen 80; location / { proxy_pass http://all; ${location} } }`;
}

async function open(text: string): Promise<Shell> {
  const shell = await world.fork().openShell({ files: new Map([['lb.conf', text]]) });
  await shell.run("ssh lb 'cat > /etc/nginx/conf.d/default.conf' < lb.conf");
  return shell;
}

async function ask(shell: Shell, times: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const { stdout } = await shell.run('curl -s -m 5 http://lb/');
    answers.push(/<title>(\d+|Welcome)/.exec(stdout)?.[1] ?? stdout.trim());
  }
  return answers;
}

const [a, b, nobody] = ['198.51.100.21:80', '198.51.100.22:80', '198.51.100.22:81'];

describe('a balancer', () => {
  it.each([
    ['takes turns', [a, b], '', ['a', 'b', 'a', 'b', 'a', 'b']],
    ['gives more to who weighs more, in between', [`${a} weight=2`, b], '', ['a', 'b', 'a', 'a', 'b', 'a']],
    ['leaves out who is down', [`${a} down`, b], '', ['b', 'b', 'b', 'b', 'b', 'b']],
    ['keeps a backup for need', [a, `${b} backup`], '', ['a', 'a', 'a', 'a', 'a', 'a']],
    ['asks the backup when no other answers', [nobody, `${b} backup`], '', ['b', 'b', 'b', 'b', 'b', 'b']],
    ['asks the next when one refuses', [nobody, a], '', ['a', 'a', 'a', 'a', 'a', 'a']],
    [
      'asks nobody else when it shall not, and puts who failed aside',
      [nobody, a],
      'proxy_next_upstream off;',
      ['502', 'a', 'a', 'a', 'a', 'a'],
    ],
    [
      'never puts aside who may fail for ever',
      [`${nobody} max_fails=0`, a],
      'proxy_next_upstream off;',
      ['502', 'a', '502', 'a', '502', 'a'],
    ],
    [
      'has nobody left when all were put aside',
      [nobody, `198.51.100.21:81`],
      '',
      ['502', '502', '502', '502', '502', '502'],
    ],
    [
      'passes on the fields that it is told to set',
      [a],
      'proxy_set_header Via $remote_addr;',
      Array(6).fill('a 198.51.100.10'),
    ],
  ])('%s', async (_, servers, location, answers) => {
    const shell = await open(configuration(servers, location));
    expect(await shell.run('ssh lb nginx -s reload')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/\[notice\] \d+#\d+: signal process started\n$/),
    });
    expect(await ask(shell, 6)).toEqual(answers);
  });

  it('asks who was put aside again after its time', async () => {
    const shell = await open(configuration([`${nobody} fail_timeout=5s`, a], 'proxy_next_upstream off;'));
    await shell.run('ssh lb nginx -s reload');
    expect(await ask(shell, 3)).toEqual(['502', 'a', 'a']);
    await shell.run('sleep 6');
    expect(await ask(shell, 3)).toContain('502');
  });

  it('tries the next when one is silent, after the time that it was given', async () => {
    const shell = await open(configuration(['172.18.0.3:7777', b], 'proxy_connect_timeout 1s;'));
    await shell.run('ssh lb nginx -s reload');
    const line = 'ssh worker-1 iptables -A INPUT -p tcp --dport 7777 -j DROP';
    expect(await shell.run(line)).toMatchObject({ exitCode: 0 });
    expect(await ask(shell, 2)).toEqual(['b', 'b']);
  });
});

describe('nginx -s', () => {
  it('changes nothing until a reload', async () => {
    const shell = await open(configuration([a]));
    expect(await ask(shell, 1)).toEqual(['Welcome']);
  });

  it.each([
    ['a broken configuration', 'server {', 'ssh lb nginx -s reload', 'unexpected end of file'],
    [
      'an unknown parameter',
      configuration([`${a} wait=3`]),
      'ssh lb nginx -s reload',
      'invalid parameter "wait=3"',
    ],
    ['an empty group', configuration([]), 'ssh lb nginx -s reload', 'no servers are inside upstream'],
    ['an unknown word', configuration([a]), 'ssh lb nginx -s restart', 'invalid option: "-s restart"'],
  ])('refuses %s and goes on as before', async (_, text, line, words) => {
    const shell = await open(text);
    expect(await shell.run(line)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
    expect(await ask(shell, 1)).toEqual(['Welcome']);
  });

  it.each(['stop', 'quit'])('ends it with %s', async (word) => {
    const shell = await open(configuration([a]));
    await shell.run(`ssh lb nginx -s ${word}`);
    expect(await shell.run('curl -s http://lb/')).toMatchObject({ exitCode: 7 });
  });
});
