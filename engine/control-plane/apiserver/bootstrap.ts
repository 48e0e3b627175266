/**
 * The objects that kube-apiserver makes when it starts: the system namespaces, and the Service by which Pods reach the API
 * with its one endpoint. Source: pkg/controlplane/controller (kubernetesservice, systemnamespaces) and
 * pkg/controlplane/reconcilers (endpointsadapter.go).
 */
import type { Transport } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';

const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];
/** Where kubeadm lets the API server listen. */
const securePort = 6443;

/**
 * Makes them through the door of a server that has no objects yet. `address` is the control plane's own, `clusterIP` the
 * first one of the Services' range.
 */
export function createBootstrapObjects(
  transport: Transport,
  address: string,
  clusterIP = '10.96.0.1',
): void {
  const create = (path: string, body: JsonObject): void => {
    const headers = { 'user-agent': 'kube-apiserver/v1' };
    const answer = transport.send({ method: 'POST', path, body, headers });
    invariant(answer.code === 201, `cannot create ${path}: ${JSON.stringify(answer)}`);
  };
  for (const name of systemNamespaces) {
    create('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name } });
  }
  const metadata = { name: 'kubernetes', namespace: 'default' };
  create('/api/v1/namespaces/default/services', {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: securePort }],
      sessionAffinity: 'None',
    },
  });
  create('/api/v1/namespaces/default/endpoints', {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [
      { addresses: [{ ip: address }], ports: [{ name: 'https', port: securePort, protocol: 'TCP' }] },
    ],
  });
  create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port: securePort, protocol: 'TCP' }],
  });
}
