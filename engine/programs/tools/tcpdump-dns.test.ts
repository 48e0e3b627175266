import { expect, it } from 'vitest';
import { createQuery, type DnsMessage, type DnsRecord, encodeMessage } from '../dns/message.ts';
import { dnsText } from './tcpdump-dns.ts';

const zone = 'shop.svc.cluster.local';
const ttl = 30;

function answer(
  name: string,
  type: 'A' | 'AAAA' | 'SRV' | 'PTR' | 'TXT' | 'SOA' | 'NS',
  parts: Partial<DnsMessage>,
): DnsMessage {
  return { ...createQuery(7, { name, type }), isResponse: true, authoritative: true, ...parts };
}

const soa: DnsRecord = {
  type: 'SOA',
  name: 'cluster.local',
  ttl,
  data: {
    mname: 'ns.dns.cluster.local',
    rname: 'hostmaster.cluster.local',
    serial: 1796100774,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: 30,
  },
};
const a = (name: string, data: string): DnsRecord => ({ type: 'A', name, ttl, data });

/** Source: what tcpdump 4.99.3 printed with -n, -nv and -nvv of CoreDNS's answers to these questions; lengths are ours. */
it.each([
  { message: createQuery(7, { name: `web.${zone}`, type: 'A' }), want: [`7+ A? web.${zone}. (44)`] },
  { message: createQuery(7, { name: `web.${zone}`, type: 'ANY' }), want: [`7+ ANY? web.${zone}. (44)`] },
  {
    message: answer(`web.${zone}`, 'A', { answers: [a(`web.${zone}`, '10.96.1.2')] }),
    want: [
      '7*- 1/0/0 A 10.96.1.2 (LENGTH)',
      `7*- 1/0/0 web.${zone}. A 10.96.1.2 (LENGTH)`,
      `7*- q: A? web.${zone}. 1/0/0 web.${zone}. A 10.96.1.2 (LENGTH)`,
    ],
  },
  {
    message: answer(`web.${zone}`, 'AAAA', { authorities: [soa] }),
    want: [
      '7*- 0/1/0 (LENGTH)',
      '7*- 0/1/0 (LENGTH)',
      `7*- q: AAAA? web.${zone}. 0/1/0 ns: cluster.local. SOA ns.dns.cluster.local. hostmaster.cluster.local. 1796100774 7200 1800 86400 30 (LENGTH)`,
    ],
  },
  {
    message: answer(`_http._tcp.web.${zone}`, 'SRV', {
      answers: [
        {
          type: 'SRV',
          name: `_http._tcp.web.${zone}`,
          ttl,
          data: { priority: 0, weight: 100, port: 80, target: `web.${zone}` },
        },
      ],
      additionals: [a(`web.${zone}`, '10.96.1.2')],
    }),
    want: [
      `7*- 1/0/1 SRV web.${zone}.:80 0 100 (LENGTH)`,
      `7*- 1/0/1 _http._tcp.web.${zone}. SRV web.${zone}.:80 0 100 (LENGTH)`,
      `7*- q: SRV? _http._tcp.web.${zone}. 1/0/1 _http._tcp.web.${zone}. SRV web.${zone}.:80 0 100 ar: web.${zone}. A 10.96.1.2 (LENGTH)`,
    ],
  },
  {
    message: answer(`db.${zone}`, 'A', {
      answers: [a(`db.${zone}`, '10.244.2.21'), a(`db.${zone}`, '10.244.1.20')],
    }),
    want: [
      '7*- 2/0/0 A 10.244.2.21, A 10.244.1.20 (LENGTH)',
      `7*- 2/0/0 db.${zone}. A 10.244.2.21, db.${zone}. A 10.244.1.20 (LENGTH)`,
    ],
  },
  {
    message: answer(`nope.${zone}`, 'A', { rcode: 'NXDOMAIN', authorities: [soa] }),
    want: ['7 NXDomain*- 0/1/0 (LENGTH)'],
  },
  {
    message: answer('nobody.example.test', 'A', {
      rcode: 'NXDOMAIN',
      authoritative: false,
      recursionAvailable: true,
    }),
    want: ['7 NXDomain 0/0/0 (LENGTH)'],
  },
  {
    message: answer(`out.${zone}`, 'A', {
      answers: [
        { type: 'CNAME', name: `out.${zone}`, ttl, data: 'api.example.test' },
        a('api.example.test', '198.51.100.20'),
      ],
    }),
    want: [
      '7*- 2/0/0 CNAME api.example.test., A 198.51.100.20 (LENGTH)',
      `7*- 2/0/0 out.${zone}. CNAME api.example.test., api.example.test. A 198.51.100.20 (LENGTH)`,
    ],
  },
  {
    message: answer('2.1.96.10.in-addr.arpa', 'PTR', {
      answers: [{ type: 'PTR', name: '2.1.96.10.in-addr.arpa', ttl, data: `web.${zone}` }],
    }),
    want: [`7*- 1/0/0 PTR web.${zone}. (LENGTH)`],
  },
  {
    message: answer('dns-version.cluster.local', 'TXT', {
      answers: [{ type: 'TXT', name: 'dns-version.cluster.local', ttl, data: '1.1.0' }],
    }),
    want: ['7*- 1/0/0 TXT "1.1.0" (LENGTH)'],
  },
  {
    message: answer('cluster.local', 'SOA', { answers: [soa] }),
    want: [
      '7*- 1/0/0 SOA (LENGTH)',
      '7*- 1/0/0 cluster.local. SOA ns.dns.cluster.local. hostmaster.cluster.local. 1796100774 7200 1800 86400 30 (LENGTH)',
    ],
  },
])('tells of $want.0', ({ message, want }) => {
  const bytes = encodeMessage(message);
  const told = want.map((_, verbosity) => dnsText(bytes, bytes.length, verbosity));
  expect(told).toEqual(want.map((line) => line.replace('LENGTH', String(bytes.length))));
});
