/**
 * Brings one Pod to where its object says it should be: sandbox, volumes, containers, status, and its end.
 * Source: pkg/kubelet/kubelet.go (SyncPod, SyncTerminatingPod, SyncTerminatedPod) and kuberuntime (SyncPod). Left out:
 * static Pods, eviction, resizing.
 */
import { isPodTerminal, isSidecar } from '../../api/objects/pods.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { configMaps, nodes, pods, secrets, services } from '../../api/types/resources.ts';
import { jsonEqual } from '../../base/json.ts';
import type { Answer } from '../../client/client.ts';
import type { PortMapping } from '../cni/portmap.ts';
import type { EnvironmentSources } from './environment.ts';
import type { Killer } from './killing.ts';
import type { KubeletParts } from './parts.ts';
import { isReady, isStarted } from './parts.ts';
import { podHostname } from './pod-files.ts';
import { planStarts } from './pod-plan.ts';
import { podStatus } from './pod-status.ts';
import type { Prober } from './prober.ts';
import type { Starter } from './starting.ts';
import type { ContainerState, PodRecord, SandboxState } from './state.ts';
import { volumeContent } from './volume-files.ts';

/** What a sync is done with. */
export interface SyncParts extends KubeletParts {
  readonly killer: Killer;
  readonly prober: Prober;
  readonly starter: Starter;
}

type VolumeFiles = ReadonlyMap<string, string | Uint8Array>;

/** Volumes are tried again after half a second, then twice that, up to two minutes. Source: volume/util, backoff. */
const firstMountDelayMs = 500;
const lastMountDelayMs = 122_000;

/** One step towards what the object says; whatever it waits for wakes the Pod again. */
export function syncPod(parts: SyncParts, record: PodRecord, pod: Pod): void {
  record.pod = pod;
  const isDeleted = pod.metadata.deletionTimestamp !== undefined;
  if (isDeleted || isPodTerminal(pod)) {
    endPod(parts, record, isDeleted);
    return;
  }
  if (failByDeadline(parts, record)) {
    endPod(parts, record, false);
    return;
  }
  if (record.operation !== undefined) return;
  writeStatus(parts, record, false);
  // The status may have told the end of a Pod whose containers have all run.
  if (record.operation === undefined && isPodTerminal(record.pod)) {
    endPod(parts, record, false);
    return;
  }
  if (!advance(parts, record)) writeStatus(parts, record, false);
}

/** Fails a Pod that has been there for too long. Source: pkg/kubelet/active_deadline.go. */
function failByDeadline(parts: SyncParts, record: PodRecord): boolean {
  const seconds = record.pod.spec?.activeDeadlineSeconds;
  if (seconds === undefined) return false;
  const { client } = parts.deps.context;
  const startTime = record.pod.status?.startTime ?? record.startTime;
  const leftMs = Date.parse(startTime) + seconds * 1000 - parts.deps.queue.now();
  if (leftMs > 0) {
    parts.wakeAfter(record, leftMs);
    return false;
  }
  const message = 'Pod was active on the node longer than the specified deadline';
  parts.recorder.event(record.pod, 'Normal', 'DeadlineExceeded', message);
  const status = { ...record.pod.status, phase: 'Failed', reason: 'DeadlineExceeded', message };
  const answer = client.updateStatus(pods, { ...record.pod, status });
  if (answer.ok) record.pod = answer.value;
  return answer.ok;
}

/** What is left to do for a Pod whose object is gone: everything ends at once. */
export function dropPod(parts: SyncParts, record: PodRecord): void {
  parts.starter.cancel(record);
  for (const container of parts.runtime.containersOf(record.uid)) {
    parts.prober.stop(record, container);
    parts.killer.ended(record, container);
    parts.runtime.signal(container, 'SIGKILL');
  }
  parts.runtime.removePod(record.uid);
  for (const rootfs of record.volumes.values()) parts.deps.processes.removeRootfs(rootfs);
  parts.state.pods.delete(record.uid);
}

/** Begins what can be begun. Returns true when the Pod waits for work in progress. */
function advance(parts: SyncParts, record: PodRecord): boolean {
  const sources = environmentSources(parts, record);
  const volumes = mountVolumes(parts, record, sources);
  if (volumes === undefined) return false;
  const sandbox = ensureSandbox(parts, record);
  if (sandbox === undefined) return false;
  const starts = planStarts({
    pod: record.pod,
    current: (name) => parts.runtime.current(record.uid, name),
    isStarted: (container) => isStarted(record, container),
  });
  const place = { sandbox, sources: { ...sources, podIP: sandbox.address }, volumes };
  for (const container of starts) {
    if (parts.starter.start(record, container, place) === 'begun') return true;
  }
  return false;
}

