/**
 * A Pod's row in a Table: how its containers stand, in one word.
 * Source: printPod in pkg/printers/internalversion/printers.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { ageSince } from '../duration.ts';
import { flag, has, number, struct, structs, text } from '../read.ts';
import { ageColumn, column, nameColumn, type Row, wideColumn } from './define.ts';

/** The columns of Pods. */
export const podColumns = [
  nameColumn,
  column('Ready', 'string', 'Containers that are ready, of all containers.'),
  column('Status', 'string', 'The state of the containers in one word.'),
  column('Restarts', 'string', 'How often containers were restarted, and when the last time was.'),
  ageColumn,
  wideColumn('IP', 'string', 'The address of the Pod.'),
  wideColumn('Node', 'string', 'The node on which the Pod runs.'),
  wideColumn('Nominated Node', 'string', 'The node on which room is being made for the Pod.'),
  wideColumn('Readiness Gates', 'string', 'Conditions that hold, of those that the Pod waits for.'),
];

/** What is counted over a Pod's containers. */
interface Tally {
  restarts: number;
  lastRestart: string;
  ready: number;
}

/** The cells of {@link podColumns}. */
export function podRow(pod: JsonObject, nowMs: number): Row {
  const spec = struct(pod, 'spec');
  const status = struct(pod, 'status');
  const metadata = struct(pod, 'metadata');
  const sidecars = new Set(
    structs(spec, 'initContainers')
      .filter((container) => text(container, 'restartPolicy') === 'Always')
      .map((container) => text(container, 'name')),
  );
  const { reason, tally } = podReason(spec, status, sidecars);
  const restarts =
    tally.restarts !== 0 && tally.lastRestart !== ''
      ? `${tally.restarts} (${ageSince(tally.lastRestart, nowMs)} ago)`
      : String(tally.restarts);
  return [
    text(metadata, 'name'),
    `${tally.ready}/${structs(spec, 'containers').length + sidecars.size}`,
    has(metadata, 'deletionTimestamp') ? reasonWhileDeleted(status, reason) : reason,
    restarts,
    ageSince(metadata.creationTimestamp, nowMs),
    text(structs(status, 'podIPs')[0] ?? {}, 'ip') || '<none>',
    text(spec, 'nodeName') || '<none>',
    text(status, 'nominatedNodeName') || '<none>',
    readinessGates(spec, status),
  ];
}

function reasonWhileDeleted(status: JsonObject, reason: string): string {
  if (text(status, 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(text(status, 'phase')) ? reason : 'Terminating';
}

function podReason(
  spec: JsonObject,
  status: JsonObject,
  sidecars: ReadonlySet<string>,
): { reason: string; tally: Tally } {
  const conditions = structs(status, 'conditions');
  let reason = text(status, 'reason') || text(status, 'phase');
  const gated = conditions.some(
    (condition) =>
      text(condition, 'type') === 'PodScheduled' && text(condition, 'reason') === 'SchedulingGated',
  );
  if (gated) reason = 'SchedulingGated';
  const all: Tally = { restarts: 0, lastRestart: '', ready: 0 };
  const ofSidecars: Tally = { restarts: 0, lastRestart: '', ready: 0 };
  const initReason = initializing(spec, status, sidecars, all, ofSidecars);
  if (initReason !== undefined) reason = initReason;
  const isInitialized =
    conditions.find((condition) => text(condition, 'type') === 'Initialized')?.status === 'True';
  if (initReason !== undefined && !isInitialized) return { reason, tally: all };
  const tally = { ...ofSidecars, ready: all.ready };
  return { reason: runningReason(reason, status, tally), tally };
}

/** The reason while init containers run; undefined once all have done. */
function initializing(
  spec: JsonObject,
  status: JsonObject,
  sidecars: ReadonlySet<string>,
  all: Tally,
  ofSidecars: Tally,
): string | undefined {
  for (const [index, container] of structs(status, 'initContainerStatuses').entries()) {
    const isSidecar = sidecars.has(text(container, 'name'));
    countRestarts(all, container);
    if (isSidecar) countRestarts(ofSidecars, container);
    const state = struct(container, 'state');
    const terminated = struct(state, 'terminated');
    if (has(state, 'terminated') && (number(terminated, 'exitCode') ?? 0) === 0) continue;
    if (isSidecar && flag(container, 'started')) {
      if (flag(container, 'ready')) all.ready += 1;
      continue;
    }
    if (has(state, 'terminated')) return `Init:${terminationReason(terminated)}`;
    const waiting = text(struct(state, 'waiting'), 'reason');
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${structs(spec, 'initContainers').length}`;
  }
  return undefined;
}

function runningReason(before: string, status: JsonObject, tally: Tally): string {
  let reason = before;
  let hasRunning = false;
  let errorReason = '';
  for (const container of [...structs(status, 'containerStatuses')].reverse()) {
    countRestarts(tally, container);
    const state = struct(container, 'state');
    const waiting = text(struct(state, 'waiting'), 'reason');
    if (waiting !== '') {
      reason = waiting;
    } else if (has(state, 'terminated')) {
      const terminated = struct(state, 'terminated');
      reason = terminationReason(terminated);
      if ((number(terminated, 'exitCode') ?? 0) !== 0) errorReason = reason;
    } else if (flag(container, 'ready') && has(state, 'running')) {
      hasRunning = true;
      tally.ready += 1;
    }
  }
  if (reason !== 'Completed') return reason;
  const isReady = structs(status, 'conditions').some(
    (condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'True',
  );
  if (hasRunning && isReady) return 'Running';
  if (errorReason !== '') return errorReason;
  return hasRunning ? 'NotReady' : reason;
}

function terminationReason(terminated: JsonObject): string {
  const reason = text(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = number(terminated, 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${number(terminated, 'exitCode') ?? 0}` : `Signal:${signal}`;
}

function countRestarts(tally: Tally, container: JsonObject): void {
  tally.restarts += number(container, 'restartCount') ?? 0;
  const finished = text(struct(struct(container, 'lastState'), 'terminated'), 'finishedAt');
  if (finished > tally.lastRestart) tally.lastRestart = finished;
}

function readinessGates(spec: JsonObject, status: JsonObject): string {
  const gates = structs(spec, 'readinessGates');
  if (gates.length === 0) return '<none>';
  const holding = gates.filter((gate) =>
    structs(status, 'conditions').some(
      (condition) =>
        text(condition, 'type') === text(gate, 'conditionType') && text(condition, 'status') === 'True',
    ),
  );
  return `${holding.length}/${gates.length}`;
}
