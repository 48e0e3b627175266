/**
 * What RoleBindings and ClusterRoleBindings have in common. Source: pkg/apis/rbac/v1/defaults.go, printRoleBinding.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapStruct, mapStructs, struct, structs, text } from '../read.ts';
import type { TableColumn } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { rbacGroup } from '../validation/access-rules.ts';
import { age, ageColumn, column, nameColumn, type Row, wideColumn } from './define.ts';

/** The defaults of a binding. */
export function defaultBinding(binding: JsonObject): JsonObject {
  const referred = mapStruct(binding, 'roleRef', withGroup);
  return mapStructs(referred, 'subjects', (subject) =>
    ['User', 'Group'].includes(text(subject, 'kind')) ? withGroup(subject) : subject,
  );
}

function withGroup(reference: JsonObject): JsonObject {
  return text(reference, 'apiGroup') === '' ? { ...reference, apiGroup: rbacGroup } : reference;
}

/** The columns of bindings. */
export const bindingColumns: readonly TableColumn[] = [
  nameColumn,
  column('Role', 'string', 'The role that is given.'),
  ageColumn,
  wideColumn('Users', 'string', 'The users who have it.'),
  wideColumn('Groups', 'string', 'The groups whose members have it.'),
  wideColumn('ServiceAccounts', 'string', 'The accounts that have it.'),
];

/** The cells of {@link bindingColumns}. */
export function bindingRow(object: KubeObject, nowMs: number): Row {
  const binding = asJson(object);
  const role = struct(binding, 'roleRef');
  const subjects = structs(binding, 'subjects');
  const named = (kind: string) =>
    subjects.filter((subject) => text(subject, 'kind') === kind).map((subject) => text(subject, 'name'));
  const accounts = subjects
    .filter((subject) => text(subject, 'kind') === 'ServiceAccount')
    .map((subject) => `${text(subject, 'namespace')}/${text(subject, 'name')}`);
  return [
    object.metadata.name,
    `${text(role, 'kind')}/${text(role, 'name')}`,
    age(object, nowMs),
    named('User').join(', '),
    named('Group').join(', '),
    accounts.join(', '),
  ];
}
