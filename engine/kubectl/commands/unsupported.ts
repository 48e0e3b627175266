/**
 * Commands of kubectl that a simulated cluster, or a shell without a screen, has no use for. They are known, so that
 * nobody looks for a typing error, and each says what to do instead.
 */
import type { Command } from '../cli/command.ts';
import { failure } from '../failure.ts';

function unsupported(name: string, short: string, advice: string): Command {
  return {
    name,
    usage: '',
    short,
    isLocal: true,
    // Flags of such a command are not known either; whatever is given, the advice is the answer.
    flags: [],
    run: async () => failure(`kubectl ${name} is not available in this cluster: ${advice}`),
  };
}

export const unsupportedCommands: readonly Command[] = [
  unsupported('proxy', 'Run a proxy to the Kubernetes API server', 'use kubectl get --raw PATH'),
  unsupported('cp', 'Copy files and directories to and from containers', 'use kubectl exec with cat'),
  unsupported(
    'debug',
    'Create debugging sessions for troubleshooting workloads and nodes',
    'use kubectl run with an image that has the tools',
  ),
];
