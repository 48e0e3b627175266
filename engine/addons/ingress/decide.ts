/**
 * What ingress-nginx does with a request: which location takes it, what its annotations say before anybody is asked, whom it
 * asks and with which header fields. Phases come in nginx's order: size, redirects, source ranges, then the backend.
 * Source: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl, rootfs/etc/nginx/lua/{lua_ingress,balancer}.lua, lua/balancer/sticky.lua.
 */

import { compileGoRegexp } from '../../api/custom/go-regexp.ts';
import type { IngressBackend, Secret } from '../../api/types/kinds.ts';
import {
  cookieOf,
  type Fields,
  type ForwardDecision,
  fieldOf,
  type ProxiedRequest,
} from '../proxied-request.ts';
import type { Settings } from './annotations.ts';
import { type AnswerFacts, answerBefore, fillIn } from './answer-before.ts';
import { type Backend, type BackendView, findBackend } from './backends.ts';
import { judgeCanary } from './canary.ts';
import { corsFields } from './cors.ts';
import { type FoundRule, isRewritten, type PathRule } from './host-table.ts';
import type { Routes } from './routes.ts';

/** What a decision is made from. */
export interface DecisionView extends BackendView {
  readonly routes: Routes;
  /** `namespace/name` of the Service that requests without a rule go to; empty for the controller's own answer. */
  readonly defaultBackendService: string;
  /** Whether a host has a certificate of its own that fits. */
  hasCertificate(host: string): boolean;
  secret(namespace: string, name: string): Secret | undefined;
}

/** See `engine/programs/proxy/action.ts`: what the program carries out. */
export type Decision =
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers: Fields;
      /** Absent: nginx's own page. */
      readonly body?: string;
      readonly upstream: string;
    }
  | ForwardDecision;

/** Endpoints that are tried at most. Source: config.go, ProxyNextUpstreamTries. */
const maxTries = 3;
const defaultUpstream = 'upstream-default-backend';
/** What nginx keeps of an upstream's answer to itself. Source: ngx_http_proxy_module, proxy_hide_header. */
const hiddenHeaders = [
  'date',
  'server',
  'x-pad',
  'content-length',
  'connection',
  'keep-alive',
  'transfer-encoding',
];

/** Decides about one request. */
export function decide(view: DecisionView, request: ProxiedRequest): Decision {
  const host = view.routes.hostOf(request.host);
  const path = normalizePath(request.target);
  const found = view.routes.table(host).find(path);
  if (found === undefined) return toDefaultBackend(view, request);
  const { rule } = found;
  const { settings } = rule;
  const upstream = rule.backend === undefined ? defaultUpstream : nameOf(rule.namespace, rule.backend);
  const respond = (status: number, headers: Fields = []) => ({
    kind: 'respond' as const,
    status,
    headers: [...headers, ...strictTransport(view, request, host)],
    upstream,
  });
  const answer = answerBefore(settings, request, path, answerFacts(view, rule, host));
  if (answer !== undefined) {
    const own = respond(answer.status, answer.headers);
    return answer.status === 204 ? { ...own, body: '' } : own;
  }
  if (rule.backend === undefined) return toDefaultBackend(view, request);
  const hostField = fieldOf(request.headers, 'host') ?? request.host;
  const chosen = chooseCanary(rule, request) ?? { backend: rule.backend, settings };
  const backend = findBackend(view, rule.namespace, chosen.backend, settings.serviceUpstream);
  if (backend.endpoints.length === 0) return { ...respond(503), upstream: backend.upstream };
  const sticky = stickTo(settings, found, request, backend) ?? chooseByHash(settings, request, backend);
  return {
    kind: 'forward',
    upstream: backend.upstream,
    endpoints: backend.endpoints,
    ...(sticky === undefined ? {} : { first: sticky.first }),
    tries: settings.tries === 0 ? backend.endpoints.length : settings.tries,
    secure: settings.isSecureBackend,
    method: request.method,
    target: targetFor(found, path, request.target),
    headers: headersFor(settings, request, hostField),
    connectTimeoutMs: settings.connectTimeoutMs,
    readTimeoutMs: settings.readTimeoutMs,
    hiddenHeaders,
    addedHeaders: [
      ...(sticky?.headers ?? []),
      ...corsFields(settings.cors, request),
      ...strictTransport(view, request, host),
    ],
  };
}

