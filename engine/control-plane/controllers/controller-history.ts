/**
 * The templates that a StatefulSet or DaemonSet had, kept as ControllerRevisions with rising numbers.
 * Source: pkg/controller/history and pkg/controller/daemon/update.go. Left out: adoption of revisions that nobody owns.
 */
import { controllerOf, controllerReference } from '../../api/objects/owners.ts';
import type { ControllerRevision, PodTemplateSpec, Status } from '../../api/types/kinds.ts';
import { controllerRevisions } from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import { isJsonObject, type JsonObject, jsonEqual } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Client, Informer } from '../../client/client.ts';
import type { PodOwner } from './pod-control.ts';

/** What a revision holds: a patch that makes its template the owner's. */
export function revisionData(template: PodTemplateSpec): JsonObject {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The template that a revision holds; `fallback` when it holds none. */
export function templateOf(revision: ControllerRevision, fallback: PodTemplateSpec): PodTemplateSpec {
  const data: unknown = revision.data;
  const spec = isJsonObject(data) && isJsonObject(data.spec) ? data.spec : {};
  if (!isPodTemplate(spec.template)) return fallback;
  const { $patch: _, ...template } = spec.template;
  return template;
}

/** The server has checked what a template is made of when its owner was written. */
function isPodTemplate(value: unknown): value is PodTemplateSpec & { readonly $patch?: string } {
  return isJsonObject(value);
}

/** Looks up the revisions of an owner, in order of their numbers. */
export function indexRevisions(
  informer: Informer<ControllerRevision>,
): (owner: KubeObject) => readonly ControllerRevision[] {
  const find = informer.index('controller', (revision) => [controllerOf(revision)?.uid ?? '']);
  return (owner) => [...find(owner.metadata.uid ?? '')].sort(byNumber);
}

/** Whether a revision holds this data. */
export function holds(revision: ControllerRevision, data: JsonObject): boolean {
  const held: unknown = revision.data;
  return isJsonObject(held) && jsonEqual(held, data);
}

/** Stores a template as a revision. A name that is taken means a collision of hashes. */
export function createRevision(
  client: Client,
  owner: PodOwner,
  revision: {
    readonly hash: string;
    readonly hashLabel: string;
    readonly labels: Readonly<Record<string, string>> | undefined;
    readonly data: JsonObject;
    readonly number: number;
  },
): Result<ControllerRevision, Status> {
  const { name, namespace = '', annotations } = owner.object.metadata;
  return client.create(controllerRevisions, namespace, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name.slice(0, maxPrefix)}-${revision.hash}`,
      namespace,
      labels: { ...revision.labels, [revision.hashLabel]: revision.hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner.object, owner.apiVersion, owner.kind)],
    },
    data: revision.data,
    revision: revision.number,
  });
}

/** The number after those of the revisions. */
export function nextNumber(revisions: readonly ControllerRevision[]): number {
  return Math.max(0, ...revisions.map(({ revision }) => revision)) + 1;
}

/** Makes a known template the newest again. */
export function renumber(client: Client, revision: ControllerRevision, number: number): ControllerRevision {
  const answer = client.update(controllerRevisions, { ...revision, revision: number });
  return answer.ok ? answer.value : revision;
}

/** Source: history.ControllerRevisionName: what is left of 253 characters beside the hash. */
const maxPrefix = 223;

function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  return (
    a.revision - b.revision ||
    compareKeys(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}
