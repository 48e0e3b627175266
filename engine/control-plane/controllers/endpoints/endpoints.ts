/**
 * Keeps the old Endpoints object of every Service with a selector in step with its Pods.
 * Source: pkg/controller/endpoint. Differs: ports of a subset stand in the Service's order, not in that of a hash.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { hasLabels } from '../../../api/objects/labels.ts';
import { findPodPort, isPodReady, isPodTerminal } from '../../../api/objects/pods.ts';
import type { EndpointSubset, Endpoints, EndpointsPort, Pod, Service } from '../../../api/types/kinds.ts';
import { endpoints, pods, services } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { indexPodsByLabel } from '../pods-by-label.ts';
import { triggerTime, withTriggerTime } from '../trigger-time.ts';

type Address = NonNullable<EndpointSubset['addresses']>[number];

/** Beyond this, addresses are cut and the object says so. Source: pkg/controller/endpoint, maxCapacity. */
const maxAddresses = 1000;

const capacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** Starts the endpoints controller. */
export function createEndpointsController(context: ControllerContext): void {
  const serviceInformer = context.informers.informer(services);
  const podInformer = context.informers.informer(pods);
  const podsByLabel = indexPodsByLabel(podInformer);
  const endpointsInformer = context.informers.informer(endpoints);
  const queue = context.workqueue('endpoints', (key) => reconcile(key));

  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service !== undefined) queue.add(keyOf(service));
  });
  podInformer.onChange(({ before, after }) => {
    const namespace = (after ?? before)?.metadata.namespace ?? '';
    if (before !== undefined && after !== undefined && !matters(before, after)) return;
    for (const service of serviceInformer.list(namespace)) {
      const selector = service.spec?.selector;
      if (selector === undefined) continue;
      const isSelected = [before, after].some(
        (pod) => pod !== undefined && hasLabels(selector, pod.metadata.labels),
      );
      if (isSelected) queue.add(keyOf(service));
    }
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const service = serviceInformer.get(namespace, name);
    if (service === undefined) {
      if (endpointsInformer.get(namespace, name) !== undefined)
        context.client.delete(endpoints, namespace, name);
      return 'done';
    }
    const selector = service.spec?.selector;
    if (service.spec?.type === 'ExternalName' || selector === undefined) return 'done';
    return write(service, podsByLabel.withLabels(namespace, selector));
  }

  function write(service: Service, selected: readonly Pod[]): ReconcileOutcome {
    const subsets = truncate(computeSubsets(service, selected));
    const namespace = service.metadata.namespace ?? '';
    const current = endpointsInformer.get(namespace, service.metadata.name);
    const labels = endpointsLabels(service);
    const isCapacityTold = current?.metadata.annotations?.[capacityAnnotation] === 'truncated';
    if (
      current !== undefined &&
      jsonEqual(current.subsets ?? [], subsets.subsets) &&
      jsonEqual(current.metadata.labels ?? {}, labels) &&
      isCapacityTold === subsets.isTruncated
    ) {
      return 'done';
    }
    const time = triggerTime(
      service,
      selected,
      current === undefined ? undefined : knownPods(service, current),
    );
    const annotations = {
      ...withTriggerTime(current?.metadata.annotations, time),
      ...(subsets.isTruncated ? { [capacityAnnotation]: 'truncated' } : {}),
    };
    const object = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...(current?.metadata ?? { name: service.metadata.name, namespace }), labels, annotations },
      ...(subsets.subsets.length > 0 ? { subsets: subsets.subsets } : {}),
    };
    const answer =
      current === undefined
        ? context.client.create(endpoints, namespace, object)
        : context.client.update(endpoints, object);
    return answer.ok || isNamespaceTerminating(answer.error) ? 'done' : 'retry';
  }
}

/** The Pods in Endpoints, by UID, with their readiness where the Service lets it show. */
function knownPods(service: Service, object: Endpoints): ReadonlyMap<string, boolean | undefined> {
  const shows = service.spec?.publishNotReadyAddresses !== true;
  const known = new Map<string, boolean | undefined>();
  for (const { addresses = [], notReadyAddresses = [] } of object.subsets ?? []) {
    for (const { targetRef } of addresses) known.set(targetRef?.uid ?? '', shows ? true : undefined);
    for (const { targetRef } of notReadyAddresses) known.set(targetRef?.uid ?? '', false);
  }
  return known;
}

