/**
 * The Pod that `exec`, `logs` and `attach` mean by `POD` or `TYPE/NAME`: the first of a workload's or Service's Pods.
 * It stands for kubectl's polymorphichelpers.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { resourcePath } from '../rest/rest-mapper.ts';

/** What a name stands for: one Pod, and how many there are of its kind. */
export interface TargetPods {
  /** The most active first. */
  readonly pods: readonly JsonObject[];
  /** Whether the Pod itself was named. */
  readonly isNamed: boolean;
}

/** Finds the Pods that `POD` or `TYPE/NAME` means, waiting up to `timeoutMs` for the first of a workload. */
export async function findTargetPods(
  invocation: Invocation,
  name: string,
  timeoutMs: number,
): Promise<Outcome<TargetPods>> {
  const [type, rest] = name.includes('/') ? splitTypeName(name) : ['pods', name];
  if (rest === undefined)
    return failure('arguments in resource/name form must have a single resource and name');
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const mapping = mapper.value.byArgument(type);
  if (!mapping.ok) return mapping;
  const object = await invocation.client.get(resourcePath(mapping.value, invocation.namespace, rest));
  if (!object.ok) return object;
  if (mapping.value.plural === 'pods' && mapping.value.group === '')
    return ok({ pods: [object.value], isNamed: true });
  const selector = selectorOf(object.value);
  if (selector === undefined) {
    if (mapping.value.kind === 'Service') {
      return failure(
        `cannot attach to *v1.Service: invalid service '${rest}': Service is defined without a selector`,
      );
    }
    const kind = `*${mapping.value.version}.${mapping.value.kind}`;
    return failure(`cannot attach to ${kind}: selector for ${kind} not implemented`);
  }
  return waitForPods(invocation, selector, timeoutMs);
}

function splitTypeName(name: string): readonly [string, string | undefined] {
  const parts = name.split('/');
  const [type = '', rest = ''] = parts;
  return [type, parts.length === 2 && type !== '' && rest !== '' ? rest : undefined];
}

/** The label selector of a workload or Service as a query; undefined for kinds without one. */
export function selectorOf(object: JsonObject): string | undefined {
  const selector = valueAt(object, 'spec', 'selector');
  if (selector === undefined) return undefined;
  const labels = stringMapAt(object, 'spec', 'selector', 'matchLabels');
  const isLabelSelector =
    valueAt(selector, 'matchLabels') !== undefined || valueAt(selector, 'matchExpressions') !== undefined;
  if (!isLabelSelector) {
    return [...stringMapAt(object, 'spec', 'selector')].map(([key, value]) => `${key}=${value}`).join(',');
  }
  const requirements = [
    ...[...labels].map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...objectsAt(selector, 'matchExpressions').map((one) => ({
      key: stringAt(one, 'key'),
      text: formatExpression(one),
    })),
  ];
  return requirements
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ text }) => text)
    .join(',');
}

