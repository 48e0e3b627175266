/**
 * EndpointSlices. Source: pkg/registry/discovery/endpointslice/strategy.go, pkg/apis/discovery/v1/defaults.go,
 * printEndpointSlice.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import {
  asJson,
  has,
  mapStructs,
  number,
  struct,
  structs,
  text,
  texts,
  withDefaults,
  without,
} from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from '../validation/endpoint-slice.ts';
import { addressWarnings } from '../validation/ip.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** Items that a cell shows before it counts the rest. */
const shownItems = 3;

/** discovery.k8s.io/v1 EndpointSlice. */
export const endpointSliceKind: KindDefinition = defineKind({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  schema: 'V1EndpointSlice',
  hasGeneration: true,
  applyDefaults: (slice) =>
    mapStructs(slice, 'ports', (port) => withDefaults(port, { name: '', protocol: 'TCP' })),
  prepareForCreate: (slice) => ({
    ...withoutTopology(slice),
    metadata: { ...struct(slice, 'metadata'), generation: 1 },
  }),
  prepareForUpdate: (slice, old) => withoutTopology(bumpGeneration(slice, old)),
  validateRest: validateEndpointSlice,
  changedMeta: ['new'],
  validateChange: validateEndpointSliceUpdate,
  warnings: sliceWarnings,
  columns: [
    nameColumn,
    column('AddressType', 'string', 'The family of the addresses.'),
    column('Ports', 'string', 'The ports of the endpoints.'),
    column('Endpoints', 'string', 'The addresses of the endpoints.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const slice = asJson(object);
    return [
      object.metadata.name,
      text(slice, 'addressType'),
      formatSome(structs(slice, 'ports').map(formatPort)),
      formatSome(structs(slice, 'endpoints').flatMap((endpoint) => texts(endpoint, 'addresses'))),
      age(object, nowMs),
    ];
  },
});

/** What its own controllers write needs no warning. */
function sliceWarnings(slice: JsonObject): readonly string[] {
  const labels = struct(struct(slice, 'metadata'), 'labels');
  const manager = text(labels, 'endpointslice.kubernetes.io/managed-by');
  const own = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];
  if (own.includes(manager)) return [];
  const isDomain = text(slice, 'addressType') === 'FQDN';
  return [
    ...(isDomain ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...structs(slice, 'endpoints').flatMap((endpoint, index) =>
      texts(endpoint, 'addresses').flatMap((address, at) =>
        addressWarnings(`endpoints[${index}].addresses[${at}]`, address),
      ),
    ),
  ];
}

/** What v1beta1 said in a map has fields of its own. Source: dropTopologyOnV1 of discovery/endpointslice/strategy.go. */
function withoutTopology(slice: JsonObject): JsonObject {
  return mapStructs(slice, 'endpoints', (endpoint) =>
    has(endpoint, 'deprecatedTopology') ? without(endpoint, 'deprecatedTopology') : endpoint,
  );
}

/** Anything but metadata, or labels and annotations, makes a new generation. */
function bumpGeneration(slice: JsonObject, oldObject: KubeObject): JsonObject {
  const old = asJson(oldObject);
  const metadata = struct(slice, 'metadata');
  const before = struct(old, 'metadata');
  const isChanged =
    ['addressType', 'endpoints', 'ports'].some((key) => !jsonEqual(slice[key] ?? null, old[key] ?? null)) ||
    !jsonEqual(metadata.labels ?? null, before.labels ?? null);
  const generation = (number(before, 'generation') ?? 0) + (isChanged ? 1 : 0);
  return { ...slice, metadata: { ...metadata, generation } };
}

function formatPort(port: JsonObject): string {
  if (has(port, 'port')) return String(number(port, 'port') ?? 0);
  return has(port, 'name') ? text(port, 'name') : '*';
}

function formatSome(items: readonly string[]): string {
  const list = items.slice(0, shownItems).join(',') || '<unset>';
  return items.length > shownItems ? `${list} + ${items.length - shownItems} more...` : list;
}
