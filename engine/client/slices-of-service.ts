/** The EndpointSlices of a Service, found by their label without going through all others. */
import type { EndpointSlice } from '../api/types/kinds.ts';
import type { Informer } from './client.ts';

/** Source: LabelServiceName in k8s.io/api/discovery/v1. */
const serviceNameLabel = 'kubernetes.io/service-name';

/** A way to the slices that say they belong to a Service, in order of their names. */
export function slicesOfService(
  slices: Informer<EndpointSlice>,
): (namespace: string, service: string) => readonly EndpointSlice[] {
  const find = slices.index('service', ({ metadata }) => {
    const name = metadata.labels?.[serviceNameLabel];
    return name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`];
  });
  return (namespace, service) => find(`${namespace}/${service}`);
}
