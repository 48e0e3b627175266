/**
 * From a backend of a rule to the addresses that are asked: ready endpoints, without the Service between.
 * Source: ingress-nginx, internal/ingress/controller/controller.go (serviceEndpoints), endpointslices.go (getEndpointsFromSlices).
 */
import type { EndpointSlice, IngressBackend, Service } from '../../api/types/kinds.ts';

/** The objects that endpoints come from. */
export interface BackendView {
  service(namespace: string, name: string): Service | undefined;
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
}

/** Where requests for a backend go. */
export interface Backend {
  /** `namespace-service-port`, as the access log has it. */
  readonly upstream: string;
  /** `address:port`, sorted; of an ExternalName `name:port`. */
  readonly endpoints: readonly string[];
  /** Why there are none. */
  readonly problem?: 'no-service' | 'no-port' | 'no-endpoints';
}

/** Finds the endpoints of a backend. */
export function findBackend(
  view: BackendView,
  namespace: string,
  backend: IngressBackend,
  serviceUpstream: boolean,
): Backend {
  const { name = '', port } = backend.service ?? {};
  const wanted = port?.name ?? String(port?.number ?? '');
  const upstream = `${namespace}-${name}-${wanted}`;
  const service = name === '' ? undefined : view.service(namespace, name);
  if (service === undefined) return { upstream, endpoints: [], problem: 'no-service' };
  const ports = service.spec?.ports ?? [];
  const found = ports.find(
    (candidate) =>
      candidate.name === wanted ||
      String(candidate.port) === wanted ||
      String(candidate.targetPort ?? '') === wanted,
  );
  if (service.spec?.type === 'ExternalName') {
    const number = Number(found?.targetPort ?? wanted);
    const host = service.spec.externalName ?? '';
    return Number.isInteger(number) && number > 0
      ? { upstream, endpoints: [`${host}:${number}`] }
      : { upstream, endpoints: [], problem: 'no-port' };
  }
  if (found === undefined) return { upstream, endpoints: [], problem: 'no-port' };
  if (serviceUpstream) {
    const address = service.spec?.clusterIP ?? 'None';
    if (address !== 'None') return { upstream, endpoints: [`${address}:${found.port}`] };
  }
  const endpoints = new Set<string>();
  for (const slice of view.slicesOf(namespace, name)) {
    const entry = slice.ports?.find((candidate) => (candidate.name ?? '') === (found.name ?? ''));
    if (entry?.port === undefined || slice.addressType !== 'IPv4') continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const address of endpoint.addresses) endpoints.add(`${address}:${entry.port}`);
    }
  }
  const sorted = [...endpoints].sort();
  return { upstream, endpoints: sorted, ...(sorted.length === 0 ? { problem: 'no-endpoints' } : {}) };
}
