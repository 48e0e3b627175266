/** `kubectl describe resourcequota`. Left out: the sentences about scopes. */
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { listAt, objectAt, stringAt } from '../rest/object-fields.ts';
import { DescribeWriter, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';

export const describeResourceQuota: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  const scopes = listAt(object, 'spec', 'scopes').map(String).sort(compareKeys);
  if (scopes.length > 0) writer.line(0, `Scopes:\t${scopes.join(', ')}`);
  writer.line(0, 'Resource\tUsed\tHard');
  writer.line(0, '--------\t----\t----');
  const hard = objectAt(object, 'status', 'hard');
  for (const resource of Object.keys(hard).sort(compareKeys)) {
    const used = scalarAt(object, 'status', 'used', resource) || '0';
    writer.line(0, `${resource}\t${used}\t${scalarAt(hard, resource)}`);
  }
  return ok(writer.toString());
};
