import { expect, it } from 'vitest';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type DnsRecord, decodeMessage, encodeMessage } from '../dns/message.ts';
import { twoMachines } from '../testing/two-machines.ts';

const zone = 'shop.svc.cluster.local';
const ttl = 30;
const records: readonly DnsRecord[] = [
  { type: 'A', name: `web.${zone}`, ttl, data: '10.96.1.2' },
  { type: 'CNAME', name: `out.${zone}`, ttl, data: 'api.example.test' },
  { type: 'A', name: 'api.example.test', ttl, data: '198.51.100.20' },
  { type: 'PTR', name: '2.1.96.10.in-addr.arpa', ttl, data: `web.${zone}` },
  { type: 'NS', name: 'cluster.local', ttl, data: 'kube-dns.kube-system.svc.cluster.local' },
  { type: 'TXT', name: 'dns-version.cluster.local', ttl, data: '1.1.0' },
  {
    type: 'SRV',
    name: `_http._tcp.web.${zone}`,
    ttl,
    data: { priority: 0, weight: 100, port: 80, target: `web.${zone}` },
  },
];

/** Answers as the recording's CoreDNS did, for these names. */
const nameServer: Program = function* () {
  const socket = yield* sys.listen('udp', '10.0.0.1', 53);
  for (;;) {
    const received = socket.ok ? yield* sys.receiveFrom(socket.value) : undefined;
    const query = received?.ok === true ? decodeMessage(received.value.bytes) : undefined;
    if (received?.ok !== true || query?.ok !== true || query.value.question === undefined) continue;
    const { name, type } = query.value.question;
    const own = records.filter((record) => record.name === name);
    const alias = own.find((record) => record.type === 'CNAME');
    const target = alias?.type === 'CNAME' ? records.filter((record) => record.name === alias.data) : [];
    const reply = encodeMessage({
      ...query.value,
      isResponse: true,
      authoritative: true,
      rcode: own.length > 0 ? 'NOERROR' : 'NXDOMAIN',
      answers: [...own, ...target].filter((record) => record.type === type || record.type === 'CNAME'),
      authorities: [],
      additionals: [],
    });
    if (socket.ok)
      yield* sys.sendTo(socket.value, received.value.peer.address, received.value.peer.port, reply);
  }
};

/** Source: what host and dig of BIND 9.18.49 printed, asking CoreDNS 1.14.2 about these names. */
it.each([
  { line: 'host web', out: `web.${zone} has address 10.96.1.2\n` },
  {
    line: `host -t srv _http._tcp.web.${zone}`,
    out: `_http._tcp.web.${zone} has SRV record 0 100 80 web.${zone}.\n`,
  },
  { line: 'host -t aaaa web', out: `web.${zone} has no AAAA record\n` },
  {
    line: `host out.${zone}`,
    out: `out.${zone} is an alias for api.example.test.\napi.example.test has address 198.51.100.20\n`,
  },
  { line: 'host 10.96.1.2', out: `2.1.96.10.in-addr.arpa domain name pointer web.${zone}.\n` },
  {
    line: 'host -t ns cluster.local',
    out: 'cluster.local name server kube-dns.kube-system.svc.cluster.local.\n',
  },
  {
    line: 'host -t txt dns-version.cluster.local',
    out: 'dns-version.cluster.local descriptive text "1.1.0"\n',
  },
  {
    line: 'host web 10.0.0.1',
    out: `Using domain server:\nName: 10.0.0.1\nAddress: 10.0.0.1#53\nAliases: \n\nweb.${zone} has address 10.96.1.2\n`,
  },
  { line: `host nope.${zone}`, out: `Host nope.${zone} not found: 3(NXDOMAIN)\n`, code: 1 },
  { line: 'dig +noall +answer web +search', out: `web.${zone}. 30\tIN\tA\t10.96.1.2\n` },
  { line: `dig +noall +answer +nottlid web.${zone}`, out: `web.${zone}. IN\tA\t10.96.1.2\n` },
  { line: `dig +noall +answer +noclass web.${zone}`, out: `web.${zone}. 30\tA\t10.96.1.2\n` },
  { line: `dig +short -t any web.${zone}`, out: '' },
  { line: `dig +domain=${zone} +short web`, out: '10.96.1.2\n' },
  { line: `dig +short out.${zone}`, out: 'api.example.test.\n198.51.100.20\n' },
  { line: 'dig +short txt dns-version.cluster.local', out: '"1.1.0"\n' },
  {
    line: 'dig +foo web',
    err: 'Invalid option: +foo\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n            {global-d-opt} host [@local-server] {local-d-opt}\n            [ host [@local-server] {local-d-opt} [...]]\n\nUse "dig -h" (or "dig -h | more") for complete list of options\n',
    code: 1,
  },
])('$line', ({ line, out = '', err = '', code = 0 }) => {
  const world = twoMachines(undefined, new Map([['name-server', nameServer]]));
  const search = `${zone} svc.cluster.local cluster.local`;
  world.write('client', '/etc/resolv.conf', `search ${search}\nnameserver 10.0.0.1\noptions ndots:5\n`);
  world.start('server', ['name-server']);
  expect(world.run('client', line.split(' '))).toEqual({ out, err, code });
});
