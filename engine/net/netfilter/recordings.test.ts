import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TableName } from '../trace.ts';
import { renderIptablesList } from './list.ts';
import { renderIptablesRules, renderIptablesSave } from './render.ts';
import { restoreIptables } from './restore.ts';
import { restoreIpset } from './sets/command.ts';
import { ipsetContext } from './sets/context.ts';
import { type NetfilterState, netfilterState } from './state.ts';

const situations = [
  'headers',
  'protocols',
  'matches',
  'targets',
  'bridges',
  'options',
  'docker',
  'ufw',
  'k3s',
  'router',
  'changes',
  'calico',
  'cilium',
  'firewalld',
];

function fixture(name: string): string {
  return readFileSync(fixtureUrl(name), 'utf8');
}

function fixtureUrl(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url);
}

/** The rules of a situation, with the sets that they ask for. */
function load(name: string, text: string): NetfilterState {
  const state = netfilterState();
  if (existsSync(fixtureUrl(`${name}.sets.txt`))) {
    expect(restoreIpset(ipsetContext(state), fixture(`${name}.sets.txt`))).toMatchObject({ exitCode: 0 });
  }
  expect(restoreIptables(state, text)).toEqual({ ok: true, value: undefined });
  return state;
}

function tablesOf(state: NetfilterState, render: (table: TableName) => string | undefined): string {
  const order: readonly TableName[] = ['mangle', 'raw', 'filter', 'nat'];
  return order
    .filter((table) => state.tables.has(table))
    .map((table) => `== ${table}\n${render(table) ?? ''}`)
    .join('');
}

/** Source: the real tools' output, recorded by fixtures/record.sh. */
describe.each(situations)('%s', (name) => {
  it('is printed as the real iptables-save prints it', () => {
    expect(renderIptablesSave(load(name, fixture(`${name}.restore.txt`)))).toBe(fixture(`${name}.save.txt`));
  });

  it('is the same after its dump is loaded', () => {
    expect(renderIptablesSave(load(name, fixture(`${name}.save.txt`)))).toBe(fixture(`${name}.save.txt`));
  });

  it('is listed as the real iptables -L lists it', () => {
    const state = load(name, fixture(`${name}.restore.txt`));
    const options = { numeric: true, verbose: true, lineNumbers: true };
    expect(tablesOf(state, (table) => renderIptablesList(state, table, options))).toBe(
      fixture(`${name}.list.txt`),
    );
  });

  it('is listed as the real iptables -S lists it', () => {
    const state = load(name, fixture(`${name}.restore.txt`));
    expect(tablesOf(state, (table) => renderIptablesRules(state, table))).toBe(fixture(`${name}.rules.txt`));
  });
});
