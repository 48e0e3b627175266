/**
 * The annotations of ingress-nginx that are simulated. One that is not, or whose value can't be read, is told in an event
 * and has no effect. Source: ingress-nginx, docs/user-guide/nginx-configuration/annotations.md and
 * internal/ingress/annotations.
 */
import type { Ingress } from '../../api/types/kinds.ts';
import { parseCidr } from '../../net/ipv4.ts';
import type { BasicAuth } from './basic-auth.ts';
import { type Cors, corsDefaults } from './cors.ts';

/** What the annotations of one Ingress ask for. */
export interface Settings {
  readonly rewriteTarget: string;
  readonly useRegex: boolean;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  /** Undefined: everybody is let in. */
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
  readonly affinity: Affinity | undefined;
  readonly canary: Canary | undefined;
  readonly isSecureBackend: boolean;
  /** Bytes; 0 means no limit. */
  readonly maxBodyBytes: number;
  readonly appRoot: string;
  /** `by` names the annotation. */
  readonly redirect: { readonly status: number; readonly url: string; readonly by: string } | undefined;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly upstreamVhost: string;
  readonly forwardedPrefix: string;
  readonly serviceUpstream: boolean;
  readonly auth: BasicAuth | undefined;
  readonly cors: Cors | undefined;
  /** nginx's variables that choose an endpoint, the same one for the same value; empty: endpoints take turns. */
  readonly hashBy: string;
  /** Endpoints that are tried at most; 0: all. */
  readonly tries: number;
  /** Hosts that are answered as those of the rules are. */
  readonly aliases: readonly string[];
}

/** Sticky sessions by cookie. */
export interface Affinity {
  readonly cookie: string;
  readonly path: string;
  /** Seconds; undefined for a cookie of the session. */
  readonly maxAge: number | undefined;
}

/** Which requests an Ingress takes over from the one with the same host and path. */
export interface Canary {
  readonly header: string;
  readonly headerValue: string;
  readonly headerPattern: string;
  readonly cookie: string;
  readonly weight: number;
  readonly weightTotal: number;
}

/** Settings with what was not understood, one sentence each. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly string[];
}

const prefix = 'nginx.ingress.kubernetes.io/';

/** What holds for an Ingress without annotations. Source: ingress-nginx, internal/ingress/controller/config, NewDefault. */
const defaultSettings: Settings = Object.freeze({
  rewriteTarget: '',
  useRegex: false,
  sslRedirect: true,
  forceSslRedirect: false,
  allow: undefined,
  deny: [],
  affinity: undefined,
  canary: undefined,
  isSecureBackend: false,
  maxBodyBytes: 1_048_576,
  appRoot: '',
  redirect: undefined,
  connectTimeoutMs: 5000,
  readTimeoutMs: 60_000,
  upstreamVhost: '',
  forwardedPrefix: '',
  serviceUpstream: false,
  auth: undefined,
  cors: undefined,
  hashBy: '',
  tries: 3,
  aliases: [],
});

const known = new Set([
  'affinity',
  'affinity-mode',
  'allowlist-source-range',
  'app-root',
  'auth-realm',
  'auth-secret',
  'auth-secret-type',
  'auth-type',
  'backend-protocol',
  'canary',
  'canary-by-cookie',
  'canary-by-header',
  'canary-by-header-pattern',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'cors-allow-credentials',
  'cors-allow-headers',
  'cors-allow-methods',
  'cors-allow-origin',
  'cors-expose-headers',
  'cors-max-age',
  'denylist-source-range',
  'enable-cors',
  'force-ssl-redirect',
  'permanent-redirect',
  'permanent-redirect-code',
  'proxy-body-size',
  'proxy-connect-timeout',
  'proxy-next-upstream-tries',
  'proxy-read-timeout',
  'proxy-send-timeout',
  'rewrite-target',
  'server-alias',
  'service-upstream',
  'session-cookie-max-age',
  'session-cookie-name',
  'session-cookie-path',
  'ssl-redirect',
  'temporal-redirect',
  'temporal-redirect-code',
  'upstream-hash-by',
  'upstream-vhost',
  'use-regex',
  'whitelist-source-range',
  'x-forwarded-prefix',
]);

