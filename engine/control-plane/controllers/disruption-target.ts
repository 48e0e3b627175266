/** The condition that says why a Pod is taken away before its time. Source: pkg/api/v1/pod, UpdatePodCondition. */
import type { Pod } from '../../api/types/kinds.ts';
import { pods } from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ControllerContext } from '../../client/client.ts';

/** Writes the condition DisruptionTarget, and what else of the status is to change. */
export function markDisruptionTarget(
  context: ControllerContext,
  pod: Pod,
  why: { readonly reason: string; readonly message: string },
  status: JsonObject = {},
): void {
  const { namespace = '', name, uid, generation } = pod.metadata;
  const condition = {
    type: 'DisruptionTarget',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: context.nowTimestamp(),
    ...why,
  };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  const patch = { metadata: { uid }, status: { ...status, conditions: [...others, condition] } };
  context.client.mergePatch(pods, namespace, name, patch, 'status');
}
