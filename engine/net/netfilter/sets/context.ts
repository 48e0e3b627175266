/** The sets of a namespace, and which of them its rules ask for. */
import { chainsOf, type NetfilterState } from '../state.ts';
import type { IpsetContext } from './command.ts';

/** What commands of ipset work on in a namespace. */
export function ipsetContext({ memory, tables }: NetfilterState): IpsetContext {
  return {
    sets: memory.sets,
    rulesAbout(name) {
      let count = 0;
      for (const table of tables.values()) {
        for (const { rules } of chainsOf(table)) {
          for (const { matches } of rules) {
            count += matches.filter((match) => match.kind === 'set' && match.name === name).length;
          }
        }
      }
      return count;
    },
  };
}
