/** Why a Service does not answer, read from the Service, the Pods it selects and their state. */
import { isPodReady } from '../api/objects/pods.ts';
import type { ContainerStatus, Event, Pod, Service, ServicePort } from '../api/types/kinds.ts';
import {
  endpointSlices,
  endpoints,
  events,
  pods,
  replicationControllers,
  services,
} from '../api/types/resources.ts';
import type { RuleRef } from '../net/trace.ts';
import type { Cause, ObjectName, UnknownImage } from './cause.ts';
import type { ExplainView } from './explain.ts';

/** Source: LabelServiceName in k8s.io/api/discovery/v1. */
const serviceNameLabel = 'kubernetes.io/service-name';

/** An object's name for a cause. */
export function objectName(
  kind: string,
  metadata: { readonly name: string; readonly namespace?: string },
): ObjectName {
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

/**
 * Why a Service has no endpoint to send packets to: no selector, a selector that matches nothing (with the nearest
 * label), named ports that no Pod declares, or Pods that are not ready.
 */
export function explainNoEndpoints(view: ExplainView, service: Service, rule?: RuleRef): Cause {
  const name = objectName('Service', service.metadata);
  const withRule = rule === undefined ? {} : { rule };
  const selector = service.spec?.selector ?? {};
  if (Object.keys(selector).length === 0) {
    const stray = findStray(view, service);
    return { code: 'no-selector', service: name, ...(stray === undefined ? {} : { stray }), ...withRule };
  }
  const candidates = view.list(pods, service.metadata.namespace);
  const selected = candidates.filter((pod) => matches(selector, pod.metadata.labels ?? {}));
  if (selected.length === 0) {
    const nearest = nearestLabel(selector, candidates) ?? nearestLabel(selector, templatesOf(view, service));
    return {
      code: 'selector-matches-nothing',
      service: name,
      selector,
      ...(nearest === undefined ? {} : { nearest }),
      ...withRule,
    };
  }
  const ready = selected.filter(isPodReady);
  const missing = ready.length > 0 ? undeclaredPortName(service, ready) : undefined;
  if (missing !== undefined) return { code: 'named-port-missing', service: name, ...missing };
  return {
    code: 'no-ready-endpoints',
    service: name,
    pods: selected.map((pod) => {
      const image = unknownImageOf(view, pod.status?.containerStatuses?.find(isBroken));
      const reason = reasonNotReady(view, pod);
      return { pod: objectName('Pod', pod.metadata), reason, ...(image === undefined ? {} : { image }) };
    }),
    ...withRule,
  };
}

/** What was written for the Service, as it seems, but is tied to none: a slice by its label, Endpoints by their name. */
function findStray(view: ExplainView, service: Service) {
  const { namespace } = service.metadata;
  const known = new Set(view.list(services, namespace).map(({ metadata }) => metadata.name));
  const slice = view.list(endpointSlices, namespace).find(({ metadata }) => {
    const owner = metadata.labels?.[serviceNameLabel];
    return owner === undefined || !known.has(owner);
  });
  if (slice !== undefined) {
    const label = slice.metadata.labels?.[serviceNameLabel];
    const object = objectName('EndpointSlice', slice.metadata);
    return { object, ...(label === undefined ? {} : { label }) };
  }
  const written = view.list(endpoints, namespace).find(({ metadata }) => !known.has(metadata.name));
  return written === undefined ? undefined : { object: objectName('Endpoints', written.metadata) };
}

/** The container of a Pod that keeps it from running, or undefined when every one runs. */
export function explainPod(view: ExplainView, pod: Pod): Cause | undefined {
  const name = objectName('Pod', pod.metadata);
  const unscheduled = pod.status?.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
  );
  if (unscheduled !== undefined)
    return { code: 'pod-not-scheduled', pod: name, message: unscheduled.message ?? '' };
  const broken = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ].find(isBroken);
  if (broken === undefined) return undefined;
  const reason = reasonOf(broken);
  const isPull = /^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/.test(reason);
  const exitCode = broken.state?.terminated?.exitCode ?? broken.lastState?.terminated?.exitCode;
  const nearest = unknownImageOf(view, broken)?.nearest;
  const warning = exitCode === undefined && !isPull ? newestWarning(view, name) : undefined;
  return {
    code: 'container-not-running',
    pod: name,
    container: broken.name,
    reason,
    lastLog: view.lastLog(name.namespace, name.name, broken.name),
    ...(isPull && { image: broken.image }),
    ...(nearest === undefined ? {} : { nearest }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(warning === undefined ? {} : { warning }),
  };
}

