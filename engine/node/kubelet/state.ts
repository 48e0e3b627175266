/** What changes in a kubelet and in the container runtime under it: plain data, so that it can be forked. */
import type { Pod } from '../../api/types/kinds.ts';
import type { IpamState } from '../cni/host-local.ts';
import { ipamState } from '../cni/host-local.ts';

/** One node's kubelet. */
export interface KubeletState {
  /** By UID of the Pod. */
  readonly pods: Map<string, PodRecord>;
  readonly runtime: RuntimeState;
  readonly ipam: IpamState;
  /** The file system that probes are run from; made when it is first needed. */
  toolsRootfs: number | undefined;
  /** File systems of volumes that outlive Pods, by the PersistentVolume and the path in it that is mounted. */
  readonly claimed: Map<string, number>;
  /** Since when the kubelet is stopped; undefined while it runs. */
  stoppedMs: number | undefined;
}

/** What the kubelet knows of a Pod beyond the object. */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** As last seen; kept for the time after the object is gone. */
  pod: Pod;
  readonly startTime: string;
  /** Work in progress that the Pod waits for; there is never more than one, as one goroutine syncs a Pod. */
  operation: Operation | undefined;
  /** Why a container does not start, by container. */
  readonly waiting: Map<string, WaitingReason>;
  /** Crash loops, by container. */
  readonly crashBackOff: Map<string, BackOff>;
  /** Failed pulls, by image. */
  readonly pullBackOff: Map<string, PullBackOff>;
  /** File systems of the Pod's volumes, by volume and the path in it that is mounted. */
  readonly volumes: Map<string, number>;
  /** Images pulled for a container that is not created yet, by container. */
  readonly pulled: Map<string, string>;
  /** By container id. */
  readonly probes: Map<string, ProbeState[]>;
  /** By container id. */
  readonly kills: Map<string, KillState>;
  /** Why volumes can't be mounted, and how often that was tried. */
  mountProblem: { readonly tries: number; readonly messages: readonly string[] } | undefined;
  /** The event in which its volumes are renewed, when one is scheduled. */
  refresh: number | undefined;
  /** Whether the sandbox has been taken down for good. */
  isTornDown: boolean;
}

export type Operation =
  | { readonly kind: 'pull'; readonly container: string; readonly startedMs: number; readonly event: number }
  | { readonly kind: 'start'; readonly container: string; readonly id: string; readonly event: number }
  | {
      /** The postStart hook of a container that runs; once it has failed, the end of the container is waited for. */
      readonly kind: 'post-start';
      readonly container: string;
      readonly id: string;
      /** Its process; undefined for a pause. */
      readonly pid: number | undefined;
      readonly event: number;
      hasFailed: boolean;
    };

export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

/** Source: client-go/util/flowcontrol/backoff.go. */
export interface BackOff {
  readonly delayMs: number;
  readonly updatedMs: number;
}

export interface PullBackOff extends BackOff {
  readonly message: string;
}

/** One probe of one container instance. */
export interface ProbeState {
  readonly type: 'startup' | 'readiness' | 'liveness';
  /** Undefined until a threshold was reached. */
  outcome: boolean | undefined;
  lastResult: boolean | undefined;
  run: number;
  onHold: boolean;
  /** The process that probes right now, with the event of its time-out. */
  running: { readonly pid: number; readonly timeout: number } | undefined;
  /** The event of the next probe. */
  next: number | undefined;
}

/** A container that is being stopped. */
export interface KillState {
  stage: 'pre-stop' | 'turn' | 'terminating' | 'killed';
  /** As it was given; a shorter one may come later. */
  graceMs: number;
  deadlineMs: number;
  /** Ids of the containers that have to end before it is this one's turn. */
  readonly waitsFor: readonly string[];
  timer: number | undefined;
}

/** The container runtime of a node. */
export interface RuntimeState {
  readonly sandboxes: Map<string, SandboxState>;
  readonly containers: Map<string, ContainerState>;
  /** References of the images that are on the node, with the moment of their pull. */
  readonly images: Map<string, number>;
  /** What the processes are that the runtime started. */
  readonly pids: Map<number, ProcessRole>;
}

export type ProcessRole =
  | { readonly role: 'container'; readonly id: string }
  | { readonly role: 'exec'; readonly id: string }
  | { readonly role: 'probe'; readonly uid: string; readonly id: string; readonly type: ProbeState['type'] }
  | {
      readonly role: 'hook';
      readonly uid: string;
      readonly id: string;
      readonly hook: 'postStart' | 'preStop';
    };

/** A Pod's sandbox: the pause process and the network namespace that it holds. */
export interface SandboxState {
  readonly id: string;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly attempt: number;
  readonly createdMs: number;
  readonly netns: string;
  readonly hostNetwork: boolean;
  readonly hostname: string;
  readonly address: string;
  readonly rootfs: number;
  pid: number | undefined;
  isReady: boolean;
}

/** One instance of a container; a restart makes another. */
export interface ContainerState {
  readonly id: string;
  readonly sandboxId: string;
  readonly uid: string;
  readonly name: string;
  /** How often the container was restarted before this instance. */
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  readonly createdMs: number;
  readonly rootfs: number;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  state: 'created' | 'running' | 'exited';
  pid: number | undefined;
  startedMs: number;
  finishedMs: number;
  exitCode: number;
  reason: string;
  message: string;
}

/** The first state of a node's kubelet: no Pods, no images. */
export function kubeletState(): KubeletState {
  return {
    pods: new Map(),
    runtime: { sandboxes: new Map(), containers: new Map(), images: new Map(), pids: new Map() },
    ipam: ipamState(),
    toolsRootfs: undefined,
    claimed: new Map(),
    stoppedMs: undefined,
  };
}
