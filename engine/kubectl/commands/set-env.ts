/** `kubectl set env`. Source: k8s.io/kubectl/pkg/cmd/set/set_env.go and set/env. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { missingResourceMessage } from '../rest/resource-builder.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { describeSource, resolveSource } from './set-env-sources.ts';
import {
  changeContainers,
  changeObjects,
  chooseObjects,
  containersFlag,
  isSelectedContainer,
  localProblem,
  setFlagsWithSelector,
} from './set-objects.ts';
import { readDryRun } from './write-options.ts';

export const setEnvCommand: Command = {
  name: 'env',
  usage: 'RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  short: 'Update environment variables on a pod template',
  flags: [
    ...setFlagsWithSelector,
    containersFlag,
    { name: 'env', short: 'e', type: 'stringArray', usage: 'A variable as NAME=value.' },
    { name: 'from', type: 'string', usage: 'A ConfigMap or Secret whose keys become variables.' },
    { name: 'keys', type: 'stringSlice', usage: 'The only keys to take from it.' },
    { name: 'list', type: 'bool', initial: 'false', usage: 'Shows the variables.' },
    { name: 'overwrite', type: 'bool', initial: 'true', usage: 'Lets variables that are there change.' },
    { name: 'prefix', type: 'string', usage: 'Put before the names of the variables.' },
    { name: 'resolve', type: 'bool', initial: 'false', usage: 'Shows the values behind references.' },
  ],
  run: runSetEnv,
};

/** Variables to set, and names to take away. */
interface EnvChanges {
  readonly set: readonly JsonObject[];
  readonly remove: readonly string[];
}

