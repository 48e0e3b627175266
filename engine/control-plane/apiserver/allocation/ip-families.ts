/**
 * Fills in a Service's ipFamilyPolicy and ipFamilies. Source: pkg/registry/core/service/storage/alloc.go
 * (initIPFamilyFields), for a cluster that has Service addresses of one family.
 */
import type { FieldError } from '../../../api/scheme.ts';
import { jsonEqual } from '../../../base/json.ts';

/** The address fields of a Service while they are worked out. */
export interface AddressFields {
  readonly type: string;
  readonly hasSelector: boolean;
  readonly clusterIP: string;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly string[];
  readonly ipFamilyPolicy: string;
}

const clusterFamilies: readonly string[] = ['IPv4'];
const defaultFamily = 'IPv4';

/** The fields completed, or what is wrong with them. `before` is absent for a creation. */
export function completeFamilies(
  fields: AddressFields,
  before: AddressFields | undefined,
): { readonly fields: AddressFields; readonly errors: readonly FieldError[] } {
  if (fields.type === 'ExternalName') return { fields, errors: [] };
  if (before !== undefined && isUnchangedPreference(fields, before)) return { fields, errors: [] };
  const isHeadless = fields.clusterIP === 'None';
  const policy = fields.ipFamilyPolicy || defaultPolicy(fields, before);
  const reduced = reduceToSingle({ ...fields, ipFamilyPolicy: policy }, before);
  const errors = [...reduced.errors, ...tooManyForSingle(reduced.fields)];
  const inferred = inferFamilies(reduced.fields);
  errors.push(...inferred.errors);
  if (errors.length > 0) return { fields, errors };
  let ipFamilies = inferred.ipFamilies;
  if (isHeadless && !fields.hasSelector) {
    if (ipFamilies.length === 0) ipFamilies = [defaultFamily];
    if (ipFamilies.length < 2 && policy !== 'SingleStack') {
      ipFamilies = [...ipFamilies, ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
    }
    return { fields: { ...reduced.fields, ipFamilies }, errors: [] };
  }
  const unavailable = notConfigured(policy, ipFamilies);
  if (unavailable.length > 0) return { fields, errors: unavailable };
  if (ipFamilies.length === 0) ipFamilies = [defaultFamily];
  return { fields: { ...reduced.fields, ipFamilies }, errors: [] };
}

function isUnchangedPreference(fields: AddressFields, before: AddressFields): boolean {
  return (
    fields.type === before.type &&
    fields.ipFamilyPolicy === 'PreferDualStack' &&
    (before.ipFamilyPolicy === '' || before.ipFamilyPolicy === 'PreferDualStack') &&
    sameClusterIPs(fields, before) &&
    jsonEqual(fields.ipFamilies, before.ipFamilies)
  );
}

function defaultPolicy(fields: AddressFields, before: AddressFields | undefined): string {
  if (before !== undefined && before.ipFamilyPolicy !== '') return before.ipFamilyPolicy;
  // A headless Service without selector may point anywhere, so it is open to both families.
  return fields.clusterIP === 'None' && !fields.hasSelector ? 'RequireDualStack' : 'SingleStack';
}

function reduceToSingle(
  fields: AddressFields,
  before: AddressFields | undefined,
): { readonly fields: AddressFields; readonly errors: readonly FieldError[] } {
  if (before === undefined) return { fields, errors: [] };
  if (fields.ipFamilyPolicy === 'SingleStack') {
    return {
      fields: {
        ...fields,
        clusterIPs: sameClusterIPs(fields, before) ? fields.clusterIPs.slice(0, 1) : fields.clusterIPs,
        ipFamilies: jsonEqual(fields.ipFamilies, before.ipFamilies)
          ? fields.ipFamilies.slice(0, 1)
          : fields.ipFamilies,
      },
      errors: [],
    };
  }
  const errors: FieldError[] = [];
  if (isFirstOf(fields.clusterIPs, before.clusterIPs)) {
    errors.push(policyError(fields, "must be 'SingleStack' to release the secondary cluster IP"));
  }
  if (isFirstOf(fields.ipFamilies, before.ipFamilies)) {
    errors.push(policyError(fields, "must be 'SingleStack' to release the secondary IP family"));
  }
  return { fields, errors };
}

function isFirstOf(one: readonly string[], two: readonly string[]): boolean {
  return one.length === 1 && two.length === 2 && one[0] === two[0];
}

function tooManyForSingle(fields: AddressFields): readonly FieldError[] {
  if (fields.ipFamilyPolicy !== 'SingleStack') return [];
  const errors: FieldError[] = [];
  if (fields.clusterIPs.length === 2) {
    errors.push(
      policyError(
        fields,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
      ),
    );
  }
  if (fields.ipFamilies.length === 2) {
    errors.push(
      policyError(
        fields,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ),
    );
  }
  return errors;
}

function inferFamilies(fields: AddressFields): {
  readonly ipFamilies: readonly string[];
  readonly errors: readonly FieldError[];
} {
  const ipFamilies = [...fields.ipFamilies];
  const errors: FieldError[] = [];
  for (const [index, address] of fields.clusterIPs.entries()) {
    if (address === 'None') break;
    if (index < ipFamilies.length) continue;
    const family = address.includes(':') ? 'IPv6' : 'IPv4';
    if (clusterFamilies.includes(family)) ipFamilies.push(family);
    else {
      errors.push({
        type: 'FieldValueInvalid',
        field: `spec.clusterIPs[${index}]`,
        message: `Invalid value: ${JSON.stringify(fields.clusterIPs)}: ${family} is not configured on this cluster`,
      });
    }
  }
  return { ipFamilies, errors };
}

function notConfigured(policy: string, ipFamilies: readonly string[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (policy === 'RequireDualStack') {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.ipFamilyPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: this cluster is not configured for dual-stack services`,
    });
  }
  for (const [index, family] of ipFamilies.entries()) {
    if (clusterFamilies.includes(family)) continue;
    errors.push({
      type: 'FieldValueInvalid',
      field: `spec.ipFamilies[${index}]`,
      message: `Invalid value: ${JSON.stringify(family)}: not configured on this cluster`,
    });
  }
  return errors;
}

function policyError(fields: AddressFields, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field: 'spec.ipFamilyPolicy',
    message: `Invalid value: ${JSON.stringify(fields.ipFamilyPolicy)}: ${detail}`,
  };
}

/** Whether two Services say the same about their addresses. */
export function sameClusterIPs(one: AddressFields, two: AddressFields): boolean {
  return one.clusterIP === two.clusterIP && jsonEqual(one.clusterIPs, two.clusterIPs);
}
