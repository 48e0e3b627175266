import { expect, it } from 'vitest';
import { twoMachines } from '../testing/two-machines.ts';

/** `client` reached 10.96.0.1:80, which is 10.0.0.1:8080 by its own rules, and 10.0.0.1:8080 as itself. */
function withConnections() {
  const world = twoMachines();
  world.start('server', ['agnhost', 'netexec']);
  world.run('client', ['ip', 'route', 'add', '10.96.0.0/16', 'via', '10.0.0.1']);
  const rule = '-t nat -A OUTPUT -d 10.96.0.1/32 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080';
  world.run('client', ['iptables', ...rule.split(' ')]);
  for (const url of ['http://10.96.0.1/hostname', 'http://10.0.0.1:8080/hostname']) {
    world.run('client', ['curl', '-s', url]);
  }
  return world;
}

// Source: conntrack(8), and the filters in conntrack.c of conntrack-tools 1.4.7.
it.each([
  { args: '-L', shown: ['10.96.0.1', '10.0.0.1'] },
  { args: '-L -g', shown: ['10.96.0.1'] },
  { args: '-L --dst-nat 10.0.0.1', shown: ['10.96.0.1'] },
  { args: '-L --dst-nat 10.0.0.9', shown: [] },
  { args: '-L -n', shown: [] },
  { args: '-L -j', shown: ['10.96.0.1'] },
  { args: '-L -d 10.0.0.1', shown: ['10.0.0.1'] },
  { args: '-L --reply-src 10.0.0.1', shown: ['10.96.0.1', '10.0.0.1'] },
  { args: '-L -p tcp --state TIME_WAIT', shown: ['10.96.0.1', '10.0.0.1'] },
  { args: '-L -p tcp --state ESTABLISHED', shown: [] },
  { args: '-L -u ASSURED', shown: ['10.96.0.1', '10.0.0.1'] },
  { args: '-L -u UNREPLIED', shown: [] },
  { args: '-L -o extended', shown: ['10.96.0.1', '10.0.0.1'], begins: 'ipv4     2 tcp      6 ' },
])('conntrack $args shows $shown', ({ args, shown, begins = '' }) => {
  const { out, err, code } = withConnections().run('client', ['conntrack', ...args.split(' ')]);
  expect([...out.matchAll(/^[^=]*src=\S+ dst=(\S+)/gm)].map(([, destination]) => destination)).toEqual(shown);
  expect(err).toBe(`conntrack v1.4.7 (conntrack-tools): ${shown.length} flow entries have been shown.\n`);
  expect(out.startsWith(begins)).toBe(true);
  expect(code).toBe(0);
});

it('counts', () => {
  expect(withConnections().run('client', ['conntrack', '-C'])).toEqual({ out: '2\n', err: '', code: 0 });
});
