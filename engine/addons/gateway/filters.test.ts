/**
 * Filters after the conformance tests of Gateway API, by their names, and after the table of prefix replacements in
 * HTTPPathModifier.replacePrefixMatch (apis/v1/httproute_types.go).
 */
import { describe, expect, it } from 'vitest';
import { modifyPath, normalizePath } from './rewrite.ts';
import { createDesk, type DeskRequest } from './testing/desk.ts';

const listeners = `
kind: Gateway
metadata: { name: same-namespace }
spec:
  gatewayClassName: eg
  listeners:
  - { name: http, port: 80, protocol: HTTP }
  - { name: other, port: 8080, protocol: HTTP }
---
kind: HTTPRoute
metadata: { name: filtered }
spec:
  parentRefs: [{ name: same-namespace }]
  rules:
`;
const backend = 'backendRefs: [{ name: infra-backend-v1, port: 8080 }]';

function rule(path: string, filters: string, more = backend): string {
  return `  - { matches: [{ path: { value: ${path} } }], filters: [${filters}], ${more} }\n`;
}

function redirect(path: string, spec: string): string {
  return `  - { matches: [{ path: { value: ${path} } }], filters: [{ type: RequestRedirect, requestRedirect: { ${spec} } }] }\n`;
}

describe('redirects', () => {
  const desk = createDesk(
    listeners +
      redirect('/hostname-redirect', 'hostname: example.org') +
      redirect('/host-and-status', 'hostname: example.org, statusCode: 301') +
      redirect(
        '/original-prefix',
        'path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }',
      ) +
      redirect('/full', 'path: { type: ReplaceFullPath, replaceFullPath: /full-path-replacement }') +
      redirect(
        '/path-and-host',
        'hostname: example.org, path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }',
      ) +
      redirect('/scheme-nil-and-port-nil', 'hostname: example.org') +
      redirect('/scheme-nil-and-port-80', 'hostname: example.org, port: 80') +
      redirect('/scheme-nil-and-port-8080', 'hostname: example.org, port: 8080') +
      redirect('/scheme-https-and-port-nil', 'hostname: example.org, scheme: https') +
      redirect('/scheme-https-and-port-443', 'hostname: example.org, scheme: https, port: 443') +
      redirect('/scheme-https-and-port-8443', 'hostname: example.org, scheme: https, port: 8443') +
      redirect('/query', 'statusCode: 308, scheme: https'),
  );

  it.each<readonly [test: string, request: DeskRequest, status: number, location: string]>([
    [
      'HTTPRouteRedirectHostAndStatus',
      { path: '/hostname-redirect' },
      302,
      'http://example.org/hostname-redirect',
    ],
    [
      'HTTPRouteRedirectHostAndStatus',
      { path: '/host-and-status' },
      301,
      'http://example.org/host-and-status',
    ],
    [
      'HTTPRouteRedirectPath',
      { path: '/original-prefix/lemon' },
      302,
      'http://example.com/replacement-prefix/lemon',
    ],
    [
      'HTTPRouteRedirectPath',
      { path: '/full/path/original' },
      302,
      'http://example.com/full-path-replacement',
    ],
    ['HTTPRouteRedirectPath', { path: '/path-and-host' }, 302, 'http://example.org/replacement-prefix'],
    [
      'HTTPRouteRedirectPortAndScheme',
      { path: '/scheme-nil-and-port-nil' },
      302,
      'http://example.org/scheme-nil-and-port-nil',
    ],
    [
      'HTTPRouteRedirectPortAndScheme',
      { path: '/scheme-nil-and-port-80' },
      302,
      'http://example.org/scheme-nil-and-port-80',
    ],
    [
      'HTTPRouteRedirectPort',
      { path: '/scheme-nil-and-port-8080' },
      302,
      'http://example.org:8080/scheme-nil-and-port-8080',
    ],
    [
      'HTTPRouteRedirectScheme',
      { path: '/scheme-https-and-port-nil' },
      302,
      'https://example.org/scheme-https-and-port-nil',
    ],
    [
      'HTTPRouteRedirectPortAndScheme',
      { path: '/scheme-https-and-port-443' },
      302,
      'https://example.org/scheme-https-and-port-443',
    ],
    [
      'HTTPRouteRedirectPortAndScheme',
      { path: '/scheme-https-and-port-8443' },
      302,
      'https://example.org:8443/scheme-https-and-port-8443',
    ],
    [
      'HTTPRouteRedirectPortAndScheme, on a listener of port 8080',
      { path: '/scheme-nil-and-port-nil', port: 8080 },
      302,
      'http://example.org:8080/scheme-nil-and-port-nil',
    ],
    [
      'HTTPRouteRedirectPortAndScheme, on a listener of port 8080',
      { path: '/scheme-nil-and-port-80', port: 8080 },
      302,
      'http://example.org/scheme-nil-and-port-80',
    ],
    ['HTTPRoute308Redirect', { path: '/query?a=b' }, 308, 'https://example.com/query?a=b'],
  ])('%s: %o', (_test, request, status, location) => {
    const { action } = desk.send(request);
    expect(action).toMatchObject({ kind: 'respond', status, headers: [['location', location]] });
  });
});

