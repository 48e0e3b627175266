/**
 * The rules of requests and limits. Source: validateResourceRequirements in pkg/apis/core/validation/validation.go,
 * pkg/apis/core/helper/helpers.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notFound, required } from '../field-errors.ts';
import { compareQuantities, formatQuantity, parseQuantity, quantityMilliValue } from '../quantity.ts';
import { structs, text, textMap } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateText } from './fields.ts';
import { checkDns1123Label, checkQualifiedName } from './names.ts';

const standardResources = ['cpu', 'memory', 'ephemeral-storage'];

/** The problems of a container's `resources`; `claims` are those of the Pod that it may name. */
export function validateResourceRequirements(
  resources: JsonObject,
  path: string,
  claims: ReadonlySet<string>,
): FieldError[] {
  const limits = textMap(resources, 'limits');
  const requests = textMap(resources, 'requests');
  const errors = [...validateList(limits, `${path}.limits`)];
  for (const [name, request] of requests) {
    const here = `${path}.requests`;
    errors.push(...validateEntry(name, request, here));
    const limit = limits.get(name);
    if (limit === undefined) {
      if (!isOvercommitAllowed(name))
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
      continue;
    }
    const [requested, allowed] = [parseQuantity(request), parseQuantity(limit)];
    if (!requested.ok || !allowed.ok) continue;
    const order = compareQuantities(requested.value, allowed.value);
    const shown = formatQuantity(allowed.value);
    if (order !== 0 && !isOvercommitAllowed(name)) {
      errors.push(invalid(here, request, `must be equal to ${name} limit of ${shown}`));
    } else if (order > 0) {
      errors.push(invalid(here, request, `must be less than or equal to ${name} limit of ${shown}`));
    }
  }
  const names = [...limits.keys(), ...requests.keys()];
  const hasBase = names.includes('cpu') || names.includes('memory');
  if (names.some((name) => name.startsWith('hugepages-')) && !hasBase) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaimNames(structs(resources, 'claims'), claims, `${path}.claims`)];
}

/** Source: validateResourceClaimNames. */
function validateClaimNames(
  references: readonly JsonObject[],
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const known = claims.size === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`;
  const taken = new Set<string>();
  return references.flatMap((reference, index) => {
    const here = `${path}[${index}]`;
    const name = text(reference, 'name');
    const request = text(reference, 'request');
    if (name === '') return [required(here)];
    const key = request === '' ? name : `${name}/${request}`;
    const errors: FieldError[] = [];
    if (taken.has(name)) errors.push(duplicate(here, name));
    else {
      if (request !== '') errors.push(...validateText(`${here}.request`, request, checkDns1123Label));
      const isTaken =
        taken.has(key) || (request === '' && [...taken].some((it) => it.startsWith(`${name}/`)));
      if (isTaken) errors.push(duplicate(here, key));
      taken.add(key);
    }
    if (claims.has(name)) return errors;
    return [...errors, notFound(here, name, `must be one of the names in pod.spec.resourceClaims${known}`)];
  });
}

function validateList(list: ReadonlyMap<string, string>, path: string): FieldError[] {
  return [...list].flatMap(([name, value]) => validateEntry(name, value, path));
}

function validateEntry(name: string, value: string, path: string): FieldError[] {
  const here = `${path}[${name}]`;
  return [
    ...validateContainerResourceName(here, name),
    ...validateQuantity(here, name, value),
    ...validateHugePages(here, name, value),
  ];
}

/** Huge pages come whole. Source: IsHugePageResourceValueDivisible. */
function validateHugePages(path: string, name: string, value: string): FieldError[] {
  if (!name.startsWith('hugepages-')) return [];
  const [size, amount] = [parseQuantity(name.slice('hugepages-'.length)), parseQuantity(value)];
  if (!amount.ok) return [];
  const isDivisible = size.ok && size.value.nano > 0n && amount.value.nano % size.value.nano === 0n;
  return isDivisible ? [] : [invalid(path, value, `${value} is not positive integer multiple of ${name}`)];
}

/** The problems of the name of a resource that containers have. */
export function validateContainerResourceName(path: string, name: string): FieldError[] {
  const errors = validateResourceName(path, name);
  if (!name.includes('/')) {
    const isKnown = standardResources.includes(name) || name.startsWith('hugepages-');
    return isKnown ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** The problems of the name of any resource. */
export function validateResourceName(path: string, name: string): FieldError[] {
  const errors = validateText(path, name, checkQualifiedName);
  if (errors.length > 0 || name.includes('/') || isStandardName(name)) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

const standardNames = [
  ...standardResources,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'services.nodeports',
  'services.loadbalancers',
];

/** Whether the name is one that Kubernetes itself gave. */
function isStandardName(name: string): boolean {
  return (
    standardNames.includes(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')
  );
}

/** Whether a quota may name the resource, besides names with a slash. Source: IsStandardQuotaResourceName. */
export function isQuotaName(name: string): boolean {
  return name !== 'storage' && isStandardName(name);
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return (
    !isNative(name) && !name.startsWith('requests.') && checkQualifiedName(`requests.${name}`).length === 0
  );
}

/** Whether requests of a resource may be less than limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNative(name) && !name.startsWith('hugepages-');
}

/** Whether amounts of a resource are whole numbers. */
function isIntegerResource(name: string): boolean {
  const counted = [
    'pods',
    'services',
    'replicationcontrollers',
    'resourcequotas',
    'secrets',
    'configmaps',
    'persistentvolumeclaims',
    'services.nodeports',
    'services.loadbalancers',
  ];
  return counted.includes(name) || name.startsWith('count/') || isExtended(name);
}

/** The problems of an amount of a resource. */
export function validateQuantity(path: string, name: string, value: string): FieldError[] {
  const quantity = parseQuantity(value);
  if (!quantity.ok) return [invalid(path, value, quantity.error)];
  const errors: FieldError[] = [];
  if (quantity.value.nano < 0n) errors.push(invalid(path, value, 'must be greater than or equal to 0'));
  if (isIntegerResource(name) && quantityMilliValue(quantity.value) % 1000n !== 0n) {
    errors.push(invalid(path, value, 'must be an integer'));
  }
  return errors;
}
