/** `kubectl create rolebinding` and `kubectl create clusterrolebinding`. Source: create_rolebinding.go of the same folder. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

const subjectFlags: readonly FlagSpec[] = [
  { name: 'clusterrole', type: 'string', usage: 'The ClusterRole that is granted.' },
  { name: 'group', type: 'stringArray', usage: 'A group that gets the role.' },
  {
    name: 'serviceaccount',
    type: 'stringArray',
    usage: 'A service account that gets the role, as <namespace>:<name>.',
  },
  { name: 'user', type: 'stringArray', usage: 'A user who gets the role.' },
];

export const createRoleBindingCommand = createSubcommand({
  name: 'rolebinding',
  usage:
    'NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a role binding for a particular role or cluster role',
  flags: [...subjectFlags, { name: 'role', type: 'string', usage: 'The Role that is granted.' }],
  generate: (invocation, name) => {
    const role = invocation.flags.string('role');
    const clusterRole = invocation.flags.string('clusterrole');
    if ((role === '') === (clusterRole === '')) {
      return failure('exactly one of clusterrole or role must be specified');
    }
    const subjects = readSubjects(invocation);
    if (!subjects.ok) return subjects;
    return ok({
      object: {
        apiVersion: `${rbacGroup}/v1`,
        kind: 'RoleBinding',
        metadata: metadataOf(invocation, name),
        roleRef: role === '' ? roleRef('ClusterRole', clusterRole) : roleRef('Role', role),
        ...subjects.value,
      },
      path: namespacedPath(invocation, `/apis/${rbacGroup}/v1`, 'rolebindings'),
      refusal: 'failed to create rolebinding: ',
    });
  },
});

export const createClusterRoleBindingCommand = createSubcommand({
  name: 'clusterrolebinding',
  usage:
    'NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a cluster role binding for a particular cluster role',
  flags: subjectFlags,
  requiredFlags: ['clusterrole'],
  generate: (invocation, name) => {
    const subjects = readSubjects(invocation);
    if (!subjects.ok) return subjects;
    return ok({
      object: {
        apiVersion: `${rbacGroup}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: roleRef('ClusterRole', invocation.flags.string('clusterrole')),
        ...subjects.value,
      },
      path: `/apis/${rbacGroup}/v1/clusterrolebindings`,
      refusal: 'failed to create clusterrolebinding: ',
    });
  },
});

function roleRef(kind: string, name: string): JsonObject {
  return { apiGroup: rbacGroup, kind, name };
}

function readSubjects({ flags }: Invocation): Outcome<JsonObject> {
  const subjects: JsonObject[] = [
    ...flags.strings('user').map((name) => ({ apiGroup: rbacGroup, kind: 'User', name })),
    ...flags.strings('group').map((name) => ({ apiGroup: rbacGroup, kind: 'Group', name })),
  ];
  for (const account of flags.strings('serviceaccount')) {
    const [namespace = '', name = '', more] = account.split(':');
    if (namespace === '' || name === '' || more !== undefined) {
      return failure('serviceaccount must be <namespace>:<name>');
    }
    subjects.push({ kind: 'ServiceAccount', name, namespace });
  }
  return ok(subjects.length === 0 ? {} : { subjects });
}