/** One subset for each set of ports that several addresses share, addresses in order of number. */
function computeSubsets(service: Service, selected: readonly Pod[]): readonly EndpointSubset[] {
  const publishes = service.spec?.publishNotReadyAddresses === true;
  const groups = new Map<string, { ports: EndpointsPort[]; ready: Address[]; unready: Address[] }>();
  for (const pod of selected) {
    const ip = pod.status?.podIP ?? '';
    const isLeaving = pod.metadata.deletionTimestamp !== undefined && !publishes;
    if (isPodTerminal(pod) || ip === '' || isLeaving) continue;
    const ports = podPorts(service, pod);
    const isPortless = (service.spec?.ports ?? []).length === 0 && service.spec?.clusterIP === 'None';
    if (ports.length === 0 && !isPortless) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], unready: [] };
    (publishes || isPodReady(pod) ? group.ready : group.unready).push(podAddress(service, pod, ip));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ports, ready, unready }) => ({
    ...(ready.length > 0 ? { addresses: ready.sort(compareAddresses) } : {}),
    ...(unready.length > 0 ? { notReadyAddresses: unready.sort(compareAddresses) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }));
}

function podPorts(service: Service, pod: Pod): EndpointsPort[] {
  const ports: EndpointsPort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const port = findPodPort(pod, servicePort);
    if (port === undefined) continue;
    ports.push({
      ...((servicePort.name ?? '') === '' ? {} : { name: servicePort.name ?? '' }),
      port,
      protocol: servicePort.protocol ?? 'TCP',
      ...(servicePort.appProtocol === undefined ? {} : { appProtocol: servicePort.appProtocol }),
    });
  }
  return ports;
}

function podAddress(service: Service, pod: Pod, ip: string): Address {
  const hostname = pod.spec?.hostname ?? '';
  const hasName = hostname !== '' && pod.spec?.subdomain === service.metadata.name;
  return {
    ...(hasName ? { hostname } : {}),
    ip,
    nodeName: pod.spec?.nodeName ?? '',
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid,
    },
  };
}

interface Truncated {
  readonly subsets: readonly EndpointSubset[];
  readonly isTruncated: boolean;
}

/** Ready addresses are kept before those that are not. Source: pkg/controller/endpoint, truncateEndpoints. */
function truncate(subsets: readonly EndpointSubset[]): Truncated {
  const count = (key: 'addresses' | 'notReadyAddresses') =>
    subsets.reduce((sum, subset) => sum + (subset[key] ?? []).length, 0);
  if (count('addresses') + count('notReadyAddresses') <= maxAddresses) return { subsets, isTruncated: false };
  let room = maxAddresses;
  const cut = (addresses: readonly Address[] | undefined) => {
    const kept = (addresses ?? []).slice(0, room);
    room -= kept.length;
    return kept;
  };
  const ready = subsets.map((subset) => cut(subset.addresses));
  const cutSubsets = subsets.map((subset, index) => {
    const addresses = ready[index] ?? [];
    const notReadyAddresses = cut(subset.notReadyAddresses);
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(subset.ports === undefined ? {} : { ports: subset.ports }),
    };
  });
  return {
    subsets: cutSubsets.filter(
      (subset) => subset.addresses !== undefined || subset.notReadyAddresses !== undefined,
    ),
    isTruncated: true,
  };
}

function endpointsLabels(service: Service): Record<string, string> {
  const labels: Record<string, string> = { ...service.metadata.labels };
  const clusterIP = service.spec?.clusterIP ?? '';
  if (clusterIP === '' || clusterIP === 'None') labels['service.kubernetes.io/headless'] = '';
  else delete labels['service.kubernetes.io/headless'];
  labels['endpoints.kubernetes.io/managed-by'] = 'endpoint-controller';
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

function compareAddresses(a: Address, b: Address): number {
  const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number(a.ip) - number(b.ip) || compareKeys(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '');
}
