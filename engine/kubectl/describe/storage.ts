/** `kubectl describe` of StorageClasses, PersistentVolumes and PersistentVolumeClaims. Left out: sources other than hostPath, NFS, local and CSI. */

import { ageSince } from '../../api/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { formatGoPlain } from '../printers/go-syntax.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import {
  annotationsOf,
  DescribeWriter,
  formatLabelPairs,
  formatLongTime,
  labelsOf,
  scalarAt,
} from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeStorageClass: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  const isDefault = annotationsOf(object).get('storageclass.kubernetes.io/is-default-class') === 'true';
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `IsDefaultClass:\t${isDefault ? 'Yes' : 'No'}`);
  writer.line(0, `Annotations:\t${formatLabelPairs(annotationsOf(object))}`);
  writer.line(0, `Provisioner:\t${stringAt(object, 'provisioner')}`);
  writer.line(0, `Parameters:\t${formatLabelPairs(stringMapAt(object, 'parameters'))}`);
  const expansion = valueAt(object, 'allowVolumeExpansion');
  const expands = typeof expansion === 'boolean' ? (expansion ? 'True' : 'False') : '<unset>';
  writer.line(0, `AllowVolumeExpansion:\t${expands}`);
  const options = listAt(object, 'mountOptions').map(String);
  writer.line(0, `MountOptions:${options.length === 0 ? '\t<none>' : ''}`);
  for (const option of options) writer.line(1, option);
  if (stringAt(object, 'reclaimPolicy') !== '')
    writer.line(0, `ReclaimPolicy:\t${stringAt(object, 'reclaimPolicy')}`);
  if (stringAt(object, 'volumeBindingMode') !== '')
    writer.line(0, `VolumeBindingMode:\t${stringAt(object, 'volumeBindingMode')}`);
  if (Array.isArray(object.allowedTopologies)) writeTopologies(writer, object);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function writeTopologies(writer: DescribeWriter, object: JsonObject): void {
  const terms = objectsAt(object, 'allowedTopologies');
  writer.line(0, `AllowedTopologies:\t${terms.length === 0 ? '<none>' : ''}`);
  for (const [index, term] of terms.entries()) {
    const [first = '<none>', ...others] = objectsAt(term, 'matchLabelExpressions').map((expression) => {
      const values = listAt(expression, 'values').map(String);
      return `${stringAt(expression, 'key')} in${values.length === 0 ? '' : ` [${values.join(', ')}]`}`;
    });
    writer.line(1, `Term ${index}:\t${first}`);
    for (const other of others) writer.line(1, `\t${other}`);
  }
}

const modeLetters: ReadonlyMap<string, string> = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]);

function accessModes(object: JsonObject, ...path: readonly string[]): string {
  const modes = listAt(object, ...path).map(String);
  return [...modeLetters].flatMap(([mode, letters]) => (modes.includes(mode) ? [letters] : [])).join(',');
}

export const describePersistentVolume: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  const spec = objectAt(object, 'spec');
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, `Finalizers:\t${formatGoPlain(listAt(object, 'metadata', 'finalizers'))}`);
  writer.line(0, `StorageClass:\t${stringAt(spec, 'storageClassName')}`);
  const deletedAt = stringAt(object, 'metadata', 'deletionTimestamp');
  const phase = stringAt(object, 'status', 'phase');
  writer.line(
    0,
    `Status:\t${deletedAt === '' ? phase : `Terminating (lasts ${ageSince(deletedAt, invocation.host.now())})`}`,
  );
  const claim = objectAt(spec, 'claimRef');
  const owner =
    Object.keys(claim).length === 0 ? '' : `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}`;
  writer.line(0, `Claim:\t${owner}`);
  writer.line(0, `Reclaim Policy:\t${stringAt(spec, 'persistentVolumeReclaimPolicy')}`);
  writer.line(0, `Access Modes:\t${accessModes(spec, 'accessModes')}`);
  if (stringAt(spec, 'volumeMode') !== '') writer.line(0, `VolumeMode:\t${stringAt(spec, 'volumeMode')}`);
  writer.line(0, `Capacity:\t${scalarAt(spec, 'capacity', 'storage') || '0'}`);
  writeNodeAffinity(writer, objectAt(spec, 'nodeAffinity'));
  writer.line(0, `Message:\t${stringAt(object, 'status', 'message')}`);
  writer.line(0, 'Source:');
  writeSource(writer, spec);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function writeNodeAffinity(writer: DescribeWriter, affinity: JsonObject): void {
  const terms = objectsAt(affinity, 'required', 'nodeSelectorTerms');
  if (terms.length === 0) {
    writer.line(0, 'Node Affinity:\t<none>');
    return;
  }
  writer.line(0, 'Node Affinity:\t');
  writer.line(1, 'Required Terms:\t');
  for (const [index, term] of terms.entries()) {
    const expressions = objectsAt(term, 'matchExpressions');
    const texts = expressions.map((one) => {
      const values = listAt(one, 'values').map(String);
      const list = values.length === 0 ? '' : ` [${values.join(', ')}]`;
      return `${stringAt(one, 'key')} ${stringAt(one, 'operator').toLowerCase()}${list}`;
    });
    const [first = '<none>', ...others] = texts;
    writer.line(2, `Term ${index}:\t${first}`);
    for (const text of others) writer.line(2, `\t${text}`);
  }
}

