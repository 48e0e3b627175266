/** `kubectl describe` of LimitRanges, PodDisruptionBudgets, PriorityClasses and IngressClasses. */
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { selectorOf } from '../commands/target-pod.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { annotationsOf, DescribeWriter, formatLabelPairs, labelsOf, scalarAt } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

/** Differs: resources are in order of names, where upstream follows Go's random order. */
export const describeLimitRange: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.line(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  writer.line(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  const fields = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio'];
  for (const item of objectsAt(object, 'spec', 'limits')) {
    const resources = new Set(fields.flatMap((field) => Object.keys(objectAt(item, field))));
    for (const resource of [...resources].sort(compareKeys)) {
      const amounts = fields.map((field) => scalarAt(item, field, resource) || '-');
      writer.line(0, [stringAt(item, 'type'), resource, ...amounts].join('\t'));
    }
  }
  return ok(writer.toString());
};

export const describeDisruptionBudget: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  const least = scalarAt(object, 'spec', 'minAvailable');
  const most = scalarAt(object, 'spec', 'maxUnavailable');
  if (least !== '') writer.line(0, `Min available:\t${least}`);
  else if (most !== '') writer.line(0, `Max unavailable:\t${most}`);
  const selector = selectorOf(object);
  writer.line(0, `Selector:\t${selector === undefined ? '<unset>' : selector || '<none>'}`);
  writer.line(0, 'Status:');
  const number = (field: string) => Number(valueAt(object, 'status', field) ?? 0);
  writer.line(2, `Allowed disruptions:\t${number('disruptionsAllowed')}`);
  writer.line(2, `Current:\t${number('currentHealthy')}`);
  writer.line(2, `Desired:\t${number('desiredHealthy')}`);
  writer.line(2, `Total:\t${number('expectedPods')}`);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

export const describePriorityClass: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Value:\t${scalarAt(object, 'value') || '0'}`);
  writer.line(0, `GlobalDefault:\t${valueAt(object, 'globalDefault') === true}`);
  writer.line(0, `PreemptionPolicy:\t${stringAt(object, 'preemptionPolicy')}`);
  writer.line(0, `Description:\t${stringAt(object, 'description')}`);
  writer.line(0, `Annotations:\t${formatLabelPairs(annotationsOf(object))}`);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

export const describeIngressClass: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
  writer.line(0, `Controller:\t${stringAt(object, 'spec', 'controller')}`);
  const parameters = objectAt(object, 'spec', 'parameters');
  if (Object.keys(parameters).length > 0) {
    writer.line(0, 'Parameters:');
    if (parameters.apiGroup !== undefined) writer.line(1, `APIGroup:\t${stringAt(parameters, 'apiGroup')}`);
    writer.line(1, `Kind:\t${stringAt(parameters, 'kind')}`);
    writer.line(1, `Name:\t${stringAt(parameters, 'name')}`);
  }
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};
