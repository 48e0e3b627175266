/** The DNS add-on's side of the API: the view that answers are made from, and the objects that kubeadm installs. */
import { endpointSlices, namespaces, services } from '../../api/types/resources.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ControllerContext } from '../../client/client.ts';
import { answerQuestion } from './zone.ts';
import type { ZoneView } from './zone-view.ts';

/** The name under which the server's process asks. */
export const dnsHostService = 'dns/kubernetes';

/** What CoreDNS watches, and answers as JSON for the process that serves them. Source: coredns/plugin/kubernetes/controller.go. */
export function createDnsAnswerer(
  context: ControllerContext,
  nowMs: () => number,
  outsideAddress: (name: string) => string | undefined,
): (question: JsonValue) => JsonValue {
  const serviceInformer = context.informers.informer(services);
  const sliceInformer = context.informers.informer(endpointSlices);
  const namespaceInformer = context.informers.informer(namespaces);
  const view: ZoneView = {
    hasNamespace: (name) => namespaceInformer.get('', name) !== undefined,
    service: (namespace, name) => serviceInformer.get(namespace, name),
    services: () => serviceInformer.list(),
    slicesOf: (namespace, service) =>
      sliceInformer
        .list(namespace)
        .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service),
    slices: () => sliceInformer.list(),
    dnsAddress: () => serviceInformer.get('kube-system', 'kube-dns')?.spec?.clusterIP,
    outsideAddress,
    nowSeconds: () => Math.floor(nowMs() / 1000),
  };
  return (question) => {
    if (!isJsonObject(question)) return null;
    const { rcode, authoritative, answers, authorities, additionals } = answerQuestion(view, {
      name: String(question.name),
      type: String(question.type),
    });
    return {
      rcode,
      authoritative,
      answers: answers.map((record) => ({ ...record })),
      authorities: authorities.map((record) => ({ ...record })),
      additionals: additionals.map((record) => ({ ...record })),
    };
  };
}

const labels = { 'k8s-app': 'kube-dns' };

/** Service kube-dns as kubeadm makes it. Source: cmd/kubeadm/app/phases/addons/dns/manifests.go. */
export function kubeDnsService(clusterIP: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
      selector: labels,
    },
  };
}

/** Deployment coredns, without the volume of its Corefile. Source: as above. */
export function corednsDeployment(): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system', labels },
    spec: {
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: labels },
      template: corednsPodTemplate(),
    },
  };
}

function corednsPodTemplate(): JsonObject {
  return {
    metadata: { labels },
    spec: {
      priorityClassName: 'system-cluster-critical',
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                labelSelector: {
                  matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }],
                },
                topologyKey: 'kubernetes.io/hostname',
              },
            },
          ],
        },
      },
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      dnsPolicy: 'Default',
      containers: [
        {
          name: 'coredns',
          image: corednsImage,
          imagePullPolicy: 'IfNotPresent',
          resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
          args: ['-conf', '/etc/coredns/Corefile'],
          ports: [
            { containerPort: 53, name: 'dns', protocol: 'UDP' },
            { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
            { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
            { containerPort: 8080, name: 'liveness-probe', protocol: 'TCP' },
            { containerPort: 8181, name: 'readiness-probe', protocol: 'TCP' },
          ],
          livenessProbe: {
            httpGet: { path: '/health', port: 'liveness-probe', scheme: 'HTTP' },
            initialDelaySeconds: 60,
            timeoutSeconds: 5,
            successThreshold: 1,
            failureThreshold: 5,
          },
          readinessProbe: { httpGet: { path: '/ready', port: 'readiness-probe', scheme: 'HTTP' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

/** The image that kubeadm of this release installs. */
export const corednsImage = 'registry.k8s.io/coredns/coredns:v1.14.2';
