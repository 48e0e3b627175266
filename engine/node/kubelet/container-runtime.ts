/**
 * The container runtime of a node: sandboxes, containers and images, as containerd keeps them. A sandbox is a pause
 * process that holds the Pod's network namespace while containers come and go.
 * Left out: users, cgroups, capabilities, devices, registries (images come from a table).
 */
import type { EventQueue } from '../../base/event-queue.ts';
import type { Random } from '../../base/random.ts';
import { err, invariant, ok, type Result } from '../../base/result.ts';
import type { NetworkAdmin, ProcessAdmin, ProcessExit } from '../../net/linux.ts';
import type { SignalName } from '../../net/process/syscalls.ts';
import { addPodToNetwork, removePodFromNetwork } from '../cni/bridge.ts';
import type { IpamState } from '../cni/host-local.ts';
import { addPortMappings, type PortMapping, removePortMappings } from '../cni/portmap.ts';
import type { Image } from '../images/image.ts';
import type { ContainerState, ProcessRole, RuntimeState, SandboxState } from './state.ts';

/** What the runtime works with. */
export interface RuntimeDependencies {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly node: { readonly name: string; readonly address: string; readonly podCIDR: string };
  readonly ipam: IpamState;
}

/** What a sandbox is made from. */
export interface SandboxSpec {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly attempt: number;
  readonly hostNetwork: boolean;
  readonly hostname: string;
  readonly portMappings: readonly PortMapping[];
}

/** What a container is made from. */
export interface ContainerSpec {
  readonly sandbox: SandboxState;
  readonly name: string;
  readonly attempt: number;
  readonly image: Image;
  /** The name by which the Pod asked for it. */
  readonly imageName: string;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** File systems by the paths at which they are seen. */
  readonly mounts: ReadonlyMap<string, number>;
}

/** How a container's own process is connected. */
export interface ContainerStreams {
  /** Whether its input stays open for whoever attaches. */
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

/** A process to be run inside a container. */
export interface ExecSpec {
  readonly argv: readonly string[];
  readonly tty?: boolean;
  readonly stdinOpen?: boolean;
  readonly foreground?: boolean;
  readonly followed?: boolean;
  readonly role: ProcessRole;
}

/** See the head of this file. */
export class ContainerRuntime {
  readonly #deps: RuntimeDependencies;
  readonly #state: RuntimeState;
  /** What belongs to each Pod, oldest first: it follows from the state and is made when it is first asked for. */
  #byPod: Map<string, PodParts> | undefined;

  constructor(deps: RuntimeDependencies, state: RuntimeState) {
    this.#deps = deps;
    this.#state = state;
  }

  /** The Pod's newest sandbox. */
  sandboxOf(uid: string): SandboxState | undefined {
    return this.#partsOf(uid)?.sandboxes.at(-1);
  }

