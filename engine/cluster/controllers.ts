/** The controllers and the scheduler: what kube-controller-manager and kube-scheduler start. */
import { createLoadBalancer } from '../addons/load-balancer/load-balancer.ts';
import type { ApiServiceObjects } from '../api/objects/api-service.ts';
import type { Scheme } from '../api/scheme.ts';
import type { Resource } from '../api/types/resources.ts';
import type { KubeObject } from '../api/types/wire.ts';
import type { ControllerContext } from '../client/client.ts';
import { createCustomResourceDefinitionController } from '../control-plane/controllers/custom-resource-definition/custom-resource-definition.ts';
import { createDeploymentController } from '../control-plane/controllers/deployment/deployment.ts';
import { createEndpointsController } from '../control-plane/controllers/endpoints/endpoints.ts';
import { createEndpointSliceController } from '../control-plane/controllers/endpointslice/endpointslice.ts';
import { createEndpointSliceMirroringController } from '../control-plane/controllers/endpointslice-mirroring/endpointslice-mirroring.ts';
import { createGarbageCollector } from '../control-plane/controllers/garbage-collector/garbage-collector.ts';
import { keepApiService } from '../control-plane/controllers/kubernetes-service/kubernetes-service.ts';
import { createNamespaceController } from '../control-plane/controllers/namespace/namespace.ts';
import type { Heartbeats } from '../control-plane/controllers/node-lifecycle/node-lifecycle.ts';
import { createReplicaSetController } from '../control-plane/controllers/replicaset/replicaset.ts';
import { createReplicationController } from '../control-plane/controllers/replication/replication.ts';
import { createResourceQuotaController } from '../control-plane/controllers/resourcequota/resourcequota.ts';
import { createServiceAccountController } from '../control-plane/controllers/serviceaccount/serviceaccount.ts';
import { createScheduler } from '../control-plane/scheduler/scheduler.ts';
import type { NetworkAdmin } from '../net/linux.ts';
import type { MemberState } from './state.ts';
import { caCertificate } from './topology.ts';
import { wireWorkloadControllers } from './workload-controllers.ts';

/** What controllers are wired with. */
export interface ControllerParts {
  /** A context that acts under the name of a component. */
  contextOf(component: string): ControllerContext;
  readonly scheme: Scheme;
  readonly net: NetworkAdmin;
  /** The machine whose routes the cloud's load balancer sets. */
  readonly router: string;
  /** The machine that the control plane runs on. */
  readonly host: string;
  /** When a node's kubelet was last heard of; undefined when it has none. */
  readonly lastHeartbeatMs: Heartbeats;
  /** What the API server makes for itself when it starts. */
  readonly apiService: ApiServiceObjects;
}

/** Wires every controller to its state; they act when objects change. */
export function wireControllers(
  { contextOf, scheme, net, router, host, lastHeartbeatMs, apiService }: ControllerParts,
  state: Pick<MemberState, 'garbageCollector' | 'loadBalancer'>,
): void {
  const manager = (name: string) => contextOf(`controller:${name}`);
  createReplicationController(manager('replication-controller'));
  createReplicaSetController(manager('replicaset-controller'));
  createDeploymentController(manager('deployment-controller'));
  wireWorkloadControllers(manager, lastHeartbeatMs);
  createServiceAccountController(manager('service-account-controller'), caCertificate);
  createEndpointsController(manager('endpoint-controller'));
  createEndpointSliceController(manager('endpointslice-controller'));
  createEndpointSliceMirroringController(manager('endpointslicemirroring-controller'));
  createCustomResourceDefinitionController(contextOf('kube-apiserver'));
  keepApiService(contextOf('kube-apiserver'), apiService);
  createNamespaceController(manager('namespace-controller'), deletableContents(scheme));
  createResourceQuotaController(manager('resourcequota-controller'), countedKinds(scheme));
  createGarbageCollector(manager('generic-garbage-collector'), ownedKinds(scheme), state.garbageCollector);
  createScheduler(contextOf('kube-scheduler'), host);
  createLoadBalancer({ context: manager('service-controller'), net, router }, state.loadBalancer);
}

/** What a namespace is emptied of when it is deleted. */
function deletableContents(scheme: Scheme): readonly Resource<KubeObject>[] {
  return scheme.kinds
    .filter((kind) => kind.namespaced && kind.storage === undefined && kind.verbs.includes('delete'))
    .map(resourceOf);
}

/** What quotas count; Events come and go too fast to be counted again. */
function countedKinds(scheme: Scheme): readonly Resource<KubeObject>[] {
  return deletableContents(scheme).filter(({ kind }) => kind !== 'Event');
}

/** Kinds that can own or be owned; Events are left out, as upstream leaves them out. */
function ownedKinds(scheme: Scheme): readonly Resource<KubeObject>[] {
  return scheme.kinds
    .filter((kind) => kind.kind !== 'Event' && kind.storage === undefined)
    .filter((kind) => kind.verbs.includes('watch') && kind.verbs.includes('delete'))
    .map(resourceOf);
}

function resourceOf(kind: Scheme['kinds'][number]): Resource<KubeObject> {
  return {
    group: kind.group,
    version: kind.version,
    plural: kind.plural,
    kind: kind.kind,
    namespaced: kind.namespaced,
  };
}
