/** The router against a naive reading of the specification: look at every rule, keep those that match, take the first in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ListenerConfiguration,
  noFilters,
  type RequestMatch,
  type RouteEntry,
} from './configuration.ts';
import { intersectHostnames, matchesHostname } from './hostnames.ts';
import { findListener, findRoute, type RoutedRequest, rankOf, sortRoutes } from './router.ts';

const hostnames = [
  '*',
  '*.example.com',
  '*.foo.example.com',
  'foo.example.com',
  'bar.foo.example.com',
  'other.org',
];
const hosts = [
  'example.com',
  'foo.example.com',
  'bar.foo.example.com',
  'x.example.com',
  'a.b.foo.example.com',
  'other.org',
];
const paths = ['/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/b'];
const expressions = ['/a.*', '/(a|b)', '/[ab]/b'];

const values = fc.constantFrom('one', 'two');
const matcher: fc.Arbitrary<RequestMatch> = fc.record(
  {
    path: fc.oneof(
      fc.record({ type: fc.constantFrom('Exact', 'PathPrefix'), value: fc.constantFrom(...paths) }),
      fc.record({ type: fc.constant('RegularExpression' as const), value: fc.constantFrom(...expressions) }),
    ),
    method: fc.constantFrom('GET', 'POST'),
    headers: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('version', 'Color'),
        type: fc.constant('Exact' as const),
        value: values,
      }),
      { selector: ({ name }) => name },
    ),
    query: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('q', 'r'), type: fc.constant('Exact' as const), value: values }),
      { selector: ({ name }) => name },
    ),
  },
  { requiredKeys: ['headers', 'query'] },
);

const entry: fc.Arbitrary<RouteEntry> = fc
  .record({
    namespace: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('x', 'y'),
    rule: fc.nat(3),
    match: fc.nat(2),
    hostname: fc.constantFrom(...hostnames),
    matcher,
    createdAt: fc.constantFrom('2026-05-01T09:00:00Z', '2026-05-01T09:00:01Z'),
  })
  .map((facts) => ({
    ...facts,
    kind: 'HTTPRoute',
    rank: rankOf(facts.matcher),
    filters: noFilters,
    backends: [],
    timeoutMs: 0,
  }));

const request: fc.Arbitrary<RoutedRequest> = fc.record({
  host: fc.constantFrom(...hosts),
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom(...paths),
  query: fc
    .dictionary(fc.constantFrom('q', 'r'), values)
    .map((parameters) => new URLSearchParams(parameters)),
  headers: fc
    .dictionary(fc.constantFrom('Version', 'color'), values)
    .map((fields) => Object.entries(fields).map(([name, value]): [string, string] => [name, value])),
});

function listener(hostname: string, routes: readonly RouteEntry[]): ListenerConfiguration {
  return {
    name: hostname,
    port: 80,
    containerPort: 10_080,
    protocol: 'HTTP',
    hostname,
    terminates: false,
    certificates: [],
    routes: sortRoutes(routes),
    tlsRoutes: [],
  };
}

/** HTTPPathMatch, HTTPHeaderMatch, HTTPQueryParamMatch as they are written, without any order. */
function naivelyMatches(wanted: RequestMatch, asked: RoutedRequest): boolean {
  const { path, method, headers, query } = wanted;
  const elements = (text: string) => text.split('/').filter((element) => element !== '');
  if (path?.type === 'Exact' && asked.path !== path.value) return false;
  if (path?.type === 'PathPrefix') {
    const [prefix, whole] = [elements(path.value), elements(asked.path)];
    if (!prefix.every((element, index) => whole[index] === element)) return false;
  }
  if (path?.type === 'RegularExpression' && !new RegExp(`^(?:${path.value})$`).test(asked.path)) return false;
  if (method !== undefined && method !== asked.method) return false;
  const fields = new Map(asked.headers.map(([name, value]) => [name.toLowerCase(), value]));
  return (
    headers.every(({ name, value }) => fields.get(name.toLowerCase()) === value) &&
    query.every(({ name, value }) => asked.query.get(name) === value)
  );
}