/** What the controller's own answers to a rule's requests depend on. A Secret without namespace is of the Ingress's own. */
export function answerFacts(view: DecisionView, { namespace }: PathRule, host: string): AnswerFacts {
  return {
    hasCertificate: view.hasCertificate(host),
    secret(name) {
      const [first = '', second] = name.split('/');
      return second === undefined ? view.secret(namespace, first) : view.secret(first, second);
    },
  };
}

/** The controller's own 404, or the Service that stands in for it. */
function toDefaultBackend(view: DecisionView, request: ProxiedRequest): Decision {
  const none: Decision = { kind: 'respond', status: 404, headers: [], upstream: defaultUpstream };
  const [namespace = '', name] = view.defaultBackendService.split('/');
  if (name === undefined) return none;
  const port = view.service(namespace, name)?.spec?.ports?.[0]?.port;
  if (port === undefined) return none;
  const { endpoints } = findBackend(view, namespace, { service: { name, port: { number: port } } }, false);
  if (endpoints.length === 0) return none;
  return {
    kind: 'forward',
    upstream: defaultUpstream,
    endpoints,
    tries: maxTries,
    secure: false,
    method: request.method,
    target: request.target,
    headers: headersFor(undefined, request, fieldOf(request.headers, 'host') ?? ''),
    connectTimeoutMs: 5000,
    readTimeoutMs: 60_000,
    hiddenHeaders,
    addedHeaders: [],
  };
}

function nameOf(namespace: string, { service }: IngressBackend): string {
  return `${namespace}-${service?.name ?? ''}-${service?.port?.name ?? service?.port?.number ?? ''}`;
}

/**
 * The path as nginx compares it: decoded, without repeated slashes and dot segments.
 * Source: ngx_http_core_module, merge_slashes; ngx_http_parse_complex_uri.
 */
