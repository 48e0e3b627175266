/**
 * Links, addresses and neighbours as a machine tells of them. Source of numbers and states: `ip` in namespaces of the
 * same shape on a Linux 6.18 kernel.
 */
import { describe, expect, it } from 'vitest';
import type { InspectSubject } from '../process/inspect.ts';
import type { Network } from './network.ts';
import { addPod, connect, createTestNetwork, createTwoMachines, listen } from './testing/networks.ts';

function ask(net: Network, netns: string, subject: InspectSubject, args = {}) {
  const answer = net.inspect({ machine: netns, netns, subject, args });
  return answer.ok ? answer.value : answer.error;
}

describe('links', () => {
  it('are numbered per namespace, and name the other end by its number', () => {
    const { net } = createTwoMachines();
    const facts = JSON.stringify([ask(net, 'a', 'links'), ask(net, 'a/p2', 'links')]);
    const [machine, pod] = JSON.parse(facts.replaceAll(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC'));
    const counters = { receivedBytes: 0, receivedPackets: 0, sentBytes: 0, sentPackets: 0 };
    const common = { counters, up: true, hasCarrier: true, mtuBytes: 1_500, mac: 'MAC' };
    const inet = (address: string, broadcast: string, prefixLength = 24) => ({
      address,
      prefixLength,
      scope: 'global',
      broadcast,
    });
    const lo = {
      index: 1,
      name: 'lo',
      kind: 'loopback',
      up: true,
      hasCarrier: true,
      mtuBytes: 65_536,
      mac: 'MAC',
      counters,
      addresses: [{ address: '127.0.0.1', prefixLength: 8, scope: 'host' }],
    };
    const port = { kind: 'veth', master: 'cni0', peerIndex: 2, addresses: [], ...common };
    expect(machine).toEqual([
      lo,
      {
        index: 2,
        name: 'eth0',
        kind: 'ether',
        addresses: [inet('172.18.0.2', '172.18.255.255', 16)],
        ...common,
      },
      { index: 3, name: 'cni0', kind: 'bridge', addresses: [inet('10.244.1.1', '10.244.1.255')], ...common },
      { index: 4, name: 'veth-p1', peerNetnsNumber: 0, port: { number: 1, hairpin: false }, ...port },
      { index: 5, name: 'veth-p2', peerNetnsNumber: 1, port: { number: 2, hairpin: false }, ...port },
    ]);
    expect(pod).toEqual([
      lo,
      {
        index: 2,
        name: 'eth0',
        kind: 'veth',
        peerIndex: 5,
        peerNetnsNumber: 0,
        addresses: [inet('10.244.1.6', '10.244.1.255')],
        ...common,
      },
    ]);
  });

  it('give the number of a namespace that is gone to the next one, but never an index again', () => {
    const { net } = createTwoMachines();
    net.removeNetns('a/p1');
    addPod(net, 'a', 'p4', '10.244.1.8');
    expect(ask(net, 'a', 'links')).toContainEqual(
      expect.objectContaining({ name: 'veth-p4', index: 6, peerNetnsNumber: 0 }),
    );
    expect(net.listNetns('a')).toEqual(['a', 'a/p2', 'a/p4']);
  });

  it('have MAC addresses that differ, are locally administered, and are the same for the same seed', () => {
    const macs = (seed: string) =>
      JSON.stringify(
        ['a', 'b', 'switch'].map((netns) => ask(createTwoMachines(seed).net, netns, 'links')),
      ).match(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g) ?? [];
    const own = macs('x').filter((mac) => mac !== '00:00:00:00:00:00');
    expect(new Set(own).size).toBe(own.length);
    expect(own.every((mac) => /^.[26ae]:/.test(mac))).toBe(true);
    expect(macs('x')).toEqual(macs('x'));
    expect(macs('x')).not.toEqual(macs('y'));
  });

  it('go in pairs', () => {
    const { net } = createTwoMachines();
    net.removeLink('a', 'veth-p1');
    expect(net.addresses('a/p1')).toEqual([{ link: 'lo', cidr: '127.0.0.1/8' }]);
  });

  it('of one namespace name each other', () => {
    const { net } = createTestNetwork();
    net.addMachine('a');
    net.addVeth({ netns: 'a', link: 'x' }, { netns: 'a', link: 'y' });
    expect(ask(net, 'a', 'links')).toContainEqual(
      expect.objectContaining({ name: 'x', peerName: 'y', peerIndex: 3 }),
    );
  });
});

describe('a machine that is taken away', () => {
  it('takes its namespaces and the cables to it along', () => {
    const { net } = createTwoMachines();
    net.removeNetns('b');
    expect(net.hasMachine('b')).toBe(false);
    expect(net.addresses('switch')).toHaveLength(1);
    expect(() => net.addresses('b/p3')).toThrow('no such network namespace');
  });
});

describe('addresses', () => {
  it('of one network on a link are secondary after the first, and go with it', () => {
    const { net } = createTwoMachines();
    net.addAddress('a', 'eth0', '172.18.0.5/16');
    net.addAddress('a', 'eth0', '10.9.0.1/24');
    net.removeAddress('a', 'eth0', '172.18.0.2/16');
    expect(net.addresses('a').filter(({ link }) => link === 'eth0')).toEqual([
      { link: 'eth0', cidr: '10.9.0.1/24' },
    ]);
  });

  it('are the ones a machine answers for on every link', () => {
    const { net } = createTwoMachines();
    listen(net, 'b', 80);
    for (const address of ['172.18.0.3', '10.244.2.1']) {
      expect(net.sockets.status(connect(net, 'a/p1', address, 80)).state).toBe('established');
    }
  });

  it('that move are found at their new place at once', () => {
    const { net } = createTwoMachines();
    listen(net, 'a/p1', 80);
    listen(net, 'a/p2', 80);
    net.addAddress('a/p1', 'eth0', '10.244.1.50/32');
    const peer = () => {
      const socket = connect(net, 'a', '10.244.1.50', 80);
      return net.sockets.status(socket).state;
    };
    expect(peer()).toBe('established');
    net.removeAddress('a/p1', 'eth0', '10.244.1.50/32');
    net.addAddress('a/p2', 'eth0', '10.244.1.50/32');
    expect(peer()).toBe('established');
  });
});

describe('neighbours', () => {
  it('are known from asking and from being asked; nobody is FAILED, long unused is STALE', () => {
    const { net, queue } = createTwoMachines();
    connect(net, 'a/p1', '10.244.1.6', 80);
    connect(net, 'a/p1', '10.244.1.99', 80);
    const states = (netns: string) =>
      JSON.stringify(ask(net, netns, 'neighbours'))
        .match(/"address":"[^"]*"|"state":"[^"]*"/g)
        ?.join(' ');
    expect(states('a/p1')).toBe(
      '"address":"10.244.1.6" "state":"REACHABLE" "address":"10.244.1.99" "state":"FAILED"',
    );
    expect(states('a/p2')).toBe('"address":"10.244.1.5" "state":"REACHABLE"');
    queue.advance(31_000);
    expect(states('a/p2')).toBe('"address":"10.244.1.5" "state":"STALE"');
  });

  it('behind a bridge are in its forwarding table after their first frame', () => {
    const { net } = createTwoMachines();
    connect(net, 'a/p1', '10.244.1.6', 80);
    const lines = JSON.stringify(ask(net, 'a', 'bridge-fdb'));
    expect(lines.match(/dev veth-p\d(?: vlan 1)? master cni0(?: permanent)?/g)).toEqual([
      'dev veth-p1 master cni0',
      'dev veth-p1 vlan 1 master cni0 permanent',
      'dev veth-p1 master cni0 permanent',
      'dev veth-p2 master cni0',
      'dev veth-p2 vlan 1 master cni0 permanent',
      'dev veth-p2 master cni0 permanent',
    ]);
  });
});

describe('sockets', () => {
  it('are told with their queues', () => {
    const { net } = createTwoMachines();
    listen(net, 'b/p3', 80, { pid: 4 });
    listen(net, 'b/p3', 53, { protocol: 'udp', pid: 5 });
    const client = connect(net, 'a/p1', '10.244.2.7', 80);
    net.sockets.send(client, new Uint8Array(3));
    const { port } = net.sockets.name(client)?.local ?? { port: 0 };
    const local = { address: '0.0.0.0', port: 80 };
    expect(ask(net, 'b/p3', 'sockets')).toEqual([
      { protocol: 'tcp', state: 'LISTEN', local, pid: 4, receiveQueueBytes: 1, sendQueueBytes: 4_096 },
      {
        protocol: 'udp',
        state: 'UNCONN',
        local: { address: '0.0.0.0', port: 53 },
        pid: 5,
        receiveQueueBytes: 0,
        sendQueueBytes: 0,
      },
      {
        protocol: 'tcp',
        state: 'ESTAB',
        local: { address: '10.244.2.7', port: 80 },
        peer: { address: '10.244.1.5', port },
        pid: 0,
        receiveQueueBytes: 3,
        sendQueueBytes: 0,
      },
    ]);
  });
});

describe('sysctls', () => {
  it.each([
    ['net.ipv4.ip_forward', '1'],
    ['net/ipv4/ip_forward', '1'],
    ['net.ipv4.conf.eth0.forwarding', '1'],
    ['net.ipv4.conf.cni0.forwarding', '0'],
    ['net.ipv4.conf.eth0.rp_filter', '0'],
    ['net.ipv4.conf.eth7.rp_filter', null],
    ['net.ipv4.conf.constructor.rp_filter', null],
    ['net.core.somaxconn', '4096'],
    ['net.made.up', '5'],
    ['net.unknown', null],
    ['__proto__', null],
  ])('%s reads %j', (name, want) => {
    const { net } = createTwoMachines();
    net.setSysctl('a', 'net.ipv4.conf.cni0.forwarding', '0');
    net.setSysctl('a', 'net.made.up', '5');
    expect(ask(net, 'a', 'sysctl', { name })).toBe(want);
  });
});

describe('a connection tracking time-out', () => {
  it('is the one that was set', () => {
    const { net } = createTwoMachines();
    net.setSysctl('a', 'net.netfilter.nf_conntrack_tcp_timeout_established', '86400');
    net.iptablesRestore('a', '*nat\nCOMMIT\n');
    listen(net, 'b/p3', 80);
    connect(net, 'a/p1', '10.244.2.7', 80);
    expect(JSON.stringify(ask(net, 'a', 'conntrack'))).toContain(' 86400 ESTABLISHED ');
  });
});

describe('what the network does not know', () => {
  it('is left to the process table', () => {
    const { net } = createTwoMachines();
    expect(ask(net, 'a', 'processes')).toBe('ENOENT');
  });
});
