/**
 * What the sub-commands of `kubectl set` share: objects are chosen, changed and sent as a strategic merge patch.
 * Source: k8s.io/kubectl/pkg/cmd/set, CalculatePatches and the Run functions beside it.
 */
import { loadSchema } from '../../api/schema/schema.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { createThreeWayPatch } from '../apply/three-way-patch.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  selectorFlag,
} from '../cli/flags.ts';
import { type Failure, failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withGoZeros } from '../printers/go-zeros.ts';
import { withChangeCause } from '../record.ts';
import { objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { fetchInfos, type Infos, type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { schemaTypeOf } from '../schema-type.ts';
import { outcomePrinter, readDryRun } from './write-options.ts';

/** Flags that all of these sub-commands have. */
export const setFlags: readonly FlagSpec[] = [
  ...filenameFlags,
  ...outputFlags,
  recordFlag,
  dryRunFlag,
  fieldManagerFlag('kubectl-set'),
  { name: 'all', type: 'bool', initial: 'false', usage: 'All objects of the kinds in the namespace.' },
  {
    name: 'local',
    type: 'bool',
    initial: 'false',
    usage: 'Changes what -f names without asking the server.',
  },
];

/** `-l` beside them, which set serviceaccount lacks. */
export const setFlagsWithSelector: readonly FlagSpec[] = [...setFlags, selectorFlag];

/** `-c`: which containers are changed. */
export const containersFlag: FlagSpec = {
  name: 'containers',
  short: 'c',
  type: 'string',
  initial: '*',
  usage: 'Names of the containers to change; * stands for any text.',
};

/** One sub-command's change. */
export interface SetChange {
  /** What is printed of an object that was changed: `env updated`. */
  readonly operation: string;
  /** Put before the server's refusal. */
  readonly refusal: string;
  /** An object that comes out as it was is sent, too. */
  readonly sendsUnchanged?: boolean;
  /** The changed object; undefined where nothing is to be done, or the words for an object that has no such field. */
  change(object: JsonObject, info: ResourceInfo): Outcome<JsonObject | undefined>;
  /** Looked at when the first object was changed. */
  misuseAfterPatch?(): string | undefined;
}

/** The objects that arguments and flags choose; with `--local` those of the files, as they stand there. */
export async function chooseObjects(
  invocation: Invocation,
  resources: readonly string[],
): Promise<Outcome<Infos>> {
  const { flags } = invocation;
  if (!flags.bool('local')) {
    return fetchInfos(invocation, {
      args: resources,
      selector: flags.has('selector') ? flags.string('selector') : '',
      all: flags.bool('all'),
      allowEmptySelector: flags.bool('all'),
    });
  }
  if (resources.length > 0 || flags.strings('filename').length === 0) return failure(localNeedsFiles);
  const read = await readInfos(invocation, { keepsNamespace: true });
  if (!read.ok) return read;
  const infos = read.value.infos.map((info) => ({ ...info, object: withGoZeros(info.object) }));
  return ok({ ...read.value, infos });
}

const localNeedsFiles = `error: you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`;

/** `--local` together with `--dry-run=server` makes no sense; the words for it, else undefined. */
export function localProblem(invocation: Invocation, dryRun: string): string | undefined {
  return invocation.flags.bool('local') && dryRun === 'server'
    ? 'cannot specify --local and --dry-run=server - did you mean --dry-run=client?'
    : undefined;
}

/** Changes each object and prints what came of it. */
export async function changeObjects(
  invocation: Invocation,
  infos: readonly ResourceInfo[],
  wanted: SetChange,
): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const failures: Failure[] = [];
  const isLocal = invocation.flags.bool('local') || dryRun.value === 'client';
  for (const info of infos) {
    const changed = wanted.change(info.object, info);
    if (!changed.ok) {
      const about = `error: ${info.mapping.plural}/${info.name} ${messageOf(changed.error)}\n`;
      failures.push({ kind: 'message', message: about });
      continue;
    }
    if (changed.value === undefined) continue;
    const recorded = withChangeCause(invocation, changed.value);
    const patch = patchOf(info, recorded);
    if (Object.keys(patch).length === 0 && wanted.sendsUnchanged !== true) continue;
    const sent = isLocal
      ? ok(recorded)
      : await invocation.client.patch(
          resourcePath(info.mapping, info.namespace, info.name),
          'strategic-merge-patch',
          patch,
          [
            ['fieldManager', invocation.flags.string('field-manager')],
            ...(dryRun.value === 'server' ? [['dryRun', 'All'] as const] : []),
          ],
        );
    if (!sent.ok) {
      failures.push(
        wanted.refusal === ''
          ? sent.error
          : { kind: 'message', message: `${wanted.refusal}${messageOf(sent.error)}` },
      );
      continue;
    }
    const misuse = isLocal ? undefined : wanted.misuseAfterPatch?.();
    if (misuse !== undefined) return failure(misuse);
    const printed = print.value(sent.value, wanted.operation);
    if (!printed.ok) failures.push(printed.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

function patchOf(info: ResourceInfo, modified: JsonObject): JsonObject {
  const typeName = schemaTypeOf(info.mapping);
  const types = typeName === undefined ? undefined : { schema: loadSchema(), typeName };
  return createThreeWayPatch({ original: info.object, modified, current: info.object }, types);
}

/** Changes some of an object's containers; the words for a kind without Pods. */
export function changeContainers(
  object: JsonObject,
  info: ResourceInfo,
  chosen: (name: string) => boolean,
  change: (container: JsonObject) => Outcome<JsonObject>,
): Outcome<{ readonly object: JsonObject; readonly count: number }> {
  const path = podSpecPath(info);
  const spec = path === undefined ? undefined : valueAt(object, ...path);
  if (path === undefined || spec === undefined) return failure(noTemplateProblem(info));
  let changed = object;
  let count = 0;
  for (const list of ['containers', 'initContainers']) {
    const containers: JsonObject[] = [];
    let isTouched = false;
    for (const container of objectsAt(spec, list)) {
      if (!chosen(stringAt(container, 'name'))) {
        containers.push(container);
        continue;
      }
      const next = change(container);
      if (!next.ok) return next;
      containers.push(next.value);
      isTouched = true;
      count += 1;
    }
    if (isTouched) changed = withValueAt(changed, [...path, list], containers);
  }
  return ok({ object: changed, count });
}

/** What is said of an object that has no Pods. Source: polymorphichelpers, updatePodSpecForObject. */
export function noTemplateProblem({ mapping }: ResourceInfo): string {
  return `the object is not a pod or does not have a pod template: *${mapping.version}.${mapping.kind}`;
}

/** Whether a container's name is what `-c` names. Source: set/helper.go, selectString. */
export function isSelectedContainer(name: string, spec: string): boolean {
  if (spec === '*') return true;
  if (!spec.includes('*')) return name === spec;
  const parts = spec.split('*');
  let position = 0;
  for (const [index, part] of parts.entries()) {
    if (part === '') continue;
    const next = name.slice(position).indexOf(part);
    const isLast = index === parts.length - 1;
    if (next < position || (isLast && name.length !== part.length + next)) return false;
    position = next;
  }
  return true;
}

/** Where a kind keeps the spec of its Pods; undefined for kinds without. */
export function podSpecPath({ mapping }: ResourceInfo): readonly string[] | undefined {
  if (mapping.kind === 'Pod') return ['spec'];
  if (mapping.kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
  const templated = ['Deployment', 'ReplicaSet', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Job'];
  return templated.includes(mapping.kind) ? ['spec', 'template', 'spec'] : undefined;
}
