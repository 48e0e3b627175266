/**
 * HTTPRoutes after the conformance tests of Gateway API, said in our own words: the objects that a test lays out, the requests
 * that it sends and what must come of them. Each group has the name of its test in
 * kubernetes-sigs/gateway-api, conformance/tests.
 */
import { describe, expect, it } from 'vitest';
import { createDesk, type Desk, type DeskRequest, infra } from './testing/desk.ts';

/** The Gateway that most tests share. */
const sameNamespace = `
kind: Gateway
metadata: { name: same-namespace }
spec:
  gatewayClassName: eg
  listeners:
  - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: Same } } }
`;

function v(number: 1 | 2 | 3): string {
  return `backendRefs: [{ name: infra-backend-v${number}, port: 8080 }]`;
}

/** A route of the shared Gateway with rules in short. */
function route(name: string, rules: readonly string[], more = ''): string {
  return `
---
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: same-namespace }]
  ${more}
  rules:
${rules.map((rule) => `  - { ${rule} }`).join('\n')}
`;
}

type Row = readonly [request: DeskRequest, want: string | number];

interface Scenario {
  readonly test: string;
  readonly manifests: string;
  readonly rows: readonly Row[];
}

const [v1, v2, v3] = ['infra-backend-v1', 'infra-backend-v2', 'infra-backend-v3'] as const;
const version = (value: string) => ({ headers: { Version: value } });
const color = (value: string) => ({ headers: { Color: value } });

