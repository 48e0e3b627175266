/**
 * Stopping containers: the preStop hook, the stop signal, and SIGKILL when the grace period is over.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer, executePreStopHook) and
 * kuberuntime_termination_order.go.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { type HookEnd, hookFailure, startHook } from './lifecycle-hooks.ts';
import type { KubeletParts } from './parts.ts';
import { containerEvent, containerSpec } from './parts.ts';
import type { ContainerState, KillState, PodRecord } from './state.ts';

/** However little is left, a container has this long. Source: kuberuntime_container.go, minimumGracePeriodInSeconds. */
const minimumGraceMs = 2000;

/** Stops containers on one node. */
export interface Killer {
  /** Begins to stop a running container; nothing happens when that was begun already. */
  stop(record: PodRecord, container: ContainerState, options: StopOptions): void;
  /** Takes note that the process of a preStop hook ended. */
  hookEnded(record: PodRecord, container: ContainerState, end: HookEnd): void;
  /** Forgets the timers of a container that has ended; others may have waited for it. */
  ended(record: PodRecord, container: ContainerState): void;
}

export interface StopOptions {
  readonly message: string;
  readonly graceMs: number;
  /** The containers that end before this one; their hooks run at the same time. */
  readonly waitsFor?: readonly ContainerState[];
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
    if (kill.stage === 'pre-stop' || kill.stage === 'turn') {
      // Where the time has run out nobody waits for a turn.
      awaitTurn(record, container);
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

  function awaitTurn(record: PodRecord, container: ContainerState): void {
    const kill = record.kills.get(container.id);
    if (kill === undefined) return;
    if (kill.timer !== undefined) queue.cancel(kill.timer);
    const left = kill.deadlineMs - queue.now();
    const isTurn = kill.waitsFor.every((id) => parts.runtime.container(id)?.state !== 'running');
    if (!isTurn && left > 0) {
      kill.stage = 'turn';
      kill.timer = schedule(record, container, left);
      return;
    }
    kill.stage = 'terminating';
    parts.runtime.signal(container, 'SIGTERM');
    kill.timer = schedule(record, container, Math.max(left, minimumGraceMs));
  }

  /** Whether the container has a hook that was begun. */
  function beginHook(record: PodRecord, container: ContainerState): boolean {
    const hook = containerSpec(record.pod, container.name)?.lifecycle?.preStop;
    const kill = record.kills.get(container.id);
    if (hook === undefined || kill === undefined || kill.graceMs <= 0) return false;
    const role = { role: 'hook', uid: record.uid, id: container.id, hook: 'preStop' } as const;
    const begun = startHook(parts, record, container, hook, role);
    if (!begun.ok) {
      failHook(record, container);
      return false;
    }
    const left = kill.deadlineMs - queue.now();
    kill.timer = schedule(
      record,
      container,
      'pid' in begun.value ? left : Math.min(begun.value.sleepMs, left),
    );
    return true;
  }

  function failHook(record: PodRecord, container: ContainerState): void {
    containerEvent(parts, record, container.name, {
      type: 'Warning',
      reason: 'FailedPreStopHook',
      message: 'PreStopHook failed',
    });
  }

  /** A second deletion may leave less time. */
  function shorten(record: PodRecord, container: ContainerState, kill: KillState, graceMs: number): void {
    if (graceMs >= kill.graceMs) return;
    kill.graceMs = graceMs;
    kill.deadlineMs = Math.min(kill.deadlineMs, queue.now() + graceMs);
    if (kill.stage === 'killed') return;
    if (kill.timer !== undefined) queue.cancel(kill.timer);
    kill.timer = schedule(record, container, Math.max(kill.deadlineMs - queue.now(), minimumGraceMs));
  }

  return {
    stop(record, container, options) {
      if (container.state !== 'running') return;
      const known = record.kills.get(container.id);
      if (known !== undefined) {
        shorten(record, container, known, options.graceMs);
        return;
      }
      const { message, graceMs, waitsFor = [] } = options;
      containerEvent(parts, record, container.name, { type: 'Normal', reason: 'Killing', message });
      record.kills.set(container.id, {
        stage: 'pre-stop',
        graceMs,
        deadlineMs: queue.now() + graceMs,
        waitsFor: waitsFor.map(({ id }) => id),
        timer: undefined,
      });
      if (!beginHook(record, container)) awaitTurn(record, container);
    },
    hookEnded(record, container, end) {
      const kill = record.kills.get(container.id);
      const hook = containerSpec(record.pod, container.name)?.lifecycle?.preStop;
      // A hook is cut off by the end of its container, and may outlast its time.
      if (hook !== undefined && hookFailure(hook, end) !== undefined) failHook(record, container);
      if (kill?.stage === 'pre-stop') awaitTurn(record, container);
    },
    ended(record, container) {
      const kill = record.kills.get(container.id);
      if (kill?.timer !== undefined) queue.cancel(kill.timer);
      record.kills.delete(container.id);
      for (const [id, { stage, waitsFor }] of record.kills) {
        const next = parts.runtime.container(id);
        if (stage === 'turn' && waitsFor.includes(container.id) && next?.state === 'running') {
          awaitTurn(record, next);
        }
      }
    },
  };
}
