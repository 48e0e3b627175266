/** `kubectl describe node`, with the Pods on it and what they ask for. */
import { ageSince } from '../../api/duration.ts';
import {
  addQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  zeroQuantity,
} from '../../api/quantity.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { messageOf } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, formatLongTime, labelsOf, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeNode: Describer = async ({ invocation, object: node, showEvents }) => {
  const writer = new DescribeWriter();
  const nowMs = invocation.host.now();
  const name = stringAt(node, 'metadata', 'name');
  writer.line(0, `Name:\t${name}`);
  writer.line(0, `Roles:\t${rolesOf(node) || '<none>'}`);
  writer.labels('Labels', labelsOf(node));
  writer.annotations('Annotations', annotationsOf(node));
  writer.line(0, `CreationTimestamp:\t${formatLongTime(stringAt(node, 'metadata', 'creationTimestamp'))}`);
  writer.lines('Taints', taintsOf(node));
  writer.line(0, `Unschedulable:\t${valueAt(node, 'spec', 'unschedulable') === true}`);
  await writeLease(writer, invocation, name);
  writeConditions(writer, objectsAt(node, 'status', 'conditions'));
  writer.line(0, 'Addresses:');
  for (const one of objectsAt(node, 'status', 'addresses')) {
    writer.line(1, `${stringAt(one, 'type')}:\t${stringAt(one, 'address')}`);
  }
  writeAmounts(writer, 'Capacity', objectAt(node, 'status', 'capacity'));
  writeAmounts(writer, 'Allocatable', objectAt(node, 'status', 'allocatable'));
  writeSystem(writer, node);
  const pods = await invocation.client.get('/api/v1/pods', [
    ['fieldSelector', `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`],
  ]);
  if (!pods.ok) return pods;
  writePods(writer, objectsAt(pods.value, 'items'), node, nowMs);
  if (showEvents) {
    const byUid = (await findEvents(invocation, node)) ?? [];
    // The kubelet's own events name the node by its name instead of its uid.
    const byName = (await findEvents(invocation, node, { uid: name })) ?? [];
    writeEvents(writer, [...byUid, ...byName], nowMs);
  }
  return ok(writer.toString());
};