const scenarios: readonly Scenario[] = [
  {
    test: 'HTTPRouteSimpleSameNamespace',
    manifests: sameNamespace + route('gateway-conformance-infra-test', [v(1)]),
    rows: [[{ path: '/' }, v1]],
  },
  {
    test: 'HTTPRouteMatching',
    manifests:
      sameNamespace +
      route('matching', [
        `matches: [{ path: { type: PathPrefix, value: / } }, { headers: [{ name: version, value: one }] }], ${v(1)}`,
        `matches: [{ path: { type: PathPrefix, value: /v2 } }, { headers: [{ name: version, value: two }] }], ${v(2)}`,
        `matches: [{ path: { type: PathPrefix, value: /v2/ }, headers: [{ name: version, value: one }] }], ${v(1)}`,
      ]),
    rows: [
      [{ path: '/' }, v1],
      [{ path: '/example' }, v1],
      [{ path: '/', ...version('one') }, v1],
      [{ path: '/v2' }, v2],
      [{ path: '/v2/' }, v2],
      [{ path: '/v2/example' }, v2],
      [{ path: '/', ...version('two') }, v2],
      // A prefix is one of path elements.
      [{ path: '/v2example' }, v1],
      [{ path: '/foo/v2/example' }, v1],
      // The third rule has one condition more than the second.
      [{ path: '/v2/example', ...version('one') }, v1],
    ],
  },
  {
    test: 'HTTPRouteMatchingAcrossRoutes',
    manifests:
      sameNamespace +
      route(
        'matching-part1',
        [
          `matches: [{ path: { type: PathPrefix, value: / } }, { headers: [{ name: version, value: one }] }], ${v(1)}`,
        ],
        'hostnames: [example.com, example.net]',
      ) +
      route(
        'matching-part2',
        [
          `matches: [{ path: { type: PathPrefix, value: /v2 } }, { headers: [{ name: version, value: two }] }], ${v(2)}`,
        ],
        'hostnames: [example.com]',
      ),
    rows: [
      [{ host: 'example.com', path: '/' }, v1],
      [{ host: 'example.com', path: '/example' }, v1],
      [{ host: 'example.net', path: '/example' }, v1],
      [{ host: 'example.com', path: '/example', ...version('one') }, v1],
      [{ host: 'example.com', path: '/v2' }, v2],
      [{ host: 'example.net', path: '/v2' }, v1],
      [{ host: 'example.com', path: '/v2/example' }, v2],
      [{ host: 'example.com', path: '/', ...version('two') }, v2],
    ],
  },
  {
    test: 'HTTPRouteExactPathMatching',
    manifests:
      sameNamespace +
      route('exact-matching', [
        `matches: [{ path: { type: Exact, value: /one } }], ${v(1)}`,
        `matches: [{ path: { type: Exact, value: /two } }], ${v(2)}`,
      ]),
    rows: [
      [{ path: '/one' }, v1],
      [{ path: '/two' }, v2],
      [{ path: '/' }, 404],
      [{ path: '/one/example' }, 404],
      [{ path: '/two/' }, 404],
      [{ path: '/Two' }, 404],
    ],
  },
  {
    test: 'HTTPRoutePathMatchOrder',
    manifests:
      sameNamespace +
      route('path-matching-order', [
        `matches: [{ path: { type: PathPrefix, value: /match } }], ${v(3)}`,
        `matches: [{ path: { type: PathPrefix, value: /match/prefix } }], ${v(2)}`,
        `matches: [{ path: { type: Exact, value: /match/exact } }], ${v(1)}`,
        `matches: [{ path: { type: PathPrefix, value: /match/prefix/one } }], ${v(1)}`,
        `matches: [{ path: { type: Exact, value: /match } }], ${v(2)}`,
      ]),
    rows: [
      [{ path: '/match/exact' }, v1],
      [{ path: '/match' }, v2],
      [{ path: '/match/prefix/one/any' }, v1],
      [{ path: '/match/prefix/any' }, v2],
      [{ path: '/match/any' }, v3],
    ],
  },
  {
    test: 'HTTPRouteHeaderMatching',
    manifests:
      sameNamespace +
      route('header-matching', [
        `matches: [{ headers: [{ name: version, value: one }] }], ${v(1)}`,
        `matches: [{ headers: [{ name: version, value: two }] }], ${v(2)}`,
        `matches: [{ headers: [{ name: version, value: two }, { name: color, value: orange }] }], ${v(1)}`,
        `matches: [{ headers: [{ name: color, value: blue }] }, { headers: [{ name: color, value: green }] }], ${v(1)}`,
        `matches: [{ headers: [{ name: color, value: red }] }, { headers: [{ name: color, value: yellow }] }], ${v(2)}`,
      ]),
    rows: [
      [version('one'), v1],
      [version('two'), v2],
      [{ headers: { Version: 'two', Color: 'orange' } }, v1],
      // Both rules have one condition: the one that is written first counts.
      [{ headers: { Version: 'two', Color: 'blue' } }, v2],
      [color('orange'), 404],
      [{ headers: { 'Some-Other-Header': 'one' } }, 404],
      [color('blue'), v1],
      [color('green'), v1],
      [color('red'), v2],
      [color('yellow'), v2],
      [color('purple'), 404],
    ],
  },
  {
    test: 'HTTPRouteQueryParamMatching',
    manifests:
      sameNamespace +
      route('query-param-matching', [
        `matches: [{ queryParams: [{ name: animal, value: whale }] }], ${v(1)}`,
        `matches: [{ queryParams: [{ name: animal, value: dolphin }] }], ${v(2)}`,
        `matches: [{ queryParams: [{ name: animal, value: dolphin }, { name: color, value: blue }] }], ${v(3)}`,
        `matches: [{ queryParams: [{ name: ANIMAL, value: Whale }] }], ${v(3)}`,
        `matches: [{ path: { value: /path1 }, queryParams: [{ name: animal, value: whale }] }], ${v(1)}`,
        `matches: [{ headers: [{ name: version, value: one }], queryParams: [{ name: animal, value: whale }] }], ${v(2)}`,
        `matches: [{ path: { value: /path2 }, headers: [{ name: version, value: two }], queryParams: [{ name: animal, value: whale }] }], ${v(3)}`,
        `matches: [{ path: { value: /path3 }, queryParams: [{ name: animal, value: shark }] }, { path: { value: /path4 }, headers: [{ name: version, value: three }], queryParams: [{ name: animal, value: kraken }] }], ${v(1)}`,
        `matches: [{ path: { value: /path5 }, queryParams: [{ name: animal, value: hydra }] }], ${v(1)}`,
        `matches: [{ headers: [{ name: version, value: four }], queryParams: [{ name: animal, value: hydra }] }], ${v(3)}`,
      ]),
    rows: [
      [{ path: '/?animal=whale' }, v1],
      [{ path: '/?animal=dolphin' }, v2],
      [{ path: '/?animal=dolphin&color=blue' }, v3],
      [{ path: '/?ANIMAL=Whale' }, v3],
      [{ path: '/?animal=whale&otherparam=irrelevant' }, v1],
      [{ path: '/?animal=dolphin&color=yellow' }, v2],
      [{ path: '/?color=blue' }, 404],
      [{ path: '/?animal=dog' }, 404],
      [{ path: '/?animal=whaledolphin' }, 404],
      [{ path: '/' }, 404],
      [{ path: '/path1?animal=whale' }, v1],
      [{ path: '/?animal=whale', ...version('one') }, v2],
      [{ path: '/path2?animal=whale', ...version('two') }, v3],
      [{ path: '/path3?animal=shark' }, v1],
      [{ path: '/path4?animal=kraken', ...version('three') }, v1],
      [{ path: '/?animal=shark' }, 404],
      [{ path: '/path4?animal=kraken' }, 404],
      [{ path: '/path5?animal=hydra' }, v1],
      [{ path: '/?animal=hydra', ...version('four') }, v3],
    ],
  },
  {
    test: 'HTTPRouteMethodMatching',
    manifests:
      sameNamespace +
      route('method-matching', [
        `matches: [{ method: POST }], ${v(1)}`,
        `matches: [{ method: GET }], ${v(2)}`,
        `matches: [{ path: { value: /path1 }, method: GET }], ${v(1)}`,
        `matches: [{ headers: [{ name: version, value: one }], method: PUT }], ${v(2)}`,
        `matches: [{ path: { value: /path2 }, headers: [{ name: version, value: two }], method: POST }], ${v(3)}`,
        `matches: [{ path: { value: /path3 }, method: PATCH }, { path: { value: /path4 }, headers: [{ name: version, value: three }], method: DELETE }], ${v(1)}`,
        `matches: [{ path: { value: /path5 } }], ${v(1)}`,
        `matches: [{ method: PATCH }], ${v(2)}`,
        `matches: [{ headers: [{ name: version, value: four }] }], ${v(3)}`,
      ]),
    rows: [
      [{ method: 'POST' }, v1],
      [{ method: 'GET' }, v2],
      [{ method: 'HEAD' }, 404],
      [{ method: 'GET', path: '/path1' }, v1],
      [{ method: 'PUT', ...version('one') }, v2],
      [{ method: 'POST', path: '/path2', ...version('two') }, v3],
      [{ method: 'PATCH', path: '/path3' }, v1],
      [{ method: 'DELETE', path: '/path4', ...version('three') }, v1],
      [{ method: 'PUT' }, 404],
      [{ method: 'DELETE', path: '/path4' }, 404],
      [{ method: 'PATCH', path: '/path5' }, v1],
      [{ method: 'PATCH', ...version('four') }, v2],
    ],
  },
  {
    test: 'HTTPRouteHostnameIntersection',
    manifests: `
kind: Gateway
metadata: { name: same-namespace }
spec:
  gatewayClassName: eg
  listeners:
  - { name: listener-1, port: 80, protocol: HTTP, hostname: very.specific.com }
  - { name: listener-2, port: 80, protocol: HTTP, hostname: "*.wildcard.io" }
  - { name: listener-3, port: 80, protocol: HTTP, hostname: "*.anotherwildcard.io" }
${route('s1', [`matches: [{ path: { value: /s1 } }], ${v(1)}`], 'hostnames: [non.matching.com, "*.nonmatchingwildcard.io", very.specific.com]')}
${route('s2', [`matches: [{ path: { value: /s2 } }], ${v(2)}`], 'hostnames: [non.matching.com, wildcard.io, foo.wildcard.io, bar.wildcard.io, foo.bar.wildcard.io]')}
${route('s3', [`matches: [{ path: { value: /s3 } }], ${v(3)}`], 'hostnames: [non.matching.com, "*.specific.com"]')}
${route('s4', [`matches: [{ path: { value: /s4 } }], ${v(1)}`], 'hostnames: ["*.anotherwildcard.io"]')}
${route('no-intersecting-hosts', [`matches: [{ path: { value: /s5 } }], ${v(2)}`], 'hostnames: [specific.but.wrong.com, wildcard.io]')}
`,
    rows: [
      [{ host: 'very.specific.com', path: '/s1' }, v1],
      [{ host: 'very.specific.com:1234', path: '/s1' }, v1],
      [{ host: 'non.matching.com', path: '/s1' }, 404],
      [{ host: 'foo.nonmatchingwildcard.io', path: '/s1' }, 404],
      [{ host: 'foo.wildcard.io', path: '/s1' }, 404],
      [{ host: 'very.specific.com', path: '/non-matching-prefix' }, 404],
      [{ host: 'foo.wildcard.io', path: '/s2' }, v2],
      [{ host: 'bar.wildcard.io', path: '/s2' }, v2],
      [{ host: 'foo.bar.wildcard.io', path: '/s2' }, v2],
      [{ host: 'wildcard.io', path: '/s2' }, 404],
      [{ host: 'very.specific.com', path: '/s2' }, 404],
      [{ host: 'very.specific.com', path: '/s3' }, v3],
      [{ host: 'foo.specific.com', path: '/s3' }, 404],
      [{ host: 'foo.anotherwildcard.io', path: '/s4' }, v1],
      [{ host: 'foo.bar.anotherwildcard.io', path: '/s4' }, v1],
      [{ host: 'anotherwildcard.io', path: '/s4' }, 404],
      [{ host: 'foo.wildcard.io', path: '/s4' }, 404],
      [{ host: 'specific.but.wrong.com', path: '/s5' }, 404],
      [{ host: 'wildcard.io', path: '/s5' }, 404],
    ],
  },
  {
    test: 'HTTPRouteListenerHostnameMatching',
    manifests: `
kind: Gateway
metadata: { name: same-namespace }
spec:
  gatewayClassName: eg
  listeners:
  - { name: listener-1, port: 80, protocol: HTTP, hostname: bar.com }
  - { name: listener-2, port: 80, protocol: HTTP, hostname: foo.bar.com }
  - { name: listener-3, port: 80, protocol: HTTP, hostname: "*.bar.com" }
  - { name: listener-4, port: 80, protocol: HTTP, hostname: "*.foo.com" }
---
kind: HTTPRoute
metadata: { name: backend-v1 }
spec: { parentRefs: [{ name: same-namespace, sectionName: listener-1 }], rules: [{ ${v(1)} }] }
---
kind: HTTPRoute
metadata: { name: backend-v2 }
spec: { parentRefs: [{ name: same-namespace, sectionName: listener-2 }], rules: [{ ${v(2)} }] }
---
kind: HTTPRoute
metadata: { name: backend-v3 }
spec:
  parentRefs:
  - { name: same-namespace, sectionName: listener-3 }
  - { name: same-namespace, sectionName: listener-4 }
  rules: [{ ${v(3)} }]
`,
    rows: [
      [{ host: 'bar.com' }, v1],
      [{ host: 'foo.bar.com' }, v2],
      [{ host: 'baz.bar.com' }, v3],
      [{ host: 'boo.bar.com' }, v3],
      [{ host: 'multiple.prefixes.bar.com' }, v3],
      [{ host: 'multiple.prefixes.foo.com' }, v3],
      [{ host: 'foo.com' }, 404],
      [{ host: 'no.matching.host' }, 404],
    ],
  },
  {
    test: 'GatewayHTTPListenerIsolation',
    manifests: `
kind: Gateway
metadata: { name: same-namespace }
spec:
  gatewayClassName: eg
  listeners:
  - { name: empty-hostname, port: 80, protocol: HTTP }
  - { name: wildcard-example-com, port: 80, protocol: HTTP, hostname: "*.example.com" }
  - { name: wildcard-foo-example-com, port: 80, protocol: HTTP, hostname: "*.foo.example.com" }
  - { name: abc-foo-example-com, port: 80, protocol: HTTP, hostname: abc.foo.example.com }
${['empty-hostname', 'wildcard-example-com', 'wildcard-foo-example-com', 'abc-foo-example-com']
  .map(
    (name) => `
---
kind: HTTPRoute
metadata: { name: attaches-to-${name} }
spec: { parentRefs: [{ name: same-namespace, sectionName: ${name} }], rules: [{ matches: [{ path: { value: /${name} } }], ${v(1)} }] }`,
  )
  .join('')}
`,
    rows: [
      [{ host: 'bar.com', path: '/empty-hostname' }, v1],
      [{ host: 'bar.com', path: '/wildcard-example-com' }, 404],
      [{ host: 'bar.example.com', path: '/empty-hostname' }, 404],
      [{ host: 'bar.example.com', path: '/wildcard-example-com' }, v1],
      [{ host: 'bar.foo.example.com', path: '/wildcard-example-com' }, 404],
      [{ host: 'bar.foo.example.com', path: '/wildcard-foo-example-com' }, v1],
      [{ host: 'abc.foo.example.com', path: '/wildcard-foo-example-com' }, 404],
      [{ host: 'abc.foo.example.com', path: '/abc-foo-example-com' }, v1],
    ],
  },
  {
    test: 'HTTPRouteInvalidNonExistentBackendRef',
    manifests: sameNamespace + route('invalid', ['backendRefs: [{ name: nonexistent, port: 8080 }]']),
    rows: [[{ path: '/' }, 500]],
  },
  {
    test: 'HTTPRouteInvalidBackendRefUnknownKind',
    manifests:
      sameNamespace +
      route('invalid', [
        'backendRefs: [{ group: unknownkind.example.com, kind: NonExistent, name: x, port: 8080 }]',
      ]),
    rows: [[{ path: '/v2' }, 500]],
  },
  {
    test: 'HTTPRouteInvalidCrossNamespaceBackendRef',
    manifests:
      sameNamespace +
      route('invalid', [
        'backendRefs: [{ name: web-backend, namespace: gateway-conformance-web-backend, port: 8080 }]',
      ]),
    rows: [[{ path: '/' }, 500]],
  },
  {
    test: 'HTTPRouteServiceWithoutEndpoints (HTTPRouteServiceTypes)',
    manifests: sameNamespace + route('empty', ['backendRefs: [{ name: infra-backend-empty, port: 8080 }]']),
    rows: [[{ path: '/' }, 503]],
  },
  {
    test: 'HTTPRouteAllBackendsWeightZero',
    manifests:
      sameNamespace + route('zero', ['backendRefs: [{ name: infra-backend-v1, port: 8080, weight: 0 }]']),
    rows: [[{ path: '/' }, 500]],
  },
];

