/**
 * More conformance tests of Gateway API v1.5.1 by their names, said in our own words: CORS, ports, GRPCRoutes, TLSRoutes,
 * time-outs, Gateways. Source: kubernetes-sigs/gateway-api, conformance/tests.
 * Left out, with what they ask for: ListenerSet* (ListenerSets), BackendTLSPolicy*, GatewayBackendClientCertificate*,
 * GatewayFrontend*ClientCertificate*, GatewayInvalid*ClientCertificate*, GatewayInvalidTLSBackendConfiguration (TLS to backends
 * and certificates of clients), HTTPRouteBackendProtocolH2C and WebSocket (HTTP/1.1 only),
 * HTTPRouteHTTPSListenerDetectMisdirectedRequests (no 421), TLSRouteListenerMixedTerminationNotSupported and
 * TLSRouteListenerTerminateNotSupported (for implementations without it), UDPRoute (not in the standard channel),
 * GatewayOptionalAddressValue (addresses without a value).
 */
import { describe, expect, it } from 'vitest';
import { struct, structs, text } from '../../api/read.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Fields } from '../proxied-request.ts';
import { proxyDeployment, proxyService } from './infrastructure.ts';
import { answerProxy } from './serve.ts';
import { certificatePem, privateKeyPem } from './testing/certificate.ts';
import { createDesk, type Desk, type DeskRequest, infra } from './testing/desk.ts';

const [v1, v2, v3] = ['infra-backend-v1', 'infra-backend-v2', 'infra-backend-v3'] as const;
const to = (name: string, more = '') => `backendRefs: [{ name: ${name}, port: 8080${more} }]`;

function gateway(listeners: readonly string[], name = 'same-namespace'): string {
  return `
---
kind: Gateway
metadata: { name: ${name} }
spec:
  gatewayClassName: eg
  listeners:
${listeners.map((listener) => `  - { ${listener} }`).join('\n')}
`;
}

function route(
  name: string,
  rules: readonly string[],
  more = '',
  kind = 'HTTPRoute',
  parent = '{ name: same-namespace }',
) {
  return `
---
kind: ${kind}
metadata: { name: ${name} }
spec:
  parentRefs: [${parent}]
  ${more}
  rules:
${rules.map((rule) => `  - { ${rule} }`).join('\n')}
`;
}

const http = 'name: http, port: 80, protocol: HTTP';

/** Fields of the answer that the proxy itself puts there. */
function answerFields(
  desk: Desk,
  request: DeskRequest,
): { readonly status: number | undefined; readonly fields: ReadonlyMap<string, string> } {
  const { action } = desk.send(request);
  const fields: Fields = action.kind === 'respond' ? action.headers : action.addedHeaders;
  return { status: action.kind === 'respond' ? action.status : undefined, fields: new Map(fields) };
}

