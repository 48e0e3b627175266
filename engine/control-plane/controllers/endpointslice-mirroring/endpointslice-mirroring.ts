/**
 * Copies Endpoints that somebody wrote by hand, for a Service without selector, into EndpointSlices.
 * Source: pkg/controller/endpointslicemirroring. Left out: IPv6.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { controllerReference } from '../../../api/objects/owners.ts';
import type {
  Endpoint,
  EndpointSlice,
  EndpointSlicePort,
  Endpoints,
  Status,
} from '../../../api/types/kinds.ts';
import { endpointSlices, endpoints, services } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { slicesOfService } from '../../../client/slices-of-service.ts';
import type { EndpointGroup } from '../plan-slices.ts';
import { planSlices, portsKey } from '../plan-slices.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const managedBy = 'endpointslicemirroring-controller.k8s.io';

/** Source: pkg/controller/endpointslicemirroring/config, default of --mirroring-max-endpoints-per-subset. */
const maxEndpointsPerSubset = 1000;

/** Starts the endpointslice mirroring controller. */
export function createEndpointSliceMirroringController(context: ControllerContext): void {
  const serviceInformer = context.informers.informer(services);
  const endpointsInformer = context.informers.informer(endpoints);
  const sliceInformer = context.informers.informer(endpointSlices);
  const slicesOf = slicesOfService(sliceInformer);
  const queue = context.workqueue('endpointslice-mirroring', (key) => reconcile(key));

  endpointsInformer.onChange(({ before, after }) => {
    const object = after ?? before;
    if (object !== undefined) queue.add(keyOf(object));
  });
  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service !== undefined) queue.add(keyOf(service));
  });
  sliceInformer.onChange(({ before, after }) => {
    const slice = after ?? before;
    if (slice === undefined || !isMirrored(slice)) return;
    queue.add(
      `${slice.metadata.namespace ?? ''}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
    );
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const source = endpointsInformer.get(namespace, name);
    const service = serviceInformer.get(namespace, name);
    const existing = slicesOf(namespace, name).filter(isMirrored);
    const shouldMirror =
      source !== undefined &&
      mayBeMirrored(source) &&
      service !== undefined &&
      service.spec?.selector === undefined;
    if (!shouldMirror) {
      for (const slice of existing) context.client.delete(endpointSlices, namespace, slice.metadata.name);
      return 'done';
    }
    const failure = apply(source, existing);
    return failure === undefined || isNamespaceTerminating(failure) ? 'done' : 'retry';
  }

  function apply(source: Endpoints, existing: readonly EndpointSlice[]): Status | undefined {
    const namespace = source.metadata.namespace ?? '';
    const groups = mirroredGroups(source);
    const plan =
      groups.length === 0
        ? { create: [], update: [], remove: existing }
        : planSlices(groups, existing, maxEndpointsPerSubset);
    let failure: Status | undefined;
    for (const group of plan.create) {
      const answer = context.client.create(endpointSlices, namespace, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${source.metadata.name}-`,
          ...mirroredMetadata(source),
          ownerReferences: [controllerReference(source, 'v1', 'Endpoints')],
        },
        addressType: 'IPv4',
        ports: group.ports,
        endpoints: group.endpoints,
      });
      if (!answer.ok) failure ??= answer.error;
    }
    for (const slice of plan.remove) context.client.delete(endpointSlices, namespace, slice.metadata.name);
    const updates = new Map(plan.update.map(({ slice, endpoints: wanted }) => [slice.metadata.name, wanted]));
    for (const slice of existing) {
      if (plan.remove.includes(slice)) continue;
      const wanted = updates.get(slice.metadata.name);
      // Written anew it is given its name, and is not one to be named any more.
      const { generateName: _, ...named } = slice.metadata;
      const isCurrent = jsonEqual({ ...slice.metadata, ...mirroredMetadata(source) }, slice.metadata);
      if (wanted === undefined && isCurrent) continue;
      const metadata = { ...named, ...mirroredMetadata(source) };
      const answer = context.client.update(endpointSlices, {
        ...slice,
        metadata,
        endpoints: wanted ?? slice.endpoints ?? [],
      });
      if (!answer.ok) failure ??= answer.error;
    }
    return failure;
  }
}

function isMirrored(slice: EndpointSlice): boolean {
  return slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === managedBy;
}

/** Source: endpointslicemirroring_controller.go, shouldMirror. */
function mayBeMirrored(source: Endpoints): boolean {
  if (source.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] === 'true') return false;
  const annotations = source.metadata.annotations ?? {};
  return !Object.hasOwn(annotations, 'control-plane.alpha.kubernetes.io/leader');
}

function mirroredMetadata(source: Endpoints) {
  const annotations = Object.fromEntries(
    Object.entries(source.metadata.annotations ?? {}).filter(
      ([key]) =>
        key !== 'endpoints.kubernetes.io/last-change-trigger-time' &&
        key !== 'kubectl.kubernetes.io/last-applied-configuration',
    ),
  );
  return {
    labels: {
      ...source.metadata.labels,
      'kubernetes.io/service-name': source.metadata.name,
      'endpointslice.kubernetes.io/managed-by': managedBy,
    },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
}

function mirroredGroups(source: Endpoints): readonly EndpointGroup[] {
  const groups = new Map<string, { ports: readonly EndpointSlicePort[]; endpoints: Endpoint[] }>();
  for (const subset of source.subsets ?? []) {
    const ports = (subset.ports ?? []).map((port) => ({
      name: port.name ?? '',
      port: port.port,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    }));
    const group = groups.get(portsKey(ports)) ?? { ports, endpoints: [] };
    const addresses = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ];
    for (const { address, ready } of addresses.slice(0, maxEndpointsPerSubset)) {
      group.endpoints.push({
        addresses: [address.ip],
        conditions: { ready },
        ...(address.hostname === undefined ? {} : { hostname: address.hostname }),
        ...(address.nodeName === undefined ? {} : { nodeName: address.nodeName }),
        ...(address.targetRef === undefined ? {} : { targetRef: address.targetRef }),
      });
    }
    if (group.endpoints.length > 0) groups.set(portsKey(ports), group);
  }
  return [...groups.values()];
}
