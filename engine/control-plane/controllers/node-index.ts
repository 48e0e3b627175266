/** The Pods of a node, found without looking at all others. */
import type { Pod } from '../../api/types/kinds.ts';
import type { Informer } from '../../client/client.ts';

/** The Pods that are bound to a node, ended ones among them. */
export function indexPodsByNode(pods: Informer<Pod>): (node: string) => readonly Pod[] {
  return pods.index('node', (pod) => (pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName]));
}