export function normalizePath(target: string): string {
  let path = target.split('?', 1)[0] ?? '/';
  if (path.includes('%')) {
    try {
      path = decodeURIComponent(path);
    } catch {
      // What can't be decoded is compared as it stands.
    }
  }
  if (!path.includes('//') && !path.includes('/.')) return path;
  const kept: string[] = [];
  const parts = path.split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') kept.pop();
    if (part === '..' || part === '.' || (part === '' && !isLast)) {
      if (isLast) kept.push('');
    } else kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** HSTS, told where a certificate of the host's own was shown. Source: config.go, HSTS. */
function strictTransport(view: DecisionView, request: ProxiedRequest, host: string): Fields {
  return request.scheme === 'https' && view.hasCertificate(host)
    ? [['Strict-Transport-Security', 'max-age=31536000; includeSubDomains']]
    : [];
}

/** The canary that takes a request over, if it does; one per path. */
function chooseCanary(rule: PathRule, request: ProxiedRequest): PathRule['canaries'][number] | undefined {
  const [first] = rule.canaries;
  const canary = first?.settings.canary;
  if (canary === undefined) return undefined;
  return judgeCanary(canary, request.headers, request.chance).takes ? first : undefined;
}

/** The endpoint that a cookie stands for, and the cookie for who has none yet. Source: balancer/sticky.lua. */
function stickTo(
  settings: Settings,
  { location }: FoundRule,
  request: ProxiedRequest,
  { upstream, endpoints }: Backend,
): { readonly first: number; readonly headers: Fields } | undefined {
  const { affinity } = settings;
  if (affinity === undefined) return undefined;
  const own = hash(upstream).repeat(4);
  const cookie = cookieOf(request.headers, affinity.cookie);
  const [key = '', of] = (cookie ?? '').split('|');
  if (key !== '' && of === own) return { first: strongest(key, endpoints), headers: [] };
  const made = `${Math.floor(request.chance * 1e10)}.${hash(`${request.chance}${request.clientAddress}`)}`;
  const parts = [
    `${affinity.cookie}=${made}|${own}`,
    ...(affinity.maxAge === undefined ? [] : [`Max-Age=${affinity.maxAge}`]),
    `Path=${affinity.path || location}`,
    ...(request.scheme === 'https' ? ['Secure'] : []),
    'HttpOnly',
  ];
  return { first: strongest(made, endpoints), headers: [['Set-Cookie', parts.join('; ')]] };
}

/** The endpoint that stands for what upstream-hash-by names. Source: balancer/chash.lua. */
function chooseByHash(
  { hashBy }: Settings,
  request: ProxiedRequest,
  { endpoints }: Backend,
): { readonly first: number; readonly headers: Fields } | undefined {
  if (hashBy === '') return undefined;
  return { first: strongest(fillIn(hashBy, request), endpoints), headers: [] };
}

/** One endpoint for a key, the same one as long as it is among them (rendezvous hashing). */
function strongest(key: string, endpoints: readonly string[]): number {
  const strengths = endpoints.map((endpoint) => hash(`${key} ${endpoint}`));
  return strengths.reduce((best, strength, index) => (strength > (strengths[best] ?? '') ? index : best), 0);
}

/** FNV-1a with a final mix, 32 bits as eight hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0).toString(16).padStart(8, '0');
}

/** The request line's target for the backend: as it came, or what the rewrite makes of it. `path` is normalized. */
export function targetFor({ rule, location }: FoundRule, path: string, target: string): string {
  const { rewriteTarget } = rule.settings;
  if (!isRewritten(rule.settings, rule.path)) return target;
  const compiled = compileGoRegexp(`(?i)${location}`);
  const matcher = compiled.ok ? compiled.value.matcher(path) : undefined;
  if (matcher?.find() !== true) return target;
  const rewritten = rewriteTarget.replace(/\$(\d)/g, (_, digit: string) =>
    Number(digit) <= matcher.groupCount() ? (matcher.group(Number(digit)) ?? '') : '',
  );
  const mark = target.indexOf('?');
  return `${rewritten.startsWith('/') ? '' : '/'}${encodeURI(rewritten)}${mark < 0 ? '' : target.slice(mark)}`;
}

/** Fields that the controller sets itself; what the client sent under these names is not passed on. */
const ownFields = new Set([
  'host',
  'x-request-id',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-scheme',
  'x-original-forwarded-for',
  'proxy',
  'connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

function headersFor(settings: Settings | undefined, request: ProxiedRequest, hostField: string): Fields {
  const before = fieldOf(request.headers, 'x-forwarded-for');
  const fields: (readonly [string, string])[] = [
    ['Host', settings?.upstreamVhost || hostField],
    ['X-Request-ID', fieldOf(request.headers, 'x-request-id') ?? ''],
    ['X-Real-IP', request.clientAddress],
    // Who asks may have written anything: without use-forwarded-headers only the connection is believed.
    ['X-Forwarded-For', request.clientAddress],
    ['X-Forwarded-Host', hostField],
    ['X-Forwarded-Port', String(request.localPort)],
    ['X-Forwarded-Proto', request.scheme],
    ['X-Forwarded-Scheme', request.scheme],
    ['X-Scheme', request.scheme],
  ];
  if (before !== undefined) fields.push(['X-Original-Forwarded-For', before]);
  if (settings?.forwardedPrefix) fields.push(['X-Forwarded-Prefix', settings.forwardedPrefix]);
  for (const field of request.headers) if (!ownFields.has(field[0].toLowerCase())) fields.push(field);
  if (request.bodyBytes > 0) fields.push(['Content-Length', String(request.bodyBytes)]);
  return fields;
}