async function runSetEnv(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (flags.bool('all') && flags.string('selector') !== '')
    return failure('cannot set --all and --selector at the same time');
  const start = args.findIndex(isEnvArgument);
  const resources = start < 0 ? args : args.slice(0, start);
  const envArgs = start < 0 ? [] : args.slice(start);
  if (!envArgs.every(isEnvArgument)) {
    return failure(`all resources must be specified before environment changes: ${args.join(' ')}`);
  }
  const misuse = await misuseOf(invocation, resources);
  if (misuse !== undefined) return { ok: false, error: misuse };
  const parsed = parseEnv([...flags.strings('env'), ...envArgs], invocation.host.stdin);
  if (!parsed.ok) return parsed;
  const from = await readFrom(invocation);
  if (!from.ok) return from;
  const prefix = flags.string('prefix');
  const set = [...parsed.value.set, ...from.value].map((one) => ({
    ...one,
    name: prefix + stringAt(one, 'name'),
  }));
  const changes: EnvChanges = { set, remove: parsed.value.remove };
  // Unlike the other sub-commands, this one overlooks resources that are named beside --local.
  const isLocal = flags.bool('local');
  if (isLocal && flags.strings('filename').length === 0) return failure(missingResourceMessage);
  const chosen = await chooseObjects(invocation, isLocal ? [] : resources);
  if (!chosen.ok) return chosen;
  const problem = joinFailures(chosen.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  if (flags.bool('list')) return listEnv(invocation, chosen.value.infos, changes);
  return changeObjects(invocation, chosen.value.infos, {
    operation: 'env updated',
    refusal: 'failed to patch env update to pod template: ',
    change: (object, info) => changeEnv(invocation, object, info, changes),
    misuseAfterPatch: () =>
      set.length === 0 && envArgs.length === 0
        ? 'at least one environment variable must be provided'
        : undefined,
  });
}

function isEnvArgument(word: string): boolean {
  return word.indexOf('=') > 0 || word.endsWith('-');
}

async function misuseOf(invocation: Invocation, resources: readonly string[]): Promise<Failure | undefined> {
  const { flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun.error;
  const misuse = (message: string): Failure => ({ kind: 'message', message });
  const local = localProblem(invocation, dryRun.value);
  if (local !== undefined) return misuse(local);
  if (flags.strings('filename').length === 0 && resources.length === 0)
    return misuse('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (flags.bool('list') && flags.string('output') !== '')
    return misuse('--list and --output may not be specified together');
  if (flags.strings('keys').length > 0 && flags.string('from') === '')
    return misuse('when specifying --keys, a configmap or secret must be provided with --from');
  return undefined;
}

/** Source: k8s.io/apimachinery/pkg/util/validation, IsEnvVarName. */
const variableName = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

function parseEnv(specs: readonly string[], stdin: string): Outcome<EnvChanges> {
  const set: JsonObject[] = [];
  const remove: string[] = [];
  const named = new Set<string>();
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    if (spec === '-') set.push(...readEnvLines(stdin));
    else if (equals >= 0) {
      const name = spec.slice(0, equals);
      if (!variableName.test(name)) {
        return failure(
          `${JSON.stringify(name)} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
        );
      }
      named.add(name);
      set.push({ name, value: spec.slice(equals + 1) });
    } else if (spec.endsWith('-')) remove.push(spec.slice(0, -1));
    else return failure(`unknown environment variable: ${spec}`);
  }
  if (remove.some((name) => named.has(name))) {
    return failure('can not both modify and remove the same environment variable in the same command');
  }
  return ok({ set, remove });
}

function readEnvLines(text: string): readonly JsonObject[] {
  return text.split('\n').flatMap((line) => {
    const [spec = ''] = line.split('#');
    const equals = spec.indexOf('=');
    return equals < 0 ? [] : [{ name: spec.slice(0, equals), value: spec.slice(equals + 1) }];
  });
}

/** The keys of `--from` as variables. Differs: in order of keys, where the real one follows Go's random order. */
async function readFrom(invocation: Invocation): Promise<Outcome<readonly JsonObject[]>> {
  const { flags } = invocation;
  const from = flags.string('from');
  if (from === '') return ok([]);
  const fetched = await chooseObjects(invocation, [from]);
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const wanted = flags.strings('keys');
  const variables: JsonObject[] = [];
  for (const { mapping, name, object } of fetched.value.infos) {
    const isKnown = mapping.group === '' && (mapping.kind === 'Secret' || mapping.kind === 'ConfigMap');
    if (!isKnown) return failure('unsupported resource specified in --from');
    const field = mapping.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
    for (const key of Object.keys(objectAt(object, 'data')).sort(compareKeys)) {
      if (wanted.length > 0 && !wanted.includes(key)) continue;
      const variable = key.replaceAll(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
      if (variable !== key) invocation.err(`Warning: key ${key} transferred to ${variable}\n`);
      variables.push({ name: variable, valueFrom: { [field]: { key, name } } });
    }
  }
  return ok(variables);
}

function changeEnv(
  invocation: Invocation,
  object: JsonObject,
  info: ResourceInfo,
  changes: EnvChanges,
): Outcome<JsonObject> {
  const spec = invocation.flags.string('containers');
  const overwrites = invocation.flags.bool('overwrite');
  const changed = changeContainers(
    object,
    info,
    (name) => isSelectedContainer(name, spec),
    (container) => {
      const taken = overwrites ? undefined : takenVariable(container, changes.set);
      if (taken !== undefined) return failure(taken);
      const env = updatedEnv(objectsAt(container, 'env'), changes);
      const { env: _former, ...rest } = container;
      return ok(env.length === 0 ? rest : { ...rest, env });
    },
  );
  if (!changed.ok) return changed;
  if (changed.value.count === 0) {
    const about = `${info.mapping.kind}/${info.name} does not have any containers matching`;
    invocation.err(`Warning: ${about} ${JSON.stringify(spec)}\n`);
  }
  return ok(changed.value.object);
}

function takenVariable(container: JsonObject, set: readonly JsonObject[]): string | undefined {
  for (const wanted of set) {
    const name = stringAt(wanted, 'name');
    const current = objectsAt(container, 'env').find((one) => stringAt(one, 'name') === name);
    if (current !== undefined && stringAt(current, 'value') !== stringAt(wanted, 'value'))
      return `'${name}' already has a value (${stringAt(current, 'value')}), and --overwrite is false`;
  }
  return undefined;
}

/** The newest value takes the place of the first of its name. Source: set/helper.go, updateEnv. */
function updatedEnv(existing: readonly JsonObject[], { set, remove }: EnvChanges): readonly JsonObject[] {
  const covered = new Set(remove);
  const result: JsonObject[] = [];
  const first = (name: string) => set.find((one) => stringAt(one, 'name') === name);
  for (const one of existing) {
    const name = stringAt(one, 'name');
    if (covered.has(name)) continue;
    const newer = first(name);
    if (newer !== undefined) covered.add(name);
    result.push(newer ?? one);
  }
  for (const one of set) {
    const name = stringAt(one, 'name');
    if (covered.has(name)) continue;
    covered.add(name);
    result.push(one);
  }
  return result;
}

async function listEnv(
  invocation: Invocation,
  infos: readonly ResourceInfo[],
  changes: EnvChanges,
): Promise<Outcome<void>> {
  for (const info of infos) {
    const changed = changeEnv(invocation, info.object, info, changes);
    // Like the real command, which drops what went wrong with single objects when it lists.
    if (!changed.ok) continue;
    const listed: JsonObject[] = [];
    changeContainers(
      changed.value,
      info,
      (name) => isSelectedContainer(name, invocation.flags.string('containers')),
      (container) => {
        listed.push(container);
        return ok(container);
      },
    );
    for (const container of listed) await listContainer(invocation, info, container);
  }
  return ok(undefined);
}

async function listContainer(
  invocation: Invocation,
  info: ResourceInfo,
  container: JsonObject,
): Promise<void> {
  invocation.out(`# ${info.mapping.kind} ${info.name}, container ${stringAt(container, 'name')}\n`);
  const problems = new Map<string, string[]>();
  for (const variable of objectsAt(container, 'env')) {
    const name = stringAt(variable, 'name');
    const source = valueAt(variable, 'valueFrom');
    if (source === undefined) {
      invocation.out(`${name}=${stringAt(variable, 'value')}\n`);
      continue;
    }
    const resolved = invocation.flags.bool('resolve')
      ? await resolveSource(invocation, source, info.object, container)
      : undefined;
    if (resolved?.ok === true) invocation.out(`${name}=${resolved.value}\n`);
    else invocation.out(`# ${name} from ${describeSource(source)}\n`);
    if (resolved?.ok === false) {
      problems.set(resolved.error, [...(problems.get(resolved.error) ?? []), name]);
    }
  }
  const lines = [...problems].map(
    ([message, names]) => `error retrieving reference for ${names.sort(compareKeys).join(', ')}: ${message}`,
  );
  for (const line of lines.sort(compareKeys)) invocation.err(`${line}\n`);
}
