/**
 * `kubectl rollout history|undo`: the templates that a workload had, and back to one of them. Source:
 * k8s.io/kubectl/pkg/polymorphichelpers/history.go and rollback.go.
 */
import { isJsonObject, type JsonObject, jsonEqual } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, outputFlags } from '../cli/flags.ts';
import { writePodTemplate } from '../describe/containers.ts';
import { annotationsOf, DescribeWriter } from '../describe/describe-writer.ts';
import { failure, type Outcome, wrapFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectPrinter } from '../printers/output-format.ts';
import { alignTabs, describeLayout } from '../printers/tab-writer.ts';
import { objectAt, objectsAt, stringAt, stringMapAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { forEachRollout, operationLine, rolloutFlags, rolloutPath } from './rollout-targets.ts';
import { type DryRun, dryRunNote, readDryRun } from './write-options.ts';

export const rolloutHistoryCommand: Command = {
  name: 'history',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'View rollout history',
  flags: [
    ...rolloutFlags,
    ...outputFlags,
    { name: 'revision', type: 'int', initial: '0', usage: 'Shows the template of this revision.' },
  ],
  run: runHistory,
};

export const rolloutUndoCommand: Command = {
  name: 'undo',
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  short: 'Undo a previous rollout',
  flags: [
    ...rolloutFlags,
    ...outputFlags,
    dryRunFlag,
    {
      name: 'to-revision',
      type: 'int',
      initial: '0',
      usage: 'The revision to go back to; 0 for the last one.',
    },
  ],
  run: runUndo,
};

/** One state that a workload had. */
interface Revision {
  readonly number: number;
  /** The ReplicaSet or ControllerRevision that holds it. */
  readonly holder: JsonObject;
  readonly template: JsonObject;
  readonly changeCause: string;
}

const revisionKey = 'deployment.kubernetes.io/revision';
const changeCauseKey = 'kubernetes.io/change-cause';
const hashLabel = 'pod-template-hash';
const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations that stay the Deployment's own when an older template comes back. */
const keptAnnotations: readonly string[] = [
  lastAppliedKey,
  revisionKey,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];

async function runHistory(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const wanted = flags.int('revision');
  if (wanted < 0) return failure(`revision must be a positive integer: ${wanted}`);
  const printer = await objectPrinter(flags, host, false);
  if (!printer.ok) return printer;
  let count = 0;
  return forEachRollout(invocation, async (info) => {
    const revisions = await findRevisions(invocation, info, 'history viewer');
    if (!revisions.ok) return revisions;
    if (printer.value === undefined) return showHistory(invocation, info, revisions.value);
    const shown = wanted === 0 ? revisions.value : revisions.value.filter((one) => one.number === wanted);
    if (wanted > 0 && shown.length === 0) return failure('unable to find the specified revision');
    for (const { holder } of shown) {
      const text = printer.value(holder, count);
      if (!text.ok) return text;
      count += 1;
      invocation.out(text.value);
    }
    return ok(undefined);
  });
}

function showHistory(
  invocation: Invocation,
  info: ResourceInfo,
  revisions: readonly Revision[],
): Outcome<void> {
  const wanted = invocation.flags.int('revision');
  const head = wanted > 0 ? `with revision #${wanted}` : '';
  if (revisions.length === 0) {
    invocation.out(operationLine(info, `${head}\nNo rollout history found.`));
    return ok(undefined);
  }
  if (wanted > 0) {
    const found = revisions.find((one) => one.number === wanted);
    if (found === undefined) return failure('unable to find the specified revision');
    invocation.out(operationLine(info, `${head}\n${describeTemplate(found)}`));
    return ok(undefined);
  }
  const rows = revisions.map((one) => `${one.number}\t${one.changeCause || '<none>'}\n`).join('');
  const table = alignTabs(`REVISION\tCHANGE-CAUSE\n${rows}`, describeLayout);
  invocation.out(operationLine(info, `${head}\n${table}`));
  return ok(undefined);
}

function describeTemplate({ template, changeCause }: Revision): string {
  const writer = new DescribeWriter();
  const shown =
    changeCause === ''
      ? template
      : withValueAt(template, ['metadata', 'annotations', changeCauseKey], changeCause);
  writePodTemplate(writer, shown);
  return writer.unaligned();
}

/** The revisions of a workload, oldest first. */
async function findRevisions(
  invocation: Invocation,
  info: ResourceInfo,
  what: 'history viewer' | 'rollbacker',
): Promise<Outcome<readonly Revision[]>> {
  const { mapping } = info;
  const isDeployment = mapping.group === 'apps' && mapping.kind === 'Deployment';
  const isSet = mapping.group === 'apps' && (mapping.kind === 'DaemonSet' || mapping.kind === 'StatefulSet');
  if (!isDeployment && !isSet) {
    const kind = mapping.group === '' ? mapping.kind : `${mapping.kind}.${mapping.group}`;
    return failure(unknownKind(kind, what));
  }
  const holders = isDeployment ? 'replicasets' : 'controllerrevisions';
  const labels = stringMapAt(info.object, 'spec', 'selector', 'matchLabels');
  const selector = [...labels].map(([key, value]) => `${key}=${value}`).join(',');
  const path = `/apis/apps/v1/namespaces/${info.namespace}/${holders}`;
  const list = await invocation.client.get(path, [['labelSelector', selector]]);
  if (!list.ok) return list;
  const uid = stringAt(info.object, 'metadata', 'uid');
  const header = {
    apiVersion: 'apps/v1',
    kind: isDeployment ? 'ReplicaSet' : 'ControllerRevision',
  };
  const owned = objectsAt(list.value, 'items').filter((one) =>
    objectsAt(one, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === uid),
  );
  const revisions = owned.map((one) => readRevision({ ...header, ...one }, isDeployment));
  return ok(revisions.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number));
}

