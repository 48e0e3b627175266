/**
 * kube-apiserver's care for the Service `kubernetes`: every ten seconds it looks whether it and its endpoint are there, and
 * makes anew what is missing, so that who deletes it sees it come back. Not simulated: what was changed in them stays.
 * Source: pkg/controlplane/controller/kubernetesservice/controller.go, pkg/controlplane/reconcilers.
 */
import type { ApiServiceObjects } from '../../../api/objects/api-service.ts';
import { endpointSlices, endpoints, services } from '../../../api/types/resources.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import type { ControllerContext, ObjectChange, ReconcileOutcome } from '../../../client/client.ts';

/** Source: pkg/controlplane/reconcilers, DefaultEndpointReconcilerInterval. */
const intervalMs = 10_000;

/** Watches over them. It acts on the next round ten seconds, and only once one of them has gone. */
export function keepApiService(context: ControllerContext, objects: ApiServiceObjects): void {
  const { client, informers } = context;
  const queue = context.workqueue('kubernetes-service', () => restore());
  const onChange = ({ before, after }: ObjectChange<KubeObject>): void => {
    const { name, namespace } = before?.metadata ?? {};
    if (after !== undefined || name !== 'kubernetes' || namespace !== 'default') return;
    const leftMs = intervalMs - (Date.parse(context.nowTimestamp()) % intervalMs);
    queue.addAfter(namespace, leftMs, { background: true });
  };
  informers.informer(services).onChange(onChange);
  informers.informer(endpoints).onChange(onChange);
  informers.informer(endpointSlices).onChange(onChange);

  function restore(): ReconcileOutcome {
    const answers = [
      client.create(services, 'default', objects.service),
      client.create(endpoints, 'default', objects.endpoints),
      client.create(endpointSlices, 'default', objects.endpointSlice),
    ];
    // 409: it is there.
    const isWhole = answers.every((answer) => answer.ok || answer.error.code === 409);
    return isWhole ? 'done' : { requeueAfterMs: intervalMs, background: true };
  }
}
