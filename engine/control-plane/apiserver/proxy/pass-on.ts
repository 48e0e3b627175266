/**
 * `…/proxy/…`: passes a request on to a Pod, a Service's endpoint or a node, and its answer back. Source: ProxyREST of
 * pkg/registry/core, and k8s.io/apimachinery/pkg/util/proxy (upgradeaware.go, transport.go).
 *
 * Left out: upgrades to streams, answers that go on for ever, X-Forwarded-For, bodies that are no text.
 */
import type { BackendAnswer, BackendRequest } from '../../../api/proxied.ts';
import type { ApiRequest, ApiResponse, ProxiedExchange } from '../../../api/request.ts';
import { failure } from '../../../api/status.ts';
import { splitProxied } from '../request-target.ts';
import type { Call } from '../server-context.ts';
import { type BackendLocation, locateBackend } from './backend-location.ts';
import { type LinkRules, rewriteLinks, rewriteUrl } from './rewrite-links.ts';

/** The address that clients without a Host header of their own mean. Differs: it is that of the first cluster's server. */
const serverAddress = '172.18.0.2:6443';

/** Headers that are about one connection. Source: RFC 9110, 7.6.1, and net/http/httputil. */
const hopHeaders = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Of the client, what is made anew, or meant for the API server alone. */
const ownHeaders = new Set(['authorization', 'content-length', 'host', 'x-forwarded-uri']);
/** Who may read an answer is the API server's to say. Source: corsRemovingTransport. */
const removedHeaders = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
]);

/** Answers a call to `proxy`; `request` is the call's with its query. */
export function passOn(call: Call, request: ApiRequest): ApiResponse {
  const location = locateBackend(call);
  if (!location.ok) return { type: 'object', warnings: call.warnings, ...location.error };
  const rest = splitProxied(request.path)?.rest ?? '';
  return {
    type: 'proxied',
    code: 200,
    warnings: call.warnings,
    exchange:
      rest === '' && (request.method === 'GET' || request.method === 'HEAD')
        ? answered(redirect(request))
        : exchangeWith(call, location.value, { request, rest }),
  };
}

/** Relative links of a page need a path that ends in a slash. */
function redirect(request: ApiRequest): BackendAnswer {
  const location = `${escapePath(request.path)}/${formatQuery(request)}`;
  return { code: 301, headers: [['Location', location]], body: new Uint8Array() };
}

function exchangeWith(
  call: Call,
  location: BackendLocation,
  asked: { readonly request: ApiRequest; readonly rest: string },
): ProxiedExchange {
  const { isTls, address } = location;
  const port = location.port === '' ? (isTls ? 443 : 80) : Number(location.port);
  const problem = portProblem(location.port);
  if (problem !== undefined) return answered(unreachable(problem));
  const { reachBackend } = call.server;
  if (reachBackend === undefined) {
    return answered(unreachable(`dial tcp ${address}:${port}: connect: network is unreachable`));
  }
  const sent = backendRequest({ isTls, address, port }, asked);
  const exchange = reachBackend(sent);
  const rules: LinkRules = {
    prefix: asked.rest === '' ? asked.request.path : asked.request.path.slice(0, -asked.rest.length),
    backendHost: location.port === '' ? address : `${address}:${location.port}`,
    requestHost: hostOf(asked.request),
  };
  return {
    answer() {
      const outcome = exchange.outcome();
      if (outcome === undefined) return undefined;
      return outcome.ok ? withLinks(outcome.value, rules) : unreachable(outcome.error);
    },
    close: () => exchange.close(),
  };
}

/** Why Go's dialer does not even try; undefined for a port that it knows. */
function portProblem(port: string): string | undefined {
  if (port === '') return undefined;
  if (!/^\d+$/.test(port)) return `dial tcp: lookup tcp/${port}: unknown port`;
  return Number(port) > 65_535 ? `dial tcp: address ${port}: invalid port` : undefined;
}

function backendRequest(
  { isTls, address, port }: Pick<BackendRequest, 'isTls' | 'address' | 'port'>,
  { request, rest }: { readonly request: ApiRequest; readonly rest: string },
): BackendRequest {
  const body = bodyText(request);
  const kept = Object.entries(request.headers ?? {}).filter(
    ([name]) => !hopHeaders.has(name) && !ownHeaders.has(name),
  );
  const hasBody = body !== '' || request.method === 'POST' || request.method === 'PUT';
  return {
    isTls,
    address,
    port,
    method: request.method,
    target: `${escapePath(rest) || '/'}${formatQuery(request)}`,
    headers: [
      ['Host', hostOf(request)],
      ...kept.map(([name, value]) => [canonicalName(name), value] as const),
      ['X-Forwarded-Uri', escapePath(request.path)],
      ...(hasBody ? [['Content-Length', String(Buffer.byteLength(body))] as const] : []),
    ],
    body,
  };
}

function bodyText({ body }: ApiRequest): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function hostOf({ headers }: ApiRequest): string {
  return headers?.host ?? serverAddress;
}

/** As Go writes the name of a field: `X-Forwarded-Uri`. */
function canonicalName(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** A decoded path as it travels; a slash that was no separator has stayed escaped. */
function escapePath(path: string): string {
  return encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23').replaceAll('%252F', '%2F');
}

function formatQuery({ query = [] }: ApiRequest): string {
  if (query.length === 0) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of query) parameters.append(name, value);
  return `?${parameters.toString()}`;
}

function withLinks(answer: BackendAnswer, rules: LinkRules): BackendAnswer {
  const headers = answer.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopHeaders.has(lower) && !removedHeaders.has(lower) && lower !== 'content-length';
  });
  const fieldOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
  if (fieldOf('location') !== '') {
    return {
      ...answer,
      headers: headers.map(([name, value]) =>
        name.toLowerCase() === 'location' ? [name, rewriteUrl(value, rules)] : [name, value],
      ),
    };
  }
  const isPage = fieldOf('content-type').split(';', 1)[0]?.trim() === 'text/html';
  if (!isPage || fieldOf('content-encoding') !== '') return { ...answer, headers };
  const page = Buffer.from(answer.body).toString('utf8');
  return { ...answer, headers, body: Buffer.from(rewriteLinks(page, rules), 'utf8') };
}

function unreachable(why: string): BackendAnswer {
  const status = failure('ServiceUnavailable', `error trying to reach service: ${why}`);
  return {
    code: 503,
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(`${JSON.stringify(status)}\n`, 'utf8'),
  };
}

function answered(answer: BackendAnswer): ProxiedExchange {
  return { answer: () => answer, close() {} };
}
