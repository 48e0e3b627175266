/** Keeps so many Pods of a ReplicationController running. Source: pkg/controller/replication. */
import { hasLabels } from '../../../api/objects/labels.ts';
import { replicationControllers } from '../../../api/types/resources.ts';
import type { ControllerContext } from '../../../client/client.ts';
import { createReplicaManager } from '../replica-manager.ts';

/** Starts the replication controller. */
export function createReplicationController(context: ControllerContext): void {
  createReplicaManager(context, {
    resource: replicationControllers,
    apiVersion: 'v1',
    queue: 'replication',
    component: 'replication-controller',
    countsTerminating: false,
    replicas: (controller) => controller.spec?.replicas ?? 1,
    minReadySeconds: (controller) => controller.spec?.minReadySeconds ?? 0,
    template: (controller) => controller.spec?.template ?? {},
    selects: (controller, labels) => hasLabels(controller.spec?.selector ?? {}, labels),
    status: (controller) => controller.status,
    withStatus: (controller, status) => ({ ...controller, status: { ...status } }),
  });
}
