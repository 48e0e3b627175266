/** What a Gateway's proxies make of a request, told for explanations: the rule that takes it, and why each other does not. */

import type { Fields } from '../proxied-request.ts';
import type { GatewayConfiguration, RouteEntry } from './configuration.ts';
import { normalizePath } from './rewrite.ts';
import { candidatesFor, findListener, findMismatch, sortRoutes } from './router.ts';

/** A request that is looked at. */
export interface ReportedRequest {
  readonly host: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Fields;
  /** As the listener has it. */
  readonly port: number;
}

/** A match of a rule, with what keeps it from taking the request; that of the one that takes it is empty. */
export interface ReportedRule {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly rule: number;
  /** `PathPrefix /shop, GET, version: one` */
  readonly text: string;
  readonly because: 'host' | 'path' | 'method' | 'header' | 'query' | 'precedence' | '';
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly port: number;
    readonly weight: number;
    readonly problem: string;
  }[];
  readonly problem: string;
}

/** See the head of this file. The first rule is the one that takes the request, if one does. */
export interface RoutingReport {
  readonly hostnames: readonly string[];
  readonly rules: readonly ReportedRule[];
}

/** Reports on a request. */
export function reportRouting(configuration: GatewayConfiguration, request: ReportedRequest): RoutingReport {
  const listeners = configuration.listeners.filter(({ port }) => port === request.port);
  const listener = findListener(listeners, request.host);
  const candidates = listener === undefined ? [] : candidatesFor(listener, request.host);
  const [path = '/', query = ''] = request.path.split('?', 2);
  const asked = { ...request, path: normalizePath(path), query: new URLSearchParams(query) };
  const won = candidates.find(({ matcher }) => findMismatch(matcher, asked) === undefined);
  const others = sortRoutes(listeners.flatMap(({ routes }) => routes)).filter((entry) => entry !== won);
  const lost = others.map((entry) => {
    const because = candidates.includes(entry)
      ? (findMismatch(entry.matcher, asked)?.what ?? 'precedence')
      : 'host';
    return reportEntry(entry, because);
  });
  return {
    hostnames: [...new Set(listeners.flatMap(({ routes }) => routes.map(({ hostname }) => hostname)))].sort(),
    rules: [...(won === undefined ? [] : [reportEntry(won, '')]), ...lost],
  };
}

function reportEntry(entry: RouteEntry, because: ReportedRule['because']): ReportedRule {
  const { kind, namespace, name, rule, backends, problem } = entry;
  const services = backends.map((backend) => ({
    namespace: backend.namespace,
    name: backend.name,
    port: backend.port,
    weight: backend.weight,
    problem: backend.problem?.message ?? '',
  }));
  return {
    kind,
    namespace,
    name,
    rule,
    text: textOf(entry),
    because,
    services,
    problem: problem?.message ?? '',
  };
}

function textOf({ matcher, hostname }: RouteEntry): string {
  const { path, method, headers, query } = matcher;
  const parts = [
    ...(path === undefined ? [] : [`${path.type} ${path.value}`]),
    ...(method === undefined ? [] : [method]),
    ...headers.map(({ name, value }) => `${name}: ${value}`),
    ...query.map(({ name, value }) => `?${name}=${value}`),
  ];
  return `${hostname === '*' ? '' : `${hostname} `}${parts.join(', ')}`;
}
