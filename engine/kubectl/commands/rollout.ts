/** `kubectl rollout`. */
import type { Command } from '../cli/command.ts';
import { rolloutPauseCommand, rolloutRestartCommand, rolloutResumeCommand } from './rollout-change.ts';
import { rolloutHistoryCommand, rolloutUndoCommand } from './rollout-history.ts';
import { rolloutStatusCommand } from './rollout-status.ts';

export const rolloutCommand: Command = {
  name: 'rollout',
  helpOnStdout: true,
  usage: 'SUBCOMMAND',
  short: 'Manage the rollout of a resource',
  flags: [],
  subcommands: [
    rolloutHistoryCommand,
    rolloutPauseCommand,
    rolloutRestartCommand,
    rolloutResumeCommand,
    rolloutStatusCommand,
    rolloutUndoCommand,
  ],
};
