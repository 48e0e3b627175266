import { expect, it } from 'vitest';
import type { PacketFacts } from '../../net/process/inspect.ts';
import { twoMachines } from '../testing/two-machines.ts';
import { parseFilter } from './tcpdump-filter.ts';

/** `client` listens in while it talks to agnhost at 10.0.0.1. */
function listenIn(argv: readonly string[], commands: readonly string[]) {
  const world = twoMachines();
  world.start('server', ['agnhost', 'netexec', '--http-port=80']);
  const tcpdump = world.start('client', ['tcpdump', ...argv]);
  for (const command of commands) world.run('client', command.split(' '));
  world.queue.advance(1000);
  return world.ran(tcpdump);
}

// Source: tcpdump 4.99.3 on Linux 6.18, of the same exchange; window and options are left out here.
it('shows a connection with the bytes of each side counted from its beginning', () => {
  const { out, err, code } = listenIn(['-ni', 'any', '-t', '-c', '4'], ['curl -s http://10.0.0.1/hostname']);
  expect(out.replaceAll(/seq \d{4,}|ack \d{4,}|\.\d{5}\b/g, (text) => text.replaceAll(/\d+$/g, 'N'))).toBe(
    [
      'eth0  Out IP 10.0.0.2.N > 10.0.0.1.80: Flags [S], seq N, win 64240, length 0',
      'eth0  In  IP 10.0.0.1.80 > 10.0.0.2.N: Flags [S.], seq N, ack N, win 64240, length 0',
      'eth0  Out IP 10.0.0.2.N > 10.0.0.1.80: Flags [.], ack 1, win 64240, length 0',
      'eth0  Out IP 10.0.0.2.N > 10.0.0.1.80: Flags [P.], seq 1:81, ack 1, win 64240, length 80: HTTP: GET /hostname HTTP/1.1',
      '',
    ].join('\n'),
  );
  expect(err).toMatch(
    /^tcpdump: data link type LINUX_SLL2\n(?:.*\n){2}4 packets captured\n\d+ packets received by filter\n/,
  );
  expect(code).toBe(0);
});

// Source: tcpdump 4.99.3 on Linux 6.18, of such an exchange.
it.each([
  {
    link: 'eth0',
    want: [
      'C > S, ethertype IPv4 (0x0800), length 98: 10.0.0.2 > 10.0.0.1: ICMP echo request',
      'S > C, ethertype IPv4 (0x0800), length 98: 10.0.0.1 > 10.0.0.2: ICMP echo reply',
    ],
  },
  {
    link: 'any',
    want: [
      'eth0  Out ifindex 2 C ethertype IPv4 (0x0800), length 104: 10.0.0.2 > 10.0.0.1: ICMP echo request',
      'eth0  In  ifindex 2 S ethertype IPv4 (0x0800), length 104: 10.0.0.1 > 10.0.0.2: ICMP echo reply',
    ],
  },
])('tells with -e of the frames on $link', ({ link, want }) => {
  const { out } = listenIn(['-n', '-e', '-t', '-i', link, '-c', '2', 'icmp'], ['ping -c 1 10.0.0.1']);
  const [client, server] = [...out.matchAll(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g)]
    .map(([mac]) => mac)
    .filter((mac, at, all) => all.indexOf(mac) === at);
  expect(client).not.toBe(server);
  const named = out.replaceAll(client ?? '', 'C').replaceAll(server ?? '', 'S');
  expect(
    named
      .replaceAll(/, id .*/g, '')
      .trimEnd()
      .split('\n'),
  ).toEqual(want);
});

it('shows echoes and errors, as the filter wants', () => {
  const { out } = listenIn(
    ['-n', '-t', '-i', 'eth0', '-c', '3', 'icmp', 'and', 'host', '10.0.0.1'],
    [
      'ping -c 1 10.0.0.1',
      'curl -s http://10.0.0.1/',
      'agnhost connect 10.0.0.1:9 --protocol=udp --timeout=1s',
    ],
  );
  expect(out.replaceAll(/id \d+/g, 'id N')).toBe(
    [
      'IP 10.0.0.2 > 10.0.0.1: ICMP echo request, id N, seq 1, length 64',
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id N, seq 1, length 64',
      'IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.1 udp port 9 unreachable, length 36',
      '',
    ].join('\n'),
  );
});

