/** The sub-commands of `kubectl create`. */
import type { Command } from '../cli/command.ts';
import { createConfigMapCommand } from './create-config-map.ts';
import { createIngressCommand } from './create-ingress.ts';
import { createCronJobCommand, createJobCommand } from './create-job.ts';
import { createPodDisruptionBudgetCommand, createPriorityClassCommand } from './create-policy.ts';
import { createQuotaCommand } from './create-quota.ts';
import { createClusterRoleCommand, createRoleCommand } from './create-role.ts';
import { createClusterRoleBindingCommand, createRoleBindingCommand } from './create-role-binding.ts';
import { createSecretCommand } from './create-secret.ts';
import { createServiceCommand } from './create-service.ts';
import { createTokenCommand } from './create-token.ts';
import {
  createDeploymentCommand,
  createNamespaceCommand,
  createServiceAccountCommand,
} from './create-workload.ts';

export const createSubcommands: readonly Command[] = [
  createClusterRoleCommand,
  createClusterRoleBindingCommand,
  createConfigMapCommand,
  createCronJobCommand,
  createDeploymentCommand,
  createIngressCommand,
  createJobCommand,
  createNamespaceCommand,
  createPodDisruptionBudgetCommand,
  createPriorityClassCommand,
  createQuotaCommand,
  createRoleCommand,
  createRoleBindingCommand,
  createSecretCommand,
  createServiceCommand,
  createServiceAccountCommand,
  createTokenCommand,
];
