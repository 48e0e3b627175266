/**
 * ClusterRoleBindings, which give a role in the cluster. Source: pkg/registry/rbac/clusterrolebinding/strategy.go, printClusterRoleBinding.
 */
import type { KindDefinition } from '../scheme.ts';
import { rbacGroup, validateBinding, validateRoleChange } from '../validation/access-rules.ts';
import { checkPathSegmentName } from '../validation/names.ts';
import { bindingColumns, bindingRow, defaultBinding } from './binding-parts.ts';
import { defineKind } from './define.ts';

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const clusterRoleBindingKind: KindDefinition = defineKind({
  group: rbacGroup,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  schema: 'V1ClusterRoleBinding',
  applyDefaults: defaultBinding,
  checkName: checkPathSegmentName,
  changedMeta: ['new', 'changed'],
  validateRest: (binding) => validateBinding(binding, false),
  validateChange: (binding, old) => [...validateBinding(binding, false), ...validateRoleChange(binding, old)],
  columns: bindingColumns,
  row: bindingRow,
});