// Source: as above, with -v, -X and -A; the identification is 0 here.
it.each([
  {
    options: ['-v', 'icmp'],
    command: 'ping -c 1 10.0.0.1',
    want: /^IP \(tos 0x0, ttl 64, id 0, offset 0, flags \[DF\], proto ICMP \(1\), length 84\)\n {4}10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo request, id \d+, seq 1, length 64\nIP \(tos 0x0, ttl 64, id 0, offset 0, flags \[none\], proto ICMP \(1\), length 84\)\n/,
  },
  {
    options: ['-v', 'tcp'],
    command: 'curl -s http://10.0.0.1/hostname',
    want: /length 80: HTTP, length: 80\n\tGET \/hostname HTTP\/1\.1\n\tHost: 10\.0\.0\.1\n\tUser-Agent: curl\/\S+\n\tAccept: \*\/\*\n\t\nIP /,
  },
  {
    options: ['-X', 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn'],
    command: 'curl -s http://10.0.0.1/hostname',
    want: /^IP .* Flags \[S\], .*\n\t0x0000: {2}4500 0028 0000 4000 4006 26ce 0a00 0002 {2}E\.\.\(\.\.@\.@\.&\.\.\.\.\.\n\t0x0010: {2}0a00 0001 [0-9a-f]{4} 0050 .*\n\t0x0020: {2}5002 faf0 0000 0000 {22}P\.{7}\n/,
  },
  {
    options: ['-A', 'tcp', 'and', 'greater', '100'],
    command: 'curl -s http://10.0.0.1/hostname',
    want: /GET \/hostname HTTP\/1\.1\nHost: 10\.0\.0\.1\nUser-Agent: curl\/\S+\nAccept: \*\/\*\n\n/,
  },
  { options: ['-q', 'tcp'], command: 'curl -s http://10.0.0.1/hostname', want: /^IP .*: tcp 0\n/ },
  {
    options: ['tcp[tcpflags] & tcp-rst != 0'],
    command: 'curl -s http://10.0.0.1:81/',
    want: /^IP 10\.0\.0\.1\.81 > 10\.0\.0\.2\.\d+: Flags \[R\.\], seq 0, ack \d{5,}, win 0, length 0\n$/,
  },
])('shows more with $options', ({ options, command, want }) => {
  expect(listenIn(['-n', '-t', '-i', 'eth0', ...options], [command]).out).toMatch(want);
});

const packet: PacketFacts = {
  atMs: 0,
  link: 'eth0',
  isOutgoing: true,
  sourceMac: '02:00:00:00:00:02',
  destinationMac: '02:00:00:00:00:01',
  protocol: 'tcp',
  source: '10.0.0.2',
  sourcePort: 4000,
  destination: '10.96.0.10',
  destinationPort: 53,
  ttl: 64,
  payload: '',
  payloadBytes: 0,
};

// Source: pcap-filter(7).
it.each([
  ['', true],
  ['tcp', true],
  ['udp', false],
  ['port 53', true],
  ['dst port 53', true],
  ['src port 53', false],
  ['tcp port domain', true],
  ['host 10.0.0.2', true],
  ['dst host 10.0.0.2', false],
  ['src 10.0.0.2', true],
  ['net 10.96.0.0/16', true],
  ['not port 53', false],
  ['udp or port 53 and host 10.0.0.9', false],
  ['udp or (port 53 and host 10.0.0.2)', true],
  ['!(tcp)', false],
  ['port', 'syntax error'],
  ['frobnicate', 'syntax error'],
  ['(tcp', 'syntax error'],
])('filter %s', (text, want) => {
  const filter = parseFilter(text.split(' ').filter(Boolean));
  expect(filter.ok ? filter.value(packet) : filter.error).toBe(want);
});