function rolesOf(node: JsonObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = [...labelsOf(node)].flatMap(([key, value]) => {
    if (key.startsWith(prefix) && key.length > prefix.length) return [key.slice(prefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].sort(compareKeys).join(',');
}

function taintsOf(node: JsonObject): readonly string[] {
  const order = (taint: JsonObject) => `${stringAt(taint, 'effect')},${stringAt(taint, 'key')}`;
  return [...objectsAt(node, 'spec', 'taints')]
    .sort((a, b) => compareKeys(order(a), order(b)))
    .map((taint) => {
      const value = stringAt(taint, 'value');
      return `${stringAt(taint, 'key')}${value === '' ? '' : `=${value}`}:${stringAt(taint, 'effect')}`;
    });
}

async function writeLease(writer: DescribeWriter, invocation: Invocation, node: string): Promise<void> {
  const lease = await invocation.client.get(
    `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`,
  );
  if (!lease.ok) {
    writer.line(0, `Lease:\tFailed to get lease: ${messageOf(lease.error)}`);
    return;
  }
  const time = (field: string) => {
    const text = stringAt(lease.value, 'spec', field);
    return text === '' ? '<unset>' : formatLongTime(text);
  };
  writer.line(0, 'Lease:');
  writer.line(1, `HolderIdentity:\t${stringAt(lease.value, 'spec', 'holderIdentity') || '<unset>'}`);
  writer.line(1, `AcquireTime:\t${time('acquireTime')}`);
  writer.line(1, `RenewTime:\t${time('renewTime')}`);
}

function writeConditions(writer: DescribeWriter, conditions: readonly JsonObject[]): void {
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const one of conditions) {
    const beat = formatLongTime(stringAt(one, 'lastHeartbeatTime'));
    const change = formatLongTime(stringAt(one, 'lastTransitionTime'));
    writer.line(
      1,
      `${stringAt(one, 'type')} \t${stringAt(one, 'status')} \t${beat} \t${change} \t${stringAt(one, 'reason')} \t${stringAt(one, 'message')}`,
    );
  }
}

function writeAmounts(writer: DescribeWriter, title: string, amounts: JsonObject): void {
  const names = Object.keys(amounts).sort(compareKeys);
  if (names.length === 0) return;
  writer.line(0, `${title}:`);
  for (const name of names) writer.line(1, `${name}:\t${scalarAt(amounts, name)}`);
}

function writeSystem(writer: DescribeWriter, node: JsonObject): void {
  writer.line(0, 'System Info:');
  for (const [title, field] of [
    ['Machine ID', 'machineID'],
    ['System UUID', 'systemUUID'],
    ['Boot ID', 'bootID'],
    ['Kernel Version', 'kernelVersion'],
    ['OS Image', 'osImage'],
    ['Operating System', 'operatingSystem'],
    ['Architecture', 'architecture'],
    ['Container Runtime Version', 'containerRuntimeVersion'],
    ['Kubelet Version', 'kubeletVersion'],
  ] as const) {
    writer.line(1, `${title}:\t${stringAt(node, 'status', 'nodeInfo', field)}`);
  }
  const cidrs = listAt(node, 'spec', 'podCIDRs').map(String).join(',');
  for (const [title, value] of [
    ['PodCIDR', stringAt(node, 'spec', 'podCIDR')],
    ['PodCIDRs', cidrs],
    ['ProviderID', stringAt(node, 'spec', 'providerID')],
  ] as const) {
    if (value !== '') writer.line(0, `${title}:\t${value}`);
  }
}

type Side = 'requests' | 'limits';

function writePods(
  writer: DescribeWriter,
  pods: readonly JsonObject[],
  node: JsonObject,
  nowMs: number,
): void {
  const allocatable = objectAt(node, 'status', 'allocatable');
  writer.line(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  writer.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  writer.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  for (const pod of pods) {
    const cells = (['cpu', 'memory'] as const).flatMap((resource) =>
      (['requests', 'limits'] as const).map((side) =>
        share(podTotal(pod, side, resource), allocatable, resource),
      ),
    );
    const age = ageSince(valueAt(pod, 'metadata', 'creationTimestamp'), nowMs);
    writer.line(
      1,
      `${stringAt(pod, 'metadata', 'namespace')}\t${stringAt(pod, 'metadata', 'name')}\t\t${cells.join('\t')}\t${age}`,
    );
  }
  writer.line(0, 'Allocated resources:');
  writer.line(0, '  (Total limits may be over 100 percent, i.e., overcommitted.)');
  writer.line(1, 'Resource\tRequests\tLimits');
  writer.line(1, '--------\t--------\t------');
  const rows = ['cpu', 'memory', 'ephemeral-storage', ...hugePages(allocatable)];
  for (const resource of rows) {
    const [requests, limits] = (['requests', 'limits'] as const).map((side) =>
      share(
        pods.map((pod) => podTotal(pod, side, resource)).reduce(addQuantities, zeroQuantity),
        allocatable,
        resource,
      ),
    );
    writer.line(1, `${resource}\t${requests}\t${limits}`);
  }
}

function hugePages(allocatable: JsonObject): readonly string[] {
  return Object.keys(allocatable)
    .filter((name) => name.startsWith('hugepages-'))
    .sort(compareKeys);
}

/** What a Pod asks for: its containers together, or one of its init containers where that asks for more. */
function podTotal(pod: JsonObject, side: Side, resource: string): Quantity {
  const amount = (container: JsonObject) => quantityOf(scalarAt(container, 'resources', side, resource));
  const inits = objectsAt(pod, 'spec', 'initContainers');
  const isSidecar = (container: JsonObject) => stringAt(container, 'restartPolicy') === 'Always';
  const running = [...objectsAt(pod, 'spec', 'containers'), ...inits.filter(isSidecar)];
  const total = running.map(amount).reduce(addQuantities, zeroQuantity);
  const largest = inits
    .filter((container) => !isSidecar(container))
    .map(amount)
    .reduce((a, b) => (a.nano >= b.nano ? a : b), zeroQuantity);
  return largest.nano > total.nano ? largest : total;
}

function quantityOf(text: string): Quantity {
  const parsed = parseQuantity(text);
  return parsed.ok ? parsed.value : zeroQuantity;
}

/** `100m (5%)`: an amount and its share of what the node has to give. */
function share(amount: Quantity, allocatable: JsonObject, resource: string): string {
  const whole = quantityMilliValue(quantityOf(scalarAt(allocatable, resource)));
  const percent = whole === 0n ? 0n : (quantityMilliValue(amount) * 100n) / whole;
  return `${formatQuantity(amount)} (${percent}%)`;
}