const options = {
  services: ['gateway-conformance-web-backend/web-backend'],
  empty: [`${infra}/infra-backend-empty`],
};

describe.each(scenarios)('$test', ({ manifests, rows }) => {
  const desk = createDesk(manifests, options);
  it.each(rows.map(([request, want]) => [describeRequest(request), request, want] as const))(
    '%s',
    (_name, request, want) => {
      expect(desk.outcome(request)).toBe(want);
    },
  );
});

function describeRequest({ method = 'GET', host = '', path = '/', headers = {} }: DeskRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [method, `${host}${path}`, ...fields].join(' ');
}

describe('HTTPRouteWeight', () => {
  const weights = [
    ['infra-backend-v1', 70],
    ['infra-backend-v2', 30],
    ['infra-backend-v3', 0],
  ] as const;
  const refs = weights.map(([name, weight]) => `{ name: ${name}, port: 8080, weight: ${weight} }`).join(', ');
  const desk = createDesk(sameNamespace + route('weighted-backends', [`backendRefs: [${refs}]`]));

  it('gives each backend its share of the weights, and none without weight anything', () => {
    expect(shares(desk, 1000)).toEqual({ 'infra-backend-v1': 700, 'infra-backend-v2': 300 });
  });
});

describe('HTTPRoutePartiallyInvalidViaInvalidReferenceGrant', () => {
  const rules = [
    'matches: [{ path: { value: /v2 } }], backendRefs: [{ name: web-backend, namespace: gateway-conformance-web-backend, port: 8080 }]',
    `matches: [{ path: { value: / } }], ${v(1)}`,
  ];
  const grant = (from: string) => `
---
kind: ReferenceGrant
metadata: { name: grant, namespace: gateway-conformance-web-backend }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${from} }]
  to: [{ group: "", kind: Service, name: web-backend }]
`;

  it('answers 500 for the part that is not allowed and serves the other', () => {
    const desk = createDesk(sameNamespace + route('invalid', rules) + grant('somewhere-else'), options);
    expect([desk.outcome({ path: '/v2' }), desk.outcome({ path: '/' })]).toEqual([500, v1]);
    expect(desk.routeCondition('invalid', 'ResolvedRefs')).toBe('False RefNotPermitted');
    expect(desk.routeCondition('invalid', 'Accepted')).toBe('True Accepted');
  });

  it('serves it once a ReferenceGrant names the route’s namespace (HTTPRouteReferenceGrant)', () => {
    const desk = createDesk(sameNamespace + route('valid', rules) + grant(infra), options);
    expect(desk.outcome({ path: '/v2' })).toBe('web-backend');
    expect(desk.routeCondition('valid', 'ResolvedRefs')).toBe('True ResolvedRefs');
  });

  it('answers 500 in proportion to the weight of what can not be asked', () => {
    const refs =
      '{ name: infra-backend-v1, port: 8080, weight: 3 }, { name: missing, port: 8080, weight: 1 }';
    const desk = createDesk(sameNamespace + route('half', [`backendRefs: [${refs}]`]));
    expect(shares(desk, 100)).toEqual({ 'infra-backend-v1': 75, 500: 25 });
  });
});

function shares(desk: Desk, requests: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let at = 0; at < requests; at += 1) {
    const outcome = String(desk.outcome({ chance: (at + 0.5) / requests }));
    found[outcome] = (found[outcome] ?? 0) + 1;
  }
  return found;
}
