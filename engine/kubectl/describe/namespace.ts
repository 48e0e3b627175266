/** `kubectl describe namespace`, with its quotas and limits. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { isNotFound } from '../failure.ts';
import { listAt, objectAt, objectsAt, stringAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, formatLongTime, labelsOf, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';

export const describeNamespace: Describer = async ({ invocation, object: namespace }) => {
  const name = stringAt(namespace, 'metadata', 'name');
  const quotas = await invocation.client.get(`/api/v1/namespaces/${name}/resourcequotas`);
  if (!quotas.ok && !isNotFound(quotas.error)) return quotas;
  const limits = await invocation.client.get(`/api/v1/namespaces/${name}/limitranges`);
  if (!limits.ok && !isNotFound(limits.error)) return limits;
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${name}`);
  writer.labels('Labels', labelsOf(namespace));
  writer.annotations('Annotations', annotationsOf(namespace));
  writer.line(0, `Status:\t${stringAt(namespace, 'status', 'phase')}`);
  writeConditions(writer, objectsAt(namespace, 'status', 'conditions'));
  if (quotas.ok) {
    writer.line(0, '');
    writeQuotas(writer, objectsAt(quotas.value, 'items'));
  }
  if (limits.ok) {
    writer.line(0, '');
    writeLimits(writer, objectsAt(limits.value, 'items'));
  }
  return ok(writer.toString());
};

function writeConditions(writer: DescribeWriter, conditions: readonly JsonObject[]): void {
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t------------------\t------\t-------');
  for (const one of conditions) {
    const time = formatLongTime(stringAt(one, 'lastTransitionTime'));
    writer.line(
      1,
      `${stringAt(one, 'type')}\t${stringAt(one, 'status')}\t${time}\t${stringAt(one, 'reason')}\t${stringAt(one, 'message')}`,
    );
  }
}

function writeQuotas(writer: DescribeWriter, quotas: readonly JsonObject[]): void {
  if (quotas.length === 0) {
    writer.line(0, 'No resource quota.');
    return;
  }
  writer.line(0, 'Resource Quotas');
  for (const quota of [...quotas].sort((a, b) =>
    compareKeys(stringAt(a, 'metadata', 'name'), stringAt(b, 'metadata', 'name')),
  )) {
    writer.line(1, `Name:\t${stringAt(quota, 'metadata', 'name')}`);
    const scopes = listAt(quota, 'spec', 'scopes').map(String).sort(compareKeys);
    if (scopes.length > 0) writer.line(1, `Scopes:\t${scopes.join(', ')}`);
    writer.line(1, 'Resource\tUsed\tHard');
    writer.line(1, '--------\t---\t---');
    const hard = objectAt(quota, 'status', 'hard');
    for (const resource of Object.keys(hard).sort(compareKeys)) {
      const used = scalarAt(quota, 'status', 'used', resource) || '0';
      writer.line(1, `${resource}\t${used}\t${scalarAt(hard, resource)}`);
    }
  }
}

function writeLimits(writer: DescribeWriter, ranges: readonly JsonObject[]): void {
  if (ranges.length === 0) {
    writer.line(0, 'No LimitRange resource.');
    return;
  }
  writer.line(0, 'Resource Limits');
  writer.line(0, ' Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  writer.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  const fields = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio'] as const;
  for (const item of ranges.flatMap((range) => objectsAt(range, 'spec', 'limits'))) {
    const resources = new Set(fields.flatMap((field) => Object.keys(objectAt(item, field))));
    for (const resource of [...resources].sort(compareKeys)) {
      const cells = fields.map((field) => scalarAt(item, field, resource) || '-');
      writer.line(0, ` ${stringAt(item, 'type')}\t${resource}\t${cells.join('\t')}`);
    }
  }
}