function ensureSandbox(parts: SyncParts, record: PodRecord): SandboxState | undefined {
  const existing = parts.runtime.sandboxOf(record.uid);
  if (existing?.isReady) return existing;
  const made = parts.runtime.runSandbox({
    uid: record.uid,
    namespace: record.namespace,
    name: record.name,
    attempt: existing === undefined ? 0 : existing.attempt + 1,
    hostNetwork: record.pod.spec?.hostNetwork === true,
    hostname: podHostname(record.pod, parts.deps.node.name),
    portMappings: portMappings(record.pod),
  });
  if (made.ok) return made.value;
  const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="bridge" name="kindnet" failed (add): ${made.error}`;
  parts.recorder.event(record.pod, 'Warning', 'FailedCreatePodSandBox', message);
  parts.wakeAfter(record, 10_000);
  return undefined;
}

function mountVolumes(
  parts: SyncParts,
  record: PodRecord,
  sources: EnvironmentSources,
): ReadonlyMap<string, VolumeFiles> | undefined {
  const mounted = new Map<string, VolumeFiles>();
  const messages: string[] = [];
  for (const volume of record.pod.spec?.volumes ?? []) {
    const content = volumeContent(record.pod, volume, sources);
    if (content.ok) mounted.set(volume.name, content.files);
    else
      messages.push(
        `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${content.message}`,
      );
  }
  if (messages.length === 0) {
    record.mountProblem = undefined;
    return mounted;
  }
  const tries = (record.mountProblem?.tries ?? 0) + 1;
  record.mountProblem = { tries, messages };
  for (const message of messages) parts.recorder.event(record.pod, 'Warning', 'FailedMount', message);
  parts.wakeAfter(record, Math.min(firstMountDelayMs * 2 ** Math.min(tries - 1, 10), lastMountDelayMs));
  return undefined;
}

/**
 * Stops what runs; then takes the sandbox down and, when the object is to go,
 * tells the API server that nothing is left of it.
 */
function endPod(parts: SyncParts, record: PodRecord, isDeleted: boolean): void {
  parts.starter.cancel(record);
  const running = parts.runtime.containersOf(record.uid).filter(({ state }) => state === 'running');
  if (running.length > 0) {
    stopContainers(parts, record, running);
    writeStatus(parts, record, false);
    return;
  }
  const sandbox = parts.runtime.sandboxOf(record.uid);
  if (sandbox?.isReady) parts.runtime.stopSandbox(sandbox);
  writeStatus(parts, record, true);
  if (!isDeleted || record.isTornDown) return;
  record.isTornDown = true;
  const { namespace, name, uid } = record;
  parts.deps.context.client.delete(pods, namespace, name, { gracePeriodSeconds: 0, uid });
}

/** All at once; but a sidecar's turn comes after the other containers and the sidecars that started after it. */
function stopContainers(parts: SyncParts, record: PodRecord, running: readonly ContainerState[]): void {
  const order = (record.pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const graceMs = graceSeconds(record.pod) * 1000;
  for (const container of running) {
    const place = order.indexOf(container.name);
    const waitsFor = running.filter(
      ({ name }) => place >= 0 && (!order.includes(name) || order.indexOf(name) > place),
    );
    parts.prober.stop(record, container, ['startup', 'liveness']);
    parts.killer.stop(record, container, {
      message: `Stopping container ${container.name}`,
      graceMs,
      waitsFor,
    });
  }
}

function graceSeconds(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
}

/** Tells the API server the status when it has changed, and takes over what the server answers. */
function writeStatus(parts: SyncParts, record: PodRecord, isEnding: boolean): void {
  const { runtime, deps } = parts;
  const status = podStatus({
    pod: record.pod,
    startTime: record.startTime,
    hostIP: deps.node.address,
    sandbox: runtime.sandboxOf(record.uid),
    instances: runtime.containersOf(record.uid),
    waiting: record.waiting,
    isEnding,
    now: deps.context.nowTimestamp(),
    isStarted: (container) => isStarted(record, container),
    isReady: (container) => isReady(record, container),
    formatTime: (ms) => new Date(ms).toISOString().replace(/\.[0-9]{3}Z$/, 'Z'),
  });
  if (jsonEqual(status, record.pod.status)) return;
  const answer = deps.context.client.updateStatus(pods, { ...record.pod, status });
  if (answer.ok) record.pod = answer.value;
  else if (answer.error.code === 409) parts.wake(record);
}

/** What a Pod's variables and volumes are made from. */
export function environmentSources(parts: KubeletParts, record: PodRecord): EnvironmentSources {
  const { client, informers } = parts.deps.context;
  const { node } = parts.deps;
  return {
    podIP: parts.runtime.sandboxOf(record.uid)?.address ?? '',
    hostIP: node.address,
    nodeName: node.name,
    services: informers.informer(services).list(),
    allocatable: informers.informer(nodes).get('', node.name)?.status?.allocatable ?? {},
    configMap: (name) => found(client.get(configMaps, record.namespace, name)),
    secret: (name) => found(client.get(secrets, record.namespace, name)),
  };
}

function found<T>(answer: Answer<T>): T | undefined {
  return answer.ok ? answer.value : undefined;
}

/** The ports of the node that the Pod's containers ask for. */
function portMappings(pod: Pod): readonly PortMapping[] {
  const containers = [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])];
  return containers.flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort, hostIP = '', protocol }) => {
      if (hostPort === 0) return [];
      const lower = (protocol ?? 'TCP').toLowerCase();
      const everywhere = hostIP === '' || hostIP === '0.0.0.0';
      return {
        hostPort,
        containerPort,
        protocol: lower === 'udp' || lower === 'sctp' ? lower : 'tcp',
        ...(everywhere ? {} : { hostIP }),
      };
    }),
  );
}
