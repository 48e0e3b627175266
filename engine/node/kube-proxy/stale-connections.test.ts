import { expect, it } from 'vitest';
import type { PacketHeader } from '../../net/trace.ts';
import { joinEndpoints, writePort } from './port-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { createStaleTest } from './stale-connections.ts';

const facts: ProxyFacts = {
  nodeName: 'worker-1',
  zone: '',
  masqueradeMark: '0x00004000',
  masqueradeAll: false,
  localhostNodePorts: true,
  randomFully: true,
};
const meta = {
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const service = (name: string, clusterIP: string, protocol = 'UDP') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...meta, name },
  spec: { clusterIP, ports: [{ port: 53, protocol, nodePort: protocol === 'UDP' ? 30053 : 30054 }] },
});
const slice = (name: string, address: string, protocol = 'UDP', serving = true) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...meta, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 5353, protocol }],
  endpoints: [{ addresses: [address], conditions: { ready: serving, serving } }],
});
const connection = (
  protocol: 'tcp' | 'udp',
  [destination, destinationPort]: readonly [string, number],
  [source, sourcePort]: readonly [string, number],
): { original: PacketHeader; reply: PacketHeader } => ({
  original: { protocol, source: '10.244.1.9', sourcePort: 4000, destination, destinationPort },
  reply: { protocol, source, sourcePort, destination: '10.244.1.9', destinationPort: 4000 },
});

/** Source: the cases of pkg/proxy/conntrack/cleanup_test.go in Kubernetes v1.36, said as data. */
it.each([
  ['to an endpoint that serves', connection('udp', ['10.96.0.10', 53], ['10.244.1.5', 5353]), false],
  ['to an endpoint that is gone', connection('udp', ['10.96.0.10', 53], ['10.244.1.6', 5353]), true],
  [
    'to the Service itself, from before it had endpoints',
    connection('udp', ['10.96.0.10', 53], ['10.96.0.10', 53]),
    true,
  ],
  [
    'to a node port and an endpoint that is gone',
    connection('udp', ['172.18.0.3', 30053], ['10.244.1.6', 5353]),
    true,
  ],
  [
    'to a node port and an endpoint that serves',
    connection('udp', ['172.18.0.3', 30053], ['10.244.1.5', 5353]),
    false,
  ],
  [
    'to a Service without serving endpoints',
    connection('udp', ['10.96.0.11', 53], ['10.244.1.7', 5353]),
    false,
  ],
  ['of TCP', connection('tcp', ['10.96.0.12', 53], ['10.244.1.6', 5353]), false],
  ['to something else', connection('udp', ['8.8.8.8', 53], ['8.8.8.8', 53]), false],
])('a connection %s', (_name, candidate, isStale) => {
  const services = [
    service('dns', '10.96.0.10'),
    service('old', '10.96.0.11'),
    service('tcp', '10.96.0.12', 'TCP'),
  ];
  const slices = [
    slice('dns', '10.244.1.5'),
    slice('old', '10.244.1.7', 'UDP', false),
    slice('tcp', '10.244.1.5', 'TCP'),
  ];
  const ports = services.map(withoutSharedNodePort).flatMap((object) => {
    const own = slices.filter(({ metadata }) => metadata.name === `${object.metadata.name}-1`);
    return joinEndpoints(object, own, 'worker-1').map((port) => writePort(port, facts, true));
  });
  expect(createStaleTest(() => ports)(candidate)).toBe(isStale);
});

/** Only the first Service has a node port, since no two can share one. */
function withoutSharedNodePort(object: ReturnType<typeof service>): ReturnType<typeof service> {
  if (object.metadata.name === 'dns') return object;
  const ports = object.spec.ports.map((port) => ({ ...port, nodePort: 0 }));
  return { ...object, spec: { ...object.spec, ports } };
}
