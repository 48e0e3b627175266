/**
 * `kubectl drain`: cordons nodes and evicts their Pods. Source: k8s.io/kubectl/pkg/cmd/drain and pkg/drain.
 * Differs: Pods are asked for in the order of the list, where the real one starts all at once.
 */
import { formatGoDuration } from '../../api/custom/go-duration.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { chunkSizeFlag, dryRunFlag, selectorFlag } from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { cordonNodes } from './cordon.ts';
import { isLeavingForLong, planDrain } from './drain-pods.ts';
import { type DryRun, dryRunNote, readDryRun } from './write-options.ts';

export const drainCommand: Command = {
  name: 'drain',
  usage: 'NODE',
  short: 'Drain node in preparation for maintenance',
  flags: [
    chunkSizeFlag,
    dryRunFlag,
    selectorFlag,
    {
      name: 'delete-emptydir-data',
      type: 'bool',
      initial: 'false',
      usage: 'Goes on though Pods use emptyDir, whose data is lost.',
    },
    {
      name: 'disable-eviction',
      type: 'bool',
      initial: 'false',
      usage: 'Deletes, past all disruption budgets.',
    },
    { name: 'force', type: 'bool', initial: 'false', usage: 'Takes Pods that nobody makes anew, too.' },
    { name: 'grace-period', type: 'int', initial: '-1', usage: 'Seconds that a Pod is given to end.' },
    { name: 'ignore-daemonsets', type: 'bool', initial: 'false', usage: 'Leaves Pods of DaemonSets alone.' },
    { name: 'pod-selector', type: 'string', usage: 'Labels of the only Pods to take.' },
    {
      name: 'skip-wait-for-delete-timeout',
      type: 'int',
      initial: '0',
      usage: "Doesn't wait for Pods that should be gone for so many seconds.",
    },
    { name: 'timeout', type: 'duration', initial: '0s', usage: 'Longest time to wait; 0 for ever.' },
  ],
  run: runDrain,
};

async function runDrain(invocation: Invocation): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const cordoned = await cordonNodes(invocation, 'drain');
  if (!cordoned.ok) return cordoned;
  const failures: Failure[] = [];
  const pending: string[] = [];
  for (const { name } of cordoned.value) {
    const drained = await drainNode(invocation, name, dryRun.value);
    if (drained.ok) {
      invocation.out(`node/${name} drained${dryRunNote(dryRun.value)}\n`);
      continue;
    }
    if (drained.error.kind === 'exit') return drained;
    invocation.err(
      `error: unable to drain node ${JSON.stringify(name)} due to error: ${messageOf(drained.error)}, continuing command...\n`,
    );
    failures.push(drained.error);
    pending.push(name);
  }
  if (pending.length > 0) {
    invocation.err(`There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join('')}`);
  }
  if (failures.length === 0) return ok(undefined);
  return { ok: false, error: { kind: 'exit', code: 1, text: failures.map(messageOf).join('\n') } };
}

async function drainNode(invocation: Invocation, node: string, dryRun: DryRun): Promise<Outcome<void>> {
  const plan = await planDrain(invocation, node);
  if (!plan.ok) return plan;
  const refusal = joinFailures(plan.value.failures);
  if (refusal !== undefined) return { ok: false, error: refusal };
  if (plan.value.warnings !== '') invocation.err(`Warning: ${plan.value.warnings}\n`);
  if (dryRun === 'client') {
    for (const pod of plan.value.pods) invocation.out(`evicting pod ${nameOf(pod)} (dry run)\n`);
    return ok(undefined);
  }
  const taken = await takeAway(invocation, plan.value.pods, dryRun);
  if (taken.ok || taken.error.kind === 'exit') return taken;
  const left = await planDrain(invocation, node);
  if (left.ok && left.value.pods.length > 0) {
    invocation.err(
      `There are pending pods in node ${JSON.stringify(node)} when an error occurred: ${messageOf(taken.error)}\n`,
    );
    for (const pod of left.value.pods) invocation.err(`pod/${stringAt(pod, 'metadata', 'name')}\n`);
  }
  return taken;
}

