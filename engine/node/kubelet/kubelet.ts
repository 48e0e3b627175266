/**
 * The agent of one node: runs the Pods that are bound to it.
 * Source: pkg/kubelet. Left out: static Pods, eviction by pressure, image garbage collection, device plugins.
 */

import type { NodeConnection } from '../../api/node-connection.ts';
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { pods } from '../../api/types/resources.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { ReconcileOutcome } from '../../client/client.ts';
import type { ProcessExit } from '../../net/linux.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { ContainerRuntime } from './container-runtime.ts';
import { answerCri } from './cri-answers.ts';
import { createKiller } from './killing.ts';
import { createNodeConnection } from './node-sessions.ts';
import { createNodeStatusReporter } from './node-status.ts';
import type { KubeletDependencies, KubeletParts } from './parts.ts';
import { containerSpec } from './parts.ts';
import { shouldRestart } from './pod-plan.ts';
import type { SyncParts } from './pod-sync.ts';
import { dropPod, syncPod } from './pod-sync.ts';
import { portForwardPrograms } from './port-forward.ts';
import { createPostStarter } from './post-start.ts';
import { probeProgram } from './probe-program.ts';
import { createProber } from './prober.ts';
import { guardConnection, startKubelet, stopKubelet } from './service-unit.ts';
import { createStarter } from './starting.ts';
import type { KubeletState, PodRecord } from './state.ts';
import { refreshVolumes } from './volume-refresh.ts';

/** One node's kubelet. */
export interface Kubelet {
  /** Registers the node; done once, in a new cluster. */
  boot(): void;
  /** How the API server reaches the node. */
  readonly connection: NodeConnection;
  /** To be told of every process that ends; false when it was none of this node's. */
  processExited(exit: ProcessExit): boolean;
  /** Answers crictl, and systemctl about the kubelet itself. */
  cri(question: JsonValue): JsonValue;
  /** When its node was heard of last, in milliseconds since the Unix epoch; `now` while it runs. */
  lastHeartbeatMs(): number | 'now';
  /** Writes the lease as it stands now; somebody is about to read it. */
  renewLease(): void;
}

/** What the kubelet runs on its node, by the names under which its files refer to it; the root registers them. */
export const kubeletPrograms: ReadonlyMap<string, Program> = new Map([
  ['kubelet-probe', probeProgram],
  ...portForwardPrograms,
]);

/** The host service `cri`, which crictl asks on a node: `{node, question}`. */
export function criService(kubelets: ReadonlyMap<string, Kubelet>): (args: JsonValue) => JsonValue {
  return (args) => {
    if (!isJsonObject(args) || typeof args.node !== 'string') return null;
    return kubelets.get(args.node)?.cri(args.question ?? null) ?? null;
  };
}

