/**
 * What annotations answer before any backend is asked, in nginx's order of phases: size, redirects, source ranges.
 * Source: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl, rootfs/etc/nginx/lua/lua_ingress.lua.
 */
import type { Secret } from '../../api/types/kinds.ts';
import { parseCidr, parseIPv4, prefixContains } from '../../net/ipv4.ts';
import { cookieOf, type Fields, fieldOf, type ProxiedRequest } from '../proxied-request.ts';
import type { Settings } from './annotations.ts';
import { refuseByAuth } from './basic-auth.ts';
import { corsFields } from './cors.ts';

/** An answer of the controller's own. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: Fields;
  /** The annotation that made it, without its prefix. */
  readonly by: string;
}

/** What an answer depends on besides annotations and request. */
export interface AnswerFacts {
  /** Whether the host has a certificate of its own. */
  readonly hasCertificate: boolean;
  /** The Secret that auth-secret names. */
  secret(name: string): Secret | undefined;
}

/** The answer, or undefined when the backend is to be asked. `path` is normalized. */
export function answerBefore(
  settings: Settings,
  request: ProxiedRequest,
  path: string,
  facts: AnswerFacts,
): OwnAnswer | undefined {
  const { hasCertificate } = facts;
  const hostField = fieldOf(request.headers, 'host') ?? request.host;
  const { maxBodyBytes, appRoot, redirect } = settings;
  if (maxBodyBytes > 0 && request.bodyBytes > maxBodyBytes)
    return { status: 413, headers: [], by: 'proxy-body-size' };
  if (appRoot !== '' && path === '/')
    return sendTo(302, `${request.scheme}://${hostField}${appRoot}`, 'app-root');
  if (redirect !== undefined) return sendTo(redirect.status, fillIn(redirect.url, request), redirect.by);
  const isSentToHttps =
    request.scheme === 'http' && (settings.forceSslRedirect || (settings.sslRedirect && hasCertificate));
  if (isSentToHttps) {
    const by = settings.forceSslRedirect ? 'force-ssl-redirect' : 'ssl-redirect';
    return sendTo(308, `https://${request.host}${request.target}`, by);
  }
  if (isInNetworks(request.clientAddress, settings.deny))
    return { status: 403, headers: [], by: 'denylist-source-range' };
  if (settings.allow !== undefined && !isInNetworks(request.clientAddress, settings.allow))
    return { status: 403, headers: [], by: 'whitelist-source-range' };
  const refusal =
    settings.auth === undefined
      ? undefined
      : refuseByAuth(settings.auth, facts.secret(settings.auth.secret), request);
  if (refusal !== undefined) {
    const field = ['WWW-Authenticate', `Basic realm="${refusal.realm}"`] as const;
    return { status: refusal.status, headers: refusal.status === 401 ? [field] : [], by: 'auth-type' };
  }
  const allowed = corsFields(settings.cors, request);
  if (allowed.length > 0 && request.method === 'OPTIONS')
    return {
      status: 204,
      headers: [...allowed, ['Content-Type', 'text/plain charset=UTF-8']],
      by: 'enable-cors',
    };
  return undefined;
}

function sendTo(status: number, location: string, by: string): OwnAnswer {
  return { status, headers: [['Location', location]], by };
}

/** A text with nginx's variables, those that annotations use. */
export function fillIn(text: string, request: ProxiedRequest): string {
  const [path = '', ...query] = request.target.split('?');
  const values = new Map([
    ['scheme', request.scheme],
    ['host', request.host],
    ['request_uri', request.target],
    ['uri', path],
    ['args', query.join('?')],
    ['remote_addr', request.clientAddress],
    ['binary_remote_addr', request.clientAddress],
  ]);
  return text.replace(/\$\{?([a-z_]+)\}?/g, (whole, name: string) => {
    const field = /^http_(.+)$/.exec(name)?.[1]?.replaceAll('_', '-');
    if (field !== undefined) return fieldOf(request.headers, field) ?? '';
    const cookie = /^cookie_(.+)$/.exec(name)?.[1];
    if (cookie !== undefined) return cookieOf(request.headers, cookie) ?? '';
    return values.get(name) ?? whole;
  });
}

function isInNetworks(text: string, networks: readonly string[]): boolean {
  const address = parseIPv4(text);
  if (address === undefined) return false;
  return networks.some((network) => {
    const cidr = parseCidr(network);
    return cidr !== undefined && prefixContains(cidr.prefix, address);
  });
}
