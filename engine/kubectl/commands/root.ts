/** The commands of kubectl. */
import type { Command } from '../cli/command.ts';
import { applyCommand } from './apply.ts';
import { configCommand } from './config.ts';
import { createCommand } from './create.ts';
import { deleteCommand } from './delete.ts';
import { describeCommand } from './describe.ts';
import { execCommand } from './exec.ts';
import { exposeCommand } from './expose.ts';
import { getCommand } from './get.ts';
import { logsCommand } from './logs.ts';
import { runCommand } from './run.ts';
import { scaleCommand } from './scale.ts';

/** `kubectl` itself. */
export const rootCommand: Command = {
  name: 'kubectl',
  usage: '',
  short: 'kubectl controls the Kubernetes cluster manager',
  flags: [],
  subcommands: [
    applyCommand,
    configCommand,
    createCommand,
    deleteCommand,
    describeCommand,
    execCommand,
    exposeCommand,
    getCommand,
    logsCommand,
    runCommand,
    scaleCommand,
  ],
};
