/** Whatever machines are cabled together and however wrongly they are set up: every packet ends, and ends the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../base/limits.ts';
import type { Network } from './network.ts';
import { capture, createTestNetwork, listen } from './testing/networks.ts';

interface Plan {
  readonly machines: readonly {
    readonly forwards: boolean;
    readonly hasBridge: boolean;
    readonly callsIptables: boolean;
  }[];
  readonly cables: readonly { readonly from: number; readonly to: number; readonly bridged: boolean }[];
  readonly addresses: readonly {
    readonly machine: number;
    readonly link: number;
    readonly last: number;
    readonly length: number;
  }[];
  readonly routes: readonly { readonly machine: number; readonly via: number; readonly length: number }[];
  readonly rules: readonly { readonly machine: number; readonly rule: string }[];
  readonly flows: readonly {
    readonly from: number;
    readonly to: number;
    readonly protocol: 'tcp' | 'udp' | 'icmp';
  }[];
}

const machine = fc.nat({ max: 3 });
const last = fc.integer({ min: 1, max: 6 });
const plan: fc.Arbitrary<Plan> = fc.record({
  machines: fc.array(
    fc.record({ forwards: fc.boolean(), hasBridge: fc.boolean(), callsIptables: fc.boolean() }),
    {
      minLength: 4,
      maxLength: 4,
    },
  ),
  cables: fc.array(fc.record({ from: machine, to: machine, bridged: fc.boolean() }), { maxLength: 8 }),
  addresses: fc.array(
    fc.record({ machine, link: fc.nat({ max: 5 }), last, length: fc.constantFrom(8, 24, 30, 32) }),
    { maxLength: 10 },
  ),
  routes: fc.array(fc.record({ machine, via: last, length: fc.constantFrom(0, 8, 29, 32) }), {
    maxLength: 6,
  }),
  rules: fc.array(
    fc.record({
      machine,
      rule: fc.oneof(
        fc
          .tuple(fc.constantFrom('PREROUTING', 'OUTPUT'), last, last)
          .map(
            ([chain, from, to]) =>
              `*nat\n-A ${chain} -d 10.0.0.${from} -j DNAT --to-destination 10.0.0.${to}`,
          ),
        fc.constant('*nat\n-A POSTROUTING -j MASQUERADE'),
        fc
          .tuple(fc.constantFrom('INPUT', 'FORWARD', 'OUTPUT'), fc.constantFrom('DROP', 'REJECT'), last)
          .map(([chain, target, to]) => `*filter\n-A ${chain} -d 10.0.0.${to} -j ${target}`),
      ),
    }),
    { maxLength: 4 },
  ),
  flows: fc.array(fc.record({ from: machine, to: last, protocol: fc.constantFrom('tcp', 'udp', 'icmp') }), {
    minLength: 1,
    maxLength: 4,
  }),
});

/** Builds what the plan says, as far as the machine would let one. */
function build(net: Network, { machines, cables, addresses, routes, rules }: Plan): void {
  for (const [index, { forwards, hasBridge, callsIptables }] of machines.entries()) {
    const name = net.addMachine(`m${index}`);
    if (forwards) net.setSysctl(name, 'net.ipv4.ip_forward', '1');
    if (callsIptables) net.setSysctl(name, 'net.bridge.bridge-nf-call-iptables', '1');
    if (hasBridge) net.addBridge(name, 'br0');
    listen(net, name, 80);
  }
  for (const [index, { from, to, bridged }] of cables.entries()) {
    const ends = [from, to].map((end, side) => ({ netns: `m${end}`, link: `c${index}-${side}` }));
    const [first, second] = ends;
    if (first !== undefined && second !== undefined) net.addVeth(first, second);
    for (const [side, end] of [from, to].entries()) {
      if (bridged && machines[end]?.hasBridge) net.setMaster(`m${end}`, `c${index}-${side}`, 'br0');
    }
  }
  for (const { machine: index, link, last: byte, length } of addresses) {
    const links = linksOf(net, `m${index}`);
    const name = links[link % links.length] ?? 'lo';
    attempt(() => net.addAddress(`m${index}`, name, `10.0.0.${byte}/${length}`));
  }
  for (const { machine: index, via, length } of routes) {
    attempt(() => net.addRoute(`m${index}`, { destination: `10.0.0.0/${length}`, via: `10.0.0.${via}` }));
  }
  for (const { machine: index, rule } of rules) {
    expect(net.iptablesRestore(`m${index}`, `${rule}\nCOMMIT\n`, { noflush: true }).ok).toBe(true);
  }
}

function linksOf(net: Network, netns: string): readonly string[] {
  const answer = net.inspect({ machine: netns, netns, subject: 'links', args: null });
  return [...JSON.stringify(answer).matchAll(/"name":"([^"]*)"/g)].map((match) => match[1] ?? '');
}

/** What the machine refuses (an address twice, a gateway on no link) is left out. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // Refused, as planned at random.
  }
}

function run(each: Plan) {
  const { net, queue } = createTestNetwork('random');
  build(net, each);
  return capture(net, () => {
    for (const { from, to, protocol } of each.flows) {
      const netns = `m${from}`;
      const address = `10.0.0.${to}`;
      if (protocol === 'tcp') net.sockets.connect({ netns, address, port: 80, pid: 1 });
      else if (protocol === 'icmp') net.sockets.ping({ netns, address, ttl: 64, bytes: 8, pid: 1 });
      else
        net.sockets.sendTo(
          listen(net, netns, 0, { protocol: 'udp' }),
          { address, port: 80 },
          new Uint8Array(1),
        );
    }
    queue.advance(200_000);
  });
}

describe('on random networks', () => {
  it('every packet that is sent ends with a verdict', () => {
    fc.assert(
      fc.property(plan, (each) => {
        const traces = run(each);
        expect(traces.map((trace) => trace.id)).toEqual(traces.map((_, index) => index + 1));
        for (const trace of traces) {
          const links = trace.hops.filter((hop) => hop.step === 'receive').length;
          // A frame may go round for ever between bridges that are cabled to a ring; a packet that is routed may not.
          const isRinging = trace.verdict.kind === 'discarded' && trace.verdict.reason === 'hop-limit';
          expect(isRinging && !each.cables.some((cable) => cable.bridged)).toBe(false);
          expect(links).toBeLessThanOrEqual(isRinging ? defaultLimits.maxPacketHops * 2 : 64 * 4);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('the same plan gives the same traces', () => {
    fc.assert(
      fc.property(plan, (each) => {
        expect(run(each)).toEqual(run(each));
      }),
      { numRuns: 30 },
    );
  });
});
