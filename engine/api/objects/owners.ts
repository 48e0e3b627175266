/** Owner references: who made an object, and who is told when it changes. */
import type { OwnerReference } from '../types/kinds.ts';
import type { KubeObject } from '../types/wire.ts';

/** The reference to the managing controller, if there is one. */
export function controllerOf(object: {
  readonly metadata: KubeObject['metadata'];
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The key of the object's managing controller, if it has one and that is of this kind. */
export function controllerKey(object: KubeObject | undefined, kind: string): string | undefined {
  const owner = object === undefined ? undefined : controllerOf(object);
  if (owner?.kind !== kind) return undefined;
  return `${object?.metadata.namespace ?? ''}/${owner.name}`;
}

/** A reference that makes `owner` the managing controller. Source: apimachinery, metav1.NewControllerRef. */
export function controllerReference(
  owner: { readonly metadata: KubeObject['metadata'] },
  apiVersion: string,
  kind: string,
): OwnerReference {
  return {
    apiVersion,
    kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
