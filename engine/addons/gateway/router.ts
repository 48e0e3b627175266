/**
 * Which rule takes a request. The listener with the most specific hostname alone is asked (listener isolation), then the
 * routes of the most specific hostname that takes the host, as virtual hosts do; of those the first in this order: an exact
 * path, a regular expression, the longest prefix, a method, the most header fields, the most parameters of the query; then the
 * older route, the first one by `namespace/name`, the first rule.
 * Source: Gateway API, HTTPRouteSpec.hostnames and HTTPRouteRule.matches (apis/v1/httproute_types.go); where the
 * specification leaves regular expressions open, Envoy Gateway's internal/gatewayapi/sort.go.
 */
import { compileGoRegexp } from '../../api/custom/go-regexp.ts';
import type { Fields } from '../proxied-request.ts';
import type { ListenerConfiguration, RequestMatch, RouteEntry, ValueMatch } from './configuration.ts';
import { hostnamesFor, mostSpecific } from './hostnames.ts';

/** What of a request decides about its way. */
export interface RoutedRequest {
  /** Without port, in lower case. */
  readonly host: string;
  readonly method: string;
  /** Normalized and without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Fields;
}

/** What of a match a request does not meet. */
export interface Mismatch {
  readonly what: 'path' | 'method' | 'header' | 'query';
  /** Of the header field or parameter. */
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
}

/** Puts entries into the order in which they count. */
export function sortRoutes(routes: readonly RouteEntry[]): readonly RouteEntry[] {
  return [...routes].sort(compareEntries);
}

/** The rank of a match of an HTTPRoute. */
export function rankOf({ path, method, headers, query }: RequestMatch): readonly number[] {
  const type = path?.type ?? 'PathPrefix';
  const kind = type === 'Exact' ? 3 : type === 'RegularExpression' ? 2 : 1;
  return [kind, path?.value.length ?? 1, method === undefined ? 0 : 1, headers.length, query.length];
}

// A configuration never changes, and what is made from it is no state.
const tables = new WeakMap<ListenerConfiguration, ReadonlyMap<string, readonly RouteEntry[]>>();

/** The routes of a listener by hostname. */
function tableOf(listener: ListenerConfiguration): ReadonlyMap<string, readonly RouteEntry[]> {
  const known = tables.get(listener);
  if (known !== undefined) return known;
  const table = new Map<string, RouteEntry[]>();
  for (const entry of listener.routes) {
    const entries = table.get(entry.hostname) ?? [];
    entries.push(entry);
    table.set(entry.hostname, entries);
  }
  tables.set(listener, table);
  return table;
}

const ordered = new WeakMap<readonly RouteEntry[], readonly RouteEntry[]>();

/** A hostname's entries in the order in which they count, found when they are first asked for. */
function inOrder(entries: readonly RouteEntry[]): readonly RouteEntry[] {
  const made = ordered.get(entries) ?? sortRoutes(entries);
  ordered.set(entries, made);
  return made;
}

/** The entries among which a request's host chooses, in order; none when no hostname takes it. */
export function candidatesFor(listener: ListenerConfiguration, host: string): readonly RouteEntry[] {
  const table = tableOf(listener);
  for (const hostname of hostnamesFor(host)) {
    const entries = table.get(hostname);
    if (entries !== undefined) return inOrder(entries);
  }
  return [];
}

/** The entry that takes a request, or undefined. */
export function findRoute(listener: ListenerConfiguration, request: RoutedRequest): RouteEntry | undefined {
  return candidatesFor(listener, request.host).find(
    ({ matcher }) => findMismatch(matcher, request) === undefined,
  );
}

/** The listener of a port that a host belongs to. */
export function findListener(
  listeners: readonly ListenerConfiguration[],
  host: string,
): ListenerConfiguration | undefined {
  const hostname = mostSpecific(
    listeners.map((listener) => listener.hostname),
    host,
  );
  return hostname === undefined ? undefined : listeners.find((listener) => listener.hostname === hostname);
}

/** The first thing that a request lacks for a match, or undefined when it has all. */
export function findMismatch(matcher: RequestMatch, request: RoutedRequest): Mismatch | undefined {
  const { path, method, headers, query } = matcher;
  if (path !== undefined && !matchesPath(path, request.path))
    return { what: 'path', name: '', wanted: `${path.type} ${path.value}`, found: request.path };
  if (method !== undefined && method !== request.method)
    return { what: 'method', name: '', wanted: method, found: request.method };
  for (const wanted of headers) {
    const found = headerValue(request.headers, wanted.name);
    if (!matchesValue(wanted, found))
      return { what: 'header', name: wanted.name, wanted: wanted.value, found: found ?? '' };
  }
  for (const wanted of query) {
    const found = request.query.get(wanted.name) ?? undefined;
    if (!matchesValue(wanted, found))
      return { what: 'query', name: wanted.name, wanted: wanted.value, found: found ?? '' };
  }
  return undefined;
}

/** Whether a path is met: prefixes by whole path elements, the slash at their end does not count. */
function matchesPath({ type, value }: NonNullable<RequestMatch['path']>, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return matchesWhole(value, path);
  const prefix = trimSlash(value);
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** A prefix without the slash at its end; empty for the root. */
export function trimSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

function matchesValue({ type, value }: ValueMatch, found: string | undefined): boolean {
  if (found === undefined) return false;
  return type === 'Exact' ? found === value : matchesWhole(value, found);
}

/** Envoy's expressions take a whole text. Source: envoy/type/matcher/v3/regex.proto. */
function matchesWhole(pattern: string, text: string): boolean {
  const compiled = compileGoRegexp(pattern);
  return compiled.ok && compiled.value.matcher(text).matches();
}

/** A field that is there more than once counts as one with commas. Source: RFC 9110, section 5.3. */
function headerValue(headers: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = headers.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(',');
}

function compareEntries(a: RouteEntry, b: RouteEntry): number {
  for (const [index, rank] of a.rank.entries()) {
    const difference = (b.rank[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return (
    compareTexts(a.createdAt, b.createdAt) ||
    compareTexts(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`) ||
    a.rule - b.rule ||
    a.match - b.match
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
