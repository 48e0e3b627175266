/** `kubectl describe` of roles, their bindings, and service accounts. */
import { ok } from '../../base/result.ts';
import { compactRules, ruleLines } from '../commands/rbac-rules.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, labelsOf, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeRole: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, 'PolicyRule:');
  writer.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  writer.line(1, '---------\t-----------------\t--------------\t-----');
  for (const line of ruleLines(compactRules(objectsAt(object, 'rules')))) writer.line(1, line);
  return ok(writer.toString());
};

export const describeRoleBinding: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, 'Role:');
  writer.line(1, `Kind:\t${stringAt(object, 'roleRef', 'kind')}`);
  writer.line(1, `Name:\t${stringAt(object, 'roleRef', 'name')}`);
  writer.line(0, 'Subjects:');
  writer.line(1, 'Kind\tName\tNamespace');
  writer.line(1, '----\t----\t---------');
  for (const subject of objectsAt(object, 'subjects')) {
    writer.line(1, ['kind', 'name', 'namespace'].map((field) => stringAt(subject, field)).join('\t'));
  }
  return ok(writer.toString());
};

export const describeServiceAccount: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  const secrets = objectsAt(object, 'imagePullSecrets').map((one) => stringAt(one, 'name'));
  const [first = '<none>', ...others] = secrets;
  writer.line(0, `Image pull secrets:\t${first}`);
  for (const name of others) writer.line(0, `${' '.repeat('Image pull secrets:'.length)}\t${name}`);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};
