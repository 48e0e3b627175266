/** The sub-commands of `kubectl create`. */
import type { Command } from '../cli/command.ts';
import { createServiceCommand } from './create-service.ts';
import {
  createDeploymentCommand,
  createJobCommand,
  createNamespaceCommand,
  createServiceAccountCommand,
} from './create-workload.ts';

export const createSubcommands: readonly Command[] = [
  createDeploymentCommand,
  createJobCommand,
  createNamespaceCommand,
  createServiceCommand,
  createServiceAccountCommand,
];
