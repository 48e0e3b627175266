/**
 * The rules of EndpointSlices. Source: pkg/apis/discovery/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../field-errors.ts';
import { has, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { protocols, validateText } from './fields.ts';
import { isIPv6Text, validateAddress, validateEndpointAddress, validateLegacyAddress } from './ip.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from './names.ts';
import { validateImmutable, validateLabels } from './object-meta.ts';

const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxHints = 8;
const maxTopologyLabels = 16;

/** The problems of a new EndpointSlice besides its metadata. */
export function validateEndpointSlice(slice: JsonObject): FieldError[] {
  return [...validateTypeAndPorts(slice), ...validateEndpointList(slice)];
}

/** The problems of a changed EndpointSlice: endpoints that were there before stay accepted. */
export function validateEndpointSliceUpdate(slice: JsonObject, old: KubeObject): FieldError[] {
  const endpoints = jsonEqual(slice.endpoints ?? null, old.endpoints ?? null)
    ? []
    : validateEndpointList(slice);
  return [
    ...validateTypeAndPorts(slice),
    ...endpoints,
    ...validateImmutable('addressType', slice.addressType, old.addressType, slice.addressType),
  ];
}

function validateTypeAndPorts(slice: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const type = text(slice, 'addressType');
  const types = ['FQDN', 'IPv4', 'IPv6'];
  if (type === '') errors.push(required('addressType'));
  else if (!types.includes(type)) errors.push(notSupported('addressType', type, types));
  const ports = structs(slice, 'ports');
  if (ports.length > maxPorts) return [...errors, tooMany('ports', ports.length, maxPorts)];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = `ports[${index}]`;
    const name = text(port, 'name');
    if (name !== '') errors.push(...validateText(`${path}.name`, name, checkDns1123Label));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (!has(port, 'protocol')) errors.push(required(`${path}.protocol`));
    else if (!protocols.includes(text(port, 'protocol'))) {
      errors.push(notSupported(`${path}.protocol`, text(port, 'protocol'), protocols));
    }
    if (has(port, 'appProtocol')) {
      errors.push(...validateText(`${path}.appProtocol`, text(port, 'appProtocol'), checkQualifiedName));
    }
  }
  return errors;
}

function validateEndpointList(slice: JsonObject): FieldError[] {
  const endpoints = structs(slice, 'endpoints');
  if (endpoints.length > maxEndpoints) return [tooMany('endpoints', endpoints.length, maxEndpoints)];
  const type = text(slice, 'addressType');
  return endpoints.flatMap((endpoint, index) => validateEndpoint(endpoint, type, `endpoints[${index}]`));
}

function validateEndpoint(endpoint: JsonObject, type: string, path: string): FieldError[] {
  const addresses = texts(endpoint, 'addresses');
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > maxAddresses) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, maxAddresses));
  }
  for (const [index, address] of addresses.entries()) {
    errors.push(...validateAddressOfType(address, type, `${path}.addresses`, index));
  }
  if (has(endpoint, 'nodeName')) {
    errors.push(...validateText(`${path}.nodeName`, text(endpoint, 'nodeName'), checkDns1123Subdomain));
  }
  const topology = Object.keys(struct(endpoint, 'deprecatedTopology')).length;
  if (topology > maxTopologyLabels)
    errors.push(tooMany(`${path}.deprecatedTopology`, topology, maxTopologyLabels));
  errors.push(...validateLabels(endpoint, 'deprecatedTopology', `${path}.deprecatedTopology`));
  if (has(endpoint, 'hostname')) {
    errors.push(...validateText(`${path}.hostname`, text(endpoint, 'hostname'), checkDns1123Label));
  }
  const hints = struct(endpoint, 'hints');
  return [
    ...errors,
    ...validateHints(structs(hints, 'forZones'), `${path}.hints.forZones`, checkLabelValue),
    ...validateHints(structs(hints, 'forNodes'), `${path}.hints.forNodes`, checkDns1123Subdomain),
  ];
}

function validateAddressOfType(address: string, type: string, path: string, index: number): FieldError[] {
  const here = `${path}[${index}]`;
  if (type === 'FQDN') return validateDomainName(here, address);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = type === 'IPv4' ? validateLegacyAddress(here, address) : validateAddress(here, address);
  if (errors.length > 0) return errors;
  const isOfType = isIPv6Text(address) === (type === 'IPv6');
  const wrong = isOfType ? [] : [invalid(path, address, `must be an ${type} address`)];
  return [...wrong, ...validateEndpointAddress(here, address)];
}

/** Source: IsFullyQualifiedDomainName. */
function validateDomainName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const plain = name.replace(/\.$/, '');
  const problems = checkDns1123Subdomain(plain);
  if (problems.length > 0) return [invalid(path, name, problems.join(','))];
  const labels = plain.split('.');
  if (labels.length < 2)
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  return labels.flatMap((label) =>
    checkDns1123Label(label).length > 0 ? [invalid(path, label, checkDns1123Label(label).join(','))] : [],
  );
}

function validateHints(
  hints: readonly JsonObject[],
  path: string,
  check: (value: string) => readonly string[],
): FieldError[] {
  if (hints.length > maxHints) return [tooMany(path, hints.length, maxHints)];
  const names = new Set<string>();
  return hints.flatMap((hint, index) => {
    const name = text(hint, 'name');
    const here = `${path}[${index}].name`;
    const repeated = names.has(name) ? [duplicate(here, name)] : [];
    names.add(name);
    return [...repeated, ...validateText(here, name, check)];
  });
}
