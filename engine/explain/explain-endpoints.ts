/** Why endpoints that somebody wrote by hand take no packets: their ports or addresses do not fit. */
import type { EndpointSlice, Service, ServicePort } from '../api/types/kinds.ts';
import { endpointSlices, services } from '../api/types/resources.ts';
import type { Cause, ObjectName } from './cause.ts';
import type { ExplainView } from './explain.ts';
import { objectName } from './explain-service.ts';

/** Source: LabelServiceName and LabelManagedBy in k8s.io/api/discovery/v1. */
const serviceNameLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** What is wrong with the endpoints of a Service without a selector, when something is. */
export function explainWrittenEndpoints(
  view: ExplainView,
  service: Service,
  askedPort: number,
): Cause | undefined {
  const port = portAsked(service, askedPort);
  if (isSelecting(service) || port === undefined) return undefined;
  const slices = slicesOf(view, service);
  const name = objectName('Service', service.metadata);
  const wanted = port.name ?? '';
  const joined = slices.filter((slice) => slice.ports?.some((entry) => (entry.name ?? '') === wanted));
  const [first] = slices;
  if (first !== undefined && joined.length === 0) {
    const found = slices.flatMap((slice) => (slice.ports ?? []).map((entry) => entry.name ?? ''));
    return {
      code: 'endpoint-port-name',
      service: name,
      endpoints: writtenObject(first),
      wanted,
      found: [...new Set(found)].sort(),
    };
  }
  for (const slice of joined) {
    for (const address of (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)) {
      const owner = view.list(services).find((other) => other.spec?.clusterIPs?.includes(address) === true);
      if (owner === undefined) continue;
      return {
        code: 'endpoint-is-service-address',
        service: name,
        endpoints: writtenObject(slice),
        address,
        owner: objectName('Service', owner.metadata),
      };
    }
  }
  return undefined;
}

/** The field of a slice that sent a packet to a port; undefined for a Service with a selector, whose slices nobody writes. */
export function writtenPortField(
  view: ExplainView,
  service: Service,
  askedPort: number,
  arrivedPort: number,
) {
  const wanted = portAsked(service, askedPort);
  if (isSelecting(service) || wanted === undefined) return undefined;
  for (const slice of slicesOf(view, service)) {
    const index = (slice.ports ?? []).findIndex(
      (entry) => (entry.name ?? '') === (wanted.name ?? '') && entry.port === arrivedPort,
    );
    if (index < 0) continue;
    const object = writtenObject(slice);
    const path = object.kind === 'Endpoints' ? `subsets[*].ports[${index}].port` : `ports[${index}].port`;
    return { object, path, value: String(arrivedPort) };
  }
  return undefined;
}

function portAsked(service: Service, asked: number): ServicePort | undefined {
  return service.spec?.ports?.find((entry) => entry.port === asked || entry.nodePort === asked);
}

function isSelecting(service: Service): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0;
}

function slicesOf(view: ExplainView, service: Service): readonly EndpointSlice[] {
  return view
    .list(endpointSlices, service.metadata.namespace)
    .filter((slice) => slice.metadata.labels?.[serviceNameLabel] === service.metadata.name);
}

/** A mirrored slice has the name of its Service's Endpoints for an owner: those are what somebody wrote. */
function writtenObject(slice: EndpointSlice): ObjectName {
  const isMirrored = slice.metadata.labels?.[managedByLabel]?.startsWith('endpointslicemirroring-') === true;
  return isMirrored
    ? objectName('Endpoints', { ...slice.metadata, name: slice.metadata.labels?.[serviceNameLabel] ?? '' })
    : objectName('EndpointSlice', slice.metadata);
}