describe('rewrites', () => {
  const modifier =
    '{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Header-Set, value: set-overwrites-values }], add: [{ name: X-Header-Add, value: header-val-1 }, { name: X-Header-Add-Append, value: header-val-2 }], remove: [X-Header-Remove] } }';
  const rewrite = (spec: string) => `{ type: URLRewrite, urlRewrite: { ${spec} } }`;
  const prefix = (value: string) =>
    rewrite(`path: { type: ReplacePrefixMatch, replacePrefixMatch: ${value} }`);
  const full = (value: string) => rewrite(`path: { type: ReplaceFullPath, replaceFullPath: ${value} }`);
  const desk = createDesk(
    listeners +
      rule('/prefix/one', prefix('/one')) +
      rule('/strip-prefix', prefix('/')) +
      rule('/full/one', full('/one')) +
      rule('/full/rewrite-path-and-modify-headers', `${full('/test')}, ${modifier}`) +
      rule('/prefix/rewrite-path-and-modify-headers', `${prefix('/prefix')}, ${modifier}`) +
      rule('/host', rewrite('hostname: one.example.org')),
  );

  it.each<readonly [test: string, path: string, target: string]>([
    ['HTTPRouteRewritePath', '/prefix/one/two', '/one/two'],
    ['HTTPRouteRewritePath', '/strip-prefix/three', '/three'],
    ['HTTPRouteRewritePath', '/strip-prefix', '/'],
    ['HTTPRouteRewritePath', '/full/one/two', '/one'],
    ['HTTPRouteRewritePath, with its query', '/prefix/one/two?a=b', '/one/two?a=b'],
  ])('%s: %s', (_test, path, target) => {
    expect(desk.send({ path }).action).toMatchObject({ kind: 'forward', target });
  });

  it.each([
    ['/full/rewrite-path-and-modify-headers/test', '/test'],
    ['/prefix/rewrite-path-and-modify-headers/one', '/prefix/one'],
  ])('HTTPRouteRewritePath changes header fields too: %s', (path, target) => {
    const headers = {
      'X-Header-Remove': 'remove-val',
      'X-Header-Add-Append': 'append-val-1',
      'X-Header-Set': 'set-val',
    };
    const { action } = desk.send({ path, headers });
    expect(action).toMatchObject({ target });
    expect(action.headers.filter(([name]) => name.startsWith('x-header'))).toEqual([
      ['x-header-add-append', 'append-val-1'],
      ['x-header-set', 'set-overwrites-values'],
      ['x-header-add', 'header-val-1'],
      ['x-header-add-append', 'header-val-2'],
    ]);
  });

  it('HTTPRouteRewriteHost asks for another host and says which was asked for', () => {
    const { action } = desk.send({ path: '/host', host: 'rewrite.example' });
    expect(new Map(action.headers).get('host')).toBe('one.example.org');
    expect(new Map(action.headers).get('x-forwarded-host')).toBe('rewrite.example');
  });
});

