/**
 * Spreads desired endpoints over slices with as few writes as possible: what is in a slice stays there, freed room is
 * filled, and only then new slices are made. Source: k8s.io/endpointslice, reconciler.go.
 */
import type { Endpoint, EndpointSlice, EndpointSlicePort } from '../../api/types/kinds.ts';
import { jsonEqual } from '../../base/json.ts';

/** Endpoints that share their ports. */
export interface EndpointGroup {
  readonly ports: readonly EndpointSlicePort[];
  readonly endpoints: readonly Endpoint[];
}

/** What to write so that the slices hold the desired endpoints. */
export interface SlicePlan {
  readonly create: readonly EndpointGroup[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly remove: readonly EndpointSlice[];
}

/**
 * @param groups desired endpoints by their ports
 * @param existing the slices that the controller owns, in order of names
 */
export function planSlices(
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
  maxEndpointsPerSlice: number,
): SlicePlan {
  if (groups.length === 0) return planPlaceholder(existing);
  const create: EndpointGroup[] = [];
  const update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[] = [];
  const remove: EndpointSlice[] = [];
  const wanted = new Set(groups.map((group) => portsKey(group.ports)));
  for (const slice of existing) {
    if (!wanted.has(portsKey(slice.ports))) remove.push(slice);
  }
  for (const group of groups) {
    const slices = existing.filter((slice) => portsKey(slice.ports) === portsKey(group.ports));
    planGroup(group, slices, maxEndpointsPerSlice, { create, update, remove });
  }
  return { create, update, remove };
}

/** Without endpoints one empty slice stays, so that clients can tell a Service without any from one not yet seen. */
function planPlaceholder(existing: readonly EndpointSlice[]): SlicePlan {
  const [only] = existing;
  const isPlaceholder =
    existing.length === 1 && (only?.endpoints ?? []).length === 0 && (only?.ports ?? []).length === 0;
  if (isPlaceholder) return { create: [], update: [], remove: [] };
  return { create: [{ ports: [], endpoints: [] }], update: [], remove: existing };
}

interface MutablePlan {
  readonly create: EndpointGroup[];
  readonly update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[];
  readonly remove: EndpointSlice[];
}

function planGroup(
  group: EndpointGroup,
  slices: readonly EndpointSlice[],
  max: number,
  plan: MutablePlan,
): void {
  const left = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = [];
  const unchanged: { slice: EndpointSlice; endpoints: Endpoint[] }[] = [];
  for (const slice of slices) {
    const endpoints: Endpoint[] = [];
    for (const old of slice.endpoints ?? []) {
      const endpoint = left.get(endpointKey(old));
      if (endpoint === undefined) continue;
      endpoints.push(endpoint);
      left.delete(endpointKey(old));
    }
    if (jsonEqual(endpoints, slice.endpoints ?? [])) unchanged.push({ slice, endpoints });
    else changed.push({ slice, endpoints });
  }
  const rest = [...left.values()];
  const kept = changed.filter(({ endpoints }) => endpoints.length > 0);
  plan.remove.push(...changed.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice));
  for (const target of [...kept].sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    target.endpoints.push(...rest.splice(0, max - target.endpoints.length));
  }
  while (rest.length > 0) {
    const room = rest.length < max ? fullestWithRoom(unchanged, rest.length, max) : undefined;
    if (room === undefined) {
      plan.create.push({ ports: group.ports, endpoints: rest.splice(0, max) });
      continue;
    }
    unchanged.splice(unchanged.indexOf(room), 1);
    room.endpoints.push(...rest.splice(0, max - room.endpoints.length));
    kept.push(room);
  }
  plan.update.push(...kept);
}

function fullestWithRoom<T extends { readonly endpoints: readonly Endpoint[] }>(
  slices: readonly T[],
  needed: number,
  max: number,
): T | undefined {
  return slices
    .filter(({ endpoints }) => endpoints.length + needed <= max)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

function endpointKey(endpoint: Endpoint): string {
  return JSON.stringify([endpoint.targetRef?.uid ?? '', endpoint.hostname ?? '', endpoint.addresses]);
}

/** Ports as one text, so that endpoints with equal ports can share slices. */
export function portsKey(ports: readonly EndpointSlicePort[] | undefined): string {
  return (ports ?? [])
    .map((port) =>
      JSON.stringify([port.name ?? '', port.protocol ?? '', port.port ?? 0, port.appProtocol ?? '']),
    )
    .sort()
    .join();
}
