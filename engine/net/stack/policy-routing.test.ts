/**
 * Rules of routing, and routes that refuse. Source: what connections over a router `r` came to on a Linux 6.18 kernel with
 * the same routes, rules and marks: `c` and `d` both have 10.50.0.1 to .9 and answer with their name.
 */
import { describe, expect, it } from 'vitest';
import type { NetworkChange, RuleSpec } from '../process/configure.ts';
import { capture, connect, createTestNetwork, listen, outcomeOf } from './testing/networks.ts';

function createFork() {
  const world = createTestNetwork();
  const { net } = world;
  for (const machine of ['a', 'r', 'd', 'c']) net.addMachine(machine);
  for (const [index, machine] of ['a', 'd', 'c'].entries()) {
    net.addVeth({ netns: machine, link: 'eth0' }, { netns: 'r', link: `to-${machine}` });
    net.addAddress(machine, 'eth0', `10.${index + 1}.0.2/24`);
    net.addAddress('r', `to-${machine}`, `10.${index + 1}.0.1/24`);
    net.addRoute(machine, { destination: 'default', via: `10.${index + 1}.0.1` });
  }
  net.addAddress('a', 'eth0', '10.1.0.3/24');
  net.setSysctl('r', 'net.ipv4.ip_forward', '1');
  for (const machine of ['d', 'c']) {
    for (let last = 1; last <= 9; last += 1) net.addAddress(machine, 'lo', `10.50.0.${last}/32`);
    listen(net, machine, 80);
  }
  const change = (asked: NetworkChange) =>
    expect(net.configure({ pid: 1, netns: 'r', change: asked })).toBeNull();
  const route = (asked: Omit<Extract<NetworkChange, { readonly part: 'route' }>, 'part' | 'action'>) =>
    change({ part: 'route', action: 'add', ...asked });
  const rule = (asked: RuleSpec) => change({ part: 'rule', action: 'add', rule: asked });
  route({ destination: '10.50.0.0/24', via: '10.2.0.2' });
  route({ destination: 'default', via: '10.3.0.2', table: 100 });
  route({ destination: '10.50.0.6/32', type: 'throw', table: 100 });
  route({ destination: '10.50.0.2/32', type: 'blackhole' });
  route({ destination: '10.50.0.3/32', type: 'unreachable' });
  route({ destination: '10.50.0.4/32', type: 'prohibit' });
  rule({ from: '10.1.0.3/32', action: 100 });
  rule({ to: '10.50.0.5/32', action: 'unreachable' });
  rule({ to: '10.50.0.7/32', inLink: 'to-a', action: 'prohibit' });
  rule({ mark: { value: 1, mask: 0xffffffff }, action: 100 });
  rule({ to: '10.0.0.0/8', inverted: true, action: 'blackhole' });
  const marks = ['PREROUTING -d 10.50.0.8/32', 'OUTPUT -d 10.50.0.9/32'];
  net.iptablesRestore(
    'r',
    `*mangle\n${marks.map((at) => `-A ${at} -j MARK --set-mark 1\n`).join('')}COMMIT\n`,
  );
  return world;
}

const from2 = [
  'd',
  'connecting',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'd',
  'EHOSTUNREACH',
  'c',
  'd',
];
const from3 = ['c', 'c', 'c', 'c', 'ENETUNREACH', 'd', 'EHOSTUNREACH', 'c', 'c'];
const fromRouter = ['d', 'EINVAL', 'EHOSTUNREACH', 'EACCES', 'ENETUNREACH', 'd', 'd', 'd', 'c'];

describe('a connection through routing by rules', () => {
  it.each([
    { netns: 'a', source: '10.1.0.2', want: from2 },
    { netns: 'a', source: '10.1.0.3', want: from3 },
    { netns: 'r', source: undefined, want: fromRouter },
  ])('from $source in $netns ends as with the kernel', ({ netns, source, want }) => {
    const { net } = createFork();
    const ends = want.map((_, index) => {
      const target = { netns, address: `10.50.0.${index + 1}`, port: 80, pid: 2 };
      let end = '';
      const traces = capture(net, () => {
        const socket = net.sockets.connect(
          source === undefined ? target : { ...target, sourceAddress: source },
        );
        end = socket.ok ? outcomeOf(net, socket.value) : socket.error;
      });
      return end === 'established' ? traces[0]?.verdict.at : end;
    });
    expect(ends).toEqual(want);
  });

  it('that is refused names the route or the rule', () => {
    const { net } = createFork();
    const verdicts = [2, 7].map(
      (last) => capture(net, () => connect(net, 'a', `10.50.0.${last}`, 80))[0]?.verdict,
    );
    const refused = { kind: 'no-route', at: 'r' };
    expect(verdicts).toEqual([
      { ...refused, destination: '10.50.0.2', because: 'blackhole 10.50.0.2' },
      {
        ...refused,
        destination: '10.50.0.7',
        because: 'from all to 10.50.0.7 iif to-a prohibit pref 32763',
      },
    ]);
  });

  it('goes the same way in a copy of the network, whose rules are its own', () => {
    const world = createFork();
    const copy = world.fork();
    copy.net.configure({ pid: 1, netns: 'r', change: { part: 'rule', action: 'flush' } });
    const target = { netns: 'r', address: '10.50.0.1', port: 80, pid: 2 };
    const ends = [world, copy].map(({ net }) => net.sockets.connect(target));
    expect(ends).toEqual([expect.objectContaining({ ok: true }), { ok: false, error: 'ENETUNREACH' }]);
  });
});
