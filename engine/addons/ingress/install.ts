/**
 * ingress-nginx as its manifest for clouds installs it, without the admission webhook.
 * Source: ingress-nginx, deploy/static/provider/cloud/deploy.yaml.
 */
import {
  configMaps,
  deployments,
  ingressClasses,
  namespaces,
  type Resource,
  serviceAccounts,
  services,
} from '../../api/types/resources.ts';
import type { JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import type { Client } from '../../client/client.ts';

const namespace = 'ingress-nginx';
const name = 'ingress-nginx-controller';
const image = 'registry.k8s.io/ingress-nginx/controller:v1.14.1';

const selector = {
  'app.kubernetes.io/component': 'controller',
  'app.kubernetes.io/instance': 'ingress-nginx',
  'app.kubernetes.io/name': 'ingress-nginx',
};
const labels = {
  ...selector,
  'app.kubernetes.io/part-of': 'ingress-nginx',
  'app.kubernetes.io/version': '1.14.1',
};

/** Creates what is not there yet, as `kubectl apply` of the manifest does; the controller serves once the cluster has settled. */
export function installIngressNginx(client: Client): void {
  create(client, namespaces, '', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { 'app.kubernetes.io/instance': namespace, 'app.kubernetes.io/name': namespace },
    },
  });
  create(client, serviceAccounts, namespace, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'ingress-nginx', namespace, labels },
    automountServiceAccountToken: true,
  });
  create(client, configMaps, namespace, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
  });
  create(client, services, namespace, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [
        { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
        { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
      ],
      selector,
    },
  });
  create(client, deployments, namespace, deployment());
  create(client, ingressClasses, '', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx', labels },
    spec: { controller: 'k8s.io/ingress-nginx' },
  });
}

function deployment(): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          dnsPolicy: 'ClusterFirst',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          serviceAccountName: 'ingress-nginx',
          terminationGracePeriodSeconds: 300,
          containers: [container()],
        },
      },
    },
  };
}

function container(): JsonObject {
  const probe = {
    httpGet: { path: '/healthz', port: 10254, scheme: 'HTTP' },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
  };
  return {
    name: 'controller',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      '/nginx-ingress-controller',
      `--publish-service=$(POD_NAMESPACE)/${name}`,
      '--election-id=ingress-nginx-leader',
      '--controller-class=k8s.io/ingress-nginx',
      '--ingress-class=nginx',
      `--configmap=$(POD_NAMESPACE)/${name}`,
    ],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ],
    ports: [
      { name: 'http', containerPort: 80, protocol: 'TCP' },
      { name: 'https', containerPort: 443, protocol: 'TCP' },
    ],
    livenessProbe: { ...probe, failureThreshold: 5 },
    readinessProbe: { ...probe, failureThreshold: 3 },
    resources: { requests: { cpu: '100m', memory: '90Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      runAsNonRoot: true,
      runAsUser: 101,
    },
  };
}

function create<T>(client: Client, resource: Resource<T>, inNamespace: string, object: JsonObject): void {
  const made = client.create(resource, inNamespace, object);
  const isThere = made.ok || made.error.reason === 'AlreadyExists';
  invariant(isThere, `ingress-nginx cannot be installed: ${JSON.stringify(made)}`);
}
