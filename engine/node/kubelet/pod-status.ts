/**
 * The status of a Pod from what the runtime knows: states of containers, phase, conditions, addresses.
 * Source: pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses, getPhase, generateAPIPodStatus).
 */
import { isSidecar } from '../../api/objects/pods.ts';
import type { Container, ContainerStatus, Pod } from '../../api/types/kinds.ts';
import type { JsonObject } from '../../base/json.ts';
import { podConditions } from './pod-conditions.ts';
import { shouldRestart } from './pod-plan.ts';
import type { ContainerState, SandboxState, WaitingReason } from './state.ts';

/** What the status follows from. */
export interface StatusInput {
  readonly pod: Pod;
  readonly startTime: string;
  readonly hostIP: string;
  readonly sandbox: SandboxState | undefined;
  /** Every instance of every container, oldest first. */
  readonly instances: readonly ContainerState[];
  readonly waiting: ReadonlyMap<string, WaitingReason>;
  /** Whether the Pod is to go: what has ended will not be restarted. */
  readonly isEnding: boolean;
  readonly now: string;
  isStarted(container: ContainerState): boolean;
  isReady(container: ContainerState): boolean;
  formatTime(ms: number): string;
}

/** The status to be written; what the kubelet does not own is kept. */
export function podStatus(input: StatusInput): JsonObject {
  const { pod } = input;
  const initContainers = pod.spec?.initContainers ?? [];
  const defaultReason = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const initContainerStatuses = initContainers.map((container) =>
    containerStatus(input, container, defaultReason, true),
  );
  const containerStatuses = [...(pod.spec?.containers ?? [])]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((container) => containerStatus(input, container, defaultReason, false));
  const ephemeralContainerStatuses = (pod.spec?.ephemeralContainers ?? []).map((container) =>
    ephemeralStatus(containerStatus(input, container, defaultReason, false)),
  );
  const phase = finalPhase(pod, podPhase(input, initContainerStatuses, containerStatuses));
  const address =
    pod.spec?.hostNetwork === true ? input.hostIP : (input.sandbox?.address ?? pod.status?.podIP);
  const conditions = podConditions({
    pod,
    phase,
    containerStatuses,
    initContainerStatuses,
    hasSandbox: input.sandbox?.isReady ?? false,
    now: input.now,
  });
  const keepsReason = phase === pod.status?.phase;
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions,
    ...(keepsReason && pod.status?.message !== undefined ? { message: pod.status.message } : {}),
    ...(keepsReason && pod.status?.reason !== undefined ? { reason: pod.status.reason } : {}),
    hostIP: input.hostIP,
    hostIPs: [{ ip: input.hostIP }],
    ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    startTime: pod.status?.startTime ?? input.startTime,
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 ? { ephemeralContainerStatuses } : {}),
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
  };
}

function containerStatus(
  input: StatusInput,
  container: Container,
  defaultReason: string,
  isInit: boolean,
): ContainerStatus {
  const instances = input.instances.filter(({ name }) => name === container.name);
  const current = instances.at(-1);
  const previous = instances.at(-2);
  const mounts = volumeMounts(container);
  if (current === undefined) {
    const reason = input.waiting.get(container.name);
    return {
      image: container.image ?? '',
      imageID: '',
      lastState: {},
      name: container.name,
      ready: false,
      restartCount: 0,
      started: false,
      state: { waiting: reason === undefined ? { reason: defaultReason } : formatWaiting(reason) },
      ...mounts,
    };
  }
  const isUp = current.state === 'running' && input.isStarted(current);
  const hasFinishedInit =
    isInit && !isSidecar(container) && current.state === 'exited' && current.exitCode === 0;
  const reason = input.waiting.get(container.name);
  const state = instanceState(input, current, defaultReason);
  // An instance that is about to be followed by another is told as the last one, once there is a reason to wait.
  const isOverridden =
    current.state === 'exited' &&
    reason !== undefined &&
    !input.isEnding &&
    !hasFinishedInit &&
    shouldRestart(input.pod, container, current);
  const last = isOverridden ? current : previous;
  const requests = container.resources?.requests;
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    containerID: `containerd://${current.id}`,
    image: current.image,
    imageID: digestReference(current),
    lastState: last === undefined ? {} : instanceState(input, last, defaultReason),
    name: container.name,
    ready: isInit && !isSidecar(container) ? hasFinishedInit : isUp && input.isReady(current),
    resources: container.resources ?? {},
    restartCount: current.attempt,
    started: isUp,
    state: isOverridden ? { waiting: formatWaiting(reason) } : state,
    user: containerUser(input.pod, container),
    ...mounts,
  };
}

