/** `kubectl apply -f`: creates what isn't there, and patches what is, by a three-way merge with what was applied before. */
import { formatCompactJson } from '../../base/go-json.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { createApplyPatch } from '../apply/apply-patch.ts';
import { lastAppliedKey, withLastApplied } from '../apply/last-applied.ts';
import {
  deletePruned,
  type PruneKind,
  prunableObjects,
  readPruneKinds,
  warnOfPruning,
} from '../apply/prune.ts';
import type { Command } from '../cli/command.ts';
import type { Flags } from '../cli/flag-table.ts';
import {
  dryRunFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  selectorFlag,
  validateFlag,
} from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withChangeCause } from '../record.ts';
import type { Query } from '../rest/cluster-client.ts';
import { asNew, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { apiVersionOf, resourcePath } from '../rest/rest-mapper.ts';
import { setLastAppliedCommand } from './apply-set.ts';
import { viewLastAppliedCommand } from './apply-view.ts';
import { matchesSelector } from './choose-by-labels.ts';
import { editLastAppliedCommand } from './edit.ts';
import { type DryRun, outcomePrinter, readDryRun, withSource, writeQuery } from './write-options.ts';

export const applyCommand: Command = {
  name: 'apply',
  usage: '(-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    selectorFlag,
    dryRunFlag,
    validateFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'Chooses all objects of the kinds, with --prune.' },
    {
      name: 'cascade',
      type: 'string',
      initial: 'background',
      bare: 'background',
      usage: 'What becomes of dependents.',
    },
    {
      name: 'field-manager',
      type: 'string',
      initial: 'kubectl-client-side-apply',
      usage: 'Name of the manager of the fields.',
    },
    { name: 'force', type: 'bool', initial: 'false', usage: 'Deletes at once what has to be deleted.' },
    {
      name: 'force-conflicts',
      type: 'bool',
      initial: 'false',
      usage: 'Takes over fields of other managers, with --server-side.',
    },
    { name: 'grace-period', type: 'int', initial: '-1', usage: 'Seconds that a deleted object is given.' },
    { name: 'openapi-patch', type: 'bool', initial: 'true', usage: 'Merges by the schema of the server.' },
    { name: 'overwrite', type: 'bool', initial: 'true', usage: 'Settles conflicts in favour of the file.' },
    {
      name: 'prune',
      type: 'bool',
      initial: 'false',
      usage: 'Deletes applied objects that the files lack.',
    },
    { name: 'prune-allowlist', type: 'stringArray', usage: 'Kinds that --prune looks at.' },
    { name: 'server-side', type: 'bool', initial: 'false', usage: 'Lets the server merge.' },
    { name: 'subresource', type: 'string', usage: 'The subresource to apply to, with --server-side.' },
    { name: 'timeout', type: 'duration', initial: '0s', usage: 'Longest time to wait for a deletion.' },
    { name: 'wait', type: 'bool', initial: 'false', usage: 'Waits until deleted objects are gone.' },
  ],
  subcommands: [editLastAppliedCommand, setLastAppliedCommand, viewLastAppliedCommand],
  run: runApply,
};

interface ApplyContext {
  readonly invocation: Invocation;
  readonly dryRun: DryRun;
  readonly query: Query;
  readonly print: (object: JsonObject, operation: string) => Outcome<void>;
  /** What stays, since the files name it. */
  readonly visited: JsonObject[];
}

async function runApply(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (invocation.args.length > 0)
    return invocation.usageFailure(`Unexpected args: [${invocation.args.join(' ')}]`);
  if (flags.strings('filename').length === 0 && flags.string('kustomize') === '') {
    return failure('must specify one of -f and -k');
  }
  const misuse = pruneMisuse(flags);
  if (misuse !== undefined) return failure(misuse);
  const serverSide = flags.bool('server-side');
  if (flags.bool('force-conflicts') && !serverSide)
    return failure('--force-conflicts only works with --server-side');
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  if (serverSide && dryRun.value === 'client') {
    return failure(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    );
  }
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  const kinds = flags.bool('prune') ? await readPruneKinds(invocation) : ok(undefined);
  if (!kinds.ok) return kinds;
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const selector = flags.string('selector');
  const infos = read.value.infos.filter((info) => matchesSelector(info.object, selector));
  if (infos.length === 0 && read.value.failures.length === 0) return failure('no objects passed to apply');
  if (kinds.value !== undefined) warnOfPruning(invocation);
  const visited: JsonObject[] = [];
  const context: ApplyContext = {
    invocation,
    dryRun: dryRun.value,
    query: query.value,
    print: print.value,
    visited,
  };
  const failures: Failure[] = [...read.value.failures];
  for (const info of infos) {
    const applied = serverSide ? await applyOnServer(info, context) : await applyOne(info, context);
    if (!applied.ok) failures.push(applied.error);
  }
  const problem = joinFailures(failures);
  if (problem !== undefined) return { ok: false, error: problem };
  return kinds.value === undefined ? ok(undefined) : pruneAll(context, kinds.value, selector);
}

