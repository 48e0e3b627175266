/** `kubectl describe` of a HorizontalPodAutoscaler. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { DescribeWriter, formatLongTime, scalarAt, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeAutoscaler: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  writer.line(0, `CreationTimestamp:\t${formatLongTime(stringAt(object, 'metadata', 'creationTimestamp'))}`);
  const kind = stringAt(object, 'spec', 'scaleTargetRef', 'kind');
  writer.line(0, `Reference:\t${kind}/${stringAt(object, 'spec', 'scaleTargetRef', 'name')}`);
  writer.line(0, 'Metrics:\t( current / target )');
  const current = objectsAt(object, 'status', 'currentMetrics');
  for (const [index, metric] of objectsAt(object, 'spec', 'metrics').entries()) {
    writer.line(1, describeMetric(metric, current[index]));
  }
  writer.line(0, `Min replicas:\t${scalarAt(object, 'spec', 'minReplicas') || '<unset>'}`);
  writer.line(0, `Max replicas:\t${scalarAt(object, 'spec', 'maxReplicas')}`);
  const behavior = objectAt(object, 'spec', 'behavior');
  if (Object.keys(behavior).length > 0) {
    writer.line(0, 'Behavior:');
    writeRules(writer, 'Scale Up', objectAt(behavior, 'scaleUp'));
    writeRules(writer, 'Scale Down', objectAt(behavior, 'scaleDown'));
  }
  const number = (field: string) => Number(valueAt(object, 'status', field) ?? 0);
  writer.line(
    0,
    `${kind} pods:\t${number('currentReplicas')} current / ${number('desiredReplicas')} desired`,
  );
  const conditions = objectsAt(object, 'status', 'conditions');
  if (conditions.length > 0) {
    writer.line(0, 'Conditions:');
    writer.line(1, 'Type\tStatus\tReason\tMessage');
    writer.line(1, '----\t------\t------\t-------');
    for (const one of conditions)
      writer.line(1, ['type', 'status', 'reason', 'message'].map((field) => stringAt(one, field)).join('\t'));
  }
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function describeMetric(metric: JsonObject, current: JsonObject | undefined): string {
  const type = stringAt(metric, 'type');
  if (type === 'Pods' || type === 'Object' || type === 'External')
    return describeCustom(type, metric, current);
  const field = type === 'ContainerResource' ? 'containerResource' : 'resource';
  if (type !== 'Resource' && type !== 'ContainerResource') {
    return `<unknown metric type ${JSON.stringify(type)}>`;
  }
  const container = field === 'resource' ? '' : ` of container "${stringAt(metric, field, 'container')}"`;
  const head = `resource ${stringAt(metric, field, 'name')}${container} on pods`;
  const target = objectAt(metric, field, 'target');
  const now = objectAt(current, field, 'current');
  if (target.averageValue !== undefined) {
    return `${head}:\t${scalarAt(now, 'averageValue') || '<unknown>'} / ${scalarAt(target, 'averageValue')}`;
  }
  const share = scalarAt(now, 'averageUtilization');
  const shown = share === '' ? '<unknown>' : `${share}% (${scalarAt(now, 'averageValue')})`;
  const wanted = scalarAt(target, 'averageUtilization');
  return `${head}  (as a percentage of request):\t${shown} / ${wanted === '' ? '<auto>' : `${wanted}%`}`;
}

/** Metrics that others than the kubelet measure. */
function describeCustom(
  type: 'Pods' | 'Object' | 'External',
  metric: JsonObject,
  current: JsonObject | undefined,
): string {
  const field = type.toLowerCase();
  const target = objectAt(metric, field, 'target');
  const name = JSON.stringify(stringAt(metric, field, 'metric', 'name'));
  const isAverage =
    type === 'Object' ? stringAt(target, 'type') === 'AverageValue' : target.averageValue !== undefined;
  const key = type === 'Pods' || isAverage ? 'averageValue' : 'value';
  const described = objectAt(metric, field, 'describedObject');
  const about = type === 'Object' ? ` on ${stringAt(described, 'kind')}/${stringAt(described, 'name')}` : '';
  const head =
    type === 'Pods' ? `${name} on pods` : `${name}${about} (target ${isAverage ? 'average ' : ''}value)`;
  const now = scalarAt(objectAt(current, field, 'current'), key) || '<unknown>';
  return `${head}:\t${now} / ${scalarAt(target, key)}`;
}

function writeRules(writer: DescribeWriter, title: string, rules: JsonObject): void {
  if (Object.keys(rules).length === 0) return;
  writer.line(1, `${title}:`);
  if (rules.stabilizationWindowSeconds !== undefined)
    writer.line(2, `Stabilization Window: ${scalarAt(rules, 'stabilizationWindowSeconds')} seconds`);
  const policies = objectsAt(rules, 'policies');
  if (policies.length === 0) return;
  if (rules.selectPolicy !== undefined) writer.line(2, `Select Policy: ${stringAt(rules, 'selectPolicy')}`);
  else writer.line(2, 'Select Policy: Max');
  writer.line(2, 'Policies:');
  for (const policy of policies) {
    writer.line(
      3,
      `- Type: ${stringAt(policy, 'type')}\tValue: ${scalarAt(policy, 'value')}\tPeriod: ${scalarAt(policy, 'periodSeconds')} seconds`,
    );
  }
}
