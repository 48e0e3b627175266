/**
 * Clears away Pods whose node is no more. Source: pkg/controller/podgc. Left out: ended Pods beyond 12,500, nodes that are out of
 * service. Differs: it looks once, when the quarantine and a period of the original's loop are over.
 */
import { isPodTerminal } from '../../../api/objects/pods.ts';
import { nodes, pods } from '../../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { markDisruptionTarget } from '../disruption-target.ts';
import { indexPodsByNode } from '../node-index.ts';

/** A node may come back for 40 seconds, and the loop runs every 20. Source: podgc/gc_controller.go. */
const quarantineMs = 60_000;

/** Starts the pod garbage collector. */
export function createPodGarbageCollector(context: ControllerContext): void {
  const nodeInformer = context.informers.informer(nodes);
  const podInformer = context.informers.informer(pods);
  const podsOn = indexPodsByNode(podInformer);
  const queue = context.workqueue('pod-garbage-collector', (node) => reconcile(node));
  const wait = (node: string) => queue.addAfter(node, quarantineMs, { background: true });

  nodeInformer.onChange(({ before, after }) => {
    if (before !== undefined && after === undefined) wait(before.metadata.name);
  });
  podInformer.onChange(({ before, after }) => {
    const node = after?.spec?.nodeName ?? '';
    if (node !== '' && before?.spec?.nodeName !== node && nodeInformer.get('', node) === undefined)
      wait(node);
  });

  function reconcile(node: string): ReconcileOutcome {
    if (nodeInformer.get('', node) !== undefined) return 'done';
    let hasFailed = false;
    for (const pod of podsOn(node)) {
      const why = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
      if (!isPodTerminal(pod)) markDisruptionTarget(context, pod, why, { phase: 'Failed' });
      const { namespace = '', name } = pod.metadata;
      const answer = context.client.delete(pods, namespace, name, { gracePeriodSeconds: 0 });
      if (!answer.ok && answer.error.code !== 404) hasFailed = true;
    }
    return hasFailed ? 'retry' : 'done';
  }
}
