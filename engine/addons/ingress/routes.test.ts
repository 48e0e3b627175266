import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../api/objects/keys.ts';
import type { Ingress } from '../../api/types/kinds.ts';
import { createRoutes, wrongPaths } from './routes.ts';
import { ingressOf, type PathOf } from './testing/ingress-of.ts';
import { findNaively } from './testing/naive-routes.ts';

function routesOf(...all: readonly Ingress[]) {
  const routes = createRoutes();
  for (const ingress of all) routes.put(keyOf(ingress), ingress);
  return (host: string, path: string) => {
    const rule = routes.table(routes.hostOf(host)).find(path)?.rule;
    return rule?.backend?.service?.name ?? 404;
  };
}

describe('the path table of kubernetes.io/docs/concepts/services-networking/ingress/#examples', () => {
  // Kind, path(s), request path, whether it matches; the first path is served by `a`, the second by `b`, the third by `c`.
  const table: readonly (readonly [PathOf[0], readonly string[], string, string | 404])[] = [
    ['Prefix', ['/'], '/any/path', 'a'],
    ['Exact', ['/foo'], '/foo', 'a'],
    ['Exact', ['/foo'], '/bar', 404],
    ['Exact', ['/foo'], '/foo/', 404],
    ['Exact', ['/foo/'], '/foo', 404],
    ['Prefix', ['/foo'], '/foo', 'a'],
    ['Prefix', ['/foo'], '/foo/', 'a'],
    ['Prefix', ['/foo/'], '/foo', 'a'],
    ['Prefix', ['/foo/'], '/foo/', 'a'],
    ['Prefix', ['/aaa/bb'], '/aaa/bbb', 404],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb', 'a'],
    ['Prefix', ['/aaa/bbb/'], '/aaa/bbb', 'a'],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb/', 'a'],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbb/ccc', 'a'],
    ['Prefix', ['/aaa/bbb'], '/aaa/bbbxyz', 404],
    ['Prefix', ['/', '/aaa'], '/aaa/ccc', 'b'],
    ['Prefix', ['/', '/aaa', '/aaa/bbb'], '/aaa/bbb', 'c'],
    ['Prefix', ['/', '/aaa', '/aaa/bbb'], '/ccc', 'a'],
    ['Prefix', ['/aaa'], '/ccc', 404],
  ];
  it.each(table)('%s %j takes %s to %s', (kind, paths, request, want) => {
    const rules = paths.map((path, index): PathOf => [kind, path, ['a', 'b', 'c'][index] ?? '']);
    expect(routesOf(ingressOf('table', { 'x.test': rules }))('x.test', request)).toBe(want);
  });

  it('prefers Exact over Prefix for the same path', () => {
    const rules: readonly PathOf[] = [
      ['Prefix', '/foo', 'prefix'],
      ['Exact', '/foo', 'exact'],
    ];
    const ask = routesOf(ingressOf('mixed', { 'x.test': rules }));
    expect([ask('x.test', '/foo'), ask('x.test', '/foo/')]).toEqual(['exact', 'prefix']);
  });
});

describe('hostname wildcards of the same page', () => {
  it.each([
    ['*.foo.com', 'bar.foo.com', 'a'],
    ['*.foo.com', 'baz.bar.foo.com', 404],
    ['*.foo.com', 'foo.com', 404],
    ['foo.com', 'foo.com', 'a'],
    ['foo.com', 'bar.foo.com', 404],
  ] as const)('%s takes %s to %s', (host, asked, want) => {
    expect(routesOf(ingressOf('hosts', { [host]: [['Prefix', '/', 'a']] }))(asked, '/')).toBe(want);
  });

  it('prefers the precise host over the wildcard', () => {
    const ask = routesOf(
      ingressOf('hosts', { '*.foo.com': [['Prefix', '/', 'wild']], 'bar.foo.com': [['Prefix', '/', 'bar']] }),
    );
    expect([ask('bar.foo.com', '/'), ask('baz.foo.com', '/')]).toEqual(['bar', 'wild']);
  });
});

