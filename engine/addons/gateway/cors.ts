/**
 * Requests of other origins, as the CORS filter of a rule has Envoy answer them: a preflight by itself, fields on every other
 * answer. Source: Gateway API, HTTPCORSFilter; envoyproxy/envoy, extensions/filters/http/cors/cors_filter.cc.
 */
import { number, texts } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import { type Fields, fieldOf } from '../proxied-request.ts';

/** What a CORS filter allows. */
export type CorsPolicy = {
  /** `*`, or origins whose host may begin with `*.`, for any number of labels. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
};

/** The default of HTTPCORSFilter.maxAge. */
const defaultMaxAgeSeconds = 5;

/** Reads a filter. */
export function readCors(filter: JsonObject): CorsPolicy {
  return {
    origins: texts(filter, 'allowOrigins'),
    methods: texts(filter, 'allowMethods'),
    headers: texts(filter, 'allowHeaders'),
    exposed: texts(filter, 'exposeHeaders'),
    credentials: filter.allowCredentials === true,
    maxAgeSeconds: number(filter, 'maxAge') ?? defaultMaxAgeSeconds,
  };
}

/** What a policy says to a request; undefined where its origin is not let in, or it has none. */
export interface CorsAnswer {
  /** Whether the proxy answers by itself. */
  readonly isPreflight: boolean;
  readonly fields: Fields;
}

/** Judges a request. */
export function answerCors(policy: CorsPolicy, method: string, headers: Fields): CorsAnswer | undefined {
  const origin = fieldOf(headers, 'origin');
  if (origin === undefined || !policy.origins.some((allowed) => isOrigin(allowed, origin))) return undefined;
  const wantedMethod = fieldOf(headers, 'access-control-request-method') ?? '';
  const isPreflight = method === 'OPTIONS' && wantedMethod !== '';
  const common: Fields = [
    ['access-control-allow-origin', origin],
    ...(policy.credentials ? [['access-control-allow-credentials', 'true'] as const] : []),
    ...joined('access-control-expose-headers', policy.exposed),
  ];
  if (!isPreflight) return { isPreflight, fields: common };
  const wantedHeaders = fieldOf(headers, 'access-control-request-headers') ?? '';
  return {
    isPreflight,
    fields: [
      ...common,
      ...joined('access-control-allow-methods', spelledOut(policy, policy.methods, wantedMethod)),
      ...joined('access-control-allow-headers', spelledOut(policy, policy.headers, wantedHeaders)),
      ['access-control-max-age', String(policy.maxAgeSeconds)],
    ],
  };
}

/** With credentials a browser takes no `*`: what was asked for is said instead. */
function spelledOut(
  { credentials }: CorsPolicy,
  allowed: readonly string[],
  wanted: string,
): readonly string[] {
  return credentials && allowed.includes('*') ? [wanted].filter((text) => text !== '') : allowed;
}

function joined(name: string, values: readonly string[]): Fields {
  return values.length === 0 ? [] : [[name, values.join(', ')]];
}

function isOrigin(allowed: string, origin: string): boolean {
  const star = allowed.indexOf('*');
  if (allowed === '*' || star < 0) return allowed === '*' || allowed === origin;
  const [before, after] = [allowed.slice(0, star), allowed.slice(star + 1)];
  return origin.length > before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}
