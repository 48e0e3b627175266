/**
 * What filters make of paths and header fields. Source: Gateway API, HTTPPathModifier (the table of prefix replacements),
 * HTTPHeaderFilter; envoyproxy/envoy, RouteEntryImplBase (newUri, finalizeRequestHeaders).
 */

import type { Fields } from '../proxied-request.ts';
import type { HeaderChange, PathModifier, Redirect, RequestMatch } from './configuration.ts';
import { trimSlash } from './router.ts';

/** A path as Envoy Gateway's listeners take it: dot segments resolved, doubled slashes joined. */
export function normalizePath(path: string): string {
  const resolved: string[] = [];
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') resolved.pop();
    else if (segment !== '.' && segment !== '') resolved.push(segment);
  }
  const isFolder = /\/(?:\.{1,2})?$/.test(path);
  return `/${resolved.join('/')}${isFolder && resolved.length > 0 ? '/' : ''}`;
}

/** A path with what a filter says; the query is not part of it. */
export function modifyPath(
  path: string,
  modifier: PathModifier | undefined,
  match: RequestMatch['path'],
): string {
  if (modifier === undefined) return path;
  if (modifier.type === 'ReplaceFullPath') return modifier.value === '' ? '/' : modifier.value;
  const prefix = match?.type === 'PathPrefix' ? trimSlash(match.value) : '';
  const rest = path.slice(prefix.length);
  const replaced = `${trimSlash(modifier.value)}${rest}`;
  return replaced.startsWith('/') ? replaced : `/${replaced}`;
}

/** Header fields after a change: removed, set, then added; a field that is there already stays beside an added one. */
export function changeHeaders(headers: Fields, { set, add, remove }: HeaderChange): Fields {
  const gone = new Set([...remove, ...set.map(([name]) => name)].map((name) => name.toLowerCase()));
  const kept = headers.filter(([name]) => !gone.has(name.toLowerCase()));
  return [...kept, ...[...set, ...add].map(([name, value]) => [name.toLowerCase(), value] as const)];
}

/** One change after another as a single one. */
export function joinChanges(first: HeaderChange, second: HeaderChange | undefined): HeaderChange {
  if (second === undefined) return first;
  return {
    set: [...first.set, ...second.set],
    add: [...first.add, ...second.add],
    remove: [...first.remove, ...second.remove],
  };
}

/** What a redirect is made from. */
export interface RedirectFacts {
  readonly scheme: 'http' | 'https';
  /** Without port. */
  readonly host: string;
  /** The port of the listener. */
  readonly port: number;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly match: RequestMatch['path'];
}

/**
 * Where a redirect leads. Without a port, the scheme's own counts when there is a scheme, else the listener's; the usual
 * port of a scheme is not written. Source: Gateway API, HTTPRequestRedirectFilter.port.
 */
export function locationOf(redirect: Redirect, facts: RedirectFacts): string {
  const scheme = redirect.scheme ?? facts.scheme;
  const usual = scheme === 'https' ? 443 : 80;
  const port = redirect.port ?? (redirect.scheme === undefined ? facts.port : usual);
  const path = modifyPath(facts.path, redirect.path, facts.match);
  const authority = `${redirect.hostname ?? facts.host}${port === usual ? '' : `:${port}`}`;
  return `${scheme}://${authority}${path}${facts.query}`;
}