/** The kubelet of a node on its state. */
export function createKubelet(deps: KubeletDependencies, state: KubeletState): Kubelet {
  const { context, node } = deps;
  const runtime = new ContainerRuntime({ ...deps, ipam: state.ipam }, state.runtime);
  const queue = context.workqueue(`kubelet-${node.name}`, (key) => reconcile(key));
  const parts: KubeletParts = {
    deps,
    state,
    runtime,
    recorder: context.eventRecorder('kubelet', node.name),
    wake: (record) => queue.add(`${record.namespace}/${record.name}`),
    wakeAfter: (record, delayMs) =>
      queue.addAfter(`${record.namespace}/${record.name}`, Math.max(0, delayMs), { background: true }),
  };
  const killer = createKiller(parts);
  const prober = createProber(parts, {
    onUnhealthy(record, container, type, probe) {
      const spec = containerSpec(record.pod, container.name);
      const restarts = spec !== undefined && shouldRestart(record.pod, spec, { ...container, exitCode: 137 });
      const grace =
        probe.terminationGracePeriodSeconds ?? record.pod.spec?.terminationGracePeriodSeconds ?? 30;
      const message = `Container ${container.name} failed ${type} probe${restarts ? ', will be restarted' : ''}`;
      killer.stop(record, container, { message, graceMs: grace * 1000 });
    },
  });
  const postStarter = createPostStarter(parts, killer, prober.containerStarted);
  const starter = createStarter(parts, postStarter.containerStarted);
  const reporter = createNodeStatusReporter(deps, state);
  const sync: SyncParts = { ...parts, killer, prober, starter };
  const podInformer = context.informers.informer(pods);
  refreshVolumes(parts);

  podInformer.onChange(({ before, after }) => {
    const pod = after ?? before;
    if (pod === undefined || pod.spec?.nodeName !== node.name) return;
    // The kubelet's own writes of the status are no news to it.
    const isNews =
      before === undefined ||
      after === undefined ||
      before.spec !== after.spec ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      before.metadata.deletionGracePeriodSeconds !== after.metadata.deletionGracePeriodSeconds ||
      before.status?.phase !== after.status?.phase;
    if (isNews) queue.add(keyOf(pod));
  });
  // Follows from the state; made when it is first asked for.
  let uidsByKey: Map<string, readonly string[]> | undefined;

  /** What is known of Pods of a name: of more than one while an old one is not cleared away. */
  function recordsNamed(key: string): readonly PodRecord[] {
    if (uidsByKey === undefined) {
      uidsByKey = new Map();
      for (const { namespace, name, uid } of state.pods.values()) {
        const other = `${namespace}/${name}`;
        uidsByKey.set(other, [...(uidsByKey.get(other) ?? []), uid]);
      }
    }
    const records = (uidsByKey.get(key) ?? []).flatMap((uid) => state.pods.get(uid) ?? []);
    if (records.length === 0) uidsByKey.delete(key);
    return records;
  }

  function reconcile(key: string): ReconcileOutcome {
    if (state.stoppedMs !== undefined) return 'done';
    const { namespace, name } = splitKey(key);
    const pod = podInformer.get(namespace, name);
    for (const record of recordsNamed(key)) if (record.uid !== pod?.metadata.uid) dropPod(sync, record);
    if (pod === undefined || pod.spec?.nodeName !== node.name) return 'done';
    const known = state.pods.get(pod.metadata.uid);
    const record = known ?? newRecord(pod, context.nowTimestamp());
    if (known === undefined) {
      state.pods.set(record.uid, record);
      uidsByKey?.set(key, [...(uidsByKey.get(key) ?? []), record.uid]);
    }
    syncPod(sync, record, pod);
    return 'done';
  }

  return {
    boot: () => reporter.register(),
    connection: guardConnection(createNodeConnection(parts), parts),
    lastHeartbeatMs: reporter.lastHeartbeatMs,
    renewLease: reporter.renewLease,
    processExited(exit) {
      const role = runtime.processEnded(exit);
      if (role === undefined) return false;
      if (role.role === 'probe') {
        prober.probeEnded(role.uid, role.id, role.type, exit.pid, exit.exitCode);
        return true;
      }
      const container = runtime.container(role.id);
      const record = container === undefined ? undefined : state.pods.get(container.uid);
      if (container === undefined || record === undefined) return true;
      if (role.role === 'hook') {
        const [stdout, stderr] = (['stdout', 'stderr'] as const).map((stream) =>
          new TextDecoder().decode(deps.processes.readOutput(exit.pid, stream, 0)),
        );
        deps.processes.forget(exit.pid);
        const end = { exitCode: exit.exitCode, stdout: stdout ?? '', stderr: stderr ?? '' };
        if (role.hook === 'preStop') killer.hookEnded(record, container, end);
        else postStarter.hookEnded(record, exit.pid, end);
      } else if (role.role === 'container') {
        container.message = terminationMessage(record, container.name, container.rootfs, exit);
        prober.stop(record, container);
        killer.ended(record, container);
        postStarter.containerEnded(record, container);
        parts.wake(record);
      }
      return true;
    },
    cri: (question) =>
      isJsonObject(question) && question.call === 'unit'
        ? control(question.action)
        : answerCri(parts, question),
  };

  /** What systemctl does to the kubelet; the answer says since when it is in the state that it is in. */
  function control(action: JsonValue | undefined): JsonValue {
    const service = { ...parts, prober, starter, reporter, wakeAll };
    if (action === 'stop' || action === 'restart') stopKubelet(service);
    if (action === 'start' || action === 'restart') startKubelet(service);
    return { isActive: state.stoppedMs === undefined, sinceMs: state.stoppedMs ?? null };
  }

  function wakeAll(): void {
    for (const record of state.pods.values()) parts.wake(record);
    for (const pod of podInformer.list()) if (pod.spec?.nodeName === node.name) queue.add(keyOf(pod));
  }

  /** Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, getTerminationMessage. */
  function terminationMessage(record: PodRecord, name: string, rootfs: number, exit: ProcessExit): string {
    const spec = containerSpec(record.pod, name);
    const decoder = new TextDecoder();
    const file = deps.processes.readFile(rootfs, spec?.terminationMessagePath ?? '/dev/termination-log');
    const written = file === undefined ? '' : decoder.decode(file.slice(0, 4096));
    if (written !== '' || spec?.terminationMessagePolicy !== 'FallbackToLogsOnError' || exit.exitCode === 0) {
      return written;
    }
    const log = deps.processes.readLog(exit.pid).map(({ bytes }) => decoder.decode(bytes));
    return log.join('').slice(-2048);
  }
}

function newRecord(pod: Pod, startTime: string): PodRecord {
  return {
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    pod,
    startTime,
    operation: undefined,
    waiting: new Map(),
    crashBackOff: new Map(),
    pullBackOff: new Map(),
    volumes: new Map(),
    pulled: new Map(),
    probes: new Map(),
    kills: new Map(),
    mountProblem: undefined,
    refresh: undefined,
    isTornDown: false,
  };
}
