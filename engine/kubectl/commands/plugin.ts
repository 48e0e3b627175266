/** `kubectl plugin list`: no program on the learner's machine is a plugin. */
import type { Command } from '../cli/command.ts';
import { failure } from '../failure.ts';

export const pluginCommand: Command = {
  name: 'plugin',
  usage: '[flags]',
  short: 'Provides utilities for interacting with plugins',
  flags: [],
  subcommands: [
    {
      name: 'list',
      usage: '[flags]',
      short: "List all visible plugin executables on a user's PATH",
      isLocal: true,
      flags: [{ name: 'name-only', type: 'bool', initial: 'false', usage: 'Names without paths.' }],
      run: async () => failure('unable to find any kubectl plugins in your PATH'),
    },
  ],
};
