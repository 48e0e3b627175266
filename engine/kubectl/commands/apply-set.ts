/** `kubectl apply set-last-applied`: writes what was applied last anew. */

import { formatCompactJson } from '../../base/go-json.ts';
import { ok } from '../../base/result.ts';
import { lastAppliedKey } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, filenameFlags, outputFlags } from '../cli/flags.ts';
import { failure, isNotFound, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringMapAt, withValueAt } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { type OutcomePrinter, outcomePrinter, readDryRun, withSource } from './write-options.ts';

export const setLastAppliedCommand: Command = {
  name: 'set-last-applied',
  usage: '-f FILENAME',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  flags: [
    ...filenameFlags.filter(({ name }) => name === 'filename'),
    ...outputFlags,
    dryRunFlag,
    {
      name: 'create-annotation',
      type: 'bool',
      initial: 'false',
      usage: 'Makes the annotation where there is none.',
    },
  ],
  run: setLastApplied,
};

async function setLastApplied(invocation: Invocation): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const [problem] = read.value.failures;
  if (problem !== undefined) return { ok: false, error: problem };
  const changes: { readonly info: ResourceInfo; readonly text: string }[] = [];
  for (const info of read.value.infos) {
    const before = await annotationOf(invocation, info);
    if (!before.ok) return before;
    const text = formatCompactJson(info.object);
    if (before.value === undefined && !invocation.flags.bool('create-annotation')) {
      return failure(
        `no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
      );
    }
    if (before.value?.trimEnd() === text)
      invocation.out(`set-last-applied ${info.name}: no changes required.\n`);
    else changes.push({ info, text });
  }
  for (const change of changes) {
    const query = dryRun.value === 'server' ? ([['dryRun', 'All']] as const) : [];
    const written = await writeAnnotation(invocation, change, {
      print: print.value,
      query,
      isDry: dryRun.value === 'client',
    });
    if (!written.ok) return written;
  }
  return ok(undefined);
}

async function annotationOf(
  invocation: Invocation,
  info: ResourceInfo,
): Promise<Outcome<string | undefined>> {
  const live = await invocation.client.get(resourcePath(info.mapping, info.namespace, info.name));
  if (live.ok) return ok(stringMapAt(live.value, 'metadata', 'annotations').get(lastAppliedKey));
  if (isNotFound(live.error)) return live;
  const verb = `retrieving current configuration of:\n${info.name}\nfrom server for:`;
  return { ok: false, error: withSource(live.error, verb, info.source) };
}

async function writeAnnotation(
  invocation: Invocation,
  { info, text }: { readonly info: ResourceInfo; readonly text: string },
  how: {
    readonly print: OutcomePrinter;
    readonly query: readonly (readonly [string, string])[];
    readonly isDry: boolean;
  },
): Promise<Outcome<void>> {
  const annotated = withValueAt(info.object, ['metadata', 'annotations', lastAppliedKey], text);
  if (how.isDry) return how.print(annotated, 'configured');
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const patch = { metadata: { annotations: { [lastAppliedKey]: text } } };
  const patched = await invocation.client.patch(path, 'merge-patch', patch, how.query);
  return patched.ok ? how.print(patched.value, 'configured') : patched;
}