describe('HTTPRouteCORS', () => {
  const cors = (path: string, policy: string) =>
    `matches: [{ path: { value: ${path} } }], filters: [{ type: CORS, cors: { ${policy} } }], ${to(v1)}`;
  const desk = createDesk(
    gateway([http]) +
      route('cors', [
        cors(
          '/cors-1',
          'allowOrigins: ["https://www.foo.com", "https://*.bar.com"], allowMethods: [GET, OPTIONS], allowHeaders: [x-header-1, x-header-2], exposeHeaders: [x-header-3, x-header-4], allowCredentials: true, maxAge: 3600',
        ),
        cors('/cors-2', 'allowOrigins: ["https://www.foo.com"], allowMethods: ["*"]'),
        cors('/cors-wildcard-origin', 'allowOrigins: ["*"], allowMethods: [PUT], allowCredentials: false'),
        cors(
          '/auth',
          'allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"], allowCredentials: true',
        ),
        cors(
          '/unauth',
          'allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"], allowCredentials: false',
        ),
      ]),
  );
  const preflight = (path: string, origin: string, method = 'GET'): DeskRequest => ({
    path,
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'x-header-1, x-header-2',
    },
  });

  it.each(['https://www.foo.com', 'https://www.bar.com', 'https://xpto.www.bar.com'])(
    'a preflight from %s is answered',
    (origin) => {
      const { status, fields } = answerFields(desk, preflight('/cors-1', origin));
      expect([status, Object.fromEntries(fields)]).toEqual([
        200,
        {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, OPTIONS',
          'access-control-allow-headers': 'x-header-1, x-header-2',
          'access-control-expose-headers': 'x-header-3, x-header-4',
          'access-control-max-age': '3600',
          'access-control-allow-credentials': 'true',
        },
      ]);
    },
  );

  it.each<readonly [string, DeskRequest, Readonly<Record<string, string | undefined>>]>([
    ['a preflight from a non-matching origin', preflight('/cors-1', 'https://foobar.com'), {}],
    [
      'a simple request from an exact matching origin',
      { path: '/cors-1', headers: { Origin: 'https://www.foo.com' } },
      { 'access-control-allow-origin': 'https://www.foo.com' },
    ],
    [
      'a simple request from a wildcard matching origin',
      { path: '/cors-1', headers: { Origin: 'https://www.bar.com' } },
      { 'access-control-allow-origin': 'https://www.bar.com' },
    ],
    [
      'a simple request from a non-matching origin',
      { path: '/cors-1', headers: { Origin: 'https://foobar.com' } },
      { 'access-control-allow-origin': undefined },
    ],
    [
      'any method by a wildcard',
      preflight('/cors-2', 'https://www.foo.com', 'POST'),
      { 'access-control-allow-methods': '*', 'access-control-allow-credentials': undefined },
    ],
    [
      'a wildcard origin with a port',
      preflight('/cors-wildcard-origin', 'https://foobar.com:12345', 'PUT'),
      {
        'access-control-allow-origin': 'https://foobar.com:12345',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-credentials': undefined,
      },
    ],
    [
      'wildcards with credentials, which are spelled out',
      preflight('/auth', 'https://other.foo.com', 'PUT'),
      {
        'access-control-allow-origin': 'https://other.foo.com',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-header-1, x-header-2',
        'access-control-allow-credentials': 'true',
      },
    ],
    [
      'wildcards without credentials',
      preflight('/unauth', 'https://other.foo.com', 'PUT'),
      {
        'access-control-allow-methods': '*',
        'access-control-allow-headers': '*',
        'access-control-allow-credentials': undefined,
      },
    ],
    [
      'a request with credentials (HTTPRouteCORSAllowCredentialsBehavior)',
      { path: '/auth', headers: { Origin: 'https://app.example', Cookie: 'sid=abc123' } },
      { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-credentials': 'true' },
    ],
    [
      'credentials that are not allowed (HTTPRouteCORSAllowCredentialsBehavior)',
      { path: '/unauth', headers: { Origin: 'https://app.example', Cookie: 'sid=abc123' } },
      { 'access-control-allow-credentials': undefined },
    ],
  ])('%s', (_name, request, want) => {
    const { fields } = answerFields(desk, request);
    const found = Object.fromEntries(Object.keys(want).map((name) => [name, fields.get(name)]));
    expect(found).toEqual(want);
    if (Object.keys(want).length === 0) expect([...fields.keys()]).toEqual([]);
  });
});

