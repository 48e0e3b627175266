/**
 * Rules as text: what `iptables-save` and `iptables -S` print.
 * Source: output of iptables v1.8.9 (nf_tables) for the rules in the tests' recordings.
 */

import { formatIPv4 } from '../ipv4.ts';
import type { TableName } from '../trace.ts';
import { type Counter, counterAt, policyCounter } from './counters.ts';
import { saveMatch, saveTarget } from './extensions.ts';
import type { AddressTest, LinkTest } from './header-tests.ts';
import { formatMask } from './masks.ts';
import { formatProtocol } from './protocols.ts';
import type { Rule } from './rule.ts';
import { builtinChains, chainsOf, findChain, type NetfilterState, type Table } from './state.ts';

// Rules are frozen, and a node's proxy saves its table at every sync: text made once stays right.
const knownTexts = new WeakMap<Rule, string>();

/** A rule's line, `-A CHAIN …`. */
export function renderRule(chain: string, rule: Rule): string {
  const text = knownTexts.get(rule) ?? renderArguments(rule);
  knownTexts.set(rule, text);
  return `-A ${chain}${text}`;
}

/** What follows the chain's name, with a space in front unless there is nothing. */
function renderArguments(rule: Rule): string {
  const { source, destination, inLink, outLink, protocol, fragment, target } = rule;
  let line = '';
  if (source !== undefined) line += renderAddress('-s', source);
  if (destination !== undefined) line += renderAddress('-d', destination);
  if (inLink !== undefined) line += renderLink('-i', inLink);
  if (outLink !== undefined) line += renderLink('-o', outLink);
  if (protocol !== undefined) {
    line += `${protocol.negated ? ' !' : ''} -p ${formatProtocol(protocol.number)}`;
  }
  if (fragment !== undefined) line += `${fragment.negated ? ' !' : ''} -f`;
  for (const match of rule.matches) line += saveMatch(match);
  return target === undefined ? line : line + saveTarget(target);
}

function renderAddress(option: string, test: AddressTest): string {
  return `${test.negated ? ' !' : ''} ${option} ${formatIPv4(test.address)}/${formatMask(test.mask)}`;
}

function renderLink(option: string, test: LinkTest): string {
  return `${test.negated ? ' !' : ''} ${option} ${test.name}`;
}

/** Which part of the tables to print. */
export interface SaveOptions {
  readonly table?: TableName;
  readonly counters?: boolean;
}

/**
 * The text of `iptables-save`, without the comment lines that carry the time: the tables that were used, in the tool's
 * order, chains by name behind the built-in ones. Feeding it to restore gives the same tables.
 */
export function renderIptablesSave(state: NetfilterState, options: SaveOptions = {}): string {
  let text = '';
  for (const name of builtinChains.keys()) {
    const table = state.tables.get(name);
    if (table === undefined || (options.table !== undefined && options.table !== name)) continue;
    text += renderTable(state, name, table, options.counters ?? false);
  }
  return text;
}

function renderTable(state: NetfilterState, name: TableName, table: Table, counters: boolean): string {
  const lines = [`*${name}`];
  const chains = [...chainsOf(table)];
  for (const chain of chains) {
    const counter = policyCounter(state.counters, chain);
    lines.push(`:${chain.name} ${chain.policy ?? '-'} ${counters ? formatCounter(counter) : '[0:0]'}`);
  }
  for (const chain of chains) {
    chain.rules.forEach((rule, position) => {
      const line = renderRule(chain.name, rule);
      const counter = counters ? `${formatCounter(counterAt(state.counters, chain, position))} ` : '';
      lines.push(counter + line);
    });
  }
  lines.push('COMMIT', '');
  return lines.join('\n');
}

function formatCounter({ packets, bytes }: Counter): string {
  return `[${packets}:${bytes}]`;
}

/**
 * The lines of `iptables -S [CHAIN]`; undefined when there is no such chain. Policies and chains come first, then rules.
 */
export function renderIptablesRules(
  state: NetfilterState,
  tableName: TableName,
  chainName?: string,
): string | undefined {
  const table = state.tables.get(tableName);
  const only = table === undefined || chainName === undefined ? undefined : findChain(table, chainName);
  if (chainName !== undefined && only === undefined) return undefined;
  const wanted = only !== undefined ? [only] : table === undefined ? [] : [...chainsOf(table)];
  const heads = wanted.map((chain) =>
    chain.policy === undefined ? `-N ${chain.name}` : `-P ${chain.name} ${chain.policy}`,
  );
  const rules = wanted.flatMap((chain) => chain.rules.map((rule) => renderRule(chain.name, rule)));
  return [...heads, ...rules].map((line) => `${line}\n`).join('');
}
