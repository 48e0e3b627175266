/**
 * Endpoints: the older list of a Service's addresses. Source: printEndpoints, pkg/registry/core/endpoint.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapStructs, number, structs, text, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateEndpoints, validateEndpointsUpdate } from '../validation/endpoints.ts';
import { addressWarnings } from '../validation/ip.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** Addresses that a row shows before it counts the rest. */
const shownAddresses = 3;

/** core/v1 Endpoints. */
export const endpointsKind: KindDefinition = defineKind({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  schema: 'V1Endpoints',
  applyDefaults: (endpoints) =>
    mapStructs(endpoints, 'subsets', (subset) =>
      mapStructs(subset, 'ports', (port) => withDefaults(port, { protocol: 'TCP' })),
    ),
  validateRest: validateEndpoints,
  changedMeta: ['changed', 'new'],
  validateChange: validateEndpointsUpdate,
  warnings: (endpoints) =>
    structs(endpoints, 'subsets').flatMap((subset, index) =>
      ['addresses', 'notReadyAddresses'].flatMap((key) =>
        structs(subset, key).flatMap((address, at) =>
          addressWarnings(`subsets[${index}].${key}[${at}].ip`, text(address, 'ip')),
        ),
      ),
    ),
  columns: [nameColumn, column('Endpoints', 'string', 'Addresses and ports that take traffic.'), ageColumn],
  row: (endpoints, nowMs) => [
    endpoints.metadata.name,
    formatEndpoints(asJson(endpoints)),
    age(endpoints, nowMs),
  ],
});

function formatEndpoints(endpoints: JsonObject): string {
  const subsets = structs(endpoints, 'subsets');
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap((subset) => {
    const addresses = structs(subset, 'addresses').map((address) => text(address, 'ip'));
    const ports = structs(subset, 'ports');
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((ip) => joinHostPort(ip, number(port, 'port') ?? 0)));
  });
  const list = all.slice(0, shownAddresses).join(',');
  return all.length > shownAddresses ? `${list} + ${all.length - shownAddresses} more...` : list;
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
