/** `kubectl set` and its sub-commands. */
import type { Command } from '../cli/command.ts';
import { setEnvCommand } from './set-env.ts';
import { setImageCommand } from './set-image.ts';
import { setResourcesCommand } from './set-resources.ts';
import { setSelectorCommand } from './set-selector.ts';
import { setServiceAccountCommand } from './set-service-account.ts';
import { setSubjectCommand } from './set-subject.ts';

export const setCommand: Command = {
  name: 'set',
  usage: 'SUBCOMMAND',
  short: 'Set specific features on objects',
  flags: [],
  subcommands: [
    setEnvCommand,
    setImageCommand,
    setResourcesCommand,
    setSelectorCommand,
    setServiceAccountCommand,
    setSubjectCommand,
  ],
};
