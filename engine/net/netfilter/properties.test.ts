import fc from 'fast-check';
import { expect, it } from 'vitest';
import { forkState } from '../../base/fork-state.ts';
import { Random } from '../../base/random.ts';
import type { Packet } from '../packet.ts';
import type { Hook, Hop } from '../trace.ts';
import { DirectoryDraft, emptyDirectory } from './chain-directory.ts';
import type { HookResult } from './netfilter.ts';
import { renderIptablesSave } from './render.ts';
import { restoreIptables } from './restore.ts';
import type { Chain } from './rule.ts';
import { chainsOf, isHook, type NetfilterState, netfilterState } from './state.ts';
import { traverse } from './traverse.ts';

/** Generous, since the runs share a machine with others. */
const timeoutMs = 60_000;

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.1.1', '10.96.0.50', '192.168.0.1', '1.2.3.4'];
const ports = [53, 80, 443, 1000, 30080];
const chains = ['a', 'b', 'c', 'd'];

const not = fc.constantFrom('', '! ');
const address = fc.constantFrom(...addresses, '10.0.0.0/16', '10.0.0.0/8', '192.168.0.0/24');
const port = fc.constantFrom(...ports.map(String), '80:500', '1000:40000');
const maybe = (text: fc.Arbitrary<string>) => fc.oneof({ weight: 2, arbitrary: fc.constant('') }, text);

const protocolTests = fc
  .constantFrom('tcp', 'udp', 'sctp')
  .chain((protocol) =>
    fc
      .tuple(
        maybe(fc.tuple(not, port).map(([n, p]) => `${n}--dport ${p}`)),
        maybe(port.map((p) => `--sport ${p}`)),
      )
      .map(([dport, sport]) => `-p ${protocol} -m ${protocol} ${sport} ${dport}`),
  );

const otherTests = fc.constantFrom(
  '-m addrtype --dst-type LOCAL',
  '-m addrtype ! --src-type LOCAL',
  '-m conntrack --ctstate NEW',
  '-m conntrack ! --ctstate RELATED,ESTABLISHED',
  '-m mark --mark 0x4000/0x4000',
  '-m statistic --mode random --probability 0.5',
  '-m statistic --mode nth --every 2 --packet 1',
  '-m recent --name r --set',
  '-m recent --name r --rcheck --seconds 5',
  '-m iprange --dst-range 10.0.0.1-10.0.0.9',
  '-m limit --limit 1/sec --limit-burst 3',
  '-m comment --comment "a \\"quoted\\" word"',
  '-i eth0',
  '! -o eth+',
);

const tests = fc
  .tuple(
    maybe(fc.tuple(not, address).map(([n, a]) => `${n}-s ${a}`)),
    maybe(fc.tuple(not, address).map(([n, a]) => `${n}-d ${a}`)),
    maybe(protocolTests),
    maybe(otherTests),
  )
  .map((parts) => parts.join(' '));

/** Chains jump only to later ones, so that no circle comes about. */
function targets(table: 'nat' | 'filter', chain: string): fc.Arbitrary<string> {
  const later = chains.slice(chains.indexOf(chain) + 1);
  const jumps = later.flatMap((name) => [`-j ${name}`, `-g ${name}`]);
  const own =
    table === 'nat'
      ? ['-j ACCEPT', '-j DNAT --to-destination 10.0.1.1', '-j DNAT --to-destination 10.0.0.2-10.0.0.5']
      : ['-j ACCEPT', '-j DROP', '-j REJECT', '-j LOG'];
  return fc.constantFrom(
    '',
    '-j RETURN',
    '-j MARK --or-mark 0x4000',
    '-j MARK --xor-mark 0x1',
    ...own,
    ...jumps,
  );
}