describe('header fields', () => {
  const request = (spec: string) => `{ type: RequestHeaderModifier, requestHeaderModifier: { ${spec} } }`;
  const response = (spec: string) => `{ type: ResponseHeaderModifier, responseHeaderModifier: { ${spec} } }`;
  const desk = createDesk(
    listeners +
      rule('/set', request('set: [{ name: X-Header-Set, value: set-overwrites-values }]')) +
      rule('/add', request('add: [{ name: X-Header-Add, value: add-appends-values }]')) +
      rule('/remove', request('remove: [X-Header-Remove]')) +
      rule(
        '/response',
        response('set: [{ name: X-Set, value: one }], add: [{ name: X-Add, value: two }], remove: [X-Gone]'),
      ),
  );

  it.each<
    readonly [path: string, headers: Readonly<Record<string, string>>, want: readonly (readonly string[])[]]
  >([
    [
      '/set',
      { 'Some-Other-Header': 'val' },
      [
        ['some-other-header', 'val'],
        ['x-header-set', 'set-overwrites-values'],
      ],
    ],
    ['/set', { 'X-Header-Set': 'some-other-value' }, [['x-header-set', 'set-overwrites-values']]],
    [
      '/add',
      { 'X-Header-Add': 'some-other-value' },
      [
        ['x-header-add', 'some-other-value'],
        ['x-header-add', 'add-appends-values'],
      ],
    ],
    ['/remove', { 'X-Header-Remove': 'val', 'Some-Other-Header': 'val' }, [['some-other-header', 'val']]],
  ])('HTTPRouteRequestHeaderModifier: %s %o', (path, headers, want) => {
    const { action } = desk.send({ path, headers });
    const ownFields = /^(?:host|x-forwarded-.*|x-envoy-.*|x-request-id)$/;
    expect(action.headers.filter(([name]) => !ownFields.test(name))).toEqual(want);
  });

  it('HTTPRouteResponseHeaderModifier changes what comes back', () => {
    expect(desk.send({ path: '/response' }).action).toMatchObject({
      hiddenHeaders: ['x-gone', 'x-set'],
      addedHeaders: [
        ['x-set', 'one'],
        ['x-add', 'two'],
      ],
    });
  });

  it('tells the backend who asked, over what, and which request it is', () => {
    const { action } = desk.send({ path: '/add', headers: { 'X-Forwarded-For': '192.0.2.1' } });
    const told = new Map(action.headers);
    expect([told.get('x-forwarded-for'), told.get('x-forwarded-proto'), told.has('x-request-id')]).toEqual([
      '192.0.2.1,198.51.100.10',
      'http',
      true,
    ]);
  });
});

describe('mirrors', () => {
  const mirror = (name: string, more = '') =>
    `{ type: RequestMirror, requestMirror: { backendRef: { name: ${name}, port: 8080 }${more} } }`;
  const desk = createDesk(
    listeners +
      rule('/mirror', mirror('infra-backend-v2')) +
      rule('/multi-mirror', `${mirror('infra-backend-v2')}, ${mirror('infra-backend-v3')}`) +
      rule('/half', mirror('infra-backend-v2', ', percent: 50')) +
      rule('/missing', mirror('nobody')),
  );
  const copies = (path: string, chance = 0.5) =>
    desk.send({ path, chance }).mirrors.map(({ upstream }) => upstream);

  it.each([
    ['HTTPRouteRequestMirror', '/mirror', ['gateway-conformance-infra/infra-backend-v2:8080']],
    [
      'HTTPRouteRequestMultipleMirrors',
      '/multi-mirror',
      ['gateway-conformance-infra/infra-backend-v2:8080', 'gateway-conformance-infra/infra-backend-v3:8080'],
    ],
    ['a mirror that can not be asked', '/missing', []],
  ])('%s', (_test, path, want) => {
    expect([desk.outcome({ path }), copies(path)]).toEqual(['infra-backend-v1', want]);
  });

  it('HTTPRouteRequestPercentageMirror copies that part of the requests', () => {
    const requests = Array.from({ length: 1000 }, (_, at) => copies('/half', (at + 0.123) / 1000).length);
    const copied = requests.reduce((sum, count) => sum + count, 0);
    expect(copied).toBeGreaterThan(450);
    expect(copied).toBeLessThan(550);
  });
});

describe('paths', () => {
  it.each([
    ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
    ['/foo', '/foo', '/xyz', '/xyz'],
    ['/foo/', '/foo', '/xyz', '/xyz/'],
    ['/foo/bar', '/foo', '', '/bar'],
    ['/foo/', '/foo', '', '/'],
    ['/foo', '/foo', '', '/'],
    ['/foo/', '/foo', '/', '/'],
    ['/foo', '/foo', '/', '/'],
  ])('%s with the prefix %s replaced by "%s" is %s', (path, value, replacement, want) => {
    const modifier = { type: 'ReplacePrefixMatch', value: replacement } as const;
    expect(modifyPath(path, modifier, { type: 'PathPrefix', value })).toBe(want);
  });

  it.each([
    ['/', '/'],
    ['//a//b', '/a/b'],
    ['/a/./b/../c', '/a/c'],
    ['/a/..', '/'],
    ['/../../a/', '/a/'],
  ])('%s is taken as %s', (path, want) => {
    expect(normalizePath(path)).toBe(want);
  });

  it('sends who hides a slash to where it is seen', () => {
    const desk = createDesk(listeners + rule('/a/b', ''));
    expect(desk.send({ path: '/a%2Fb?c=d' }).action).toMatchObject({
      status: 307,
      headers: [['location', '/a/b?c=d']],
    });
  });
});
