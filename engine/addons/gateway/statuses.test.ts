/** What statuses say, after the conformance tests of Gateway API, by their names. */
import { describe, expect, it } from 'vitest';
import { struct, structs, text } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import { certificatePem, privateKeyPem } from './testing/certificate.ts';
import { attachedRoutes, createDesk, infra } from './testing/desk.ts';

function gateway(listener: string, name = 'gw'): string {
  return `
---
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: eg, listeners: [${listener}] }
`;
}

function route(name: string, spec: string, metadata = '', kind = 'HTTPRoute'): string {
  return `
---
kind: ${kind}
metadata: { name: ${name}${metadata} }
spec: { ${spec} }
`;
}

const http = '{ name: http, port: 80, protocol: HTTP }';
const backend = 'rules: [{ backendRefs: [{ name: infra-backend-v1, port: 8080 }] }]';
const toGateway = 'parentRefs: [{ name: gw }]';

describe('routes', () => {
  it.each<readonly [test: string, manifests: string, type: string, want: string]>([
    ['an attached one', gateway(http) + route('r', `${toGateway}, ${backend}`), 'Accepted', 'True Accepted'],
    [
      'HTTPRouteInvalidParentRefNotMatchingSectionName',
      gateway(http) + route('r', `parentRefs: [{ name: gw, sectionName: https }], ${backend}`),
      'Accepted',
      'False NoMatchingParent',
    ],
    [
      'HTTPRouteInvalidParentRefNotMatchingListenerPort',
      gateway(http) + route('r', `parentRefs: [{ name: gw, port: 81 }], ${backend}`),
      'Accepted',
      'False NoMatchingParent',
    ],
    [
      'HTTPRouteInvalidCrossNamespaceParentRef',
      gateway(http) +
        route(
          'r',
          `parentRefs: [{ name: gw, namespace: ${infra} }], ${backend}`,
          ', namespace: gateway-conformance-web-backend',
        ),
      'Accepted',
      'False NotAllowedByListeners',
    ],
    [
      'HTTPRouteDisallowedKind',
      gateway('{ name: tls, port: 443, protocol: TLS, tls: { mode: Passthrough } }') +
        route('r', `${toGateway}, ${backend}`),
      'Accepted',
      'False NotAllowedByListeners',
    ],
    [
      'HTTPRouteHostnameIntersection',
      gateway('{ name: http, port: 80, protocol: HTTP, hostname: very.specific.com }') +
        route('r', `${toGateway}, hostnames: [specific.but.wrong.com], ${backend}`),
      'Accepted',
      'False NoMatchingListenerHostname',
    ],
    [
      'HTTPRouteInvalidNonExistentBackendRef',
      gateway(http) + route('r', `${toGateway}, rules: [{ backendRefs: [{ name: nobody, port: 80 }] }]`),
      'ResolvedRefs',
      'False BackendNotFound',
    ],
    [
      'HTTPRouteInvalidBackendRefUnknownKind',
      gateway(http) +
        route(
          'r',
          `${toGateway}, rules: [{ backendRefs: [{ group: x.example, kind: NonExistent, name: nobody, port: 80 }] }]`,
        ),
      'ResolvedRefs',
      'False InvalidKind',
    ],
    [
      'HTTPRouteInvalidReferenceGrant',
      gateway(http) +
        route('r', `${toGateway}, rules: [{ backendRefs: [{ name: web, namespace: other, port: 8080 }] }]`),
      'ResolvedRefs',
      'False RefNotPermitted',
    ],
    [
      'a port that the Service has not',
      gateway(http) +
        route('r', `${toGateway}, rules: [{ backendRefs: [{ name: infra-backend-v1, port: 9 }] }]`),
      'ResolvedRefs',
      'False PortNotFound',
    ],
    [
      'an expression that is none',
      gateway(http) +
        route(
          'r',
          `${toGateway}, rules: [{ matches: [{ path: { type: RegularExpression, value: "/(" } }] }]`,
        ),
      'Accepted',
      'False UnsupportedValue',
    ],
    [
      'one rule of two that can not be carried out',
      gateway(http) +
        route(
          'r',
          `${toGateway}, rules: [{ filters: [{ type: ExtensionRef, extensionRef: { group: x, kind: Y, name: z } }] }, {}]`,
        ),
      'PartiallyInvalid',
      'True UnsupportedValue',
    ],
  ])('%s', (_test, manifests, type, want) => {
    expect(createDesk(manifests).routeCondition('r', type)).toBe(want);
  });

  it('HTTPRouteCrossNamespace attaches a route of a namespace that the selector takes, and no other', () => {
    const selector =
      'allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { team: web } } } }';
    const desk = createDesk(
      `
kind: Namespace
metadata: { name: web, labels: { team: web } }
${gateway(`{ name: http, port: 80, protocol: HTTP, ${selector} }`)}
${route('in', `parentRefs: [{ name: gw, namespace: ${infra} }], ${backend}`, ', namespace: web')}
${route('out', `parentRefs: [{ name: gw, namespace: ${infra} }], ${backend}`, ', namespace: shop')}
`,
      { services: ['web/infra-backend-v1'] },
    );
    expect([desk.routeCondition('in', 'Accepted'), desk.routeCondition('out', 'Accepted')]).toEqual([
      'True Accepted',
      'False NotAllowedByListeners',
    ]);
    expect(attachedRoutes(desk.gatewayStatus('gw'), 'http')).toBe(1);
  });

  it('says that a Service has no endpoints without calling the reference unresolved', () => {
    const desk = createDesk(
      gateway(http) + route('r', `${toGateway}, rules: [{ backendRefs: [{ name: empty, port: 8080 }] }]`),
      { empty: [`${infra}/empty`] },
    );
    expect([desk.routeCondition('r', 'ResolvedRefs'), desk.routeCondition('r', 'BackendsAvailable')]).toEqual(
      ['True ResolvedRefs', 'False EndpointsNotFound'],
    );
  });

  it('HTTPRouteObservedGenerationBump: conditions say which generation they are about', () => {
    const desk = createDesk(gateway(http) + route('r', `${toGateway}, ${backend}`, ', generation: 7'));
    const status =
      desk.translation.statuses.find(({ resource }) => resource.kind === 'HTTPRoute')?.status ?? {};
    const [parent = {}] = structs(status, 'parents');
    expect(structs(parent, 'conditions').map(({ observedGeneration }) => observedGeneration)).toEqual([7, 7]);
  });

  it('leaves the parents of other controllers as they are', () => {
    const other = '{ parentRef: { name: gw }, controllerName: example.com/other, conditions: [] }';
    const desk = createDesk(
      `${gateway(http)}${route('r', `${toGateway}, ${backend}`)}status: { parents: [${other}] }\n`,
    );
    const status =
      desk.translation.statuses.find(({ resource }) => resource.kind === 'HTTPRoute')?.status ?? {};
    expect(structs(status, 'parents').map((parent) => text(parent, 'controllerName'))).toEqual([
      'example.com/other',
      'gateway.envoyproxy.io/gatewayclass-controller',
    ]);
  });
});

