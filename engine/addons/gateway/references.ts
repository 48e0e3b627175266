/**
 * What routes and listeners refer to: Services as backends, across namespaces only where a ReferenceGrant of the other
 * namespace allows it. Source: Gateway API, ReferenceGrant; envoyproxy/gateway, internal/gatewayapi/{validate,route}.go.
 * Left out: other kinds of backends (ServiceImport, Envoy Gateway's Backend), BackendTLSPolicy.
 */
import { number, struct, structs, text } from '../../api/read.ts';
import type { EndpointSlice, Secret, Service } from '../../api/types/kinds.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Backend, Problem } from './configuration.ts';
import { gatewayGroup } from './resources.ts';

/** What references lead to. */
export interface ReferenceView {
  readonly grants: readonly JsonObject[];
  service(namespace: string, name: string): Service | undefined;
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
  secret(namespace: string, name: string): Secret | undefined;
}

/** The end of a reference. */
export interface ReferenceEnd {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether a ReferenceGrant allows objects of a kind in a namespace to refer to an object. */
export function isGranted(
  grants: readonly JsonObject[],
  from: { readonly kind: string; readonly namespace: string },
  to: ReferenceEnd,
): boolean {
  return grants.some((grant) => {
    if (text(struct(grant, 'metadata'), 'namespace') !== to.namespace) return false;
    const spec = struct(grant, 'spec');
    const isFrom = structs(spec, 'from').some(
      (entry) =>
        text(entry, 'group') === gatewayGroup &&
        text(entry, 'kind') === from.kind &&
        text(entry, 'namespace') === from.namespace,
    );
    return (
      isFrom &&
      structs(spec, 'to').some((entry) => {
        const name = text(entry, 'name');
        return (
          text(entry, 'group') === to.group &&
          text(entry, 'kind') === to.kind &&
          (name === '' || name === to.name)
        );
      })
    );
  });
}

/** The Service that a backendRef names, with its endpoints, or why it can't be asked. */
export function resolveBackend(
  view: ReferenceView,
  from: { readonly kind: string; readonly namespace: string },
  reference: JsonObject,
): Backend {
  const namespace = text(reference, 'namespace') || from.namespace;
  const name = text(reference, 'name');
  const port = number(reference, 'port') ?? 0;
  const weight = number(reference, 'weight') ?? 1;
  const backend = { namespace, name, port, weight, endpoints: [] };
  const problem = findProblem(view, from, reference, backend);
  if (problem !== undefined) return { ...backend, problem };
  return { ...backend, endpoints: endpointsOf(view, namespace, name, port) };
}

function findProblem(
  view: ReferenceView,
  from: { readonly kind: string; readonly namespace: string },
  reference: JsonObject,
  { namespace, name, port }: Pick<Backend, 'namespace' | 'name' | 'port'>,
): Problem | undefined {
  const group = text(reference, 'group');
  const kind = text(reference, 'kind') || 'Service';
  if (group !== '') {
    return {
      reason: 'InvalidKind',
      message:
        'group is invalid, only the core API group (specified by omitting the group field or setting it to an empty string), multicluster.x-k8s.io and gateway.envoyproxy.io are supported',
    };
  }
  if (kind !== 'Service') {
    const message = 'kind is invalid, only Service, MCS ServiceImport, and Backend are supported';
    return { reason: 'InvalidKind', message };
  }
  if (namespace !== from.namespace && !isGranted(view.grants, from, { group, kind, namespace, name })) {
    const message = `backend ref to ${kind} ${namespace}/${name} not permitted by any ReferenceGrant`;
    return { reason: 'RefNotPermitted', message };
  }
  if (port === 0) {
    const message = 'a valid port number corresponding to a port on the Service must be specified';
    return { reason: 'PortNotSpecified', message };
  }
  const service = view.service(namespace, name);
  if (service === undefined)
    return { reason: 'BackendNotFound', message: `service ${namespace}/${name} not found` };
  const ports = service.spec?.ports ?? [];
  if (!ports.some((entry) => entry.port === port && (entry.protocol ?? 'TCP') === 'TCP'))
    return { reason: 'PortNotFound', message: `TCP Port ${port} not found on Service ${namespace}/${name}` };
  return undefined;
}

/** Ready endpoints of a Service's port, Pods themselves: no packet goes to the cluster address. */
function endpointsOf(view: ReferenceView, namespace: string, name: string, port: number): readonly string[] {
  const portName =
    view.service(namespace, name)?.spec?.ports?.find((entry) => entry.port === port)?.name ?? '';
  const found = new Set<string>();
  for (const slice of view.slicesOf(namespace, name)) {
    const target = slice.ports?.find((entry) => (entry.name ?? '') === portName)?.port;
    if (target === undefined) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      const isDraining = conditions?.terminating === true || conditions?.ready === false;
      if (!isDraining) for (const address of addresses) found.add(`${address}:${target}`);
    }
  }
  return [...found].sort();
}
