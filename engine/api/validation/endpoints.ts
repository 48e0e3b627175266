/**
 * The rules of Endpoints. Source: ValidateEndpoints in pkg/apis/core/validation/validation.go of v1.36.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { has, number, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { protocols, validateChoice, validateText } from './fields.ts';
import { validateEndpointAddress, validateLegacyAddress } from './ip.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkPortNumber, checkQualifiedName } from './names.ts';

/** The problems of new Endpoints besides their metadata. */
export function validateEndpoints(endpoints: JsonObject): FieldError[] {
  return structs(endpoints, 'subsets').flatMap((subset, index) =>
    validateSubset(subset, `subsets[${index}]`),
  );
}

/** The problems of changed Endpoints: subsets that were there before stay accepted. */
export function validateEndpointsUpdate(endpoints: JsonObject, old: KubeObject): FieldError[] {
  return jsonEqual(endpoints.subsets, old.subsets) ? [] : validateEndpoints(endpoints);
}

function validateSubset(subset: JsonObject, path: string): FieldError[] {
  const addresses = structs(subset, 'addresses');
  const notReady = structs(subset, 'notReadyAddresses');
  const ports = structs(subset, 'ports');
  const errors: FieldError[] = [];
  if (addresses.length === 0 && notReady.length === 0) {
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
  }
  return [
    ...errors,
    ...addresses.flatMap((address, index) => validateSubsetAddress(address, `${path}.addresses[${index}]`)),
    ...notReady.flatMap((address, index) =>
      validateSubsetAddress(address, `${path}.notReadyAddresses[${index}]`),
    ),
    ...ports.flatMap((port, index) => validateSubsetPort(port, `${path}.ports[${index}]`, ports.length > 1)),
  ];
}

function validateSubsetAddress(address: JsonObject, path: string): FieldError[] {
  const ip = text(address, 'ip');
  const errors = validateLegacyAddress(`${path}.ip`, ip);
  const hostname = text(address, 'hostname');
  if (hostname !== '') errors.push(...validateText(`${path}.hostname`, hostname, checkDns1123Label));
  if (has(address, 'nodeName')) {
    errors.push(...validateText(`${path}.nodeName`, text(address, 'nodeName'), checkDns1123Subdomain));
  }
  return [...errors, ...validateEndpointAddress(`${path}.ip`, ip)];
}

function validateSubsetPort(port: JsonObject, path: string, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(port, 'name');
  if (name !== '') errors.push(...validateText(`${path}.name`, name, checkDns1123Label));
  else if (needsName) errors.push(required(`${path}.name`));
  const portNumber = number(port, 'port') ?? 0;
  errors.push(...checkPortNumber(portNumber).map((problem) => invalid(`${path}.port`, portNumber, problem)));
  errors.push(...validateChoice(path, port, 'protocol', protocols));
  if (has(port, 'appProtocol')) {
    errors.push(...validateText(`${path}.appProtocol`, text(port, 'appProtocol'), checkQualifiedName));
  }
  return errors;
}
