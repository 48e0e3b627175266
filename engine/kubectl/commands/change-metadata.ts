/** `kubectl label` and `kubectl annotate`: sets and takes away pairs of metadata by a merge patch. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import {
  allNamespacesFlag,
  dryRunFlag,
  fieldManagerFlag,
  fieldSelectorFlag,
  filenameFlags,
  localFlag,
  outputFlags,
  recordFlag,
  selectorFlag,
} from '../cli/flags.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringMapAt, withValueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { type DryRun, type OutcomePrinter, outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

type Field = 'labels' | 'annotations';

function metadataFlags(manager: string, what: string): readonly FlagSpec[] {
  return [
    ...filenameFlags,
    ...outputFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    dryRunFlag,
    fieldManagerFlag(manager),
    localFlag,
    recordFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'All objects of the kinds in the namespace.' },
    { name: 'list', type: 'bool', initial: 'false', usage: `Shows the ${what}.` },
    { name: 'overwrite', type: 'bool', initial: 'false', usage: `Replaces ${what} that are there.` },
    { name: 'resource-version', type: 'string', usage: 'Changes only this version of the object.' },
  ];
}

export const labelCommand: Command = {
  name: 'label',
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the labels on a resource',
  flags: metadataFlags('kubectl-label', 'labels'),
  run: (invocation) => changeMetadata(invocation, 'labels'),
};

export const annotateCommand: Command = {
  name: 'annotate',
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the annotations on a resource',
  flags: metadataFlags('kubectl-annotate', 'annotations'),
  run: (invocation) => changeMetadata(invocation, 'annotations'),
};

/** The pairs of a command line: undefined takes a key away. */
type Changes = ReadonlyMap<string, string | undefined>;

