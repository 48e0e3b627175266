import { describe, expect, it } from 'vitest';
import type { Cause } from './cause.ts';
import { formatCause } from './format-cause.ts';
import type { ManifestSlip, RefusalHint } from './manifest-trouble.ts';

const service = { kind: 'Service', namespace: 'default', name: 'web' };
const gateway = { kind: 'Gateway', namespace: 'default', name: 'edge' };
const route = { kind: 'HTTPRoute', namespace: 'shop', name: 'cart' };
const ingress = { kind: 'Ingress', namespace: 'default', name: 'shop' };
const pod = { kind: 'Pod', namespace: 'default', name: 'web-1' };

const hints: readonly { readonly hint: RefusalHint; readonly names: readonly string[] }[] = [
  {
    hint: { kind: 'unknown-field', objectKind: 'Service', path: 'spec.typ', nearest: 'type' },
    names: ['Service', 'spec.typ', 'type'],
  },
  {
    hint: {
      kind: 'unknown-field',
      objectKind: 'Service',
      path: 'spec.nodePort',
      elsewhere: 'spec.ports[*].nodePort',
    },
    names: ['spec.ports[*].nodePort'],
  },
  {
    hint: { kind: 'unknown-field', objectKind: 'Service', path: 'spec.ports[0].colour' },
    names: ['kubectl explain service.spec.ports'],
  },
  {
    hint: {
      kind: 'unknown-kind',
      apiVersion: 'v1',
      objectKind: 'Ingress',
      meant: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
    },
    names: ['apiVersion: networking.k8s.io/v1', 'kind: Ingress'],
  },
  { hint: { kind: 'unknown-kind', apiVersion: 'v1', objectKind: 'X' }, names: ['kubectl api-resources'] },
  { hint: { kind: 'not-set', field: 'kind' }, names: ['kind'] },
  {
    hint: { kind: 'wrong-type', path: 'spec.ports[0].port', wanted: 'number', found: 'text', value: '80' },
    names: ['spec.ports[0].port', '80'],
  },
  {
    hint: { kind: 'wrong-type', path: 'spec.selector.matchLabels', wanted: 'text', found: 'map' },
    names: ['spec.selector.matchLabels'],
  },
  { hint: { kind: 'wrong-type', path: 'spec.ports', wanted: 'list', found: 'map' }, names: ['`- `'] },
  { hint: { kind: 'namespace-missing', namespace: 'prod' }, names: ['prod', 'kubectl get namespaces'] },
  { hint: { kind: 'immutable', path: 'spec.clusterIPs[0]' }, names: ['spec.clusterIPs[0]'] },
  {
    hint: { kind: 'over-quota', quota: 'three', namespace: 'test' },
    names: ['kubectl describe quota three -n test'],
  },
  { hint: { kind: 'required', path: 'spec.ports' }, names: ['spec.ports'] },
  { hint: { kind: 'bad-name', path: 'metadata.name', value: '가게', what: 'name' }, names: ['가게'] },
  {
    hint: { kind: 'not-one-of', path: 'spec.type', value: 'X', values: ['A', 'B'] },
    names: ['spec.type', 'A, B'],
  },
  {
    hint: { kind: 'out-of-range', path: 'spec.ports[0].nodePort', value: '80', range: '30000-32767' },
    names: ['spec.ports[0].nodePort', '30000-32767'],
  },
  { hint: { kind: 'taken', path: 'spec.clusterIP', value: '10.96.0.1' }, names: ['10.96.0.1'] },
];

const slips: readonly { readonly slip: ManifestSlip; readonly names: readonly string[] }[] = [
  { slip: { kind: 'empty' }, names: ['service.yaml', 'kubedrill reset'] },
  { slip: { kind: 'pasted', what: 'command' }, names: ['--dry-run=client -o yaml'] },
  { slip: { kind: 'code-fence' }, names: ['```'] },
  { slip: { kind: 'plain-text', text: 'hello' }, names: ['hello'] },
  { slip: { kind: 'lookalike', character: '：', instead: ':' }, names: ['U+FF1A'] },
  { slip: { kind: 'no-colon', text: 'type:NodePort' }, names: ['type:NodePort'] },
  { slip: { kind: 'tab' }, names: ['in other words'] },
  { slip: { kind: 'list' }, names: ['`---`'] },
];

