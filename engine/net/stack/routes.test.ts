/** Routes: which one is taken. Source: ip-route(8), and tables of a Linux 6.18 kernel with the same addresses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, networkOf, parseCidr, prefixContains } from '../ipv4.ts';
import type { RouteSpec } from '../route-spec.ts';
import {
  addSwitch,
  capture,
  connect,
  createTestNetwork,
  createTwoMachines,
  listen,
} from './testing/networks.ts';

function routesTo(specs: readonly RouteSpec[], destinations: readonly string[]): readonly unknown[] {
  const { net } = createTestNetwork();
  addSwitch(net, ['a']);
  net.addAddress('a', 'eth0', '172.18.0.2/16');
  for (const spec of specs) net.addRoute('a', spec);
  return destinations.map((destination) => {
    const answer = net.inspect({ machine: 'a', netns: 'a', subject: 'route-to', args: { destination } });
    return answer.ok ? answer.value : answer.error;
  });
}

describe('a route', () => {
  it('with the longest prefix wins, whatever the order of adding', () => {
    const specs = [
      { destination: 'default', via: '172.18.0.1' },
      { destination: '10.0.0.0/8', via: '172.18.0.10' },
      { destination: '10.244.0.0/16', via: '172.18.0.20' },
      { destination: '10.244.3.0/24', via: '172.18.0.30' },
      { destination: '10.244.3.9', via: '172.18.0.40' },
    ];
    const asked = ['10.244.3.9', '10.244.3.8', '10.244.4.1', '10.1.1.1', '8.8.8.8'];
    const via = (answers: readonly unknown[]) =>
      answers.map((answer) => JSON.stringify(answer).match(/"via":"([^"]*)"/)?.[1]);
    const want = ['172.18.0.40', '172.18.0.30', '172.18.0.20', '172.18.0.10', '172.18.0.1'];
    expect(via(routesTo(specs, asked))).toEqual(want);
    expect(via(routesTo([...specs].reverse(), asked))).toEqual(want);
  });

  it('of the machine itself comes before all others', () => {
    const specs = [{ destination: '172.18.0.2/32', via: '172.18.0.9' }];
    expect(routesTo(specs, ['172.18.0.2', '127.8.8.8', '172.18.0.3', '10.1.1.1', 'x'])).toEqual([
      { table: 255, destination: '172.18.0.2', local: true, link: 'lo', source: '172.18.0.2' },
      { table: 255, destination: '127.8.8.8', local: true, link: 'lo', source: '127.0.0.1' },
      { table: 254, destination: '172.18.0.3', local: false, link: 'eth0', source: '172.18.0.2' },
      { errno: 'ENETUNREACH' },
      null,
    ]);
  });

  it('is chosen as by a plain search for the longest prefix', () => {
    const prefix = fc
      .tuple(fc.nat({ max: 0xff }), fc.integer({ min: 0, max: 8 }))
      .map(([value, bits]) => `${formatIPv4(networkOf((10 << 24) + value, 24 + bits))}/${24 + bits}`);
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 12 }), fc.nat({ max: 0xff }), (prefixes, last) => {
        const address = (10 << 24) + last;
        const [longest] = prefixes
          .flatMap((text) => parseCidr(text)?.prefix ?? [])
          .filter((each) => prefixContains(each, address))
          .sort((a, b) => b.length - a.length);
        const specs = prefixes.map((destination) => ({
          destination,
          via: `172.18.1.${(parseCidr(destination)?.prefix.length ?? 0) + 1}`,
        }));
        const [answer] = routesTo(specs, [formatIPv4(address)]);
        const want =
          longest === undefined
            ? { errno: 'ENETUNREACH' }
            : expect.objectContaining({ via: `172.18.1.${longest.length + 1}` });
        expect(answer).toEqual(want);
      }),
      { numRuns: 60 },
    );
  });

  it('replaces one to the same destination, and goes with its link', () => {
    const { net } = createTwoMachines();
    const routes = () => net.inspect({ machine: 'a', netns: 'a', subject: 'routes', args: null });
    net.addRoute('a', { destination: '10.244.2.0/24', via: '172.18.0.9', protocol: 'bird' });
    const kernel = { table: 254, protocol: 'kernel', scope: 'link' };
    const cni0 = { destination: '10.244.1.0/24', link: 'cni0', source: '10.244.1.1', ...kernel };
    const eth0 = { destination: '172.18.0.0/16', link: 'eth0', source: '172.18.0.2', ...kernel };
    const other = {
      table: 254,
      destination: '10.244.2.0/24',
      via: '172.18.0.9',
      link: 'eth0',
      protocol: 'bird',
    };
    expect(routes()).toEqual({ ok: true, value: [cni0, other, eth0] });
    net.removeLink('a', 'eth0');
    expect(routes()).toEqual({ ok: true, value: [cni0] });
    net.removeAddress('a', 'cni0', '10.244.1.1/24');
    expect(routes()).toEqual({ ok: true, value: [] });
  });

  it('is refused when its gateway is on no link', () => {
    const { net } = createTwoMachines();
    expect(() => net.addRoute('a', { destination: 'default', via: '9.9.9.9' })).toThrow('invalid gateway');
  });
});

describe('several next hops', () => {
  /** Router `r` reaches 10.7.0.1 on `s1`, `s2` and `s3`; the way back goes over the same link. */
  function createFan() {
    const world = createTestNetwork();
    const { net } = world;
    net.addMachine('r');
    for (const number of [1, 2, 3]) {
      const machine = net.addMachine(`s${number}`);
      net.addVeth({ netns: 'r', link: `eth${number}` }, { netns: machine, link: 'eth0' });
      net.addAddress('r', `eth${number}`, `192.168.${number}.1/24`);
      net.addAddress(machine, 'eth0', `192.168.${number}.2/24`);
      net.addAddress(machine, 'lo', '10.7.0.1/32');
      net.addRoute(machine, { destination: 'default', via: `192.168.${number}.1` });
      listen(net, machine, 80);
    }
    net.addAddress('r', 'lo', '10.8.0.1/32');
    net.addRoute('r', {
      destination: '10.7.0.1/32',
      source: '10.8.0.1',
      nextHops: [1, 2, 3].map((number) => ({ via: `192.168.${number}.2` })),
    });
    return world;
  }

  const reached = (net: ReturnType<typeof createFan>['net']) =>
    new Set(
      Array.from({ length: 30 }, () => {
        const traces = capture(net, () => connect(net, 'r', '10.7.0.1', 80));
        const ends = new Set(
          traces.filter(({ id }) => id % 2 === (traces[0]?.id ?? 0) % 2).map((trace) => trace.verdict.at),
        );
        expect(ends.size).toBe(1);
        return [...ends][0];
      }),
    );

  it('keep all flows between two addresses together, or only each connection with the sysctl for ports', () => {
    const { net } = createFan();
    expect(reached(net).size).toBe(1);
    net.setSysctl('r', 'net.ipv4.fib_multipath_hash_policy', '1');
    expect([...reached(net)].sort()).toEqual(['s1', 's2', 's3']);
  });

  it('are passed over when their link is down', () => {
    const { net } = createFan();
    net.setSysctl('r', 'net.ipv4.fib_multipath_hash_policy', '1');
    net.setLinkUp('r', 'eth2', false);
    expect([...reached(net)].sort()).toEqual(['s1', 's3']);
  });
});
