import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';
import { type DnsRecord, decodeMessage, encodeMessage } from './dns/message.ts';
import { serveHttp, textResponse } from './http/server.ts';
import { twoMachines } from './testing/two-machines.ts';

/** Source of every expectation: fixtures/README.md. */
const recordings: readonly { argv: string[]; stdout: string; stderr: string; code: number }[] = JSON.parse(
  readFileSync(new URL('./fixtures/recordings.json', import.meta.url), 'utf8'),
);

const soa: DnsRecord = {
  type: 'SOA',
  name: 'cluster.local',
  ttl: 30,
  data: {
    mname: 'ns.dns.cluster.local',
    rname: 'hostmaster.cluster.local',
    serial: 1716902550,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: 30,
  },
};

const domain = 'default.svc.cluster.local';
const ttl = 30;
const webAddress: DnsRecord = { type: 'A', name: `web.${domain}`, ttl, data: '10.96.1.2' };
const records: readonly DnsRecord[] = [
  webAddress,
  { type: 'A', name: `db.${domain}`, ttl, data: '10.244.1.5' },
  { type: 'A', name: `db.${domain}`, ttl, data: '10.244.2.7' },
  { type: 'PTR', name: '2.1.96.10.in-addr.arpa', ttl, data: `web.${domain}` },
  { type: 'CNAME', name: `ext.${domain}`, ttl, data: 'example.com' },
  {
    type: 'SRV',
    name: `_http._tcp.web.${domain}`,
    ttl,
    data: { priority: 0, weight: 100, port: 80, target: `web.${domain}` },
  },
];

const zoneServer: Program = function* () {
  const socket = yield* sys.listen('udp', '10.96.0.10', 53);
  if (!socket.ok) return 1;
  for (;;) {
    const received = yield* sys.receiveFrom(socket.value);
    const query = received.ok ? decodeMessage(received.value.bytes) : undefined;
    if (!received.ok || query?.ok !== true || query.value.question === undefined) continue;
    const { name, type } = query.value.question;
    const ofName = records.filter((record) => record.name === name.toLowerCase());
    const answers = ofName.filter((record) => record.type === type || record.type === 'CNAME');
    const isOurs = name.endsWith('cluster.local') || name.endsWith('arpa');
    const reply = encodeMessage({
      ...query.value,
      isResponse: true,
      authoritative: ofName.length > 0 || isOurs,
      rcode: ofName.length > 0 ? 'NOERROR' : 'NXDOMAIN',
      answers,
      authorities: answers.length === 0 && isOurs ? [soa] : [],
      additionals: type === 'SRV' ? [webAddress] : [],
    });
    yield* sys.sendTo(socket.value, received.value.peer.address, received.value.peer.port, reply);
  }
};

const webServer: Program = (start) =>
  serveHttp<JsonObject>(start, {
    style: 'go',
    isConfig: isJsonObject,
    *setUp() {
      const socket = yield* sys.listen('tcp', '10.96.1.2', 80);
      return socket.ok ? { listeners: [socket.value], config: {} } : 1;
    },
    handle: (_config, { target }) => {
      if (target === '/404') return textResponse(404, 'no');
      if (target === '/r') return textResponse(302, '', [['Location', '/']]);
      return textResponse(200, 'hello\n');
    },
  });

const closingServer: Program = function* () {
  const socket = yield* sys.listen('tcp', '10.96.1.2', 81);
  for (;;) {
    const accepted = socket.ok ? yield* sys.accept(socket.value) : undefined;
    if (accepted?.ok !== true) return 1;
    yield* sys.receive(accepted.value.socket);
    yield* sys.close(accepted.value.socket);
  }
};

function recordedWorld() {
  const world = twoMachines(
    undefined,
    new Map([
      ['zone', zoneServer],
      ['web', webServer],
      ['closing', closingServer],
    ]),
  );
  for (const cidr of ['10.96.0.10/32', '10.96.1.2/32']) world.network.addAddress('server', 'eth0', cidr);
  world.network.addAddress('client', 'eth0', '10.50.0.1/24');
  world.network.addRoute('client', { destination: '10.96.0.0/16', via: '10.0.0.1', link: 'eth0' });
  world.network.addRoute('client', {
    destination: '10.70.0.0/16',
    link: 'eth0',
    source: '10.50.0.1',
    scope: 'link',
  });
  world.write(
    'client',
    '/etc/resolv.conf',
    `search ${domain} svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
  );
  for (const name of ['zone', 'web', 'closing']) world.start('server', [name]);
  return world;
}

/** What differs from run to run, as in the recordings. */
function settled(text: string): string {
  return text
    .replace(/id: \d+/, 'id: 0')
    .replace(/Query time: \d+/, 'Query time: 0')
    .replace(/WHEN: .*/, 'WHEN: then')
    .replace(/(rtt|round-trip)( [\w/]+ =) [\d./]+ ms/, '$1$2 0 ms')
    .replace(/time \d+ms/, 'time 0ms')
    .replace(/after \d+ ms/, 'after 0 ms')
    .replace(/(BusyBox v)[^\n]*(\n\nUsage: \S+)[\s\S]*/, '$1$2\n');
}

describe('a tool prints what the real one printed', () => {
  it.each(recordings.map((recording) => ({ ...recording, line: recording.argv.join(' ') })))(
    '$line',
    ({ argv, stdout, stderr, code }) => {
      const ran = recordedWorld().run('client', argv);
      expect({ out: settled(ran.out), err: settled(ran.err), code: ran.code }).toEqual({
        out: stdout,
        err: stderr,
        code,
      });
    },
  );
});
