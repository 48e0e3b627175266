/**
 * EndpointSlices that stopped naming their Service. kube-proxy files a slice under the Service that it names when it comes,
 * and throws away only what it hears of by that name: who takes the label kubernetes.io/service-name from a slice, or
 * changes it, leaves the endpoints of before with the old Service, also when the slice is deleted then, until it names that
 * Service again. A slice that is labelled headless is deleted for a proxy, since it watches those without the label.
 * Source: pkg/proxy/endpointslicecache.go in Kubernetes v1.36, and a kube-proxy that was asked.
 */
import type { EndpointSlice } from '../../api/types/kinds.ts';
import { isHeadlessSlice, serviceOfSlice } from './endpoints.ts';

/** By the Service (`namespace/name`) and the slice's name: what was known last. */
export type SlicesLeftBehind = Map<string, Map<string, EndpointSlice>>;

/** Notes how a slice changed. */
export function leaveBehind(
  left: SlicesLeftBehind,
  before: EndpointSlice | undefined,
  after: EndpointSlice | undefined,
): void {
  const from = before === undefined ? undefined : serviceOfSlice(before);
  const to = after === undefined ? undefined : serviceOfSlice(after);
  if (after !== undefined && to !== undefined) takeBack(left, to, after.metadata.name);
  if (before === undefined || after === undefined || from === undefined || from === to) return;
  if (isHeadlessSlice(after)) return;
  const slices = left.get(from) ?? new Map<string, EndpointSlice>();
  left.set(from, slices.set(before.metadata.name, before));
}

function takeBack(left: SlicesLeftBehind, service: string, name: string): void {
  const slices = left.get(service);
  if (slices?.delete(name) === true && slices.size === 0) left.delete(service);
}

/** The slices that a proxy still counts to a Service that they do not name any more. */
export function slicesLeftBehind(left: SlicesLeftBehind, service: string): Iterable<EndpointSlice> {
  return left.get(service)?.values() ?? [];
}
