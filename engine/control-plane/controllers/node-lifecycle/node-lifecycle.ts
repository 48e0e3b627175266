/**
 * Watches over nodes: says when one has not been heard of for too long, and keeps the taints that follow from a node's
 * conditions. Source: pkg/controller/nodelifecycle. Left out: zones and their eviction rates.
 * Differs: a node is looked at when something happens to it and when its grace period ends, not every five seconds.
 */
import { podCondition } from '../../../api/objects/pods.ts';
import type { Node } from '../../../api/types/kinds.ts';
import { leases, nodes, pods } from '../../../api/types/resources.ts';
import { jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { indexPodsByNode } from '../node-index.ts';
import { conditionsWhenSilent, readyOf, taintsOf } from './node-health.ts';

/** How long a node may be silent, and how long it may take to speak first. Source: nodelifecycle/config/v1alpha1/defaults.go. */
const gracePeriodMs = 50_000;
const startupGraceMs = 60_000;

/** When a node was last heard of, in milliseconds since the Unix epoch; undefined when it has no kubelet. */
export type Heartbeats = (node: string) => number | 'now' | undefined;

/** Starts the node lifecycle controller. */
export function createNodeLifecycleController(context: ControllerContext, lastHeartbeatMs: Heartbeats): void {
  const { client } = context;
  const nodeInformer = context.informers.informer(nodes);
  const podInformer = context.informers.informer(pods);
  const podsOn = indexPodsByNode(podInformer);
  const recorder = context.eventRecorder('node-controller');
  const queue = context.workqueue('node-lifecycle', (name) => reconcile(name));

  nodeInformer.onChange(({ before, after }) => {
    if (after === undefined) {
      if (before !== undefined) queue.add(before.metadata.name);
      return;
    }
    const { name } = after.metadata;
    if (before === undefined) {
      // A node that joins with its kubelet is in order; one that nobody speaks for may still get one.
      if (readyOf(after) === undefined) queue.addAfter(name, startupGraceMs, { background: true });
      if (!jsonEqual(taintsOf(after), after.spec?.taints ?? [])) queue.add(name);
      return;
    }
    const isSame = before.spec === after.spec && readyOf(before)?.status === readyOf(after)?.status;
    if (!isSame) queue.add(name);
  });
  // Kubelets write their leases anew when they fall silent or speak again.
  context.informers.informer(leases).onChange(({ before, after }) => {
    if (before === undefined || after?.metadata.namespace !== 'kube-node-lease') return;
    queue.add(after.metadata.name);
  });
  podInformer.onChange(({ before, after }) => {
    const node = after?.spec?.nodeName ?? '';
    if (node === '' || before?.spec?.nodeName === node) return;
    const known = nodeInformer.get('', node);
    if (known !== undefined && readyOf(known)?.status !== 'True') queue.add(node);
  });

  function reconcile(name: string): ReconcileOutcome {
    const node = nodeInformer.get('', name);
    if (node === undefined) return 'done';
    const watched = watchHealth(node);
    const current = nodeInformer.get('', name) ?? node;
    keepTaints(current);
    if (readyOf(current) !== undefined && readyOf(current)?.status !== 'True') markPodsNotReady(name);
    return watched;
  }

  /** Says that a node is silent, or comes back when it might be. */
  function watchHealth(node: Node): ReconcileOutcome {
    const nowMs = Date.parse(context.nowTimestamp());
    const heartbeatMs = lastHeartbeatMs(node.metadata.name);
    if (heartbeatMs === 'now') return 'done';
    const isKnown = heartbeatMs !== undefined;
    const deadlineMs = isKnown
      ? heartbeatMs + gracePeriodMs
      : Date.parse(node.metadata.creationTimestamp) + startupGraceMs;
    if (!isKnown && readyOf(node)?.status === 'True') return 'done';
    if (nowMs < deadlineMs) {
      return { requeueAfterMs: deadlineMs - nowMs, background: true };
    }
    const before = readyOf(node)?.status;
    if (before === 'Unknown') return 'done';
    const conditions = conditionsWhenSilent(node, context.nowTimestamp());
    client.updateStatus(nodes, { ...node, status: { ...node.status, conditions } });
    if (before === 'True') {
      const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
      recorder.event(node, 'Normal', 'NodeNotReady', message);
    }
    return 'done';
  }

  function keepTaints(node: Node): void {
    const before = node.spec?.taints ?? [];
    const wanted = taintsOf(node);
    if (jsonEqual(wanted, before)) return;
    const now = context.nowTimestamp();
    const taints = wanted.map((taint) => (before.includes(taint) ? taint : { ...taint, timeAdded: now }));
    const patch = { spec: { taints: taints.length === 0 ? null : taints } };
    client.mergePatch(nodes, '', node.metadata.name, patch);
  }

  function markPodsNotReady(node: string): void {
    for (const pod of podsOn(node)) {
      const ready = podCondition(pod, 'Ready');
      if (ready === undefined || ready.status === 'False') continue;
      const conditions = (pod.status?.conditions ?? []).map((condition) =>
        condition === ready
          ? { ...condition, status: 'False', lastTransitionTime: context.nowTimestamp() }
          : condition,
      );
      const { namespace = '', name } = pod.metadata;
      client.mergePatch(pods, namespace, name, { status: { conditions } }, 'status');
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }
}
