/** Environment variables of a container in a description. */

import { parseQuantity, quantityMilliValue } from '../../api/quantity.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** Writes `Environment Variables from:` where there are such, then `Environment:`. */
export function writeEnvironment(
  writer: DescribeWriter,
  container: JsonObject,
  pod: JsonObject | undefined,
): void {
  const sources = objectsAt(container, 'envFrom');
  if (sources.length > 0) writer.line(2, 'Environment Variables from:');
  for (const source of sources) writer.line(3, formatSource(source));
  const variables = objectsAt(container, 'env');
  writer.line(2, `Environment:${variables.length === 0 ? '\t<none>' : ''}`);
  for (const variable of variables) writeVariable(writer, variable, container, pod);
}

function formatSource(source: JsonObject): string {
  const [kind, reference] = isJsonObject(source.configMapRef)
    ? ['ConfigMap', source.configMapRef]
    : ['Secret', objectAt(source, 'secretRef')];
  const prefix = stringAt(source, 'prefix');
  const note = prefix === '' ? '' : ` with prefix '${prefix}'`;
  return `${stringAt(reference, 'name')}\t${kind}${note}\tOptional: ${valueAt(reference, 'optional') === true}`;
}

function writeVariable(
  writer: DescribeWriter,
  variable: JsonObject,
  container: JsonObject,
  pod: JsonObject | undefined,
): void {
  const name = stringAt(variable, 'name');
  const from = valueAt(variable, 'valueFrom');
  if (!isJsonObject(from)) {
    const [first = '', ...others] = stringAt(variable, 'value').split('\n');
    writer.line(3, `${name}:\t${first}`);
    for (const other of others) writer.line(3, `\t${other}`);
    return;
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = from;
  if (isJsonObject(fieldRef)) {
    const path = stringAt(fieldRef, 'fieldPath');
    writer.line(
      3,
      `${name}:\t${pod === undefined ? '' : podField(pod, path)} (${stringAt(fieldRef, 'apiVersion')}:${path})`,
    );
  } else if (isJsonObject(resourceFieldRef)) {
    const resource = stringAt(resourceFieldRef, 'resource');
    writer.line(
      3,
      `${name}:\t${resourceValue(container, resource, divisorOf(resourceFieldRef))} (${resource})`,
    );
  } else if (isJsonObject(secretKeyRef)) {
    writer.line(
      3,
      `${name}:\t<set to the key '${stringAt(secretKeyRef, 'key')}' in secret '${stringAt(secretKeyRef, 'name')}'>\tOptional: ${valueAt(secretKeyRef, 'optional') === true}`,
    );
  } else if (isJsonObject(configMapKeyRef)) {
    writer.line(
      3,
      `${name}:\t<set to the key '${stringAt(configMapKeyRef, 'key')}' of config map '${stringAt(configMapKeyRef, 'name')}'>\tOptional: ${valueAt(configMapKeyRef, 'optional') === true}`,
    );
  }
}

/** Of the fields only these two are known to the client's conversions. */
function podField(pod: JsonObject, path: string): string {
  return path === 'metadata.name' || path === 'metadata.namespace' ? stringAt(pod, ...path.split('.')) : '';
}

function divisorOf(reference: JsonObject): string {
  const divisor = valueAt(reference, 'divisor');
  return divisor === undefined || divisor === '0' ? '1' : String(divisor);
}

function resourceValue(container: JsonObject, resource: string, divisor: string): string {
  const [kind = '', ...name] = resource.split('.');
  const value = valueAt(container, 'resources', kind, name.join('.'));
  const quantity = value === undefined ? undefined : parseQuantity(String(value));
  // Source: k8s.io/kubectl/pkg/util/resource: in units of the divisor, which is 1 by default, rounded up.
  const unit = parseQuantity(divisor);
  if (quantity?.ok === true && unit.ok) {
    const units = quantityMilliValue(unit.value);
    const wanted = quantityMilliValue(quantity.value);
    return String(units <= 0n ? wanted : (wanted + units - 1n) / units);
  }
  return resource === 'limits.cpu' || resource === 'limits.memory' ? 'node allocatable' : '0';
}
