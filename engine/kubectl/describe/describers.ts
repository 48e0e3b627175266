/** Which kinds have a description of their own. */
import type { Mapping } from '../rest/discovery.ts';
import { describeConfigMap, describeSecret } from './config-map.ts';
import type { Describer } from './describer.ts';
import { describeEndpointSlice, describeEndpoints } from './endpoints.ts';
import { describeGeneric } from './generic.ts';
import { describeIngress } from './ingress.ts';
import { describeNamespace } from './namespace.ts';
import { describeNetworkPolicy } from './network-policy.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { describeResourceQuota } from './resource-quota.ts';
import { describeService } from './service.ts';
import { describeDeployment, describeReplicaSet, describeReplicationController } from './workload.ts';

const describers: ReadonlyMap<string, Describer> = new Map([
  ['/ConfigMap', describeConfigMap],
  ['/Endpoints', describeEndpoints],
  ['/Namespace', describeNamespace],
  ['/Node', describeNode],
  ['/Pod', describePod],
  ['/ReplicationController', describeReplicationController],
  ['/ResourceQuota', describeResourceQuota],
  ['/Secret', describeSecret],
  ['/Service', describeService],
  ['apps/Deployment', describeDeployment],
  ['apps/ReplicaSet', describeReplicaSet],
  ['discovery.k8s.io/EndpointSlice', describeEndpointSlice],
  ['networking.k8s.io/Ingress', describeIngress],
  ['networking.k8s.io/NetworkPolicy', describeNetworkPolicy],
]);

/** The describer of a kind; a kind without one of its own is shown field by field. */
export function describerFor(mapping: Mapping): Describer {
  return describers.get(`${mapping.group}/${mapping.kind}`) ?? describeGeneric;
}
