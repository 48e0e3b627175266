import { expect, it } from 'vitest';
import type { PacketHeader, PacketTrace } from '../net/trace.ts';
import { formatTrace } from './format-trace.ts';

const asked: PacketHeader = {
  protocol: 'tcp',
  source: '10.244.1.2',
  sourcePort: 40000,
  destination: '10.96.0.20',
  destinationPort: 80,
};
const translated: PacketHeader = { ...asked, destination: '10.244.2.3', destinationPort: 8080 };
const answer: PacketHeader = {
  protocol: 'tcp',
  source: '10.244.2.3',
  sourcePort: 8080,
  destination: '10.244.1.2',
  destinationPort: 40000,
};

const request: PacketTrace = {
  id: 1,
  atMs: 0,
  summary: 'SYN',
  hops: [
    { step: 'send', at: 'worker-1/pod', header: asked },
    { step: 'route', at: 'worker-1/pod', route: 'default via 10.244.1.1 dev eth0', link: 'eth0' },
    { step: 'transmit', at: 'worker-1/pod', link: 'eth0' },
    { step: 'receive', at: 'worker-1', link: 'veth1', header: asked },
    {
      step: 'rule',
      at: 'worker-1',
      hook: 'PREROUTING',
      rule: { table: 'nat', chain: 'KUBE-SEP-A', number: 2, text: '-A KUBE-SEP-A -j DNAT' },
      action: 'DNAT to 10.244.2.3:8080',
      header: translated,
    },
  ],
  verdict: { kind: 'delivered', at: 'worker-2/pod', address: '10.244.2.3', port: 8080 },
};
const reply: PacketTrace = {
  id: 2,
  atMs: 1,
  summary: 'SYN-ACK',
  hops: [{ step: 'send', at: 'worker-2/pod', header: answer }],
  verdict: { kind: 'delivered', at: 'worker-1/pod', address: '10.244.1.2', port: 40000 },
};

it('shows the first packet of a connection hop by hop, and of what follows only the end', () => {
  expect(formatTrace([request, reply, { ...request, id: 3, summary: 'ACK' }])).toEqual([
    'SYN tcp 10.244.1.2:40000 -> 10.96.0.20:80',
    '  worker-1/pod: sent',
    '  worker-1/pod: route default via 10.244.1.1 dev eth0',
    '  worker-1/pod: out eth0',
    '  worker-1: in veth1',
    '  worker-1: PREROUTING nat #2 -A KUBE-SEP-A -j DNAT  => tcp 10.244.1.2:40000 -> 10.244.2.3:8080',
    '  worker-2/pod: delivered to 10.244.2.3:8080',
    'SYN-ACK tcp 10.244.2.3:8080 -> 10.244.1.2:40000: worker-1/pod: delivered to 10.244.1.2:40000',
    'ACK tcp 10.244.1.2:40000 -> 10.96.0.20:80: worker-2/pod: delivered to 10.244.2.3:8080',
  ]);
});
