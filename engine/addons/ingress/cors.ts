/**
 * Requests of other origins, as the annotation enable-cors has them answered: a preflight by the controller, fields on every
 * other answer. Source: ingress-nginx, internal/ingress/annotations/cors/main.go, rootfs/etc/nginx/template/nginx.tmpl (CORS).
 */
import { type Fields, fieldOf, type ProxiedRequest } from '../proxied-request.ts';

/** What enable-cors and the annotations beside it ask for. */
export interface Cors {
  /** `*`, or origins whose host may begin with `*.`. */
  readonly origins: readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposed: string;
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

/** What the controller says when an annotation does not. */
export const corsDefaults = Object.freeze({
  methods: 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
  headers:
    'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
  maxAgeSeconds: 1_728_000,
});

/** The fields for a request's origin; none where it is not let in. */
export function corsFields(cors: Cors | undefined, request: ProxiedRequest): Fields {
  if (cors === undefined) return [];
  const origin = fieldOf(request.headers, 'origin') ?? '';
  const isAny = cors.origins.includes('*');
  if (!isAny && !cors.origins.some((allowed) => isOrigin(allowed, origin))) return [];
  return [
    ['Access-Control-Allow-Origin', isAny ? '*' : origin],
    ...(cors.credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
    ['Access-Control-Allow-Methods', cors.methods],
    ['Access-Control-Allow-Headers', cors.headers],
    ...(cors.exposed === '' ? [] : [['Access-Control-Expose-Headers', cors.exposed] as const]),
    ['Access-Control-Max-Age', String(cors.maxAgeSeconds)],
  ];
}

/** `https://*.example.com` stands for one label. */
function isOrigin(allowed: string, origin: string): boolean {
  const star = allowed.indexOf('*');
  if (star < 0) return allowed.toLowerCase() === origin.toLowerCase();
  const [before, after] = [allowed.slice(0, star), allowed.slice(star + 1)];
  const inner = origin.slice(before.length, origin.length - after.length);
  return origin.startsWith(before) && origin.endsWith(after) && /^[A-Za-z0-9-]+$/.test(inner);
}
