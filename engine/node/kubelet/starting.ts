/**
 * From "this container should run" to a running one: back-off, pull, create, start.
 * Source: pkg/kubelet/kuberuntime (doBackOff, startContainer) and images/image_manager.go.
 */

import type { Container } from '../../api/types/kinds.ts';
import { persistentVolumeClaims } from '../../api/types/resources.ts';
import { isJsonObject } from '../../base/json.ts';
import { formatDuration, isInBackOff, nextBackOff } from './back-off.ts';
import { containerEnvironment, type EnvironmentSources, expandReferences } from './environment.ts';
import type { KubeletParts } from './parts.ts';
import { containerEvent, containerSpec, podTitle } from './parts.ts';
import { managedFiles } from './pod-files.ts';
import type { ContainerState, PodRecord, SandboxState } from './state.ts';
import { filesBelow, volumeMountsOf } from './volume-files.ts';

/** What starting a container came to for now. */
export type StartOutcome =
  /** Work was begun that the Pod waits for; it is synced again afterwards. */
  | 'begun'
  /** It can't be started now; why stands in the record. */
  | 'waiting';

/** What a container is started in. */
export interface StartPlace {
  readonly sandbox: SandboxState;
  readonly sources: EnvironmentSources;
  /** Files by volume. */
  readonly volumes: ReadonlyMap<string, ReadonlyMap<string, string | Uint8Array>>;
}

/** Starts containers of one node. */
export interface Starter {
  start(record: PodRecord, container: Container, place: StartPlace): StartOutcome;
  /** Takes back what is in progress. */
  cancel(record: PodRecord): void;
}

/** A pull and a start cost this much virtual time. */
const stepMs = 1000;

/** A failed pull is told as ErrImagePull for this long before it is told as back-off. */
const pullErrorShownMs = 5000;

