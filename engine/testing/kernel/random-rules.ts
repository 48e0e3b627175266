/** Rulesets as chance makes them, for a node between others: matches, targets and jumps, none that count or forget. */
import fc from 'fast-check';
import type { Places } from './base-cluster.ts';
import type { Flow } from './compare-flows.ts';

const networks = [
  '10.244.1.0/24',
  '10.244.2.0/24',
  '10.244.0.0/16',
  '172.18.0.0/24',
  '172.18.0.4/32',
  '172.18.0.3/32',
  '198.51.100.10/32',
  '0.0.0.0/1',
] as const;

const not = fc.constantFrom('', '', '', '! ');
const network = fc.constantFrom(...networks);

/** Sets of addresses that rules may ask about, for `ipset restore`. */
export function setsFor(places: Places): string {
  return [
    'create pods hash:ip',
    `add pods ${places.addressOf('web-1')}`,
    `add pods ${places.addressOf('web-3')}`,
    'create nets hash:net',
    'add nets 10.244.0.0/16',
    'add nets 10.244.2.0/24 nomatch',
    'add nets 172.18.0.4',
    'create ports hash:ip,port',
    `add ports ${places.addressOf('web-1')},tcp:8080`,
    `add ports ${places.addressOf('web-3')},udp:8081`,
    'add ports 172.18.0.3,tcp:18080',
    'create all list:set',
    'add all pods',
    'add all nets',
    '',
  ].join('\n');
}

const setMatches = fc
  .tuple(
    not,
    fc.constantFrom(
      'pods src',
      'pods dst',
      'nets src',
      'nets dst',
      'ports dst,dst',
      'ports src,src',
      'all src',
      'all dst',
    ),
  )
  .map(([sign, set]) => `-m set ${sign}--match-set ${set}`);

/** Matches of any packet. */
const general = fc.oneof(
  fc.tuple(not, network).map(([sign, cidr]) => `${sign}-s ${cidr}`),
  fc.tuple(not, network).map(([sign, cidr]) => `${sign}-d ${cidr}`),
  fc
    .tuple(not, fc.constantFrom('NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT', 'UNTRACKED'))
    .map(([sign, state]) => `-m conntrack ${sign}--ctstate ${state}`),
  fc.tuple(not, network).map(([sign, cidr]) => `-m conntrack ${sign}--ctorigdst ${cidr}`),
  fc.constantFrom('ORIGINAL', 'REPLY').map((way) => `-m conntrack --ctdir ${way}`),
  fc
    .tuple(not, fc.constantFrom('0x1/0x1', '0x2/0x3', '0x0/0xf'))
    .map(([sign, mark]) => `-m mark ${sign}--mark ${mark}`),
  fc
    .tuple(not, fc.constantFrom('LOCAL', 'UNICAST', 'BROADCAST'), fc.constantFrom('src', 'dst'))
    .map(([sign, type, end]) => `-m addrtype ${sign}--${end}-type ${type}`),
  fc
    .tuple(
      not,
      fc.constantFrom('src', 'dst'),
      fc.constantFrom('10.244.1.0-10.244.1.180', '172.18.0.2-172.18.0.3'),
    )
    .map(([sign, end, range]) => `-m iprange ${sign}--${end}-range ${range}`),
);

/** Matches of one protocol's packets. */
const transport = fc.oneof(
  fc.constantFrom('-p tcp', '-p udp', '! -p tcp', '-p icmp', '-p tcp --syn', '-p tcp ! --syn'),
  fc
    .tuple(
      fc.constantFrom('tcp', 'udp'),
      not,
      fc.constantFrom('8080', '8081', '8000:9000', '18080', '1:1023', ':30000'),
    )
    .map(([protocol, sign, ports]) => `-p ${protocol} -m ${protocol} ${sign}--dport ${ports}`),
  fc
    .tuple(fc.constantFrom('tcp', 'udp'), not, fc.constantFrom('8080,8081', '1:99,8080', '18080:18081,9'))
    .map(([protocol, sign, ports]) => `-p ${protocol} -m multiport ${sign}--dports ${ports}`),
);

const matches = fc
  .tuple(fc.option(transport, { nil: undefined }), fc.array(general, { maxLength: 2 }))
  .map(([protocol, others]) =>
    [...(protocol === undefined ? [] : [protocol]), ...distinct(others)].join(' '),
  );

/** A rule may name each of its options once. */
function distinct(words: readonly string[]): readonly string[] {
  const optionOf = (text: string) => /--?(?!m )[a-z-]+(?= )/.exec(text.replace(/-m \S+ /, ''))?.[0];
  return words.filter(
    (text, index) => words.findIndex((other) => optionOf(other) === optionOf(text)) === index,
  );
}

const rejects = [
  'icmp-port-unreachable',
  'icmp-host-unreachable',
  'icmp-net-unreachable',
  'icmp-proto-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'icmp-admin-prohibited',
].map((type) => `REJECT --reject-with ${type}`);

/** Rules of a chain: how many at most, and where they may lead. */
function rules(chain: string, targets: readonly string[], most = 3): fc.Arbitrary<readonly string[]> {
  const target = fc.constantFrom(...targets);
  return fc
    .array(fc.tuple(matches, target), { maxLength: most })
    .map((made) => made.map(([condition, leads]) => lineOf(chain, condition, leads)));
}