/** The image that a container waits for in vain. */
function unknownImageOf(view: ExplainView, status: ContainerStatus | undefined): UnknownImage | undefined {
  const reason = status?.state?.waiting?.reason;
  if (status === undefined || (reason !== 'ErrImagePull' && reason !== 'ImagePullBackOff')) return undefined;
  const nearest = view.nearestImages(status.image);
  return nearest === undefined ? undefined : { name: status.image, nearest };
}

/** The message of the newest event of type Warning about an object. */
function newestWarning(view: ExplainView, object: ObjectName): string | undefined {
  return view
    .list(events, object.namespace)
    .filter(({ type, involvedObject }) => type === 'Warning' && involvedObject?.name === object.name)
    .sort((a, b) => (time(a) < time(b) ? 1 : -1))[0]?.message;
}

function time({ lastTimestamp, firstTimestamp, eventTime }: Event): string {
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? '';
}

/** Whether every pair of a selector stands among the labels. */
function matches(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
}

interface Labelled {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Pods that a controller would make, as if they were there: they too can show a wrong label. */
function templatesOf(view: ExplainView, service: Service): readonly Labelled[] {
  return view.list(replicationControllers, service.metadata.namespace).map((controller) => ({
    metadata: { ...controller.metadata, labels: controller.spec?.template?.metadata?.labels ?? {} },
  }));
}

/**
 * The candidate that carries most of the selector's pairs, and the first pair in which it differs. One that carries none of
 * its keys may still be meant by its name; any other would only mislead.
 */
function nearestLabel(selector: Readonly<Record<string, string>>, candidates: readonly Labelled[]) {
  const scored = candidates
    .map((candidate) => {
      const labels = candidate.metadata.labels ?? {};
      const keys = Object.keys(selector).filter((key) => Object.hasOwn(labels, key));
      const same = keys.filter((key) => labels[key] === selector[key]);
      const alike = keys.map((key) => commonStart(labels[key] ?? '', selector[key] ?? ''));
      return { candidate, labels, score: 2 * same.length + keys.length, alike: Math.max(0, ...alike) };
    })
    .sort((a, b) => b.score - a.score || b.alike - a.alike);
  const isNamedSo = ({ candidate }: { readonly candidate: Labelled }) =>
    Object.values(selector).some((value) => value !== '' && candidate.metadata.name.includes(value));
  const best = scored.find(({ score }) => score > 0) ?? scored.find(isNamedSo);
  if (best === undefined) return undefined;
  const differing = Object.entries(selector).find(([key, value]) => best.labels[key] !== value);
  if (differing === undefined) return undefined;
  const [key, wanted] = differing;
  return {
    pod: objectName('Pod', best.candidate.metadata),
    key,
    wanted,
    found: Object.hasOwn(best.labels, key) ? best.labels[key] : undefined,
  };
}

/** How many letters two values have in common from their beginning. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function undeclaredPortName(service: Service, ready: readonly Pod[]) {
  const declared = ready
    .flatMap((pod) => pod.spec?.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .flatMap((port) => port.name ?? []);
  const names = (service.spec?.ports ?? []).flatMap((port: ServicePort) =>
    typeof port.targetPort === 'string' ? [port.targetPort] : [],
  );
  const targetPort = names.find((name) => !declared.includes(name));
  return targetPort === undefined ? undefined : { targetPort, declared: [...new Set(declared)].sort() };
}

function reasonNotReady(view: ExplainView, pod: Pod): string {
  const broken = pod.status?.containerStatuses?.find(isBroken);
  if (broken !== undefined) return reasonOf(broken);
  const condition = pod.status?.conditions?.find((entry) => entry.type === 'Ready');
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const warning = newestWarning(view, objectName('Pod', pod.metadata));
  if (warning?.startsWith('Readiness probe failed') === true) return warning.trim();
  return condition?.reason ?? pod.status?.phase ?? 'Pending';
}

function isBroken(status: ContainerStatus): boolean {
  return (
    status.state?.waiting !== undefined ||
    (status.state?.terminated !== undefined && status.state.terminated.exitCode !== 0)
  );
}

function reasonOf(status: ContainerStatus): string {
  return status.state?.waiting?.reason ?? status.state?.terminated?.reason ?? 'Unknown';
}

/** Whether a Service has any endpoint at all, ready or not. */
export function hasEndpoints(view: ExplainView, service: Service): boolean {
  return view
    .list(endpointSlices, service.metadata.namespace)
    .some(
      (slice) =>
        slice.metadata.labels?.[serviceNameLabel] === service.metadata.name &&
        (slice.endpoints ?? []).some((endpoint) => endpoint.conditions?.ready !== false),
    );
}