const causes: readonly { readonly cause: Cause; readonly names: readonly string[] }[] = [
  {
    cause: {
      code: 'selector-matches-nothing',
      service,
      selector: { app: 'web' },
      nearest: { pod, key: 'app', wanted: 'web', found: 'website' },
    },
    names: ['default/web', 'app=web', 'app=website', 'default/web-1'],
  },
  {
    cause: { code: 'selector-matches-nothing', service, selector: { app: 'web' } },
    names: ['default/web', 'app=web'],
  },
  {
    cause: { code: 'no-ready-endpoints', service, pods: [{ pod, reason: 'ContainersNotReady' }] },
    names: ['default/web-1', 'ContainersNotReady'],
  },
  {
    cause: {
      code: 'no-ready-endpoints',
      service,
      pods: [{ pod, reason: 'ErrImagePull', image: { name: 'ngnix', nearest: ['nginx', 'node'] } }],
    },
    names: ['default/web-1', 'ErrImagePull', 'ngnix', 'nginx, node'],
  },
  {
    cause: {
      code: 'nobody-listens',
      at: pod,
      address: '10.244.1.5',
      port: 90,
      listening: [80],
      field: { object: service, path: 'spec.ports[0].targetPort', value: '90' },
    },
    names: ['10.244.1.5', '90', '80', 'spec.ports[0].targetPort', 'default/web'],
  },
  {
    cause: {
      code: 'ingress-not-served',
      ingress,
      className: 'ngnix',
      classes: ['nginx'],
      hasController: true,
    },
    names: ['default/shop', 'ngnix', 'nginx'],
  },
  {
    cause: { code: 'ingress-not-served', ingress, classes: [], hasController: false },
    names: ['default/shop'],
  },
  {
    cause: { code: 'ingress-host-missing', host: 'shop.test', hosts: ['shop.example'] },
    names: ['shop.test', 'shop.example'],
  },
  {
    cause: {
      code: 'ingress-every-host',
      host: 'www.test',
      ingress: { ...pod, kind: 'Ingress', name: 'shop' },
    },
    names: ['www.test', 'default/shop'],
  },
  {
    cause: { code: 'ingress-path-missing', host: 'shop.test', path: '/cart/', rules: ['Exact /cart'] },
    names: ['shop.test', '/cart/', 'Exact /cart'],
  },
  {
    cause: {
      code: 'ingress-rule-won',
      path: '/cart/1',
      ingress,
      rule: 'Prefix /cart',
      service: 'cart',
      lost: { rule: 'Prefix /', service: 'web', because: 'longer' },
    },
    names: ['/cart/1', 'default/shop', 'Prefix /cart', 'cart', 'Prefix /', 'web'],
  },
  {
    cause: {
      code: 'ingress-rule-took',
      host: 'x.test',
      path: '/cart/1',
      ingress,
      rule: 'Prefix /cart',
      service: 'cart',
      by: 'below',
    },
    names: ['x.test', '/cart/1', 'default/shop', 'Prefix /cart', 'cart'],
  },
  {
    cause: {
      code: 'ingress-annotation',
      path: '/',
      ingress,
      rule: 'Prefix /',
      status: 308,
      annotation: 'ssl-redirect',
    },
    names: ['default/shop', 'Prefix /', '308', 'ssl-redirect'],
  },
  {
    cause: {
      code: 'ingress-canary',
      path: '/',
      ingress,
      service: 'web',
      canary: {
        ingress: { ...ingress, name: 'new' },
        service: 'next',
        by: 'weight',
        weight: 10,
        weightTotal: 100,
      },
      wentTo: 'web',
      share: { requests: 50, found: 4, wanted: '20–30' },
    },
    names: ['50', '4', '20–30', 'default/shop', 'web', 'default/new', 'next', 'canary-weight', '10', '100'],
  },
  {
    cause: { code: 'ingress-backend-silent', ingress, service: 'web', seconds: 60 },
    names: ['default/shop', 'web', '60', '504', 'proxy-read-timeout'],
  },
  {
    cause: {
      code: 'ingress-annotation-missing',
      path: '/a',
      ingress,
      rule: 'Prefix /',
      service: 'web',
      wanted: 403,
      status: 200,
      annotations: ['whitelist-source-range'],
    },
    names: ['/a', 'default/shop', 'Prefix /', 'web', '200', '403', 'whitelist-source-range'],
  },
  {
    cause: { code: 'ingress-backend-secure', ingress, service: 'web' },
    names: ['default/shop', 'web', 'backend-protocol', 'HTTPS'],
  },
  {
    cause: {
      code: 'ingress-path-passed-on',
      path: '/api/a',
      ingress,
      rule: 'Prefix /api',
      service: 'web',
      target: '/api/a',
    },
    names: ['default/shop', 'Prefix /api', 'web', '/api/a', 'rewrite-target'],
  },
  {
    cause: {
      code: 'gateway-rule-took',
      host: 'x.test',
      path: '/a',
      route,
      rule: 'PathPrefix /',
      services: ['web'],
      isForEveryHost: true,
    },
    names: ['x.test', '/a', 'shop/cart', 'PathPrefix /', 'web', 'spec.hostnames'],
  },
  {
    cause: {
      code: 'gateway-weights',
      path: '/a',
      route,
      rule: 'PathPrefix /',
      backends: [
        { service: 'stable', weight: 90 },
        { service: 'canary', weight: 10 },
      ],
      share: { requests: 100, found: 90, wanted: '4–18' },
    },
    names: ['100', '90', '4–18', 'shop/cart', 'PathPrefix /', 'stable 90', 'canary 10'],
  },
  {
    cause: { code: 'ingress-backend-missing', ingress, service, services: ['api'] },
    names: ['default/shop', 'default/web', 'api'],
  },
  {
    cause: { code: 'ingress-backend-port', ingress, service, port: '8080', ports: ['80 (http)'] },
    names: ['default/shop', 'default/web', '8080', '80 (http)'],
  },
  {
    cause: {
      code: 'ingress-certificate',
      ingress,
      host: 'shop.test',
      reason: 'secret "default/tls" was not found',
    },
    names: ['default/shop', 'shop.test', 'default/tls'],
  },
  {
    cause: {
      code: 'gateway-class-not-accepted',
      gateway,
      className: 'nginx',
      classes: ['eg'],
      isThere: false,
    },
    names: ['default/edge', 'nginx', 'eg'],
  },
  {
    cause: {
      code: 'gateway-not-ready',
      gateway,
      condition: 'Programmed',
      reason: 'NoResources',
      message: 'Envoy replicas unavailable',
    },
    names: ['default/edge', 'Programmed', 'NoResources'],
  },
  {
    cause: {
      code: 'route-not-attached',
      route,
      gateway,
      reason: 'NotAllowedByListeners',
      message: 'No listeners included by this parent ref allowed this attachment.',
      listeners: ['http (port 80): namespaces Same'],
    },
    names: ['shop/cart', 'default/edge', 'NotAllowedByListeners', 'http (port 80): namespaces Same'],
  },
  {
    cause: { code: 'route-names-other-parent', route, gateway, parents: ['shop/other'] },
    names: ['shop/cart', 'default/edge', 'shop/other'],
  },
  {
    cause: { code: 'gateway-host-missing', gateway, host: 'a.test', hostnames: ['b.test'] },
    names: ['default/edge', 'a.test', 'b.test'],
  },
  {
    cause: {
      code: 'gateway-rule-missing',
      gateway,
      host: 'a.test',
      path: '/b',
      rules: ['PathPrefix /a (path)'],
    },
    names: ['default/edge', 'a.test', '/b', 'PathPrefix /a (path)'],
  },
  {
    cause: {
      code: 'gateway-rule-won',
      path: '/cart',
      route,
      rule: 'Exact /cart',
      services: ['web'],
      lost: { route, rule: 'PathPrefix /', because: 'precedence' },
    },
    names: ['/cart', 'shop/cart', 'Exact /cart', 'web', 'PathPrefix /'],
  },
  {
    cause: { code: 'route-backend-refused', route, rule: 'PathPrefix /', problem: 'service a/b not found' },
    names: ['shop/cart', 'PathPrefix /', 'service a/b not found'],
  },
  {
    cause: { code: 'log-differs', pod, pattern: 'lost', isWanted: false, lines: 3 },
    names: ['default/web-1', '`lost`', '3'],
  },
  {
    cause: { code: 'log-differs', pod, pattern: 'ok', isWanted: true, lines: 2 },
    names: ['default/web-1', '`ok`', '2'],
  },
  {
    cause: {
      code: 'denied-by-policy',
      direction: 'Ingress',
      pod,
      peer: '172.18.0.9',
      protocol: 'TCP',
      port: 80,
      policies: [{ ...pod, kind: 'NetworkPolicy', name: 'deny' }],
      nearest: {
        policy: { ...pod, kind: 'NetworkPolicy', name: 'deny' },
        path: 'spec.ingress[0]',
        differs: 'peer',
      },
    },
    names: ['default/web-1', '172.18.0.9', 'TCP', '80', 'default/deny', 'spec.ingress[0]'],
  },
  {
    cause: {
      code: 'no-selector',
      service,
      stray: { object: { ...service, kind: 'EndpointSlice', name: 'old' }, label: 'elsewhere' },
    },
    names: ['default/web', 'default/old', 'service-name=elsewhere', 'kubernetes.io/service-name=web'],
  },
  {
    cause: {
      code: 'no-selector',
      service,
      stray: { object: { ...service, kind: 'Endpoints', name: 'old' } },
    },
    names: ['default/web', 'default/old', 'Endpoints'],
  },
  {
    cause: {
      code: 'endpoint-port-name',
      service,
      endpoints: { ...service, kind: 'Endpoints' },
      wanted: 'pg',
      found: ['postgres'],
    },
    names: ['default/web', 'Endpoints', 'pg', 'postgres'],
  },
  {
    cause: {
      code: 'endpoint-is-service-address',
      service,
      endpoints: { ...service, kind: 'Endpoints' },
      address: '10.96.0.9',
      owner: { ...service, name: 'other' },
    },
    names: ['default/web', '10.96.0.9', 'default/other'],
  },
  {
    cause: { code: 'external-name-unknown', service, externalName: 'db.example', isAddress: false },
    names: ['default/web', 'db.example', 'spec.externalName'],
  },
  {
    cause: { code: 'external-name-unknown', service, externalName: '192.0.2.7', isAddress: true },
    names: ['default/web', '192.0.2.7', 'EndpointSlice'],
  },
  {
    cause: { code: 'pod-name-unpublished', name: 'web-1.web', service, pod: { pod, subdomain: 'www' } },
    names: ['web-1.web', 'default/web-1', 'www', 'spec.serviceName'],
  },
  {
    cause: { code: 'pod-name-unpublished', name: 'web-9.web', service },
    names: ['web-9.web', 'default/web'],
  },
  {
    cause: { code: 'no-such-service-port', service, port: 53, ports: [53], protocol: 'UDP' },
    names: ['default/web', '53', 'UDP'],
  },
  { cause: { code: 'no-such-service-port', service, port: 80, ports: [90, 91] }, names: ['80', '90, 91'] },
  {
    cause: {
      code: 'type-not-reachable-from-there',
      service,
      type: 'ClusterIP',
      from: 'client',
      needed: 'NodePort',
    },
    names: ['ClusterIP', 'NodePort'],
  },
  {
    cause: { code: 'name-not-found', name: 'web', from: pod, nearest: { ...service, namespace: 'shop' } },
    names: ['web', 'default/web-1', 'shop/web'],
  },
  {
    cause: {
      code: 'refused-by-api-server',
      file: 'service.yaml',
      line: 3,
      column: 5,
      reason: 'Invalid',
      message: 'strict decoding error: unknown field "spec.prots"',
    },
    names: ['service.yaml:3:5', 'strict decoding error: unknown field "spec.prots"'],
  },
  {
    cause: {
      code: 'reachable-but-should-not-be',
      from: 'client',
      to: '203.0.113.1:80',
      sourceRange: { client: '198.51.100.17', range: '198.51.100.0/24' },
    },
    names: ['203.0.113.1:80', '198.51.100.17', '198.51.100.0/24', 'spec.loadBalancerSourceRanges'],
  },
  {
    cause: { code: 'missing-since-refused', file: 'pod.yaml', line: 4, column: 3, object: pod },
    names: ['default/web-1', 'pod.yaml:4:3'],
  },
  { cause: { code: 'missing-since-refused', file: 'pod.yaml', line: 4, column: 3 }, names: ['pod.yaml:4:3'] },
  {
    cause: { code: 'object-missing', object: pod, wasThere: true },
    names: ['default/web-1'],
  },
  ...[true, false].map((shouldBeNew) => ({
    cause: { code: 'identity-differs', object: pod, shouldBeNew } as const,
    names: ['default/web-1'],
  })),
  {
    cause: {
      code: 'unknown-command',
      file: 'prove.sh',
      command: 'kubctl get pods',
      word: 'kubctl',
      nearest: 'kubectl',
    },
    names: ['prove.sh', '`kubctl`', 'kubctl get pods', 'kubectl'],
  },
  {
    cause: {
      code: 'unknown-command',
      file: 'prove.sh',
      command: 'nginx -s reload',
      word: 'nginx',
      sessionLine: 'ssh balancer',
    },
    names: ['prove.sh', '`nginx`', '`ssh balancer`'],
  },
  { cause: { code: 'no-commands', file: 'prove.sh' }, names: ['prove.sh'] },
  {
    cause: {
      code: 'pods-refused',
      controller: { ...pod, kind: 'ReplicaSet' },
      message: 'exceeded quota: three',
    },
    names: ['default/web-1', 'exceeded quota: three', 'kubectl describe replicaset web-1'],
  },
  ...[true, false].map((isMore) => ({
    cause: { code: 'value-form', key: 'inside', found: 'http://10.96.0.7', isMore } as const,
    names: ['inside', 'http://10.96.0.7'],
  })),
  {
    cause: {
      code: 'container-not-running',
      pod,
      container: 'nginx',
      reason: 'ErrImagePull',
      lastLog: '',
      image: 'ngnix:1.27',
    },
    names: ['nginx', 'ErrImagePull', 'ngnix:1.27'],
  },
  {
    cause: {
      code: 'container-not-running',
      pod,
      container: 'nginx',
      reason: 'ContainerCreating',
      lastLog: '',
      warning: 'configmap "pages" not found',
    },
    names: ['ContainerCreating', 'configmap "pages" not found', 'kubectl describe pod web-1'],
  },
  {
    cause: {
      code: 'container-not-running',
      pod,
      container: 'nginx',
      reason: 'CrashLoopBackOff',
      lastLog: 'bye',
      exitCode: 0,
    },
    names: ['CrashLoopBackOff', 'bye', 'sleep'],
  },
  ...hints.map(({ hint, names }) => ({
    cause: {
      code: 'refused-by-api-server',
      file: 'service.yaml',
      line: 3,
      column: 5,
      reason: 'Invalid',
      message: 'in other words',
      hint,
    } as const,
    names: ['service.yaml:3:5', 'in other words', ...names],
  })),
  ...slips.map(({ slip, names }) => ({
    cause: {
      code: 'broken-manifest',
      file: 'service.yaml',
      line: 3,
      column: 5,
      message: 'in other words',
      slip,
    } as const,
    names: ['service.yaml:3:5', ...names],
  })),
  {
    cause: {
      code: 'count-differs',
      counted: { kind: 'Service', namespace: 'default', name: 'app=web' },
      wanted: '≥ 2',
      found: ['web'],
    },
    names: ['default', 'app=web', '≥ 2', 'web', 'kubectl get service -n default'],
  },
  ...(['line', 'no-line', 'command', 'no-command'] as const).map((expects) => ({
    cause: {
      code: 'output-differs',
      command: 'prove.sh',
      expects,
      wanted: 'inet 172.18.0.2',
      found: 'nothing much',
    } as const,
    names: ['prove.sh', '`inet 172.18.0.2`', 'nothing much'],
  })),
  {
    cause: { code: 'load-balancer-pending', service, loadBalancerClass: 'example.com/internal' },
    names: ['default/web', 'example.com/internal'],
  },
  {
    cause: { code: 'load-balancer-pending', service, address: '203.0.113.77' },
    names: ['default/web', '203.0.113.77'],
  },
  {
    cause: {
      code: 'value-differs',
      key: 'fromPod',
      found: '10.96.0.7',
      confusedWith: 'service-address',
      lookWith: 'kubectl logs web',
    },
    names: ['fromPod', '10.96.0.7', 'kubectl logs web'],
  },
];

