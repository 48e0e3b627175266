/**
 * ServiceAccounts. Source: pkg/registry/core/serviceaccount/strategy.go, printServiceAccount.
 */
import type { KindDefinition } from '../scheme.ts';
import { age, ageColumn, defineKind, nameColumn } from './define.ts';

/** core/v1 ServiceAccount. */
export const serviceAccountKind: KindDefinition = defineKind({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: ['token'],
  schema: 'V1ServiceAccount',
  changedMeta: ['changed', 'new'],
  columns: [nameColumn, ageColumn],
  row: (account, nowMs) => [account.metadata.name, age(account, nowMs)],
});
