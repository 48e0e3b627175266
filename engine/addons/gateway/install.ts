/**
 * Envoy Gateway as its Helm chart installs it, with the GatewayClass `eg` of its quickstart.
 * Source: envoyproxy/gateway, charts/gateway-helm, examples/kubernetes/quickstart.yaml.
 * Left out: its own definitions (EnvoyProxy, policies), roles, and the job that makes certificates.
 */
import {
  deployments,
  namespaces,
  type Resource,
  serviceAccounts,
  services,
} from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import type { Client } from '../../client/client.ts';
import { gatewayImage, systemNamespace } from './infrastructure.ts';
import { gatewayClasses, gatewayGroup } from './resources.ts';
import { controllerName } from './translate.ts';

const name = 'envoy-gateway';
const selector = {
  'app.kubernetes.io/instance': 'eg',
  'app.kubernetes.io/name': 'gateway-helm',
  'control-plane': name,
};
const labels = {
  ...selector,
  'app.kubernetes.io/managed-by': 'Helm',
  'app.kubernetes.io/version': 'v1.8.1',
  'helm.sh/chart': 'gateway-helm-v1.8.1',
};

/** Creates what is not there yet. Gateway API's definitions have to be served already. */
export function installEnvoyGateway(client: Client): void {
  create(client, namespaces, '', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: systemNamespace },
  });
  const metadata = { name, namespace: systemNamespace, labels };
  create(client, serviceAccounts, systemNamespace, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  create(client, services, systemNamespace, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector, ports },
  });
  create(client, deployments, systemNamespace, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels: selector,
          annotations: { 'prometheus.io/port': '19001', 'prometheus.io/scrape': 'true' },
        },
        spec: podSpec(),
      },
    },
  });
  create(client, gatewayClasses, '', {
    apiVersion: `${gatewayGroup}/v1`,
    kind: 'GatewayClass',
    metadata: { name: 'eg' },
    spec: { controllerName },
  });
}

const ports = [
  { name: 'grpc', port: 18_000, targetPort: 18_000 },
  { name: 'ratelimit', port: 18_001, targetPort: 18_001 },
  { name: 'wasm', port: 18_002, targetPort: 18_002 },
  { name: 'metrics', port: 19_001, targetPort: 19_001 },
];

function podSpec(): JsonObject {
  return {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsNonRoot: true },
    containers: [
      {
        name,
        image: gatewayImage,
        imagePullPolicy: 'IfNotPresent',
        args: ['server', '--config-path=/config/envoy-gateway.yaml'],
        env: [
          {
            name: 'ENVOY_GATEWAY_NAMESPACE',
            valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
          },
          { name: 'KUBERNETES_CLUSTER_DOMAIN', value: 'cluster.local' },
        ],
        ports: ports.map((port) => ({ name: port.name, containerPort: port.targetPort })),
        livenessProbe: {
          httpGet: { path: '/healthz', port: 8081 },
          initialDelaySeconds: 15,
          periodSeconds: 20,
        },
        readinessProbe: {
          httpGet: { path: '/readyz', port: 8081 },
          initialDelaySeconds: 5,
          periodSeconds: 10,
        },
        resources: { limits: { memory: '1024Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
      },
    ],
  };
}

function create<T>(client: Client, resource: Resource<T>, namespace: string, object: JsonObject): void {
  const answer = client.create(resource, namespace, object);
  const isThere = answer.ok || answer.error.reason === 'AlreadyExists';
  invariant(isThere, `Envoy Gateway cannot be installed: ${JSON.stringify(answer)}`);
}
