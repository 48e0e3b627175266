/** `kubectl set subject`. Source: k8s.io/kubectl/pkg/cmd/set/set_subject.go. */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, withValueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { changeObjects, chooseObjects, localProblem, setFlagsWithSelector } from './set-objects.ts';
import { readDryRun } from './write-options.ts';

export const setSubjectCommand: Command = {
  name: 'subject',
  usage:
    '(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  flags: [
    ...setFlagsWithSelector,
    { name: 'group', type: 'stringArray', usage: 'A group that gets the role, too.' },
    { name: 'serviceaccount', type: 'stringArray', usage: 'A service account that gets the role, too.' },
    { name: 'user', type: 'stringArray', usage: 'A user who gets the role, too.' },
  ],
  run: runSetSubject,
};

const rbacGroup = 'rbac.authorization.k8s.io';

async function runSetSubject(invocation: Invocation): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const chosen = await chooseObjects(invocation, invocation.args);
  if (!chosen.ok) return chosen;
  const problem = joinFailures(chosen.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const { infos } = chosen.value;
  const misuse = localProblem(invocation, dryRun.value) ?? misuseOf(invocation, infos);
  if (misuse !== undefined) return failure(misuse);
  const wanted = subjectsOf(invocation);
  return changeObjects(invocation, infos, {
    operation: 'subjects updated',
    refusal: 'failed to patch subjects to rolebinding: ',
    change: (object, { mapping }) => {
      const isBinding = mapping.group === rbacGroup && /^(?:Cluster)?RoleBinding$/.test(mapping.kind);
      if (!isBinding) return failure('setting subjects is only supported for RoleBinding/ClusterRoleBinding');
      const before = objectsAt(object, 'subjects');
      const added = wanted.filter((one) => !before.some((other) => jsonEqual(one, other)));
      return ok(added.length === 0 ? undefined : withValueAt(object, ['subjects'], [...before, ...added]));
    },
  });
}

function misuseOf({ flags }: Invocation, infos: readonly ResourceInfo[]): string | undefined {
  if (flags.bool('all') && flags.string('selector') !== '')
    return 'cannot set --all and --selector at the same time';
  const kinds = ['user', 'group', 'serviceaccount'];
  if (kinds.every((kind) => flags.strings(kind).length === 0))
    return 'you must specify at least one value of user, group or serviceaccount';
  for (const account of flags.strings('serviceaccount')) {
    const [namespace = '', name = '', more] = account.split(':');
    if (name === '' || more !== undefined) return 'serviceaccount must be <namespace>:<name>';
    if (namespace === '' && infos.some(({ mapping }) => mapping.kind === 'ClusterRoleBinding'))
      return 'serviceaccount must be <namespace>:<name>, namespace must be specified';
  }
  return undefined;
}

function subjectsOf({ flags, namespace }: Invocation): readonly JsonObject[] {
  const sorted = (name: string) => [...new Set(flags.strings(name))].sort(compareKeys);
  return [
    ...sorted('user').map((name) => ({ apiGroup: rbacGroup, kind: 'User', name })),
    ...sorted('group').map((name) => ({ apiGroup: rbacGroup, kind: 'Group', name })),
    ...sorted('serviceaccount').map((account) => {
      const [where = '', name = ''] = account.split(':');
      return { kind: 'ServiceAccount', name, namespace: where || namespace };
    }),
  ];
}
