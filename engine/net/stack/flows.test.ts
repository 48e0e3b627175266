/** Packets between machines: which way they go and how they end. */
import { describe, expect, it } from 'vitest';
import { formatTrace } from '../format-trace.ts';
import type { PacketTrace, Verdict } from '../trace.ts';
import {
  capture,
  connect,
  createTwoMachines,
  listen,
  outcomeOf,
  type TestNetwork,
} from './testing/networks.ts';

/** The way of one packet: `namespace:link` for each transmit and receive. */
function wayOf(trace: PacketTrace | undefined): string {
  const steps = trace?.hops.flatMap((hop) =>
    hop.step === 'transmit' || hop.step === 'receive' ? [`${hop.at}:${hop.link}`] : [],
  );
  return steps?.join(' ') ?? '';
}

function firstPacket(world: TestNetwork, act: () => void): PacketTrace {
  const [first] = capture(world.net, act);
  if (first === undefined) throw new Error('no packet was sent');
  return first;
}

describe('a TCP connection to a listener on port 80 of b/p3', () => {
  it.each([
    {
      name: 'goes over bridge, router, switch, router and bridge',
      from: 'a/p1',
      way: 'a/p1:eth0 a:veth-p1 a:cni0 a:eth0 switch:a switch:b b:eth0 b:cni0 b:veth-p3 b/p3:eth0',
    },
    { name: 'starts at the machine itself', from: 'b', way: 'b:cni0 b:veth-p3 b/p3:eth0' },
    {
      name: 'starts at the other machine',
      from: 'a',
      way: 'a:eth0 switch:a switch:b b:eth0 b:cni0 b:veth-p3 b/p3:eth0',
    },
    { name: 'stays on loopback', from: 'b/p3', way: 'b/p3:lo b/p3:lo' },
  ])('$name', ({ from, way }) => {
    const world = createTwoMachines();
    listen(world.net, 'b/p3', 80);
    const first = firstPacket(world, () => connect(world.net, from, '10.244.2.7', 80));
    expect(wayOf(first), formatTrace([first]).join('\n')).toBe(way);
    expect(first.verdict).toEqual({ kind: 'delivered', at: 'b/p3', address: '10.244.2.7', port: 80 });
  });

  it('hands the frame from port to port on one bridge', () => {
    const world = createTwoMachines();
    listen(world.net, 'a/p2', 80);
    const first = firstPacket(world, () => connect(world.net, 'a/p1', '10.244.1.6', 80));
    expect(wayOf(first)).toBe('a/p1:eth0 a:veth-p1 a:veth-p2 a/p2:eth0');
  });
});

/** Source of the outcomes: a Linux 6.18 kernel, asked with namespaces of the same shape. */
describe('a first packet that does not arrive', () => {
  const drop = 'FORWARD';
  it.each<{
    name: string;
    prepare: (world: TestNetwork) => void;
    to: string;
    outcome: string;
    verdict: Verdict;
  }>([
    {
      name: 'is refused where nobody listens',
      prepare: () => {},
      to: '10.244.2.7',
      outcome: 'ECONNREFUSED',
      verdict: { kind: 'no-listener', at: 'b/p3', address: '10.244.2.7', port: 80 },
    },
    {
      name: 'is refused where the listener has another address',
      prepare: ({ net }) => void listen(net, 'b/p3', 80, { address: '127.0.0.1' }),
      to: '10.244.2.7',
      outcome: 'ECONNREFUSED',
      verdict: { kind: 'no-listener', at: 'b/p3', address: '10.244.2.7', port: 80 },
    },
    {
      name: 'has no route beyond the router',
      prepare: () => {},
      to: '10.99.0.1',
      outcome: 'ENETUNREACH',
      verdict: { kind: 'no-route', at: 'a', destination: '10.99.0.1' },
    },
    {
      name: 'waits for a neighbour that does not exist',
      prepare: () => {},
      to: '10.244.1.99',
      outcome: 'connecting',
      verdict: { kind: 'no-neighbour', at: 'a/p1', link: 'eth0', address: '10.244.1.99' },
    },
    {
      name: 'is not passed on by a machine that is no router',
      prepare: ({ net }) => net.setSysctl('a', 'net.ipv4.ip_forward', '0'),
      to: '10.244.2.7',
      outcome: 'connecting',
      verdict: { kind: 'discarded', at: 'a', reason: 'not-forwarding' },
    },
    {
      name: 'is not passed on by one link',
      prepare: ({ net }) => net.setSysctl('a', 'net.ipv4.conf.cni0.forwarding', '0'),
      to: '10.244.2.7',
      outcome: 'connecting',
      verdict: { kind: 'discarded', at: 'a', reason: 'not-forwarding' },
    },
    {
      name: 'has a source that the strict filter expects elsewhere',
      prepare: ({ net }) => {
        net.setSysctl('b', 'net.ipv4.conf.all.rp_filter', '1');
        net.removeRoute('b', '10.244.1.0/24');
      },
      to: '10.244.2.7',
      outcome: 'connecting',
      verdict: { kind: 'discarded', at: 'b', reason: 'martian-source' },
    },
    {
      name: 'meets a link that is down',
      prepare: ({ net }) => net.setLinkUp('b', 'veth-p3', false),
      to: '10.244.2.7',
      outcome: 'connecting',
      verdict: { kind: 'no-neighbour', at: 'b', link: 'cni0', address: '10.244.2.7' },
    },
    {
      name: 'is dropped by a policy',
      prepare: ({ net }) => void net.iptablesRestore('a', `*filter\n:${drop} DROP [0:0]\nCOMMIT\n`),
      to: '10.244.2.7',
      outcome: 'connecting',
      verdict: { kind: 'dropped', at: 'a', chain: drop },
    },
  ])('$name', ({ prepare, to, outcome, verdict }) => {
    const world = createTwoMachines();
    prepare(world);
    let socket = 0;
    const first = firstPacket(world, () => {
      socket = connect(world.net, 'a/p1', to, 80);
    });
    expect(first.verdict, formatTrace([first]).join('\n')).toEqual(verdict);
    expect(outcomeOf(world.net, socket)).toBe(outcome);
  });

  it('dies in a routing loop, and the sender is told', () => {
    const { net } = createTwoMachines();
    net.addRoute('a', { destination: '10.50.0.0/16', via: '172.18.0.3' });
    net.addRoute('b', { destination: '10.50.0.0/16', via: '172.18.0.2' });
    let socket = 0;
    const [first] = capture(net, () => {
      socket = connect(net, 'a/p1', '10.50.0.1', 80);
    });
    expect(first?.verdict).toEqual({ kind: 'ttl-exceeded', at: 'b' });
    expect(outcomeOf(net, socket)).toBe('EHOSTUNREACH');
  });
});