describe('formatCause', () => {
  it.each(causes)('names what is at fault in both languages: $cause.code', ({ cause, names }) => {
    for (const language of ['ko', 'en'] as const) {
      const { sentence, nextStep } = formatCause(cause, language);
      for (const name of names) expect(`${sentence} ${nextStep}`).toContain(name);
      expect(`${sentence} ${nextStep}`).not.toMatch(/undefined|\[object/);
    }
  });

  it('tells a missing endpoint as one sentence with the label that differs', () => {
    const [first] = causes;
    expect(first && formatCause(first.cause, 'en').sentence).toBe(
      'Service default/web selects app=web, but Pod default/web-1 says app=website, so the Service has no endpoints.',
    );
  });

  const field = (path: string, wanted: string, found?: string, object = pod): Cause => ({
    code: 'field-differs',
    object,
    path,
    wanted,
    found,
  });
  it.each<{ name: string; cause: Cause; en: string; ko: string }>([
    {
      name: 'a status, which nobody can set',
      cause: field('status.podIP', '/^10/', '172.18.0.3'),
      en: 'look with `kubectl describe pod web-1` at what in spec it comes from',
      ko: '`kubectl describe pod web-1` 명령으로 spec의 무엇 때문인지',
    },
    {
      name: 'a status of another namespace',
      cause: field('status.phase', 'Running', 'Pending', { ...pod, namespace: 'shop' }),
      en: '`kubectl describe pod web-1 -n shop`',
      ko: '`kubectl describe pod web-1 -n shop`',
    },
    {
      name: 'a value that can be written down',
      cause: field('spec.type', 'NodePort', 'ClusterIP'),
      en: 'Set spec.type to NodePort and apply again.',
      ko: 'spec.type 값을 고쳐(NodePort) 다시 적용하세요.',
    },
    {
      name: 'any value',
      cause: field('spec.hostname', '*'),
      en: 'spec.hostname of Pod default/web-1 is not set, but should be.',
      ko: 'default/web-1 파드에 spec.hostname 값이 없습니다.',
    },
    {
      name: 'no value',
      cause: field('spec.hostname', '∅', 'a'),
      en: 'is a, but should not be set. Take spec.hostname away',
      ko: '기대한 값: 없음, 있는 값: a. spec.hostname 필드를 빼고',
    },
    {
      name: 'an object by its labels',
      cause: { code: 'object-missing', object: { ...pod, name: 'app=menu' } },
      en: 'There is no Pod with app=menu in namespace default. Check the labels',
      ko: 'default 네임스페이스에서 app=menu 레이블을 가진 파드를 찾을 수 없습니다. 레이블과',
    },
    {
      name: 'any object of a kind in a namespace',
      cause: {
        code: 'object-missing',
        object: { kind: 'ResourceQuota', namespace: 'test', name: '' },
        nearest: { kind: 'ResourceQuota', namespace: 'default', name: 'limits' },
      },
      en: 'There is no ResourceQuota in namespace test; there is ResourceQuota default/limits. Check kind and namespace',
      ko: 'test 네임스페이스의 리소스 쿼터를 찾을 수 없습니다. 대신 default/limits 리소스 쿼터가 있습니다.',
    },
    {
      name: 'another Pod that answered',
      cause: { code: 'wrong-answer', what: 'Pod', wanted: 'app=web', found: 'default/mine' },
      en: 'An answer came, but from Pod default/mine instead of one with app=web.',
      ko: '다른 파드가 응답했습니다. 기대한 파드의 레이블: app=web, 응답한 파드: default/mine.',
    },
  ])('gives a step that can be taken: $name', ({ cause, en, ko }) => {
    const told = (language: 'ko' | 'en') => {
      const { sentence, nextStep } = formatCause(cause, language);
      return `${sentence} ${nextStep}`;
    };
    expect(told('en')).toContain(en);
    expect(told('ko')).toContain(ko);
  });

  it('calls the client outside by what it is, in the words of the language', () => {
    const cause: Cause = { code: 'reachable-but-should-not-be', from: 'client', to: '10.96.0.7:80' };
    expect(formatCause(cause, 'en').sentence).toContain('The client outside the cluster can reach');
    expect(formatCause(cause, 'ko').sentence).toContain('클러스터 밖의 클라이언트에서');
  });
});