describe('ports and parents', () => {
  const listener = (name: string, port: number, host: string) =>
    `name: ${name}, port: ${port}, protocol: HTTP, hostname: ${host}`;
  const parent = (more: string) => `{ name: same-namespace, ${more} }`;
  const desk = createDesk(
    gateway([
      listener('listener-1', 80, 'foo.com'),
      listener('listener-2', 8080, 'foo.com'),
      listener('listener-3', 8080, 'bar.com'),
      listener('listener-4', 8090, 'foo.com'),
      listener('listener-5', 8090, 'bar.com'),
    ]) +
      route('backend-v1', [to(v1)], '', 'HTTPRoute', parent('port: 80')) +
      route('backend-v2', [to(v2)], '', 'HTTPRoute', parent('port: 8080')) +
      route('backend-v3', [to(v3)], '', 'HTTPRoute', parent('port: 8090, sectionName: listener-4')) +
      route('wrong', [to(v3)], '', 'HTTPRoute', parent('port: 80, sectionName: listener-4')),
  );
  it.each([
    ['foo.com', 80, v1],
    ['foo.com', 8080, v2],
    ['bar.com', 8080, v2],
    ['foo.com', 8090, v3],
    ['bar.com', 8090, 404],
  ])('HTTPRouteListenerPortMatching: %s at port %i', (host, port, want) => {
    expect(desk.outcome({ host, port })).toBe(want);
  });

  it('HTTPRouteInvalidParentRefSectionNameNotMatchingPort', () => {
    expect(desk.routeCondition('wrong', 'Accepted')).toBe('False NoMatchingParent');
  });

  it.each(['HTTPRouteNamedRule', 'GRPCRouteNamedRule'])('%s: a rule may have a name', (test) => {
    const kind = test.replace('NamedRule', '');
    const named = createDesk(gateway([http]) + route('named', [`name: my-rule, ${to(v1)}`], '', kind));
    expect([
      named.outcome({ method: 'POST', path: '/a/B' }),
      named.routeCondition('named', 'Accepted', kind),
    ]).toEqual([v1, 'True Accepted']);
  });

  it.each([
    ['HTTPRoute303Redirect', 303],
    ['HTTPRoute307Redirect', 307],
  ])('%s', (_test, statusCode) => {
    const filter = `filters: [{ type: RequestRedirect, requestRedirect: { scheme: https, hostname: example.org, statusCode: ${statusCode} } }]`;
    const redirecting = createDesk(gateway([http]) + route('redirect', [filter]));
    const { status, fields } = answerFields(redirecting, { path: '/saved' });
    expect([status, fields.get('location')]).toEqual([statusCode, 'https://example.org/saved']);
  });
});

describe('HTTPRouteHTTPSListener', () => {
  const secrets: readonly JsonObject[] = [
    {
      kind: 'Secret',
      metadata: { namespace: infra, name: 'good' },
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': Buffer.from(certificatePem).toString('base64'),
        'tls.key': Buffer.from(privateKeyPem).toString('base64'),
      },
    },
  ];
  const https = (name: string, hostname: string) =>
    `name: ${name}, port: 443, protocol: HTTPS${hostname}, tls: { certificateRefs: [{ name: good }] }`;
  const desk = createDesk(
    gateway([https('https', ''), https('https-with-hostname', ', hostname: second-example.org')]) +
      route(
        'any',
        [to(v1)],
        'hostnames: [example.org]',
        'HTTPRoute',
        '{ name: same-namespace, sectionName: https }',
      ) +
      route('named', [to(v2)], '', 'HTTPRoute', '{ name: same-namespace, sectionName: https-with-hostname }'),
    { secrets },
  );
  it.each([
    ['example.org', v1],
    ['second-example.org', v2],
    ['unknown-example.org', 404],
  ])('takes %s', (host, want) => {
    expect(desk.outcome({ host, port: 443 })).toBe(want);
  });
});

describe('filters and time-outs', () => {
  const header = (value: string) =>
    `filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: Backend, value: ${value} }] } }]`;
  const sent = (desk: Desk, chance: number) => {
    const { action } = desk.send({ chance });
    return action.kind === 'forward'
      ? [action.upstream.split(/[/:]/)[1], new Map(action.headers).get('backend')]
      : action.status;
  };

  it('HTTPRouteBackendRequestHeaderModifier and HTTPRouteRequestHeaderModifierBackendWeights: each backend has its own', () => {
    const refs = [v1, v2]
      .map((name) => `{ name: ${name}, port: 8080, weight: 50, ${header(name)} }`)
      .join(', ');
    const desk = createDesk(gateway([http]) + route('weights', [`backendRefs: [${refs}]`]));
    expect([sent(desk, 0.1), sent(desk, 0.9)]).toEqual([
      [v1, v1],
      [v2, v2],
    ]);
  });

  it.each([
    ['HTTPRouteTimeoutRequest', '{ request: 500ms }', 500],
    ['HTTPRouteTimeoutRequest, disabled', '{ request: 0s }', 86_400_000],
    ['HTTPRouteTimeoutBackendRequest', '{ backendRequest: 500ms }', 500],
    ['HTTPRouteTimeoutBackendRequest, disabled', '{ backendRequest: 0s }', 86_400_000],
    ['without timeouts, as Envoy has it', '{}', 15_000],
  ])('%s', (_test, timeouts, want) => {
    const desk = createDesk(gateway([http]) + route('timeouts', [`timeouts: ${timeouts}, ${to(v1)}`]));
    const { action } = desk.send({});
    expect(action.kind === 'forward' ? action.readTimeoutMs : action.status).toBe(want);
  });
});

