/**
 * Rules of HTTPRoutes and GRPCRoutes as entries of the data plane, one for each match. A call of gRPC is a POST to
 * `/service/method`. Source: envoyproxy/gateway, internal/gatewayapi/route.go (processHTTPRouteRules,
 * processGRPCRouteRule); Gateway API, GRPCRouteRule.matches (precedence).
 */

import { parseGoDuration } from '../../api/custom/go-duration.ts';
import { compileGoRegexp } from '../../api/custom/go-regexp.ts';
import { struct, structs, text } from '../../api/read.ts';
import { deepFreeze, type JsonObject } from '../../base/json.ts';
import type { Backend, PathMatch, Problem, RequestMatch, RouteEntry, ValueMatch } from './configuration.ts';
import { readFilters } from './filters.ts';
import { type ReferenceView, resolveBackend } from './references.ts';
import { rankOf } from './router.ts';

/** A route as rules are read from it. */
export interface RouteFacts {
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly spec: JsonObject;
}

/** Entries for each hostname, which listeners give, and what is wrong with the rules. */
export interface ReadRules {
  /** The same entries for the same hostname. */
  readonly entriesFor: (hostname: string) => readonly RouteEntry[];
  /** Rules that are not accepted, by their index, with the first reason. */
  readonly refused: readonly number[];
  readonly refusal?: Problem;
  /** References that can't be resolved: the reason of the first, all messages. */
  readonly unresolved?: Problem;
  /** Services without endpoints. */
  readonly unavailable?: Problem;
}

/** What Envoy waits for an answer unless the rule says otherwise. Source: envoy, RouteAction.timeout. */
const defaultTimeoutMs = 15_000;

/** Reads the rules of a route. */
export function readRules(view: ReferenceView, route: RouteFacts): ReadRules {
  const { kind, namespace, name, createdAt, spec } = route;
  const entries: Omit<RouteEntry, 'hostname'>[] = [];
  const refused: number[] = [];
  const refusals: Problem[] = [];
  const unresolved: Problem[] = [];
  const unavailable: Problem[] = [];
  for (const [rule, ruleSpec] of structs(spec, 'rules').entries()) {
    const read = readFilters(view, route, structs(ruleSpec, 'filters'));
    const backends = structs(ruleSpec, 'backendRefs').map((reference) => readBackend(view, route, reference));
    for (const [index, { problem }] of backends.entries()) {
      if (problem === undefined) continue;
      const message = `failed to process route rule ${rule} backendRef ${index}: ${problem.message}`;
      unresolved.push({ reason: problem.reason, message });
    }
    unresolved.push(...read.mirrorProblems);
    for (const { problem, endpoints, namespace: ns, name: service } of backends) {
      if (problem !== undefined || endpoints.length > 0) continue;
      const message = `failed to find endpoints: no ready endpoints for the related Service ${ns}/${service}`;
      unavailable.push({ reason: 'EndpointsNotFound', message });
    }
    const matches = kind === 'HTTPRoute' ? httpMatches(ruleSpec) : grpcMatches(ruleSpec);
    const invalid = matches.map(({ matcher }) => findInvalidExpression(matcher)).find(Boolean);
    if (read.problem !== undefined || invalid !== undefined) {
      refused.push(rule);
      const message = `failed to process route rule ${rule}: ${invalid ?? ''}`;
      refusals.push(read.problem ?? { reason: 'UnsupportedValue', message });
    }
    // A rule that can't be read is not there; one whose filters can't be carried out answers with 500.
    if (invalid !== undefined) continue;
    for (const [match, { matcher, rank }] of matches.entries()) {
      entries.push({
        kind,
        namespace,
        name,
        rule,
        match,
        matcher,
        rank,
        createdAt,
        filters: read.filters,
        backends,
        ...(read.problem === undefined ? {} : { problem: read.problem }),
        timeoutMs: timeoutOf(struct(ruleSpec, 'timeouts')),
      });
    }
  }
  const byHostname = new Map<string, readonly RouteEntry[]>();
  return {
    entriesFor(hostname) {
      const known = byHostname.get(hostname) ?? deepFreeze(entries.map((entry) => ({ ...entry, hostname })));
      byHostname.set(hostname, known);
      return known;
    },
    refused,
    ...joined('refusal', refusals),
    ...joined('unresolved', unresolved),
    ...joined('unavailable', unavailable),
  };
}

