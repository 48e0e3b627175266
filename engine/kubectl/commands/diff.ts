/**
 * `kubectl diff`: what applying the files would change. Source: k8s.io/kubectl/pkg/cmd/diff.
 * Differs: the differences are worked out here and not by the program that KUBECTL_EXTERNAL_DIFF names.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { createApplyPatch } from '../apply/apply-patch.ts';
import { withoutLastApplied } from '../apply/last-applied.ts';
import { prunableObjects, readPruneKinds, warnOfPruning } from '../apply/prune.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, selectorFlag } from '../cli/flags.ts';
import { formatHunks } from '../diff/unified-diff.ts';
import { failure, isNotFound, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withoutManagedFields } from '../printers/output-format.ts';
import { formatYaml } from '../printers/yaml.ts';
import { objectAt, stringAt, stringMapAt, withValueAt } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { matchesSelector } from './choose-by-labels.ts';

export const diffCommand: Command = {
  name: 'diff',
  usage: '-f FILENAME',
  short: 'Diff the live version against a would-be applied version',
  flags: [
    ...filenameFlags,
    selectorFlag,
    { name: 'concurrency', type: 'int', initial: '1', usage: 'Objects that are compared at once.' },
    {
      name: 'field-manager',
      type: 'string',
      initial: 'kubectl-client-side-apply',
      usage: 'Name of the manager of the fields.',
    },
    {
      name: 'force-conflicts',
      type: 'bool',
      initial: 'false',
      usage: 'Takes over fields of other managers, with --server-side.',
    },
    { name: 'prune', type: 'bool', initial: 'false', usage: 'Shows what pruning would delete, too.' },
    { name: 'prune-allowlist', type: 'stringArray', usage: 'Kinds that --prune looks at.' },
    { name: 'server-side', type: 'bool', initial: 'false', usage: 'Lets the server merge.' },
    { name: 'show-managed-fields', type: 'bool', initial: 'false', usage: 'Compares managedFields, too.' },
    {
      name: 'show-secrets',
      type: 'bool',
      initial: 'false',
      usage: 'Shows the values of Secrets as they are.',
    },
  ],
  misuseExitCode: 2,
  run: async (invocation) => {
    const compared = await runDiff(invocation);
    if (compared.ok || compared.error.kind === 'exit') return compared;
    return { ok: false, error: { kind: 'code', code: 2, failure: compared.error } };
  },
};

/** One object as it is and as it would be. */
interface Pair {
  readonly name: string;
  /** Undefined when there is none yet. */
  readonly live: JsonObject | undefined;
  /** Undefined when it would be gone. */
  readonly merged: JsonObject | undefined;
  /** With managedFields, which upstream forgets to take out of what is pruned. */
  readonly isWhole?: boolean;
}

async function runDiff(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (args.length > 0) return invocation.usageFailure(`Unexpected args: [${args.join(' ')}]`);
  if (flags.strings('filename').length === 0 && flags.string('kustomize') === '')
    return failure('must specify one of -f and -k');
  if (flags.bool('force-conflicts') && !flags.bool('server-side'))
    return failure('--force-conflicts only works with --server-side');
  const kinds = flags.bool('prune') ? await readPruneKinds(invocation) : ok(undefined);
  if (!kinds.ok) return kinds;
  if (kinds.value !== undefined) warnOfPruning(invocation);
  const read = await readInfos(invocation, { stopsAtFirst: true });
  if (!read.ok) return read;
  const selector = flags.string('selector');
  const pairs: Pair[] = [];
  const visited: JsonObject[] = [];
  for (const info of read.value.infos) {
    if (!matchesSelector(info.object, selector)) continue;
    const pair = await pairOf(invocation, info);
    if (!pair.ok) return pair;
    warnIfDeleting(invocation, pair.value.live);
    if (pair.value.live !== undefined) visited.push(pair.value.live);
    pairs.push(pair.value);
  }
  const [problem] = read.value.failures;
  if (problem !== undefined) return { ok: false, error: problem };
  if (kinds.value !== undefined) {
    const gone = await prunableObjects(invocation, kinds.value, { selector, visited });
    if (!gone.ok) return gone;
    pairs.push(
      ...gone.value.map(({ info }) => ({
        name: fileName(info),
        live: info.object,
        merged: undefined,
        isWhole: true,
      })),
    );
  }
  return printPairs(invocation, pairs);
}

async function pairOf(invocation: Invocation, info: ResourceInfo): Promise<Outcome<Pair>> {
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const live = await invocation.client.get(path);
  if (!live.ok && !isNotFound(live.error)) return live;
  const merged = await mergedObject(invocation, info, live.ok ? live.value : undefined);
  if (!merged.ok) return merged;
  return ok({ name: fileName(info), live: live.ok ? live.value : undefined, merged: merged.value });
}