/** The starter of one node; registers its timers. `place` makes a Pod's surroundings anew after a pull. */
export function createStarter(
  parts: KubeletParts,
  started: (record: PodRecord, container: ContainerState) => void,
): Starter {
  const { queue, images, processes, resolver } = parts.deps;
  const pulledKind = `kubelet/${parts.deps.node.name}/pulled`;
  const startedKind = `kubelet/${parts.deps.node.name}/started`;

  queue.on(pulledKind, (payload) => {
    const record = recordOf(payload);
    if (record?.operation?.kind !== 'pull') return;
    const { container, startedMs } = record.operation;
    record.operation = undefined;
    const spec = containerSpec(record.pod, container);
    if (spec !== undefined) finishPull(record, spec, queue.now() - startedMs);
    parts.wake(record);
  });
  queue.on(startedKind, (payload) => {
    const record = recordOf(payload);
    if (record?.operation?.kind !== 'start') return;
    const { id } = record.operation;
    record.operation = undefined;
    finishStart(record, id);
    parts.wake(record);
  });

  function recordOf(payload: unknown): PodRecord | undefined {
    return isJsonObject(payload) && typeof payload.uid === 'string'
      ? parts.state.pods.get(payload.uid)
      : undefined;
  }

  function tell(
    record: PodRecord,
    name: string,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    containerEvent(parts, record, name, { type, reason, message });
  }

  /** The failure that the container waits with, and the event about it. */
  function fail(
    record: PodRecord,
    name: string,
    reason: string,
    message: string,
    shown = message,
  ): 'waiting' {
    record.waiting.set(name, { reason, message });
    tell(record, name, 'Warning', 'Failed', `Error: ${shown}`);
    return 'waiting';
  }

  function isCrashLooping(record: PodRecord, name: string): boolean {
    const last = parts.runtime.current(record.uid, name);
    if (last?.state !== 'exited') return false;
    const entry = record.crashBackOff.get(name);
    if (!isInBackOff(entry, last.finishedMs, queue.now()) || entry === undefined) {
      record.crashBackOff.set(name, nextBackOff(entry, last.finishedMs, queue.now()));
      return false;
    }
    const title = podTitle(record);
    tell(record, name, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${title}`);
    const delay = formatDuration(entry.delayMs);
    const message = `back-off ${delay} restarting failed container=${name} pod=${title}`;
    record.waiting.set(name, { reason: 'CrashLoopBackOff', message });
    parts.wakeAfter(record, last.finishedMs + entry.delayMs - queue.now());
    return true;
  }

  /** Whether the image is there; otherwise a pull was begun, or the container waits. */
  function ensureImage(record: PodRecord, container: Container): 'present' | StartOutcome {
    const name = container.image ?? '';
    const policy = container.imagePullPolicy ?? 'IfNotPresent';
    const reference = images.canonicalName(name);
    const isPresent = parts.runtime.hasImage(reference);
    const wasJustPulled = record.pulled.get(container.name) === reference;
    if (isPresent && (policy !== 'Always' || wasJustPulled)) {
      if (!wasJustPulled) {
        const message = `Container image ${JSON.stringify(name)} already present on machine and can be accessed by the pod`;
        tell(record, container.name, 'Normal', 'Pulled', message);
      }
      return 'present';
    }
    if (images.pullFailure(name).startsWith('failed to parse reference'))
      return refuseName(record, container);
    if (policy === 'Never') {
      const message = `Container image ${JSON.stringify(name)} is not present with pull policy of Never`;
      tell(record, container.name, 'Warning', 'ErrImageNeverPull', message);
      return fail(record, container.name, 'ErrImageNeverPull', message, 'ErrImageNeverPull');
    }
    const backOff = record.pullBackOff.get(name);
    if (backOff !== undefined && queue.now() - backOff.updatedMs < backOff.delayMs) {
      return waitForPull(record, container, backOff);
    }
    tell(record, container.name, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(name)}`);
    const isKnown = images.find(name) !== undefined;
    // An image that is there costs only the question whether it is still the newest.
    const event = queue.schedule({
      kind: pulledKind,
      payload: { uid: record.uid },
      delayMs: isPresent && isKnown ? 0 : stepMs,
    });
    record.operation = { kind: 'pull', container: container.name, startedMs: queue.now(), event };
    return 'begun';
  }

  /** Source: images/image_manager.go, applyDefaultImageTag; the words are those of distribution/reference. */
  function refuseName(record: PodRecord, container: Container): 'waiting' {
    const name = container.image ?? '';
    const quoted = JSON.stringify(name);
    const why = name === name.toLowerCase() ? '' : `: repository name (library/${name}) must be lowercase`;
    const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: invalid reference format${why}`;
    tell(record, container.name, 'Warning', 'InspectFailed', message);
    return fail(record, container.name, 'InvalidImageName', message, 'InvalidImageName');
  }

  function waitForPull(
    record: PodRecord,
    container: Container,
    backOff: { readonly delayMs: number; readonly updatedMs: number; readonly message: string },
  ): 'waiting' {
    const shown = record.waiting.get(container.name)?.reason;
    const shownUntil = backOff.updatedMs + pullErrorShownMs;
    if (shown === 'ErrImagePull' && queue.now() < shownUntil) {
      parts.wakeAfter(record, shownUntil - queue.now());
      return 'waiting';
    }
    parts.wakeAfter(record, backOff.updatedMs + backOff.delayMs - queue.now());
    if (shown === 'ImagePullBackOff') return 'waiting';
    const message = `Back-off pulling image ${JSON.stringify(container.image ?? '')}`;
    tell(record, container.name, 'Normal', 'BackOff', message);
    return fail(
      record,
      container.name,
      'ImagePullBackOff',
      `${message}: ${backOff.message}`,
      'ImagePullBackOff',
    );
  }

  function finishPull(record: PodRecord, container: Container, tookMs: number): void {
    const name = container.image ?? '';
    const quoted = JSON.stringify(name);
    const image = images.find(name);
    if (image === undefined) {
      const failure = images.pullFailure(name);
      // Of gRPC's codes only Unknown is taken off. Source: cri-client/pkg/remote_image.go.
      const message = failure.endsWith(': not found')
        ? `rpc error: code = NotFound desc = ${failure}`
        : failure;
      tell(record, container.name, 'Warning', 'Failed', `Failed to pull image ${quoted}: ${message}`);
      const backOff = nextBackOff(record.pullBackOff.get(name), queue.now(), queue.now());
      record.pullBackOff.set(name, { ...backOff, message: `ErrImagePull: ${message}` });
      fail(record, container.name, 'ErrImagePull', message, 'ErrImagePull');
      return;
    }
    parts.runtime.addImage(image.reference);
    record.pulled.set(container.name, image.reference);
    record.pullBackOff.delete(name);
    const took = tookMs === 0 ? '0s' : formatDuration(tookMs);
    const message = `Successfully pulled image ${quoted} in ${took} (${took} including waiting). Image size: ${image.sizeBytes} bytes.`;
    tell(record, container.name, 'Normal', 'Pulled', message);
  }

  function create(record: PodRecord, container: Container, place: StartPlace): StartOutcome {
    const image = images.find(container.image ?? '');
    if (image === undefined) return 'waiting';
    const environment = containerEnvironment(record.pod, container, place.sources);
    if (!environment.ok) {
      parts.wakeAfter(record, stepMs * 10);
      return fail(record, container.name, 'CreateContainerConfigError', environment.error);
    }
    const lookUp = (name: string) => environment.value.get(name);
    const expand = (words: readonly string[] | undefined) =>
      (words ?? []).map((word) => expandReferences(word, lookUp));
    const command = expand(container.command);
    const args = expand(container.args);
    const imageArgs = container.command === undefined && args.length === 0 ? image.command : [];
    const argv = [
      ...(command.length > 0 ? command : image.entrypoint),
      ...(args.length > 0 ? args : imageArgs),
    ];
    if (argv.length === 0) {
      const message = 'failed to generate container spec: failed to generate spec: no command specified';
      parts.wakeAfter(record, stepMs * 10);
      return fail(record, container.name, 'CreateContainerError', message);
    }
    const previous = parts.runtime.current(record.uid, container.name);
    const { sandbox } = place;
    const created = parts.runtime.createContainer({
      sandbox,
      name: container.name,
      attempt: previous === undefined ? 0 : previous.attempt + 1,
      image,
      imageName: image.reference,
      argv,
      env: new Map([...image.env, ['HOSTNAME', sandbox.hostname], ...environment.value]),
      workingDirectory: container.workingDir ?? image.workingDirectory,
      ...containerFiles(record, container, place),
    });
    record.pulled.delete(container.name);
    forgetOldInstances(record, container.name);
    tell(record, container.name, 'Normal', 'Created', 'Container created');
    const event = queue.schedule({ kind: startedKind, payload: { uid: record.uid }, delayMs: stepMs });
    record.operation = { kind: 'start', container: container.name, id: created.id, event };
    return 'begun';
  }

  function containerFiles(record: PodRecord, container: Container, place: StartPlace) {
    const { address, hostname } = place.sandbox;
    const files = new Map<string, string | Uint8Array>(
      managedFiles(record.pod, { address, hostname, resolver }),
    );
    const mounts = new Map<string, number>();
    for (const mount of volumeMountsOf(container, place.volumes)) {
      if (mount.kind === 'file') files.set(mount.path, mount.content);
      else {
        files.set(`${mount.path}/`, '');
        mounts.set(mount.path, volumeRootfs(record, mount, place));
      }
    }
    return { files, mounts };
  }

  /** A volume is a file system of its own, made for the first container that mounts it. */
  function volumeRootfs(
    record: PodRecord,
    mount: { readonly volume: string; readonly subPath: string },
    place: StartPlace,
  ): number {
    const lasting = lastingVolume(record, mount.volume);
    const known = lasting === undefined ? record.volumes : parts.state.claimed;
    const key = `${lasting ?? mount.volume}/${mount.subPath}`;
    const content = place.volumes.get(mount.volume) ?? new Map();
    const rootfs = known.get(key) ?? processes.addRootfs([{ files: filesBelow(content, mount.subPath) }]);
    known.set(key, rootfs);
    return rootfs;
  }

  /** The PersistentVolume behind a volume of the Pod, if there is one. */
  function lastingVolume(record: PodRecord, volume: string): string | undefined {
    const source = record.pod.spec?.volumes?.find(({ name }) => name === volume)?.persistentVolumeClaim;
    if (source === undefined) return undefined;
    const claim = parts.deps.context.client.get(persistentVolumeClaims, record.namespace, source.claimName);
    return claim.ok ? claim.value.spec?.volumeName : undefined;
  }

  /** Besides the newest instance one dead one is kept, for `logs --previous`. */
  function forgetOldInstances(record: PodRecord, name: string): void {
    const instances = parts.runtime.containersOf(record.uid).filter((container) => container.name === name);
    for (const old of instances.slice(0, -2)) {
      record.probes.delete(old.id);
      parts.runtime.removeContainer(old);
    }
  }

  function finishStart(record: PodRecord, id: string): void {
    const container = parts.runtime.container(id);
    if (container === undefined) return;
    const spec = containerSpec(record.pod, container.name);
    const outcome = parts.runtime.startContainer(container, {
      stdin: spec?.stdin ?? false,
      tty: spec?.tty ?? false,
    });
    if (!outcome.ok) {
      fail(record, container.name, 'RunContainerError', outcome.error);
      return;
    }
    record.waiting.delete(container.name);
    tell(record, container.name, 'Normal', 'Started', 'Container started');
    started(record, container);
  }

  return {
    start(record, container, place) {
      // After a pull this is the same try going on, which has paid its back-off.
      const goesOn = record.pulled.has(container.name);
      if (!goesOn && isCrashLooping(record, container.name)) return 'waiting';
      const image = ensureImage(record, container);
      return image === 'present' ? create(record, container, place) : image;
    },
    cancel(record) {
      if (record.operation === undefined) return;
      queue.cancel(record.operation.event);
      record.operation = undefined;
    },
  };
}
