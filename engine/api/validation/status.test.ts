/** Writes to the status. Source: the Validate…StatusUpdate functions of pkg/apis/apps/validation and pkg/apis/core/validation. */
import { expect, it } from 'vitest';
import { validateStatusUpdate } from './status.ts';

const loadBalancer = { spec: { type: 'LoadBalancer' } };
const ended = { state: { terminated: { exitCode: 0 } }, name: 'c' };
const running = { state: { running: {} }, name: 'c' };

it.each([
  ['deployments.apps', { status: { replicas: 3, readyReplicas: 2, availableReplicas: 1 } }, {}, []],
  [
    'deployments.apps',
    { status: { replicas: -1 } },
    {},
    [
      'status.replicas: Invalid value: -1: must be greater than or equal to 0',
      'status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
    ],
  ],
  [
    'replicasets.apps',
    { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3 } },
    {},
    [
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ],
  ],
  [
    'statefulsets.apps',
    { status: { replicas: 2, availableReplicas: 1 } },
    {},
    ['status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas'],
  ],
  [
    'daemonsets.apps',
    { status: { collisionCount: 1 } },
    { status: { collisionCount: 2 } },
    ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  ],
  [
    'services',
    { spec: { type: 'ClusterIP' }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    {},
    ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
  ],
  [
    'services',
    { ...loadBalancer, status: { loadBalancer: { ingress: [{ hostname: 'a.example', ipMode: 'VIP' }] } } },
    {},
    ['status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set'],
  ],
  [
    'pods',
    { status: { nominatedNodeName: 'worker-1' } },
    { spec: { nodeName: 'worker-1' } },
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  ],
  [
    'pods',
    { status: { qosClass: 'Burstable' } },
    { status: { qosClass: 'BestEffort' } },
    ['status.qosClass: Invalid value: "Burstable": field is immutable'],
  ],
  [
    'pods',
    { status: { containerStatuses: [running] } },
    { spec: { restartPolicy: 'Never' }, status: { containerStatuses: [ended] } },
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'pods',
    { status: { containerStatuses: [running] } },
    { spec: { restartPolicy: 'Always' }, status: { containerStatuses: [ended] } },
    [],
  ],
])('%s: %j over %j', (resource, object, old, want) => {
  const problems = validateStatusUpdate(resource, object, old);
  expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual(want);
});
