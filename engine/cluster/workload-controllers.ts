/** The controllers of workloads beyond ReplicaSets, and of what befalls nodes. */
import type { ControllerContext } from '../client/client.ts';
import { createCronJobController } from '../control-plane/controllers/cronjob/cronjob.ts';
import { createDaemonSetController } from '../control-plane/controllers/daemonset/daemonset.ts';
import { createDisruptionController } from '../control-plane/controllers/disruption/disruption.ts';
import { createJobController } from '../control-plane/controllers/job/job.ts';
import {
  createNodeLifecycleController,
  type Heartbeats,
} from '../control-plane/controllers/node-lifecycle/node-lifecycle.ts';
import { createPersistentVolumeController } from '../control-plane/controllers/persistent-volume/persistent-volume.ts';
import { createPodGarbageCollector } from '../control-plane/controllers/pod-garbage-collector/pod-garbage-collector.ts';
import { createStatefulSetController } from '../control-plane/controllers/statefulset/statefulset.ts';
import { createStorageProtection } from '../control-plane/controllers/storage-protection/storage-protection.ts';
import { createTaintEvictionController } from '../control-plane/controllers/taint-eviction/taint-eviction.ts';
import { createTtlAfterFinishedController } from '../control-plane/controllers/ttl-after-finished/ttl-after-finished.ts';

/** Wires them; `contextOf` gives the context of the controller of a name. */
export function wireWorkloadControllers(
  contextOf: (controller: string) => ControllerContext,
  lastHeartbeatMs: Heartbeats,
): void {
  createStatefulSetController(contextOf('statefulset-controller'));
  createDaemonSetController(contextOf('daemon-set-controller'));
  createJobController(contextOf('job-controller'));
  createCronJobController(contextOf('cronjob-controller'));
  createTtlAfterFinishedController(contextOf('ttl-after-finished-controller'));
  createDisruptionController(contextOf('disruption-controller'));
  createNodeLifecycleController(contextOf('node-controller'), lastHeartbeatMs);
  createTaintEvictionController(contextOf('node-controller'));
  createPersistentVolumeController(contextOf('persistent-volume-binder'));
  createStorageProtection(contextOf('pvc-protection-controller'));
  createPodGarbageCollector(contextOf('pod-garbage-collector'));
}