function rulesOf(table: 'nat' | 'filter', chain: string): fc.Arbitrary<string[]> {
  const rule = fc
    .tuple(tests, targets(table, chain))
    // Where a packet comes in there is no way out to test yet.
    .map(([test, target]) => [chain === 'PREROUTING' ? test.replace('! -o', '! -i') : test, target])
    .map(([test, target]) => `-A ${chain} ${test} ${target}`);
  const chance = fc
    .tuple(fc.constantFrom('0.25', '0.5', '1'), targets(table, chain))
    .map(([share, target]) => `-A ${chain} -m statistic --mode random --probability ${share} ${target}`);
  const balanced = fc.array(fc.oneof({ weight: 4, arbitrary: chance }, rule), { maxLength: 12 });
  return fc.oneof({ weight: 3, arbitrary: fc.array(rule, { maxLength: 24 }) }, balanced);
}

function tableText(table: 'nat' | 'filter', hook: Hook): fc.Arbitrary<string> {
  return fc
    .tuple(rulesOf(table, hook), ...chains.map((chain) => rulesOf(table, chain)))
    .map((all) =>
      [`*${table}`, ...chains.map((chain) => `:${chain} - [0:0]`), ...all.flat(), 'COMMIT', ''].join('\n'),
    );
}

const ruleset = fc
  .tuple(
    tableText('nat', 'PREROUTING'),
    tableText('filter', 'FORWARD'),
    fc.constantFrom(
      '',
      '*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n',
      '*nat\n-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\nCOMMIT\n',
    ),
  )
  .map((parts) => parts.join(''));

const packets = fc.array(
  fc.record({
    protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
    source: fc.constantFrom(...addresses),
    sourcePort: fc.constantFrom(...ports),
    destination: fc.constantFrom(...addresses),
    destinationPort: fc.constantFrom(...ports),
  }),
  { minLength: 1, maxLength: 12 },
);

function load(text: string): NetfilterState {
  const state = netfilterState();
  for (const part of text.split(/(?<=COMMIT\n)/)) {
    expect(restoreIptables(state, part, { noflush: true })).toEqual({ ok: true, value: undefined });
  }
  return state;
}

/** The same rules in chains that are walked from the first rule to the last. */
function withoutIndex(state: NetfilterState): NetfilterState {
  const copy = forkState(state);
  for (const [name, table] of copy.tables) {
    const builtin = new Map<Hook, Chain>();
    const user = new DirectoryDraft(emptyDirectory);
    for (const original of chainsOf(table)) {
      const { chances: _, keys: __, ...rest } = original;
      const chain = Object.freeze(rest);
      if (isHook(chain.name)) builtin.set(chain.name, chain);
      else user.set(chain);
    }
    copy.tables.set(name, Object.freeze({ builtin, user: user.finish() }));
  }
  return copy;
}

type Header = Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

function run(state: NetfilterState, headers: readonly Header[]): { results: HookResult[]; hops: Hop[] } {
  const random = new Random({ counter: 5 });
  const hops: Hop[] = [];
  const results = headers.map((header, index) => {
    let packet: Packet = Object.freeze({
      ...header,
      id: index,
      ttl: 64,
      mark: 0,
      payload: new Uint8Array(),
      ...(header.protocol === 'tcp' ? { tcp: syn } : {}),
    });
    let result: HookResult = { verdict: 'accept', packet };
    for (const hook of ['PREROUTING', 'FORWARD', 'POSTROUTING'] as const) {
      result = traverse(state, packet, {
        at: 'x',
        hook,
        inLink: 'eth0',
        outLink: 'eth1',
        isLocal: (address) => address === '192.168.0.1',
        linkAddress: () => '192.168.0.1',
        nowMs: index * 300,
        random,
        maxRules: 5000,
        isRecording: true,
        record: (hop) => hops.push(hop),
      });
      if (result.verdict !== 'accept') break;
      packet = result.packet;
    }
    return result;
  });
  return { results, hops };
}

const syn = { syn: true, ack: false, fin: false, rst: false, psh: false, sequence: 0, acknowledgement: 0 };