describe('GRPCRoutes', () => {
  const call = (more: DeskRequest): DeskRequest => ({ method: 'POST', path: '/grpc.Echo/Echo', ...more });
  const matching = createDesk(
    gateway([http]) +
      route(
        'grpc-header-matching',
        [
          `matches: [{ headers: [{ name: version, value: one }] }], ${to(v1)}`,
          `matches: [{ headers: [{ name: version, value: two }] }], ${to(v2)}`,
          `matches: [{ headers: [{ name: version, value: two }, { name: color, value: orange }] }], ${to(v1)}`,
          `matches: [{ headers: [{ name: color, value: blue }] }, { headers: [{ name: color, value: green }] }], ${to(v1)}`,
          `matches: [{ headers: [{ name: color, value: red }] }, { headers: [{ name: color, value: yellow }] }], ${to(v2)}`,
        ],
        '',
        'GRPCRoute',
      ),
  );
  it.each<readonly [Readonly<Record<string, string>>, string | number]>([
    [{ Version: 'one' }, v1],
    [{ Version: 'two' }, v2],
    [{ Version: 'two', Color: 'orange' }, v1],
    [{ Version: 'two', Color: 'blue' }, v2],
    [{ Color: 'orange' }, 404],
    [{ 'Some-Other-Header': 'one' }, 404],
    [{ Color: 'blue' }, v1],
    [{ Color: 'green' }, v1],
    [{ Color: 'red' }, v2],
    [{ Color: 'yellow' }, v2],
    [{ Color: 'purple' }, 404],
  ])('GRPCRouteHeaderMatching: %j', (headers, want) => {
    expect(matching.outcome(call({ headers }))).toBe(want);
  });

  const section = (name: string) => `{ name: same-namespace, sectionName: ${name} }`;
  const hosts = createDesk(
    gateway(
      ['bar.com', 'foo.bar.com', '"*.bar.com"', '"*.foo.com"'].map(
        (host, index) => `name: listener-${index + 1}, port: 80, protocol: HTTP, hostname: ${host}`,
      ),
    ) +
      route('backend-v1', [to(v1)], '', 'GRPCRoute', section('listener-1')) +
      route('backend-v2', [to(v2)], '', 'GRPCRoute', section('listener-2')) +
      route('backend-v3', [to(v3)], '', 'GRPCRoute', `${section('listener-3')}, ${section('listener-4')}`),
  );
  it.each([
    ['bar.com', v1],
    ['foo.bar.com', v2],
    ['baz.bar.com', v3],
    ['boo.bar.com', v3],
    ['multiple.prefixes.bar.com', v3],
    ['multiple.prefixes.foo.com', v3],
    ['foo.com', 404],
    ['no.matching.host', 404],
  ])('GRPCRouteListenerHostnameMatching: %s', (host, want) => {
    expect(hosts.outcome(call({ host }))).toBe(want);
  });

  it('GRPCRouteWeight shares by weight', () => {
    const refs = [
      `{ name: ${v1}, port: 8080, weight: 70 }`,
      `{ name: ${v2}, port: 8080, weight: 30 }`,
      `{ name: ${v3}, port: 8080, weight: 0 }`,
    ];
    const desk = createDesk(
      gateway([http]) + route('weight', [`backendRefs: [${refs.join(', ')}]`], '', 'GRPCRoute'),
    );
    const found = Array.from({ length: 100 }, (_, at) => desk.outcome(call({ chance: (at + 0.5) / 100 })));
    expect([v1, v2, v3].map((name) => found.filter((one) => one === name).length)).toEqual([70, 30, 0]);
  });
});

