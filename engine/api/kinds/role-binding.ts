/**
 * RoleBindings, which give a role in a namespace. Source: pkg/registry/rbac/rolebinding/strategy.go, printRoleBinding.
 */
import type { KindDefinition } from '../scheme.ts';
import { rbacGroup, validateBinding, validateRoleChange } from '../validation/access-rules.ts';
import { checkPathSegmentName } from '../validation/names.ts';
import { bindingColumns, bindingRow, defaultBinding } from './binding-parts.ts';
import { defineKind } from './define.ts';

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindingKind: KindDefinition = defineKind({
  group: rbacGroup,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
  schema: 'V1RoleBinding',
  applyDefaults: defaultBinding,
  checkName: checkPathSegmentName,
  changedMeta: ['new', 'changed'],
  validateRest: (binding) => validateBinding(binding, true),
  validateChange: (binding, old) => [...validateBinding(binding, true), ...validateRoleChange(binding, old)],
  columns: bindingColumns,
  row: bindingRow,
});
