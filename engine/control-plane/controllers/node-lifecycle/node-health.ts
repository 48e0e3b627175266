/** What follows from a node's conditions. Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go. */
import type { Node } from '../../../api/types/kinds.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Condition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

const prefix = 'node.kubernetes.io/';
/** The taints that a condition and its status bring. Source: nodeConditionToTaintKeyStatusMap. */
const taintByCondition: readonly (readonly [type: string, status: string, name: string])[] = [
  ['Ready', 'False', 'not-ready'],
  ['Ready', 'Unknown', 'unreachable'],
  ['MemoryPressure', 'True', 'memory-pressure'],
  ['DiskPressure', 'True', 'disk-pressure'],
  ['NetworkUnavailable', 'True', 'network-unavailable'],
  ['PIDPressure', 'True', 'pid-pressure'],
];
const ownKeys = new Set([
  ...taintByCondition.map(([, , name]) => `${prefix}${name}`),
  `${prefix}unschedulable`,
]);
const evictingKeys = new Set([`${prefix}not-ready`, `${prefix}unreachable`]);

/** The Ready condition of a node. */
export function readyOf(node: Node): Condition | undefined {
  return node.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** The taints that a node is to have: others' kept, ours as its conditions and spec say. Kept taints are the same objects. */
export function taintsOf(node: Node): readonly Taint[] {
  const before = node.spec?.taints ?? [];
  const names = taintByCondition
    .filter(([type, status]) =>
      node.status?.conditions?.some((condition) => condition.type === type && condition.status === status),
    )
    .map(([, , name]) => name);
  if (node.spec?.unschedulable === true) names.push('unschedulable');
  const wanted: Taint[] = [
    ...names.map((name) => ({ key: `${prefix}${name}`, effect: 'NoSchedule' })),
    ...names
      .map((name) => ({ key: `${prefix}${name}`, effect: 'NoExecute' }))
      .filter(({ key }) => evictingKeys.has(key)),
  ];
  const isOurs = ({ key, effect }: Taint) =>
    (effect === 'NoSchedule' && ownKeys.has(key)) || (effect === 'NoExecute' && evictingKeys.has(key));
  const isSame = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const kept = before.filter((taint) => !isOurs(taint) || wanted.some((other) => isSame(taint, other)));
  return [...kept, ...wanted.filter((taint) => !kept.some((other) => isSame(taint, other)))];
}

/** The conditions of a node that is not heard of: nothing is known of it any more. */
export function conditionsWhenSilent(node: Node, now: string): readonly Condition[] {
  const before = node.status?.conditions ?? [];
  return ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => {
    const old = before.find((condition) => condition.type === type);
    const words =
      old === undefined
        ? { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }
        : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    return {
      type,
      status: 'Unknown',
      lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: now,
      ...words,
    };
  });
}
