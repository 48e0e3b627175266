/**
 * Envoy's access log as Envoy Gateway configures it: JSON with its keys in order, null for what there is not.
 * Source: envoyproxy/gateway, internal/xds/translator/accesslog.go; envoyproxy/envoy, docs access_log/usage.
 */
import type { JsonValue } from '../../base/json.ts';
import { type HttpRequest, type HttpResponse, header } from '../http/message.ts';
import type { Connection } from './frame.ts';

/** One request with what became of it. */
export interface Visit {
  readonly request: HttpRequest;
  readonly connection: Connection;
  readonly response: HttpResponse;
  readonly startedMs: number;
  readonly tookMs: number;
  readonly requestId: string;
  readonly clientAddress: string;
  readonly serverName: string | undefined;
  readonly flags: string;
  readonly details: string;
  readonly route: string;
  readonly cluster: string;
  /** `address:port` of the endpoint that was asked. */
  readonly upstreamHost: string | undefined;
}

/** The line. */
export function describeVisit(visit: Visit): string {
  const { request, connection, response } = visit;
  const field = (name: string): JsonValue => header(request.headers, name) ?? null;
  const forwarded = header(request.headers, 'x-forwarded-for');
  const transport = /delayed_connect_error/.test(visit.details)
    ? visit.details.replace(/^.*\|(.*)\}$/, '$1').replace('error:_', 'error: ')
    : null;
  const { local, peer } = connection;
  const line = {
    ':authority': field('host'),
    bytes_received: request.body.length,
    bytes_sent: request.method === 'HEAD' ? 0 : response.body.length,
    connection_termination_details: null,
    downstream_local_address: `${local.address}:${local.port}`,
    downstream_remote_address: `${peer.address}:${peer.port}`,
    duration: visit.tookMs,
    method: request.method,
    protocol: request.version,
    requested_server_name: visit.serverName ?? null,
    response_code: response.status,
    response_code_details: visit.details,
    response_flags: visit.flags,
    route_name: visit.route === '-' ? null : visit.route,
    start_time: new Date(visit.startedMs).toISOString(),
    upstream_cluster: visit.cluster === '' ? null : visit.cluster,
    upstream_host: visit.upstreamHost ?? null,
    upstream_local_address: null,
    upstream_transport_failure_reason: transport,
    'user-agent': field('user-agent'),
    'x-envoy-origin-path': request.target,
    'x-envoy-upstream-service-time': null,
    'x-forwarded-for': forwarded === undefined ? visit.clientAddress : `${forwarded},${visit.clientAddress}`,
    'x-request-id': visit.requestId,
  };
  return `${JSON.stringify(line)}\n`;
}
