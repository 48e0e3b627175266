/** What several parts ask of a Pod. */
import type { Pod, PodCondition, ServicePort } from '../types/kinds.ts';

/** One condition of a Pod's status. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether the Pod's Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Whether the Pod has been ready for so many seconds. Source: pkg/api/v1/pod, IsPodAvailable. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return isPodReady(pod) && msUntilAvailable(pod, minReadySeconds, nowMs) <= 0;
}

/** How long a ready Pod still has to stay so until it counts as available; not above 0 when it does. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number {
  if (minReadySeconds === 0) return 0;
  const since = podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  return Date.parse(since) + minReadySeconds * 1000 - nowMs;
}

/** Whether the Pod has run to its end, in success or failure. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether a controller counts the Pod: neither ended nor being deleted. Source: pkg/controller, IsPodActive. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether an init container is a sidecar, which runs on beside the Pod's containers. */
export function isSidecar(container: { readonly restartPolicy?: string }): boolean {
  return container.restartPolicy === 'Always';
}

/**
 * The port of a Pod that a Service's port leads to; undefined when targetPort names one that the Pod does not declare.
 * Source: k8s.io/endpointslice, FindPort.
 */
export function findPodPort(pod: Pod, servicePort: ServicePort): number | undefined {
  const target: unknown = servicePort.targetPort;
  if (typeof target === 'number') return target;
  if (typeof target !== 'string') return servicePort.port;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter(isSidecar)];
  for (const container of containers) {
    for (const port of container.ports ?? []) {
      if (port.name === target && (port.protocol ?? 'TCP') === (servicePort.protocol ?? 'TCP')) {
        return port.containerPort;
      }
    }
  }
  return undefined;
}
