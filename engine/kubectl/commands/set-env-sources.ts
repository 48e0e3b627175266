/** Where a variable's value comes from, in words, and the value itself. Source: k8s.io/kubectl/pkg/cmd/set/env/env_resolve.go. */
import { parseQuantity, quantityMilliValue, quantityValue } from '../../api/quantity.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { messageOf } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';

/** `configmap web, key color` */
export function describeSource(source: JsonValue): string {
  const of = (field: string, word: string) =>
    valueAt(source, field) === undefined
      ? undefined
      : `${word} ${stringAt(source, field, 'name')}, key ${stringAt(source, field, 'key')}`;
  const keyed = of('configMapKeyRef', 'configmap') ?? of('secretKeyRef', 'secret');
  if (keyed !== undefined) return keyed;
  if (valueAt(source, 'fieldRef') !== undefined)
    return `field path ${stringAt(source, 'fieldRef', 'fieldPath')}`;
  if (valueAt(source, 'resourceFieldRef') !== undefined) {
    const container = stringAt(source, 'resourceFieldRef', 'containerName');
    return `resource field ${container === '' ? '' : `${container}/`}${stringAt(source, 'resourceFieldRef', 'resource')}`;
  }
  return 'invalid valueFrom';
}

/** The value behind a reference; an error in the words of the real command. */
export async function resolveSource(
  invocation: Invocation,
  source: JsonValue,
  object: JsonObject,
  container: JsonObject,
): Promise<Result<string, string>> {
  if (valueAt(source, 'secretKeyRef') !== undefined) return resolveKey(invocation, source, 'secret');
  if (valueAt(source, 'configMapKeyRef') !== undefined) return resolveKey(invocation, source, 'configMap');
  if (valueAt(source, 'fieldRef') !== undefined)
    return resolveField(object, stringAt(source, 'fieldRef', 'fieldPath'));
  if (valueAt(source, 'resourceFieldRef') !== undefined) return resolveResource(source, container);
  return err('invalid valueFrom');
}

async function resolveKey(
  invocation: Invocation,
  source: JsonValue,
  kind: 'secret' | 'configMap',
): Promise<Result<string, string>> {
  const field = `${kind}KeyRef`;
  const name = stringAt(source, field, 'name');
  const key = stringAt(source, field, 'key');
  const plural = kind === 'secret' ? 'secrets' : 'configmaps';
  const found = await invocation.client.get(`/api/v1/namespaces/${invocation.namespace}/${plural}/${name}`);
  if (!found.ok) return err(messageOf(found.error));
  const value = valueAt(found.value, 'data', key);
  if (typeof value !== 'string') {
    return err(`key ${key} not found in ${kind === 'secret' ? 'secret' : 'config map'} ${name}`);
  }
  return ok(kind === 'secret' ? Buffer.from(value, 'base64').toString('utf8') : value);
}

function resolveField(object: JsonObject, path: string): Result<string, string> {
  const subscript = /^(.+?)\['(.*)'\]$/.exec(path);
  if (subscript !== null) {
    const [, field = '', key = ''] = subscript;
    if (field !== 'metadata.annotations' && field !== 'metadata.labels') {
      return err(`fieldPath ${JSON.stringify(path)} does not support subscript`);
    }
    return ok(stringMapAt(object, ...field.split('.')).get(key) ?? '');
  }
  if (path === 'metadata.annotations' || path === 'metadata.labels') {
    const pairs = stringMapAt(object, ...path.split('.'));
    return ok([...pairs].map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n'));
  }
  const plain = ['metadata.name', 'metadata.namespace', 'metadata.uid'];
  return plain.includes(path)
    ? ok(stringAt(object, ...path.split('.')))
    : err(`unsupported fieldPath: ${path}`);
}

function resolveResource(source: JsonValue, container: JsonObject): Result<string, string> {
  const resource = stringAt(source, 'resourceFieldRef', 'resource');
  const [list = '', ...rest] = resource.split('.');
  const name = rest.join('.');
  const isKnown =
    (list === 'limits' || list === 'requests') &&
    (['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-'));
  if (!isKnown) return err(`Unsupported container resource : ${resource}`);
  const amount = parseQuantity(String(valueAt(container, 'resources', list, name) ?? '0'));
  const given = String(valueAt(source, 'resourceFieldRef', 'divisor') ?? '0');
  const divisor = parseQuantity(given === '0' ? '1' : given);
  if (!amount.ok || !divisor.ok) return err(`Unsupported container resource : ${resource}`);
  // Processor time is divided in thousandths, everything else in whole units.
  const units = name === 'cpu' ? quantityMilliValue : quantityValue;
  return ok(String(divideUp(units(amount.value), units(divisor.value))));
}

function divideUp(amount: bigint, divisor: bigint): bigint {
  return divisor === 0n ? 0n : (amount + divisor - 1n) / divisor;
}
