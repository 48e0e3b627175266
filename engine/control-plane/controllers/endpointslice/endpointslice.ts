/**
 * Keeps the EndpointSlices of every Service with a selector in step with its Pods.
 * Source: pkg/controller/endpointslice and k8s.io/endpointslice. Left out: IPv6 slices, topology by zones.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { hasLabels } from '../../../api/objects/labels.ts';
import { controllerReference } from '../../../api/objects/owners.ts';
import { isPodReady } from '../../../api/objects/pods.ts';
import type { EndpointSlice, Pod, Service, Status } from '../../../api/types/kinds.ts';
import { endpointSlices, pods, services } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { slicesOfService } from '../../../client/slices-of-service.ts';
import type { EndpointGroup } from '../plan-slices.ts';
import { planSlices, portsKey } from '../plan-slices.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { indexPodsByLabel } from '../pods-by-label.ts';
import { triggerTime, withTriggerTime } from '../trigger-time.ts';
import { belongsIntoSlices, podEndpoint, podPorts } from './desired-endpoints.ts';

/** Source: discovery.k8s.io/v1, LabelManagedBy with the name of this controller. */
const managedBy = 'endpointslice-controller.k8s.io';

/** Source: pkg/controller/endpointslice/config, default of --max-endpoints-per-slice. */
const maxEndpointsPerSlice = 100;

/** How long the controller lets changes of slices by others be. Source: endpointSliceChangeMinSyncDelay. */
const foreignChangeDelayMs = 1_000;

const reservedLabels: readonly string[] = [
  'endpointslice.kubernetes.io/managed-by',
  'kubernetes.io/service-name',
  'service.kubernetes.io/headless',
];

