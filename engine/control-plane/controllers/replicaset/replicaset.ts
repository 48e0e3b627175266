/** Keeps so many Pods of a ReplicaSet running. Source: pkg/controller/replicaset. */
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerOf } from '../../../api/objects/owners.ts';
import { pods, replicaSets } from '../../../api/types/resources.ts';
import type { ControllerContext } from '../../../client/client.ts';
import { createReplicaManager } from '../replica-manager.ts';

/** Starts the replicaset controller. */
export function createReplicaSetController(context: ControllerContext): void {
  const sets = context.informers.informer(replicaSets);
  const podInformer = context.informers.informer(pods);
  createReplicaManager(context, {
    resource: replicaSets,
    apiVersion: 'apps/v1',
    queue: 'replicaset',
    component: 'replicaset-controller',
    countsTerminating: true,
    replicas: (set) => set.spec?.replicas ?? 1,
    minReadySeconds: (set) => set.spec?.minReadySeconds ?? 0,
    template: (set) => set.spec?.template ?? {},
    selects: (set, labels) => selectsLabels(set.spec?.selector, labels),
    status: (set) => set.status,
    withStatus: (set, status) => ({ ...set, status: { ...status } }),
    // Pods of all revisions of one Deployment count when a node is crowded.
    relatedPods(set, own) {
      const owner = controllerOf(set)?.uid;
      if (owner === undefined) return own;
      const siblings = new Set(
        sets
          .list(set.metadata.namespace)
          .filter((other) => controllerOf(other)?.uid === owner)
          .map(({ metadata }) => metadata.uid),
      );
      return podInformer
        .list(set.metadata.namespace)
        .filter((pod) => siblings.has(controllerOf(pod)?.uid ?? ''));
    },
  });
}
