/**
 * ServiceAccounts. Source: pkg/registry/core/serviceaccount/strategy.go, printServiceAccount.
 */
import type { JsonObject } from '../../base/json.ts';
import { mapStructs } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { age, ageColumn, defineKind, nameColumn } from './define.ts';

/** core/v1 ServiceAccount. */
export const serviceAccountKind: KindDefinition = defineKind({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: ['token'],
  schema: 'V1ServiceAccount',
  prepareForCreate: withSecretNames,
  prepareForUpdate: withSecretNames,
  changedMeta: ['changed', 'new'],
  columns: [nameColumn, ageColumn],
  row: (account, nowMs) => [account.metadata.name, age(account, nowMs)],
});

/** Of a reference to a Secret nothing but the name counts. Source: cleanSecretReferences. */
function withSecretNames(account: JsonObject): JsonObject {
  return mapStructs(account, 'secrets', ({ name }) => (name === undefined ? {} : { name }));
}
