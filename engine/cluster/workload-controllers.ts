/** The controllers of workloads beyond ReplicaSets, and of what befalls nodes. */
import type { ControllerContext } from '../client/client.ts';
import { createCronJobController } from '../control-plane/controllers/cronjob/cronjob.ts';
import { createDaemonSetController } from '../control-plane/controllers/daemonset/daemonset.ts';
import { createJobController } from '../control-plane/controllers/job/job.ts';
import { createStatefulSetController } from '../control-plane/controllers/statefulset/statefulset.ts';

/** Wires them; `contextOf` gives the context of the controller of a name. */
export function wireWorkloadControllers(contextOf: (controller: string) => ControllerContext): void {
  createStatefulSetController(contextOf('statefulset-controller'));
  createDaemonSetController(contextOf('daemon-set-controller'));
  createJobController(contextOf('job-controller'));
  createCronJobController(contextOf('cronjob-controller'));
}