/** How nginx holds requests and answers on their way, of which nothing shows here. */
const invisible = new Set([
  'client-body-buffer-size',
  'proxy-buffer-size',
  'proxy-buffering',
  'proxy-buffers-number',
  'proxy-busy-buffers-size',
  'proxy-http-version',
  'proxy-max-temp-file-size',
  'proxy-next-upstream',
  'proxy-next-upstream-timeout',
  'proxy-request-buffering',
]);

/** Lines for nginx.conf. Source: ingress-nginx, internal/ingress/annotations/snippet; allow-snippet-annotations is off. */
const snippets = new Set([
  'auth-snippet',
  'configuration-snippet',
  'modsecurity-snippet',
  'server-snippet',
  'stream-snippet',
]);

/** Reads the annotations of an Ingress. */
export function readSettings(ingress: Ingress): ReadSettings {
  const annotations = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, value] of Object.entries(ingress.metadata.annotations ?? {})) {
    if (!name.startsWith(prefix)) continue;
    const short = name.slice(prefix.length);
    if (known.has(short)) annotations.set(short, value);
    else if (invisible.has(short)) continue;
    else if (snippets.has(short)) {
      problems.push(
        `${name} annotation cannot be used. Snippet directives are disabled by the Ingress administrator`,
      );
    } else problems.push(`annotation ${name} is not known to this controller and has no effect`);
  }
  if (annotations.size === 0) return { settings: defaultSettings, problems };
  const reader = new AnnotationReader(annotations, problems);
  const protocol = reader.text('backend-protocol').toUpperCase();
  if (!['', 'HTTP', 'HTTPS', 'AUTO_HTTP'].includes(protocol))
    reader.complain('backend-protocol', 'this controller speaks HTTP and HTTPS with backends');
  const settings: Settings = {
    rewriteTarget: reader.text('rewrite-target'),
    useRegex: reader.flag('use-regex', false),
    sslRedirect: reader.flag('ssl-redirect', true),
    forceSslRedirect: reader.flag('force-ssl-redirect', false),
    allow: reader.networks('allowlist-source-range') ?? reader.networks('whitelist-source-range'),
    deny: reader.networks('denylist-source-range') ?? [],
    affinity: readAffinity(reader),
    canary: reader.flag('canary', false) ? readCanary(reader) : undefined,
    isSecureBackend: protocol === 'HTTPS',
    maxBodyBytes: reader.size('proxy-body-size', defaultSettings.maxBodyBytes),
    appRoot: reader.text('app-root'),
    redirect: readRedirect(reader),
    connectTimeoutMs: 1000 * reader.number('proxy-connect-timeout', 5),
    readTimeoutMs: 1000 * reader.number('proxy-read-timeout', 60),
    upstreamVhost: reader.text('upstream-vhost'),
    forwardedPrefix: reader.text('x-forwarded-prefix'),
    serviceUpstream: reader.flag('service-upstream', false),
    auth: readAuth(reader),
    cors: reader.flag('enable-cors', false) ? readCors(reader) : undefined,
    hashBy: reader.text('upstream-hash-by'),
    tries: reader.number('proxy-next-upstream-tries', defaultSettings.tries),
    aliases: reader.list('server-alias'),
  };
  return { settings, problems };
}

function readAffinity(reader: AnnotationReader): Affinity | undefined {
  const affinity = reader.text('affinity');
  if (affinity === '') return undefined;
  if (affinity !== 'cookie') {
    reader.complain('affinity', 'the only affinity is cookie');
    return undefined;
  }
  const maxAge = reader.text('session-cookie-max-age');
  return {
    cookie: reader.text('session-cookie-name') || 'INGRESSCOOKIE',
    path: reader.text('session-cookie-path'),
    maxAge: maxAge === '' ? undefined : reader.number('session-cookie-max-age', 0),
  };
}

