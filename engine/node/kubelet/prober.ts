/**
 * Probes: startup, readiness and liveness, over HTTP, TCP or by a command in the container.
 * A readiness or startup probe is foreground work until a threshold is reached for the first time, and goes on in the
 * background from then; a liveness probe is background work from the start.
 * Source: pkg/kubelet/prober (worker.go, prober.go). Left out: HTTPS certificates. Differs: the first probe comes
 * exactly after initialDelaySeconds, where the original waits for its next tick.
 */

import type { Probe } from '../../api/types/kinds.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { execStartFailure } from './container-runtime.ts';
import { expandReferences } from './environment.ts';
import type { KubeletParts } from './parts.ts';
import { containerEvent, containerSpec } from './parts.ts';
import type { NetworkProbe, ProbeVerdict } from './probe-program.ts';
import { parseVerdict, resolvePort, startRequest } from './requests.ts';
import type { ContainerState, PodRecord, ProbeState } from './state.ts';

/** The probes of one node. */
export interface Prober {
  /** Begins with the probes of an instance that has just started. */
  containerStarted(record: PodRecord, container: ContainerState): void;
  /** Takes note that a probe's process ended. */
  probeEnded(uid: string, id: string, type: ProbeState['type'], pid: number, exitCode: number): void;
  /** Ends the probes of an instance; readiness falls with them. */
  stop(record: PodRecord, container: ContainerState, which?: readonly ProbeState['type'][]): void;
}

/** What the prober tells. */
export interface ProberListener {
  /** A container failed its liveness or startup probe for good. */
  onUnhealthy(record: PodRecord, container: ContainerState, type: 'liveness' | 'startup', probe: Probe): void;
}

