/**
 * Gives every namespace what Pods in it count on: the ServiceAccount `default` and the certificate of the API server.
 * Source: pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher.
 */
import { configMaps, namespaces, serviceAccounts } from '../../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';

const configMapName = 'kube-root-ca.crt';

/** Starts both controllers. `caCertificate` is PEM text. */
export function createServiceAccountController(context: ControllerContext, caCertificate: string): void {
  const namespaceInformer = context.informers.informer(namespaces);
  const accounts = context.informers.informer(serviceAccounts);
  const maps = context.informers.informer(configMaps);
  const queue = context.workqueue('serviceaccount', (key) => reconcile(key));

  namespaceInformer.onChange(({ after }) => {
    if (after !== undefined) queue.add(after.metadata.name);
  });
  accounts.onChange(({ before, after }) => {
    if (after === undefined && before?.metadata.name === 'default')
      queue.add(before.metadata.namespace ?? '');
  });
  maps.onChange(({ before, after }) => {
    const map = after ?? before;
    if (map?.metadata.name === configMapName) queue.add(map.metadata.namespace ?? '');
  });

  function reconcile(name: string): ReconcileOutcome {
    const namespace = namespaceInformer.get('', name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return 'done';
    if (accounts.get(name, 'default') === undefined) {
      context.client.create(serviceAccounts, name, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: name },
      });
    }
    publishCertificate(name);
    return 'done';
  }

  function publishCertificate(namespace: string): void {
    const data = { 'ca.crt': caCertificate };
    const existing = maps.get(namespace, configMapName);
    if (existing === undefined) {
      const description =
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
      context.client.create(configMaps, namespace, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: configMapName,
          namespace,
          annotations: { 'kubernetes.io/description': description },
        },
        data,
      });
      return;
    }
    if (existing.data?.['ca.crt'] !== caCertificate) {
      context.client.update(configMaps, { ...existing, data });
    }
  }
}
