/** `kubectl describe networkpolicy`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, labelsOf, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';

/** The two directions of a policy, with the words for each. */
const directions = [
  { type: 'Ingress', field: 'ingress', peers: 'from', title: 'From', any: 'source' },
  { type: 'Egress', field: 'egress', peers: 'to', title: 'To', any: 'destination' },
] as const;

export const describeNetworkPolicy: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, `Created on:\t${formatGoTime(stringAt(object, 'metadata', 'creationTimestamp'))}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, 'Spec:');
  const selector = formatSelector(objectAt(object, 'spec', 'podSelector'));
  const everything = '<none> (Allowing the specific traffic to all pods in this namespace)';
  writer.line(1, `PodSelector:     ${selector === '<none>' ? everything : selector}`);
  const types = listAt(object, 'spec', 'policyTypes').map(String);
  for (const direction of directions) {
    if (!types.includes(direction.type)) {
      writer.line(1, `Not affecting ${direction.field} traffic`);
      continue;
    }
    writer.line(1, `Allowing ${direction.field} traffic:`);
    writeRules(writer, objectsAt(object, 'spec', direction.field), direction);
  }
  writer.line(1, `Policy Types: ${types.join(', ')}`);
  return ok(writer.toString());
};

function writeRules(
  writer: DescribeWriter,
  rules: readonly JsonObject[],
  { field, peers, title, any }: (typeof directions)[number],
): void {
  if (rules.length === 0) writer.line(2, `<none> (Selected pods are isolated for ${field} connectivity)`);
  for (const [index, rule] of rules.entries()) {
    if (index > 0) writer.line(2, '----------');
    const ports = objectsAt(rule, 'ports');
    if (ports.length === 0) writer.line(2, 'To Port: <any> (traffic allowed to all ports)');
    for (const port of ports) writer.line(2, formatPort(port));
    const others = objectsAt(rule, peers);
    if (others.length === 0) writer.line(2, `${title}: <any> (traffic not restricted by ${any})`);
    for (const peer of others) {
      writer.line(2, `${title}:`);
      writePeer(writer, peer);
    }
  }
}

function formatPort(port: JsonObject): string {
  const protocol = stringAt(port, 'protocol') || 'TCP';
  const end = scalarAt(port, 'endPort');
  const first = scalarAt(port, 'port') || '<nil>';
  return end === '' ? `To Port: ${first}/${protocol}` : `To Port Range: ${first}-${end}/${protocol}`;
}

function writePeer(writer: DescribeWriter, peer: JsonObject): void {
  const namespaces = valueAt(peer, 'namespaceSelector');
  const pods = valueAt(peer, 'podSelector');
  if (namespaces !== undefined)
    writer.line(3, `NamespaceSelector: ${formatSelector(objectAt(peer, 'namespaceSelector'))}`);
  if (pods !== undefined) writer.line(3, `PodSelector: ${formatSelector(objectAt(peer, 'podSelector'))}`);
  if (namespaces !== undefined || pods !== undefined || valueAt(peer, 'ipBlock') === undefined) return;
  writer.line(3, 'IPBlock:');
  writer.line(4, `CIDR: ${stringAt(peer, 'ipBlock', 'cidr')}`);
  writer.line(4, `Except: ${listAt(peer, 'ipBlock', 'except').map(String).join(', ')}`);
}

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1, FormatLabelSelector. */
function formatSelector(selector: JsonObject): string {
  const labels = [...stringMapAt(selector, 'matchLabels')].map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const expressions = objectsAt(selector, 'matchExpressions').map((one) => {
    const key = stringAt(one, 'key');
    const values = listAt(one, 'values').map(String).sort().join(',');
    switch (stringAt(one, 'operator')) {
      case 'In':
        return { key, text: `${key} in (${values})` };
      case 'NotIn':
        return { key, text: `${key} notin (${values})` };
      case 'DoesNotExist':
        return { key, text: `!${key}` };
      default:
        return { key, text: key };
    }
  });
  const parts = [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : 1));
  return parts.map(({ text }) => text).join(',') || '<none>';
}

/** A time as Go prints it: `2006-01-02 15:04:05 +0000 UTC`. */
function formatGoTime(timestamp: string): string {
  return `${timestamp.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '')} +0000 UTC`;
}