function formatExpression(expression: JsonObject): string {
  const key = stringAt(expression, 'key');
  const values = valueAt(expression, 'values');
  const list = Array.isArray(values) ? values.map(String).join(',') : '';
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

async function waitForPods(
  invocation: Invocation,
  selector: string,
  timeoutMs: number,
): Promise<Outcome<TargetPods>> {
  const path = `/api/v1/namespaces/${invocation.namespace}/pods`;
  const list = await invocation.client.get(path, [['labelSelector', selector]]);
  if (!list.ok) return list;
  const pods = objectsAt(list.value, 'items');
  if (pods.length > 0) return ok({ pods: sortByActivity(pods), isNamed: false });
  const response = await invocation.client.send({
    method: 'GET',
    path,
    query: [
      ['watch', 'true'],
      ['labelSelector', selector],
      ['resourceVersion', stringAt(list.value, 'metadata', 'resourceVersion')],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('timed out waiting for the condition');
  let hasCome = false;
  response.value.watch.onEvent((event) => {
    if (event.type === 'ADDED') hasCome = true;
  });
  const outcome = await invocation.host.waitUntil(() => hasCome, timeoutMs);
  response.value.watch.stop();
  if (outcome !== 'done') return failure('timed out waiting for the condition');
  const later = await invocation.client.get(path, [['labelSelector', selector]]);
  return later.ok ? ok({ pods: sortByActivity(objectsAt(later.value, 'items')), isNamed: false }) : later;
}

/** Source: k8s.io/kubectl/pkg/util/podutils, ByLogging: assigned, running, ready, longest ready, oldest first. */
function sortByActivity(pods: readonly JsonObject[]): readonly JsonObject[] {
  return [...pods].sort(
    (a, b) =>
      Number(stringAt(a, 'spec', 'nodeName') === '') - Number(stringAt(b, 'spec', 'nodeName') === '') ||
      phaseRank(a) - phaseRank(b) ||
      compareKeys(readySince(a), readySince(b)) ||
      compareKeys(
        stringAt(a, 'metadata', 'creationTimestamp'),
        stringAt(b, 'metadata', 'creationTimestamp'),
      ) ||
      compareKeys(stringAt(a, 'metadata', 'name'), stringAt(b, 'metadata', 'name')),
  );
}

function phaseRank(pod: JsonObject): number {
  const rank = ['Running', 'Unknown', 'Pending'].indexOf(stringAt(pod, 'status', 'phase'));
  return rank < 0 ? 3 : rank;
}

/** Since when a Pod is ready; a text after all times for one that isn't. */
function readySince(pod: JsonObject): string {
  const ready = objectsAt(pod, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Ready');
  return stringAt(ready, 'status') === 'True' ? stringAt(ready, 'lastTransitionTime') : '~';
}

/** A Pod's containers of all three kinds, each with its field's path. */
export function allContainers(
  pod: JsonObject,
): readonly { readonly name: string; readonly kind: 'main' | 'init' | 'ephemeral' }[] {
  const names = (field: string) =>
    objectsAt(objectAt(pod, 'spec'), field).map((container) => stringAt(container, 'name'));
  return [
    ...names('containers').map((name) => ({ name, kind: 'main' }) as const),
    ...names('ephemeralContainers').map((name) => ({ name, kind: 'ephemeral' }) as const),
    ...names('initContainers').map((name) => ({ name, kind: 'init' }) as const),
  ];
}

/** The names of a Pod's containers as messages list them: `web, side (ephem), prepare (init)`. */
function listContainers(pod: JsonObject): string {
  const notes = { main: '', init: ' (init)', ephemeral: ' (ephem)' } as const;
  return allContainers(pod)
    .map(({ name, kind }) => name + notes[kind])
    .join(', ');
}

const defaultContainerKey = 'kubectl.kubernetes.io/default-container';

/** The container that is meant: the one named, the annotated one, else the first, with a note if there are others. */
export function chooseContainer(
  invocation: Invocation,
  pod: JsonObject,
  wanted: string,
  quiet = false,
): Outcome<string> {
  const containers = allContainers(pod);
  const podName = stringAt(pod, 'metadata', 'name');
  if (wanted !== '') {
    if (containers.some(({ name }) => name === wanted)) return ok(wanted);
    return failure(`container ${wanted} is not valid for pod ${podName} out of: ${listContainers(pod)}`);
  }
  const annotated = stringAt(pod, 'metadata', 'annotations', defaultContainerKey);
  if (annotated !== '') {
    if (containers.some(({ name }) => name === annotated)) return ok(annotated);
    invocation.err(`Default container name ${JSON.stringify(annotated)} not found in pod ${podName}\n`);
  }
  const [first] = containers;
  if (first === undefined) return failure(`pod ${podName} has no containers`);
  if (containers.length > 1 && !quiet) {
    invocation.err(`Defaulted container ${JSON.stringify(first.name)} out of: ${listContainers(pod)}\n`);
  }
  return ok(first.name);
}
