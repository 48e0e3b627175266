/** Volumes, tolerations and spreading in a description. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { type DescribeWriter, formatLabelPairs, scalarAt } from './describe-writer.ts';

/** Writes `Volumes:`; `space` stands before it in a template. */
export function writeVolumes(writer: DescribeWriter, volumes: readonly JsonObject[], space: string): void {
  if (volumes.length === 0) {
    writer.line(0, `${space}Volumes:\t<none>`);
    return;
  }
  writer.line(0, `${space}Volumes:`);
  for (const volume of volumes) {
    writer.line(1, `${space === '' ? '' : ' '}${stringAt(volume, 'name')}:`);
    const lines = sourceLines(volume);
    if (lines === undefined) writer.line(1, '<unknown>');
    else for (const line of lines) writer.line(2, line);
  }
}

function sourceLines(volume: JsonObject): readonly string[] | undefined {
  const { hostPath, emptyDir, secret, configMap, persistentVolumeClaim, projected, downwardAPI, nfs } =
    volume;
  if (isJsonObject(hostPath)) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${stringAt(hostPath, 'path')}`,
      `HostPathType:\t${valueAt(hostPath, 'type') === undefined ? '<none>' : stringAt(hostPath, 'type')}`,
    ];
  }
  if (isJsonObject(emptyDir)) {
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${stringAt(emptyDir, 'medium')}`,
      `SizeLimit:\t${scalarAt(emptyDir, 'sizeLimit') || '<unset>'}`,
    ];
  }
  if (isJsonObject(secret)) {
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${stringAt(secret, 'secretName')}`,
      `Optional:\t${valueAt(secret, 'optional') === true}`,
    ];
  }
  if (isJsonObject(configMap)) {
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${stringAt(configMap, 'name')}`,
      `Optional:\t${valueAt(configMap, 'optional') === true}`,
    ];
  }
  if (isJsonObject(persistentVolumeClaim)) {
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${stringAt(persistentVolumeClaim, 'claimName')}`,
      `ReadOnly:\t${valueAt(persistentVolumeClaim, 'readOnly') === true}`,
    ];
  }
  if (isJsonObject(nfs)) {
    return [
      'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)',
      `Server:\t${stringAt(nfs, 'server')}`,
      `Path:\t${stringAt(nfs, 'path')}`,
      `ReadOnly:\t${valueAt(nfs, 'readOnly') === true}`,
    ];
  }
  if (isJsonObject(projected)) return projectedLines(projected);
  if (isJsonObject(downwardAPI)) {
    const items = objectsAt(downwardAPI, 'items').map(
      (item) =>
        `  ${stringAt(item, 'fieldRef', 'fieldPath') || stringAt(item, 'resourceFieldRef', 'resource')} -> ${stringAt(item, 'path')}`,
    );
    return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:', ...items];
  }
  return undefined;
}

function projectedLines(projected: JsonObject): readonly string[] {
  const lines = ['Type:\tProjected (a volume that contains injected data from multiple sources)'];
  for (const { secret, downwardAPI, configMap, serviceAccountToken } of objectsAt(projected, 'sources')) {
    if (isJsonObject(secret)) {
      lines.push(
        `SecretName:\t${stringAt(secret, 'name')}`,
        `Optional:\t${valueAt(secret, 'optional') === true}`,
      );
    } else if (isJsonObject(downwardAPI)) lines.push('DownwardAPI:\ttrue');
    else if (isJsonObject(configMap)) {
      lines.push(
        `ConfigMapName:\t${stringAt(configMap, 'name')}`,
        `Optional:\t${valueAt(configMap, 'optional') === true}`,
      );
    } else if (isJsonObject(serviceAccountToken)) {
      lines.push(`TokenExpirationSeconds:\t${scalarAt(serviceAccountToken, 'expirationSeconds')}`);
    }
  }
  return lines;
}

/** Writes `Tolerations:` in order of keys. */
export function writeTolerations(writer: DescribeWriter, spec: JsonObject, space: string): void {
  const tolerations = [...objectsAt(spec, 'tolerations')].sort((a, b) =>
    compareKeys(stringAt(a, 'key'), stringAt(b, 'key')),
  );
  writer.lines(`${space}Tolerations`, tolerations.map(formatToleration));
}

function formatToleration(toleration: JsonObject): string {
  const key = stringAt(toleration, 'key');
  const value = stringAt(toleration, 'value');
  const effect = stringAt(toleration, 'effect');
  let text = key;
  if (value !== '') text += `=${value}`;
  if (effect !== '') text += `:${effect}`;
  if (stringAt(toleration, 'operator') === 'Exists' && value === '') {
    text += key === '' && effect === '' ? 'op=Exists' : ' op=Exists';
  }
  const seconds = valueAt(toleration, 'tolerationSeconds');
  return seconds === undefined ? text : `${text} for ${String(seconds)}s`;
}

/** Writes `Topology Spread Constraints:` where there are such. */
export function writeSpreadConstraints(writer: DescribeWriter, spec: JsonObject, space: string): void {
  const constraints = [...objectsAt(spec, 'topologySpreadConstraints')].sort((a, b) =>
    compareKeys(stringAt(a, 'topologyKey'), stringAt(b, 'topologyKey')),
  );
  const [first, ...others] = constraints.map(formatConstraint);
  if (first === undefined) return;
  writer.line(0, `${space}Topology Spread Constraints:\t${first}`);
  for (const other of others) writer.line(0, `${space}\t${other}`);
}

function formatConstraint(constraint: JsonObject): string {
  const labels = stringMapAt(constraint, 'labelSelector', 'matchLabels');
  const selector =
    valueAt(constraint, 'labelSelector') === undefined ? '' : ` for selector ${formatLabelPairs(labels)}`;
  return `${stringAt(constraint, 'topologyKey')}:${stringAt(constraint, 'whenUnsatisfiable')} when max skew ${scalarAt(constraint, 'maxSkew')} is exceeded${selector}`;
}
