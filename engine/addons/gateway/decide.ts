/**
 * What a Gateway's proxy does with a request: the rule that takes it, the answer that it gives itself, or whom it asks and
 * with which header fields. Fields have the names and the order that Envoy gives them.
 * Source: envoyproxy/gateway, internal/gatewayapi/{listener,route}.go, internal/xds/translator/{listener,route}.go;
 * envoyproxy/envoy, source/common/http/conn_manager_utility.cc.
 * Differs: behind TLS too the Host field chooses the listener; the name that TLS asked for only chooses the certificate.
 */

import type { Fields, ForwardDecision, ProxiedRequest } from '../proxied-request.ts';
import type {
  Backend,
  GatewayConfiguration,
  ListenerConfiguration,
  Mirror,
  RouteEntry,
} from './configuration.ts';
import { noHeaderChange } from './configuration.ts';
import { answerCors } from './cors.ts';
import { changeHeaders, joinChanges, locationOf, modifyPath, normalizePath } from './rewrite.ts';
import { findListener, findRoute } from './router.ts';

/** A request as Envoy tells of it. */
export interface RequestFacts extends ProxiedRequest {
  readonly requestId: string;
}

/** See `engine/programs/proxy/action.ts`: what the program carries out, with copies to send and what the log says. */
export interface Verdict {
  readonly action: Respond | ForwardDecision;
  readonly mirrors: readonly ForwardDecision[];
  /** Envoy's short words and details of why. */
  readonly flags: string;
  readonly details: string;
  readonly route: string;
  readonly cluster: string;
}

type Respond = {
  readonly kind: 'respond';
  readonly status: number;
  readonly headers: Fields;
  readonly body: string;
};

/** Source: envoyproxy/gateway, internal/xds/translator/cluster.go (tcpClusterPerEndpointConnectTimeout). */
const connectTimeoutMs = 10_000;
/** As good as for ever: a day. */
const endlessMs = 86_400_000;

/** Decides about a request. */
export function decide(configuration: GatewayConfiguration, facts: RequestFacts): Verdict {
  const listeners = configuration.listeners.filter(
    ({ containerPort, protocol }) =>
      containerPort === facts.localPort && (protocol === 'HTTP' || protocol === 'HTTPS'),
  );
  const [targetPath = '/', ...rest] = facts.target.split('?');
  const query = rest.length === 0 ? '' : `?${rest.join('?')}`;
  // Escaped slashes would hide path elements: the client is sent to where they are seen.
  if (/%2f|%5c/i.test(targetPath)) {
    const location = normalizePath(targetPath.replace(/%2f/gi, '/').replace(/%5c/gi, '\\'));
    return own(307, [['location', `${location}${query}`]], '', 'path_normalization_failed');
  }
  const path = normalizePath(targetPath);
  const listener = findListener(listeners, facts.host);
  const request = {
    host: facts.host,
    method: facts.method,
    path,
    query: new URLSearchParams(query),
    headers: facts.headers,
  };
  const entry = listener === undefined ? undefined : findRoute(listener, request);
  if (listener === undefined || entry === undefined) return own(404, [], 'NR', 'route_not_found');
  const route = `${entry.kind.toLowerCase()}/${entry.namespace}/${entry.name}/rule/${entry.rule}/match/${entry.match}/${entry.hostname.replaceAll('.', '_')}`;
  if (entry.problem !== undefined) return own(500, [], '', 'direct_response', route);
  const { cors } = entry.filters;
  const allowed = cors === undefined ? undefined : answerCors(cors, facts.method, facts.headers);
  if (allowed?.isPreflight === true) return own(200, allowed.fields, '', 'direct_response', route);
  const verdict = carryOut(facts, entry, { listener, path, query, route });
  return allowed === undefined ? verdict : withFields(verdict, allowed.fields);
}

/** What the rule that took a request does with it. */
function carryOut(
  facts: RequestFacts,
  entry: RouteEntry,
  {
    listener,
    path,
    query,
    route,
  }: {
    readonly listener: ListenerConfiguration;
    readonly path: string;
    readonly query: string;
    readonly route: string;
  },
): Verdict {
  const { redirect } = entry.filters;
  if (redirect !== undefined) {
    const { scheme, host } = facts;
    const match = entry.matcher.path;
    const location = locationOf(redirect, { scheme, host, port: listener.port, path, query, match });
    const headers = changeHeaders([['location', location]], entry.filters.response);
    return own(redirect.status, headers, '', 'direct_response', route);
  }
  const backend = chooseBackend(entry.backends, facts.chance);
  if (backend === undefined || backend.problem !== undefined)
    return own(500, changeHeaders([], entry.filters.response), '', 'direct_response', route);
  if (backend.endpoints.length === 0) {
    const verdict = own(503, [['content-type', 'text/plain']], 'UH', 'no_healthy_upstream', route);
    return { ...verdict, action: { ...verdict.action, body: 'no healthy upstream' } };
  }
  const action = forwardTo(facts, entry, backend, `${path}${query}`);
  const mirrors = entry.filters.mirrors
    .filter((mirror) => isMirrored(mirror, facts.chance))
    .map((mirror) => mirrorOf(action, mirror.backend));
  return { action, mirrors, flags: '-', details: 'via_upstream', route, cluster: clusterName(entry) };
}

