/**
 * Which ReplicaSet of a Deployment is the newest, and the annotations and names that tell revisions apart.
 * Source: pkg/controller/deployment/util/deployment_util.go. Differs: the hash in the names is made from the template's
 * JSON, since the original hashes Go's print of it.
 */
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../../api/types/kinds.ts';
import { jsonEqual } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';

/** The annotation with a revision's number. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** The label with the template's hash. */
export const hashLabel = 'pod-template-hash';

/** Annotations of the Deployment that its ReplicaSets don't take over. */
const skippedAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Readonly<Record<string, string>>;

/** The oldest ReplicaSet whose template is the Deployment's. */
export function findNewReplicaSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return [...sets]
    .sort(byAge)
    .find((set) => equalIgnoringHash(set.spec?.template ?? {}, deployment.spec?.template ?? {}));
}

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  return (
    compareKeys(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}

/** The number of a revision; 0 when there is none. */
export function revisionOf(set: ReplicaSet): number {
  const text = set.metadata.annotations?.[revisionAnnotation] ?? '';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}

/** The annotations of the newest ReplicaSet: those of the Deployment, and its place in the history. */
export function newSetAnnotations(
  deployment: Deployment,
  before: Annotations | undefined,
  revision: number,
): Annotations {
  const annotations: Record<string, string> = { ...before };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!skippedAnnotations.has(key)) annotations[key] = value;
  }
  const old = before?.[revisionAnnotation];
  if (old === undefined || Number(old) < revision) {
    annotations[revisionAnnotation] = String(revision);
    if (old !== undefined) {
      const history = before?.[historyAnnotation] ?? '';
      annotations[historyAnnotation] = history === '' ? old : `${history},${old}`;
    }
  }
  return annotations;
}

/** The annotations that tell how far a ReplicaSet may be scaled. */
export function replicaAnnotations(desired: number, max: number): Annotations {
  return { [desiredAnnotation]: String(desired), [maxAnnotation]: String(max) };
}

/** What the ReplicaSet was scaled for last. */
export function desiredReplicasOf(set: ReplicaSet): number | undefined {
  const text = set.metadata.annotations?.[desiredAnnotation];
  return text === undefined ? undefined : Number(text);
}

/** The most that the ReplicaSet might have grown to when it was scaled last; 0 when nothing says so. */
export function maxReplicasOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[maxAnnotation] ?? '0');
}

function equalIgnoringHash(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return jsonEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
