/**
 * `--prune`: the objects that were applied before and are in the files no more.
 * Source: k8s.io/kubectl/pkg/util/prune and pkg/cmd/apply/prune.go. Left out: ApplySets, which are in alpha.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { failure, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Mapping } from '../rest/discovery.ts';
import { objectsAt, stringAt, stringMapAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { noKindMatch, resourcePath } from '../rest/rest-mapper.ts';
import { lastAppliedKey } from './last-applied.ts';

/** A kind that is looked through. */
export interface PruneKind {
  readonly mapping: Mapping;
}

/** An object to be deleted, with its kind as messages name it: `apps/v1, Kind=Deployment`. */
export interface Prunable {
  readonly info: ResourceInfo;
  readonly kind: string;
}

const defaultKinds: readonly string[] = [
  '/v1/ConfigMap',
  '/v1/Endpoints',
  '/v1/PersistentVolumeClaim',
  '/v1/Pod',
  '/v1/ReplicationController',
  '/v1/Secret',
  '/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  '/v1/Namespace',
  '/v1/PersistentVolume',
];

/** The kinds of `--prune-allowlist`, or those that are looked through without one. */
export async function readPruneKinds(invocation: Invocation): Promise<Outcome<readonly PruneKind[]>> {
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const given = invocation.flags.strings('prune-allowlist');
  const kinds: PruneKind[] = [];
  for (const text of given.length === 0 ? defaultKinds : given) {
    const [group = '', version, kind, more] = text.split('/');
    if (version === undefined || kind === undefined || more !== undefined) {
      return failure(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
    }
    const realGroup = group === 'core' ? '' : group;
    const apiVersion = realGroup === '' ? version : `${realGroup}/${version}`;
    const mapping = mapper.value.byKind(apiVersion, kind);
    if (mapping === undefined) return { ok: false, error: noKindMatch(apiVersion, kind) };
    kinds.push({ mapping });
  }
  return ok(kinds);
}

/** The warning for those who leave the kinds to kubectl; given once it is known that something is applied. */
export function warnOfPruning(invocation: Invocation): void {
  if (invocation.flags.strings('prune-allowlist').length === 0) {
    invocation.warn(
      'prune.go:71',
      'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.',
    );
  }
}

/** What would be pruned: namespaced kinds in the namespaces that the files name, then the others. */
export async function prunableObjects(
  invocation: Invocation,
  kinds: readonly PruneKind[],
  { selector, visited }: { readonly selector: string; readonly visited: readonly JsonObject[] },
): Promise<Outcome<readonly Prunable[]>> {
  const uids = new Set(visited.map((object) => stringAt(object, 'metadata', 'uid')));
  const namespaces = new Set(visited.map((object) => stringAt(object, 'metadata', 'namespace')));
  namespaces.delete('');
  const scopes = [
    ...[...namespaces]
      .sort(compareKeys)
      .flatMap((namespace) =>
        kinds.filter(({ mapping }) => mapping.namespaced).map(({ mapping }) => ({ mapping, namespace })),
      ),
    ...kinds.filter(({ mapping }) => !mapping.namespaced).map(({ mapping }) => ({ mapping, namespace: '' })),
  ];
  const prunable: Prunable[] = [];
  for (const { mapping, namespace } of scopes) {
    const kind = `${mapping.group}/${mapping.version}, Kind=${mapping.kind}`;
    const query = selector === '' ? [] : [['labelSelector', selector] as const];
    const list = await invocation.client.get(resourcePath(mapping, namespace), query);
    if (!list.ok) {
      const scope = mapping.namespaced ? 'namespaced' : 'nonNamespaced';
      return failure(`error pruning ${scope} object ${kind}: ${messageOf(list.error)}`);
    }
    for (const item of objectsAt(list.value, 'items')) {
      const isApplied = stringMapAt(item, 'metadata', 'annotations').has(lastAppliedKey);
      if (!isApplied || uids.has(stringAt(item, 'metadata', 'uid'))) continue;
      const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
      const object = { apiVersion, kind: mapping.kind, ...item };
      prunable.push({ info: { mapping, namespace, name: stringAt(item, 'metadata', 'name'), object }, kind });
    }
  }
  return ok(prunable);
}

/** Deletes one of them, as the flags of apply say. */
export async function deletePruned(
  { client, flags }: Invocation,
  { mapping, namespace, name }: ResourceInfo,
  isDryRun: boolean,
): Promise<Outcome<void>> {
  const grace = flags.int('grace-period');
  const cascade = flags.string('cascade');
  const deleted = await client.delete(resourcePath(mapping, namespace, name), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(isDryRun ? { dryRun: ['All'] } : {}),
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    propagationPolicy:
      cascade === 'orphan' ? 'Orphan' : cascade === 'foreground' ? 'Foreground' : 'Background',
  });
  return deleted.ok ? ok(undefined) : deleted;
}
