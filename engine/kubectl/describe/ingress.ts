/** `kubectl describe ingress`. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { messageOf } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { listAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, labelsOf, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';
import { formatEndpointSlices } from './service.ts';

export const describeIngress: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  const namespace = stringAt(object, 'metadata', 'namespace');
  const backend = (value: unknown) => formatBackend(invocation, namespace, value);
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.labels('Labels', labelsOf(object));
  writer.line(0, `Namespace:\t${namespace}`);
  writer.line(0, `Address:\t${addressesOf(object)}`);
  writer.line(0, `Ingress Class:\t${stringAt(object, 'spec', 'ingressClassName') || '<none>'}`);
  const given = valueAt(object, 'spec', 'defaultBackend');
  const defaultBackend = given === undefined ? '<default>' : await backend(given);
  writer.line(0, `Default backend:\t${defaultBackend}`);
  const tls = objectsAt(object, 'spec', 'tls');
  if (tls.length > 0) writer.line(0, 'TLS:');
  for (const one of tls) {
    const hosts = listAt(one, 'hosts').map(String).join(',');
    const secret = stringAt(one, 'secretName');
    writer.line(1, secret === '' ? `SNI routes ${hosts}` : `${secret} terminates ${hosts}`);
  }
  writer.line(0, 'Rules:');
  writer.line(1, 'Host\tPath\tBackends');
  writer.line(1, '----\t----\t--------');
  const rules = objectsAt(object, 'spec', 'rules').filter((rule) => valueAt(rule, 'http') !== undefined);
  for (const rule of rules) {
    writer.line(1, `${stringAt(rule, 'host') || '*'}\t`);
    for (const path of objectsAt(rule, 'http', 'paths')) {
      writer.line(2, `\t${stringAt(path, 'path')} \t${await backend(valueAt(path, 'backend'))}`);
    }
  }
  if (rules.length === 0) writer.line(1, `*\t*\t${defaultBackend}`);
  writer.annotations('Annotations', annotationsOf(object));
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function addressesOf(object: JsonObject): string {
  const found = objectsAt(object, 'status', 'loadBalancer', 'ingress').map(
    (one) => stringAt(one, 'ip') || stringAt(one, 'hostname'),
  );
  return [...new Set(found.filter((one) => one !== ''))].sort().join(',');
}

/** A backend with the addresses behind it, or why there are none. */
async function formatBackend(invocation: Invocation, namespace: string, backend: unknown): Promise<string> {
  if (!isJsonObject(backend)) return '';
  const resource = valueAt(backend, 'resource');
  const name = stringAt(backend, 'service', 'name');
  if (name === '') {
    if (resource === undefined) return '';
    const group = stringAt(resource, 'apiGroup') || '<none>';
    return `APIGroup: ${group}, Kind: ${stringAt(resource, 'kind')}, Name: ${stringAt(resource, 'name')}`;
  }
  const number = scalarAt(backend, 'service', 'port', 'number');
  const portName = stringAt(backend, 'service', 'port', 'name');
  const text = `${name}:${portName || number}`;
  const slices = await invocation.client.get(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    [['labelSelector', `kubernetes.io/service-name=${name}`]],
  );
  if (!slices.ok) return `${text} (<error: ${messageOf(slices.error)}>)`;
  const service = await invocation.client.get(`/api/v1/namespaces/${namespace}/services/${name}`);
  if (!service.ok) return `${text} (<error: ${messageOf(service.error)}>)`;
  const port = objectsAt(service.value, 'spec', 'ports').find((one) =>
    number === '' ? stringAt(one, 'name') === portName : scalarAt(one, 'port') === number,
  );
  return `${text} (${formatEndpointSlices(objectsAt(slices.value, 'items'), stringAt(port, 'name'))})`;
}