  /** All sandboxes, oldest first. */
  sandboxes(): readonly SandboxState[] {
    return [...this.#state.sandboxes.values()];
  }

  /** Every instance of a Pod's containers, oldest first. */
  containersOf(uid: string): readonly ContainerState[] {
    return [...(this.#partsOf(uid)?.containers ?? [])];
  }

  /** All containers, oldest first. */
  containers(): readonly ContainerState[] {
    return [...this.#state.containers.values()];
  }

  container(id: string): ContainerState | undefined {
    return this.#state.containers.get(id);
  }

  /** The newest instance of a container. */
  current(uid: string, name: string): ContainerState | undefined {
    return this.#partsOf(uid)?.containers.findLast((container) => container.name === name);
  }

  hasImage(reference: string): boolean {
    return this.#state.images.has(reference);
  }

  addImage(reference: string): void {
    if (!this.#state.images.has(reference)) this.#state.images.set(reference, this.#deps.queue.now());
  }

  removeImage(reference: string): void {
    this.#state.images.delete(reference);
  }

  /** References of the images on the node, in order of their pulls. */
  images(): readonly string[] {
    return [...this.#state.images.keys()];
  }

  /** Makes the Pod's network and starts the pause process in it; the error is the network plugin's. */
  runSandbox(spec: SandboxSpec): Result<SandboxState, string> {
    const deps = this.#deps;
    const id = deps.random.hex(64);
    const machine = deps.node.name;
    let place = { netns: machine, address: deps.node.address };
    if (!spec.hostNetwork) {
      const added = addPodToNetwork(
        { net: deps.net, random: deps.random, machine, podCIDR: deps.node.podCIDR },
        deps.ipam,
        id,
      );
      if (!added.ok) return err(added.error);
      place = added.value;
    }
    const rootfs = deps.processes.addRootfs([{ files: new Map([['/pause', { program: 'pause' }]]) }]);
    const started = deps.processes.spawn({
      machine,
      netns: place.netns,
      rootfs,
      argv: ['/pause'],
      hostname: spec.hostname,
      init: true,
      label: `sandbox ${id}`,
    });
    invariant(started.ok, 'the pause process did not start');
    const { portMappings, ...named } = spec;
    if (!spec.hostNetwork) addPortMappings(deps.net, machine, { id, address: place.address }, portMappings);
    const sandbox: SandboxState = {
      ...named,
      id,
      createdMs: deps.queue.now(),
      netns: place.netns,
      address: place.address,
      rootfs,
      pid: started.value,
      isReady: true,
    };
    this.#state.sandboxes.set(id, sandbox);
    if (this.#byPod !== undefined) partsIn(this.#byPod, sandbox.uid).sandboxes.push(sandbox);
    return ok(sandbox);
  }

  /** Ends the pause process and takes the network away. Containers in it must have ended. */
  stopSandbox(sandbox: SandboxState): void {
    if (!sandbox.isReady) return;
    const deps = this.#deps;
    sandbox.isReady = false;
    if (sandbox.pid !== undefined) deps.processes.kill(sandbox.pid, 'SIGKILL');
    if (sandbox.hostNetwork) return;
    removePortMappings(deps.net, deps.node.name, sandbox.id);
    removePodFromNetwork(deps.net, deps.ipam, sandbox.id, sandbox.netns);
  }

  /** Forgets everything of a Pod: stopped sandboxes and ended containers with their logs. */
  removePod(uid: string): void {
    for (const container of this.containersOf(uid)) this.removeContainer(container);
    for (const sandbox of this.#partsOf(uid)?.sandboxes ?? []) {
      this.stopSandbox(sandbox);
      this.#forgetProcess(sandbox.pid);
      this.#deps.processes.removeRootfs(sandbox.rootfs);
      this.#state.sandboxes.delete(sandbox.id);
    }
    this.#byPod?.delete(uid);
  }

  /** Unpacks the image and writes the Pod's files over it. */
  createContainer(spec: ContainerSpec): ContainerState {
    const rootfs = this.#deps.processes.addRootfs([...spec.image.layers, { files: spec.files }], spec.mounts);
    const container: ContainerState = {
      id: this.#deps.random.hex(64),
      sandboxId: spec.sandbox.id,
      uid: spec.sandbox.uid,
      name: spec.name,
      attempt: spec.attempt,
      image: spec.imageName,
      imageId: spec.image.id,
      createdMs: this.#deps.queue.now(),
      rootfs,
      argv: spec.argv,
      env: spec.env,
      workingDirectory: spec.workingDirectory,
      state: 'created',
      pid: undefined,
      startedMs: 0,
      finishedMs: 0,
      exitCode: 0,
      reason: '',
      message: '',
    };
    this.#state.containers.set(container.id, container);
    if (this.#byPod !== undefined) partsIn(this.#byPod, container.uid).containers.push(container);
    return container;
  }

  /** Starts the container's process; the error is runc's, and the container counts as ended with code 128. */
  startContainer(container: ContainerState, streams: ContainerStreams = {}): Result<void, string> {
    const sandbox = this.#state.sandboxes.get(container.sandboxId);
    invariant(sandbox !== undefined, `container ${container.id} without sandbox`);
    const now = this.#deps.queue.now();
    const started = this.#deps.processes.spawn({
      machine: this.#deps.node.name,
      netns: sandbox.netns,
      rootfs: container.rootfs,
      argv: container.argv,
      env: container.env,
      cwd: container.workingDirectory,
      hostname: sandbox.hostname,
      tty: streams.tty ?? false,
      stdinOpen: streams.stdin ?? false,
      init: true,
      label: `container ${container.id}`,
    });
    if (started.ok) {
      container.state = 'running';
      container.pid = started.value;
      container.startedMs = now;
      this.#state.pids.set(started.value, { role: 'container', id: container.id });
      return ok(undefined);
    }
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
      `unable to start container process: error during container init: ${execFailure(container.argv[0] ?? '', started.error)}`;
    Object.assign(container, {
      state: 'exited',
      finishedMs: now,
      exitCode: 128,
      reason: 'StartError',
      message,
    });
    return err(message);
  }

  /** Runs one more process in a running container; the error is runc's. */
  exec(container: ContainerState, spec: ExecSpec): Result<number, string> {
    const sandbox = this.#state.sandboxes.get(container.sandboxId);
    invariant(sandbox !== undefined, `container ${container.id} without sandbox`);
    const started = this.#deps.processes.spawn({
      machine: this.#deps.node.name,
      netns: sandbox.netns,
      rootfs: container.rootfs,
      argv: spec.argv,
      env: container.env,
      cwd: container.workingDirectory,
      hostname: sandbox.hostname,
      tty: spec.tty ?? false,
      stdinOpen: spec.stdinOpen ?? false,
      foreground: spec.foreground ?? false,
      followed: spec.followed ?? false,
      label: `exec ${container.id}`,
    });
    if (!started.ok) {
      const failure = execFailure(spec.argv[0] ?? '', started.error);
      return err(`OCI runtime exec failed: exec failed: unable to start container process: ${failure}`);
    }
    this.#state.pids.set(started.value, spec.role);
    return ok(started.value);
  }

  /** Notes a process outside any container (a probe) so that its end finds its owner. */
  watchProcess(pid: number, role: ProcessRole): void {
    this.#state.pids.set(pid, role);
  }

  signal(container: ContainerState, signal: SignalName): void {
    if (container.pid !== undefined) this.#deps.processes.kill(container.pid, signal);
  }

  /** Takes note that a process ended, and says what it was; undefined when it was not the runtime's. */
  processEnded(exit: ProcessExit): ProcessRole | undefined {
    const role = this.#state.pids.get(exit.pid);
    if (role === undefined) return undefined;
    this.#state.pids.delete(exit.pid);
    const container = role.role === 'container' ? this.#state.containers.get(role.id) : undefined;
    if (container !== undefined) {
      container.state = 'exited';
      container.finishedMs = this.#deps.queue.now();
      container.exitCode = exit.exitCode;
      container.reason = exit.exitCode === 0 ? 'Completed' : 'Error';
    }
    return role;
  }

  /** Forgets an instance that has ended, with its log. */
  removeContainer(container: ContainerState): void {
    this.#deps.processes.removeRootfs(container.rootfs);
    this.#forgetProcess(container.pid);
    this.#state.containers.delete(container.id);
    const siblings = this.#partsOf(container.uid)?.containers;
    siblings?.splice(siblings.indexOf(container), 1);
  }

  #partsOf(uid: string): PodParts | undefined {
    if (this.#byPod === undefined) {
      this.#byPod = new Map();
      for (const sandbox of this.#state.sandboxes.values()) {
        partsIn(this.#byPod, sandbox.uid).sandboxes.push(sandbox);
      }
      for (const container of this.#state.containers.values()) {
        partsIn(this.#byPod, container.uid).containers.push(container);
      }
    }
    return this.#byPod.get(uid);
  }

  #forgetProcess(pid: number | undefined): void {
    if (pid === undefined) return;
    this.#state.pids.delete(pid);
    if (this.#deps.processes.exitCode(pid) !== undefined) this.#deps.processes.forget(pid);
  }
}

/** containerd's words for an exec that runc did not start. */
export function execStartFailure(random: Random, error: string): string {
  return `failed to exec in container: failed to start exec "${random.hex(64)}": ${error}`;
}

interface PodParts {
  readonly sandboxes: SandboxState[];
  readonly containers: ContainerState[];
}

function partsIn(byPod: Map<string, PodParts>, uid: string): PodParts {
  const parts = byPod.get(uid) ?? { sandboxes: [], containers: [] };
  byPod.set(uid, parts);
  return parts;
}

/** Source: runc's messages for execve failing, and os/exec's for a name that is nowhere in PATH. */
function execFailure(program: string, errno: string): string {
  const quoted = JSON.stringify(program);
  if (errno === 'EACCES') return `exec: ${quoted}: permission denied: unknown`;
  if (errno === 'ENOEXEC') return `exec ${program}: exec format error: unknown`;
  return program.includes('/')
    ? `exec: ${quoted}: stat ${program}: no such file or directory: unknown`
    : `exec: ${quoted}: executable file not found in $PATH: unknown`;
}
