/** `kubectl patch`: sends a patch of one of three kinds. */

import { parse } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { isNestedTooDeeply } from '../../base/yaml-nesting.ts';
import type { Command } from '../cli/command.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  localFlag,
  outputFlags,
  recordFlag,
} from '../cli/flags.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { fetchInfos, type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { type PatchKind, patchLocally } from './local-patch.ts';
import { outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

const patchTypes: ReadonlyMap<PatchKind, string> = new Map<PatchKind, string>([
  ['json', 'json-patch'],
  ['merge', 'merge-patch'],
  ['strategic', 'strategic-merge-patch'],
]);

export const patchCommand: Command = {
  name: 'patch',
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  short: 'Update fields of a resource',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-patch'),
    localFlag,
    recordFlag,
    { name: 'patch', short: 'p', type: 'string', usage: 'The patch, as JSON or YAML.' },
    { name: 'patch-file', type: 'string', usage: 'A file that holds the patch.' },
    { name: 'subresource', type: 'string', usage: 'Patches a subresource: status, scale.' },
    { name: 'type', type: 'string', initial: 'strategic', usage: 'json, merge or strategic.' },
  ],
  run: runPatch,
};

async function runPatch(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const type = flags.string('type').toLowerCase();
  const patchType = [...patchTypes].find(([kind]) => kind === type)?.[1];
  if (flags.string('patch') !== '' && flags.string('patch-file') !== '') {
    return failure('cannot specify --patch and --patch-file together');
  }
  if (flags.string('patch') === '' && flags.string('patch-file') === '') {
    return failure('must specify --patch or --patch-file containing the contents of the patch');
  }
  if (patchType === undefined)
    return failure(`--type must be one of [json merge strategic], not ${JSON.stringify(type)}`);
  const patch = await readPatch(invocation);
  if (!patch.ok) return patch;
  // The original tells dry runs of the server only.
  const print = await outcomePrinter(invocation, dryRun.value === 'client' ? 'none' : dryRun.value);
  if (!print.ok) return print;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const subresource = flags.string('subresource') || undefined;
  const fetched = flags.bool('local')
    ? await readInfos(invocation, { keepsNamespace: true })
    : await fetchInfos(invocation, { args: invocation.args, selector: '', subresource: subresource ?? '' });
  if (!fetched.ok) return fetched;
  const isLocal = flags.bool('local') || dryRun.value === 'client';
  const failures: Failure[] = [...fetched.value.failures];
  for (const info of fetched.value.infos) {
    const path = resourcePath(info.mapping, info.namespace, info.name, subresource);
    const patched = isLocal
      ? patchHere(info, patchType, patch.value)
      : await invocation.client.patch(path, patchType, patch.value, query.value);
    if (!patched.ok) {
      failures.push(explainType(patched.error, patchType, info));
      continue;
    }
    const operation = jsonEqual(info.object, patched.value) ? 'patched (no change)' : 'patched';
    const printed = print.value(patched.value, operation);
    if (!printed.ok) return printed;
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

function patchHere({ object }: ResourceInfo, patchType: string, patch: JsonValue): Outcome<JsonObject> {
  const kind = [...patchTypes].find(([, type]) => type === patchType)?.[0] ?? 'strategic';
  const parsed = typeof patch === 'string' ? parsePatch(patch) : patch;
  if (parsed === undefined) return failure('Invalid JSON Patch');
  return patchLocally(kind, object, parsed);
}

function parsePatch(text: string): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A kind that takes no patches of this type is named. Source: k8s.io/kubectl/pkg/cmd/patch/patch.go. */
function explainType(problem: Failure, patchType: string, { mapping }: ResourceInfo): Failure {
  if (problem.kind !== 'status' || problem.status.reason !== 'UnsupportedMediaType') return problem;
  const { group, version, kind } = mapping;
  const words = `application/${patchType}+json is not supported by ${group}/${version}, Kind=${kind}`;
  return { kind: 'message', message: `${words}: ${problem.status.message ?? ''}` };
}

/** JSON goes to the server as it stands, which then says what is wrong with it; YAML becomes JSON here. */
async function readPatch(invocation: Invocation): Promise<Outcome<JsonValue>> {
  const { flags } = invocation;
  const file = flags.string('patch-file');
  const text = file === '' ? flags.string('patch') : await invocation.host.readFile(file);
  if (text === undefined)
    return failure(`unable to read patch file: open ${file}: no such file or directory`);
  if (text.trimStart().startsWith('{')) return ok(text);
  try {
    const value: unknown = isNestedTooDeeply(text)
      ? undefined
      : parse(text, { version: '1.1', maxAliasCount: 100 });
    if (isJsonObject(value)) return ok(value);
    if (Array.isArray(value)) return ok(value.filter(isJsonObject));
    // What is no patch at all is for the server to refuse.
    if (value !== undefined) return ok(JSON.stringify(value));
  } catch {
    // Told below, as anything else that is no patch.
  }
  return failure(`unable to parse ${JSON.stringify(text)}: it is neither an object nor a list of operations`);
}