function nameOf(pod: JsonObject): string {
  return `${stringAt(pod, 'metadata', 'namespace')}/${stringAt(pod, 'metadata', 'name')}`;
}

/** Removes the Pods and waits until they are gone. */
async function takeAway(
  invocation: Invocation,
  pods: readonly JsonObject[],
  dryRun: DryRun,
): Promise<Outcome<void>> {
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const podMapping = mapper.value.mappings.find((one) => one.group === '' && one.kind === 'Pod');
  const evicts =
    !invocation.flags.bool('disable-eviction') && podMapping?.subresources.includes('eviction') === true;
  const { flags, host } = invocation;
  const timeoutMs = flags.durationMs('timeout');
  const deadlineMs = timeoutMs === 0 ? undefined : host.now() + timeoutMs;
  const departures =
    evicts && dryRun === 'server'
      ? ok(noDepartures)
      : await watchDepartures(invocation, evicts ? 'evicted' : 'deleted');
  if (!departures.ok) return departures;
  const problem = evicts
    ? await evictPods(invocation, pods, { dryRun, deadlineMs, departures: departures.value })
    : await deletePods(invocation, pods, { dryRun, departures: departures.value });
  if (problem?.kind === 'exit' || (problem !== undefined && !evicts)) {
    departures.value.stop();
    return { ok: false, error: problem };
  }
  const gone = await departures.value.wait(deadlineMs);
  const all = joinFailures([...(problem === undefined ? [] : [problem]), ...(gone.ok ? [] : [gone.error])]);
  return all === undefined ? ok(undefined) : { ok: false, error: all };
}

async function deletePods(
  invocation: Invocation,
  pods: readonly JsonObject[],
  { dryRun, departures }: { readonly dryRun: DryRun; readonly departures: Departures },
): Promise<Failure | undefined> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...deleteOptions(invocation, dryRun) };
  for (const pod of pods) {
    const deleted = await invocation.client.delete(podPath(pod), body);
    if (!deleted.ok && !isNotFound(deleted.error)) return deleted.error;
    departures.expect(pod);
  }
  return undefined;
}

function deleteOptions(invocation: Invocation, dryRun: DryRun): JsonObject {
  const grace = invocation.flags.int('grace-period');
  return {
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
  };
}

function podPath(pod: JsonObject): string {
  return `/api/v1/namespaces/${stringAt(pod, 'metadata', 'namespace')}/pods/${stringAt(pod, 'metadata', 'name')}`;
}

/** Source: drain.go, EvictErrorRetryDelay. */
const retryDelayMs = 5_000;

/**
 * Asks for all of the Pods to be evicted, and again for those that a budget still protects, while the others go. Gives what
 * went wrong.
 */
async function evictPods(
  invocation: Invocation,
  pods: readonly JsonObject[],
  {
    dryRun,
    deadlineMs,
    departures,
  }: { readonly dryRun: DryRun; readonly deadlineMs: number | undefined; readonly departures: Departures },
): Promise<Failure | undefined> {
  const { host } = invocation;
  const failures: Failure[] = [];
  // A line whose output nobody watches ends by itself; in a terminal Ctrl-C ends it.
  const patienceMs = host.longestSilenceMs === undefined ? undefined : host.now() + host.longestSilenceMs;
  for (let open = pods; open.length > 0; ) {
    const refused: JsonObject[] = [];
    for (const pod of open) {
      const outcome = await evictPod(invocation, pod, dryRun, deadlineMs);
      if (!outcome.ok) failures.push(outcome.error);
      else if (outcome.value === 'leaving') departures.expect(pod);
      else if (outcome.value === 'refused') refused.push(pod);
    }
    open = refused;
    if (refused.length === 0) break;
    const waited = await host.waitUntil(() => {
      departures.tell();
      return false;
    }, retryDelayMs);
    const isLate = patienceMs !== undefined && host.now() >= patienceMs;
    if (waited === 'interrupted' || waited === 'idle' || isLate) return { kind: 'exit', code: 130, text: '' };
  }
  return joinFailures(failures);
}

