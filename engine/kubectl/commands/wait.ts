/** `kubectl wait`: waits until objects are as wanted. */

import { formatValue } from '../../api/jsonpath/evaluate.ts';
import { parseRelaxedPath, valuesAtPath } from '../../api/jsonpath/relaxed.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import {
  allNamespacesFlag,
  fieldSelectorFlag,
  filesOnlyFlags,
  localFlag,
  outputFlags,
  selectorFlag,
} from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { fetchInfos, type Infos, type ResourceInfo } from '../rest/resource-infos.ts';
import { qualifiedKind, resourcePath } from '../rest/rest-mapper.ts';
import { waitUntilDeleted } from './wait-deleted.ts';

export const waitCommand: Command = {
  name: 'wait',
  usage:
    "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Wait for a specific condition on one or many resources',
  flags: [
    ...filesOnlyFlags,
    localFlag,
    ...outputFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'All objects of the kinds in the namespace.' },
    {
      name: 'for',
      type: 'stringArray',
      usage: 'create, delete, condition=NAME[=VALUE] or jsonpath=PATH[=VALUE].',
    },
    { name: 'timeout', type: 'duration', initial: '30s', usage: 'Longest time to wait; 0 looks once.' },
  ],
  run: runWait,
};

/** What is waited for. */
type Wanted =
  | { readonly kind: 'create' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'state'; isMet(object: JsonObject): boolean };

async function runWait(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const texts = flags.strings('for');
  if (texts.length === 0) return failure('unrecognized condition: []');
  const wanted: Wanted[] = [];
  for (const text of texts) {
    const one = parseCondition(text);
    if (!one.ok) return one;
    wanted.push(one.value);
  }
  const deadlineMs = invocation.host.now() + flags.durationMs('timeout');
  if (wanted.some((one) => one.kind === 'create')) {
    const created = await waitForCreation(invocation, deadlineMs);
    if (!created.ok) return created;
  }
  const found = await find(invocation);
  if (!found.ok) return found;
  const isForDelete = wanted.some((one) => one.kind === 'delete');
  const serious = found.value.failures.filter((one) => !(isForDelete && isNotFound(one)));
  const problem = joinFailures(serious);
  if (problem !== undefined) return { ok: false, error: problem };
  if (found.value.infos.length === 0 && !isForDelete) return failure('no matching resources found');
  const unmet: Failure[] = [];
  for (const info of found.value.infos) {
    for (const one of wanted) {
      const met = await waitForOne(invocation, info, { wanted: one, deadlineMs });
      if (met.ok) invocation.out(`${qualifiedKind(info.mapping)}/${info.name} condition met\n`);
      else unmet.push(met.error);
    }
  }
  const failed = joinFailures(unmet);
  return failed === undefined ? ok(undefined) : { ok: false, error: failed };
}

function parseCondition(text: string): Outcome<Wanted> {
  const lower = text.toLowerCase();
  if (lower === 'delete') return ok({ kind: 'delete' });
  if (lower === 'create') return ok({ kind: 'create' });
  if (text.startsWith('condition=')) {
    const [, name = '', value = 'true'] = text.split('=');
    return ok({ kind: 'state', isMet: (object) => conditionIs(object, name, value) });
  }
  if (text.startsWith('jsonpath=')) return parsePathCondition(text.slice('jsonpath='.length));
  return failure(`unrecognized condition: ${JSON.stringify(text)}`);
}

function conditionIs(object: JsonObject, name: string, value: string): boolean {
  const condition = objectsAt(object, 'status', 'conditions').find(
    (one) => stringAt(one, 'type').toLowerCase() === name.toLowerCase(),
  );
  return condition !== undefined && stringAt(condition, 'status').toLowerCase() === value.toLowerCase();
}

/** `{.status.phase}=Running`, or a path alone, which only needs to be there. */
function parsePathCondition(text: string): Outcome<Wanted> {
  const brace = text.lastIndexOf('}');
  const equals = text.indexOf('=', Math.max(brace, 0));
  const path = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1).replace(/^(['"])(.*)\1$/, '$2');
  if (value === '')
    return failure(
      `jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3`,
    );
  const nodes = parseRelaxedPath(path);
  if (!nodes.ok) return failure(nodes.error);
  return ok({
    kind: 'state',
    isMet: (object) => {
      const values = valuesAtPath(nodes.value, object);
      return value === undefined ? values.length > 0 : values.some((one) => formatValue(one) === value);
    },
  });
}

function find(invocation: Invocation): Promise<Outcome<Infos>> {
  const { flags } = invocation;
  return fetchInfos(invocation, {
    args: invocation.args,
    selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
  });
}

/** How often kubectl looks for an object that isn't there yet. Source: k8s.io/kubectl/pkg/cmd/wait. */
const pollMs = 500;

async function waitForCreation(invocation: Invocation, deadlineMs: number): Promise<Outcome<void>> {
  const { host } = invocation;
  for (;;) {
    const found = await find(invocation);
    if (!found.ok) return found;
    if (found.value.infos.length > 0) return ok(undefined);
    const problem = joinFailures(found.value.failures);
    if (problem !== undefined && !isNotFound(problem)) return { ok: false, error: problem };
    if (host.now() >= deadlineMs) return failure('timed out waiting for the condition');
    const nextMs = host.now() + pollMs;
    const outcome = await host.waitUntil(() => host.now() >= nextMs, pollMs);
    if (outcome === 'interrupted' || outcome === 'idle')
      return failure('timed out waiting for the condition');
  }
}

async function waitForOne(
  invocation: Invocation,
  info: ResourceInfo,
  { wanted, deadlineMs }: { readonly wanted: Wanted; readonly deadlineMs: number },
): Promise<Outcome<void>> {
  if (wanted.kind === 'create') return ok(undefined);
  const leftMs = Math.max(1, deadlineMs - invocation.host.now());
  if (wanted.kind === 'delete') {
    return waitUntilDeleted(invocation, [{ info, uid: stringAt(info.object, 'metadata', 'uid') }], leftMs);
  }
  const timedOut = failure(`timed out waiting for the condition on ${info.mapping.plural}/${info.name}`);
  // Once the time for all is over, what holds already isn't looked at, either.
  if (invocation.host.now() >= deadlineMs && invocation.flags.durationMs('timeout') > 0) return timedOut;
  if (wanted.isMet(info.object)) return ok(undefined);
  const response = await invocation.client.send({
    method: 'GET',
    path: resourcePath(info.mapping, info.namespace),
    query: [
      ['watch', 'true'],
      ['fieldSelector', `metadata.name=${info.name}`],
      ['resourceVersion', stringAt(info.object, 'metadata', 'resourceVersion')],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return timedOut;
  let isMet = false;
  response.value.watch.onEvent((event) => {
    if (event.type !== 'DELETED' && isJsonObject(event.object) && wanted.isMet(event.object)) isMet = true;
  });
  await invocation.host.waitUntil(() => isMet, leftMs);
  response.value.watch.stop();
  return isMet ? ok(undefined) : timedOut;
}
