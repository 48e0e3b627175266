/** `kubectl scale`: sets the number of Pods of a workload. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, filenameFlags, outputFlags, recordFlag, selectorFlag } from '../cli/flags.ts';
import { scalarAt } from '../describe/describe-writer.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt, withValueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { type DryRun, outcomePrinter, readDryRun } from './write-options.ts';

export const scaleCommand: Command = {
  name: 'scale',
  usage: '[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  suggestFor: ['resize'],
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    selectorFlag,
    dryRunFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'All objects of the kinds in the namespace.' },
    {
      name: 'current-replicas',
      type: 'int',
      initial: '-1',
      usage: 'Scales only from this size; -1 from any.',
    },
    { name: 'replicas', type: 'int', initial: '0', usage: 'The new number of Pods.' },
    { name: 'resource-version', type: 'string', usage: 'Scales only this version of the object.' },
    {
      name: 'timeout',
      type: 'duration',
      initial: '0s',
      usage: 'Longest time to wait until the size is reached; 0 for not at all.',
    },
  ],
  requiredFlags: ['replicas'],
  run: runScale,
};

async function runScale(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (flags.int('replicas') < 0) {
    return failure('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
  }
  if (flags.int('current-replicas') < -1)
    return failure('The --current-replicas must specify an integer of -1 or greater');
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const print = await outcomePrinter(invocation, dryRun.value);
  if (!print.ok) return print;
  const fetched = await fetchInfos(invocation, {
    args: invocation.args,
    selector: flags.string('selector'),
    allowEmptySelector: flags.bool('all'),
  });
  if (!fetched.ok) return fetched;
  const { infos, failures } = fetched.value;
  const problem = joinFailures(failures);
  if (flags.string('resource-version') !== '' && infos.length > 1) {
    return failure('cannot use --resource-version with multiple resources');
  }
  if (infos.length === 0)
    return problem === undefined ? failure('no objects passed to scale') : { ok: false, error: problem };
  for (const info of infos) {
    const scaled = await scaleOne(invocation, info, dryRun.value);
    if (!scaled.ok) return scaled;
    const printed = print.value(scaled.value, 'scaled');
    if (!printed.ok) return printed;
  }
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

async function scaleOne(
  invocation: Invocation,
  info: ResourceInfo,
  dryRun: DryRun,
): Promise<Outcome<JsonObject>> {
  const { client, flags } = invocation;
  const replicas = flags.int('replicas');
  const scaled = withValueAt(info.object, ['spec', 'replicas'], replicas);
  if (dryRun === 'client') return ok(scaled);
  const path = resourcePath(info.mapping, info.namespace, info.name, 'scale');
  const query = dryRun === 'server' ? ([['dryRun', 'All']] as const) : [];
  if (flags.int('current-replicas') === -1 && flags.string('resource-version') === '') {
    const patched = await client.patch(path, 'merge-patch', { spec: { replicas } }, query);
    if (!patched.ok) return patched;
  } else {
    const updated = await scaleFrom(invocation, path, query);
    if (!updated.ok) return updated;
  }
  const timeoutMs = flags.durationMs('timeout');
  if (timeoutMs > 0 && dryRun === 'none') {
    const reached = await waitForSize(invocation, info, timeoutMs);
    if (!reached.ok) return reached;
  }
  return ok(scaled);
}

/** Scales only when size and version are those that the command names. */
async function scaleFrom(
  { client, flags }: Invocation,
  path: string,
  query: readonly (readonly [string, string])[],
): Promise<Outcome<JsonObject>> {
  const scale = await client.get(path);
  if (!scale.ok) return scale;
  const size = scalarAt(scale.value, 'spec', 'replicas');
  const expected = flags.int('current-replicas');
  if (expected !== -1 && size !== String(expected)) {
    return failure(`Expected replicas to be ${expected}, was ${size}`);
  }
  const version = stringAt(scale.value, 'metadata', 'resourceVersion');
  const wanted = flags.string('resource-version');
  if (wanted !== '' && wanted !== version)
    return failure(`Expected resource version to be ${wanted}, was ${version}`);
  return client.put(path, withValueAt(scale.value, ['spec', 'replicas'], flags.int('replicas')), query);
}

async function waitForSize(
  invocation: Invocation,
  info: ResourceInfo,
  timeoutMs: number,
): Promise<Outcome<void>> {
  const { client, host } = invocation;
  const path = resourcePath(info.mapping, info.namespace, info.name, 'scale');
  const wanted = invocation.flags.string('replicas');
  const deadline = host.now() + timeoutMs;
  for (;;) {
    const scale = await client.get(path);
    if (!scale.ok) return scale;
    const reached = scalarAt(scale.value, 'status', 'replicas') === wanted;
    if (reached || scalarAt(scale.value, 'spec', 'replicas') !== wanted) return ok(undefined);
    if (host.now() >= deadline) return failure('timed out waiting for the condition');
    const nextLook = host.now() + 1_000;
    const outcome = await host.waitUntil(() => host.now() >= nextLook, 1_000);
    if (outcome === 'interrupted') return { ok: false, error: { kind: 'exit', code: 130, text: '' } };
    if (outcome === 'idle') return failure('timed out waiting for the condition');
  }
}