// Source: kubernetes-sigs/ingress-controller-conformance, features/path_rules.feature, by its scenarios.
describe('path rules of the upstream conformance', () => {
  const ask = routesOf(
    ingressOf('path-rules', {
      'exact-path-rules': [['Exact', '/foo', 'foo-exact']],
      'prefix-path-rules': [
        ['Prefix', '/foo', 'foo-prefix'],
        ['Prefix', '/aaa/bbb', 'aaa-slash-bbb-prefix'],
        ['Prefix', '/aaa', 'aaa-prefix'],
      ],
      'mixed-path-rules': [
        ['Prefix', '/foo', 'foo-prefix'],
        ['Exact', '/foo', 'foo-exact'],
      ],
      'trailing-slash-path-rules': [
        ['Prefix', '/aaa/bbb/', 'aaa-slash-bbb-slash-prefix'],
        ['Exact', '/foo/', 'foo-slash-exact'],
      ],
    }),
  );
  it.each([
    ['exact /foo matches request /foo', 'exact-path-rules', '/foo', 'foo-exact'],
    ['exact /foo does not match request /foo/', 'exact-path-rules', '/foo/', 404],
    ['exact /foo does not match request /FOO', 'exact-path-rules', '/FOO', 404],
    ['exact /foo does not match request /bar', 'exact-path-rules', '/bar', 404],
    ['prefix /foo matches request /foo', 'prefix-path-rules', '/foo', 'foo-prefix'],
    ['prefix /foo matches request /foo/', 'prefix-path-rules', '/foo/', 'foo-prefix'],
    ['prefix /foo does not match request /FOO', 'prefix-path-rules', '/FOO', 404],
    ['prefix /aaa/bbb matches request /aaa/bbb', 'prefix-path-rules', '/aaa/bbb', 'aaa-slash-bbb-prefix'],
    [
      'prefix /aaa/bbb matches request /aaa/bbb/ccc',
      'prefix-path-rules',
      '/aaa/bbb/ccc',
      'aaa-slash-bbb-prefix',
    ],
    ['prefix /aaa matches request /aaa/ccc', 'prefix-path-rules', '/aaa/ccc', 'aaa-prefix'],
    ['prefix /aaa does not match request /aaaccc', 'prefix-path-rules', '/aaaccc', 404],
    ['exact /foo is preferred for request /foo', 'mixed-path-rules', '/foo', 'foo-exact'],
    [
      'prefix /aaa/bbb/ matches request /aaa/bbb',
      'trailing-slash-path-rules',
      '/aaa/bbb',
      'aaa-slash-bbb-slash-prefix',
    ],
    [
      'prefix /aaa/bbb/ matches request /aaa/bbb/',
      'trailing-slash-path-rules',
      '/aaa/bbb/',
      'aaa-slash-bbb-slash-prefix',
    ],
    ['exact /foo/ does not match request /foo', 'trailing-slash-path-rules', '/foo', 404],
  ] as const)('%s', (_, host, path, want) => {
    expect(ask(host, path)).toBe(want);
  });
});

