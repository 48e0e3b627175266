/**
 * What Envoy Gateway makes for a Gateway in its own namespace: the proxies, their account and their Service.
 * Source: envoyproxy/gateway, internal/infrastructure/kubernetes/proxy/resource_provider.go with its testdata.
 * Left out: certificates of the connection to the control plane, the bootstrap configuration, preStop hooks (a proxy that is
 * told to end does so at once), autoscaling and disruption budgets.
 */
import { createHash } from 'node:crypto';
import { number, struct, structs, text, textMap } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import { containerPortOf } from './listeners.ts';
import { requestedAddresses } from './translate.ts';

/** Where Envoy Gateway lives, with all that it makes. */
export const systemNamespace = 'envoy-gateway-system';
/** The image of the control plane. */
export const gatewayImage = 'docker.io/envoyproxy/gateway:v1.8.1';
/** The image of the proxies. */
const envoyImage = 'docker.io/envoyproxy/envoy:distroless-v1.38.1';

/** Labels that name the Gateway of a proxy. */
export const owningLabels = {
  name: 'gateway.envoyproxy.io/owning-gateway-name',
  namespace: 'gateway.envoyproxy.io/owning-gateway-namespace',
} as const;

/** The name of a Gateway's proxies: `envoy-default-eg-e41e7b31`. Source: internal/utils, GetHashedName. */
export function proxyNameOf(gateway: JsonObject): string {
  const metadata = struct(gateway, 'metadata');
  const key = `${text(metadata, 'namespace')}/${text(metadata, 'name')}`;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  // The whole has to be a label: at most 63 letters.
  return `envoy-${key.replace('/', '-').slice(0, 48).replace(/-$/, '')}-${hash}`;
}

function labelsOf(gateway: JsonObject): Readonly<Record<string, string>> {
  const metadata = struct(gateway, 'metadata');
  return {
    'app.kubernetes.io/component': 'proxy',
    'app.kubernetes.io/managed-by': 'envoy-gateway',
    'app.kubernetes.io/name': 'envoy',
    [owningLabels.name]: text(metadata, 'name'),
    [owningLabels.namespace]: text(metadata, 'namespace'),
  };
}

function metadataOf(gateway: JsonObject): JsonObject {
  const wanted = struct(struct(gateway, 'spec'), 'infrastructure');
  const annotations = Object.fromEntries(textMap(wanted, 'annotations'));
  return {
    name: proxyNameOf(gateway),
    namespace: systemNamespace,
    labels: { ...Object.fromEntries(textMap(wanted, 'labels')), ...labelsOf(gateway) },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** The account of the proxies. */
export function proxyAccount(gateway: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadataOf(gateway) };
}

/** The Service of the proxies; one without ports can't be, so there is none for a Gateway that serves no listener. */
export function proxyService(gateway: JsonObject, ready: readonly string[]): JsonObject | undefined {
  const ports = new Map<string, JsonObject>();
  for (const listener of structs(struct(gateway, 'spec'), 'listeners')) {
    const port = number(listener, 'port') ?? 0;
    const protocol = text(listener, 'protocol');
    if (!ready.includes(text(listener, 'name'))) continue;
    const layer4 = protocol === 'UDP' ? 'UDP' : 'TCP';
    const key = `${layer4}/${port}`;
    const entry = {
      name: `${protocol.toLowerCase()}-${port}`,
      port,
      protocol: layer4,
      targetPort: containerPortOf(port),
    };
    if (!ports.has(key)) ports.set(key, entry);
  }
  if (ports.size === 0) return undefined;
  const externalIPs = requestedAddresses(struct(gateway, 'spec'));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(gateway),
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      sessionAffinity: 'None',
      selector: labelsOf(gateway),
      ports: [...ports.values()],
      ...(externalIPs.length === 0 ? {} : { externalIPs }),
    },
  };
}

/** The proxies. */
export function proxyDeployment(gateway: JsonObject): JsonObject {
  const metadata = metadataOf(gateway);
  const owner = struct(gateway, 'metadata');
  const probe = (path: string, port: number) => ({ httpGet: { path, port, scheme: 'HTTP' } });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: labelsOf(gateway) },
      strategy: { type: 'RollingUpdate' },
      template: {
        metadata: {
          labels: struct(metadata, 'labels'),
          annotations: {
            ...struct(metadata, 'annotations'),
            'prometheus.io/path': '/stats/prometheus',
            'prometheus.io/port': '19001',
            'prometheus.io/scrape': 'true',
          },
        },
        spec: {
          serviceAccountName: proxyNameOf(gateway),
          terminationGracePeriodSeconds: 360,
          containers: [
            {
              name: 'envoy',
              image: envoyImage,
              imagePullPolicy: 'IfNotPresent',
              command: ['envoy'],
              args: [
                `--service-cluster ${text(owner, 'namespace')}/${text(owner, 'name')}`,
                '--service-node $(ENVOY_POD_NAME)',
                '--log-level warn',
                '--cpuset-threads',
                '--drain-strategy immediate',
                '--drain-time-s 60',
              ],
              env: environment,
              ports: [
                { name: 'metrics', containerPort: 19001, protocol: 'TCP' },
                { name: 'readiness', containerPort: 19003, protocol: 'TCP' },
              ],
              startupProbe: { ...probe('/ready', 19003), periodSeconds: 10, failureThreshold: 30 },
              livenessProbe: { ...probe('/ready', 19003), periodSeconds: 10, failureThreshold: 3 },
              readinessProbe: { ...probe('/ready', 19003), periodSeconds: 5, failureThreshold: 1 },
              resources: { requests: { cpu: '100m', memory: '512Mi' } },
              securityContext,
            },
            {
              name: 'shutdown-manager',
              image: gatewayImage,
              imagePullPolicy: 'IfNotPresent',
              command: ['envoy-gateway'],
              args: ['envoy', 'shutdown-manager'],
              env: environment,
              startupProbe: { ...probe('/healthz', 19002), periodSeconds: 10, failureThreshold: 30 },
              livenessProbe: { ...probe('/healthz', 19002), periodSeconds: 10, failureThreshold: 3 },
              readinessProbe: { ...probe('/healthz', 19002), periodSeconds: 10, failureThreshold: 3 },
              resources: { requests: { cpu: '10m', memory: '32Mi' } },
              securityContext,
            },
          ],
        },
      },
    },
  };
}

const environment: readonly JsonObject[] = [
  { name: 'ENVOY_GATEWAY_NAMESPACE', value: systemNamespace },
  { name: 'ENVOY_POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
];

const securityContext: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  runAsGroup: 65_532,
  runAsNonRoot: true,
  runAsUser: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
};
