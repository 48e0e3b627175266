/**
 * A Pod's place in the network. Sources: containernetworking/plugins (bridge, host-local, portmap), kindnet's masq.go; the
 * lines are as iptables-save prints them.
 */
import { describe, expect, it } from 'vitest';
import { pods } from '../../api/types/resources.ts';
import { createTestWorld, type TestWorld } from '../../testing/world.ts';
import { allocateAddress, ipamState, releaseAddress } from './host-local.ts';

/** Connects from a namespace: `ok` or the words of the dial. */
function dial(world: TestWorld, netns: string, host: string, port: number): string {
  const rootfs = world.processes.addRootfs([{ files: new Map([['/probe', { program: 'kubelet-probe' }]]) }]);
  const target = { kind: 'tcp', host, port, timeoutMs: 2000 };
  const started = world.processes.spawn({
    machine: netns.split('/')[0] ?? '',
    netns,
    rootfs,
    argv: ['/probe', JSON.stringify(target)],
    hostname: 'test',
    foreground: true,
  });
  if (!started.ok) return started.error;
  world.queue.runUntil(() => !world.processes.isRunning(started.value), 10_000);
  const output = new TextDecoder().decode(world.processes.readOutput(started.value, 'stdout', 0));
  const verdict: { success: boolean; output: string } = JSON.parse(output);
  return verdict.success ? 'ok' : verdict.output;
}

describe('host-local', () => {
  it('gives addresses in order and takes a released one up only after the range has gone round', () => {
    const state = ipamState();
    const next = (sandbox: string) => {
      const given = allocateAddress(state, '10.244.1.0/24', sandbox);
      return given.ok ? given.value : given.error;
    };
    expect([next('a'), next('b')]).toEqual(['10.244.1.2', '10.244.1.3']);
    releaseAddress(state, 'a');
    expect(next('c')).toBe('10.244.1.4');
    for (let index = 5; index <= 254; index += 1) next(`${index}`);
    expect(next('again')).toBe('10.244.1.2');
    expect(next('none')).toBe('no IP addresses available in range set: 10.244.1.1-10.244.1.254');
  });
});

describe('a node', () => {
  it('masquerades what leaves the cluster, and nothing else', () => {
    const world = createTestWorld();
    const save = world.net.iptablesSave('worker-1', { table: 'nat' });
    expect(save.split('\n').filter((line) => line.includes('KIND-MASQ-AGENT'))).toEqual([
      ':KIND-MASQ-AGENT - [0:0]',
      '-A POSTROUTING -m addrtype ! --dst-type LOCAL -m comment --comment "kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain" -j KIND-MASQ-AGENT',
      '-A KIND-MASQ-AGENT -d 10.244.0.0/16 -m comment --comment "kind-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN',
      '-A KIND-MASQ-AGENT -m comment --comment "kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE',
    ]);
  });

  it('reaches Pods of other nodes, and they each other', () => {
    const world = createTestWorld();
    for (const node of ['worker-1', 'worker-2']) {
      world.create(pods, 'default', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: node },
        spec: { nodeName: node, containers: [{ name: 'web', image: 'box' }] },
      });
    }
    world.settle();
    const inside = world.net.listNetns('worker-1').at(-1) ?? '';
    expect(dial(world, 'worker-1', '10.244.1.2', 80)).toBe('ok');
    expect(dial(world, 'control-plane', '10.244.2.2', 80)).toBe('ok');
    expect(dial(world, inside, '10.244.2.2', 80)).toBe('ok');
    expect(dial(world, inside, '10.244.2.2', 81)).toBe('dial tcp 10.244.2.2:81: connect: connection refused');
  });
});

describe('portmap', () => {
  it('leads a port of the node to the Pod, and takes its rules back', () => {
    const world = createTestWorld();
    const before = world.net.iptablesSave('worker-1');
    world.create(pods, 'default', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: {
        nodeName: 'worker-1',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'web', image: 'box', ports: [{ containerPort: 80, hostPort: 8080 }] }],
      },
    });
    world.settle();
    expect(dial(world, 'client', '172.18.0.3', 8080)).toBe('ok');
    expect(dial(world, world.net.listNetns('worker-1').at(-1) ?? '', '172.18.0.3', 8080)).toBe('ok');
    const rules = world.net.iptablesSave('worker-1', { table: 'nat' }).split('\n');
    const chain = rules.find((line) => line.startsWith(':CNI-DN-'))?.slice(1, 29) ?? '';
    expect(rules.filter((line) => line.startsWith(`-A ${chain} `))).toEqual([
      `-A ${chain} -s 10.244.1.0/24 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK`,
      `-A ${chain} -s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK`,
      `-A ${chain} -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.2:80`,
    ]);
    world.client.delete(pods, 'default', 'web');
    world.settle();
    expect(world.net.iptablesSave('worker-1').includes(chain)).toBe(false);
    expect(before.includes('CNI-HOSTPORT')).toBe(false);
  });
});