function pruneMisuse(flags: Flags): string | undefined {
  if (!flags.bool('prune')) return undefined;
  const selector = flags.string('selector');
  if (flags.bool('all') && selector !== '') return 'cannot set --all and --selector at the same time';
  if (flags.bool('all') || selector !== '') return undefined;
  return 'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector';
}

/** Deletes what was applied before and is in the files no more. */
async function pruneAll(
  { invocation, dryRun, print, visited }: ApplyContext,
  kinds: readonly PruneKind[],
  selector: string,
): Promise<Outcome<void>> {
  const gone = await prunableObjects(invocation, kinds, { selector, visited });
  if (!gone.ok) return gone;
  for (const { info, kind } of gone.value) {
    if (dryRun !== 'client') {
      const deleted = await deletePruned(invocation, info, dryRun === 'server');
      if (!deleted.ok) {
        const scope = info.mapping.namespaced ? 'namespaced' : 'nonNamespaced';
        const message = `error pruning ${scope} object ${kind}: ${messageOf(deleted.error)}`;
        return failure(message);
      }
    }
    const printed = print(info.object, 'pruned');
    if (!printed.ok) return printed;
  }
  return ok(undefined);
}

async function applyOne(info: ResourceInfo, context: ApplyContext): Promise<Outcome<void>> {
  const { invocation, dryRun, query, print } = context;
  if (info.name === '' && stringAt(info.object, 'metadata', 'generateName') !== '') {
    return failure(
      `from ${stringAt(info.object, 'metadata', 'generateName')}: cannot use generate name with apply`,
    );
  }
  if (info.name === '') {
    const verb = `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`;
    return {
      ok: false,
      error: withSource(failure('resource name may not be empty').error, verb, info.source),
    };
  }
  const modified = withLastApplied(withChangeCause(invocation, info.object));
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const current = await invocation.client.get(path);
  if (!current.ok) {
    if (!isNotFound(current.error)) {
      const verb = `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`;
      return { ok: false, error: withSource(current.error, verb, info.source) };
    }
    if (dryRun === 'client') return print(modified, 'created');
    const created = await invocation.client.post(
      resourcePath(info.mapping, info.namespace),
      asNew(modified),
      query,
    );
    if (!created.ok) return { ok: false, error: withSource(created.error, 'creating', info.source) };
    context.visited.push(created.value);
    return print(created.value, 'created');
  }
  if (!stringMapAt(current.value, 'metadata', 'annotations').has(lastAppliedKey)) {
    invocation.err(
      `Warning: resource ${info.mapping.plural}/${info.name} is missing the ${lastAppliedKey} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  }
  context.visited.push(current.value);
  const { patch, patchType } = createApplyPatch(info.mapping, modified, current.value);
  if (Object.keys(patch).length === 0) return print(warnIfDeleting(current.value, invocation), 'unchanged');
  if (dryRun === 'client') return print(current.value, 'configured');
  const patched = await invocation.client.patch(path, patchType, patch, query);
  if (!patched.ok) {
    const verb = `applying patch:\n${formatCompactJson(patch)}\nto:\n${describeInfo(info)}\nfor:`;
    return { ok: false, error: withSource(patched.error, verb, info.source) };
  }
  return print(warnIfDeleting(patched.value, invocation), 'configured');
}

async function applyOnServer(info: ResourceInfo, context: ApplyContext): Promise<Outcome<void>> {
  const { invocation, query, print } = context;
  const { flags } = invocation;
  const manager = flags.isSet('field-manager') ? flags.string('field-manager') : 'kubectl';
  const others = query.filter(([name]) => name !== 'fieldManager');
  const path = resourcePath(
    info.mapping,
    info.namespace,
    info.name,
    flags.string('subresource') || undefined,
  );
  const applied = await invocation.client.patch(path, 'apply-patch', info.object, [
    ...others,
    ['fieldManager', manager],
    ['force', String(flags.bool('force-conflicts'))],
  ]);
  if (applied.ok) {
    context.visited.push(applied.value);
    return print(warnIfDeleting(applied.value, invocation), 'serverside-applied');
  }
  if (applied.error.kind === 'status' && applied.error.status.reason === 'Conflict') {
    return failure(conflictAdvice(messageOf(applied.error)));
  }
  return applied;
}

/** Source: k8s.io/kubectl/pkg/cmd/apply: the words are kubectl's. */
function conflictAdvice(message: string): string {
  return `${message}
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;
}

function warnIfDeleting(object: JsonObject, invocation: Invocation): JsonObject {
  const deletedAt = valueAt(object, 'metadata', 'deletionTimestamp');
  if (typeof deletedAt === 'string') {
    invocation.err(
      `Warning: Detected changes to resource ${stringAt(object, 'metadata', 'name')} which is currently being deleted.\n`,
    );
  }
  return object;
}

function describeInfo(info: ResourceInfo): string {
  const { mapping } = info;
  const groupVersion = mapping.group === '' ? `/${mapping.version}` : apiVersionOf(mapping);
  return `Resource: "${groupVersion}, Resource=${mapping.plural}", GroupVersionKind: "${groupVersion}, Kind=${mapping.kind}"\nName: ${JSON.stringify(info.name)}, Namespace: ${JSON.stringify(info.namespace)}`;
}
