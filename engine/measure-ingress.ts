/**
 * What a thousand Ingresses with ten paths each cost ingress-nginx's controller, beside the targets: `npm run bench:ingress`. Real
 * objects through the API; in CPU time. Nothing fails when a target is missed: machines differ.
 */

import { defaultFlags } from './addons/ingress/classes.ts';
import { createRouters, type Router } from './addons/ingress/router.ts';
import { createScheme } from './api/create-scheme.ts';
import { apiServiceObjects } from './api/objects/api-service.ts';
import { loadSchema } from './api/schema/schema.ts';
import { endpointSlices, ingressClasses, ingresses, type Resource, services } from './api/types/resources.ts';
import { EventQueue, eventQueueState } from './base/event-queue.ts';
import type { JsonObject } from './base/json.ts';
import { defaultLimits } from './base/limits.ts';
import { Random, randomStateFrom } from './base/random.ts';
import { invariant } from './base/result.ts';
import { clientsState, createControllerContexts } from './client/controller-context.ts';
import { apiServerState, createApiServer } from './control-plane/apiserver/api-server.ts';
import { createBootstrapObjects } from './control-plane/apiserver/bootstrap.ts';

const pathsEach = 10;

function createBench(count: number) {
  const limits = defaultLimits;
  const queue = new EventQueue(eventQueueState(1_777_636_800_000), limits);
  const random = new Random(randomStateFrom('ingress'));
  const transport = createApiServer(
    { scheme: createScheme(), schema: loadSchema(), queue, random, limits, nodeConnection: () => undefined },
    apiServerState(),
  );
  createBootstrapObjects(transport, apiServiceObjects('172.18.0.2'));
  const contexts = createControllerContexts({ transport, queue }, clientsState());
  const context = contexts({ name: 'system:ingress', groups: ['system:masters'] }, 'ingress');
  const create = <T>(resource: Resource<T>, namespace: string, object: JsonObject) =>
    invariant(context.client.create(resource, namespace, object).ok, `no ${resource.kind}`);
  create(ingressClasses, '', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  });
  create(services, 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }] },
  });
  create(endpointSlices, 'default', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80 }],
    endpoints: [{ addresses: ['10.244.1.2'] }, { addresses: ['10.244.1.3'] }],
  });
  for (let index = 0; index < count; index += 1) create(ingresses, 'default', ingressOf(index, 'web'));
  const router = createRouters(context, () => queue.now()).of(defaultFlags);
  return { context, router };
}

function ingressOf(index: number, prefix: string): JsonObject {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: `site-${index}` },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: `site-${index}.example.com`,
          http: {
            paths: Array.from({ length: pathsEach }, (_, path) => ({
              path: `/${prefix}/${path}`,
              pathType: 'Prefix',
              backend,
            })),
          },
        },
      ],
    },
  };
}

function ask(router: Router, index: number, prefix: string): string {
  const decision = router.decide({
    method: 'GET',
    target: `/${prefix}/${index % pathsEach}/item?x=1`,
    scheme: 'http',
    host: `site-${index}.example.com`,
    headers: [['Host', `site-${index}.example.com`]],
    bodyBytes: 0,
    clientAddress: '198.51.100.10',
    localPort: 80,
    chance: 0.5,
  });
  return decision.kind;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function report(what: string, found: number, unit: string, target: number): void {
  const sign = found <= target ? 'within' : 'MISSED';
  process.stdout.write(
    `${what.padEnd(48)} ${found.toFixed(3).padStart(9)} ${unit}  target ${target} ${unit}: ${sign}\n`,
  );
}

const count = 1000;
const rounds = 20;
const { context, router } = createBench(count);
for (let index = 0; index < count; index += 1) invariant(ask(router, index, 'web') === 'forward', 'no route');
const startedMs = cpuMs();
for (let round = 0; round < rounds; round += 1) {
  for (let index = 0; index < count; index += 1) ask(router, index, 'web');
}
report('a request is routed in', ((cpuMs() - startedMs) * 1000) / (rounds * count), 'µs', 50);

const changes = 50;
let spentMs = 0;
for (let index = 0; index < changes; index += 1) {
  const changeMs = cpuMs();
  const { spec = null } = ingressOf(index, 'new');
  invariant(context.client.mergePatch(ingresses, 'default', `site-${index}`, { spec }).ok, 'not changed');
  invariant(ask(router, index, 'new') === 'forward', 'the change is not seen');
  spentMs += cpuMs() - changeMs;
}
report('a changed Ingress is served, API included, after', spentMs / changes, 'ms', 20);