describe('listeners', () => {
  it('GatewayWithAttachedRoutes counts the routes of each', () => {
    const labels = 'allowedRoutes: { namespaces: { from: All } }';
    const desk = createDesk(
      gateway(
        `{ name: http, port: 80, protocol: HTTP, ${labels} }, { name: other, port: 8080, protocol: HTTP }`,
      ) +
        route('r1', `parentRefs: [{ name: gw, sectionName: http }], ${backend}`) +
        route('r2', `parentRefs: [{ name: gw, sectionName: http }], ${backend}`) +
        route('r3', `${toGateway}, ${backend}`),
    );
    const status = desk.gatewayStatus('gw');
    expect([attachedRoutes(status, 'http'), attachedRoutes(status, 'other')]).toEqual([3, 1]);
  });

  it.each<readonly [test: string, listener: string, type: string, want: string]>([
    ['a good one', http, 'Programmed', 'True Programmed'],
    [
      'GatewayInvalidRouteKind',
      '{ name: http, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: InvalidRoute }] } }',
      'ResolvedRefs',
      'False InvalidRouteKinds',
    ],
    [
      'an unknown protocol',
      '{ name: http, port: 80, protocol: example.com/SMTP }',
      'Accepted',
      'False UnsupportedProtocol',
    ],
    ['HTTPS without tls', '{ name: http, port: 443, protocol: HTTPS }', 'Programmed', 'False Invalid'],
    [
      'a hostname twice on a port',
      `${http}, { name: http2, port: 80, protocol: HTTP }`,
      'Conflicted',
      'True HostnameConflict',
    ],
    [
      'two protocols on a port',
      `${http}, { name: tls, port: 80, protocol: TLS, hostname: a.example, tls: { mode: Passthrough } }`,
      'Conflicted',
      'True ProtocolConflict',
    ],
  ])('%s', (_test, listener, type, want) => {
    expect(createDesk(gateway(listener)).listenerCondition('gw', 'http', type)).toBe(want);
  });

  it('GatewayInvalidRouteKind names the kinds that are left', () => {
    const kinds = 'allowedRoutes: { kinds: [{ kind: InvalidRoute }, { kind: HTTPRoute }] }';
    const status = createDesk(gateway(`{ name: http, port: 80, protocol: HTTP, ${kinds} }`)).gatewayStatus(
      'gw',
    );
    const [listener = {}] = structs(status, 'listeners');
    expect(structs(listener, 'supportedKinds').map((kind) => text(kind, 'kind'))).toEqual(['HTTPRoute']);
  });

  it('a Gateway none of whose listeners is valid is not accepted', () => {
    const desk = createDesk(gateway('{ name: http, port: 443, protocol: HTTPS }'));
    const conditions = structs(desk.gatewayStatus('gw'), 'conditions');
    expect(
      conditions.map((one) => `${text(one, 'type')} ${text(one, 'status')} ${text(one, 'reason')}`),
    ).toEqual(['Accepted False ListenersNotValid', 'Programmed False AddressNotAssigned']);
  });
});

