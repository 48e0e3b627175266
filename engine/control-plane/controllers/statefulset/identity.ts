/**
 * The identities of a StatefulSet's Pods: their ordinals, names and labels, and the claims that go with them.
 * Source: pkg/controller/statefulset/stateful_set_utils.go.
 */
import type { Pod, PodSpec, PodTemplateSpec, StatefulSet } from '../../../api/types/kinds.ts';
import type { JsonObject } from '../../../base/json.ts';

/** The label with the name of the revision that a Pod was made from. */
export const revisionLabel = 'controller-revision-hash';
const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** The number of Pods that the set is to have. */
export function replicasOf(set: StatefulSet): number {
  return set.spec?.replicas ?? 1;
}

/** The ordinal of the first Pod. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0;
}

/** The ordinal in a Pod's name; -1 when there is none. */
export function ordinalOf(pod: { readonly metadata: { readonly name: string } }): number {
  const digits = /-([0-9]{1,10})$/.exec(pod.metadata.name)?.[1];
  const ordinal = Number(digits ?? -1);
  return ordinal > maxOrdinal ? -1 : ordinal;
}

/** Whether a Pod's name is one that the set gives. */
export function isMember(set: StatefulSet, pod: Pod): boolean {
  return ordinalOf(pod) >= 0 && pod.metadata.name.replace(/-[0-9]+$/, '') === set.metadata.name;
}

/** Whether the Pod is one of those that the set is to have. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + replicasOf(set);
}

/** The name of the Pod with this ordinal. */
export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The labels that make a Pod known by its name and number. */
export function identityLabels(set: StatefulSet, ordinal: number): Readonly<Record<string, string>> {
  return { [podNameLabel]: podName(set, ordinal), [podIndexLabel]: String(ordinal) };
}

/** Whether a Pod still carries the label that leads to it alone. */
export function hasIdentity(set: StatefulSet, pod: Pod): boolean {
  return isMember(set, pod) && pod.metadata.labels?.[podNameLabel] === pod.metadata.name;
}

/** The spec of a Pod: the template's with host name, subdomain and the volumes of its claims. */
export function podSpec(set: StatefulSet, template: PodTemplateSpec, ordinal: number): PodSpec {
  const claims = claimsOf(set, ordinal);
  const names = new Set(claims.map(({ volume }) => volume));
  const volumes = [
    ...claims.map(({ volume, name }) => ({ name: volume, persistentVolumeClaim: { claimName: name } })),
    ...(template.spec?.volumes ?? []).filter(({ name }) => !names.has(name)),
  ];
  return {
    containers: [],
    ...template.spec,
    hostname: podName(set, ordinal),
    subdomain: set.spec?.serviceName ?? '',
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

/** A claim of one Pod. */
export interface ClaimPlan {
  /** The template's name, which is the volume's in the Pod. */
  readonly volume: string;
  readonly name: string;
  readonly object: JsonObject;
}

/** The claims that the Pod with this ordinal has. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly ClaimPlan[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const volume = template.metadata?.name ?? '';
    const name = `${volume}-${podName(set, ordinal)}`;
    const { annotations, labels } = template.metadata ?? {};
    return {
      volume,
      name,
      object: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name,
          ...(annotations === undefined ? {} : { annotations }),
          labels: { ...labels, ...set.spec?.selector.matchLabels },
        },
        spec: { ...template.spec },
      },
    };
  });
}

/** Ordinals are 32 bit integers. */
const maxOrdinal = 2 ** 31 - 1;