describe('TLSRoutes', () => {
  const tls = (hostname: string, more = '') =>
    `name: tls, port: 443, protocol: TLS, ${hostname === '' ? '' : `hostname: "${hostname}", `}tls: { mode: Passthrough }${more}`;
  const tlsRoute = (name: string, hostnames: string, rule = to(v1)) =>
    route(name, [rule], `hostnames: [${hostnames}]`, 'TLSRoute');
  /** The Service that a connection with this name is passed on to. */
  const passed = (desk: Desk, serverName: string) => {
    const all = new Map(
      desk.translation.gateways.map(({ configuration }) => [configuration.gateway, configuration]),
    );
    const question = {
      ask: 'tls',
      gateway: `${infra}/same-namespace`,
      port: 10_443,
      serverName,
      chance: 0.5,
    };
    const answer = answerProxy(all, question);
    const endpoints = isJsonObject(answer) && Array.isArray(answer.endpoints) ? answer.endpoints : [];
    return String(endpoints[0] ?? 'refused');
  };
  const [first, second] = ['10.244.0.1:3000', '10.244.0.2:3000'];

  it.each<readonly [string, string, readonly (readonly [string, string])[], string, string]>([
    ['exact listener', 'abc.example.com', [['*.example.com', v1]], 'abc.example.com', first],
    ['exact listener', 'abc.example.com', [['*.example.com', v1]], 'non.matching.com', 'refused'],
    [
      'more specific wildcard listener',
      '*.example.com',
      [
        ['abc.example.com', v1],
        ['*.com', v2],
      ],
      'abc.example.com',
      first,
    ],
    [
      'more specific wildcard listener',
      '*.example.com',
      [
        ['abc.example.com', v1],
        ['*.com', v2],
      ],
      'other.example.com',
      second,
    ],
    [
      'more specific wildcard listener',
      '*.example.com',
      [
        ['abc.example.com', v1],
        ['*.com', v2],
      ],
      'non.matching.com',
      'refused',
    ],
    [
      'less specific wildcard listener',
      '*.com',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'abc.example.com',
      first,
    ],
    [
      'less specific wildcard listener',
      '*.com',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'other.example.com',
      second,
    ],
    [
      'less specific wildcard listener',
      '*.com',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'other.com',
      'refused',
    ],
    [
      'listener without hostname',
      '',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'abc.example.com',
      first,
    ],
    [
      'listener without hostname',
      '',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'other.example.com',
      second,
    ],
    [
      'listener without hostname',
      '',
      [
        ['abc.example.com', v1],
        ['*.example.com', v2],
      ],
      'other.org',
      'refused',
    ],
  ])(
    'TLSRouteHostnameIntersection: %s "%s" with %j takes %s',
    (_name, listener, routes, serverName, want) => {
      const manifests = routes.map(([host, service], index) =>
        tlsRoute(`r${index}`, `"${host}"`, to(service)),
      );
      expect(passed(createDesk(gateway([tls(listener)]) + manifests.join('')), serverName)).toBe(want);
    },
  );

  it('TLSRouteSimpleSameNamespace', () => {
    const desk = createDesk(gateway([tls('')]) + tlsRoute('simple', 'abc.example.com'));
    expect([passed(desk, 'abc.example.com'), desk.routeCondition('simple', 'Accepted', 'TLSRoute')]).toEqual([
      first,
      'True Accepted',
    ]);
  });

  it.each([
    ['TLSRouteInvalidBackendRefNonexistent', to('missing'), 'ResolvedRefs', 'False BackendNotFound'],
    [
      'TLSRouteInvalidBackendRefUnknownKind',
      to(v1, ', kind: NonExistent'),
      'ResolvedRefs',
      'False InvalidKind',
    ],
    [
      'TLSRouteInvalidReferenceGrant',
      to('web-backend', ', namespace: gateway-conformance-web-backend'),
      'ResolvedRefs',
      'False RefNotPermitted',
    ],
  ])('%s', (_test, rule, type, want) => {
    const desk = createDesk(gateway([tls('')]) + tlsRoute('wrong', 'abc.example.com', rule), {
      services: ['gateway-conformance-web-backend/web-backend'],
    });
    expect(desk.routeCondition('wrong', type, 'TLSRoute')).toBe(want);
  });

  it('TLSRouteInvalidNoMatchingListenerHostname', () => {
    const desk = createDesk(gateway([tls('abc.example.com')]) + tlsRoute('wrong', 'other.example.com'));
    expect(desk.routeCondition('wrong', 'Accepted', 'TLSRoute')).toBe('False NoMatchingListenerHostname');
  });

  it.each([
    ['no such section', '{ name: same-namespace, sectionName: nowhere }', 'False NoMatchingParent'],
    ['a listener of HTTP', '{ name: same-namespace, sectionName: http }', 'False NotAllowedByListeners'],
  ])('TLSRouteInvalidNoMatchingListener: %s', (_name, parent, want) => {
    const desk = createDesk(
      gateway([tls(''), http]) + route('wrong', [to(v1)], 'hostnames: [a.example.com]', 'TLSRoute', parent),
    );
    expect(desk.routeCondition('wrong', 'Accepted', 'TLSRoute')).toBe(want);
  });

  it('TLSRouteListenerPassthroughSupportedKinds: a listener of TLS takes no HTTPRoutes', () => {
    const kinds = ', allowedRoutes: { kinds: [{ kind: HTTPRoute }, { kind: TLSRoute }] }';
    const desk = createDesk(gateway([tls('', kinds)]));
    expect(desk.listenerCondition('same-namespace', 'tls', 'ResolvedRefs')).toBe('False InvalidRouteKinds');
    const [status = {}] = structs(desk.gatewayStatus('same-namespace'), 'listeners');
    expect(structs(status, 'supportedKinds').map((kind) => text(kind, 'kind'))).toEqual(['TLSRoute']);
  });
});

