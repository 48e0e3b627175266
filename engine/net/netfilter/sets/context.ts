/** The sets of a namespace, and which of them its rules ask for. */
import { chainsOf, type NetfilterState } from '../state.ts';
import { setsOf } from '../targets/set.ts';
import type { IpsetContext } from './command.ts';

/** What commands of ipset work on in a namespace. */
export function ipsetContext({ memory, tables }: NetfilterState): IpsetContext {
  return {
    sets: memory.sets,
    rulesAbout(name) {
      let count = 0;
      for (const table of tables.values()) {
        for (const { rules } of chainsOf(table)) {
          for (const { matches, target } of rules) {
            count += matches.filter((match) => match.kind === 'set' && match.name === name).length;
            if (target?.kind === 'SET') count += setsOf(target).filter((set) => set === name).length;
          }
        }
      }
      return count;
    },
  };
}
