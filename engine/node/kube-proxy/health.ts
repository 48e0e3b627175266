/**
 * What kube-proxy tells about its health: on port 10256 about itself and its node, on each healthCheckNodePort about the
 * endpoints of one Service on this node, and on 127.0.0.1:10249 in which mode it runs.
 * Left out: /metrics, /configz, /statusz and /flagz of port 10249.
 * Source: pkg/proxy/healthcheck (proxy_health.go, service_health.go), serveMetrics in cmd/kube-proxy/app, Kubernetes v1.36;
 * KEP-3836 for nodes that are about to be deleted.
 */
import type { Node } from '../../api/types/kinds.ts';

/** The port of /healthz and /livez. Source: ProxyHealthzPort in pkg/cluster/ports. */
export const healthzPort = 10256;
/** The port for people on the node. Source: ProxyStatusPort in pkg/cluster/ports. */
export const statusPort = 10249;

/** A response as the program writes it. */
export type HealthAnswer = {
  readonly status: number;
  /** In the order in which Go writes them. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
};

/** What is told about. */
export interface ProxyHealth {
  readonly nowMs: number;
  /** When rules were last written; undefined before the first time. */
  readonly lastUpdatedMs: number | undefined;
  /** The same of the proxier for IPv6, for which nothing changes. */
  readonly lastUpdatedIPv6Ms: number | undefined;
  /** Since when changes wait for their rules. */
  readonly pendingSinceMs: number | undefined;
  readonly node: Node | undefined;
}

/** A Service with externalTrafficPolicy Local, and how many ready endpoints it has on this node. */
export interface ServiceHealth {
  readonly namespace: string;
  readonly name: string;
  readonly localEndpoints: number;
}

/** Changes that wait longer make the proxy unhealthy. Source: two iptables.syncPeriod, in cmd/kube-proxy/app. */
const healthTimeoutMs = 60_000;
/** Source: ToBeDeletedTaint, which the cluster autoscaler sets. */
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

const plain = ['Content-Type', 'text/plain; charset=utf-8'] as const;
const json = ['Content-Type', 'application/json'] as const;
const noSniff = ['X-Content-Type-Options', 'nosniff'] as const;

/** Whether the proxy keeps up with changes. */
function isHealthy({ nowMs, lastUpdatedMs, pendingSinceMs }: ProxyHealth): boolean {
  if (lastUpdatedMs === undefined || pendingSinceMs === undefined) return true;
  return nowMs - pendingSinceMs < healthTimeoutMs;
}

/** Whether the node should get new connections from outside: not when it is about to go. */
function isNodeEligible(node: Node | undefined): boolean {
  if (node === undefined || node.metadata.deletionTimestamp !== undefined) return false;
  return !(node.spec?.taints ?? []).some(({ key }) => key === toBeDeletedTaint);
}

/** The answer of port 10256 to a path. */
export function answerHealthz(path: string, health: ProxyHealth): HealthAnswer {
  if (path !== '/healthz' && path !== '/livez') return notFound;
  const healthy = isHealthy(health);
  const nodeEligible = isNodeEligible(health.node);
  const isGood = healthy && (path === '/livez' || nodeEligible);
  const updated = goTime(health.lastUpdatedMs);
  const status = {
    IPv4: { lastUpdated: updated, healthy },
    IPv6: { lastUpdated: goTime(health.lastUpdatedIPv6Ms), healthy: true },
  };
  const body = JSON.stringify({
    lastUpdated: isGood ? goTime(health.nowMs) : updated,
    currentTime: goTime(health.nowMs),
    ...(path === '/livez' ? {} : { nodeEligible }),
    healthy,
    ...(health.lastUpdatedMs === undefined ? {} : { status }),
  });
  return { status: isGood ? 200 : 503, headers: [json, noSniff], body };
}

/** The answer of a healthCheckNodePort, to any path; empty when its Service is gone. */
export function answerServiceHealth(service: ServiceHealth | undefined, health: ProxyHealth): HealthAnswer {
  if (service === undefined) return { status: 200, headers: [], body: '' };
  const { namespace, name, localEndpoints } = service;
  const healthy = isHealthy(health);
  const weight = ['X-Load-Balancing-Endpoint-Weight', String(localEndpoints)] as const;
  const body = `{
\t"service": {
\t\t"namespace": "${namespace}",
\t\t"name": "${name}"
\t},
\t"localEndpoints": ${localEndpoints},
\t"serviceProxyHealthy": ${healthy}
}`;
  const isGood = localEndpoints > 0 && healthy;
  return { status: isGood ? 200 : 503, headers: [json, noSniff, weight], body };
}

/** The answer of port 10249 to a path. */
export function answerStatus(path: string): HealthAnswer {
  const words = path === '/proxyMode' ? 'iptables' : path === '/healthz' ? 'ok' : undefined;
  return words === undefined ? notFound : { status: 200, headers: [plain, noSniff], body: words };
}

/** Source: http.NotFound in Go. */
const notFound: HealthAnswer = { status: 404, headers: [plain, noSniff], body: '404 page not found\n' };

/** A moment as Go writes it in JSON: RFC 3339 with as many digits as it takes; the zero time for none. */
function goTime(ms: number | undefined): string {
  if (ms === undefined) return '0001-01-01T00:00:00Z';
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}
