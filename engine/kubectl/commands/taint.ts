/** `kubectl taint`. Source: k8s.io/kubectl/pkg/cmd/taint. */
import { loadSchema } from '../../api/schema/schema.ts';
import { checkLabelValue, checkQualifiedName } from '../../api/validation/names.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { createThreeWayPatch } from '../apply/three-way-patch.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, fieldManagerFlag, outputFlags, selectorFlag, validateFlag } from '../cli/flags.ts';
import { failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, withValueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { type OutcomePrinter, outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

export const taintCommand: Command = {
  name: 'taint',
  usage: 'NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  short: 'Update the taints on one or more nodes',
  flags: [
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-taint'),
    selectorFlag,
    validateFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'All nodes.' },
    { name: 'overwrite', type: 'bool', initial: 'false', usage: 'Replaces taints that are there.' },
  ],
  run: runTaint,
};

/** A taint; one that is only to be taken away may lack an effect. */
interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

interface TaintChanges {
  readonly add: readonly Taint[];
  readonly remove: readonly Taint[];
}

async function runTaint(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const isTaint = (word: string) => word.includes('=') || word.includes(':') || word.endsWith('-');
  const start = args.findIndex(isTaint);
  const resources = start < 0 ? args : args.slice(0, start);
  const specs = start < 0 ? [] : args.slice(start);
  const late = specs.find((word) => !isTaint(word));
  if (late !== undefined) return failure(`all resources must be specified before taint changes: ${late}`);
  const [type, ...names] = resources;
  if (type === undefined) return failure('one or more resources must be specified as <resource> <name>');
  if (specs.length === 0) return failure('at least one taint update is required');
  const changes = parseTaints(specs);
  if (!changes.ok) return invocation.usageFailure(messageOf(changes.error));
  const misuse = await misuseOf(invocation, type, names, changes.value);
  if (!misuse.ok) return misuse;
  // What is only tried isn't marked as such here: upstream makes this printer too early for it.
  const print = await outcomePrinter(invocation, 'none');
  if (!print.ok) return print;
  const selector = flags.string('selector');
  const isByName = !flags.bool('all') && selector === '';
  const fetched = await fetchInfos(invocation, {
    args: isByName ? ['nodes', ...names] : ['nodes'],
    selector,
    all: flags.bool('all'),
  });
  if (!fetched.ok) return fetched;
  const failures = [...fetched.value.failures];
  for (const info of fetched.value.infos) {
    const changed = changeTaints(info.object, changes.value, flags.bool('overwrite'));
    if (!changed.ok) {
      failures.push(changed.error);
      continue;
    }
    const { node, operation } = changed.value;
    const printed = await sendTaints(
      { invocation, info, node },
      {
        isDry: dryRun.value === 'client',
        query: query.value,
        print: (object) => print.value(object, operation),
      },
    );
    if (!printed.ok) failures.push(printed.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

async function sendTaints(
  { invocation, info, node }: { invocation: Invocation; info: ResourceInfo; node: JsonObject },
  how: {
    readonly isDry: boolean;
    readonly query: readonly (readonly [string, string])[];
    print(object: JsonObject): ReturnType<OutcomePrinter>;
  },
): Promise<Outcome<void>> {
  if (how.isDry) return how.print(node);
  const types = { schema: loadSchema(), typeName: 'V1Node' };
  const patch = createThreeWayPatch({ original: info.object, modified: node, current: info.object }, types);
  const path = resourcePath(info.mapping, '', info.name);
  const sent = await invocation.client.patch(path, 'strategic-merge-patch', patch, how.query);
  return sent.ok ? how.print(sent.value) : sent;
}

async function misuseOf(
  invocation: Invocation,
  type: string,
  names: readonly string[],
  { add, remove }: TaintChanges,
): Promise<Outcome<void>> {
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const mapping = mapper.value.byArgument(type.toLowerCase());
  if (!mapping.ok) return { ok: false, error: { kind: 'exit', code: 1, text: messageOf(mapping.error) } };
  if (mapping.value.kind !== 'Node')
    return failure(`invalid resource type ${type.toLowerCase()}, only node types are supported`);
  const conflicts = add.flatMap((one) =>
    remove
      .filter((other) => other.key === one.key && (other.effect === '' || other.effect === one.effect))
      .map((other) => `${other.key}=${other.effect}`),
  );
  if (conflicts.length > 0) {
    const list = conflicts.join(', ');
    return failure(`can not both modify and remove the following taint(s) in the same command: ${list}`);
  }
  const { flags } = invocation;
  if (flags.bool('all') && flags.string('selector') !== '')
    return failure("setting 'all' parameter with a non empty selector is prohibited");
  if (!flags.bool('all') && flags.string('selector') === '' && names.length === 0) {
    return failure("at least one resource name must be specified since 'all' parameter is not set");
  }
  return ok(undefined);
}

function parseTaints(specs: readonly string[]): Outcome<TaintChanges> {
  const add: Taint[] = [];
  const remove: Taint[] = [];
  for (const spec of specs) {
    const isRemoval = spec.endsWith('-');
    const taint = parseTaint(isRemoval ? spec.slice(0, -1) : spec);
    if (!taint.ok) return taint;
    if (isRemoval) {
      remove.push({ ...taint.value, value: '' });
      continue;
    }
    const { key, value, effect } = taint.value;
    if (effect === '') return failure(`invalid taint spec: ${spec}`);
    if (add.some((one) => one.key === key && one.effect === effect)) {
      const shown = `{${key} ${value} ${effect} <nil>}`;
      return failure(`duplicated taints with the same key and effect: ${shown}`);
    }
    add.push(taint.value);
  }
  return ok({ add, remove });
}

const effects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `<key>=<value>:<effect>`, `<key>:<effect>` or `<key>`. */
function parseTaint(spec: string): Outcome<Taint> {
  const [left = '', effect, more] = spec.split(':');
  if (more !== undefined) return failure(`invalid taint spec: ${spec}`);
  let [key, value] = [left, ''];
  if (effect !== undefined) {
    if (!effects.includes(effect)) {
      return failure(`invalid taint effect: ${effect}, unsupported taint effect`);
    }
    const parts = left.split('=');
    if (parts.length > 2) return failure(`invalid taint spec: ${spec}`);
    [key = '', value = ''] = parts;
    const problems = checkLabelValue(value);
    if (problems.length > 0) return failure(`invalid taint spec: ${spec}, ${problems.join('; ')}`);
  }
  const problems = checkQualifiedName(key);
  if (problems.length > 0) return failure(`invalid taint spec: ${spec}, ${problems.join('; ')}`);
  return ok({ key, value, effect: effect ?? '' });
}

/** Source: taint/utils.go, reorganizeTaints. */
function changeTaints(
  node: JsonObject,
  { add, remove }: TaintChanges,
  overwrite: boolean,
): Outcome<{ readonly node: JsonObject; readonly operation: string }> {
  const name = stringAt(node, 'metadata', 'name');
  const old = objectsAt(node, 'spec', 'taints');
  const matches = (one: JsonObject, { key, effect }: Taint) =>
    stringAt(one, 'key') === key && stringAt(one, 'effect') === effect;
  const taken = add.filter((taint) => old.some((one) => matches(one, taint))).map(({ key }) => key);
  if (!overwrite && taken.length > 0) {
    return failure(
      `node ${name} already has ${taken.join(',')} taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  let taints: readonly JsonObject[] = [
    ...add.map(({ effect, key, value }) => ({ effect, key, ...(value === '' ? {} : { value }) })),
    ...old.filter((one) => !add.some((taint) => matches(one, taint))),
  ];
  const isAdded = taints.length !== old.length;
  let isRemoved = false;
  const missing: string[] = [];
  for (const taint of remove) {
    const left = taints.filter((one) =>
      taint.effect === '' ? stringAt(one, 'key') !== taint.key : !matches(one, taint),
    );
    isRemoved = left.length !== taints.length;
    if (!isRemoved)
      missing.push(`taint "${taint.key}${taint.effect === '' ? '' : `:${taint.effect}`}" not found`);
    taints = left;
  }
  if (missing.length > 0) {
    const failures = missing.map((message) => failure(message).error);
    return { ok: false, error: { kind: 'several', failures } };
  }
  const operation = (isAdded && isRemoved) || overwrite ? 'modified' : isAdded ? 'tainted' : 'untainted';
  const changed = withValueAt(node, ['spec', 'taints'], taints.length === 0 ? undefined : taints);
  return ok({ node: changed, operation });
}
