import { expect, it } from 'vitest';
import { renderIptablesSave } from './render.ts';
import { restoreIptables } from './restore.ts';
import { findChain, type NetfilterState, netfilterState } from './state.ts';

const options = { noflush: true, counters: true };

function restore(state: NetfilterState, lines: readonly string[]): string | undefined {
  const result = restoreIptables(state, ['*nat', ...lines, 'COMMIT'], options);
  return result.ok ? undefined : result.error.message;
}

const rulesOf = (state: NetfilterState, chain: string) => {
  const table = state.tables.get('nat');
  return table === undefined ? [] : (findChain(table, chain)?.rules ?? []);
};

const keysOf = (state: NetfilterState, chain: string) => {
  const table = state.tables.get('nat');
  return table === undefined ? undefined : findChain(table, chain)?.keys;
};

const lines = (count: number, chain = 'LONG') =>
  Array.from(
    { length: count },
    (_, index) => `-A ${chain} -d 10.0.${index >> 8}.${index & 255}/32 -j RETURN`,
  );

it.each([
  [
    'with a line more',
    (all: string[]) => [...all.slice(0, 20), '-A LONG -s 1.2.3.4/32 -j RETURN', ...all.slice(20)],
  ],
  ['with some lines less', (all: string[]) => [...all.slice(0, 7), ...all.slice(12)]],
  ['with a line twice', (all: string[]) => [...all, all[3] ?? '', all[3] ?? '']],
  ['the other way round', (all: string[]) => all.toReversed()],
])('holds a chain that is written anew %s as one that is written for the first time', (_name, change) => {
  const rewritten = netfilterState();
  const fresh = netfilterState();
  restore(rewritten, [':LONG - [0:0]', ...lines(50)]);
  const input = [':LONG - [0:0]', ...change(lines(50))];
  expect(restore(rewritten, input)).toBeUndefined();
  expect(restore(fresh, input)).toBeUndefined();
  expect(renderIptablesSave(rewritten)).toBe(renderIptablesSave(fresh));
  const rules = rulesOf(rewritten, 'LONG');
  expect(new Set(rules).size).toBe(rules.length);
  expect(keysOf(rewritten, 'LONG')).toEqual(keysOf(fresh, 'LONG'));
});

it('says by what the rules of a long chain are found, also after one came and one went', () => {
  const changed = netfilterState();
  const fresh = netfilterState();
  restore(changed, [':LONG - [0:0]', ...lines(20)]);
  restore(changed, [
    '-I LONG 5 -s 1.2.3.4/32 -j RETURN',
    '-D LONG 12',
    '-A LONG -p tcp --dport 80 -j RETURN',
  ]);
  const rules = renderIptablesSave(changed)
    .split('\n')
    .filter((line) => line.startsWith('-A LONG'));
  expect(rules).toHaveLength(21);
  restore(fresh, [':LONG - [0:0]', ...rules]);
  expect(keysOf(changed, 'LONG')).toHaveLength(21);
  expect(keysOf(changed, 'LONG')).toEqual(keysOf(fresh, 'LONG'));
});

it('counts from zero for rules that are written again', () => {
  const state = netfilterState();
  const input = [':LONG - [0:0]', ...lines(50)];
  restore(state, input);
  const [rule] = rulesOf(state, 'LONG');
  const [first = '', ...rest] = input.slice(1);
  restore(state, ['-F LONG', `[3:180] ${first}`, ...rest]);
  const counted = () =>
    renderIptablesSave(state, { counters: true })
      .split('\n')
      .filter((line) => line.includes('[3:180]'));
  expect(counted()).toHaveLength(1);
  restore(state, input);
  expect(rulesOf(state, 'LONG')[0]).toBe(rule);
  expect(counted()).toEqual([]);
});

/** Source: iptables-restore v1.8.9 (nf_tables), given these inputs one after the other. */
it.each([
  [
    'a circle over chains of earlier input',
    [[':A - [0:0]', ':B - [0:0]', '-A PREROUTING -j A', '-A A -j B']],
    ['-A B -j A'],
    'line 2: RULE_APPEND failed (Too many links): rule in chain B',
  ],
  [
    'a target below a hook that an older chain is newly reached from',
    [
      [
        ':A - [0:0]',
        ':B - [0:0]',
        '-A PREROUTING -j A',
        '-A A -j B',
        '-A B -p tcp -j DNAT --to-destination 1.2.3.4',
      ],
    ],
    ['-A POSTROUTING -j A'],
    'line 2: RULE_APPEND failed (Invalid argument): rule in chain POSTROUTING',
  ],
  [
    'nothing once the jump that was in the way is gone',
    [
      [':A - [0:0]', ':B - [0:0]', '-A POSTROUTING -j A', '-A A -j B'],
      ['-D POSTROUTING -j A', '-A PREROUTING -j A'],
    ],
    ['-A B -p tcp -j DNAT --to-destination 1.2.3.4'],
    undefined,
  ],
])('refuses %s', (_name, before, input, want) => {
  const state = netfilterState();
  for (const earlier of before) expect(restore(state, earlier)).toBeUndefined();
  expect(restore(state, input)?.split('\n')[1]).toBe(want);
});