/** Every entry that takes the request, with each rule of precedence in a sort of its own, the last one first. */
function naivelyFind(routes: readonly RouteEntry[], asked: RoutedRequest): RouteEntry | undefined {
  const forHost = routes.filter(({ hostname }) => matchesHostname(hostname, asked.host));
  const length = (text: string) => (text === '*' ? 0 : text.length);
  const exact = (text: string) => (text.startsWith('*') ? 0 : text.length);
  const best = forHost.toSorted(
    (a, b) => exact(b.hostname) - exact(a.hostname) || length(b.hostname) - length(a.hostname),
  )[0]?.hostname;
  const pathKinds = ['PathPrefix', 'RegularExpression', 'Exact'];
  return forHost
    .filter(({ hostname }) => hostname === best)
    .filter((candidate) => naivelyMatches(candidate.matcher, asked))
    .toSorted((a, b) => a.match - b.match)
    .toSorted((a, b) => a.rule - b.rule)
    .toSorted(
      (a, b) =>
        (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1) *
        Number(`${a.namespace}/${a.name}` !== `${b.namespace}/${b.name}`),
    )
    .toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))
    .toSorted((a, b) => b.matcher.query.length - a.matcher.query.length)
    .toSorted((a, b) => b.matcher.headers.length - a.matcher.headers.length)
    .toSorted((a, b) => Number(b.matcher.method !== undefined) - Number(a.matcher.method !== undefined))
    .toSorted((a, b) => (b.matcher.path?.value.length ?? 1) - (a.matcher.path?.value.length ?? 1))
    .toSorted(
      (a, b) =>
        pathKinds.indexOf(b.matcher.path?.type ?? 'PathPrefix') -
        pathKinds.indexOf(a.matcher.path?.type ?? 'PathPrefix'),
    )[0];
}

describe('the router', () => {
  it('finds what a naive reading of the specification finds', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), request, (routes, asked) => {
        const found = findRoute(listener('*', routes), asked);
        const wanted = naivelyFind(routes, asked);
        const describeEntry = (one: RouteEntry | undefined) =>
          one && { ...one, rank: [], matcher: one.matcher };
        expect(describeEntry(found)).toEqual(describeEntry(wanted));
      }),
      { numRuns: 400, seed: 6 },
    );
  });

  it('asks the listener with the most specific hostname alone', () => {
    const listeners = ['*', '*.example.com', 'foo.example.com'].map((hostname) => listener(hostname, []));
    expect(
      ['foo.example.com', 'x.example.com', 'example.com'].map((host) => findListener(listeners, host)?.name),
    ).toEqual(['foo.example.com', '*.example.com', '*']);
  });
});

describe('hostnames', () => {
  it('that a listener and a route have in common take exactly the hosts that both take', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...hostnames),
        fc.uniqueArray(fc.constantFrom(...hostnames), { minLength: 1 }),
        fc.constantFrom(...hosts),
        (own, wanted, host) => {
          const both =
            matchesHostname(own, host) && wanted.some((hostname) => matchesHostname(hostname, host));
          const common = intersectHostnames(own, wanted);
          expect(common.some((hostname) => matchesHostname(hostname, host))).toBe(both);
        },
      ),
      { numRuns: 300, seed: 6 },
    );
  });

  it.each([
    ['', [], ['*']],
    ['*.example.com', [], ['*.example.com']],
    ['foo.example.com', ['*.example.com'], ['foo.example.com']],
    ['*.example.com', ['*.com', 'example.com'], ['*.example.com']],
    ['*.example.com', ['FOO.example.com'], ['foo.example.com']],
    ['foo.example.com', ['bar.example.com'], []],
  ])('"%s" and %o have %o in common', (own, wanted, common) => {
    expect(intersectHostnames(own, wanted)).toEqual(common);
  });
});
