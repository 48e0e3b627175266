/** What changes in the netfilter of one network namespace: the tables, the counters and what matches remember. */
import type { Hook, TableName } from '../trace.ts';
import { type ChainDirectory, emptyDirectory, findInDirectory, sortedChains } from './chain-directory.ts';
import { type ConntrackState, conntrackState } from './conntrack/connection.ts';
import type { Counters } from './counters.ts';
import type { MatchMemory } from './memory.ts';
import type { Chain } from './rule.ts';

/** One table: its built-in chains in the order of the hooks, and the others by name. Frozen, so that forks share it. */
export interface Table {
  readonly builtin: ReadonlyMap<Hook, Chain>;
  readonly user: ChainDirectory;
}

/** The netfilter of one namespace. Plain data. */
export interface NetfilterState {
  /** Only tables that were used: `iptables-save` prints no others. */
  tables: Map<TableName, Table>;
  counters: Counters;
  memory: MatchMemory;
  conntrack: ConntrackState;
}

/** The built-in chains of each table, in the order in which the tools print tables and chains. */
export const builtinChains: ReadonlyMap<TableName, readonly Hook[]> = new Map([
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
]);

/** A namespace in which nobody has used netfilter yet. */
export function netfilterState(): NetfilterState {
  return {
    tables: new Map(),
    counters: new Map(),
    memory: { nth: new Map(), limits: new Map(), recent: new Map(), sets: new Map() },
    conntrack: conntrackState(),
  };
}

/** A table as it springs up when it is first used: built-in chains that accept everything. */
export function emptyTable(name: TableName): Table {
  const builtin = new Map<Hook, Chain>();
  for (const hook of builtinChains.get(name) ?? []) {
    builtin.set(hook, Object.freeze({ name: hook, policy: 'ACCEPT', rules: Object.freeze([]) }));
  }
  return Object.freeze({ builtin, user: emptyDirectory });
}

/** A chain by its name, built-in or not. */
export function findChain(table: Table, name: string): Chain | undefined {
  return isHook(name) ? table.builtin.get(name) : findInDirectory(table.user, name);
}

/** All chains of a table in the order in which the tools print them. */
export function* chainsOf(table: Table): Generator<Chain> {
  yield* table.builtin.values();
  yield* sortedChains(table.user);
}

/** Whether a name is that of a hook, and so of a built-in chain. */
export function isHook(name: string): name is Hook {
  return (
    name === 'PREROUTING' ||
    name === 'INPUT' ||
    name === 'FORWARD' ||
    name === 'OUTPUT' ||
    name === 'POSTROUTING'
  );
}
