/**
 * Takes Pods from nodes whose NoExecute taints they don't tolerate, or no longer. Source: pkg/controller/tainteviction.
 * Left out: the event about an eviction that is called off.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { isTolerated, type Taint, tolerates } from '../../../api/objects/node-selection.ts';
import type { Node, Pod } from '../../../api/types/kinds.ts';
import { nodes, pods } from '../../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { markDisruptionTarget } from '../disruption-target.ts';
import { indexPodsByNode } from '../node-index.ts';

/** Starts the taint eviction controller. */
export function createTaintEvictionController(context: ControllerContext): void {
  const nodeInformer = context.informers.informer(nodes);
  const podInformer = context.informers.informer(pods);
  const podsOn = indexPodsByNode(podInformer);
  const recorder = context.eventRecorder('taint-eviction-controller');
  const queue = context.workqueue('taint-eviction', (key) => reconcile(key));

  nodeInformer.onChange(({ before, after }) => {
    if (after === undefined || before?.spec?.taints === after.spec?.taints) return;
    const taints = evictingTaints(after);
    if (taints.length > 0) for (const pod of podsOn(after.metadata.name)) plan(pod, taints);
  });
  podInformer.onChange(({ before, after }) => {
    const node = after?.spec?.nodeName ?? '';
    if (after === undefined || node === '') return;
    const isSame = before?.spec?.nodeName === node && before.spec.tolerations === after.spec?.tolerations;
    const taints = isSame ? [] : evictingTaints(nodeInformer.get('', node));
    if (taints.length > 0) plan(after, taints);
  });

  function plan(pod: Pod, taints: readonly Taint[]): void {
    const waitMs = tolerationMs(pod, taints);
    if (waitMs === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    if (waitMs === 0) queue.add(keyOf(pod));
    else queue.addAfter(keyOf(pod), waitMs, { background: true });
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const pod = podInformer.get(namespace, name);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return 'done';
    const taints = evictingTaints(nodeInformer.get('', pod.spec?.nodeName ?? ''));
    const waitMs = taints.length === 0 ? undefined : tolerationMs(pod, taints);
    if (waitMs === undefined) return 'done';
    // The taint may have gone and come back since.
    const added = Math.max(0, ...taints.map(({ timeAdded }) => Date.parse(timeAdded ?? '') || 0));
    const leftMs = added + waitMs - Date.parse(context.nowTimestamp());
    if (leftMs > 0) return { requeueAfterMs: leftMs, background: true };
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    markDisruptionTarget(context, pod, {
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    });
    const answer = context.client.delete(pods, namespace, name);
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }
}

function evictingTaints(node: Node | undefined): readonly Taint[] {
  return (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/** How long a Pod puts up with all the taints; undefined for ever. */
function tolerationMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  const tolerations = pod.spec?.tolerations ?? [];
  if (taints.some((taint) => !isTolerated(tolerations, taint))) return 0;
  const used = taints.flatMap((taint) => tolerations.find((candidate) => tolerates(candidate, taint)) ?? []);
  const seconds = used.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return seconds.length === 0 ? undefined : Math.max(0, Math.min(...seconds)) * 1000;
}