describe('REJECT', () => {
  it.each([
    ['icmp-port-unreachable', 'ECONNREFUSED'],
    ['icmp-net-unreachable', 'ENETUNREACH'],
    ['icmp-host-unreachable', 'EHOSTUNREACH'],
    ['icmp-proto-unreachable', 'ENOPROTOOPT'],
    ['icmp-net-prohibited', 'ENETUNREACH'],
    ['icmp-host-prohibited', 'EHOSTUNREACH'],
    ['icmp-admin-prohibited', 'EHOSTUNREACH'],
    ['tcp-reset', 'ECONNREFUSED'],
  ])('with %s ends a connection attempt with %s, from inside and on the machine itself', (kind, errno) => {
    const { net } = createTwoMachines();
    const rule = `-d 10.96.0.9/32 -p tcp -j REJECT --reject-with ${kind}`;
    const restored = net.iptablesRestore('a', `*filter\n-A FORWARD ${rule}\n-A OUTPUT ${rule}\nCOMMIT\n`);
    expect(restored).toEqual({ ok: true, value: undefined });
    net.addRoute('a', { destination: 'default', via: '172.18.0.3' });
    for (const from of ['a/p1', 'a']) {
      const traces = capture(net, () => {
        expect(outcomeOf(net, connect(net, from, '10.96.0.9', 80))).toBe(errno);
      });
      expect(traces.map((trace) => trace.verdict.kind)).toEqual(['rejected', 'delivered']);
    }
  });
});

