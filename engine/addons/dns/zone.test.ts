import { expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { answerQuestion, type ZoneRecord } from './zone.ts';
import type { ZoneView } from './zone-view.ts';

/**
 * The objects of coredns/plugin/kubernetes/handler_test.go as far as they are IPv4, and its questions with their answers;
 * rows after those follow from the plugin's source, as noted.
 */
const namespace = 'testns';

function service(name: string, spec: NonNullable<Service['spec']>): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '2024-05-28T13:22:30Z' },
    spec,
  };
}

const http = { name: 'http', port: 80, protocol: 'TCP' };
const metrics = { name: 'metrics', port: 9153, protocol: 'TCP' };
const clusterIP = (address: string, ports = [http]) => ({
  type: 'ClusterIP',
  clusterIP: address,
  clusterIPs: [address],
  ports,
});
const headless = (ports = [http]) => ({ type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'], ports });
const external = (externalName: string) => ({ type: 'ExternalName', externalName });

const services: readonly Service[] = [
  service('svc1', clusterIP('10.0.0.1')),
  service('svcempty', clusterIP('10.0.0.9')),
  service('twoports', clusterIP('10.0.0.2', [http, metrics])),
  service('hdls1', headless()),
  service('hdlsprtls', { type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'] }),
  service('hdlsempty', headless()),
  service('external', external('ext.interwebs.test')),
  service('external-to-service', external('svc1.testns.svc.cluster.local')),
  service('external-to-external', external('external-to-service.testns.svc.cluster.local')),
  service('external-to-nothing', external('nope.testns.svc.cluster.local')),
  service('external-ip', external('1.2.3.4')),
  service('circle-a', external('circle-b.testns.svc.cluster.local')),
  service('circle-b', external('circle-a.testns.svc.cluster.local')),
];

function slice(
  name: string,
  ports: EndpointSlice['ports'],
  endpoints: NonNullable<EndpointSlice['endpoints']>,
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2024-05-28T13:22:30Z',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ...(ports === undefined ? {} : { ports }),
    endpoints,
  };
}

const ready = { ready: true };
const slices: readonly EndpointSlice[] = [
  slice('svc1', [http], [{ addresses: ['172.0.0.1'], hostname: 'ep1a', conditions: ready }]),
  slice(
    'hdls1',
    [http],
    [
      { addresses: ['172.0.0.2'], conditions: ready },
      { addresses: ['172.0.0.3'], conditions: {} },
      { addresses: ['172.0.0.4'], hostname: 'dup-name', conditions: ready },
      { addresses: ['172.0.0.5'], hostname: 'dup-name', conditions: ready },
      { addresses: ['172.0.0.6'], conditions: { ready: false } },
    ],
  ),
  slice('hdlsprtls', undefined, [{ addresses: ['172.0.0.20'], conditions: ready }]),
];

const view: ZoneView = {
  hasNamespace: (name) => name === namespace || name === 'default',
  service: (wanted, name) =>
    services.find(({ metadata }) => metadata.namespace === wanted && metadata.name === name),
  services: () => services,
  slicesOf: (wanted, name) =>
    slices.filter(({ metadata }) => metadata.namespace === wanted && metadata.name === name),
  slices: () => slices,
  dnsAddress: () => '10.96.0.10',
  nowSeconds: () => 1_499_347_823,
};

const zone = 'testns.svc.cluster.local';

/** A record as dig prints it, without class. */
function show(record: ZoneRecord): string {
  const data =
    record.type === 'SRV'
      ? `${record.data.priority} ${record.data.weight} ${record.data.port} ${record.data.target}`
      : record.type === 'SOA'
        ? `${record.data.mname} ${record.data.rname} ${record.data.serial} 7200 1800 86400 ${record.data.minimum}`
        : record.data;
  return `${record.name} ${record.ttl} ${record.type} ${data}`;
}

const soa =
  'cluster.local 30 SOA ns.dns.cluster.local hostmaster.cluster.local 1499347823 7200 1800 86400 30';

/** `a`: addresses that the name itself has. `none`: NOERROR without answer. `nx`: NXDOMAIN. Both carry the zone's SOA. */
const ofName = (name: string, addresses: readonly string[]) =>
  addresses.map((address) => `${name} 30 A ${address}`);

it.each([
  // From handler_test.go.
  { name: `svc1.${zone}`, type: 'A', a: ['10.0.0.1'] },
  { name: `svcempty.${zone}`, type: 'A', a: ['10.0.0.9'] },
  {
    name: `svc1.${zone}`,
    type: 'SRV',
    answers: [`svc1.${zone} 30 SRV 0 100 80 svc1.${zone}`],
    extra: [`svc1.${zone} 30 A 10.0.0.1`],
  },
  {
    name: `_http._tcp.svc1.${zone}`,
    type: 'SRV',
    answers: [`_http._tcp.svc1.${zone} 30 SRV 0 100 80 svc1.${zone}`],
    extra: [`svc1.${zone} 30 A 10.0.0.1`],
  },
  { name: `hdls1.${zone}`, type: 'A', a: ['172.0.0.2', '172.0.0.3', '172.0.0.4', '172.0.0.5'] },
  { name: `hdlsprtls.${zone}`, type: 'A', a: ['172.0.0.20'] },
  { name: `172-0-0-20.hdlsprtls.${zone}`, type: 'A', a: ['172.0.0.20'] },
  { name: `172-0-0-2.hdls1.${zone}`, type: 'A', a: ['172.0.0.2'] },
  { name: `172-0-0-3.hdls1.${zone}`, type: 'A', a: ['172.0.0.3'] },
  { name: `dup-name.hdls1.${zone}`, type: 'A', a: ['172.0.0.4', '172.0.0.5'] },
  {
    name: `_http._tcp.hdls1.${zone}`,
    type: 'SRV',
    answers: [`172-0-0-2.hdls1.${zone}`, `172-0-0-3.hdls1.${zone}`, `dup-name.hdls1.${zone}`].map(
      (target) => `_http._tcp.hdls1.${zone} 30 SRV 0 25 80 ${target}`,
    ),
    extra: [
      `172-0-0-2.hdls1.${zone} 30 A 172.0.0.2`,
      `172-0-0-3.hdls1.${zone} 30 A 172.0.0.3`,
      `dup-name.hdls1.${zone} 30 A 172.0.0.4`,
      `dup-name.hdls1.${zone} 30 A 172.0.0.5`,
    ],
  },
  { name: `external.${zone}`, type: 'CNAME', answers: [`external.${zone} 30 CNAME ext.interwebs.test`] },
  {
    name: `external-to-service.${zone}`,
    type: 'A',
    answers: [`external-to-service.${zone} 30 CNAME svc1.${zone}`, `svc1.${zone} 30 A 10.0.0.1`],
  },
  { name: `svc1.${zone}`, type: 'AAAA', none: true },
  { name: `svc0.${zone}`, type: 'AAAA', nx: true },
  { name: `svc0.${zone}`, type: 'A', nx: true },
  { name: 'svc0.svc-nons.svc.cluster.local', type: 'A', nx: true },
  { name: `bogusendpoint.hdls1.${zone}`, type: 'A', nx: true },
  { name: `bogusendpoint.svc0.${zone}`, type: 'A', nx: true },
  { name: 'svc.cluster.local', type: 'A', none: true },
  { name: 'pod.cluster.local', type: 'A', none: true },
  { name: zone, type: 'A', none: true },
  { name: 'svc.cluster.local', type: 'NS', none: true },
  { name: zone, type: 'NS', none: true },
  { name: 'foo.cluster.local', type: 'NS', nx: true },
  { name: 'foo.svc.cluster.local', type: 'NS', nx: true },
  { name: `svc1.${zone}`, type: 'SOA', none: true },
  { name: `endpoint.external.${zone}`, type: 'CNAME', nx: true },
  // From the source: kubernetes.go and parse.go.
  { name: 'cluster.local', type: 'SOA', answers: [soa] },
  { name: 'cluster.local', type: 'A', none: true },
  { name: 'ns.dns.cluster.local', type: 'A', a: ['10.96.0.10'] },
  { name: 'ns.dns.cluster.local', type: 'AAAA', none: true },
  { name: `svc1.${zone}`, type: 'MX', none: true },
  { name: `svc1.${zone}`, type: 'TXT', none: true },
  { name: 'kubernetes', type: 'A', unknown: true },
  { name: 'svc1.testns', type: 'A', unknown: true },
  { name: 'example.com', type: 'A', unknown: true },
  { name: `SVC1.${zone}`, type: 'A', answers: [`SVC1.${zone} 30 A 10.0.0.1`] },
  { name: `http.tcp.svc1.${zone}`, type: 'A', answers: [`http.tcp.svc1.${zone} 30 A 10.0.0.1`] },
  { name: `_http._udp.svc1.${zone}`, type: 'SRV', nx: true },
  { name: `_nope._tcp.svc1.${zone}`, type: 'SRV', nx: true },
  {
    name: `_metrics._tcp.twoports.${zone}`,
    type: 'SRV',
    answers: [`_metrics._tcp.twoports.${zone} 30 SRV 0 100 9153 twoports.${zone}`],
    extra: [`twoports.${zone} 30 A 10.0.0.2`],
  },
  {
    name: `twoports.${zone}`,
    type: 'SRV',
    answers: [
      `twoports.${zone} 30 SRV 0 50 80 twoports.${zone}`,
      `twoports.${zone} 30 SRV 0 50 9153 twoports.${zone}`,
    ],
    extra: [`twoports.${zone} 30 A 10.0.0.2`],
  },
  { name: `twoports.${zone}`, type: 'A', a: ['10.0.0.2'] },
  { name: `_http._tcp.hdls1.${zone}`, type: 'A', a: ['172.0.0.2', '172.0.0.3', '172.0.0.4', '172.0.0.5'] },
  { name: `hdls1.${zone}`, type: 'AAAA', none: true },
  { name: `172-0-0-6.hdls1.${zone}`, type: 'A', nx: true },
  { name: `ep1a.svc1.${zone}`, type: 'A', a: ['172.0.0.1'] },
  { name: `172-0-0-1.svc1.${zone}`, type: 'A', nx: true },
  { name: `hdlsempty.${zone}`, type: 'A', nx: true },
  { name: `a.b.c.svc1.${zone}`, type: 'A', nx: true },
  { name: `external.${zone}`, type: 'A', answers: [`external.${zone} 30 CNAME ext.interwebs.test`] },
  { name: `external.${zone}`, type: 'SRV', none: true },
  { name: `external-to-service.${zone}`, type: 'AAAA', none: true },
  { name: `external-to-nothing.${zone}`, type: 'A', none: true },
  { name: `external-ip.${zone}`, type: 'A', nx: true },
  {
    name: `external-to-external.${zone}`,
    type: 'A',
    answers: [
      `external-to-external.${zone} 30 CNAME external-to-service.${zone}`,
      `external-to-service.${zone} 30 CNAME svc1.${zone}`,
      `svc1.${zone} 30 A 10.0.0.1`,
    ],
  },
  { name: `circle-a.${zone}`, type: 'A', none: true },
  { name: '10-244-1-5.testns.pod.cluster.local', type: 'A', a: ['10.244.1.5'] },
  { name: '10-244-1-5.default.pod.cluster.local', type: 'A', a: ['10.244.1.5'] },
  { name: '10-244-1-5.nope.pod.cluster.local', type: 'A', nx: true },
  { name: '10-244-1-5.testns.pod.cluster.local', type: 'AAAA', none: true },
  { name: '10-244-1-500.testns.pod.cluster.local', type: 'A', nx: true },
  { name: '10-244-1.testns.pod.cluster.local', type: 'A', nx: true },
  { name: 'web.testns.pod.cluster.local', type: 'A', nx: true },
  { name: 'x.10-244-1-5.testns.pod.cluster.local', type: 'A', a: ['10.244.1.5'] },
  { name: 'testns.pod.cluster.local', type: 'A', none: true },
  { name: 'nope.cluster.local', type: 'A', nx: true },
  { name: 'nope.pod.cluster.local', type: 'A', nx: true },
  // From reverse_test.go and reverse.go.
  { name: '1.0.0.10.in-addr.arpa', type: 'PTR', answers: [`1.0.0.10.in-addr.arpa 30 PTR svc1.${zone}`] },
  {
    name: '2.0.0.172.in-addr.arpa',
    type: 'PTR',
    answers: [`2.0.0.172.in-addr.arpa 30 PTR 172-0-0-2.hdls1.${zone}`],
  },
  {
    name: '4.0.0.172.in-addr.arpa',
    type: 'PTR',
    answers: [`4.0.0.172.in-addr.arpa 30 PTR dup-name.hdls1.${zone}`],
  },
  {
    name: '1.0.0.172.in-addr.arpa',
    type: 'PTR',
    answers: [`1.0.0.172.in-addr.arpa 30 PTR ep1a.svc1.${zone}`],
  },
  { name: '6.0.0.172.in-addr.arpa', type: 'PTR', unknown: true },
  { name: '99.0.0.10.in-addr.arpa', type: 'PTR', unknown: true },
  { name: '1.0.0.10.in-addr.arpa', type: 'A', unknown: true },
  { name: '8.8.8.8.in-addr.arpa', type: 'PTR', unknown: true },
])('answers $type of $name', ({ name, type, a, answers, extra, none, nx, unknown }) => {
  const reply = answerQuestion(view, { name, type });
  const isDenied = none === true || nx === true;
  expect({
    rcode: reply.rcode,
    authoritative: reply.authoritative,
    answers: reply.answers.map(show),
    authorities: reply.authorities.map(show),
    additionals: reply.additionals.map(show),
  }).toEqual({
    rcode: nx === true || unknown === true ? 'NXDOMAIN' : 'NOERROR',
    authoritative: unknown !== true,
    answers: answers ?? ofName(name, a ?? []),
    authorities: isDenied ? [soa] : [],
    additionals: extra ?? [],
  });
});
