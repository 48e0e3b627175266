/** What the parts of a kubelet share. */
import type { Container, Pod } from '../../api/types/kinds.ts';
import type { EventQueue } from '../../base/event-queue.ts';
import type { Random } from '../../base/random.ts';
import type { ControllerContext, EventRecorder } from '../../client/client.ts';
import type { NetworkAdmin, ProcessAdmin } from '../../net/linux.ts';
import type { Image } from '../images/image.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import type { ResolverSettings } from './pod-files.ts';
import type { ContainerState, KubeletState, PodRecord } from './state.ts';

/** The node that a kubelet runs on. */
export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
  readonly isControlPlane: boolean;
}

/** Where images come from. */
export interface ImageSource {
  /** The image behind a name as a Pod gives it, or undefined when no registry has it. */
  find(name: string): Image | undefined;
  /** The full name: `nginx` is `docker.io/library/nginx:latest`. */
  canonicalName(name: string): string;
  /** The words of the runtime for a name that can't be pulled. */
  pullFailure(name: string): string;
}

/** What a kubelet is made from. */
export interface KubeletDependencies {
  readonly context: ControllerContext;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly images: ImageSource;
  readonly node: NodeFacts;
  readonly resolver: ResolverSettings;
}

/** See the head of this file. */
export interface KubeletParts {
  readonly deps: KubeletDependencies;
  readonly state: KubeletState;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  /** Has the Pod synced in an event of its own. */
  wake(record: PodRecord): void;
  /** Has it synced later, in the background. */
  wakeAfter(record: PodRecord, delayMs: number): void;
}

/** Writes an event about one container of a Pod. */
export function containerEvent(
  parts: KubeletParts,
  record: PodRecord,
  container: string,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
): void {
  const { spec } = record.pod;
  const isIn = (list: readonly { readonly name: string }[] | undefined) =>
    list?.some(({ name }) => name === container) ?? false;
  const list = isIn(spec?.initContainers)
    ? 'initContainers'
    : isIn(spec?.ephemeralContainers)
      ? 'ephemeralContainers'
      : 'containers';
  const field = `spec.${list}{${container}}`;
  parts.recorder.event(record.pod, event.type, event.reason, event.message, field);
}

/** A container of the Pod's spec. */
export function containerSpec(pod: Pod, name: string): Container | undefined {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers].find(
    (container) => container.name === name,
  );
}

/** `name_namespace(uid)`, as the kubelet's messages name a Pod. */
export function podTitle(record: PodRecord): string {
  return `${record.name}_${record.namespace}(${record.uid})`;
}

/** Whether the instance is up as far as its startup probe can tell. */
export function isStarted(record: PodRecord, container: ContainerState): boolean {
  const probe = record.probes.get(container.id)?.find(({ type }) => type === 'startup');
  return probe === undefined || probe.outcome === true;
}

/** Whether the instance is ready as far as its readiness probe can tell. */
export function isReady(record: PodRecord, container: ContainerState): boolean {
  const probe = record.probes.get(container.id)?.find(({ type }) => type === 'readiness');
  return probe === undefined || probe.outcome === true;
}
