/**
 * What kube-apiserver makes so that Pods can reach it: the Service `kubernetes`. Source:
 * pkg/controlplane/controller/kubernetesservice/controller.go, pkg/controlplane/reconcilers (endpointsadapter.go).
 */
import type { JsonObject } from '../../base/json.ts';

/** Where kubeadm lets the API server listen. */
const securePort = 6443;

/** The Service by which Pods reach the API, and its one endpoint in both forms. */
export interface ApiServiceObjects {
  readonly service: JsonObject;
  readonly endpoints: JsonObject;
  readonly endpointSlice: JsonObject;
}

/**
 * As kube-apiserver writes them. `address` is the control plane's own, `clusterIP` the first one of the Services' range.
 */
export function apiServiceObjects(address: string, clusterIP = '10.96.0.1'): ApiServiceObjects {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  return {
    service: {
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
    },
    endpoints: {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [
        { addresses: [{ ip: address }], ports: [{ name: 'https', port: securePort, protocol: 'TCP' }] },
      ],
    },
    endpointSlice: {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'https', port: securePort, protocol: 'TCP' }],
    },
  };
}