async function evictPod(
  invocation: Invocation,
  pod: JsonObject,
  dryRun: DryRun,
  deadlineMs: number | undefined,
): Promise<Outcome<'leaving' | 'gone' | 'refused'>> {
  const { client, host } = invocation;
  const name = stringAt(pod, 'metadata', 'name');
  const namespace = stringAt(pod, 'metadata', 'namespace');
  const about = `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}`;
  invocation.out(`evicting pod ${namespace}/${name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`);
  if (deadlineMs !== undefined && host.now() >= deadlineMs) {
    const timeout = formatGoDuration(BigInt(invocation.flags.durationMs('timeout')) * 1_000_000n);
    return failure(`${about}: global timeout reached: ${timeout}`);
  }
  const evicted = await client.post(`${podPath(pod)}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    deleteOptions: deleteOptions(invocation, dryRun),
    metadata: { name, namespace },
  });
  if (evicted.ok) return ok(dryRun === 'server' ? 'gone' : 'leaving');
  if (isNotFound(evicted.error)) return ok('gone');
  const isRefused = evicted.error.kind === 'status' && evicted.error.status.reason === 'TooManyRequests';
  if (!isRefused) return failure(`${about}: ${messageOf(evicted.error)}`);
  invocation.err(`${about} (will retry after 5s): ${messageOf(evicted.error)}\n`);
  return ok('refused');
}

/** Pods that are to go, each of which is told of when it has gone. */
interface Departures {
  /** From now on this Pod is waited for. */
  expect(pod: JsonObject): void;
  /** Says of each Pod that has gone, in the order in which they went. */
  tell(): void;
  /** Until all have gone. */
  wait(deadlineMs: number | undefined): Promise<Outcome<void>>;
  stop(): void;
}

/** Where nobody leaves. */
const noDepartures: Departures = {
  expect() {},
  tell() {},
  wait: async () => ok(undefined),
  stop() {},
};

async function watchDepartures(
  invocation: Invocation,
  verb: 'evicted' | 'deleted',
): Promise<Outcome<Departures>> {
  const { client, host } = invocation;
  const list = await client.get('/api/v1/pods', [['limit', '500']]);
  if (!list.ok) return list;
  const present = new Map(
    objectsAt(list.value, 'items').map((pod) => [stringAt(pod, 'metadata', 'uid'), pod]),
  );
  const response = await client.send({
    method: 'GET',
    path: '/api/v1/pods',
    query: [
      ['watch', 'true'],
      ['resourceVersion', stringAt(list.value, 'metadata', 'resourceVersion')],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('the server does not support watching pods');
  const { watch } = response.value;
  const left = new Map<string, JsonObject>();
  const goneUids: string[] = [];
  watch.onEvent((event) => {
    if (event.type === 'DELETED' && isJsonObject(event.object))
      goneUids.push(stringAt(event.object, 'metadata', 'uid'));
  });
  const tell = () => {
    for (const uid of goneUids.splice(0)) {
      const pod = left.get(uid);
      if (pod === undefined) continue;
      left.delete(uid);
      invocation.out(`pod/${stringAt(pod, 'metadata', 'name')} ${verb}\n`);
    }
  };
  return ok({
    expect(pod) {
      const uid = stringAt(pod, 'metadata', 'uid');
      const listed = present.get(uid);
      if (listed !== undefined && isLeavingForLong(invocation, listed)) return;
      left.set(uid, pod);
      if (listed === undefined) goneUids.push(uid);
    },
    tell,
    async wait(deadlineMs) {
      const timeoutMs = deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - host.now());
      const outcome = await host.waitUntil(() => {
        tell();
        return left.size === 0;
      }, timeoutMs);
      watch.stop();
      const [stuck] = left.values();
      if (stuck === undefined) return ok(undefined);
      if (outcome === 'interrupted') return { ok: false, error: { kind: 'exit', code: 130, text: '' } };
      const reason = 'context deadline exceeded';
      if (verb === 'deleted') return failure(reason);
      const where = `pod ${JSON.stringify(stringAt(stuck, 'metadata', 'name'))} in namespace ${JSON.stringify(stringAt(stuck, 'metadata', 'namespace'))}`;
      return failure(`error when waiting for ${where} to terminate: ${reason}`);
    },
    stop: () => watch.stop(),
  });
}
