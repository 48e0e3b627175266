/**
 * Hostnames of listeners and routes. An empty one, or `*`, takes every host; `*.example.com` takes every name below
 * example.com, however many labels it has, and not example.com itself.
 * Source: Gateway API, Listener.hostname, HTTPRouteSpec.hostnames.
 */

/** What stands for any host. */
export const anyHost = '*';

/** Whether a pattern takes a host, which is in lower case. */
export function matchesHostname(pattern: string, host: string): boolean {
  if (pattern === anyHost || pattern === '') return true;
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host;
  const suffix = pattern.slice(1).toLowerCase();
  return host.length > suffix.length && host.endsWith(suffix);
}

/**
 * What a listener and a route have in common, in order; empty when there is nothing. A route without hostnames takes the
 * listener's.
 */
export function intersectHostnames(listener: string, route: readonly string[]): readonly string[] {
  const own = listener === '' ? anyHost : listener.toLowerCase();
  if (route.length === 0) return [own];
  const found = new Set<string>();
  for (const hostname of route.map((name) => name.toLowerCase())) {
    if (covers(own, hostname)) found.add(hostname);
    else if (covers(hostname, own)) found.add(own);
  }
  return [...found].sort();
}

/** Whether everything that `inner` takes is taken by `outer` too. */
function covers(outer: string, inner: string): boolean {
  if (outer === anyHost || outer === inner) return true;
  if (inner === anyHost) return false;
  if (!inner.startsWith('*.')) return matchesHostname(outer, inner);
  return outer.startsWith('*.') && inner.slice(1).endsWith(outer.slice(1));
}

/** Every pattern that takes a host, the most specific first. */
export function* hostnamesFor(host: string): Generator<string> {
  yield host;
  // A name has at most 127 labels, but who asks may write what he likes.
  for (let dot = host.indexOf('.'), labels = 0; dot >= 0 && labels < 127; labels += 1) {
    if (dot > 0) yield `*${host.slice(dot)}`;
    dot = host.indexOf('.', dot + 1);
  }
  yield anyHost;
}

/** The pattern that is the most specific for a host: a whole name, else the longest; undefined when none takes it. */
export function mostSpecific(patterns: Iterable<string>, host: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (!matchesHostname(pattern, host)) continue;
    if (best === undefined || weight(pattern) > weight(best)) best = pattern;
  }
  return best;
}

/** More for what takes precedence. Names have at most 253 letters. */
function weight(pattern: string): number {
  if (pattern === anyHost || pattern === '') return 0;
  return pattern.length + (pattern.startsWith('*.') ? 0 : 1000);
}
