/**
 * Gives Services their cluster IPs, node ports and health check node ports. What is taken follows from the stored Services,
 * kept as an index, so nothing can leak: a write that fails has taken nothing. Source: pkg/registry/core/service/storage
 * (storage.go: patchAllocatedValues, normalizeClusterIPs; alloc.go).
 */
import { validateClusterIPs } from '../../../api/validation/service-addresses.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Random } from '../../../base/random.ts';
import { err, ok } from '../../../base/result.ts';
import { createSortedMap, type SortedMap } from '../../../base/sorted-map.ts';
import type { Store, StoredObject } from '../../store/store.ts';
import { nameOf, numberAt, objectAt, objectsAt, stringAt, stringsAt, withSpec } from '../object-access.ts';
import { internalError, invalid, type Outcome } from '../refusals.ts';
import { type AddressFields, completeFamilies, sameClusterIPs } from './ip-families.ts';
import { allocateNodePorts, needsHealthCheckPort, portsOf } from './node-ports.ts';
import { defaultServiceNetwork, isServiceAddress, pickServiceAddress } from './service-ranges.ts';

/** What is taken, and by which Service (its store key). */
export interface ServiceAllocationState {
  readonly clusterIPs: SortedMap<string>;
  /** Keys are the ports in decimal. */
  readonly nodePorts: SortedMap<string>;
}

/** The state when nothing is taken. */
export function serviceAllocationState(): ServiceAllocationState {
  return { clusterIPs: createSortedMap<string>(), nodePorts: createSortedMap<string>() };
}

/** See the head of this file. */
export class ServiceAllocator {
  readonly #state: ServiceAllocationState;
  readonly #random: Random;
  readonly #network: string;

  /** `network` is the network address of the /16 that Services get addresses from. */
  constructor(
    state: ServiceAllocationState,
    store: Store,
    random: Random,
    network: string = defaultServiceNetwork,
  ) {
    this.#state = state;
    this.#random = random;
    this.#network = network;
    store.listen('/services/', ({ key, before, after }) => {
      if (before !== undefined) this.#forget(before);
      if (after !== undefined) this.#note(key, after);
    });
  }

  /** Completes a Service that is to be created. */
  allocateForCreate(service: JsonObject, isDryRun: boolean): Outcome<JsonObject> {
    const fields = normalizedForCreate(addressFields(service));
    const completed = this.#completeFamilies(service, fields, undefined);
    if (!completed.ok) return completed;
    const addressed = this.#allocateAddresses(service, completed.value, isDryRun);
    if (!addressed.ok) return addressed;
    return this.#allocatePorts(addressed.value, undefined, isDryRun);
  }

  /** Completes a Service that is to replace another, keeping what was allocated where the new one does not say. */
  allocateForUpdate(service: JsonObject, before: StoredObject, isDryRun: boolean): Outcome<JsonObject> {
    const patched = keepAllocated(service, before);
    const beforeFields = addressFields(before);
    const fields = normalizedForUpdate(addressFields(patched), beforeFields);
    const completed = this.#completeFamilies(patched, fields, before);
    if (!completed.ok) return completed;
    const becomesAddressed = beforeFields.type === 'ExternalName' && fields.type !== 'ExternalName';
    const addressed = becomesAddressed
      ? this.#allocateAddresses(patched, completed.value, isDryRun)
      : ok(withAddressFields(patched, completed.value));
    if (!addressed.ok) return addressed;
    return this.#allocatePorts(addressed.value, before, isDryRun);
  }

  #completeFamilies(
    service: JsonObject,
    fields: AddressFields,
    before: StoredObject | undefined,
  ): Outcome<AddressFields> {
    // What makes no sense is refused before anything is allocated, without the other problems of the Service.
    const spec = { ...objectAt(service, 'spec'), clusterIPs: fields.clusterIPs };
    const senseless = validateClusterIPs(spec, before === undefined ? undefined : objectAt(before, 'spec'));
    if (senseless.length > 0) return err(invalid('', 'Service', nameOf(service), senseless));
    const completed = completeFamilies(fields, before === undefined ? undefined : addressFields(before));
    if (completed.errors.length > 0) return err(invalid('', 'Service', nameOf(service), completed.errors));
    return ok(completed.fields);
  }

  #allocateAddresses(service: JsonObject, fields: AddressFields, isDryRun: boolean): Outcome<JsonObject> {
    if (fields.type === 'ExternalName' || fields.clusterIPs[0] === 'None') {
      return ok(withAddressFields(service, fields));
    }
    const given = fields.clusterIPs[0] ?? '';
    if (given === '') {
      // Since a dry run takes none, upstream shows the address of the network.
      const picked = isDryRun
        ? this.#network
        : pickServiceAddress(this.#network, this.#random, (address) => this.#state.clusterIPs.has(address));
      if (picked === undefined) return err(internalError('failed to allocate a serviceIP: range is full'));
      return ok(withAddressFields(service, { ...fields, clusterIP: picked, clusterIPs: [picked] }));
    }
    // What is no address at all is left for validation to name.
    if (!/^[0-9a-fA-F:.]+$/.test(given)) return ok(withAddressFields(service, fields));
    const problem = this.#problemWithAddress(given);
    if (problem === undefined) return ok(withAddressFields(service, { ...fields, clusterIP: given }));
    const message = `Invalid value: ${JSON.stringify(fields.clusterIPs)}: failed to allocate IP ${given}: ${problem}`;
    return err(
      invalid('', 'Service', nameOf(service), [
        { type: 'FieldValueInvalid', field: 'spec.clusterIPs', message },
      ]),
    );
  }

  #problemWithAddress(address: string): string | undefined {
    if (!isServiceAddress(this.#network, address))
      return 'the provided network does not match the current range';
    if (this.#state.clusterIPs.has(address)) return 'provided IP is already allocated';
    return undefined;
  }

  #allocatePorts(
    service: JsonObject,
    before: StoredObject | undefined,
    isDryRun: boolean,
  ): Outcome<JsonObject> {
    return allocateNodePorts({
      service,
      before,
      isDryRun,
      random: this.#random,
      isTaken: (port) => this.#state.nodePorts.has(String(port)),
    });
  }

  #note(key: string, service: StoredObject): void {
    for (const address of addressFields(service).clusterIPs) {
      if (address !== 'None') this.#state.clusterIPs.set(address, key);
    }
    for (const port of portsOf(service)) this.#state.nodePorts.set(String(port), key);
  }

  #forget(service: StoredObject): void {
    for (const address of addressFields(service).clusterIPs) this.#state.clusterIPs.delete(address);
    for (const port of portsOf(service)) this.#state.nodePorts.delete(String(port));
  }
}

