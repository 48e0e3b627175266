/**
 * From a Service and a Pod to an endpoint and the ports it is reached at.
 * Source: k8s.io/endpointslice, utils.go and util/controller_utils.go. Left out: IPv6, zones.
 */
import { findPodPort, isPodReady, isPodTerminal } from '../../../api/objects/pods.ts';
import type { Endpoint, EndpointSlicePort, Pod, Service } from '../../../api/types/kinds.ts';

/** Whether the Pod belongs into the Service's slices at all: it has an address and has not ended. */
export function belongsIntoSlices(pod: Pod): boolean {
  return !isPodTerminal(pod) && podIP(pod) !== undefined;
}

/** The endpoint of a Pod, with its three conditions. */
export function podEndpoint(pod: Pod, service: Service): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const nodeName = pod.spec?.nodeName;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hints = nodeHints(service, nodeName, ready);
  return {
    addresses: [podIP(pod) ?? ''],
    conditions: { ready, serving, terminating },
    ...(hasPublishedHostname(pod, service) ? { hostname: pod.spec?.hostname ?? '' } : {}),
    ...(hints === undefined ? {} : { hints }),
    ...(nodeName === undefined || nodeName === '' ? {} : { nodeName }),
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid,
    },
  };
}

/** The ports of the Service as this Pod offers them; a named targetPort that the Pod does not declare is left out. */
export function podPorts(pod: Pod, service: Service): readonly EndpointSlicePort[] {
  const found: EndpointSlicePort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const port = findPodPort(pod, servicePort);
    if (port === undefined) continue;
    found.push({
      name: servicePort.name ?? '',
      port,
      protocol: servicePort.protocol ?? 'TCP',
      ...(servicePort.appProtocol === undefined ? {} : { appProtocol: servicePort.appProtocol }),
    });
  }
  return found;
}

function podIP(pod: Pod): string | undefined {
  const address = pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip;
  return address === '' ? undefined : address;
}

function hasPublishedHostname(pod: Pod, service: Service): boolean {
  const hostname = pod.spec?.hostname ?? '';
  return hostname !== '' && pod.spec?.subdomain === service.metadata.name;
}

function nodeHints(service: Service, nodeName: string | undefined, ready: boolean): Endpoint['hints'] {
  if (service.spec?.trafficDistribution !== 'PreferSameNode' || !ready) return undefined;
  return nodeName === undefined || nodeName === '' ? undefined : { forNodes: [{ name: nodeName }] };
}
