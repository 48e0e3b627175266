/**
 * Which Pods belong to a controller: those it owns and still selects, and orphans that it selects, which it adopts.
 * A Pod whose labels no longer match is released. Source: pkg/controller/controller_ref_manager.go.
 */
import { controllerOf, controllerReference } from '../../api/objects/owners.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { pods } from '../../api/types/resources.ts';
import type { Client } from '../../client/client.ts';
import type { PodOwner } from './pod-control.ts';

/** What {@link claimPods} is asked. */
export interface ClaimOptions {
  readonly client: Client;
  readonly owner: PodOwner;
  readonly candidates: readonly Pod[];
  selects(labels: Readonly<Record<string, string>> | undefined, pod: Pod): boolean;
}

/** The Pods that are the owner's after adopting and releasing, in the candidates' order. */
export function claimPods(options: ClaimOptions): readonly Pod[] {
  const { client, owner, candidates } = options;
  const ownerIsDeleted = owner.object.metadata.deletionTimestamp !== undefined;
  return candidates.filter((pod) => {
    const reference = controllerOf(pod);
    const selected = options.selects(pod.metadata.labels, pod);
    if (reference !== undefined) {
      if (reference.uid !== owner.object.metadata.uid) return false;
      if (selected) return true;
      if (!ownerIsDeleted) release(client, owner, pod);
      return false;
    }
    if (ownerIsDeleted || !selected || pod.metadata.deletionTimestamp !== undefined) return false;
    return adopt(client, owner, pod);
  });
}

function adopt(client: Client, owner: PodOwner, pod: Pod): boolean {
  const reference = controllerReference(owner.object, owner.apiVersion, owner.kind);
  const ownerReferences = [...(pod.metadata.ownerReferences ?? []), reference];
  return patchOwners(client, pod, ownerReferences);
}

function release(client: Client, owner: PodOwner, pod: Pod): void {
  const kept = (pod.metadata.ownerReferences ?? []).filter(
    (reference) => reference.uid !== owner.object.metadata.uid,
  );
  patchOwners(client, pod, kept);
}

function patchOwners(client: Client, pod: Pod, ownerReferences: Pod['metadata']['ownerReferences']): boolean {
  const patch = {
    metadata: {
      uid: pod.metadata.uid,
      ownerReferences: ownerReferences === undefined || ownerReferences.length === 0 ? null : ownerReferences,
    },
  };
  return client.mergePatch(pods, pod.metadata.namespace ?? '', pod.metadata.name, patch).ok;
}
