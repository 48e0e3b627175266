/**
 * Which Pods belong together where nobody says how to spread them: those of the same controller and the same Services.
 * Source: pkg/scheduler/framework/plugins/helper/spread.go, DefaultSelector.
 */
import { hasLabels, type LabelSelector } from '../../api/objects/labels.ts';
import { controllerOf } from '../../api/objects/owners.ts';
import type { Pod } from '../../api/types/kinds.ts';
import { replicaSets, replicationControllers, services, statefulSets } from '../../api/types/resources.ts';
import type { InformerFactory } from '../../client/client.ts';

/** Reads the selector from the objects that the informers know; undefined when nothing selects the Pod. */
export function createSpreadSelector(informers: InformerFactory): (pod: Pod) => LabelSelector | undefined {
  const sets = informers.informer(replicaSets);
  const controllers = informers.informer(replicationControllers);
  const stateful = informers.informer(statefulSets);
  const allServices = informers.informer(services);

  function ownersSelector(pod: Pod): LabelSelector {
    const owner = controllerOf(pod);
    const namespace = pod.metadata.namespace ?? '';
    switch (owner?.kind) {
      case 'ReplicaSet':
        return sets.get(namespace, owner.name)?.spec?.selector ?? {};
      case 'StatefulSet':
        return stateful.get(namespace, owner.name)?.spec?.selector ?? {};
      case 'ReplicationController':
        return { matchLabels: controllers.get(namespace, owner.name)?.spec?.selector ?? {} };
      default:
        return {};
    }
  }

  return (pod) => {
    const own = ownersSelector(pod);
    const matchLabels: Record<string, string> = {};
    for (const service of allServices.list(pod.metadata.namespace)) {
      const selector = service.spec?.selector ?? {};
      if (Object.keys(selector).length > 0 && hasLabels(selector, pod.metadata.labels)) {
        Object.assign(matchLabels, selector);
      }
    }
    Object.assign(matchLabels, own.matchLabels);
    const matchExpressions = own.matchExpressions ?? [];
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) return undefined;
    return { matchLabels, matchExpressions };
  };
}