it(
  'finds by index the rules that a walk from first to last finds',
  () => {
    fc.assert(
      fc.property(ruleset, packets, (text, headers) => {
        const indexed = load(text);
        const plain = withoutIndex(indexed);
        expect(run(indexed, headers)).toEqual(run(plain, headers));
        expect(renderIptablesSave(indexed, { counters: true })).toBe(
          renderIptablesSave(plain, { counters: true }),
        );
      }),
      { numRuns: 60 },
    );
  },
  timeoutMs,
);

it(
  'prints what it reads, so that reading it again changes nothing',
  () => {
    fc.assert(
      fc.property(ruleset, (text) => {
        const printed = renderIptablesSave(load(text));
        const again = netfilterState();
        expect(restoreIptables(again, printed).ok).toBe(true);
        expect(renderIptablesSave(again)).toBe(printed);
      }),
      { numRuns: 50 },
    );
  },
  timeoutMs,
);

/** NAT turns it back onto its own client, so that its answers look as it does itself. */
const turnedBack: [string, Header[]] = [
  '*nat\n-A PREROUTING -m addrtype --dst-type LOCAL -j DNAT --to-destination 10.0.0.2\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n',
  [
    {
      protocol: 'tcp',
      source: '10.0.0.2',
      sourcePort: 443,
      destination: '192.168.0.1',
      destinationPort: 443,
    },
  ],
];

it(
  'undoes NAT for the reply to every packet that it lets through',
  () => {
    fc.assert(
      fc.property(ruleset, packets, (text, headers) => {
        const state = load(text.replaceAll(/-A FORWARD .*\n/g, ''));
        for (const header of headers) {
          const [there] = run(state, [header]).results;
          if (there?.verdict !== 'accept') continue;
          const { source, sourcePort, destination, destinationPort } = there.packet;
          const reply = {
            ...header,
            source: destination,
            sourcePort: destinationPort,
            destination: source,
            destinationPort: sourcePort,
          };
          const [back] = reversed(state, reply);
          expect(back).toEqual({
            source: header.destination,
            sourcePort: header.destinationPort,
            destination: header.source,
            destinationPort: header.sourcePort,
          });
        }
      }),
      { numRuns: 40, examples: [turnedBack] },
    );
  },
  timeoutMs,
);

/** The reply's header when it leaves. The reply to a SYN is a SYN-ACK. */
function reversed(state: NetfilterState, header: Header): unknown[] {
  let packet: Packet = Object.freeze({
    ...header,
    id: 1000,
    ttl: 64,
    mark: 0,
    payload: new Uint8Array(),
    ...(header.protocol === 'tcp' ? { tcp: { ...syn, ack: true } } : {}),
  });
  for (const hook of ['PREROUTING', 'POSTROUTING'] as const) {
    const result = traverse(state, packet, {
      at: 'x',
      hook,
      inLink: 'eth1',
      outLink: 'eth0',
      isLocal: () => false,
      linkAddress: () => '192.168.0.1',
      nowMs: 100,
      random: new Random({ counter: 9 }),
      maxRules: 5000,
      isRecording: false,
      record: () => undefined,
    });
    if (result.verdict !== 'accept') return [result.verdict];
    packet = result.packet;
  }
  const { source, sourcePort, destination, destinationPort } = packet;
  return [{ source, sourcePort, destination, destinationPort }];
}

it(
  'ends reading of any text in a verdict about it',
  () => {
    const words = fc.constantFrom(
      '*nat',
      '*filter',
      ':a',
      '-',
      '[0:0]',
      '-A',
      'a',
      'INPUT',
      '-j',
      'ACCEPT',
      '!',
      '"',
      '\\',
      '-m',
      'tcp',
      '-p',
      '--dport',
      '80',
      '\n',
      'COMMIT',
      '__proto__',
      '-s',
      '1.2.3.4/8',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }), (parts) => {
        const state = netfilterState();
        const before = renderIptablesSave(state);
        const result = restoreIptables(state, parts.join(' '));
        if (!result.ok) expect(renderIptablesSave(state)).toBe(before);
      }),
      { numRuns: 200 },
    );
  },
  timeoutMs,
);
