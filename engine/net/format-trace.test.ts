import { describe, expect, it } from 'vitest';
import { formatTrace } from './format-trace.ts';
import { capture, connect, createTwoMachines, listen } from './stack/testing/networks.ts';
import type { PacketTrace, RuleRef, Verdict } from './trace.ts';

const rule: RuleRef = { table: 'filter', chain: 'FORWARD', number: 2, text: '-A FORWARD -p tcp -j DROP' };

function trace(verdict: Verdict): PacketTrace {
  return { id: 7, atMs: 0, summary: 'SYN', hops: [], verdict };
}

describe('formatTrace', () => {
  it('tells each step where it happens, and what NAT changed', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore(
      'a',
      '*nat\n-A PREROUTING -d 10.96.0.10 -p tcp -j DNAT --to-destination 10.244.2.7:80\nCOMMIT\n',
    );
    listen(net, 'b/p3', 80);
    const traces = capture(net, () => connect(net, 'a/p1', '10.96.0.10', 8_080));
    const text = formatTrace(traces.slice(0, 2))
      .join('\n')
      .replaceAll(/:(?:3[2-9]|[45]\d|60)\d{3}\b/g, ':PORT');
    expect(text).toBe(`#1 SYN  tcp 10.244.1.5:PORT → 10.96.0.10:8080
  a/p1    send   tcp 10.244.1.5:PORT → 10.96.0.10:8080
          route  default via 10.244.1.1 dev eth0
          out    eth0 →
  a       in     → veth-p1
          rule   PREROUTING nat: -A PREROUTING -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.2.7:80
                 destination 10.96.0.10:8080 ⇒ 10.244.2.7:80
          in     → cni0
          route  10.244.2.0/24 via 172.18.0.3 dev eth0
          out    eth0 →
  switch  in     → a
          out    b →
  b       in     → eth0
          route  10.244.2.0/24 dev cni0 proto kernel scope link src 10.244.2.1
          out    cni0 →
          out    veth-p3 →
  b/p3    in     → eth0
          route  local: for this machine itself
  ✓ delivered in b/p3 to 10.244.2.7:80

#2 SYN-ACK  tcp 10.244.2.7:80 → 10.244.1.5:PORT
  b/p3    send   tcp 10.244.2.7:80 → 10.244.1.5:PORT
          route  default via 10.244.2.1 dev eth0
          out    eth0 →
  b       in     → veth-p3
          in     → cni0
          route  10.244.1.0/24 via 172.18.0.2 dev eth0
          out    eth0 →
  switch  in     → b
          out    a →
  a       in     → eth0
          route  10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
          nat    as for the earlier packets of this connection
                 source 10.244.2.7:80 ⇒ 10.96.0.10:8080
          out    cni0 →
          out    veth-p1 →
  a/p1    in     → eth0
          route  local: for this machine itself
  ✓ delivered in a/p1 to 10.244.1.5:PORT`);
  });

  it.each<[Verdict, string]>([
    [{ kind: 'delivered', at: 'a', address: '10.0.0.1', port: 0 }, '✓ delivered in a to 10.0.0.1'],
    [
      { kind: 'dropped', at: 'a', chain: 'FORWARD', rule },
      '✗ dropped in a by rule 2 of filter FORWARD: -A FORWARD -p tcp -j DROP',
    ],
    [{ kind: 'dropped', at: 'a', chain: 'INPUT' }, '✗ dropped in a by the policy of chain INPUT'],
    [
      { kind: 'rejected', at: 'a', with: 'tcp-reset', rule },
      '✗ rejected in a with tcp-reset by rule 2 of filter FORWARD: -A FORWARD -p tcp -j DROP',
    ],
    [
      { kind: 'no-listener', at: 'a/p1', address: '10.0.0.1', port: 80 },
      '✗ refused in a/p1: nothing listens on 10.0.0.1:80',
    ],
    [{ kind: 'no-route', at: 'a', destination: '10.0.0.1' }, '✗ no route in a to 10.0.0.1'],
    [
      { kind: 'no-neighbour', at: 'a', link: 'eth0', address: '10.0.0.1' },
      '✗ nobody has 10.0.0.1 on the network behind eth0 of a',
    ],
    [{ kind: 'ttl-exceeded', at: 'a' }, '✗ its time to live ran out in a'],
    [
      { kind: 'discarded', at: 'a', reason: 'not-forwarding' },
      '✗ discarded in a: it is for another machine, and ip_forward is off',
    ],
    [{ kind: 'discarded', at: 'a', reason: 'link-down' }, '✗ discarded in a: the link is down'],
    [{ kind: 'discarded', at: 'a', reason: 'hop-limit' }, '✗ discarded in a: it went round and round'],
  ])('says how a packet ended: %j', (verdict, want) => {
    expect(formatTrace([trace(verdict)])).toEqual(['#7 SYN', `  ${want}`]);
  });
});