/** The answer with fields that replace those of the same names. */
function withFields(verdict: Verdict, fields: Fields): Verdict {
  const { action } = verdict;
  if (action.kind === 'respond')
    return { ...verdict, action: { ...action, headers: [...action.headers, ...fields] } };
  const hiddenHeaders = [...action.hiddenHeaders, ...fields.map(([name]) => name)];
  const addedHeaders = [...action.addedHeaders, ...fields];
  return { ...verdict, action: { ...action, hiddenHeaders, addedHeaders } };
}

function own(
  status: number,
  headers: Fields,
  flags: string,
  details: string,
  route = '-',
): Verdict & { readonly action: Respond } {
  const action: Respond = { kind: 'respond', status, headers, body: '' };
  return { action, mirrors: [], flags: flags || '-', details, route, cluster: '' };
}

/**
 * The backend whose share of the weights a number in [0, 1) falls into; undefined when nobody has any. Those that can't be
 * asked keep their share. Source: Gateway API, HTTPRouteRule.backendRefs.
 */
export function chooseBackend(backends: readonly Backend[], chance: number): Backend | undefined {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  let left = chance * total;
  return backends.find(({ weight }) => {
    left -= weight;
    return weight > 0 && left < 0;
  });
}

function isMirrored({ backend, fraction }: Mirror, chance: number): boolean {
  // Another part of the same number, so that the choice of a backend says nothing about it.
  return backend.endpoints.length > 0 && (chance * 1_000_003) % 1 < fraction;
}

function forwardTo(
  facts: RequestFacts,
  entry: RouteEntry,
  backend: Backend,
  target: string,
): ForwardDecision {
  const { filters } = entry;
  const rewrite = { ...filters.rewrite, ...backend.filters?.rewrite };
  const [path = '/', ...query] = target.split('?');
  const newPath = modifyPath(path, rewrite.path, entry.matcher.path);
  const hostField = facts.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? facts.host;
  const before = facts.headers
    .filter(([name]) => !ownFields.test(name))
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  const forwardedFor = facts.headers.filter(([name]) => name.toLowerCase() === 'x-forwarded-for');
  const length = facts.headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const head: Fields = [
    ['host', rewrite.hostname ?? hostField],
    ...before,
    ...(length || facts.bodyBytes > 0 ? [['content-length', String(facts.bodyBytes)] as const] : []),
    ['x-forwarded-for', [...forwardedFor.map(([, value]) => value), facts.clientAddress].join(',')],
    ['x-forwarded-proto', facts.scheme],
    ['x-envoy-external-address', facts.clientAddress],
    ['x-request-id', facts.requestId],
    ...(rewrite.hostname === undefined ? [] : [['x-forwarded-host', hostField] as const]),
  ];
  const change = joinChanges(filters.request, backend.filters?.request);
  const answerChange = joinChanges(filters.response, backend.filters?.response);
  return {
    kind: 'forward',
    upstream: `${backend.namespace}/${backend.name}:${backend.port}`,
    endpoints: backend.endpoints,
    // Of two that are chosen by chance the one with fewer requests, and none has any.
    first: Math.floor(((facts.chance * 7919) % 1) * backend.endpoints.length),
    tries: 1,
    secure: false,
    method: facts.method,
    target: query.length === 0 ? newPath : `${newPath}?${query.join('?')}`,
    headers: changeHeaders(head, change),
    connectTimeoutMs,
    readTimeoutMs: entry.timeoutMs === 0 ? endlessMs : entry.timeoutMs,
    hiddenHeaders: [...answerChange.remove, ...answerChange.set.map(([name]) => name)].map((name) =>
      name.toLowerCase(),
    ),
    addedHeaders: changeHeaders([], { ...answerChange, remove: noHeaderChange.remove }),
  };
}

/** Fields that the proxy writes itself, or that concern one connection only. */
const ownFields =
  /^(?:host|content-length|x-forwarded-for|x-forwarded-proto|x-forwarded-host|x-envoy-external-address|x-request-id|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/** Source: envoyproxy/gateway, internal/gatewayapi/helpers.go (irRouteDestinationName). */
function clusterName({ kind, namespace, name, rule }: RouteEntry): string {
  return `${kind.toLowerCase()}/${namespace}/${name}/rule/${rule}`;
}

/** The copy says that it is one. Source: envoy, RouteAction.request_mirror_policies. */
function mirrorOf(action: ForwardDecision, backend: Backend): ForwardDecision {
  const headers = action.headers.map(([name, value]) =>
    name === 'host' ? ([name, value.replace(/^([^:]*)/, '$1-shadow')] as const) : ([name, value] as const),
  );
  const upstream = `${backend.namespace}/${backend.name}:${backend.port}`;
  return { ...action, upstream, endpoints: backend.endpoints, first: 0, headers };
}
