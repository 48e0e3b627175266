/**
 * Leases. Source: pkg/registry/coordination/lease/strategy.go, ValidateLeaseSpec, printLease.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { asJson, mapStruct, number, struct, text, without } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** coordination.k8s.io/v1 Lease. */
export const leaseKind: KindDefinition = defineKind({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  plural: 'leases',
  schema: 'V1Lease',
  anyFinalizer: true,
  prepareForCreate: withoutStrategy,
  prepareForUpdate: withoutStrategy,
  validateRest: validateLease,
  columns: [nameColumn, column('Holder', 'string', 'Who holds it.'), ageColumn],
  row: (object, nowMs) => [
    object.metadata.name,
    text(struct(asJson(object), 'spec'), 'holderIdentity'),
    age(object, nowMs),
  ],
});

/** The fields are of a feature that is off by default, so the server takes them away. */
function withoutStrategy(lease: JsonObject): JsonObject {
  return mapStruct(lease, 'spec', (spec) => without(spec, 'strategy', 'preferredHolder'));
}

function validateLease(lease: JsonObject): FieldError[] {
  const spec = struct(lease, 'spec');
  const seconds = number(spec, 'leaseDurationSeconds') ?? 1;
  const transitions = number(spec, 'leaseTransitions') ?? 0;
  return [
    ...(seconds <= 0 ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
    ...(transitions < 0
      ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}
