/** Which kinds have a description of their own. */
import type { Mapping } from '../rest/discovery.ts';
import { describeRole, describeRoleBinding, describeServiceAccount } from './access.ts';
import { describeAutoscaler } from './autoscaler.ts';
import { describeCronJob, describeDaemonSet, describeJob, describeStatefulSet } from './batch-and-sets.ts';
import { describeConfigMap, describeSecret } from './config-map.ts';
import type { Describer } from './describer.ts';
import { describeEndpointSlice, describeEndpoints } from './endpoints.ts';
import { describeGeneric } from './generic.ts';
import { describeIngress } from './ingress.ts';
import { describeNamespace } from './namespace.ts';
import { describeNetworkPolicy } from './network-policy.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import {
  describeDisruptionBudget,
  describeIngressClass,
  describeLimitRange,
  describePriorityClass,
} from './policies.ts';
import { describeResourceQuota } from './resource-quota.ts';
import { describeService } from './service.ts';
import { describeSigningRequest } from './signing-request.ts';
import { describePersistentVolume, describePersistentVolumeClaim, describeStorageClass } from './storage.ts';
import { describeDeployment, describeReplicaSet, describeReplicationController } from './workload.ts';

const describers: ReadonlyMap<string, Describer> = new Map([
  ['/ConfigMap', describeConfigMap],
  ['/Endpoints', describeEndpoints],
  ['/LimitRange', describeLimitRange],
  ['/Namespace', describeNamespace],
  ['/Node', describeNode],
  ['/PersistentVolume', describePersistentVolume],
  ['/PersistentVolumeClaim', describePersistentVolumeClaim],
  ['/Pod', describePod],
  ['/ReplicationController', describeReplicationController],
  ['/ResourceQuota', describeResourceQuota],
  ['/Secret', describeSecret],
  ['/Service', describeService],
  ['/ServiceAccount', describeServiceAccount],
  ['apps/DaemonSet', describeDaemonSet],
  ['apps/Deployment', describeDeployment],
  ['apps/ReplicaSet', describeReplicaSet],
  ['apps/StatefulSet', describeStatefulSet],
  ['autoscaling/HorizontalPodAutoscaler', describeAutoscaler],
  ['batch/CronJob', describeCronJob],
  ['batch/Job', describeJob],
  ['certificates.k8s.io/CertificateSigningRequest', describeSigningRequest],
  ['discovery.k8s.io/EndpointSlice', describeEndpointSlice],
  ['networking.k8s.io/Ingress', describeIngress],
  ['networking.k8s.io/IngressClass', describeIngressClass],
  ['networking.k8s.io/NetworkPolicy', describeNetworkPolicy],
  ['policy/PodDisruptionBudget', describeDisruptionBudget],
  ['rbac.authorization.k8s.io/ClusterRole', describeRole],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', describeRoleBinding],
  ['rbac.authorization.k8s.io/Role', describeRole],
  ['rbac.authorization.k8s.io/RoleBinding', describeRoleBinding],
  ['scheduling.k8s.io/PriorityClass', describePriorityClass],
  ['storage.k8s.io/StorageClass', describeStorageClass],
]);

/** The describer of a kind; a kind without one of its own is shown field by field. */
export function describerFor(mapping: Mapping): Describer {
  return describers.get(`${mapping.group}/${mapping.kind}`) ?? describeGeneric;
}
