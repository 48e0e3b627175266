/**
 * The listing of `iptables -L`.
 * Differs: without `numeric`, addresses and ports are not turned into names, apart from `anywhere`.
 * Source: output of iptables v1.8.9 (nf_tables) for the rules in the tests' recordings.
 */

import { formatIPv4 } from '../ipv4.ts';
import type { TableName } from '../trace.ts';
import { type Counter, counterAt, policyCounter } from './counters.ts';
import { listMatch, listTarget, targetName } from './extensions.ts';
import type { AddressTest, LinkTest } from './header-tests.ts';
import { formatMask } from './masks.ts';
import { formatProtocol } from './protocols.ts';
import type { Chain, Rule } from './rule.ts';
import { chainsOf, emptyTable, type NetfilterState, type Table } from './state.ts';

/** `-n`, `-v`, `--line-numbers`, and the one chain to list. */
export interface ListOptions {
  readonly numeric?: boolean;
  readonly verbose?: boolean;
  readonly lineNumbers?: boolean;
  readonly chain?: string;
}

/** The text of `iptables -t TABLE -L [CHAIN]`; undefined when there is no such chain. */
export function renderIptablesList(
  state: NetfilterState,
  tableName: TableName,
  options: ListOptions = {},
): string | undefined {
  const table = state.tables.get(tableName) ?? emptyTable(tableName);
  const chains = [...chainsOf(table)].filter(
    (chain) => options.chain === undefined || chain.name === options.chain,
  );
  if (options.chain !== undefined && chains.length === 0) return undefined;
  const references = countReferences(table);
  return chains
    .map((chain) => {
      const head = listHead(state, chain, references.get(chain.name) ?? 0, options);
      const rules = chain.rules.map((rule, position) =>
        listRule(rule, position + 1, counterAt(state.counters, chain, position), options),
      );
      return [head, listTitles(options), ...rules].map((line) => `${line}\n`).join('');
    })
    .join('\n');
}

function countReferences(table: Table): ReadonlyMap<string, number> {
  const references = new Map<string, number>();
  for (const chain of chainsOf(table)) {
    for (const { target } of chain.rules) {
      if (target?.kind === 'jump') references.set(target.chain, (references.get(target.chain) ?? 0) + 1);
    }
  }
  return references;
}

function listHead(state: NetfilterState, chain: Chain, references: number, options: ListOptions): string {
  if (chain.policy === undefined) return `Chain ${chain.name} (${references} references)`;
  const { packets, bytes } = policyCounter(state.counters, chain);
  const counts = options.verbose
    ? ` ${formatCount(packets).trimStart()} packets, ${formatCount(bytes).trimStart()} bytes`
    : '';
  return `Chain ${chain.name} (policy ${chain.policy}${counts})`;
}

function listTitles(options: ListOptions): string {
  const number = options.lineNumbers ? 'num  ' : '';
  const counts = options.verbose ? ' pkts bytes ' : '';
  const links = options.verbose ? ' in     out    ' : '';
  return `${number}${counts}target     prot opt${links} ${'source'.padEnd(19)}  ${'destination'.padEnd(19)} `;
}

function listRule(rule: Rule, number: number, counter: Counter, options: ListOptions): string {
  let line = options.lineNumbers ? String(number).padEnd(5) : '';
  if (options.verbose) line += `${formatCounts(counter)} `;
  const name = rule.target === undefined ? '' : listTargetName(rule, targetName(rule.target));
  line += `${name.padEnd(9)} ${listProtocol(rule, options)} ${listFragment(rule)} `;
  if (options.verbose) line += ` ${listLink(rule.inLink)} ${listLink(rule.outLink)} `;
  line += `${listAddress(rule.source, options)} ${listAddress(rule.destination, options)} `;
  if (rule.target?.kind === 'jump' && rule.target.isGoto) line += '[goto] ';
  const details = rule.matches.map(listMatch);
  if (rule.target !== undefined) details.push(listTarget(rule.target));
  return line + details.map((detail) => (detail === '' ? '' : ` ${detail}`)).join('');
}

function listTargetName(rule: Rule, name: string): string {
  return rule.target?.kind === 'NOTRACK' ? 'CT' : name;
}

function listProtocol(rule: Rule, options: ListOptions): string {
  const { protocol } = rule;
  const number = protocol?.number ?? 0;
  const text = options.numeric ? String(number) : formatProtocol(number);
  return `${protocol?.negated ? '!' : ' '}${text.padEnd(4)}`;
}

function listFragment(rule: Rule): string {
  if (rule.fragment === undefined) return '--';
  return rule.fragment.negated ? '!f' : '-f';
}

function listLink(test: LinkTest | undefined): string {
  return `${test?.negated ? '!' : ''}${test?.name ?? '*'}`.padEnd(6);
}

function listAddress(test: AddressTest | undefined, options: ListOptions): string {
  const anywhere = options.numeric ? '0.0.0.0/0' : 'anywhere';
  if (test === undefined) return ` ${anywhere.padEnd(19)}`;
  const mask = formatMask(test.mask);
  const text = mask === '32' ? formatIPv4(test.address) : `${formatIPv4(test.address)}/${mask}`;
  return `${test.negated ? '!' : ' '}${text.padEnd(19)}`;
}

function formatCounts({ packets, bytes }: Counter): string {
  return `${formatCount(packets)} ${formatCount(bytes)}`;
}

/** A count in five columns, in thousands, millions and so on when it is too long for them. */
function formatCount(value: number): string {
  if (value <= 99_999) return String(value).padStart(5);
  let rest = Math.round(value / 1000);
  for (const unit of ['K', 'M', 'G']) {
    if (rest <= 9999) return `${String(rest).padStart(4)}${unit}`;
    rest = Math.round(rest / 1000);
  }
  return `${String(rest).padStart(4)}T`;
}
