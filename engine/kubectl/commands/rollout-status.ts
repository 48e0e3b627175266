/** `kubectl rollout status`: tells how far a rollout is until it is done. Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { annotationsOf } from '../describe/describe-writer.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { forEachRollout, rolloutFlags } from './rollout-targets.ts';

export const rolloutStatusCommand: Command = {
  name: 'status',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'Show the status of the rollout',
  flags: [
    ...rolloutFlags,
    {
      name: 'revision',
      type: 'int',
      initial: '0',
      usage: 'Fails when another revision runs; 0 for the last.',
    },
    { name: 'timeout', type: 'duration', initial: '0s', usage: 'Longest time to wait; 0 for ever.' },
    { name: 'watch', short: 'w', type: 'bool', initial: 'true', usage: 'Waits until the rollout is done.' },
  ],
  run: runStatus,
};

/** What there is to say, and whether the rollout is done. */
interface Progress {
  readonly text: string;
  readonly done: boolean;
}

type Viewer = (object: JsonObject, revision: number) => Outcome<Progress>;

const viewers: ReadonlyMap<string, Viewer> = new Map([
  ['Deployment', viewDeployment],
  ['DaemonSet', viewDaemonSet],
  ['StatefulSet', viewStatefulSet],
]);

async function runStatus(invocation: Invocation): Promise<Outcome<void>> {
  const revision = invocation.flags.int('revision');
  if (invocation.args.length > 0 && revision < 0)
    return failure(`revision must be a positive integer: ${revision}`);
  let count = 0;
  const done = await forEachRollout(invocation, (info) => {
    count += 1;
    return statusOf(invocation, info);
  });
  if (!done.ok) return done;
  if (count === 0) invocation.err(`No resources found in ${invocation.namespace} namespace.\n`);
  return done;
}

