/**
 * ClusterRoles, which say what may be done in the cluster. Source: pkg/registry/rbac/clusterrole/strategy.go.
 */
import type { KindDefinition } from '../scheme.ts';
import { rbacGroup, validateAggregation, validateRules } from '../validation/access-rules.ts';
import { checkPathSegmentName } from '../validation/names.ts';
import { column, defineKind, nameColumn } from './define.ts';

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const clusterRoleKind: KindDefinition = defineKind({
  group: rbacGroup,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  schema: 'V1ClusterRole',
  checkName: checkPathSegmentName,
  changedMeta: ['new', 'changed'],
  validateRest: (role) => [...validateRules(role, false), ...validateAggregation(role)],
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  row: (role) => [role.metadata.name, role.metadata.creationTimestamp ?? null],
});
