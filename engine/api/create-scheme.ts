/**
 * The table of all kinds that are served, in the order of discovery.
 */

import { apiServiceKind } from './kinds/api-service.ts';
import { certificateSigningRequestKind } from './kinds/certificate-signing-request.ts';
import { clusterRoleKind } from './kinds/cluster-role.ts';
import { clusterRoleBindingKind } from './kinds/cluster-role-binding.ts';
import { configMapKind } from './kinds/config-map.ts';
import { controllerRevisionKind } from './kinds/controller-revision.ts';
import { cronJobKind } from './kinds/cron-job.ts';
import { customResourceDefinitionKind } from './kinds/custom-resource-definition.ts';
import { daemonSetKind } from './kinds/daemon-set.ts';
import { deploymentKind } from './kinds/deployment.ts';
import { endpointSliceKind } from './kinds/endpoint-slice.ts';
import { endpointsKind } from './kinds/endpoints.ts';
import { eventKind } from './kinds/event.ts';
import { eventV1Kind } from './kinds/event-v1.ts';
import { horizontalPodAutoscalerKind } from './kinds/horizontal-pod-autoscaler.ts';
import { horizontalPodAutoscalerV1Kind } from './kinds/horizontal-pod-autoscaler-v1.ts';
import { ingressKind } from './kinds/ingress.ts';
import { ingressClassKind } from './kinds/ingress-class.ts';
import { jobKind } from './kinds/job.ts';
import { leaseKind } from './kinds/lease.ts';
import { limitRangeKind } from './kinds/limit-range.ts';
import { namespaceKind } from './kinds/namespace.ts';
import { networkPolicyKind } from './kinds/network-policy.ts';
import { nodeKind } from './kinds/node.ts';
import { persistentVolumeKind } from './kinds/persistent-volume.ts';
import { persistentVolumeClaimKind } from './kinds/persistent-volume-claim.ts';
import { podKind } from './kinds/pod.ts';
import { podDisruptionBudgetKind } from './kinds/pod-disruption-budget.ts';
import { priorityClassKind } from './kinds/priority-class.ts';
import { replicaSetKind } from './kinds/replica-set.ts';
import { replicationControllerKind } from './kinds/replication-controller.ts';
import { resourceQuotaKind } from './kinds/resource-quota.ts';
import { reviewKinds } from './kinds/reviews.ts';
import { roleKind } from './kinds/role.ts';
import { roleBindingKind } from './kinds/role-binding.ts';
import { secretKind } from './kinds/secret.ts';
import { serviceKind } from './kinds/service.ts';
import { serviceAccountKind } from './kinds/service-account.ts';
import { statefulSetKind } from './kinds/stateful-set.ts';
import { storageClassKind } from './kinds/storage-class.ts';
import type { KindDefinition, Scheme } from './scheme.ts';

const builtinKinds: readonly KindDefinition[] = [
  configMapKind,
  endpointsKind,
  eventKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  persistentVolumeClaimKind,
  persistentVolumeKind,
  podKind,
  replicationControllerKind,
  resourceQuotaKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  apiServiceKind,
  controllerRevisionKind,
  daemonSetKind,
  deploymentKind,
  replicaSetKind,
  statefulSetKind,
  eventV1Kind,
  ...reviewKinds,
  horizontalPodAutoscalerKind,
  horizontalPodAutoscalerV1Kind,
  cronJobKind,
  jobKind,
  certificateSigningRequestKind,
  ingressClassKind,
  ingressKind,
  networkPolicyKind,
  podDisruptionBudgetKind,
  clusterRoleBindingKind,
  clusterRoleKind,
  roleBindingKind,
  roleKind,
  storageClassKind,
  customResourceDefinitionKind,
  priorityClassKind,
  leaseKind,
  endpointSliceKind,
];

// It follows from the table alone, and every fork asks for it: made once, shared.
let builtinScheme: Scheme | undefined;

/** The scheme of the built-in kinds. */
export function createScheme(): Scheme {
  builtinScheme ??= makeScheme();
  return builtinScheme;
}

function makeScheme(): Scheme {
  const byResource = new Map<string, KindDefinition>();
  const byKind = new Map<string, KindDefinition>();
  for (const kind of builtinKinds) {
    byResource.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
    byKind.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
  }
  return {
    kinds: builtinKinds,
    byResource: (group, version, plural) => byResource.get(`${group}/${version}/${plural}`),
    byKind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
  };
}
