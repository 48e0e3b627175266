/** The sub-commands of `kubectl create`. */
import type { Command } from '../cli/command.ts';
import { createConfigMapCommand } from './create-config-map.ts';
import { createIngressCommand } from './create-ingress.ts';
import { createQuotaCommand } from './create-quota.ts';
import { createSecretCommand } from './create-secret.ts';
import { createServiceCommand } from './create-service.ts';
import {
  createDeploymentCommand,
  createJobCommand,
  createNamespaceCommand,
  createServiceAccountCommand,
} from './create-workload.ts';

export const createSubcommands: readonly Command[] = [
  createConfigMapCommand,
  createDeploymentCommand,
  createIngressCommand,
  createJobCommand,
  createNamespaceCommand,
  createQuotaCommand,
  createSecretCommand,
  createServiceCommand,
  createServiceAccountCommand,
];