/** Starts the endpointslice controller. */
export function createEndpointSliceController(context: ControllerContext): void {
  const serviceInformer = context.informers.informer(services);
  const podInformer = context.informers.informer(pods);
  const podsByLabel = indexPodsByLabel(podInformer);
  const sliceInformer = context.informers.informer(endpointSlices);
  const slicesOf = slicesOfService(sliceInformer);
  const recorder = context.eventRecorder('endpoint-slice-controller');
  // Changes of its own, told in the midst of a reconcile, give the controller nothing to do. Source: ShouldSync and
  // HandleDeletion of k8s.io/endpointslice/util/endpointslice_tracker.go.
  let isWriting = false;
  const queue = context.workqueue('endpointslice', (key) => {
    isWriting = true;
    const outcome = reconcile(key);
    isWriting = false;
    return outcome;
  });

  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service !== undefined) queue.add(keyOf(service));
  });
  podInformer.onChange(({ before, after }) => {
    if (before !== undefined && after !== undefined && !matters(before, after)) return;
    const namespace = (after ?? before)?.metadata.namespace ?? '';
    for (const service of serviceInformer.list(namespace)) {
      const selector = service.spec?.selector ?? {};
      if (Object.keys(selector).length === 0) continue;
      const selected = [before, after].some(
        (pod) => pod !== undefined && hasLabels(selector, pod.metadata.labels),
      );
      if (selected) queue.add(keyOf(service));
    }
  });
  sliceInformer.onChange(({ before, after }) => {
    if (isWriting) return;
    const serviceNames = new Set([before, after].flatMap((slice) => serviceNameOf(slice) ?? []));
    // A slice that changes hands, or its Service, concerns who had it and who has it now.
    const isMoved =
      before !== undefined && after !== undefined && serviceNameOf(before) !== serviceNameOf(after);
    const isOurs = [before, after].some((slice) => slice !== undefined && isManaged(slice));
    if (!isMoved && !isOurs) return;
    const namespace = (after ?? before)?.metadata.namespace ?? '';
    for (const name of serviceNames) {
      // Nobody minds what becomes of the slices of a Service that is gone. Source: DeleteService of the same tracker.
      if (after === undefined && serviceInformer.get(namespace, name) === undefined) continue;
      queue.addAfter(`${namespace}/${name}`, foreignChangeDelayMs);
    }
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const service = serviceInformer.get(namespace, name);
    // The garbage collector takes the slices of a Service that is gone.
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return 'done';
    if (service.spec?.type === 'ExternalName') {
      return removeAll(namespace, name);
    }
    if (service.spec?.selector === undefined) return 'done';
    const selector = service.spec.selector;
    const selected = podsByLabel.withLabels(namespace, selector).filter(belongsIntoSlices);
    const failure = apply(service, selected);
    if (failure === undefined || isNamespaceTerminating(failure)) return 'done';
    const message = `Error updating Endpoint Slices for Service ${key}: ${failure.message ?? ''}`;
    recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message);
    return 'retry';
  }

  function ownSlices(namespace: string, name: string): readonly EndpointSlice[] {
    return slicesOf(namespace, name).filter(isManaged);
  }

  function removeAll(namespace: string, name: string): ReconcileOutcome {
    for (const slice of ownSlices(namespace, name)) {
      context.client.delete(endpointSlices, namespace, slice.metadata.name);
    }
    return 'done';
  }

  function apply(service: Service, selected: readonly Pod[]): Status | undefined {
    const namespace = service.metadata.namespace ?? '';
    const existing = ownSlices(namespace, service.metadata.name);
    const groups = groupByPorts(selected, service);
    const time = triggerTime(service, selected, existing.length === 0 ? undefined : knownPods(existing));
    const plan = planSlices(groups, existing, maxEndpointsPerSlice);
    let failure: Status | undefined;
    // A slice about to go serves the first new group instead, as upstream recycles.
    const recycled = plan.remove.slice(0, plan.create.length);
    for (const [index, group] of plan.create.entries()) {
      const old = recycled[index];
      const answer =
        old === undefined
          ? context.client.create(endpointSlices, namespace, newSlice(service, group, time))
          : context.client.update(endpointSlices, {
              ...old,
              metadata: writtenMetadata(old, service, time),
              ports: group.ports,
              endpoints: group.endpoints,
            });
      if (!answer.ok) failure ??= answer.error;
    }
    for (const slice of plan.remove.slice(recycled.length)) {
      context.client.delete(endpointSlices, namespace, slice.metadata.name);
    }
    const updates = new Map(plan.update.map(({ slice, endpoints }) => [slice.metadata.name, endpoints]));
    for (const slice of existing) {
      if (plan.remove.includes(slice)) continue;
      const endpoints = updates.get(slice.metadata.name);
      if (endpoints === undefined && jsonEqual(slice.metadata.labels, sliceLabels(service))) continue;
      const answer = context.client.update(endpointSlices, {
        ...slice,
        metadata: writtenMetadata(slice, service, time),
        endpoints: endpoints ?? slice.endpoints ?? [],
      });
      if (!answer.ok && answer.error.code !== 404) failure ??= answer.error;
    }
    return failure;
  }

  function newSlice(service: Service, group: EndpointGroup, time: string | undefined) {
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${service.metadata.name}-`,
        labels: sliceLabels(service),
        annotations: withTriggerTime(undefined, time),
        ownerReferences: [controllerReference(service, 'v1', 'Service')],
      },
      addressType: 'IPv4',
      ports: group.ports,
      endpoints: group.endpoints,
    };
  }

  function writtenMetadata(slice: EndpointSlice, service: Service, time: string | undefined) {
    const annotations = withTriggerTime(slice.metadata.annotations, time);
    return { ...slice.metadata, labels: sliceLabels(service), annotations };
  }
}

/** The Pods in slices, by UID, with their readiness. */
function knownPods(slices: readonly EndpointSlice[]): ReadonlyMap<string, boolean | undefined> {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  return new Map(endpoints.map(({ targetRef, conditions }) => [targetRef?.uid ?? '', conditions?.serving]));
}

function serviceNameOf(slice: EndpointSlice | undefined): string | undefined {
  return slice?.metadata.labels?.['kubernetes.io/service-name'];
}

function isManaged(slice: EndpointSlice): boolean {
  return slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === managedBy;
}

function groupByPorts(selected: readonly Pod[], service: Service): readonly EndpointGroup[] {
  const groups = new Map<
    string,
    { ports: EndpointGroup['ports']; endpoints: EndpointGroup['endpoints'][number][] }
  >();
  for (const pod of selected) {
    const ports = podPorts(pod, service);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(podEndpoint(pod, service));
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sliceLabels(service: Service): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(service.metadata.labels ?? {})) {
    if (!reservedLabels.includes(key)) labels[key] = value;
  }
  const clusterIP = service.spec?.clusterIP ?? '';
  if (clusterIP === '' || clusterIP === 'None') labels['service.kubernetes.io/headless'] = '';
  labels['kubernetes.io/service-name'] = service.metadata.name;
  labels['endpointslice.kubernetes.io/managed-by'] = managedBy;
  return labels;
}

function matters(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.status?.podIP !== after.status?.podIP ||
    before.status?.phase !== after.status?.phase ||
    isPodReady(before) !== isPodReady(after) ||
    !jsonEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {})
  );
}