/** The prober of one node; registers its timers. */
export function createProber(parts: KubeletParts, listener: ProberListener): Prober {
  const { queue, processes, node } = parts.deps;
  const due = `kubelet/${node.name}/probe`;
  const timedOut = `kubelet/${node.name}/probe-timeout`;

  queue.on(due, (payload) => {
    const found = find(payload);
    if (found === undefined) return;
    found.state.next = undefined;
    probe(found.record, found.container, found.state);
  });
  queue.on(timedOut, (payload) => {
    const found = find(payload);
    if (found?.state.running === undefined) return;
    const { pid } = found.state.running;
    found.state.running = undefined;
    processes.kill(pid, 'SIGKILL');
    const spec = probeSpec(found.record, found.container, found.state.type);
    const seconds = spec?.timeoutSeconds ?? 1;
    const words = `command timed out: ${JSON.stringify((spec?.exec?.command ?? []).join(' '))} timed out after ${seconds}s`;
    conclude(found.record, found.container, found.state, { success: false, output: words });
  });

  function find(payload: JsonValue) {
    if (!isJsonObject(payload) || typeof payload.uid !== 'string' || typeof payload.id !== 'string')
      return undefined;
    return findProbe(payload.uid, payload.id, payload.type);
  }

  function findProbe(uid: string, id: string, type: unknown) {
    const record = parts.state.pods.get(uid);
    const container = parts.runtime.container(id);
    const state = record?.probes.get(id)?.find((candidate) => candidate.type === type);
    if (record === undefined || container === undefined || state === undefined) return undefined;
    return { record, container, state };
  }

  function schedule(record: PodRecord, container: ContainerState, state: ProbeState, delayMs: number): void {
    state.next = queue.schedule({
      kind: due,
      payload: { uid: record.uid, id: container.id, type: state.type },
      delayMs,
      background: isAtRest(state),
    });
  }

  function probe(record: PodRecord, container: ContainerState, state: ProbeState): void {
    const spec = probeSpec(record, container, state.type);
    if (spec === undefined || container.state !== 'running' || state.onHold) return;
    const periodMs = (spec.periodSeconds ?? 10) * 1000;
    schedule(record, container, state, periodMs);
    if (state.running !== undefined) return;
    const pid = startProbe(record, container, state, spec);
    if (typeof pid !== 'number') {
      conclude(record, container, state, pid);
      return;
    }
    const timeout = queue.schedule({
      kind: timedOut,
      payload: { uid: record.uid, id: container.id, type: state.type },
      // The network's own time-out comes first and has better words.
      delayMs: (spec.timeoutSeconds ?? 1) * 1000 + (spec.exec === undefined ? 500 : 0),
      background: isAtRest(state),
    });
    state.running = { pid, timeout };
  }

  function startProbe(
    record: PodRecord,
    container: ContainerState,
    state: ProbeState,
    spec: Probe,
  ): number | ProbeVerdict {
    const role = { role: 'probe', uid: record.uid, id: container.id, type: state.type } as const;
    const foreground = !isAtRest(state);
    if (spec.exec !== undefined) {
      const lookUp = (name: string) => container.env.get(name);
      const argv = (spec.exec.command ?? []).map((word) => expandReferences(word, lookUp));
      const started = parts.runtime.exec(container, { argv, role, foreground });
      if (started.ok) return started.value;
      return {
        success: false,
        output: `rpc error: code = Unknown desc = ${execStartFailure(parts.deps.random, started.error)}`,
        isError: true,
      };
    }
    const target = networkProbe(record, container, spec);
    if (target === undefined) return { success: false, output: 'missing probe handler' };
    const label = `probe ${container.id}`;
    const started = startRequest(parts, target, { label, role, foreground });
    return started.ok ? started.value : { success: false, output: started.error };
  }

  function networkProbe(record: PodRecord, container: ContainerState, spec: Probe): NetworkProbe | undefined {
    const definition = containerSpec(record.pod, container.name);
    const address = parts.runtime.sandboxOf(record.uid)?.address ?? '';
    const timeoutMs = (spec.timeoutSeconds ?? 1) * 1000;
    if (spec.tcpSocket !== undefined) {
      const port = resolvePort(spec.tcpSocket.port, definition);
      const host = (spec.tcpSocket.host ?? '') === '' ? address : (spec.tcpSocket.host ?? '');
      return { kind: 'tcp', host, port, timeoutMs };
    }
    if (spec.grpc !== undefined) {
      const { port, service = '' } = spec.grpc;
      return { kind: 'grpc', host: address, port, timeoutMs, service };
    }
    if (spec.httpGet === undefined) return undefined;
    const port = resolvePort(spec.httpGet.port, definition);
    const host = (spec.httpGet.host ?? '') === '' ? address : (spec.httpGet.host ?? '');
    const path = spec.httpGet.path ?? '/';
    const url = `${(spec.httpGet.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path}`;
    const headers = new Map([
      ['Host', `${host}:${port}`],
      ['User-Agent', 'kube-probe/1.36'],
      ['Accept', '*/*'],
      ['Connection', 'close'],
    ]);
    for (const { name, value } of spec.httpGet.httpHeaders ?? []) headers.set(name, value);
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return { kind: 'http', host, port, timeoutMs, url, request: `GET ${path} HTTP/1.1\r\n${lines}\r\n` };
  }

  function conclude(
    record: PodRecord,
    container: ContainerState,
    state: ProbeState,
    verdict: ProbeVerdict,
  ): void {
    const spec = probeSpec(record, container, state.type);
    if (spec === undefined || container.state !== 'running') return;
    const { success, isError = false } = verdict;
    if (!success) {
      const how = isError ? 'errored and resulted in unknown state' : 'failed';
      containerEvent(parts, record, container.name, {
        type: 'Warning',
        reason: 'Unhealthy',
        message: `${capitalize(state.type)} probe ${how}: ${verdict.output}`,
      });
    }
    // What could not be asked is no answer.
    if (isError) return;
    state.run = state.lastResult === success ? state.run + 1 : 1;
    state.lastResult = success;
    if (state.run < (success ? (spec.successThreshold ?? 1) : (spec.failureThreshold ?? 3))) return;
    const before = state.outcome;
    state.outcome = success;
    if (before === undefined) restartInBackground(record, container, state, spec);
    if (state.type !== 'readiness' && !success) {
      hold(state);
      listener.onUnhealthy(record, container, state.type, spec);
    }
    if (state.type === 'startup') {
      hold(state);
      if (success) startOthers(record, container);
    }
    if (before !== success) parts.wake(record);
  }

  /** What was scheduled as foreground work is scheduled anew, now that the first result is in. */
  function restartInBackground(
    record: PodRecord,
    container: ContainerState,
    state: ProbeState,
    spec: Probe,
  ): void {
    if (state.next === undefined) return;
    queue.cancel(state.next);
    schedule(record, container, state, (spec.periodSeconds ?? 10) * 1000);
  }

  function hold(state: ProbeState): void {
    state.onHold = true;
    state.run = 0;
    if (state.next !== undefined) queue.cancel(state.next);
    state.next = undefined;
  }

  function startOthers(record: PodRecord, container: ContainerState): void {
    for (const state of record.probes.get(container.id) ?? []) {
      if (state.type === 'startup' || state.next !== undefined || state.outcome !== undefined) continue;
      const spec = probeSpec(record, container, state.type);
      const sinceStart = queue.now() - container.startedMs;
      schedule(record, container, state, Math.max(0, (spec?.initialDelaySeconds ?? 0) * 1000 - sinceStart));
    }
  }

  return {
    containerStarted(record, container) {
      const types = (['startup', 'readiness', 'liveness'] as const).filter(
        (type) => probeSpec(record, container, type) !== undefined,
      );
      if (types.length === 0) return;
      const states = types.map(
        (type): ProbeState => ({
          type,
          outcome: undefined,
          lastResult: undefined,
          run: 0,
          onHold: false,
          running: undefined,
          next: undefined,
        }),
      );
      record.probes.set(container.id, states);
      const startup = states.find(({ type }) => type === 'startup');
      if (startup === undefined) startOthers(record, container);
      else {
        const spec = probeSpec(record, container, 'startup');
        schedule(record, container, startup, (spec?.initialDelaySeconds ?? 0) * 1000);
      }
    },
    probeEnded(uid, id, type, pid, exitCode) {
      const output = decoder.decode(processes.readOutput(pid, 'stdout', 0));
      const errors = decoder.decode(processes.readOutput(pid, 'stderr', 0));
      processes.forget(pid);
      const found = findProbe(uid, id, type);
      if (found?.state.running?.pid !== pid) return;
      queue.cancel(found.state.running.timeout);
      found.state.running = undefined;
      const isExec = probeSpec(found.record, found.container, type)?.exec !== undefined;
      const verdict = isExec ? { success: exitCode === 0, output: output + errors } : parseVerdict(output);
      conclude(found.record, found.container, found.state, verdict);
    },
    stop(record, container, which = ['startup', 'readiness', 'liveness']) {
      for (const state of record.probes.get(container.id) ?? []) {
        if (!which.includes(state.type)) continue;
        hold(state);
        if (state.running === undefined) continue;
        queue.cancel(state.running.timeout);
        processes.kill(state.running.pid, 'SIGKILL');
        state.running = undefined;
      }
    },
  };
}

const decoder = new TextDecoder();

function probeSpec(
  record: PodRecord,
  container: ContainerState,
  type: ProbeState['type'],
): Probe | undefined {
  const spec = containerSpec(record.pod, container.name);
  if (type === 'startup') return spec?.startupProbe;
  return type === 'readiness' ? spec?.readinessProbe : spec?.livenessProbe;
}

/** A cluster comes to rest without waiting for what a liveness probe may say one day. */
function isAtRest(state: ProbeState): boolean {
  return state.outcome !== undefined || state.type === 'liveness';
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