async function statusOf(invocation: Invocation, info: ResourceInfo): Promise<Outcome<void>> {
  const { client, flags, host } = invocation;
  const { mapping } = info;
  const viewer = mapping.group === 'apps' ? viewers.get(mapping.kind) : undefined;
  if (viewer === undefined) {
    const kind = mapping.group === '' ? mapping.kind : `${mapping.kind}.${mapping.group}`;
    return failure(`no status viewer has been implemented for ${kind}`);
  }
  let outcome = tell(invocation, viewer, info.object);
  if (outcome !== undefined) return outcome;
  const response = await client.send({
    method: 'GET',
    path: resourcePath(mapping, info.namespace),
    query: [
      ['watch', 'true'],
      ['fieldSelector', `metadata.name=${info.name}`],
      ['resourceVersion', stringAt(info.object, 'metadata', 'resourceVersion')],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('the server answered a watch with something else');
  response.value.watch.onEvent((event) => {
    if (outcome !== undefined) return;
    if (event.type === 'DELETED') outcome = failure('object has been deleted');
    else if (isJsonObject(event.object)) outcome = tell(invocation, viewer, event.object);
  });
  const timeoutMs = flags.durationMs('timeout');
  await host.waitUntil(() => outcome !== undefined, timeoutMs > 0 ? timeoutMs : host.longestSilenceMs);
  response.value.watch.stop();
  return outcome ?? failure('timed out waiting for the condition');
}

/** Prints one state; undefined while there is more to wait for. */
function tell(invocation: Invocation, viewer: Viewer, object: JsonObject): Outcome<void> | undefined {
  const progress = viewer(object, invocation.flags.int('revision'));
  if (!progress.ok) return progress;
  invocation.out(progress.value.text);
  return progress.value.done || !invocation.flags.bool('watch') ? ok(undefined) : undefined;
}

function waiting(text: string): Outcome<Progress> {
  return ok({ text: `${text}\n`, done: false });
}

function finished(text: string): Outcome<Progress> {
  return ok({ text: `${text}\n`, done: true });
}

function numberAt(object: JsonObject, ...path: readonly string[]): number {
  return Number(valueAt(object, ...path) ?? 0);
}

/** Whether the controller has seen the newest spec. */
function isObserved(object: JsonObject): boolean {
  return numberAt(object, 'metadata', 'generation') <= numberAt(object, 'status', 'observedGeneration');
}

function viewDeployment(object: JsonObject, revision: number): Outcome<Progress> {
  const name = JSON.stringify(stringAt(object, 'metadata', 'name'));
  const running = Number(annotationsOf(object).get('deployment.kubernetes.io/revision') ?? '0');
  if (revision > 0 && revision !== running) {
    return failure(`desired revision (${revision}) is different from the running revision (${running})`);
  }
  if (!isObserved(object)) return waiting('Waiting for deployment spec update to be observed...');
  const hasTimedOut = objectsAt(object, 'status', 'conditions').some(
    (one) =>
      stringAt(one, 'type') === 'Progressing' && stringAt(one, 'reason') === 'ProgressDeadlineExceeded',
  );
  if (hasTimedOut) return failure(`deployment ${name} exceeded its progress deadline`);
  const wanted = numberAt(object, 'spec', 'replicas');
  const [updated, total, available] = ['updatedReplicas', 'replicas', 'availableReplicas'].map((field) =>
    numberAt(object, 'status', field),
  );
  const head = `Waiting for deployment ${name} rollout to finish:`;
  if (Number(updated) < wanted)
    return waiting(`${head} ${updated} out of ${wanted} new replicas have been updated...`);
  if (Number(total) > Number(updated)) {
    return waiting(`${head} ${Number(total) - Number(updated)} old replicas are pending termination...`);
  }
  if (Number(available) < Number(updated))
    return waiting(`${head} ${available} of ${updated} updated replicas are available...`);
  return finished(`deployment ${name} successfully rolled out`);
}

const onlyRolling = 'rollout status is only available for RollingUpdate strategy type';

function viewDaemonSet(object: JsonObject): Outcome<Progress> {
  if (stringAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return failure(onlyRolling);
  if (!isObserved(object)) return waiting('Waiting for daemon set spec update to be observed...');
  const name = JSON.stringify(stringAt(object, 'metadata', 'name'));
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled');
  const updated = numberAt(object, 'status', 'updatedNumberScheduled');
  const available = numberAt(object, 'status', 'numberAvailable');
  const head = `Waiting for daemon set ${name} rollout to finish:`;
  if (updated < wanted) return waiting(`${head} ${updated} out of ${wanted} new pods have been updated...`);
  if (available < wanted) return waiting(`${head} ${available} of ${wanted} updated pods are available...`);
  return finished(`daemon set ${name} successfully rolled out`);
}

function viewStatefulSet(object: JsonObject): Outcome<Progress> {
  if (stringAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return failure(onlyRolling);
  if (numberAt(object, 'status', 'observedGeneration') === 0 || !isObserved(object)) {
    return waiting('Waiting for statefulset spec update to be observed...');
  }
  const missing = numberAt(object, 'spec', 'replicas') - numberAt(object, 'status', 'readyReplicas');
  if (missing > 0) return waiting(`Waiting for ${missing} pods to be ready...`);
  const updated = numberAt(object, 'status', 'updatedReplicas');
  const rolling = valueAt(object, 'spec', 'updateStrategy', 'rollingUpdate');
  if (isJsonObject(rolling)) {
    const wanted = numberAt(object, 'spec', 'replicas') - numberAt(rolling, 'partition');
    const hasPartition = valueAt(rolling, 'partition') !== undefined;
    if (hasPartition && updated < wanted) {
      return waiting(
        `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated...`,
      );
    }
    return finished(`partitioned roll out complete: ${updated} new pods have been updated...`);
  }
  const newest = stringAt(object, 'status', 'updateRevision');
  const current = stringAt(object, 'status', 'currentRevision');
  if (newest !== current) {
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${newest}...`,
    );
  }
  const running = numberAt(object, 'status', 'currentReplicas');
  return finished(`statefulset rolling update complete ${running} pods at revision ${current}...`);
}
