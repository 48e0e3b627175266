/**
 * The rules of NetworkPolicies. Source: pkg/apis/networking/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateOptionalChoice, validateText } from './fields.ts';
import { isStrictSubnet, validateLegacyNetwork } from './ip.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkPortName, checkPortNumber } from './names.ts';

const directions = [
  { rules: 'ingress', peers: 'from' },
  { rules: 'egress', peers: 'to' },
] as const;
const policyTypes = ['Ingress', 'Egress'];

/** The problems of a new NetworkPolicy besides its metadata. */
export function validateNetworkPolicy(policy: JsonObject): FieldError[] {
  return validateSpec(struct(policy, 'spec'), new Set());
}

/** The problems of a changed NetworkPolicy; networks that were there before stay accepted. */
export function validateNetworkPolicyUpdate(policy: JsonObject, old: KubeObject): FieldError[] {
  const before = struct(asJson(old), 'spec');
  const networks = directions.flatMap(({ rules, peers }) =>
    structs(before, rules).flatMap((rule) =>
      structs(rule, peers).flatMap((peer) => {
        const block = struct(peer, 'ipBlock');
        return [text(block, 'cidr'), ...texts(block, 'except')];
      }),
    ),
  );
  return validateSpec(struct(policy, 'spec'), new Set(networks));
}

function validateSpec(spec: JsonObject, accepted: ReadonlySet<string>): FieldError[] {
  const errors = validateLabelSelector(struct(spec, 'podSelector'), 'spec.podSelector');
  for (const { rules, peers } of directions) {
    for (const [index, rule] of structs(spec, rules).entries()) {
      const path = `spec.${rules}[${index}]`;
      errors.push(
        ...structs(rule, 'ports').flatMap((port, at) => validatePort(port, `${path}.ports[${at}]`)),
        ...structs(rule, peers).flatMap((peer, at) =>
          validatePeer(peer, `${path}.${peers}[${at}]`, accepted),
        ),
      );
    }
  }
  const types = texts(spec, 'policyTypes');
  if (types.length > policyTypes.length) {
    return [...errors, invalid('spec.policyTypes', [...types], 'may not specify more than two policyTypes')];
  }
  const unknown = types.flatMap((type, index) =>
    policyTypes.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, policyTypes)],
  );
  return [...errors, ...unknown];
}

function validatePort(port: JsonObject, path: string): FieldError[] {
  const errors = validateOptionalChoice(path, port, 'protocol', ['TCP', 'UDP', 'SCTP']);
  const { port: value } = port;
  const end = number(port, 'endPort');
  const here = `${path}.endPort`;
  if (typeof value === 'string') {
    if (end !== undefined) {
      errors.push(invalid(here, end, 'may not be specified when `port` is non-numeric'));
    }
    return [...errors, ...validateText(`${path}.port`, value, checkPortName)];
  }
  if (typeof value !== 'number') {
    if (end === undefined) return errors;
    return [...errors, invalid(here, end, 'may not be specified when `port` is not specified')];
  }
  errors.push(...checkPortNumber(value).map((problem) => invalid(`${path}.port`, value, problem)));
  if (end === undefined) return errors;
  // Upstream shows the first port of the range where the last one is wrong.
  if (end < value) errors.push(invalid(here, value, 'must be greater than or equal to `port`'));
  return [...errors, ...checkPortNumber(end).map((problem) => invalid(here, end, problem))];
}

function validatePeer(peer: JsonObject, path: string, accepted: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['podSelector', 'namespaceSelector']) {
    if (has(peer, key)) errors.push(...validateLabelSelector(struct(peer, key), `${path}.${key}`));
  }
  const hasSelector = has(peer, 'podSelector') || has(peer, 'namespaceSelector');
  if (!has(peer, 'ipBlock')) return hasSelector ? errors : [required(path, 'must specify a peer')];
  errors.push(...validateBlock(struct(peer, 'ipBlock'), `${path}.ipBlock`, accepted));
  return hasSelector ? [...errors, forbidden(path, 'may not specify both ipBlock and another peer')] : errors;
}

function validateBlock(block: JsonObject, path: string, accepted: ReadonlySet<string>): FieldError[] {
  const network = text(block, 'cidr');
  if (network === '') return [required(`${path}.cidr`)];
  const validate = (here: string, value: string) =>
    accepted.has(value) ? [] : validateLegacyNetwork(here, value);
  const errors = validate(`${path}.cidr`, network);
  if (isStrictSubnet(network, network) === undefined) return errors;
  for (const [index, except] of texts(block, 'except').entries()) {
    const here = `${path}.except[${index}]`;
    errors.push(...validate(here, except));
    if (isStrictSubnet(except, network) === false) {
      errors.push(invalid(here, except, 'must be a strict subset of `cidr`'));
    }
  }
  return errors;
}