describe('Gateways', () => {
  it('GatewayObservedGenerationBump and GatewayClassObservedGenerationBump: conditions say which generation they are about', () => {
    const desk = createDesk(
      `${gateway([http]).replace('{ name: same-namespace }', '{ name: same-namespace, generation: 7 }')}
---
kind: GatewayClass
metadata: { name: own, generation: 3 }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
`,
    );
    const generations = (kind: string, name: string) =>
      desk.translation.statuses
        .filter(
          ({ resource, object }) =>
            resource.kind === kind && text(struct(object, 'metadata'), 'name') === name,
        )
        .flatMap(({ status }) => structs(status, 'conditions'))
        .map(({ observedGeneration }) => observedGeneration);
    expect([generations('Gateway', 'same-namespace'), generations('GatewayClass', 'own')]).toEqual([
      [7, 7],
      [3],
    ]);
  });

  it.each([
    [
      'GatewayModifyListeners: a listener that is added',
      [http, 'name: other, port: 8080, protocol: HTTP'],
      ['http', 'other'],
    ],
    ['GatewayModifyListeners: a listener that is taken away', [http], ['http']],
  ])('%s', (_test, listeners, want) => {
    const status = createDesk(gateway(listeners)).gatewayStatus('same-namespace');
    expect(structs(status, 'listeners').map((listener) => text(listener, 'name'))).toEqual(want);
  });

  const object = (spec: JsonObject): JsonObject => ({
    metadata: { namespace: infra, name: 'gw' },
    spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], ...spec },
  });

  it('GatewayInfrastructure: labels and annotations of what is made', () => {
    const wanted = object({
      infrastructure: { labels: { key1: 'value1' }, annotations: { key2: 'value2' } },
    });
    for (const made of [proxyDeployment(wanted), proxyService(wanted, ['http']) ?? {}]) {
      expect(struct(struct(made, 'metadata'), 'labels')).toMatchObject({ key1: 'value1' });
      expect(struct(struct(made, 'metadata'), 'annotations')).toEqual({ key2: 'value2' });
    }
  });

  it('GatewayStaticAddresses: addresses that are asked for are those of the Service', () => {
    const wanted = object({ addresses: [{ type: 'IPAddress', value: '203.0.113.77' }] });
    expect(struct(proxyService(wanted, ['http']) ?? {}, 'spec').externalIPs).toEqual(['203.0.113.77']);
  });
});