/** `apps.v1.Deployment.default.web` */
function fileName({ mapping, namespace, name }: ResourceInfo): string {
  const group = mapping.group === '' ? '' : `${mapping.group}.`;
  return `${group}${mapping.version}.${mapping.kind}.${namespace}.${name}`;
}

function mergedObject(
  invocation: Invocation,
  info: ResourceInfo,
  live: JsonObject | undefined,
): Promise<Outcome<JsonObject>> {
  const { client, flags } = invocation;
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const manager = flags.string('field-manager');
  if (flags.bool('server-side')) {
    const name = flags.isSet('field-manager') ? manager : 'kubectl';
    return client.patch(path, 'apply-patch', info.object, [
      ['dryRun', 'All'],
      ['fieldManager', name],
      ['force', String(flags.bool('force-conflicts'))],
    ]);
  }
  const query = [
    ['dryRun', 'All'],
    ['fieldManager', manager],
  ] as const;
  if (live === undefined) return client.post(resourcePath(info.mapping, info.namespace), info.object, query);
  const { patch, patchType } = createApplyPatch(info.mapping, withoutLastApplied(info.object), live);
  if (Object.keys(patch).length === 0) return Promise.resolve(ok(live));
  const version = stringAt(live, 'metadata', 'resourceVersion');
  return client.patch(path, patchType, withValueAt(patch, ['metadata', 'resourceVersion'], version), query);
}

function warnIfDeleting(invocation: Invocation, live: JsonObject | undefined): void {
  if (live === undefined || stringAt(live, 'metadata', 'deletionTimestamp') === '') return;
  const name = stringAt(live, 'metadata', 'name');
  invocation.err(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`);
}

/** Prints what differs in the shape of `diff -u -N` over two folders, and ends with 1 when anything does. */
function printPairs(invocation: Invocation, pairs: readonly Pair[]): Outcome<void> {
  const { flags, host } = invocation;
  // Folders with a number at the end, as os.MkdirTemp makes them; the number comes from the clock, not from chance.
  const number = 1_000_000_000 + (Math.floor(host.now()) % 1_000_000_000);
  const folders = [`/tmp/LIVE-${number}`, `/tmp/MERGED-${number + 1}`] as const;
  const stamp = `${new Date(host.now()).toISOString().replace('T', ' ').replace('Z', '')}000000 +0000`;
  const never = '1970-01-01 00:00:00.000000000 +0000';
  let differs = false;
  for (const pair of [...pairs].sort((a, b) => compareKeys(a.name, b.name))) {
    const [live, merged] = flags.bool('show-secrets') ? [pair.live, pair.merged] : maskSecrets(pair);
    const keepsAll = pair.isWhole === true || flags.bool('show-managed-fields');
    const hunks = formatHunks(textOf(live, keepsAll), textOf(merged, keepsAll));
    if (hunks === '') continue;
    differs = true;
    const [from, to] = folders.map((folder) => `${folder}/${pair.name}`);
    const toStamp = merged === undefined ? never : stamp;
    invocation.out(`diff -u -N ${from} ${to}\n--- ${from}\t${stamp}\n+++ ${to}\t${toStamp}\n${hunks}`);
  }
  return differs ? { ok: false, error: { kind: 'exit', code: 1, text: '' } } : ok(undefined);
}

function textOf(object: JsonObject | null | undefined, keepsAll: boolean): string {
  if (object === undefined) return '';
  // A Secret that isn't there is printed all the same once it has gone through the masking.
  if (object === null) return 'null\n';
  return formatYaml(keepsAll ? object : withoutManagedFields(object));
}

/** Values of a Secret become stars, with a note where they differ. */
function maskSecrets({
  live,
  merged,
}: Pair): readonly [JsonObject | null | undefined, JsonObject | undefined] {
  const isSecret = stringAt(merged, 'kind') === 'Secret' && stringAt(merged, 'apiVersion') === 'v1';
  if (!isSecret) return [live, merged];
  const before = stringMapAt(live, 'data');
  const after = stringMapAt(merged, 'data');
  const mask = (object: JsonObject | undefined, other: ReadonlyMap<string, string>, note: string) => {
    if (object === undefined || object.data === undefined) return object;
    const data = objectAt(object, 'data');
    const masked = Object.entries(data).map(([key, value]) => {
      const isOther = other.has(key) && other.get(key) !== value;
      return [key, isOther ? `*** (${note})` : '***'];
    });
    return { ...object, data: Object.fromEntries(masked) };
  };
  return [mask(live, after, 'before') ?? null, mask(merged, before, 'after')];
}
