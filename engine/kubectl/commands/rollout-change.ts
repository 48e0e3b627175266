/** `kubectl rollout restart|pause|resume`: one small patch of a workload each. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { fieldManagerFlag, outputFlags } from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import { valueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { patchEach, rolloutFlags } from './rollout-targets.ts';

const flags = [...rolloutFlags, ...outputFlags, fieldManagerFlag('kubectl-rollout')];

/** Written into the template, so that it differs and the Pods are made anew. */
const restartedAtKey = 'kubectl.kubernetes.io/restartedAt';

export const rolloutRestartCommand: Command = {
  name: 'restart',
  usage: 'RESOURCE',
  short: 'Restart a resource',
  flags,
  run: (invocation) => {
    const restartedAt = new Date(invocation.host.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    return patchEach(invocation, 'restarted', (info) => restartPatch(info, restartedAt));
  },
};

export const rolloutPauseCommand: Command = {
  name: 'pause',
  usage: 'RESOURCE',
  short: 'Mark the provided resource as paused',
  flags,
  run: (invocation) =>
    patchEach(invocation, 'paused', (info) => {
      if (!isKind(info, 'Deployment')) return failure('pausing is not supported');
      return isPaused(info) ? failure('is already paused') : ok({ spec: { paused: true } });
    }),
};

export const rolloutResumeCommand: Command = {
  name: 'resume',
  usage: 'RESOURCE',
  short: 'Resume a paused resource',
  flags,
  run: (invocation) =>
    patchEach(invocation, 'resumed', (info) => {
      if (!isKind(info, 'Deployment')) return failure('resuming is not supported');
      return isPaused(info) ? ok({ spec: { paused: null } }) : failure('is not paused');
    }),
};

function restartPatch(info: ResourceInfo, restartedAt: string): Outcome<JsonObject> {
  if (!isKind(info, 'Deployment', 'DaemonSet', 'StatefulSet')) return failure('restarting is not supported');
  if (isPaused(info)) return failure("can't restart paused deployment (run rollout resume first)");
  return ok({ spec: { template: { metadata: { annotations: { [restartedAtKey]: restartedAt } } } } });
}

function isKind({ mapping }: ResourceInfo, ...kinds: readonly string[]): boolean {
  return mapping.group === 'apps' && kinds.includes(mapping.kind);
}

function isPaused({ object }: ResourceInfo): boolean {
  return valueAt(object, 'spec', 'paused') === true;
}
