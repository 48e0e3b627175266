/** What the sub-commands of `kubectl rollout` share: which objects they are about, and what they say of each. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { filenameFlags, selectorFlag } from '../cli/flags.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { qualifiedName } from '../printers/output-format.ts';
import { fetchInfos, type Infos, type ResourceInfo } from '../rest/resource-infos.ts';
import { qualifiedResource } from '../rest/rest-mapper.ts';
import { outcomePrinter } from './write-options.ts';

export const rolloutFlags = [...filenameFlags, selectorFlag] as const;

/** The objects that the command line names; nothing named is a misuse. */
async function fetchRolloutInfos(invocation: Invocation): Promise<Outcome<Infos>> {
  const { args, flags } = invocation;
  if (args.length === 0 && flags.strings('filename').length === 0)
    return failure('required resource not specified');
  return fetchInfos(invocation, { args, selector: flags.string('selector'), allowEmptySelector: true });
}

/** Runs a step for each object; failures are told together at the end. */
export async function forEachRollout(
  invocation: Invocation,
  step: (info: ResourceInfo) => Promise<Outcome<void>>,
): Promise<Outcome<void>> {
  const fetched = await fetchRolloutInfos(invocation);
  if (!fetched.ok) return fetched;
  const failures: Failure[] = [...fetched.value.failures];
  for (const info of fetched.value.infos) {
    const done = await step(info);
    if (!done.ok) failures.push(done.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

/** Changes each object by a patch; the patch, or the words why there can be none. */
export async function patchEach(
  invocation: Invocation,
  operation: string,
  patchFor: (info: ResourceInfo) => Outcome<JsonObject>,
): Promise<Outcome<void>> {
  const print = await outcomePrinter(invocation, 'none');
  if (!print.ok) return print;
  const fetched = await fetchRolloutInfos(invocation);
  if (!fetched.ok) return fetched;
  const failures: Failure[] = [...fetched.value.failures];
  const { infos } = fetched.value;
  if (infos.length === 0 && failures.length === 0) {
    invocation.err(`No resources found in ${invocation.namespace} namespace.\n`);
    return ok(undefined);
  }
  for (const info of infos) {
    const patched = await patchOne(invocation, info, patchFor(info));
    if (!patched.ok) {
      failures.push(patched.error);
      continue;
    }
    const printed = print.value(patched.value, operation);
    if (!printed.ok) failures.push(printed.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

async function patchOne(
  { client, flags }: Invocation,
  info: ResourceInfo,
  patch: Outcome<JsonObject>,
): Promise<Outcome<JsonObject>> {
  if (!patch.ok) {
    const reason = patch.error.kind === 'message' ? patch.error.message : '';
    return failure(`error: ${qualifiedResource(info.mapping)} ${JSON.stringify(info.name)} ${reason}`);
  }
  const query = [['fieldManager', flags.string('field-manager')]] as const;
  const changed = await client.patch(rolloutPath(info), 'strategic-merge-patch', patch.value, query);
  if (changed.ok || changed.error.kind !== 'status') return changed;
  return failure(`failed to patch: ${changed.error.status.message ?? ''}`);
}

/** Where an object of a rollout is. */
export function rolloutPath({ mapping, namespace, name }: ResourceInfo): string {
  return `/apis/${mapping.group}/${mapping.version}/namespaces/${namespace}/${mapping.plural}/${name}`;
}

/** `deployment.apps/web …`, as the name printer writes an operation. */
export function operationLine(info: ResourceInfo, operation: string): string {
  return `${qualifiedName(info.object)} ${operation}\n`;
}
