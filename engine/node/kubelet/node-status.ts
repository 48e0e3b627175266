/**
 * How a kubelet makes itself known: its Node, its Lease, and what it says when it comes back.
 * Source: pkg/kubelet/kubelet_node_status.go, component-helpers/apimachinery/lease.
 * Differs: a lease is renewed when somebody reads it, to the last of the moments at which a kubelet would have done so, and when
 * the kubelet stops or starts. Nothing is written while nobody looks.
 */
import type { Node } from '../../api/types/kinds.ts';
import { leases, nodes } from '../../api/types/resources.ts';
import { nodeObject } from './node-object.ts';
import type { KubeletDependencies } from './parts.ts';
import type { KubeletState } from './state.ts';

/** A lease is good for 40 seconds and renewed four times as often. Source: pkg/kubelet/kubelet.go, nodeLeaseRenewIntervalFraction. */
const leaseSeconds = 40;
const renewalMs = 10_000;
const leaseNamespace = 'kube-node-lease';

/** What a kubelet says of its node. */
export interface NodeStatusReporter {
  /** Makes the Node unless it is there, and its Lease. */
  register(): void;
  /** When the node was heard of last, in milliseconds since the Unix epoch; `now` while the kubelet runs. */
  lastHeartbeatMs(): number | 'now';
  /** Writes the lease as it would stand now. */
  renewLease(): void;
  /** Says that the kubelet has started again. */
  reportStart(): void;
}

/** The reporter of one node. */
export function createNodeStatusReporter(deps: KubeletDependencies, state: KubeletState): NodeStatusReporter {
  const { context, queue, node } = deps;
  const { client } = context;
  const recorder = context.eventRecorder('kubelet', node.name);

  const lastRenewalMs = () => {
    const untilMs = state.stoppedMs ?? queue.now();
    return untilMs - (untilMs % renewalMs);
  };

  function renewLease(): void {
    const existing = client.get(leases, leaseNamespace, node.name);
    // The last renewal before a stop differs from all before it, so that who watches the lease begins to wait.
    const microseconds = state.stoppedMs === undefined ? '000' : '001';
    const renewTime = new Date(lastRenewalMs()).toISOString().replace('Z', `${microseconds}Z`);
    if (existing.ok) {
      if (existing.value.spec?.renewTime === renewTime) return;
      client.update(leases, { ...existing.value, spec: { ...existing.value.spec, renewTime } });
      return;
    }
    const owner = client.get(nodes, '', node.name);
    if (!owner.ok) return;
    client.create(leases, leaseNamespace, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: node.name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: owner.value.metadata.uid }],
      },
      spec: { holderIdentity: node.name, leaseDurationSeconds: leaseSeconds, renewTime },
    });
  }

  function register(): void {
    client.create(nodes, '', nodeObject(node, context.nowTimestamp()));
    renewLease();
  }

  return {
    register,
    lastHeartbeatMs: () => (state.stoppedMs === undefined ? 'now' : lastRenewalMs()),
    renewLease,
    reportStart() {
      const before = client.get(nodes, '', node.name);
      if (!before.ok) {
        register();
        return;
      }
      renewLease();
      const about = before.value;
      const tell = (reason: string, message: string) => recorder.event(about, 'Normal', reason, message);
      tell('Starting', 'Starting kubelet.');
      tell('NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
      for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']) {
        tell(reason, `Node ${node.name} status is now: ${reason}`);
      }
      const wasReady = isReady(about);
      const now = context.nowTimestamp();
      const conditions = healthyConditions(about, now);
      client.updateStatus(nodes, { ...about, status: { ...about.status, conditions } });
      if (!wasReady) tell('NodeReady', `Node ${node.name} status is now: NodeReady`);
    },
  };
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function healthyConditions(node: Node, now: string) {
  const healthy = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ] as const;
  return healthy.map(([type, status, reason, message]) => {
    const before = node.status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now;
    return { type, status, lastHeartbeatTime: now, lastTransitionTime, reason, message };
  });
}
