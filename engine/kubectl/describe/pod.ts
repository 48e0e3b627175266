/** `kubectl describe pod`. */
import { ageSince } from '../../api/duration.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { writeContainers, writeResources } from './containers.ts';
import {
  annotationsOf,
  controllerOf,
  DescribeWriter,
  formatLongTime,
  labelsOf,
  scalarAt,
} from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';
import { writeSpreadConstraints, writeTolerations, writeVolumes } from './volumes.ts';

export const describePod: Describer = async ({ invocation, object: pod, showEvents }) => {
  const nowMs = invocation.host.now();
  const writer = new DescribeWriter();
  writePlace(writer, pod);
  writePhase(writer, pod, nowMs);
  writeAddresses(writer, pod);
  if (isJsonObject(valueAt(pod, 'spec', 'resources'))) {
    writer.line(0, 'Resources:');
    writeResources(writer, objectAt(pod, 'spec', 'resources'), 1);
  }
  writeAllContainers(writer, pod);
  writePodConditions(writer, pod);
  const spec = objectAt(pod, 'spec');
  writeVolumes(writer, objectsAt(spec, 'volumes'), '');
  writer.line(0, `QoS Class:\t${stringAt(pod, 'status', 'qosClass')}`);
  writer.labels('Node-Selectors', stringMapAt(spec, 'nodeSelector'));
  writeTolerations(writer, spec, '');
  writeSpreadConstraints(writer, spec, '');
  if (showEvents) writeEvents(writer, await findEvents(invocation, pod, { withoutKind: true }), nowMs);
  return ok(writer.toString());
};

function writePlace(writer: DescribeWriter, pod: JsonObject): void {
  writer.line(0, `Name:\t${stringAt(pod, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(pod, 'metadata', 'namespace')}`);
  for (const [title, value] of [
    ['Priority', scalarAt(pod, 'spec', 'priority')],
    ['Priority Class Name', stringAt(pod, 'spec', 'priorityClassName')],
    ['Runtime Class Name', stringAt(pod, 'spec', 'runtimeClassName')],
    ['Service Account', stringAt(pod, 'spec', 'serviceAccountName')],
  ] as const) {
    if (value !== '') writer.line(0, `${title}:\t${value}`);
  }
  const node = stringAt(pod, 'spec', 'nodeName');
  writer.line(0, `Node:\t${node === '' ? '<none>' : `${node}/${stringAt(pod, 'status', 'hostIP')}`}`);
  const startTime = stringAt(pod, 'status', 'startTime');
  if (startTime !== '') writer.line(0, `Start Time:\t${formatLongTime(startTime)}`);
  writer.labels('Labels', labelsOf(pod));
  writer.annotations('Annotations', annotationsOf(pod));
}

function writePhase(writer: DescribeWriter, pod: JsonObject, nowMs: number): void {
  const phase = stringAt(pod, 'status', 'phase');
  const deletedAt = stringAt(pod, 'metadata', 'deletionTimestamp');
  if (deletedAt !== '' && phase !== 'Failed' && phase !== 'Succeeded') {
    writer.line(0, `Status:\tTerminating (lasts ${ageSince(deletedAt, nowMs)})`);
    writer.line(0, `Termination Grace Period:\t${scalarAt(pod, 'metadata', 'deletionGracePeriodSeconds')}s`);
  } else writer.line(0, `Status:\t${phase}`);
  const reason = stringAt(pod, 'status', 'reason');
  const message = stringAt(pod, 'status', 'message');
  if (reason !== '') writer.line(0, `Reason:\t${reason}`);
  if (message !== '') writer.line(0, `Message:\t${message}`);
  const seccomp = objectAt(pod, 'spec', 'securityContext', 'seccompProfile');
  if (Object.keys(seccomp).length === 0) return;
  writer.line(0, `SeccompProfile:\t${stringAt(seccomp, 'type')}`);
  if (stringAt(seccomp, 'type') === 'Localhost') {
    writer.line(0, `LocalhostProfile:\t${stringAt(seccomp, 'localhostProfile')}`);
  }
}

function writeAddresses(writer: DescribeWriter, pod: JsonObject): void {
  writer.line(0, `IP:\t${stringAt(pod, 'status', 'podIP')}`);
  const addresses = objectsAt(pod, 'status', 'podIPs');
  if (addresses.length === 0) writer.line(0, 'IPs:\t<none>');
  else writer.line(0, 'IPs:');
  for (const address of addresses) writer.line(1, `IP:\t${stringAt(address, 'ip')}`);
  const controller = controllerOf(pod);
  if (controller !== '') writer.line(0, `Controlled By:\t${controller}`);
  const nominated = stringAt(pod, 'status', 'nominatedNodeName');
  if (nominated !== '') writer.line(0, `NominatedNodeName:\t${nominated}`);
}

function writeAllContainers(writer: DescribeWriter, pod: JsonObject): void {
  const groups = [
    ['Init Containers', 'initContainers', 'initContainerStatuses'],
    ['Containers', 'containers', 'containerStatuses'],
    ['Ephemeral Containers', 'ephemeralContainers', 'ephemeralContainerStatuses'],
  ] as const;
  for (const [title, field, statusField] of groups) {
    const containers = objectsAt(pod, 'spec', field);
    if (containers.length === 0 && field !== 'containers') continue;
    writeContainers(writer, containers, {
      title,
      statuses: objectsAt(pod, 'status', statusField),
      space: '',
      pod,
    });
  }
}

function writePodConditions(writer: DescribeWriter, pod: JsonObject): void {
  const conditions = objectsAt(pod, 'status', 'conditions');
  const gates = objectsAt(pod, 'spec', 'readinessGates');
  if (gates.length > 0) {
    writer.line(0, 'Readiness Gates:');
    writer.line(1, 'Type\tStatus');
  }
  for (const gate of gates) {
    const type = stringAt(gate, 'conditionType');
    const met = conditions.find((one) => stringAt(one, 'type') === type);
    writer.line(1, `${type} \t${met === undefined ? '<none>' : stringAt(met, 'status')} `);
  }
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus');
  for (const one of conditions) writer.line(1, `${stringAt(one, 'type')} \t${stringAt(one, 'status')} `);
}