async function changeMetadata(invocation: Invocation, field: Field): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const word = field === 'labels' ? 'label' : 'annotation';
  const split = splitArguments(args, word);
  if (!split.ok) return split;
  const { resources, pairs } = split.value;
  const changes = field === 'labels' ? parseLabels(pairs) : parseAnnotations(pairs);
  if (!changes.ok) return changes;
  if (flags.bool('list') && flags.string('output') !== '') {
    return failure('--list and --output may not be specified together');
  }
  if (flags.bool('all') && flags.string('selector') !== '')
    return failure('cannot set --all and --selector at the same time');
  if (resources.length === 0 && flags.strings('filename').length === 0) {
    return failure('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (changes.value.size === 0 && !flags.bool('list'))
    return failure(`at least one ${word} update is required`);
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  if (flags.bool('local') && dryRun.value === 'server') {
    return failure('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  }
  const fetched = flags.bool('local')
    ? await readInfos(invocation, { keepsNamespace: true })
    : await fetchInfos(invocation, {
        args: resources,
        selector: flags.string('selector'),
        fieldSelector: flags.string('field-selector'),
        allNamespaces: flags.bool('all-namespaces'),
        all: flags.bool('all'),
      });
  if (!fetched.ok) return fetched;
  const failures: Failure[] = [...fetched.value.failures];
  const context = {
    invocation,
    field,
    changes: changes.value,
    dryRun: flags.bool('local') ? ('client' as const) : dryRun.value,
    print: print.value,
  };
  for (const info of fetched.value.infos) {
    const done = flags.bool('list')
      ? listPairs(invocation, info, { field, isSingle: fetched.value.isSingle })
      : await changeOne(info, context);
    if (!done.ok) failures.push(done.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

/** Resources come first; the first word that is a pair begins the changes. Source: cmdutil.GetResourcesAndPairs. */
function splitArguments(
  args: readonly string[],
  word: string,
): Outcome<{ readonly resources: readonly string[]; readonly pairs: readonly string[] }> {
  const isPair = (arg: string) => arg.includes('=') || arg.endsWith('-');
  const start = args.findIndex(isPair);
  if (start < 0) return ok({ resources: args, pairs: [] });
  const pairs = args.slice(start);
  if (!pairs.every(isPair))
    return failure(
      `all resources must be specified before ${word} changes: ${pairs.find((arg) => !isPair(arg))}`,
    );
  return ok({ resources: args.slice(0, start), pairs });
}

function parseLabels(pairs: readonly string[]): Outcome<Changes> {
  const changes = new Map<string, string | undefined>();
  for (const pair of pairs) {
    if (!pair.includes('=')) {
      const key = pair.slice(0, -1);
      if (changes.get(key) !== undefined)
        return failure('can not both modify and remove a label in the same command');
      changes.set(key, undefined);
      continue;
    }
    const [key = '', value = '', more] = pair.split('=');
    if (more !== undefined) return failure(`invalid label spec: ${pair}`);
    const problem = labelValueProblem(value);
    if (problem !== undefined) return failure(`invalid label value: ${JSON.stringify(pair)}: ${problem}`);
    if (changes.has(key) && changes.get(key) === undefined) {
      return failure('can not both modify and remove a label in the same command');
    }
    changes.set(key, value);
  }
  return ok(changes);
}

/** Source: k8s.io/apimachinery/pkg/util/validation, IsValidLabelValue. */
function labelValueProblem(value: string): string | undefined {
  const tooLong = value.length > 63 ? ['must be no more than 63 bytes'] : [];
  const wrong = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value)
    ? []
    : [
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ];
  const problems = [...tooLong, ...wrong];
  return problems.length === 0 ? undefined : problems.join(';');
}

function parseAnnotations(pairs: readonly string[]): Outcome<Changes> {
  const changes = new Map<string, string | undefined>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair.slice(0, -1) : pair.slice(0, equals);
    const value = equals < 0 ? undefined : pair.slice(equals + 1);
    if (changes.has(key) && (changes.get(key) === undefined) !== (value === undefined)) {
      return failure(
        `can not both modify and remove the following annotation(s) in the same command: ${key}`,
      );
    }
    changes.set(key, value);
  }
  return ok(changes);
}

function listPairs(
  invocation: Invocation,
  info: ResourceInfo,
  { field, isSingle }: { readonly field: Field; readonly isSingle: boolean },
): Outcome<void> {
  const indent = isSingle ? '' : ' ';
  if (!isSingle)
    invocation.out(`Listing ${field} for ${info.mapping.kind}.${info.mapping.group}/${info.name}:\n`);
  for (const [key, value] of stringMapAt(info.object, 'metadata', field))
    invocation.out(`${indent}${key}=${value}\n`);
  return ok(undefined);
}

interface ChangeContext {
  readonly invocation: Invocation;
  readonly field: Field;
  readonly changes: Changes;
  readonly dryRun: DryRun;
  readonly print: OutcomePrinter;
}

async function changeOne(info: ResourceInfo, context: ChangeContext): Promise<Outcome<void>> {
  const { invocation, field, changes, dryRun, print } = context;
  const before = stringMapAt(info.object, 'metadata', field);
  if (field === 'labels' && dryRun !== 'client') {
    for (const [key, value] of changes) {
      if (value === undefined && !before.has(key))
        invocation.out(`label ${JSON.stringify(key)} not found.\n`);
    }
  }
  const taken = overwritten(before, changes, invocation.flags.bool('overwrite'), field);
  if (taken !== undefined) return taken;
  const after = new Map(before);
  for (const [key, value] of changes) {
    if (value === undefined) after.delete(key);
    else after.set(key, value);
  }
  const operation = field === 'annotations' ? 'annotated' : labelOperation(before, after);
  const local = withValueAt(info.object, ['metadata', field], Object.fromEntries(after));
  if (dryRun === 'client') return print(local, operation);
  if (operation === 'not labeled') return print(info.object, operation);
  const changed = await sendChange(info, context);
  if (!changed.ok) return changed;
  // label prints what it asked for, annotate what the server answered.
  return print(field === 'labels' ? local : changed.value, operation);
}

function sendChange(
  info: ResourceInfo,
  { invocation, field, changes, dryRun }: ChangeContext,
): Promise<Outcome<JsonObject>> {
  const query = writeQuery(invocation, dryRun);
  if (!query.ok) return Promise.resolve(query);
  const version = invocation.flags.string('resource-version');
  const values = Object.fromEntries([...changes].map(([key, value]) => [key, value ?? null]));
  const metadata = { [field]: values, ...(version === '' ? {} : { resourceVersion: version }) };
  const path = resourcePath(info.mapping, info.namespace, info.name);
  return invocation.client.patch(path, 'merge-patch', { metadata }, query.value);
}

function overwritten(
  before: ReadonlyMap<string, string>,
  changes: Changes,
  overwrite: boolean,
  field: Field,
): Outcome<void> | undefined {
  if (overwrite) return undefined;
  const taken = [...changes].flatMap(([key, value]) => {
    const current = before.get(key);
    return value === undefined || current === undefined || current === value
      ? []
      : [`'${key}' already has a value (${current})`];
  });
  if (taken.length === 0) return undefined;
  if (field === 'annotations') {
    return failure(
      `--overwrite is false but found the following declared annotation(s): ${taken.join('; ')}`,
    );
  }
  const texts = taken.map((text) => `${text}, and --overwrite is false`);
  return failure(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
}

function labelOperation(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const isAdded = [...after].some(([key, value]) => before.get(key) !== value);
  const isRemoved = [...before.keys()].some((key) => !after.has(key));
  if (isAdded) return isRemoved ? 'modified' : 'labeled';
  return isRemoved ? 'unlabeled' : 'not labeled';
}
