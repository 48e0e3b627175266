/**
 * /healthz, /livez and /readyz: what the server checks before it says `ok`. All of it holds as soon as there is a server, so
 * that the checks only have names. Source: k8s.io/apiserver/pkg/server/healthz; the names and their order from
 * kube-apiserver v1.36.0.
 */
import type { ApiRequest } from '../../api/request.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { queryValue } from './server-context.ts';

const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((name) => `poststarthook/${name}`);
const lastHooks = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller'].map(
  (name) => `poststarthook/${name}`,
);
const shared = [...hooks, 'autoregister-completion', ...lastHooks];

/** The checks of each path. */
const checks: ReadonlyMap<string, readonly string[]> = new Map([
  ['healthz', ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...shared]],
  ['livez', ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...shared]],
  ['readyz', ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...shared, 'shutdown']],
]);

/** What a path says: all checks, or the one that follows it. Undefined when there is no such check. */
export function describeHealth(request: ApiRequest, path: string): string | undefined {
  const [root = '', ...rest] = path.split('/');
  const names = checks.get(root) ?? [];
  if (rest.length > 0) return names.includes(rest.join('/')) ? 'ok' : undefined;
  if (queryValue(request, 'verbose') === undefined) return 'ok';
  const excluded = (request.query ?? []).filter(([name]) => name === 'exclude').map(([, value]) => value);
  const unknown = excluded.filter((name) => !names.includes(name)).toSorted(compareKeys);
  const lines = names.map((name) => `[+]${name}${excluded.includes(name) ? ' excluded:' : ''} ok`);
  if (unknown.length > 0) {
    const list = unknown.map((name) => JSON.stringify(name)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${list}`);
  }
  return `${[...lines, `${root} check passed`].join('\n')}\n`;
}