/** Nobody asks whether such a container is ready or has started. */
function ephemeralStatus({ started: _started, ...status }: ContainerStatus): ContainerStatus {
  return { ...status, ready: false };
}

function instanceState(
  input: StatusInput,
  instance: ContainerState,
  defaultReason: string,
): NonNullable<ContainerStatus['state']> {
  if (instance.state === 'created') return { waiting: { reason: defaultReason } };
  if (instance.state === 'running') return { running: { startedAt: input.formatTime(instance.startedMs) } };
  return {
    terminated: {
      containerID: `containerd://${instance.id}`,
      exitCode: instance.exitCode,
      finishedAt: input.formatTime(instance.finishedMs),
      ...(instance.message === '' ? {} : { message: instance.message }),
      reason: instance.reason,
      // An instance that never ran tells the beginning of the epoch, as containerd does.
      startedAt: input.formatTime(instance.startedMs),
    },
  };
}

/** `docker.io/library/nginx@sha256:…` */
function digestReference(instance: ContainerState): string {
  return `${instance.image.replace(/:[^/:]*$/, '')}@${instance.imageId}`;
}

function formatWaiting({ reason, message }: WaitingReason) {
  return { ...(message === '' ? {} : { message }), reason };
}

function containerUser(pod: Pod, container: Container): NonNullable<ContainerStatus['user']> {
  const uid = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser ?? 0;
  const gid = container.securityContext?.runAsGroup ?? pod.spec?.securityContext?.runAsGroup ?? 0;
  return { linux: { gid, supplementalGroups: [gid], uid } };
}

function volumeMounts(container: Container): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ mountPath, name, readOnly }) => ({
      mountPath,
      name,
      ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}

function podPhase(
  input: StatusInput,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): string {
  const { pod } = input;
  let isInitPending = false;
  for (const container of pod.spec?.initContainers ?? []) {
    const status = initStatuses.find(({ name }) => name === container.name);
    const ended =
      status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
    if (isSidecar(container)) {
      const isComing = status?.state?.running !== undefined && status.started !== true;
      if (isComing || (status?.state?.waiting !== undefined && ended === undefined)) isInitPending = true;
    } else if (ended === undefined) isInitPending = true;
    else if (ended.exitCode !== 0) {
      if (!shouldRestart(pod, container, ended)) return 'Failed';
      isInitPending = true;
    }
  }
  const ended = statuses.map(
    (status) =>
      status.state?.terminated ?? (status.state?.waiting ? status.lastState?.terminated : undefined),
  );
  const running = statuses.filter((status) => status.state?.running !== undefined).length;
  const waiting = statuses.filter(
    (status, index) => status.state?.waiting && ended[index] === undefined,
  ).length;
  const hasRun = running > 0 || ended.some((end) => end !== undefined);
  if ((isInitPending && !hasRun) || waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  const failed = ended.some((end) => end !== undefined && end.exitCode !== 0);
  const comesAgain = (pod.spec?.containers ?? []).some((container) => {
    const end = ended[statuses.findIndex(({ name }) => name === container.name)];
    return end !== undefined && shouldRestart(pod, container, end);
  });
  if (comesAgain && !input.isEnding) return 'Running';
  return failed ? 'Failed' : 'Succeeded';
}

/** A phase that was told as the end stays. */
function finalPhase(pod: Pod, phase: string): string {
  const told = pod.status?.phase;
  return told === 'Succeeded' || told === 'Failed' ? told : phase;
}
