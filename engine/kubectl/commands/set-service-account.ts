/** `kubectl set serviceaccount`. Source: k8s.io/kubectl/pkg/cmd/set/set_serviceaccount.go. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withValueAt } from '../rest/object-fields.ts';
import {
  changeObjects,
  chooseObjects,
  localProblem,
  noTemplateProblem,
  podSpecPath,
  setFlags,
} from './set-objects.ts';
import { readDryRun } from './write-options.ts';

export const setServiceAccountCommand: Command = {
  name: 'serviceaccount',
  usage: '(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  short: 'Update the service account of a resource',
  aliases: ['sa'],
  flags: setFlags,
  run: runSetServiceAccount,
};

async function runSetServiceAccount(invocation: Invocation): Promise<Outcome<void>> {
  const { args } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const local = localProblem(invocation, dryRun.value);
  if (local !== undefined) return failure(local);
  const account = args.at(-1);
  if (account === undefined) return failure('serviceaccount is required');
  const chosen = await chooseObjects(invocation, args.slice(0, -1));
  if (!chosen.ok) return chosen;
  const problem = joinFailures(chosen.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  return changeObjects(invocation, chosen.value.infos, {
    operation: 'serviceaccount updated',
    refusal: 'failed to patch ServiceAccountName ',
    sendsUnchanged: true,
    change: (object, info) => {
      const path = podSpecPath(info);
      if (path === undefined) return failure(noTemplateProblem(info));
      return ok(withValueAt(object, [...path, 'serviceAccountName'], account));
    },
  });
}