function readCanary(reader: AnnotationReader): Canary {
  return {
    header: reader.text('canary-by-header'),
    headerValue: reader.text('canary-by-header-value'),
    headerPattern: reader.text('canary-by-header-pattern'),
    cookie: reader.text('canary-by-cookie'),
    weight: reader.number('canary-weight', 0),
    weightTotal: Math.max(1, reader.number('canary-weight-total', 100)),
  };
}

function readAuth(reader: AnnotationReader): BasicAuth | undefined {
  const type = reader.text('auth-type');
  if (type === '') return undefined;
  if (type !== 'basic') {
    reader.complain('auth-type', 'this controller knows basic authentication');
    return undefined;
  }
  return {
    secret: reader.text('auth-secret'),
    isMap: reader.text('auth-secret-type') === 'auth-map',
    realm: reader.text('auth-realm'),
  };
}

function readCors(reader: AnnotationReader): Cors {
  const origins = reader.list('cors-allow-origin');
  return {
    origins: origins.length === 0 ? ['*'] : origins,
    methods: reader.text('cors-allow-methods') || corsDefaults.methods,
    headers: reader.text('cors-allow-headers') || corsDefaults.headers,
    exposed: reader.text('cors-expose-headers'),
    credentials: reader.flag('cors-allow-credentials', true),
    maxAgeSeconds: reader.number('cors-max-age', corsDefaults.maxAgeSeconds),
  };
}

function readRedirect(reader: AnnotationReader): Settings['redirect'] {
  const temporal = reader.text('temporal-redirect');
  if (temporal !== '') {
    const code = reader.number('temporal-redirect-code', 302);
    return { status: isRedirect(code) ? code : 302, url: temporal, by: 'temporal-redirect' };
  }
  const permanent = reader.text('permanent-redirect');
  if (permanent === '') return undefined;
  const code = reader.number('permanent-redirect-code', 301);
  return { status: isRedirect(code) ? code : 301, url: permanent, by: 'permanent-redirect' };
}

function isRedirect(code: number): boolean {
  return code >= 300 && code <= 308;
}

class AnnotationReader {
  readonly #values: ReadonlyMap<string, string>;
  readonly #problems: string[];

  constructor(values: ReadonlyMap<string, string>, problems: string[]) {
    this.#values = values;
    this.#problems = problems;
  }

  complain(name: string, why: string): void {
    this.#problems.push(
      `annotation ${prefix}${name} has the value "${this.text(name)}", which has no effect: ${why}`,
    );
  }

  text(name: string): string {
    return (this.#values.get(name) ?? '').trim();
  }

  /** Words between commas. */
  list(name: string): readonly string[] {
    return this.text(name)
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name);
    // What Go's strconv.ParseBool takes.
    if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
    if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return false;
    if (value !== '') this.complain(name, 'it is neither true nor false');
    return otherwise;
  }

  number(name: string, otherwise: number): number {
    const value = this.text(name);
    if (/^\d{1,9}$/.test(value)) return Number(value);
    if (value !== '') this.complain(name, 'it is no whole number');
    return otherwise;
  }

  /** nginx's sizes: a number with k, m or g behind it. */
  size(name: string, otherwise: number): number {
    const value = this.text(name);
    const match = /^(\d{1,9})([kmg]?)$/i.exec(value);
    if (match !== null) {
      const [, digits = '0', unit = ''] = match;
      return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
    }
    if (value !== '') this.complain(name, 'a size is a number with k, m or g behind it');
    return otherwise;
  }

  networks(name: string): readonly string[] | undefined {
    const value = this.text(name);
    if (value === '') return undefined;
    const entries = value.split(',').map((entry) => entry.trim());
    const wrong = entries.find((entry) => parseCidr(entry) === undefined);
    if (wrong === undefined) return entries;
    this.complain(name, `"${wrong}" is no IPv4 address or CIDR`);
    return undefined;
  }
}
