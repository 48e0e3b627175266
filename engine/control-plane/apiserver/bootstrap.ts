/**
 * The objects that kube-apiserver makes when it starts: the system namespaces, and the Service by which Pods reach the API
 * with its one endpoint. Source: pkg/controlplane/controller (kubernetesservice, systemnamespaces) and
 * pkg/controlplane/reconcilers (endpointsadapter.go).
 */
import type { ApiServiceObjects } from '../../api/objects/api-service.ts';
import type { Transport } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';

const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

/** Makes them through the door of a server that has no objects yet. */
export function createBootstrapObjects(transport: Transport, objects: ApiServiceObjects): void {
  const create = (path: string, body: JsonObject): void => {
    const headers = { 'user-agent': 'kube-apiserver/v1' };
    const answer = transport.send({ method: 'POST', path, body, headers });
    invariant(answer.code === 201, `cannot create ${path}: ${JSON.stringify(answer)}`);
  };
  for (const name of systemNamespaces) {
    create('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name } });
  }
  create('/api/v1/namespaces/default/services', objects.service);
  create('/api/v1/namespaces/default/endpoints', objects.endpoints);
  create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', objects.endpointSlice);
}