// Source: ingress-nginx, internal/ingress/controller/{controller,location}.go and template.go.
describe('what ingress-nginx makes of its own', () => {
  it('takes letters, not elements, for ImplementationSpecific', () => {
    const ask = routesOf(ingressOf('letters', { 'x.test': [['ImplementationSpecific', '/foo', 'a']] }));
    expect([ask('x.test', '/foobar'), ask('x.test', '/fo')]).toEqual(['a', 404]);
  });

  it('merges Ingresses of one host, and lets the oldest have a path that two want', () => {
    const young = ingressOf('young', {
      'x.test': [
        ['Prefix', '/', 'young'],
        ['Prefix', '/y', 'y'],
      ],
    });
    const old = ingressOf('old', { 'x.test': [['Prefix', '/', 'old']] }, { age: 60 });
    const ask = routesOf(young, old);
    expect([ask('x.test', '/'), ask('x.test', '/y')]).toEqual(['old', 'y']);
  });

  it('sends what no rule of an Ingress takes to its default backend, and other hosts to that of one without rules', () => {
    const ask = routesOf(
      ingressOf('rules', { 'x.test': [['Exact', '/a', 'a']] }, { defaultBackend: 'own' }),
      ingressOf('all', {}, { defaultBackend: 'all' }),
    );
    expect([ask('x.test', '/a'), ask('x.test', '/b'), ask('y.test', '/')]).toEqual(['a', 'own', 'all']);
  });

  it('compares all paths of a host as regular expressions once one Ingress asks for it, the longest first', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
    const ask = routesOf(
      ingressOf(
        'regex',
        { 'x.test': [['ImplementationSpecific', '/v[0-9]+/items', 'items']] },
        { annotations },
      ),
      ingressOf('plain', { 'x.test': [['Exact', '/foo', 'foo']] }),
    );
    expect([ask('x.test', '/v12/items/3'), ask('x.test', '/V1/ITEMS'), ask('x.test', '/foobar')]).toEqual([
      'items',
      'items',
      'foo',
    ]);
  });

  it('refuses letters of regular expressions in Exact and Prefix', () => {
    const ingress = ingressOf('wrong', { 'x.test': [['Prefix', '/api(/|$)(.*)', 'a']] });
    expect(wrongPaths(ingress)).toEqual(['path /api(/|$)(.*) cannot be used with pathType Prefix']);
    expect(routesOf(ingress)('x.test', '/api')).toBe(404);
  });

  it('follows changes of an Ingress, and of the hosts that it leaves', () => {
    const routes = createRoutes();
    routes.put('default/a', ingressOf('a', { 'x.test': [['Prefix', '/', 'one']] }));
    expect(routes.table('x.test').find('/')?.rule.backend?.service?.name).toBe('one');
    routes.put('default/a', ingressOf('a', { 'y.test': [['Prefix', '/', 'two']] }));
    expect([routes.hostOf('x.test'), routes.hostOf('y.test')]).toEqual(['_', 'y.test']);
    routes.put('default/a', undefined);
    expect(routes.hosts()).toEqual([]);
  });
});

const element = fc.constantFrom('a', 'b', 'ab', 'a-b');
const path = fc
  .tuple(fc.array(element, { maxLength: 3 }), fc.boolean())
  .map(([parts, slash]) => (parts.length === 0 ? '/' : `/${parts.join('/')}${slash ? '/' : ''}`));
const host = fc.constantFrom('', 'x.test', '*.x.test', 'a.x.test', 'x');
const askedHost = fc.constantFrom('x.test', 'a.x.test', 'b.x.test', 'c.b.x.test', 'x', 'other.test');
/** A path without its last slash may stand once per type: with and without it, Prefix says the same. */
const rules = fc.uniqueArray(fc.tuple(host, fc.constantFrom('Exact', 'Prefix'), path), {
  maxLength: 8,
  selector: ([at, type, text]) => `${at} ${type} ${type === 'Prefix' ? text.replace(/\/$/, '') : text}`,
});

it('agrees with a naive reading of the specification on random rules and requests', () => {
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 4 }), askedHost, path, (sets, asked, at) => {
      const all = sets.map((set, index) => {
        const byHost: Record<string, PathOf[]> = {};
        for (const [where, type, text] of set) {
          byHost[where] ??= [];
          byHost[where].push([type, text, `${index}-${type}-${text}`]);
        }
        return ingressOf(`ing-${index}`, byHost, { age: 100 - index });
      });
      expect(routesOf(...all)(asked, at)).toBe(findNaively(all, asked, at)?.service ?? 404);
    }),
    { numRuns: 300 },
  );
});
