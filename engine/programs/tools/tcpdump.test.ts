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

const packet: PacketFacts = {
  atMs: 0,
  link: 'eth0',
  isOutgoing: true,
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
