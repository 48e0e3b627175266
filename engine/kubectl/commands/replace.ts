/** `kubectl replace -f`: puts whole objects in the place of what is there. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  removalFlags,
  validateFlag,
} from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Query } from '../rest/cluster-client.ts';
import { asNew } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { qualifiedKind, resourcePath } from '../rest/rest-mapper.ts';
import { sendRaw } from './raw-request.ts';
import { waitUntilDeleted } from './wait-deleted.ts';
import { outcomePrinter, readDryRun, withSource, writeQuery } from './write-options.ts';

export const replaceCommand: Command = {
  name: 'replace',
  usage: '-f FILENAME',
  short: 'Replace a resource by file name or stdin',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    dryRunFlag,
    fieldManagerFlag('kubectl-replace'),
    validateFlag,
    ...removalFlags,
    { name: 'raw', type: 'string', usage: 'Path of the API that the file is put at.' },
    { name: 'subresource', type: 'string', usage: 'Replaces a subresource: status, scale.' },
    {
      name: 'save-config',
      type: 'bool',
      initial: 'false',
      usage: 'Keeps the configuration for kubectl apply.',
    },
  ],
  run: runReplace,
};

async function runReplace(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (flags.string('raw') !== '') return sendRaw(invocation, 'PUT');
  if (flags.strings('filename').length === 0) return failure('must specify one of -f and -k');
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  if (read.value.infos.length === 0 && read.value.failures.length === 0)
    return failure('no objects passed to replace');
  const failures: Failure[] = [...read.value.failures];
  for (const info of read.value.infos) {
    if (flags.bool('force') && dryRun.value === 'none') {
      const removed = await remove(invocation, info);
      if (!removed.ok) return removed;
    }
    const replaced = dryRun.value === 'client' ? ok(info.object) : await write(invocation, info, query.value);
    if (!replaced.ok) {
      failures.push(withSource(replaced.error, flags.bool('force') ? 'creating' : 'replacing', info.source));
      continue;
    }
    const printed = print.value(replaced.value, 'replaced');
    if (!printed.ok) return printed;
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

function write(invocation: Invocation, info: ResourceInfo, query: Query) {
  if (invocation.flags.bool('force')) {
    return invocation.client.post(resourcePath(info.mapping, info.namespace), asNew(info.object), query);
  }
  const subresource = invocation.flags.string('subresource') || undefined;
  const path = resourcePath(info.mapping, info.namespace, info.name, subresource);
  return invocation.client.put(path, info.object, query);
}

async function remove(invocation: Invocation, info: ResourceInfo): Promise<Outcome<void>> {
  const grace = invocation.flags.int('grace-period');
  const deleted = await invocation.client.delete(resourcePath(info.mapping, info.namespace, info.name), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    propagationPolicy: propagationOf(invocation),
  });
  if (!deleted.ok) return isNotFound(deleted.error) ? ok(undefined) : deleted;
  const where = info.mapping.namespaced ? ` from ${info.namespace} namespace` : '';
  invocation.out(`${qualifiedKind(info.mapping)} "${info.name}" deleted${where}\n`);
  return waitUntilDeleted(invocation, [{ info, uid: '' }], invocation.flags.durationMs('timeout'));
}

function propagationOf({ flags }: Invocation): string {
  const cascade = flags.string('cascade');
  return `${cascade.charAt(0).toUpperCase()}${cascade.slice(1)}`;
}
