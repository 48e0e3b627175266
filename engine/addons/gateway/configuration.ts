/**
 * What a Gateway's data plane is configured with: the controller makes it from the objects, the proxies act by it. It stands
 * for the xDS snapshot of Envoy Gateway, and is plain JSON. Source: envoyproxy/gateway, internal/ir/xds.go.
 */

import type { CorsPolicy } from './cors.ts';

/** What a path must be. A regular expression is RE2's and has to take the whole path. */
export type PathMatch = {
  readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression';
  readonly value: string;
};

/** What a header field or a parameter of the query must be. */
export type ValueMatch = {
  readonly name: string;
  readonly type: 'Exact' | 'RegularExpression';
  readonly value: string;
};

/** All of it must hold. */
export type RequestMatch = {
  readonly path?: PathMatch;
  readonly method?: string;
  readonly headers: readonly ValueMatch[];
  readonly query: readonly ValueMatch[];
};

/** Changes of header fields. */
export type HeaderChange = {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
};

/** How a path is replaced. */
export type PathModifier = {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly value: string;
};

/** An answer that sends the client elsewhere. */
export type Redirect = {
  readonly scheme?: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: PathModifier;
  readonly status: number;
};

/** A copy of requests that goes to another backend, whose answers nobody reads. */
export type Mirror = {
  readonly backend: Backend;
  /** The part of the requests that is copied. */
  readonly fraction: number;
};

/** What is done to requests and answers. */
export type Filters = {
  readonly request: HeaderChange;
  readonly response: HeaderChange;
  readonly redirect?: Redirect;
  readonly rewrite?: { readonly hostname?: string; readonly path?: PathModifier };
  readonly mirrors: readonly Mirror[];
  readonly cors?: CorsPolicy;
};

/** Why a part of a route does not hold: the reason of the condition that tells it. */
export type Problem = { readonly reason: string; readonly message: string };

/** Where requests go. */
export type Backend = {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly weight: number;
  /** `address:port` of each endpoint that takes requests. */
  readonly endpoints: readonly string[];
  /** Absent: it can be asked. */
  readonly problem?: Problem;
  readonly filters?: Filters;
};

/** One match of a rule, for one hostname. */
export type RouteEntry = {
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly namespace: string;
  readonly name: string;
  readonly rule: number;
  readonly match: number;
  readonly hostname: string;
  readonly matcher: RequestMatch;
  /** What counts before others, the most important first. */
  readonly rank: readonly number[];
  /** When the route was made; the older one counts first. */
  readonly createdAt: string;
  readonly filters: Filters;
  readonly backends: readonly Backend[];
  /** A filter can't be carried out: requests are answered with 500. */
  readonly problem?: Problem;
  readonly timeoutMs: number;
};

/** A route of connections that are told apart by the name that TLS asks for. */
export type TlsEntry = {
  readonly namespace: string;
  readonly name: string;
  readonly hostnames: readonly string[];
  readonly backends: readonly Backend[];
};

/** A listener that serves. */
export type ListenerConfiguration = {
  readonly name: string;
  /** As it is in the Service. */
  readonly port: number;
  /** Where the proxy listens. */
  readonly containerPort: number;
  readonly protocol: string;
  /** `*` for every host. */
  readonly hostname: string;
  /** Whether TLS ends here; then `certificates` are shown. */
  readonly terminates: boolean;
  /** PEM texts, each with the server's own first. */
  readonly certificates: readonly string[];
  /** Their order says nothing: what counts first is found when they are asked for, see `router.ts`. */
  readonly routes: readonly RouteEntry[];
  readonly tlsRoutes: readonly TlsEntry[];
};

/** One Gateway's. */
export type GatewayConfiguration = {
  /** `namespace/name` */
  readonly gateway: string;
  readonly listeners: readonly ListenerConfiguration[];
};

/** No change of header fields. */
export const noHeaderChange: HeaderChange = Object.freeze({ set: [], add: [], remove: [] });
/** Nothing is done. */
export const noFilters: Filters = Object.freeze({
  request: noHeaderChange,
  response: noHeaderChange,
  mirrors: [],
});