describe('DNAT', () => {
  const toPod = (chain: string) =>
    `-A ${chain} -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.7:8080`;

  it('sends a machine its own packets by another route, and undoes the change on the way back', () => {
    const { net } = createTwoMachines();
    net.addRoute('a', { destination: 'default', via: '172.18.0.77' });
    net.iptablesRestore('a', `*nat\n${toPod('OUTPUT')}\nCOMMIT\n`);
    const listener = listen(net, 'b/p3', 8080);
    const socket = connect(net, 'a', '10.96.0.10', 80);
    expect(outcomeOf(net, socket)).toBe('established');
    expect(net.sockets.name(socket)?.peer).toEqual({ address: '10.96.0.10', port: 80 });
    const accepted = net.sockets.accept(listener);
    expect(accepted.ok && accepted.value.peer.address).toBe('172.18.0.2');
  });

  it('quotes the address that was asked for when the real one refuses by ICMP', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore('a', `*nat\n${toPod('PREROUTING')}\nCOMMIT\n`);
    net.iptablesRestore('b', '*filter\n-A FORWARD -p tcp --dport 8080 -j REJECT\nCOMMIT\n');
    expect(outcomeOf(net, connect(net, 'a/p1', '10.96.0.10', 80))).toBe('ECONNREFUSED');
  });

  it.each(['icmp-port-unreachable', 'tcp-reset'])(
    'is undone in the %s of a machine that changes the address of a first packet and then rejects it',
    (kind) => {
      const { net } = createTwoMachines();
      net.iptablesRestore(
        'a',
        `*nat\n${toPod('PREROUTING')}\nCOMMIT\n*filter\n-A FORWARD -p tcp -j REJECT --reject-with ${kind}\nCOMMIT\n`,
      );
      expect(outcomeOf(net, connect(net, 'a/p1', '10.96.0.10', 80))).toBe('ECONNREFUSED');
      expect(net.inspect({ machine: 'a', netns: 'a', subject: 'conntrack', args: null })).toEqual({
        ok: true,
        value: [],
      });
    },
  );

  it('needs bridge-nf-call-iptables to undo the change between two stations of one bridge', () => {
    // Without it the answer goes from port to port and comes from an address that nobody asked.
    for (const [value, outcome] of [
      ['1', 'established'],
      ['0', 'connecting'],
    ] as const) {
      const { net } = createTwoMachines();
      net.setSysctl('a', 'net.bridge.bridge-nf-call-iptables', value);
      net.iptablesRestore('a', `*nat\n${toPod('PREROUTING').replace('10.244.2.7', '10.244.1.6')}\nCOMMIT\n`);
      listen(net, 'a/p2', 8080);
      expect(outcomeOf(net, connect(net, 'a/p1', '10.96.0.10', 80))).toBe(outcome);
    }
  });

  it('back to the sender needs hairpin mode on its port', () => {
    for (const [hairpin, outcome, verdict] of [
      [true, 'established', 'delivered'],
      [false, 'connecting', 'discarded'],
    ] as const) {
      const { net } = createTwoMachines();
      net.setHairpin('a', 'veth-p1', hairpin);
      const masquerade = '-A POSTROUTING -s 10.244.1.5/32 -d 10.244.1.5/32 -j MASQUERADE';
      net.iptablesRestore(
        'a',
        `*nat\n${toPod('PREROUTING').replace('10.244.2.7', '10.244.1.5')}\n${masquerade}\nCOMMIT\n`,
      );
      const listener = listen(net, 'a/p1', 8080);
      const [first] = capture(net, () => {
        expect(outcomeOf(net, connect(net, 'a/p1', '10.96.0.10', 80))).toBe(outcome);
      });
      expect(first?.verdict.kind).toBe(verdict);
      const accepted = net.sockets.accept(listener);
      expect(accepted.ok ? accepted.value.peer.address : accepted.error).toBe(
        hairpin ? '10.244.1.1' : 'EAGAIN',
      );
    }
  });

  it('of a loopback address leaves the machine only with route_localnet', () => {
    for (const [value, outcome] of [
      ['1', 'established'],
      ['0', 'connecting'],
    ] as const) {
      const { net } = createTwoMachines();
      net.setSysctl('a', 'net.ipv4.conf.all.route_localnet', value);
      const toLocal = toPod('OUTPUT').replace('10.96.0.10', '127.0.0.1');
      net.iptablesRestore('a', `*nat\n${toLocal}\n-A POSTROUTING -s 127.0.0.0/8 -j MASQUERADE\nCOMMIT\n`);
      listen(net, 'b/p3', 8080);
      expect(outcomeOf(net, connect(net, 'a', '127.0.0.1', 80))).toBe(outcome);
    }
  });
});

describe('MASQUERADE', () => {
  it('takes the address of the link that the packet leaves over', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore('a', '*nat\n-A POSTROUTING -s 10.244.1.0/24 -o eth0 -j MASQUERADE\nCOMMIT\n');
    const listener = listen(net, 'b/p3', 80);
    connect(net, 'a/p1', '10.244.2.7', 80);
    const accepted = net.sockets.accept(listener);
    expect(accepted.ok && accepted.value.peer.address).toBe('172.18.0.2');
  });
});

// Source: inet_select_addr in Linux net/ipv4/devinet.c; a Linux 6.18 kernel, asked by `npm run test:kernel`.
it('masquerades what goes over the loopback with an address that others know', () => {
  const { net } = createTwoMachines();
  net.iptablesRestore(
    'a',
    '*nat\n-A OUTPUT -d 172.18.0.3/32 -j DNAT --to-destination 172.18.0.2\n-A POSTROUTING -o lo -j MASQUERADE\nCOMMIT\n',
  );
  listen(net, 'a', 80);
  const traces = capture(
    net,
    () => void net.sockets.connect({ netns: 'a', address: '172.18.0.3', port: 80, pid: 1 }),
  );
  const header = traces[0]?.hops.findLast((hop) => hop.step === 'receive');
  expect(header).toMatchObject({ link: 'lo', header: { source: '172.18.0.2', destination: '172.18.0.2' } });
});
