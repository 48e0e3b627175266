/**
 * Stopping containers: the preStop hook, the stop signal, and SIGKILL when the grace period is over.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer, executePreStopHook). Left out: preStop over
 * HTTP.
 */
import type { Container } from '../../api/types/kinds.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { SignalName } from '../../net/process/syscalls.ts';
import type { KubeletParts } from './parts.ts';
import { containerEvent, containerSpec } from './parts.ts';
import type { ContainerState, PodRecord } from './state.ts';

/** After a hook at least this much time is left. Source: kuberuntime_container.go, minimumGracePeriodInSeconds. */
const minimumGraceMs = 2000;

/** Stops containers on one node. */
export interface Killer {
  /** Begins to stop a running container; nothing happens when that was begun already. */
  stop(record: PodRecord, container: ContainerState, options: StopOptions): void;
  /** Takes note that a hook's process ended. */
  hookEnded(record: PodRecord, container: ContainerState, exitCode: number): void;
  /** Forgets the timers of a container that has ended. */
  ended(record: PodRecord, container: ContainerState): void;
}

export interface StopOptions {
  readonly message: string;
  readonly graceMs: number;
}

/** The killer of one node; registers its timer. */
export function createKiller(parts: KubeletParts): Killer {
  const { queue } = parts.deps;
  const kind = `kubelet/${parts.deps.node.name}/kill`;

  queue.on(kind, (payload) => {
    const found = findKill(payload);
    if (found === undefined) return;
    const { record, container, kill } = found;
    kill.timer = undefined;
    if (container.state !== 'running') return;
    if (kill.stage === 'pre-stop') {
      terminate(record, container);
      return;
    }
    kill.stage = 'killed';
    parts.runtime.signal(container, 'SIGKILL');
  });

  function findKill(payload: JsonValue) {
    if (!isJsonObject(payload) || typeof payload.uid !== 'string' || typeof payload.id !== 'string')
      return undefined;
    const record = parts.state.pods.get(payload.uid);
    const container = parts.runtime.container(payload.id);
    const kill = record?.kills.get(payload.id);
    if (record === undefined || container === undefined || kill === undefined) return undefined;
    return { record, container, kill };
  }

  function schedule(record: PodRecord, container: ContainerState, delayMs: number): number {
    return queue.schedule({ kind, payload: { uid: record.uid, id: container.id }, delayMs });
  }

  function terminate(record: PodRecord, container: ContainerState): void {
    const kill = record.kills.get(container.id);
    if (kill === undefined) return;
    if (kill.timer !== undefined) queue.cancel(kill.timer);
    kill.stage = 'terminating';
    const left = kill.deadlineMs - queue.now();
    const graceMs = kill.hookPid === undefined ? left : Math.max(left, minimumGraceMs);
    if (graceMs <= 0) {
      kill.stage = 'killed';
      parts.runtime.signal(container, 'SIGKILL');
      return;
    }
    parts.runtime.signal(
      container,
      signalName(containerSpec(record.pod, container.name)?.lifecycle?.stopSignal),
    );
    kill.timer = schedule(record, container, graceMs);
  }

  function startHook(record: PodRecord, container: ContainerState, spec: Container | undefined): boolean {
    const hook = spec?.lifecycle?.preStop;
    const kill = record.kills.get(container.id);
    if (hook === undefined || kill === undefined) return false;
    if (hook.sleep !== undefined) {
      const sleepMs = Math.min(hook.sleep.seconds * 1000, kill.deadlineMs - queue.now());
      kill.timer = schedule(record, container, sleepMs);
      return true;
    }
    if (hook.exec === undefined) return false;
    const started = parts.runtime.exec(container, {
      argv: hook.exec.command ?? [],
      role: { role: 'hook', uid: record.uid, id: container.id },
      foreground: true,
    });
    if (!started.ok) {
      failHook(record, container);
      return false;
    }
    kill.hookPid = started.value;
    kill.timer = schedule(record, container, kill.deadlineMs - queue.now());
    return true;
  }

  function failHook(record: PodRecord, container: ContainerState): void {
    containerEvent(parts, record, container.name, {
      type: 'Warning',
      reason: 'FailedPreStopHook',
      message: 'PreStopHook failed',
    });
  }

  return {
    stop(record, container, options) {
      if (container.state !== 'running' || record.kills.has(container.id)) return;
      containerEvent(parts, record, container.name, {
        type: 'Normal',
        reason: 'Killing',
        message: options.message,
      });
      record.kills.set(container.id, {
        stage: 'pre-stop',
        deadlineMs: queue.now() + options.graceMs,
        hookPid: undefined,
        timer: undefined,
      });
      const hasHook =
        options.graceMs > 0 && startHook(record, container, containerSpec(record.pod, container.name));
      if (!hasHook) terminate(record, container);
    },
    hookEnded(record, container, exitCode) {
      const kill = record.kills.get(container.id);
      if (kill === undefined || kill.stage !== 'pre-stop') return;
      if (exitCode !== 0) failHook(record, container);
      terminate(record, container);
    },
    ended(record, container) {
      const kill = record.kills.get(container.id);
      if (kill?.timer !== undefined) queue.cancel(kill.timer);
      record.kills.delete(container.id);
    },
  };
}

/** A Pod may name another signal than SIGTERM; those that nothing here listens to count as it. */
function signalName(text: string | undefined): SignalName {
  return text === 'SIGQUIT' || text === 'SIGINT' || text === 'SIGHUP' ? text : 'SIGTERM';
}
