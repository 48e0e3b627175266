/** `kubectl describe endpoints` and `endpointslice`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { listAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { DescribeWriter, scalarAt, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeEndpoints: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  writer.line(0, 'Subsets:');
  for (const subset of objectsAt(object, 'subsets')) writeSubset(writer, subset);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function writeSubset(writer: DescribeWriter, subset: JsonObject): void {
  const ips = (field: string) =>
    objectsAt(subset, field)
      .map((address) => stringAt(address, 'ip'))
      .join(',') || '<none>';
  writer.line(1, `Addresses:\t${ips('addresses')}`);
  writer.line(1, `NotReadyAddresses:\t${ips('notReadyAddresses')}`);
  const ports = objectsAt(subset, 'ports');
  if (ports.length > 0) {
    writer.line(1, 'Ports:');
    writePortTable(writer, ports, 2);
  }
  writer.line(0, '');
}

function writePortTable(writer: DescribeWriter, ports: readonly JsonObject[], level: number): void {
  writer.line(level, 'Name\tPort\tProtocol');
  writer.line(level, '----\t----\t--------');
  for (const port of ports) {
    const number = scalarAt(port, 'port') || '<unset>';
    writer.line(level, `${stringAt(port, 'name') || '<unset>'}\t${number}\t${stringAt(port, 'protocol')}`);
  }
}

export const describeEndpointSlice: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  writer.line(0, `AddressType:\t${stringAt(object, 'addressType')}`);
  const ports = objectsAt(object, 'ports');
  if (ports.length === 0) writer.line(0, 'Ports: <unset>');
  else {
    writer.line(0, 'Ports:');
    writePortTable(writer, ports, 1);
  }
  const endpoints = objectsAt(object, 'endpoints');
  writer.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:');
  for (const endpoint of endpoints) writeEndpoint(writer, endpoint);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function writeEndpoint(writer: DescribeWriter, endpoint: JsonObject): void {
  const addresses = listAt(endpoint, 'addresses').map(String).join(', ') || '<none>';
  writer.line(1, `- Addresses:\t${addresses}`);
  writer.line(2, 'Conditions:');
  writer.line(3, `Ready:\t${scalarAt(endpoint, 'conditions', 'ready') || '<unset>'}`);
  writer.line(2, `Hostname:\t${stringAt(endpoint, 'hostname') || '<unset>'}`);
  if (valueAt(endpoint, 'targetRef') !== undefined) {
    writer.line(
      2,
      `TargetRef:\t${stringAt(endpoint, 'targetRef', 'kind')}/${stringAt(endpoint, 'targetRef', 'name')}`,
    );
  }
  writer.line(2, `NodeName:\t${stringAt(endpoint, 'nodeName') || '<unset>'}`);
  writer.line(2, `Zone:\t${stringAt(endpoint, 'zone') || '<unset>'}`);
}
