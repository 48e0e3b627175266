/** `kubectl describe` of what keeps Pods: ReplicationController, ReplicaSet, Deployment. */

import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { selectorOf } from '../commands/target-pod.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { writePodTemplate } from './containers.ts';
import {
  annotationsOf,
  controllerOf,
  DescribeWriter,
  formatLabelPairs,
  formatLongTime,
  labelsOf,
  scalarAt,
  writeConditions,
} from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeReplicationController: Describer = async (target) => {
  const selector = formatLabelPairs(stringMapAt(target.object, 'spec', 'selector'));
  return describeReplicas(target, selector);
};

export const describeReplicaSet: Describer = async (target) =>
  describeReplicas(target, selectorOf(target.object) ?? '<none>');

async function describeReplicas(
  { invocation, object, showEvents }: Parameters<Describer>[0],
  selector: string,
): ReturnType<Describer> {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `Selector:\t${selector}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  const controller = stringAt(object, 'kind') === 'ReplicaSet' ? controllerOf(object) : '';
  if (controller !== '') writer.line(0, `Controlled By:\t${controller}`);
  const current = Number(valueAt(object, 'status', 'replicas') ?? 0);
  writer.line(0, `Replicas:\t${current} current / ${scalarAt(object, 'spec', 'replicas')} desired`);
  writer.line(0, `Pods Status:\t${await podStatus(invocation, object)}`);
  writePodTemplate(writer, objectAt(object, 'spec', 'template'));
  writeConditions(writer, object);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
}

/** Counts the Pods that an object controls, by phase. */
export async function podStatus(invocation: Invocation, object: JsonObject): Promise<string> {
  const namespace = stringAt(object, 'metadata', 'namespace');
  const list = await invocation.client.get(`/api/v1/namespaces/${namespace}/pods`, [
    ['labelSelector', selectorOf(object) ?? ''],
  ]);
  if (!list.ok) return 'error in fetching pods';
  const uid = stringAt(object, 'metadata', 'uid');
  const pods = objectsAt(list.value, 'items').filter((pod) =>
    objectsAt(pod, 'metadata', 'ownerReferences').some(
      (owner) => valueAt(owner, 'controller') === true && stringAt(owner, 'uid') === uid,
    ),
  );
  const count = (phase: string) => pods.filter((pod) => stringAt(pod, 'status', 'phase') === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

export const describeDeployment: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  const status = (field: string) => Number(valueAt(object, 'status', field) ?? 0);
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `CreationTimestamp:\t${formatLongTime(stringAt(object, 'metadata', 'creationTimestamp'))}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, `Selector:\t${selectorOf(object) ?? ''}`);
  writer.line(
    0,
    `Replicas:\t${scalarAt(object, 'spec', 'replicas')} desired | ${status('updatedReplicas')} updated | ${status('replicas')} total | ${status('availableReplicas')} available | ${status('unavailableReplicas')} unavailable`,
  );
  writer.line(0, `StrategyType:\t${stringAt(object, 'spec', 'strategy', 'type')}`);
  writer.line(0, `MinReadySeconds:\t${Number(valueAt(object, 'spec', 'minReadySeconds') ?? 0)}`);
  const rolling = objectAt(object, 'spec', 'strategy', 'rollingUpdate');
  if (Object.keys(rolling).length > 0) {
    writer.line(
      0,
      `RollingUpdateStrategy:\t${scalarAt(rolling, 'maxUnavailable')} max unavailable, ${scalarAt(rolling, 'maxSurge')} max surge`,
    );
  }
  writePodTemplate(writer, objectAt(object, 'spec', 'template'));
  writeConditions(writer, object);
  await writeReplicaSets(writer, invocation, object);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

const revisionKey = 'deployment.kubernetes.io/revision';

/** The ReplicaSet with the Deployment's own revision is the new one. */
async function writeReplicaSets(
  writer: DescribeWriter,
  invocation: Invocation,
  deployment: JsonObject,
): Promise<void> {
  const namespace = stringAt(deployment, 'metadata', 'namespace');
  const list = await invocation.client.get(`/apis/apps/v1/namespaces/${namespace}/replicasets`, [
    ['labelSelector', selectorOf(deployment) ?? ''],
  ]);
  if (!list.ok) return;
  const uid = stringAt(deployment, 'metadata', 'uid');
  const owned = objectsAt(list.value, 'items').filter((set) =>
    objectsAt(set, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === uid),
  );
  if (owned.length === 0) return;
  // By age, as the search for the new one leaves them. Source: k8s.io/kubectl/pkg/util/deployment/deployment.go.
  const ageOf = (set: JsonObject) =>
    `${stringAt(set, 'metadata', 'creationTimestamp')} ${stringAt(set, 'metadata', 'name')}`;
  owned.sort((a, b) => compareKeys(ageOf(a), ageOf(b)));
  const revision = annotationsOf(deployment).get(revisionKey);
  const isNew = (set: JsonObject) => annotationsOf(set).get(revisionKey) === revision;
  const format = (sets: readonly JsonObject[]) =>
    sets
      .map(
        (set) =>
          `${stringAt(set, 'metadata', 'name')} (${Number(valueAt(set, 'status', 'replicas') ?? 0)}/${scalarAt(set, 'spec', 'replicas')} replicas created)`,
      )
      .join(', ') || '<none>';
  writer.line(0, `OldReplicaSets:\t${format(owned.filter((set) => !isNew(set)))}`);
  writer.line(0, `NewReplicaSet:\t${format(owned.filter(isNew))}`);
}