/** Kinds of which upstream knows that they have no history are told otherwise than all others. */
function unknownKind(kind: string, what: 'history viewer' | 'rollbacker'): string {
  const workloads = ['Job.batch', 'Pod', 'ReplicaSet.apps', 'ReplicationController', 'CronJob.batch'];
  const quoted = JSON.stringify(kind);
  if (workloads.includes(kind)) return `no ${what} has been implemented for ${quoted}`;
  const noun = what === 'rollbacker' ? 'rollbacker' : 'history';
  return `error retrieving ${noun} for ${quoted}, no visitor method exists for ${groupKindStruct(kind)}`;
}

/** A group and kind as Go prints that struct. */
function groupKindStruct(text: string): string {
  const [kind = '', ...group] = text.split('.');
  return `{${group.join('.')} ${kind}}`;
}

function readRevision(holder: JsonObject, isDeployment: boolean): Revision {
  const annotations = annotationsOf(holder);
  if (isDeployment) {
    return {
      number: Number(annotations.get(revisionKey) ?? '0'),
      holder,
      template: objectAt(holder, 'spec', 'template'),
      changeCause: annotations.get(changeCauseKey) ?? '',
    };
  }
  return {
    number: Number(valueAt(holder, 'revision') ?? 0),
    holder,
    template: withValueAt(objectAt(holder, 'data', 'spec', 'template'), ['$patch'], undefined),
    changeCause: annotations.get(changeCauseKey) ?? '',
  };
}

async function runUndo(invocation: Invocation): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const printer = await objectPrinter(invocation.flags, invocation.host, false);
  if (!printer.ok) return printer;
  let count = 0;
  return forEachRollout(invocation, async (info) => {
    if (annotationsOf(info.object).has(lastAppliedKey)) invocation.err(appliedWarning(info));
    const undone = await undoOne(invocation, info, dryRun.value);
    if (!undone.ok) return undone;
    if (printer.value === undefined) {
      invocation.out(operationLine(info, `${undone.value}${dryRunNote(dryRun.value)}`));
      return ok(undefined);
    }
    const text = printer.value(info.object, count);
    count += 1;
    if (text.ok) invocation.out(text.value);
    return text.ok ? ok(undefined) : text;
  });
}

function appliedWarning(info: ResourceInfo): string {
  return `Warning: resource ${info.mapping.plural}/${info.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${lastAppliedKey} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`;
}

/** Goes back to a revision; the value is what is said of it. */
async function undoOne(invocation: Invocation, info: ResourceInfo, dryRun: DryRun): Promise<Outcome<string>> {
  const toRevision = invocation.flags.int('to-revision');
  const revisions = await findRevisions(invocation, info, 'rollbacker');
  if (!revisions.ok) return revisions;
  const isDeployment = info.mapping.kind === 'Deployment';
  const target =
    toRevision === 0
      ? revisions.value.at(-2)
      : revisions.value.find((one) => one.number === toRevision && toRevision > 0);
  if (target === undefined) {
    if (toRevision !== 0) return failure(`unable to find specified revision ${toRevision} in history`);
    const owner = isDeployment ? `deployment ${JSON.stringify(info.name)}` : '';
    return failure(
      owner === '' ? 'no last revision to roll back to' : `no rollout history found for ${owner}`,
    );
  }
  if (dryRun === 'client') return ok(describeTemplate({ ...target, changeCause: '' }));
  if (valueAt(info.object, 'spec', 'paused') === true) {
    return failure(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  }
  const template = withoutHash(target.template);
  if (jsonEqual(template, withoutHash(objectAt(info.object, 'spec', 'template')))) {
    return ok(`skipped rollback (current template already matches revision ${toRevision})`);
  }
  const restored = await restore(invocation, info, { target, template, dryRun });
  if (restored.ok) return ok('rolled back');
  return {
    ok: false,
    error: wrapFailure(restored.error, (message) => `failed restoring revision ${toRevision}: ${message}`),
  };
}

function restore(
  { client }: Invocation,
  info: ResourceInfo,
  {
    target,
    template,
    dryRun,
  }: { readonly target: Revision; readonly template: JsonObject; readonly dryRun: DryRun },
): Promise<Outcome<JsonObject>> {
  const query = dryRun === 'server' ? ([['dryRun', 'All']] as const) : [];
  const path = rolloutPath(info);
  if (info.mapping.kind !== 'Deployment') {
    const data = valueAt(target.holder, 'data');
    return client.patch(path, 'strategic-merge-patch', isJsonObject(data) ? data : {}, query);
  }
  const own = [...annotationsOf(info.object)].filter(([key]) => keptAnnotations.includes(key));
  const old = [...annotationsOf(target.holder)].filter(([key]) => !keptAnnotations.includes(key));
  const operations = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: Object.fromEntries([...own, ...old]) },
  ];
  return client.patch(path, 'json-patch', operations, query);
}

function withoutHash(template: JsonObject): JsonObject {
  return withValueAt(template, ['metadata', 'labels', hashLabel], undefined);
}