function writeSource(writer: DescribeWriter, spec: JsonObject): void {
  const at = (field: string) => objectAt(spec, field);
  if (spec.hostPath !== undefined) {
    writer.line(2, 'Type:\tHostPath (bare host directory volume)');
    writer.line(2, `Path:\t${stringAt(at('hostPath'), 'path')}`);
    writer.line(2, `HostPathType:\t${scalarAt(at('hostPath'), 'type')}`);
  } else if (spec.nfs !== undefined) {
    writer.line(2, 'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)');
    writer.line(2, `Server:\t${stringAt(at('nfs'), 'server')}`);
    writer.line(2, `Path:\t${stringAt(at('nfs'), 'path')}`);
    writer.line(2, `ReadOnly:\t${valueAt(at('nfs'), 'readOnly') === true}`);
  } else if (spec.local !== undefined) {
    writer.line(2, 'Type:\tLocalVolume (a persistent volume backed by local storage on a node)');
    writer.line(2, `Path:\t${stringAt(at('local'), 'path')}`);
  } else if (spec.csi !== undefined) {
    writer.line(2, 'Type:\tCSI (a Container Storage Interface (CSI) volume source)');
    writer.line(2, `Driver:\t${stringAt(at('csi'), 'driver')}`);
    writer.line(2, `FSType:\t${stringAt(at('csi'), 'fsType')}`);
    writer.line(2, `VolumeHandle:\t${stringAt(at('csi'), 'volumeHandle')}`);
    writer.line(2, `ReadOnly:\t${valueAt(at('csi'), 'readOnly') === true}`);
    const attributes = [...stringMapAt(at('csi'), 'volumeAttributes')].map(
      ([key, value]) => `${key}=${value}`,
    );
    const [first = '<none>', ...others] = attributes;
    // The original indents its own indentation once more behind the tab.
    writer.line(2, `VolumeAttributes:\t    ${first}`);
    for (const other of others) writer.line(2, `\t${other}`);
  } else writer.line(1, '<unknown>');
}

export const describePersistentVolumeClaim: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeClaim(writer, object, true);
  const namespace = stringAt(object, 'metadata', 'namespace');
  const name = stringAt(object, 'metadata', 'name');
  const pods = await invocation.client.get(`/api/v1/namespaces/${namespace}/pods`);
  const users = (pods.ok ? objectsAt(pods.value, 'items') : [])
    .filter((pod) =>
      objectsAt(pod, 'spec', 'volumes').some(
        (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') === name,
      ),
    )
    .map((pod) => stringAt(pod, 'metadata', 'name'));
  writer.lines('Used By', users);
  const conditions = objectsAt(object, 'status', 'conditions');
  if (conditions.length > 0) {
    writer.line(0, 'Conditions:');
    writer.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage');
    writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
    for (const one of conditions) {
      const times = ['lastProbeTime', 'lastTransitionTime'].map((field) =>
        formatLongTime(stringAt(one, field)),
      );
      const cells = [stringAt(one, 'type'), stringAt(one, 'status'), ...times, stringAt(one, 'reason')];
      writer.line(1, `${cells.join(' \t')} \t${stringAt(one, 'message')}`);
    }
  }
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

/** What a claim, or a StatefulSet's template of one, shows of itself. */
export function writeClaim(writer: DescribeWriter, claim: JsonObject, isWhole: boolean): void {
  const spec = objectAt(claim, 'spec');
  const size =
    scalarAt(claim, 'status', 'capacity', 'storage') || scalarAt(spec, 'resources', 'requests', 'storage');
  const className = stringAt(spec, 'storageClassName');
  if (!isWhole) {
    writer.line(1, `Name:\t${stringAt(claim, 'metadata', 'name')}`);
    writer.line(1, `StorageClass:\t${className}`);
    writer.labels('  Labels', labelsOf(claim));
    writer.annotations('  Annotations', annotationsOf(claim));
    writer.line(1, `Capacity:\t${scalarAt(spec, 'resources', 'requests', 'storage') || '<default>'}`);
    writer.line(1, `Access Modes:\t${formatGoPlain(listAt(spec, 'accessModes'))}`);
    return;
  }
  writer.line(0, `Name:\t${stringAt(claim, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(claim, 'metadata', 'namespace')}`);
  writer.line(0, `StorageClass:\t${className}`);
  const isLeaving = stringAt(claim, 'metadata', 'deletionTimestamp') !== '';
  writer.line(0, `Status:\t${isLeaving ? 'Terminating' : stringAt(claim, 'status', 'phase')}`);
  writer.line(0, `Volume:\t${stringAt(spec, 'volumeName')}`);
  writer.labels('Labels', labelsOf(claim));
  writer.annotations('Annotations', annotationsOf(claim));
  writer.line(0, `Finalizers:\t${formatGoPlain(listAt(claim, 'metadata', 'finalizers'))}`);
  const isBound = stringAt(spec, 'volumeName') !== '';
  writer.line(0, `Capacity:\t${isBound ? size : ''}`);
  writer.line(0, `Access Modes:\t${isBound ? accessModes(claim, 'status', 'accessModes') : ''}`);
  if (stringAt(spec, 'volumeMode') !== '') writer.line(0, `VolumeMode:\t${stringAt(spec, 'volumeMode')}`);
}
