/** `kubectl create`: objects from files, and the sub-commands that make one object from flags. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { lastApplied, withLastApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  saveConfigFlag,
  selectorFlag,
  validateFlag,
} from '../cli/flags.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withChangeCause } from '../record.ts';
import { asNew } from '../rest/object-fields.ts';
import { readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { createSubcommands } from './create-subcommands.ts';
import { windowsFlag } from './edit.ts';
import { sendRaw } from './raw-request.ts';
import { outcomePrinter, readDryRun, withSource, writeQuery } from './write-options.ts';

export const createCommand: Command = {
  name: 'create',
  usage: '-f FILENAME',
  short: 'Create a resource from a file or from stdin',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    dryRunFlag,
    fieldManagerFlag('kubectl-create'),
    saveConfigFlag,
    validateFlag,
    selectorFlag,
    { name: 'edit', type: 'bool', initial: 'false', usage: 'Edits before creating (not supported here).' },
    { name: 'raw', type: 'string', usage: 'Path of the API that the file is posted to.' },
    windowsFlag,
  ],
  subcommands: createSubcommands,
  run: runCreate,
};

async function runCreate(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (flags.string('raw') !== '') return sendRaw(invocation, 'POST');
  if (flags.strings('filename').length === 0 && flags.string('kustomize') === '') {
    if (invocation.args.length === 0) return failure('must specify one of -f and -k');
    return invocation.usageFailure(`Unexpected args: [${invocation.args.join(' ')}]`);
  }
  if (invocation.args.length > 0)
    return invocation.usageFailure(`Unexpected args: [${invocation.args.join(' ')}]`);
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const failures: Failure[] = [];
  for (const info of read.value.infos) {
    const caused = withChangeCause(invocation, info.object);
    const object = savesConfig(invocation, caused) ? withLastApplied(caused) : caused;
    const path = resourcePath(info.mapping, info.namespace);
    const created =
      dryRun.value === 'client' ? ok(object) : await invocation.client.post(path, asNew(object), query.value);
    if (!created.ok) {
      failures.push(withSource(created.error, 'creating', info.source));
      continue;
    }
    const printed = print.value(created.value, 'created');
    if (!printed.ok) return printed;
  }
  const problem = joinFailures([...failures, ...read.value.failures]);
  if (problem !== undefined) return { ok: false, error: problem };
  return read.value.infos.length === 0 ? failure('no objects passed to create') : ok(undefined);
}

/** An object that carries the annotation already keeps it up to date. */
function savesConfig(invocation: Invocation, object: JsonObject): boolean {
  return invocation.flags.bool('save-config') || lastApplied(object) !== undefined;
}
