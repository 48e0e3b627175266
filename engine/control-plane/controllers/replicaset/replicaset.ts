/** Keeps so many Pods of a ReplicaSet running. Source: pkg/controller/replicaset. */
import { selectsLabels } from '../../../api/objects/labels.ts';
import { controllerOf } from '../../../api/objects/owners.ts';
import { pods, replicaSets } from '../../../api/types/resources.ts';
import type { ControllerContext } from '../../../client/client.ts';
import { indexOwnedPods } from '../pods-of-owner.ts';
import { createReplicaManager } from '../replica-manager.ts';

/** Starts the replicaset controller. */
export function createReplicaSetController(context: ControllerContext): void {
  const sets = context.informers.informer(replicaSets);
  const podsOf = indexOwnedPods(context.informers.informer(pods));
  const setsOf = sets.index('controller', (set) => {
    const uid = controllerOf(set)?.uid;
    return uid === undefined ? [] : [uid];
  });
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
      return setsOf(owner).flatMap(({ metadata }) => podsOf(metadata.uid ?? ''));
    },
  });
}
