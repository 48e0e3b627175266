/**
 * When the change happened that leads to a change of endpoints, as an annotation tells. Source:
 * k8s.io/endpointslice/util/trigger_time_tracker.go. What the original remembers of Pods is read from the endpoints here.
 */
import { isPodReady, podCondition } from '../../api/objects/pods.ts';
import type { Pod, Service } from '../../api/types/kinds.ts';

/** The annotation of Endpoints and EndpointSlices. */
const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * The time to be told, or undefined when none is: the Service's creation at first, then the earliest change of a Pod that is new
 * or changed its readiness. `known` are the Pods in the endpoints as they are, by UID, with their readiness where it shows;
 * undefined before there are any.
 */
export function triggerTime(
  service: Service,
  selected: readonly Pod[],
  known: ReadonlyMap<string, boolean | undefined> | undefined,
): string | undefined {
  if (known === undefined) return service.metadata.creationTimestamp;
  const times = selected.flatMap((pod) => {
    const { uid } = pod.metadata;
    const was = known.get(uid);
    const isChanged = !known.has(uid) || (was !== undefined && was !== isPodReady(pod));
    return isChanged ? (podCondition(pod, 'Ready')?.lastTransitionTime ?? []) : [];
  });
  return times.sort()[0];
}

/** Annotations with the time, or without it. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [triggerTimeAnnotation]: _, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [triggerTimeAnnotation]: time };
}
