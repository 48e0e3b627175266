/**
 * The rules of Nodes. Source: ValidateNode and ValidateNodeUpdate in pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateText } from './fields.ts';
import { isIPv6Text, validateLegacyNetwork } from './ip.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

/** What a taint does to Pods that do not tolerate it. */
export const taintEffects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The problems of a new Node besides its metadata. */
export function validateNode(node: JsonObject): FieldError[] {
  const spec = struct(node, 'spec');
  const networks = texts(spec, 'podCIDRs');
  const errors = validateTaints(structs(spec, 'taints'), 'metadata.taints');
  errors.push(
    ...networks.flatMap((network, index) => validateLegacyNetwork(`spec.podCIDRs[${index}]`, network)),
  );
  const families = new Set(networks.map((network) => isIPv6Text(network.replace(/\/.*/, ''))));
  if (networks.length > 1 && (families.size < 2 || networks.length > 2)) {
    errors.push(
      invalid('spec.podCIDRs', [...networks], 'may specify no more than one CIDR for each IP family'),
    );
  }
  return errors;
}

/** The problems of a changed Node besides its metadata. */
export function validateNodeUpdate(node: JsonObject, oldObject: KubeObject): FieldError[] {
  const old = asJson(oldObject);
  const spec = struct(node, 'spec');
  const before = struct(old, 'spec');
  const taints = validateTaints(structs(spec, 'taints'), 'metadata.taints');
  const errors = validateNode(node);
  const addresses = structs(struct(node, 'status'), 'addresses');
  for (const [index, address] of addresses.entries()) {
    if (addresses.slice(0, index).some((other) => jsonEqual(other, address))) {
      errors.push(
        duplicate(`status.addresses[${index}]`, {
          Type: text(address, 'type'),
          Address: text(address, 'address'),
        }),
      );
    }
  }
  const oldNetworks = texts(before, 'podCIDRs');
  if (oldNetworks.length > 0 && !jsonEqual(oldNetworks, texts(spec, 'podCIDRs'))) {
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  // Upstream asks twice: as of a new Node, and as of a changed one.
  errors.push(...taints);
  if (text(before, 'externalID') !== text(spec, 'externalID')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  }
  if (text(before, 'providerID') !== '' && text(before, 'providerID') !== text(spec, 'providerID')) {
    errors.push(
      forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'),
    );
  }
  return errors;
}

function validateTaints(taints: readonly JsonObject[], path: string): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const here = `${path}[${index}]`;
    const errors = validateText(`${here}.key`, text(taint, 'key'), checkQualifiedName);
    const valueProblems = checkLabelValue(text(taint, 'value'));
    if (valueProblems.length > 0)
      errors.push(invalid(`${here}.value`, text(taint, 'value'), valueProblems.join(';')));
    const effect = text(taint, 'effect');
    if (effect === '') errors.push(required(`${here}.effect`));
    else if (!taintEffects.includes(effect))
      errors.push(notSupported(`${here}.effect`, effect, taintEffects));
    const key = `${effect} ${text(taint, 'key')}`;
    if (seen.has(key)) {
      const repeated = duplicate(here, internalTaint(taint));
      errors.push({
        ...repeated,
        message: `${repeated.message}: taints must be unique by key and effect pair`,
      });
    }
    seen.add(key);
    return errors;
  });
}

/** Upstream prints the taint as its internal Go struct. */
function internalTaint(taint: JsonObject): JsonObject {
  return {
    Key: text(taint, 'key'),
    Value: text(taint, 'value'),
    Effect: text(taint, 'effect'),
    TimeAdded: has(taint, 'timeAdded') ? text(taint, 'timeAdded') : null,
  };
}
