/** `kubectl top`: nobody measures anything here, so it says what it says on a cluster without a metrics server. */
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { allNamespacesFlag, fieldSelectorFlag, selectorFlag } from '../cli/flags.ts';
import { failure } from '../failure.ts';
import { discoverGroups } from '../rest/discovery.ts';

const podFlags: readonly FlagSpec[] = [
  fieldSelectorFlag,
  allNamespacesFlag,
  { name: 'containers', type: 'bool', initial: 'false', usage: 'A line for each container.' },
  { name: 'sum', type: 'bool', initial: 'false', usage: 'Adds a line with the sums.' },
];
const nodeFlags: readonly FlagSpec[] = [
  { name: 'show-capacity', type: 'bool', initial: 'false', usage: 'Shows what a node has in all.' },
];

function topCommand(name: 'node' | 'pod', usage: string, short: string): Command {
  return {
    name,
    usage,
    short,
    aliases: name === 'pod' ? ['pods', 'po'] : ['nodes', 'no'],
    flags: [
      selectorFlag,
      ...(name === 'pod' ? podFlags : nodeFlags),
      { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
      { name: 'show-swap', type: 'bool', initial: 'false', usage: 'Shows swap, too.' },
      { name: 'sort-by', type: 'string', usage: "What to sort by: 'cpu' or 'memory'." },
      { name: 'use-protocol-buffers', type: 'bool', initial: 'true', usage: 'Asks in protocol buffers.' },
    ],
    run: async ({ client }) => {
      const groups = await discoverGroups(client);
      return groups.ok ? failure('Metrics API not available') : groups;
    },
  };
}

export const topGroup: Command = {
  name: 'top',
  usage: '[flags]',
  short: 'Display resource (CPU/memory) usage',
  flags: [],
  subcommands: [
    topCommand('node', '[NAME | -l label]', 'Display resource (CPU/memory) usage of nodes'),
    topCommand('pod', '[NAME | -l label]', 'Display resource (CPU/memory) usage of pods'),
  ],
};
