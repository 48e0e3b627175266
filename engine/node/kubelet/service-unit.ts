/**
 * The kubelet as a service of its machine, which can be stopped and started. While it is stopped, containers run on, and nobody
 * probes, restarts or ends them; the node falls silent. What ended meanwhile is noticed when it starts again.
 */

import type { NodeConnection, NodeRefusal } from '../../api/node-connection.ts';
import { err } from '../../base/result.ts';
import type { NodeStatusReporter } from './node-status.ts';
import type { KubeletParts } from './parts.ts';
import type { Prober } from './prober.ts';
import type { Starter } from './starting.ts';

/** What a stop and a start work on. */
export interface ServiceParts extends KubeletParts {
  readonly prober: Prober;
  readonly starter: Starter;
  readonly reporter: NodeStatusReporter;
  /** Has every Pod of the node looked at. */
  wakeAll(): void;
}

/** Takes the kubelet down: what it was about is dropped. */
export function stopKubelet(parts: ServiceParts): void {
  const { state, runtime, deps } = parts;
  if (state.stoppedMs !== undefined) return;
  for (const record of state.pods.values()) {
    parts.starter.cancel(record);
    for (const container of runtime.containersOf(record.uid)) parts.prober.stop(record, container);
  }
  state.stoppedMs = deps.queue.now();
  parts.reporter.renewLease();
}

/** Brings it up again. */
export function startKubelet(parts: ServiceParts): void {
  const { state, runtime } = parts;
  if (state.stoppedMs === undefined) return;
  state.stoppedMs = undefined;
  parts.reporter.reportStart();
  for (const record of state.pods.values()) {
    for (const container of runtime.containersOf(record.uid)) {
      if (container.state === 'created') runtime.removeContainer(container);
      else if (container.state === 'running') parts.prober.containerStarted(record, container);
    }
  }
  parts.wakeAll();
}

/** A connection on which a kubelet that is stopped does not answer. */
export function guardConnection(connection: NodeConnection, parts: KubeletParts): NodeConnection {
  const refused = () => {
    const message = `error dialing backend: dial tcp ${parts.deps.node.address}:10250: connect: connection refused`;
    const refusal: NodeRefusal = { code: 500, message };
    return parts.state.stoppedMs === undefined ? undefined : err(refusal);
  };
  return {
    logs: (...args) => refused() ?? connection.logs(...args),
    exec: (...args) => refused() ?? connection.exec(...args),
    attach: (...args) => refused() ?? connection.attach(...args),
    portForward: (...args) => refused() ?? connection.portForward(...args),
  };
}
