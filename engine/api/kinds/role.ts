/**
 * Roles, which say what may be done in a namespace. Source: pkg/registry/rbac/role/strategy.go.
 */
import type { KindDefinition } from '../scheme.ts';
import { rbacGroup, validateRules } from '../validation/access-rules.ts';
import { checkPathSegmentName } from '../validation/names.ts';
import { column, defineKind, nameColumn } from './define.ts';

/** rbac.authorization.k8s.io/v1 Role. */
export const roleKind: KindDefinition = defineKind({
  group: rbacGroup,
  kind: 'Role',
  plural: 'roles',
  namespaced: true,
  schema: 'V1Role',
  checkName: checkPathSegmentName,
  changedMeta: ['new', 'changed'],
  validateRest: (role) => validateRules(role, true),
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  row: (role) => [role.metadata.name, role.metadata.creationTimestamp ?? null],
});