function joined<Key extends string>(
  key: Key,
  problems: readonly Problem[],
): { readonly [K in Key]?: Problem } | object {
  const [first] = problems;
  if (first === undefined) return {};
  const messages = [...new Set(problems.map(({ message }) => message))];
  return { [key]: { reason: first.reason, message: messages.join('\n') } };
}

function readBackend(view: ReferenceView, route: RouteFacts, reference: JsonObject): Backend {
  const backend = resolveBackend(view, route, reference);
  const list = structs(reference, 'filters');
  if (list.length === 0) return backend;
  const { filters, problem } = readFilters(view, route, list);
  if (problem !== undefined && backend.problem === undefined)
    return { ...backend, problem: { reason: 'InvalidBackendFilters', message: problem.message } };
  return { ...backend, filters };
}

interface RankedMatch {
  readonly matcher: RequestMatch;
  readonly rank: readonly number[];
}

function httpMatches(rule: JsonObject): readonly RankedMatch[] {
  const matches = structs(rule, 'matches');
  return (matches.length === 0 ? [{}] : matches).map((match) => {
    const path = struct(match, 'path');
    const method = text(match, 'method');
    const matcher: RequestMatch = {
      path: pathMatch(text(path, 'type') || 'PathPrefix', text(path, 'value') || '/'),
      ...(method === '' ? {} : { method }),
      headers: valueMatches(structs(match, 'headers'), (name) => name.toLowerCase()),
      query: valueMatches(structs(match, 'queryParams'), (name) => name),
    };
    return { matcher, rank: rankOf(matcher) };
  });
}

function pathMatch(type: string, value: string): PathMatch {
  return { type: type === 'Exact' || type === 'RegularExpression' ? type : 'PathPrefix', value };
}

/** Of two entries for one name the first counts. Source: HTTPHeaderMatch.name, HTTPQueryParamMatch.name. */
function valueMatches(
  entries: readonly JsonObject[],
  keyOf: (name: string) => string,
): readonly ValueMatch[] {
  const found = new Map<string, ValueMatch>();
  for (const entry of entries) {
    const name = text(entry, 'name');
    const type = text(entry, 'type') === 'RegularExpression' ? 'RegularExpression' : 'Exact';
    if (!found.has(keyOf(name))) found.set(keyOf(name), { name, type, value: text(entry, 'value') });
  }
  return [...found.values()];
}

function grpcMatches(rule: JsonObject): readonly RankedMatch[] {
  const matches = structs(rule, 'matches');
  return (matches.length === 0 ? [{}] : matches).map((match) => {
    const called = struct(match, 'method');
    const service = text(called, 'service');
    const method = text(called, 'method');
    const isExpression = text(called, 'type') === 'RegularExpression';
    const path = callPath(service, method, isExpression);
    const headers = valueMatches(structs(match, 'headers'), (name) => name.toLowerCase());
    const matcher: RequestMatch = { ...(path === undefined ? {} : { path }), headers, query: [] };
    // What names the service comes before what names only the method.
    const kind = path === undefined ? 0 : isExpression ? 1 : 2;
    return { matcher, rank: [kind, service.length, method.length, headers.length, 0] };
  });
}

/** Any service, any method, as Envoy Gateway writes them. */
const anyName = '[^/]+';

function callPath(service: string, method: string, isExpression: boolean): PathMatch | undefined {
  if (service === '' && method === '') return undefined;
  if (isExpression)
    return { type: 'RegularExpression', value: `/${service || anyName}/${method || anyName}` };
  if (service !== '' && method !== '') return { type: 'Exact', value: `/${service}/${method}` };
  if (service !== '') return { type: 'PathPrefix', value: `/${service}` };
  return { type: 'RegularExpression', value: `/${anyName}/${method}` };
}

function findInvalidExpression({ path, headers, query }: RequestMatch): string | undefined {
  const patterns = [...(path === undefined ? [] : [path]), ...headers, ...query];
  for (const { type, value } of patterns) {
    const compiled = type === 'RegularExpression' ? compileGoRegexp(value) : undefined;
    if (compiled?.ok === false) return `regex "${value}" is invalid: ${compiled.error}`;
  }
  return undefined;
}

/** The shorter of both counts, since nothing is tried twice; `0s` means for ever. */
function timeoutOf(timeouts: JsonObject): number {
  const wanted = text(timeouts, 'backendRequest') || text(timeouts, 'request');
  const nanoseconds = wanted === '' ? undefined : parseGoDuration(wanted);
  if (nanoseconds === undefined) return defaultTimeoutMs;
  return Number(nanoseconds / 1_000_000n);
}
