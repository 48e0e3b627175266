/**
 * What a write to the status of a Pod may say. Source: ValidatePodStatusUpdate in pkg/apis/core/validation/validation.go of
 * v1.36.
 *
 * Left out: allocated resources and devices, which no kubelet here reports.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid } from '../field-errors.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { isIPv6Text, validateLegacyAddress } from './ip.ts';
import { checkDns1123Subdomain, checkQualifiedName } from './names.ts';

/** The problems of a Pod whose status is written over another. */
export function validatePodStatus(pod: JsonObject, old: JsonObject): FieldError[] {
  const status = struct(pod, 'status');
  const before = struct(old, 'status');
  const nominated = text(status, 'nominatedNodeName');
  const isNominatedAnew = nominated !== '' && nominated !== text(before, 'nominatedNodeName');
  const generation = number(status, 'observedGeneration') ?? 0;
  const qosClass = text(status, 'qosClass');
  const spec = struct(old, 'spec');
  return [
    ...(isNominatedAnew ? checkDns1123Subdomain(nominated) : []).map((problem) =>
      invalid('status.nominatedNodeName', nominated, problem),
    ),
    ...(isNominatedAnew && text(spec, 'nodeName') !== ''
      ? [forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node')]
      : []),
    ...(generation < 0
      ? [invalid('status.observedGeneration', generation, 'must be a non-negative integer')]
      : []),
    ...(qosClass === '' || qosClass === text(before, 'qosClass')
      ? []
      : [invalid('status.qosClass', qosClass, 'field is immutable')]),
    ...validateStates(status, before, text(spec, 'restartPolicy')),
    ...validateClaims(status, spec),
    ...validateAddresses(status, 'podIPs'),
    ...validateHostAddress(status),
    ...validateAddresses(status, 'hostIPs'),
    ...validateConditions(status),
  ];
}

/** A container that has ended for good stays so. */
function validateStates(status: JsonObject, before: JsonObject, restartPolicy: string): FieldError[] {
  if (restartPolicy !== 'Never' && restartPolicy !== 'OnFailure') return [];
  const now = structs(status, 'containerStatuses');
  return structs(before, 'containerStatuses').flatMap((old, index) => {
    const state = struct(old, 'state');
    if (!has(state, 'terminated')) return [];
    const mayRestart = restartPolicy === 'OnFailure' && number(struct(state, 'terminated'), 'exitCode') !== 0;
    const next = now.find((container) => text(container, 'name') === text(old, 'name'));
    if (mayRestart || next === undefined || has(struct(next, 'state'), 'terminated')) return [];
    return [
      forbidden(
        `status.containerStatuses[${index}].state`,
        'may not be transitioned to non-terminated state',
      ),
    ];
  });
}

function validateClaims(status: JsonObject, spec: JsonObject): FieldError[] {
  const known = new Set(structs(spec, 'resourceClaims').map((claim) => text(claim, 'name')));
  return structs(status, 'resourceClaimStatuses').flatMap((claim, index) => {
    const name = text(claim, 'name');
    if (known.has(name)) return [];
    const detail = 'must match the name of an entry in `spec.resourceClaims`';
    return [invalid(`status.resourceClaimStatuses[${index}].name`, name, detail)];
  });
}

/** The one address of the node is the first of the list. */
function validateHostAddress(status: JsonObject): FieldError[] {
  const first = structs(status, 'hostIPs')[0];
  if (first === undefined || text(first, 'ip') === text(status, 'hostIP')) return [];
  return [invalid('status.hostIPs[0].ip', text(first, 'ip'), 'must be equal to `hostIP`')];
}

/** One address, or one of each family. */
function validateAddresses(status: JsonObject, key: 'podIPs' | 'hostIPs'): FieldError[] {
  const path = `status.${key}`;
  const addresses = structs(status, key).map((entry) => text(entry, 'ip'));
  const errors = addresses.flatMap((address, index) => validateLegacyAddress(`${path}[${index}]`, address));
  if (errors.length > 0) return errors;
  const families = new Set(addresses.map(isIPv6Text));
  if (families.size === addresses.length) return [];
  const detail = 'may specify no more than one IP for each IP family';
  return [
    invalid(
      path,
      addresses.map((address) => ({ IP: address })),
      detail,
    ),
  ];
}

/** Kubernetes' own conditions are known by name; others are called as labels are. */
function validateConditions(status: JsonObject): FieldError[] {
  return structs(status, 'conditions').flatMap((condition, index) => {
    const type = text(condition, 'type');
    return checkQualifiedName(type).map((problem) =>
      invalid(`status.conditions[${index}].Type`, type, problem),
    );
  });
}