function addressFields(service: JsonObject): AddressFields {
  return {
    type: stringAt(service, 'spec', 'type') || 'ClusterIP',
    hasSelector: Object.keys(objectAt(service, 'spec', 'selector')).length > 0,
    clusterIP: stringAt(service, 'spec', 'clusterIP'),
    clusterIPs: stringsAt(service, 'spec', 'clusterIPs'),
    ipFamilies: stringsAt(service, 'spec', 'ipFamilies'),
    ipFamilyPolicy: stringAt(service, 'spec', 'ipFamilyPolicy'),
  };
}

function withAddressFields(service: JsonObject, fields: AddressFields): JsonObject {
  return withSpec(service, {
    clusterIP: fields.clusterIP === '' ? undefined : fields.clusterIP,
    clusterIPs: fields.clusterIPs.length === 0 ? undefined : fields.clusterIPs,
    ipFamilies: fields.ipFamilies.length === 0 ? undefined : fields.ipFamilies,
    ipFamilyPolicy: fields.ipFamilyPolicy === '' ? undefined : fields.ipFamilyPolicy,
  });
}

function normalizedForCreate(fields: AddressFields): AddressFields {
  if (fields.clusterIP === '' || fields.clusterIPs.length > 0) return fields;
  return { ...fields, clusterIPs: [fields.clusterIP] };
}

function normalizedForUpdate(fields: AddressFields, before: AddressFields): AddressFields {
  let { clusterIPs } = fields;
  const isSame = fields.clusterIP === before.clusterIP;
  if (before.clusterIPs.length > 0 && clusterIPs.length === 0 && isSame) clusterIPs = before.clusterIPs;
  if (!isSame) {
    // Changing one field and leaving the other as it was means both.
    const leftAlone = sameClusterIPs({ ...fields, clusterIP: before.clusterIP, clusterIPs }, before);
    if (leftAlone) clusterIPs = fields.clusterIP === '' ? [] : [fields.clusterIP];
  }
  return { ...fields, clusterIPs };
}

function keepAllocated(service: JsonObject, before: StoredObject): JsonObject {
  let kept = service;
  const type = stringAt(service, 'spec', 'type') || 'ClusterIP';
  const oldType = stringAt(before, 'spec', 'type');
  if (type !== 'ExternalName' && oldType !== 'ExternalName') {
    kept = withSpec(kept, {
      clusterIP: stringAt(kept, 'spec', 'clusterIP') || stringAt(before, 'spec', 'clusterIP'),
      clusterIPs:
        stringsAt(kept, 'spec', 'clusterIPs').length > 0
          ? stringsAt(kept, 'spec', 'clusterIPs')
          : stringsAt(before, 'spec', 'clusterIPs'),
    });
  }
  if (hasNodePorts(type) && hasNodePorts(oldType)) kept = keepNodePorts(kept, before);
  if (needsHealthCheckPort(service) && needsHealthCheckPort(before)) {
    const port =
      numberAt(kept, 'spec', 'healthCheckNodePort') || numberAt(before, 'spec', 'healthCheckNodePort');
    kept = withSpec(kept, { healthCheckNodePort: port });
  }
  return kept;
}

function hasNodePorts(type: string): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function keepNodePorts(service: JsonObject, before: StoredObject): JsonObject {
  const ports = objectsAt(service, 'spec', 'ports');
  const oldPorts = objectsAt(before, 'spec', 'ports');
  const named = new Map(oldPorts.map((port) => [stringAt(port, 'name'), numberAt(port, 'nodePort')]));
  const old = new Set(oldPorts.map((port) => numberAt(port, 'nodePort')));
  const used = new Set(ports.map((port) => numberAt(port, 'nodePort')).filter((port) => old.has(port)));
  const kept = ports.map((port) => {
    const wanted = named.get(stringAt(port, 'name'));
    if ((numberAt(port, 'nodePort') ?? 0) !== 0 || wanted === undefined || used.has(wanted)) return port;
    return { ...port, nodePort: wanted };
  });
  return withSpec(service, { ports: kept });
}
