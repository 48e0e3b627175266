import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import { explainName } from '../explain/explain-name.ts';
import { explainProbe } from '../explain/explain-probe.ts';
import type { ProbeTarget, Vantage } from '../explain/probe.ts';

const from: Vantage = { kind: 'pod', namespace: 'default', name: 'client' };

const container = { name: 'server', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53' };

const pod = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: [container], ...spec },
});

const service = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec,
});

const slice = (name: string, parts: JsonObject, owner?: string): JsonObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, ...(owner === undefined ? {} : { labels: { 'kubernetes.io/service-name': owner } }) },
  addressType: 'IPv4',
  ...parts,
});

const endpoints = (name: string, ip: string, port: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name },
  subsets: [{ addresses: [{ ip }], ports: [port] }],
});

const outside = '198.51.100.10';
const objects: readonly (readonly [path: string, body: JsonObject])[] = [
  ['pods', pod('client')],
  ['pods', pod('bare')],
  ['pods', pod('other', { hostname: 'other', subdomain: 'elsewhere' })],
  ['services', service('other-name', { ports: [{ name: 'pg', port: 5432 }] })],
  ['endpoints', endpoints('other-name', outside, { name: 'postgres', port: 5432 })],
  ['services', service('other-service', { ports: [{ port: 80 }] })],
  ['endpoints', endpoints('other-service', '10.96.0.10', { port: 80 })],
  ['services', service('other-port', { ports: [{ port: 80 }] })],
  [
    'endpointslices',
    slice('other-port-1', { endpoints: [{ addresses: [outside] }], ports: [{ port: 81 }] }, 'other-port'),
  ],
  ['services', service('without', { ports: [{ port: 80 }] })],
  ['endpointslices', slice('stray', { endpoints: [{ addresses: [outside] }], ports: [{ port: 80 }] })],
  ['services', service('tcp', { selector: { app: 'client' }, ports: [{ port: 53 }] })],
  ['services', service('alias', { type: 'ExternalName', externalName: 'nobody.example.com' })],
  ['services', service('address', { type: 'ExternalName', externalName: '192.0.2.7' })],
  ['services', service('empty', { clusterIP: 'None', selector: { app: 'nobody' } })],
  ['services', service('portless', { clusterIP: 'None', selector: { app: 'client' } })],
];

const named = (kind: string, name: string) => ({ kind, namespace: 'default', name });

let cluster: Cluster;

beforeAll(() => {
  cluster = createCluster({ seed: 'explained' });
  for (const [plural, body] of objects) {
    const group = plural === 'endpointslices' ? '/apis/discovery.k8s.io/v1' : '/api/v1';
    const path = `${group}/namespaces/default/${plural}`;
    expect(cluster.request({ method: 'POST', path, body })).toMatchObject({ code: 201 });
  }
  cluster.settle();
});

describe('a Service that does not answer', () => {
  it.each([
    {
      name: 'its port and that of the endpoints have different names',
      target: { host: 'other-name', port: 5432, protocol: 'tcp' },
      cause: {
        code: 'endpoint-port-name',
        service: named('Service', 'other-name'),
        endpoints: named('Endpoints', 'other-name'),
        wanted: 'pg',
        found: ['postgres'],
      },
    },
    {
      name: 'its endpoint is the address of another Service',
      target: { host: 'other-service', port: 80, protocol: 'tcp' },
      cause: {
        code: 'endpoint-is-service-address',
        service: named('Service', 'other-service'),
        endpoints: named('Endpoints', 'other-service'),
        address: '10.96.0.10',
        owner: { kind: 'Service', namespace: 'kube-system', name: 'kube-dns' },
      },
    },
    {
      name: 'its slice leads to a port on which nobody listens',
      target: { host: 'other-port', port: 80, protocol: 'tcp' },
      cause: {
        code: 'nobody-listens',
        port: 81,
        field: { object: named('EndpointSlice', 'other-port-1'), path: 'ports[0].port', value: '81' },
      },
    },
    {
      name: 'the slice that was meant for it has no label',
      target: { host: 'without', port: 80, protocol: 'tcp' },
      cause: {
        code: 'no-selector',
        service: named('Service', 'without'),
        stray: { object: named('EndpointSlice', 'stray') },
      },
    },
    {
      name: 'it has the port for another protocol',
      target: { host: 'tcp', port: 53, protocol: 'udp' },
      cause: { code: 'no-such-service-port', service: named('Service', 'tcp'), port: 53, protocol: 'UDP' },
    },
  ] as const satisfies readonly { name: string; target: ProbeTarget; cause: unknown }[])(
    '$name',
    ({ target, cause }) => {
      const probe = { from, target: { ...target, timeoutSeconds: 2 } };
      const result = cluster.probe(from, probe.target);
      expect(explainProbe(cluster.view, { ...probe, result })).toMatchObject(cause);
    },
  );
});

describe('a name that does not resolve', () => {
  it.each([
    {
      name: 'alias',
      cause: { code: 'external-name-unknown', externalName: 'nobody.example.com', isAddress: false },
    },
    { name: 'address.default', cause: { code: 'external-name-unknown', isAddress: true } },
    { name: 'empty', cause: { code: 'selector-matches-nothing', service: named('Service', 'empty') } },
    {
      name: 'nobody.portless',
      cause: { code: 'pod-name-unpublished', service: named('Service', 'portless') },
    },
    {
      name: 'other.portless.default.svc.cluster.local',
      cause: {
        code: 'pod-name-unpublished',
        pod: { pod: named('Pod', 'other'), subdomain: 'elsewhere' },
      },
    },
    { name: 'bare.portless', cause: { pod: { pod: named('Pod', 'bare'), subdomain: '' } } },
  ])('is explained: $name', ({ name, cause }) => {
    expect(cluster.resolve(from, name)).toEqual([]);
    expect(explainName(cluster.view, from, name)).toMatchObject(cause);
  });

  it('is none when a headless Service has no ports', () => {
    expect(cluster.resolve(from, 'portless')).toEqual([expect.stringMatching(/^10\.244\./)]);
  });
});
