/**
 * What follows the start of a container: its postStart hook, if it has one. As long as it runs nothing else is done for the
 * Pod, and the container is told as one that waits; when it fails the container is stopped.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, startContainer.
 */
import { isJsonObject } from '../../base/json.ts';
import type { Killer } from './killing.ts';
import { formatHookFailure, type Hook, type HookEnd, hookFailure, startHook } from './lifecycle-hooks.ts';
import { containerEvent, containerSpec, type KubeletParts } from './parts.ts';
import type { ContainerState, Operation, PodRecord } from './state.ts';

type PostStart = Extract<Operation, { readonly kind: 'post-start' }>;

/** A cluster is not at rest before a postStart hook has ended, unless that takes longer than this. */
const hookAwaitedMs = 60_000;

/** The postStart hooks of one node. */
export interface PostStarter {
  /** A container has started. */
  containerStarted(record: PodRecord, container: ContainerState): void;
  /** Takes note that the process of a hook ended. */
  hookEnded(record: PodRecord, pid: number, end: HookEnd): void;
  /** Takes note that a container ended. */
  containerEnded(record: PodRecord, container: ContainerState): void;
}

/** Makes them; registers their timer. `ready` is told of containers that have started and are through with their hook. */
export function createPostStarter(
  parts: KubeletParts,
  killer: Killer,
  ready: (record: PodRecord, container: ContainerState) => void,
): PostStarter {
  const { queue } = parts.deps;
  const kind = `kubelet/${parts.deps.node.name}/post-start`;

  queue.on(kind, (payload) => {
    const uid = isJsonObject(payload) && typeof payload.uid === 'string' ? payload.uid : '';
    const record = parts.state.pods.get(uid);
    if (record?.operation?.kind === 'post-start' && record.operation.pid === undefined) {
      finish(record, record.operation, undefined, '');
    }
  });

  function begin(record: PodRecord, container: ContainerState, hook: Hook): void {
    const role = { role: 'hook', uid: record.uid, id: container.id, hook: 'postStart' } as const;
    const begun = startHook(parts, record, container, hook, role);
    const isPause = begun.ok && 'sleepMs' in begun.value;
    const event = queue.schedule({
      kind,
      payload: { uid: record.uid },
      delayMs: isPause ? begun.value.sleepMs : hookAwaitedMs,
      background: isPause && begun.value.sleepMs > hookAwaitedMs,
    });
    const pid = begun.ok && 'pid' in begun.value ? begun.value.pid : undefined;
    const operation = {
      kind: 'post-start',
      container: container.name,
      id: container.id,
      pid,
      event,
      hasFailed: false,
    } as const;
    record.operation = { ...operation };
    if (!begun.ok) finish(record, record.operation, begun.error, '');
  }

  function finish(
    record: PodRecord,
    operation: PostStart,
    failure: string | undefined,
    output: string,
  ): void {
    queue.cancel(operation.event);
    const container = parts.runtime.container(operation.id);
    const hook = containerSpec(record.pod, operation.container)?.lifecycle?.postStart;
    if (failure === undefined || container?.state !== 'running' || hook === undefined) {
      record.operation = undefined;
      if (container?.state === 'running') ready(record, container);
      parts.wake(record);
      return;
    }
    operation.hasFailed = true;
    const message = formatHookFailure(record, operation.container, hook, failure, output);
    record.waiting.set(operation.container, { reason: 'PostStartHookError', message });
    containerEvent(parts, record, operation.container, {
      type: 'Warning',
      reason: 'FailedPostStartHook',
      message: 'PostStartHook failed',
    });
    const graceMs = (record.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
    killer.stop(record, container, { message: 'FailedPostStartHook', graceMs });
  }

  return {
    containerStarted(record, container) {
      const hook = containerSpec(record.pod, container.name)?.lifecycle?.postStart;
      if (hook === undefined) ready(record, container);
      else begin(record, container, hook);
    },
    hookEnded(record, pid, end) {
      const { operation } = record;
      if (operation?.kind !== 'post-start' || operation.pid !== pid) return;
      const hook = containerSpec(record.pod, operation.container)?.lifecycle?.postStart;
      const failure = hook === undefined ? undefined : hookFailure(hook, end);
      finish(record, operation, failure, end.stdout + end.stderr);
    },
    containerEnded(record, container) {
      const { operation } = record;
      if (operation?.kind === 'post-start' && operation.id === container.id && operation.hasFailed) {
        record.operation = undefined;
      }
    },
  };
}
