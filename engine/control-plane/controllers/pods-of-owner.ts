/** The Pods that a controller has to look at, found without looking at all others of the namespace. */
import { controllerOf } from '../../api/objects/owners.ts';
import type { Pod } from '../../api/types/kinds.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import type { Informer } from '../../client/client.ts';

/**
 * The Pods of an owner and those in its namespace that nobody owns, which it may adopt: first the orphans, each part sorted
 * by name. Source: pkg/controller/controller_utils.go, AddPodControllerIndexer.
 */
export function indexPodsByController(pods: Informer<Pod>): (owner: KubeObject) => readonly Pod[] {
  const find = controllerIndex(pods);
  return ({ metadata }) => {
    const orphans = find(`orphans of ${metadata.namespace ?? ''}`);
    const owned = find(metadata.uid ?? '');
    return orphans.length === 0 ? owned : [...orphans, ...owned];
  };
}

/** The Pods that an owner controls, by its UID, sorted by name. */
export function indexOwnedPods(pods: Informer<Pod>): (uid: string) => readonly Pod[] {
  const find = controllerIndex(pods);
  return (uid) => (uid === '' ? [] : find(uid));
}

function controllerIndex(pods: Informer<Pod>): (value: string) => readonly Pod[] {
  return pods.index('controller', (pod) => [
    controllerOf(pod)?.uid ?? `orphans of ${pod.metadata.namespace ?? ''}`,
  ]);
}