describe('certificates', () => {
  const secret = (name: string, namespace: string, data: Readonly<Record<string, string>>): JsonObject => ({
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/tls',
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  });
  const good = { 'tls.crt': certificatePem, 'tls.key': privateKeyPem };
  const secrets = [
    secret('good', infra, good),
    secret('malformed', infra, { 'tls.crt': 'Hello world', 'tls.key': 'Hello world' }),
    secret('elsewhere', 'other', good),
  ];
  const listener = (reference: string) =>
    gateway(`{ name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [${reference}] } }`);
  const grant = (name: string) => `
---
kind: ReferenceGrant
metadata: { name: grant, namespace: other }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: ${infra} }]
  to: [{ group: "", kind: Secret${name} }]
`;

  it.each<readonly [test: string, manifests: string, want: string]>([
    ['a good one', listener('{ name: good }'), 'True ResolvedRefs'],
    [
      'GatewayInvalidTLSConfiguration: no such Secret',
      listener('{ name: nobody }'),
      'False InvalidCertificateRef',
    ],
    [
      'GatewayInvalidTLSConfiguration: another group',
      listener('{ group: wrong.example, kind: Secret, name: good }'),
      'False InvalidCertificateRef',
    ],
    [
      'GatewayInvalidTLSConfiguration: another kind',
      listener('{ kind: WrongKind, name: good }'),
      'False InvalidCertificateRef',
    ],
    [
      'GatewayInvalidTLSConfiguration: no certificate',
      listener('{ name: malformed }'),
      'False InvalidCertificateRef',
    ],
    [
      'GatewaySecretMissingReferenceGrant',
      listener('{ name: elsewhere, namespace: other }'),
      'False RefNotPermitted',
    ],
    [
      'GatewaySecretInvalidReferenceGrant',
      listener('{ name: elsewhere, namespace: other }') + grant(', name: not-this'),
      'False RefNotPermitted',
    ],
    [
      'GatewaySecretReferenceGrantSpecific',
      listener('{ name: elsewhere, namespace: other }') + grant(', name: elsewhere'),
      'True ResolvedRefs',
    ],
    [
      'GatewaySecretReferenceGrantAllInNamespace',
      listener('{ name: elsewhere, namespace: other }') + grant(''),
      'True ResolvedRefs',
    ],
  ])('%s', (_test, manifests, want) => {
    expect(createDesk(manifests, { secrets }).listenerCondition('gw', 'https', 'ResolvedRefs')).toBe(want);
  });
});

describe('classes', () => {
  it('accepts its own, refuses parameters that it does not know, and leaves others alone', () => {
    const desk = createDesk(`
kind: GatewayClass
metadata: { name: tuned }
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
  parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: x, namespace: y }
---
kind: GatewayClass
metadata: { name: theirs }
spec: { controllerName: example.com/other }
`);
    const found = desk.translation.statuses.map(({ object, status }) => {
      const [condition = {}] = structs(status, 'conditions');
      const name = text(struct(object, 'metadata'), 'name');
      return `${name} ${text(condition, 'status')} ${text(condition, 'reason')}`;
    });
    expect(found).toEqual(['eg True Accepted', 'tuned False InvalidParameters']);
  });
});

describe('GRPCRoutes', () => {
  const method = (spec: string, number: number) =>
    `{ matches: [{ method: { ${spec} } }], backendRefs: [{ name: infra-backend-v${number}, port: 8080 }] }`;
  const desk = createDesk(
    gateway(http, 'same-namespace') +
      route(
        'exact-matching',
        `parentRefs: [{ name: same-namespace }], rules: [${[
          method('service: gateway_api_conformance.echo_basic.grpcecho.GrpcEcho, method: Echo', 1),
          method('service: gateway_api_conformance.echo_basic.grpcecho.GrpcEcho, method: EchoTwo', 2),
          method('service: other.Service', 3),
          method('method: Ping', 2),
          method('type: RegularExpression, service: "regex\\\\..+"', 1),
        ].join(', ')}]`,
        '',
        'GRPCRoute',
      ),
  );
  const echo = '/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho';

  it.each<readonly [test: string, path: string, want: string | number]>([
    ['GRPCExactMethodMatching', `${echo}/Echo`, 'infra-backend-v1'],
    ['GRPCExactMethodMatching', `${echo}/EchoTwo`, 'infra-backend-v2'],
    ['GRPCExactMethodMatching', `${echo}/EchoThree`, 404],
    ['a service with any method', '/other.Service/Anything', 'infra-backend-v3'],
    ['a method of any service', '/some.Service/Ping', 'infra-backend-v2'],
    ['a service comes before a method', '/other.Service/Ping', 'infra-backend-v3'],
    ['an expression', '/regex.Service/Call', 'infra-backend-v1'],
  ])('%s: %s', (_test, path, want) => {
    expect(desk.outcome({ method: 'POST', path })).toBe(want);
  });
});
