/** `kubectl apply -f`: creates what isn't there, and patches what is, by a three-way merge with what was applied before. */
import { loadSchema } from '../../api/schema/schema.ts';
import { formatCompactJson } from '../../base/go-json.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { lastApplied, lastAppliedKey, withLastApplied } from '../apply/last-applied.ts';
import { createThreeWayPatch, type PatchSchema } from '../apply/three-way-patch.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, filenameFlags, outputFlags, validateFlag } from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Query } from '../rest/cluster-client.ts';
import type { Mapping } from '../rest/discovery.ts';
import { stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { apiVersionOf, resourcePath } from '../rest/rest-mapper.ts';
import { schemaTypeOf } from '../schema-type.ts';
import { viewLastAppliedCommand } from './apply-view.ts';
import { type DryRun, outcomePrinter, readDryRun, withSource, writeQuery } from './write-options.ts';

export const applyCommand: Command = {
  name: 'apply',
  usage: '(-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  flags: [
    ...filenameFlags,
    ...outputFlags,
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
      usage: 'Deletes applied objects that the files lack (not supported here).',
    },
    { name: 'prune-allowlist', type: 'stringArray', usage: 'Kinds that --prune looks at.' },
    { name: 'server-side', type: 'bool', initial: 'false', usage: 'Lets the server merge.' },
    { name: 'subresource', type: 'string', usage: 'The subresource to apply to, with --server-side.' },
    { name: 'timeout', type: 'duration', initial: '0s', usage: 'Longest time to wait for a deletion.' },
    { name: 'wait', type: 'bool', initial: 'false', usage: 'Waits until deleted objects are gone.' },
  ],
  subcommands: [viewLastAppliedCommand],
  run: runApply,
};

interface ApplyContext {
  readonly invocation: Invocation;
  readonly dryRun: DryRun;
  readonly query: Query;
  readonly print: (object: JsonObject, operation: string) => Outcome<void>;
}

async function runApply(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (invocation.args.length > 0)
    return invocation.usageFailure(`Unexpected args: [${invocation.args.join(' ')}]`);
  if (flags.strings('filename').length === 0 && flags.string('kustomize') === '') {
    return failure('must specify one of -f and -k');
  }
  if (flags.bool('prune'))
    return failure('--prune is not supported here; delete what is not needed with kubectl delete');
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
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const { infos } = read.value;
  if (infos.length === 0 && read.value.failures.length === 0) return failure('no objects passed to apply');
  const context: ApplyContext = { invocation, dryRun: dryRun.value, query: query.value, print: print.value };
  const failures: Failure[] = [...read.value.failures];
  for (const info of infos) {
    const applied = serverSide ? await applyOnServer(info, context) : await applyOne(info, context);
    if (!applied.ok) failures.push(applied.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

async function applyOne(info: ResourceInfo, context: ApplyContext): Promise<Outcome<void>> {
  const { invocation, dryRun, query, print } = context;
  if (info.name === '' && stringAt(info.object, 'metadata', 'generateName') !== '') {
    return failure(
      `from ${stringAt(info.object, 'metadata', 'generateName')}: cannot use generate name with apply`,
    );
  }
  const modified = withLastApplied(info.object);
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const current = await invocation.client.get(path);
  if (!current.ok) {
    if (!isNotFound(current.error)) {
      const verb = `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`;
      return { ok: false, error: withSource(current.error, verb, info.source) };
    }
    if (dryRun === 'client') return print(modified, 'created');
    const created = await invocation.client.post(resourcePath(info.mapping, info.namespace), modified, query);
    if (!created.ok) return { ok: false, error: withSource(created.error, 'creating', info.source) };
    return print(created.value, 'created');
  }
  if (!stringMapAt(current.value, 'metadata', 'annotations').has(lastAppliedKey)) {
    invocation.err(
      `Warning: resource ${info.mapping.plural}/${info.name} is missing the ${lastAppliedKey} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  }
  const types = patchSchemaOf(info.mapping);
  const states = { original: lastApplied(current.value), modified, current: current.value };
  const patch = createThreeWayPatch(states, types);
  if (Object.keys(patch).length === 0) return print(warnIfDeleting(current.value, invocation), 'unchanged');
  if (dryRun === 'client') return print(current.value, 'configured');
  const patchType = types === undefined ? 'merge-patch' : 'strategic-merge-patch';
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
  if (applied.ok) return print(warnIfDeleting(applied.value, invocation), 'serverside-applied');
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

/** The merge keys of a built-in kind; none for a kind that a CustomResourceDefinition brought. */
function patchSchemaOf(mapping: Mapping): PatchSchema | undefined {
  const typeName = schemaTypeOf(mapping);
  return typeName === undefined ? undefined : { schema: loadSchema(), typeName };
}
