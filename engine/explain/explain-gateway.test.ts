/** Why a request did not go where it should through a Gateway, in a cluster where Envoy Gateway runs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';
import { type AskedGateway, explainGateway } from './explain-gateway.ts';

const group = '/apis/gateway.networking.k8s.io/v1';
let world: Cluster;

function create(cluster: Cluster, path: string, object: JsonObject): void {
  const answer = cluster.request({ method: 'POST', path, body: object });
  if (answer.type !== 'object' || answer.code !== 201) throw new Error(JSON.stringify(answer));
}

function createGateway(cluster: Cluster, name: string, more: JsonObject = {}): void {
  create(cluster, `${group}/namespaces/default/gateways`, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name },
    spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], ...more },
  });
}

function createRoute(cluster: Cluster, name: string, spec: JsonObject): void {
  create(cluster, `${group}/namespaces/default/httproutes`, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name },
    spec: { parentRefs: [{ name: 'eg' }], hostnames: ['shop.test'], ...spec },
  });
  cluster.settle();
}

function rule(path: string, service: string, match: JsonObject = {}): JsonObject {
  return {
    matches: [{ path: { type: 'PathPrefix', value: path }, ...match }],
    backendRefs: [{ name: service, port: 80 }],
  };
}

beforeAll(() => {
  world = createCluster({ seed: 'explain-gateway', addons: ['envoy-gateway'] });
  for (const name of ['web', 'cart']) {
    create(world, '/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    });
    create(world, '/api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    });
  }
  createGateway(world, 'eg');
  world.settle();
});

function explain(cluster: Cluster, path: string, status: number, more: Partial<AskedGateway> = {}) {
  return explainGateway(cluster.view, {
    namespace: 'default',
    name: 'eg',
    request: { host: 'shop.test', method: 'GET', path, headers: {}, port: 80, status },
    ...more,
  });
}

const cart = { wanted: { labels: { app: 'cart' }, namespace: 'default' } };

describe('a Gateway', () => {
  it.each<readonly [name: string, more: JsonObject, want: JsonObject]>([
    [
      'whose class does not exist',
      { gatewayClassName: 'nginx' },
      { code: 'gateway-class-not-accepted', className: 'nginx', classes: ['eg'], isThere: false },
    ],
    [
      'whose listener can not be served',
      { listeners: [{ name: 'x', port: 80, protocol: 'example.com/SMTP' }] },
      { code: 'gateway-not-ready', condition: 'Accepted', reason: 'ListenersNotValid' },
    ],
  ])('%s', (_name, more, want) => {
    const cluster = world.fork();
    createGateway(cluster, 'other', more);
    cluster.settle();
    expect(explainGateway(cluster.view, { namespace: 'default', name: 'other' })).toMatchObject(want);
  });

  it('whose class nobody accepts', () => {
    const cluster = world.fork();
    create(cluster, `${group}/gatewayclasses`, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'theirs' },
      spec: { controllerName: 'example.com/other' },
    });
    createGateway(cluster, 'other', { gatewayClassName: 'theirs' });
    cluster.settle();
    const cause = explainGateway(cluster.view, { namespace: 'default', name: 'other' });
    expect(cause).toMatchObject({ code: 'gateway-class-not-accepted', isThere: true });
  });
});

describe('a request', () => {
  it.each<
    readonly [
      name: string,
      spec: JsonObject,
      path: string,
      status: number,
      more: Partial<AskedGateway>,
      want: JsonObject,
    ]
  >([
    [
      'for a host that no route has',
      { hostnames: ['other.test'], rules: [rule('/', 'web')] },
      '/',
      404,
      {},
      { code: 'gateway-host-missing', host: 'shop.test', hostnames: ['other.test'] },
    ],
    [
      'that no rule takes',
      { rules: [rule('/a', 'web'), rule('/', 'web', { method: 'POST' })] },
      '/b',
      404,
      {},
      {
        code: 'gateway-rule-missing',
        rules: ['shop.test PathPrefix /a (path)', 'shop.test PathPrefix /, POST (method)'],
      },
    ],
    [
      'that a longer prefix took',
      { rules: [rule('/cart/new', 'web'), rule('/cart', 'cart')] },
      '/cart/new',
      200,
      cart,
      {
        code: 'gateway-rule-won',
        rule: 'shop.test PathPrefix /cart/new',
        services: ['web'],
        lost: { rule: 'shop.test PathPrefix /cart', because: 'precedence' },
      },
    ],
    [
      'that the expected rule wants a header for',
      { rules: [rule('/', 'web'), rule('/cart', 'cart', { headers: [{ name: 'version', value: 'two' }] })] },
      '/cart',
      200,
      cart,
      {
        code: 'gateway-rule-won',
        lost: { rule: 'shop.test PathPrefix /cart, version: two', because: 'header' },
      },
    ],
    [
      'whose route is not attached',
      { parentRefs: [{ name: 'eg', sectionName: 'https' }], rules: [rule('/', 'cart')] },
      '/',
      404,
      cart,
      {
        code: 'route-not-attached',
        reason: 'NoMatchingParent',
        listeners: ['http (port 80): namespaces Same'],
      },
    ],
    [
      'whose route names another Gateway',
      { parentRefs: [{ name: 'edge' }], rules: [rule('/', 'cart')] },
      '/',
      404,
      cart,
      { code: 'route-names-other-parent', parents: ['default/edge'] },
    ],
    [
      'for a Service that is not there',
      { rules: [rule('/', 'nobody')] },
      '/',
      500,
      {},
      { code: 'route-backend-refused', problem: 'service default/nobody not found' },
    ],
    [
      'for a Service of another namespace that no ReferenceGrant opens',
      {
        rules: [{ backendRefs: [{ name: 'kube-dns', namespace: 'kube-system', port: 53 }] }],
      },
      '/',
      500,
      {},
      {
        code: 'route-backend-refused',
        problem: 'backend ref to Service kube-system/kube-dns not permitted by any ReferenceGrant',
      },
    ],
  ])('%s', (_name, spec, path, status, more, want) => {
    const cluster = world.fork();
    createRoute(cluster, 'r', spec);
    const cause: unknown = explain(cluster, path, status, more);
    expect(isJsonObject(cause) ? cause : {}).toMatchObject(want);
  });

  it('that went where its route says needs no explanation', () => {
    const cluster = world.fork();
    createRoute(cluster, 'r', { rules: [rule('/', 'cart')] });
    expect(explain(cluster, '/', 200, cart)).toBeUndefined();
  });
});
