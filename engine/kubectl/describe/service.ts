/** `kubectl describe service`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { DescribeWriter, formatLabelPairs, scalarAt, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeService: Describer = async ({ invocation, object: service, showEvents }) => {
  const writer = new DescribeWriter();
  const spec = objectAt(service, 'spec');
  writeHead(writer, service);
  writer.line(0, `Selector:\t${formatLabelPairs(stringMapAt(spec, 'selector'))}`);
  writer.line(0, `Type:\t${stringAt(spec, 'type')}`);
  writeAddresses(writer, service);
  const slices = await invocation.client.get(
    `/apis/discovery.k8s.io/v1/namespaces/${stringAt(service, 'metadata', 'namespace')}/endpointslices`,
    [['labelSelector', `kubernetes.io/service-name=${stringAt(service, 'metadata', 'name')}`]],
  );
  const endpointSlices = slices.ok ? objectsAt(slices.value, 'items') : [];
  for (const port of objectsAt(spec, 'ports')) writePort(writer, port, endpointSlices);
  writePolicies(writer, spec);
  if (showEvents) writeEvents(writer, await findEvents(invocation, service), invocation.host.now());
  return ok(writer.toString());
};

function writeAddresses(writer: DescribeWriter, service: JsonObject): void {
  const spec = objectAt(service, 'spec');
  const joined = (field: string) => listAt(spec, field).map(String).join(',');
  const familyPolicy = stringAt(spec, 'ipFamilyPolicy');
  if (familyPolicy !== '') writer.line(0, `IP Family Policy:\t${familyPolicy}`);
  writer.line(0, `IP Families:\t${joined('ipFamilies') || '<none>'}`);
  writer.line(0, `IP:\t${stringAt(spec, 'clusterIP')}`);
  writer.line(0, `IPs:\t${joined('clusterIPs') || '<none>'}`);
  if (joined('externalIPs') !== '') writer.line(0, `External IPs:\t${joined('externalIPs')}`);
  const desired = stringAt(spec, 'loadBalancerIP');
  if (desired !== '') writer.line(0, `Desired LoadBalancer IP:\t${desired}`);
  const externalName = stringAt(spec, 'externalName');
  if (externalName !== '') writer.line(0, `External Name:\t${externalName}`);
  const ingress = objectsAt(service, 'status', 'loadBalancer', 'ingress').map(formatIngress);
  if (ingress.length > 0) writer.line(0, `LoadBalancer Ingress:\t${ingress.join(', ')}`);
}

function formatIngress(ingress: JsonObject): string {
  const ip = stringAt(ingress, 'ip');
  const mode = stringAt(ingress, 'ipMode');
  if (ip === '') return stringAt(ingress, 'hostname');
  return mode === '' ? ip : `${ip} (${mode})`;
}

function writePort(writer: DescribeWriter, port: JsonObject, slices: readonly JsonObject[]): void {
  const name = stringAt(port, 'name');
  const shownName = name || '<unset>';
  const protocol = stringAt(port, 'protocol');
  writer.line(0, `Port:\t${shownName}\t${scalarAt(port, 'port')}/${protocol}`);
  writer.line(0, `TargetPort:\t${scalarAt(port, 'targetPort')}/${protocol}`);
  const appProtocol = valueAt(port, 'appProtocol');
  if (appProtocol !== undefined) writer.line(0, `AppProtocol:\t${String(appProtocol)}`);
  const nodePort = Number(valueAt(port, 'nodePort') ?? 0);
  if (nodePort !== 0) writer.line(0, `NodePort:\t${shownName}\t${nodePort}/${protocol}`);
  writer.line(0, `Endpoints:\t${formatEndpointSlices(slices, name)}`);
}

/** At most three ready addresses, then how many more there are. */
export function formatEndpointSlices(slices: readonly JsonObject[], portName: string): string {
  if (slices.length === 0) return '<none>';
  const addresses = slices.flatMap((slice) => readyAddresses(slice, portName));
  const most = 3;
  const shown = addresses.slice(0, most).join(',');
  return addresses.length > most ? `${shown} + ${addresses.length - most} more...` : shown;
}

function readyAddresses(slice: JsonObject, portName: string): readonly string[] {
  const ports = objectsAt(slice, 'ports');
  const ready = objectsAt(slice, 'endpoints').filter((one) => valueAt(one, 'conditions', 'ready') !== false);
  const ips = ready.map((endpoint) => stringAt(endpoint, 'addresses', 0));
  if (ports.length === 0) return ips;
  return ports
    .filter((port) => stringAt(port, 'name') === portName)
    .flatMap((port) => ips.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${scalarAt(port, 'port')}`));
}

function writePolicies(writer: DescribeWriter, spec: JsonObject): void {
  writer.line(0, `Session Affinity:\t${stringAt(spec, 'sessionAffinity')}`);
  for (const [title, value] of [
    ['External Traffic Policy', stringAt(spec, 'externalTrafficPolicy')],
    ['Internal Traffic Policy', stringAt(spec, 'internalTrafficPolicy')],
    ['HealthCheck NodePort', scalarAt(spec, 'healthCheckNodePort')],
    ['LoadBalancer Source Ranges', listAt(spec, 'loadBalancerSourceRanges').map(String).join(',')],
    ['Traffic Distribution', stringAt(spec, 'trafficDistribution')],
  ] as const) {
    if (value !== '') writer.line(0, `${title}:\t${value}`);
  }
}
