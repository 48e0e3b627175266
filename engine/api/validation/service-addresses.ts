/**
 * The rules of a Service's cluster addresses and address families, and of changing them.
 * Source: ValidateServiceClusterIPsRelatedFields, validateUpgradeDowngradeClusterIPs and
 * validateUpgradeDowngradeIPFamilies in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, invalid, notSupported, required } from '../field-errors.ts';
import { text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateOptionalChoice } from './fields.ts';
import { isIPv6Text, validateLegacyAddress } from './ip.ts';

/** The problems of clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy. */
export function validateClusterIPs(spec: JsonObject, before: JsonObject | undefined): FieldError[] {
  if (text(spec, 'type') === 'ExternalName') return [];
  const first = text(spec, 'clusterIP');
  const all = texts(spec, 'clusterIPs');
  const path = 'spec.clusterIPs';
  const errors: FieldError[] = [];
  if (first !== '' && all.length === 0) errors.push(required(path));
  else if (first !== '' && all[0] !== first)
    errors.push(invalid(path, [...all], 'first value must match `clusterIP`'));
  else if (first === '' && all.length > 0) {
    errors.push(invalid(path, [...all], 'must be empty when `clusterIP` is not specified'));
  }
  const families = texts(spec, 'ipFamilies');
  for (const [index, family] of families.entries()) {
    const here = `spec.ipFamilies[${index}]`;
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(here, family, ['IPv4', 'IPv6']));
    if (families.indexOf(family) < index) errors.push(duplicate(here, family));
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  errors.push(...validateOptionalChoice('spec', spec, 'ipFamilyPolicy', policies));
  const malformed = validateEach(all, before);
  errors.push(...malformed);
  if (all.length > 2) errors.push(invalid(path, [...all], 'may only hold up to 2 values'));
  if (malformed.length > 0) return errors;
  if (all.length > 1 && new Set(all.map(isIPv6Text)).size < 2) {
    errors.push(invalid(path, [...all], 'may specify no more than one IP for each IP family'));
  }
  return all[0] === 'None' ? errors : [...errors, ...validateFamilies(all, families)];
}

function validateEach(all: readonly string[], before: JsonObject | undefined): FieldError[] {
  const known = before === undefined ? [] : texts(before, 'clusterIPs');
  return all.flatMap((address, index) => {
    if (index === 0 && address === 'None') {
      return all.length > 1
        ? [invalid('spec.clusterIPs', [...all], "'None' must be the first and only value")]
        : [];
    }
    return known.includes(address) ? [] : validateLegacyAddress(`spec.clusterIPs[${index}]`, address);
  });
}

function validateFamilies(all: readonly string[], families: readonly string[]): FieldError[] {
  return all.flatMap((address, index) => {
    const family = families[index];
    const actual = isIPv6Text(address) ? 'IPv6' : 'IPv4';
    if (family === undefined || family === actual || (family !== 'IPv4' && family !== 'IPv6')) return [];
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    return [invalid(`spec.clusterIPs[${index}]`, address, detail)];
  });
}

/** The problems of a change of addresses or families: the first of each stays, the second comes and goes with the policy. */
export function validateFamilyChange(spec: JsonObject, before: JsonObject): FieldError[] {
  if (text(spec, 'type') === 'ExternalName' || text(before, 'type') === 'ExternalName') return [];
  const isHeadless = texts(spec, 'clusterIPs')[0] === 'None';
  const wasHeadless = texts(before, 'clusterIPs')[0] === 'None';
  const addresses = isHeadless && wasHeadless ? [] : addressChange(spec, before);
  return isHeadless || wasHeadless ? addresses : [...addresses, ...familyChange(spec, before)];
}

function addressChange(spec: JsonObject, before: JsonObject): FieldError[] {
  const now = texts(spec, 'clusterIPs');
  const old = texts(before, 'clusterIPs');
  const once = 'may not change once set';
  if (now.length === old.length) {
    return old.flatMap((address, index) =>
      address === now[index] ? [] : [invalid(`spec.clusterIPs[${index}]`, [...now], once)],
    );
  }
  const errors: FieldError[] = [];
  if (now.length === 0)
    errors.push(invalid('spec.clusterIPs[0]', null, 'primary clusterIP can not be unset'));
  if (old.length > 0 && now.length > 0 && now[0] !== old[0])
    errors.push(invalid('spec.clusterIPs[0]', [...now], once));
  if (now.length === 1 && old.length > 1) errors.push(...mustBeSingleStack(spec, 'clusterIP'));
  return errors;
}

function familyChange(spec: JsonObject, before: JsonObject): FieldError[] {
  const now = texts(spec, 'ipFamilies');
  const old = texts(before, 'ipFamilies');
  const once = 'may not change once set';
  const path = 'spec.ipFamilies[0]';
  if (now.length === old.length) {
    return old.flatMap((family, index) => (family === now[index] ? [] : [invalid(path, [...now], once)]));
  }
  const errors: FieldError[] = [];
  const addresses = texts(spec, 'clusterIPs');
  if (now.length < old.length && addresses.length === 0) {
    errors.push(invalid(path, now.length === 0 ? null : [...now], 'primary ipFamily can not be unset'));
  }
  if (old.length > 0 && now.length > 0 && now[0] !== old[0]) {
    errors.push(invalid(path, addresses.length === 0 ? null : [...addresses], once));
  }
  if (now.length === 1 && old.length > 1) errors.push(...mustBeSingleStack(spec, 'ipFamily'));
  return errors;
}

function mustBeSingleStack(spec: JsonObject, what: string): FieldError[] {
  if (text(spec, 'ipFamilyPolicy') === 'SingleStack') return [];
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail)];
}