function lineOf(chain: string, condition: string, target: string): string {
  // Ports can be changed, and a connection reset, only where the protocol is known.
  const isTransport = /^-p (tcp|udp)/.test(condition);
  const needsPorts = /:\d|--to-ports|tcp-reset/.test(target);
  const protocol = needsPorts && !isTransport ? '-p tcp ' : '';
  const others = protocol === '' ? condition : condition.replace(/^(! )?-p \S+( (! )?--syn)?/, '').trim();
  const reset = target.includes('tcp-reset') && condition.startsWith('-p udp');
  return `-A ${chain} ${protocol}${others} -j ${reset ? 'DROP' : target}`.replaceAll(/ +/g, ' ');
}

const filterTargets = ['ACCEPT', 'ACCEPT', 'DROP', ...rejects, 'REJECT --reject-with tcp-reset', 'T1', 'T2'];
const dnat = [
  'DNAT --to-destination 10.244.2.1',
  'DNAT --to-destination 172.18.0.4:8080',
  'DNAT --to-destination 172.18.0.3',
  'REDIRECT --to-ports 18080',
  'NETMAP --to 10.244.2.0/24',
];

/** Text for `iptables-restore --noflush` on a node. */
export const randomRules: fc.Arbitrary<string> = fc
  .record({
    raw: fc.tuple(rules('PREROUTING', ['NOTRACK', 'ACCEPT'], 1), rules('OUTPUT', ['NOTRACK', 'RETURN'], 1)),
    mangle: fc.tuple(
      rules('PREROUTING', ['MARK --set-xmark 0x1/0x1', 'MARK --set-xmark 0x2/0xffffffff', 'RETURN'], 2),
      rules('OUTPUT', ['MARK --set-xmark 0x3/0x3', 'ACCEPT'], 1),
      rules('POSTROUTING', ['DROP', 'ACCEPT'], 1),
    ),
    nat: fc.tuple(
      rules('PREROUTING', [...dnat, 'N1', 'RETURN'], 2),
      rules('OUTPUT', [...dnat, 'N1', 'ACCEPT'], 2),
      rules('N1', [...dnat, 'RETURN'], 2),
      rules(
        'POSTROUTING',
        ['MASQUERADE', 'SNAT --to-source 172.18.0.3', 'NETMAP --to 172.18.0.3', 'ACCEPT', 'RETURN'],
        2,
      ),
    ),
    filter: fc.tuple(
      rules('INPUT', filterTargets),
      rules('FORWARD', filterTargets),
      rules('OUTPUT', filterTargets, 2),
      rules('T1', [...filterTargets.slice(0, -2), 'RETURN', 'T2'], 2),
      rules('T2', [...filterTargets.slice(0, -2), 'RETURN'], 2),
    ),
  })
  .map(({ raw, mangle, nat, filter }) =>
    [
      '*raw',
      ...raw.flat(),
      'COMMIT',
      '*mangle',
      ...mangle.flat(),
      'COMMIT',
      '*nat',
      ':N1 - [0:0]',
      ...nat.flat(),
      'COMMIT',
      '*filter',
      ':T1 - [0:0]',
      ':T2 - [0:0]',
      ...filter.flat(),
      'COMMIT',
      '',
    ].join('\n'),
  );

/** Text for `iptables-restore --noflush` on a node that has the sets of {@link setsFor}. */
export const randomSetRules: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.constantFrom('INPUT', 'FORWARD', 'OUTPUT'),
      fc.array(setMatches, { minLength: 1, maxLength: 2 }),
      fc.constantFrom('ACCEPT', 'DROP', ...rejects),
    ),
    { minLength: 2, maxLength: 6 },
  )
  .map((made) =>
    made.map(([chain, conditions, target]) => `-A ${chain} ${conditions.join(' ')} -j ${target}\n`),
  )
  .map((lines) => `*filter\n${lines.join('')}COMMIT\n`);

/** Flows to, from, through and inside of a node, which is that of `web-1`, `web-2` and `client-1`. */
export function flowsPast(node: 'worker-1', places: Places): readonly Flow[] {
  const here = '172.18.0.3';
  const there = '172.18.0.4';
  const inside = places.addressOf('web-1');
  const outside = places.addressOf('web-3');
  return [
    { from: 'client', to: here, port: 18_080, protocol: 'tcp' },
    { from: 'client', to: here, port: 18_081, protocol: 'udp' },
    { from: 'client', to: here, port: 9, protocol: 'tcp' },
    { from: 'worker-2', to: inside, port: 8080, protocol: 'tcp' },
    { from: 'client-2', to: inside, port: 8081, protocol: 'udp' },
    { from: 'client-2', to: inside, port: 9, protocol: 'udp' },
    { from: 'control-plane', to: here, port: 18_080, protocol: 'tcp' },
    { from: node, to: outside, port: 8080, protocol: 'tcp' },
    { from: node, to: outside, port: 8081, protocol: 'udp' },
    { from: node, to: inside, port: 8080, protocol: 'tcp' },
    { from: node, to: there, port: 8081, protocol: 'udp' },
    { from: node, to: here, port: 18_080, protocol: 'tcp' },
    { from: node, to: '127.0.0.1', port: 9, protocol: 'tcp' },
    { from: 'client-1', to: outside, port: 8080, protocol: 'tcp' },
    { from: 'client-1', to: inside, port: 8080, protocol: 'tcp' },
    { from: 'client-1', to: there, port: 8080, protocol: 'tcp' },
    { from: 'client-1', to: here, port: 9, protocol: 'udp' },
    { from: 'web-1', to: outside, port: 8081, protocol: 'udp' },
  ];
}
