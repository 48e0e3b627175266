import { expect, it } from 'vitest';
import { twoMachines } from '../testing/two-machines.ts';

/** `client` 10.0.0.2 with agnhost at `server` 10.0.0.1:8080 and 8081/udp. */
function withServer() {
  const world = twoMachines();
  world.start('server', ['agnhost', 'netexec']);
  return world;
}

// Formats: iproute2 6.1, busybox 1.36 and netcat-openbsd 1.219 on Debian 12; the lines are those of this topology.
it.each([
  {
    line: 'ip -br addr',
    out: 'lo               UNKNOWN        127.0.0.1/8 \neth0             UP             10.0.0.2/24 \n',
  },
  { line: 'ip route', out: '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2 \n' },
  { line: 'ip route get 10.0.0.1', out: '10.0.0.1 dev eth0 src 10.0.0.2 uid 0 \n    cache \n' },
  {
    line: 'ip addr show lo',
    out: '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n',
  },
  { line: 'busybox nc -zv 10.0.0.1 8080', err: '10.0.0.1 (10.0.0.1:8080) open\n' },
  { line: 'busybox nc -zv 10.0.0.1 9', err: 'nc: 10.0.0.1 (10.0.0.1:9): Connection refused\n', code: 1 },
  { line: 'agnhost connect 10.0.0.1:8080' },
  { line: 'agnhost connect 10.0.0.1:9', err: 'REFUSED\n', code: 1 },
  { line: 'agnhost connect 10.0.0.9:80 --timeout=2s', err: 'TIMEOUT\n', code: 1 },
  { line: 'agnhost connect 10.0.0.1:8081 --protocol=udp --timeout=2s' },
  { line: 'curl -s -o /tmp/x -w %{http_code} http://10.0.0.1:8080/echo?msg=hi&code=418', out: '418' },
  { line: 'curl -s http://10.0.0.1:8080/redirect?location=/hostname -L', out: 'server' },
  { line: 'curl -s --retry 1 -f http://10.0.0.1:8080/echo?code=503', code: 22 },
  {
    line: 'traceroute -n -q 1 10.0.0.1',
    out: 'traceroute to 10.0.0.1 (10.0.0.1), 30 hops max, 46 byte packets\n 1  10.0.0.1  0.050 ms\n',
  },
])('$line', ({ line, out, err, code }) => {
  expect(withServer().run('client', line.split(' '))).toEqual({
    out: out ?? '',
    err: err ?? '',
    code: code ?? 0,
  });
});

it('lists listening sockets with the programs that own them', () => {
  const world = withServer();
  expect(world.run('server', ['netstat', '-tlnp']).out).toMatch(
    /0\.0\.0\.0:8080 +0\.0\.0\.0:\* +LISTEN +\d+\/agnhost\n$/,
  );
});

it('passes text between two netcats', () => {
  const world = twoMachines();
  const listening = world.start('server', ['nc', '-l', '-p', '9000']);
  world.feed('client', ['nc', '-w', '1', '10.0.0.1', '9000'], 'hello\n');
  expect(world.ran(listening).out).toBe('hello\n');
});

it('keeps the log of a server short, however many requests it has served', () => {
  const world = twoMachines();
  const server = world.start('server', ['hello-app']);
  for (let index = 0; index < 300; index += 1) world.run('client', ['curl', '-s', 'http://10.0.0.1:8080/']);
  expect(world.logLength(server)).toBeLessThan(10);
  expect(world.ran(server).err.split('\n').length).toBe(302);
});
