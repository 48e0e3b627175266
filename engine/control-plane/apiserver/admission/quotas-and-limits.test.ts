import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../base/json.ts';
import { objectAt, stringAt } from '../object-access.ts';
import { createTestDoor, type TestDoor } from '../testing/test-door.ts';

const base = '/api/v1/namespaces/default';

function pod(name: string, parts: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const containers = [{ name: 'app', image: 'nginx', ...parts }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } };
}

function amounts(requests: JsonObject, limits: JsonObject = {}): JsonObject {
  return { resources: { requests, limits } };
}

function quota(name: string, hard: JsonObject, spec: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard, ...spec } };
}

function service(name: string, spec: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}

function limitRange(...limits: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits' },
    spec: { limits: [...limits] },
  };
}

function used(door: TestDoor, name: string): JsonObject {
  return objectAt(door.get(`${base}/resourcequotas/${name}`), 'status', 'used');
}

describe('ResourceQuota admission', () => {
  // Source: the text of pkg/admission/plugin/resourcequota/controller.go (checkRequest).
  it('refuses the Pod that is one too many, and says of what', () => {
    const door = createTestDoor();
    door.post(`${base}/resourcequotas`, quota('test-quotas', { pods: '3' }));
    for (const name of ['a', 'b', 'c']) door.post(`${base}/pods`, pod(name));
    const refusal = door.post(`${base}/pods`, pod('d'));
    expect(stringAt(refusal, 'message')).toBe(
      'pods "d" is forbidden: exceeded quota: test-quotas, requested: pods=1, used: pods=3, limited: pods=3',
    );
    expect([refusal.reason, refusal.code]).toEqual(['Forbidden', 403]);
    expect(used(door, 'test-quotas')).toEqual({ pods: '3' });
  });

  // Source: the Kubernetes documentation, task "Configure Memory and CPU Quotas for a Namespace".
  it('adds up requests and limits', () => {
    const door = createTestDoor();
    const hard = { 'requests.cpu': '1', 'requests.memory': '1Gi', 'limits.cpu': '2', 'limits.memory': '2Gi' };
    door.post(`${base}/resourcequotas`, quota('mem-cpu-demo', hard));
    const first = amounts({ cpu: '400m', memory: '600Mi' }, { cpu: '800m', memory: '800Mi' });
    door.post(`${base}/pods`, pod('quota-mem-cpu-demo', first));
    expect(used(door, 'mem-cpu-demo')).toEqual({
      'limits.cpu': '800m',
      'limits.memory': '800Mi',
      'requests.cpu': '400m',
      'requests.memory': '600Mi',
    });
    const second = amounts({ cpu: '400m', memory: '700Mi' }, { cpu: '800m', memory: '1Gi' });
    expect(stringAt(door.post(`${base}/pods`, pod('quota-mem-cpu-demo-2', second)), 'message')).toBe(
      'pods "quota-mem-cpu-demo-2" is forbidden: exceeded quota: mem-cpu-demo, requested: requests.memory=700Mi, used: requests.memory=600Mi, limited: requests.memory=1Gi',
    );
  });

  it('demands amounts of every container where a quota limits them', () => {
    const door = createTestDoor();
    door.post(`${base}/resourcequotas`, quota('compute', { 'limits.cpu': '2', 'requests.memory': '1Gi' }));
    const spec = { initContainers: [{ name: 'init', image: 'nginx', ...amounts({}, { cpu: '1' }) }] };
    expect(stringAt(door.post(`${base}/pods`, pod('a', {}, spec)), 'message')).toBe(
      'pods "a" is forbidden: failed quota: compute: must specify limits.cpu for: app; requests.memory for: app,init',
    );
  });

  it.each([
    ['configmaps', 'configmaps', { kind: 'ConfigMap' }],
    ['count/configmaps', 'configmaps', { kind: 'ConfigMap' }],
    ['secrets', 'secrets', { kind: 'Secret' }],
    ['count/services', 'services', { kind: 'Service', spec: { ports: [{ port: 80 }] } }],
  ])('counts objects as %s', (name, plural, parts) => {
    const door = createTestDoor();
    door.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    const path = '/api/v1/namespaces/n';
    door.post(`${path}/resourcequotas`, quota('q', { [name]: '1' }));
    const object = (own: string) => ({ apiVersion: 'v1', metadata: { name: own }, ...parts });
    expect(stringAt(door.post(`${path}/${plural}`, object('a')), 'metadata', 'name')).toBe('a');
    expect(stringAt(door.post(`${path}/${plural}`, object('b')), 'message')).toBe(
      `${plural} "b" is forbidden: exceeded quota: q, requested: ${name}=1, used: ${name}=1, limited: ${name}=1`,
    );
  });

  it('counts kinds of other groups by their full name', () => {
    const door = createTestDoor();
    door.post(`${base}/resourcequotas`, quota('q', { 'count/leases.coordination.k8s.io': '0' }));
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } };
    const answer = door.post('/apis/coordination.k8s.io/v1/namespaces/default/leases', lease);
    expect(stringAt(answer, 'message')).toBe(
      'leases.coordination.k8s.io "l" is forbidden: exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=0, limited: count/leases.coordination.k8s.io=0',
    );
  });

  it('counts node ports and load balancers, of a changed Service too', () => {
    const door = createTestDoor();
    door.post(
      `${base}/resourcequotas`,
      quota('q', { 'services.nodeports': '1', 'services.loadbalancers': '0' }),
    );
    door.post(`${base}/services`, service('a', { type: 'NodePort' }));
    expect(used(door, 'q')).toEqual({ 'services.loadbalancers': '0', 'services.nodeports': '1' });
    door.post(`${base}/services`, service('b'));
    const answer = door.patch(`${base}/services/b`, 'merge', { spec: { type: 'LoadBalancer' } });
    expect(stringAt(answer, 'message')).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1,services.nodeports=1, used: services.loadbalancers=0,services.nodeports=1, limited: services.loadbalancers=0,services.nodeports=1',
    );
  });

  it.each([
    [['BestEffort'], {}, amounts({ cpu: '1' })],
    [['NotBestEffort'], amounts({ cpu: '1' }), {}],
  ])('counts only Pods in the scopes %s', (scopes, inside, outside) => {
    const door = createTestDoor();
    door.post(`${base}/resourcequotas`, quota('q', { pods: '0' }, { scopes }));
    expect(stringAt(door.post(`${base}/pods`, pod('out', outside)), 'kind')).toBe('Pod');
    expect(stringAt(door.post(`${base}/pods`, pod('in', inside)), 'reason')).toBe('Forbidden');
  });

  it('counts Pods of a priority class by a scope selector', () => {
    const door = createTestDoor();
    const priority = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
    };
    door.post('/apis/scheduling.k8s.io/v1/priorityclasses', { ...priority, value: 10 });
    const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }];
    door.post(`${base}/resourcequotas`, quota('q', { pods: '0' }, { scopeSelector: { matchExpressions } }));
    expect(stringAt(door.post(`${base}/pods`, pod('low')), 'kind')).toBe('Pod');
    const high = door.post(`${base}/pods`, pod('high', {}, { priorityClassName: 'high' }));
    expect(stringAt(high, 'reason')).toBe('Forbidden');
  });

  it('books nothing for a dry run or for a name that is taken', () => {
    const door = createTestDoor();
    door.post(`${base}/resourcequotas`, quota('q', { pods: '5' }));
    door.post(`${base}/pods`, pod('a'));
    door.body({ method: 'POST', path: `${base}/pods`, body: pod('b'), query: [['dryRun', 'All']] });
    expect(stringAt(door.post(`${base}/pods`, pod('a')), 'reason')).toBe('AlreadyExists');
    expect(used(door, 'q')).toEqual({ pods: '1' });
  });
});

describe('LimitRange admission', () => {
  it('gives containers what they do not say, and notes it', () => {
    const door = createTestDoor();
    const preset = {
      type: 'Container',
      default: { memory: '512Mi' },
      defaultRequest: { memory: '256Mi', cpu: '100m' },
    };
    door.post(`${base}/limitranges`, limitRange(preset));
    const created = door.post(`${base}/pods`, pod('a'));
    expect(objectAt(created, 'metadata', 'annotations')).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container app; memory limit for container app',
    });
    expect(created.spec).toMatchObject({
      containers: [
        { resources: { limits: { memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } } },
      ],
    });
    expect(stringAt(created, 'status', 'qosClass')).toBe('Burstable');
  });

  // Source: the Kubernetes documentation, tasks on memory and CPU constraints; plugin/pkg/admission/limitranger.
  it.each([
    [
      { max: { memory: '1Gi' } },
      amounts({ memory: '800Mi' }, { memory: '1536Mi' }),
      'maximum memory usage per Container is 1Gi, but limit is 1536Mi',
    ],
    [
      { min: { memory: '500Mi' } },
      amounts({ memory: '100Mi' }, { memory: '800Mi' }),
      'minimum memory usage per Container is 500Mi, but request is 100Mi',
    ],
    [
      { maxLimitRequestRatio: { cpu: '2' } },
      amounts({ cpu: '100m' }, { cpu: '300m' }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      { maxLimitRequestRatio: { cpu: '2' } },
      {},
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
    [
      { max: { cpu: '1', memory: '1Gi' } },
      amounts({}, { cpu: '2', memory: '2Gi' }),
      '[maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
  ])('holds containers to %j', (bounds, parts, problem) => {
    const door = createTestDoor();
    door.post(`${base}/limitranges`, limitRange({ type: 'Container', ...bounds }));
    const answer = door.post(`${base}/pods`, pod('a', parts));
    expect(stringAt(answer, 'message')).toBe(`pods "a" is forbidden: ${problem}`);
  });

  it('holds Pods as a whole, and claims', () => {
    const door = createTestDoor();
    const claims = { type: 'PersistentVolumeClaim', max: { storage: '2Gi' }, min: { storage: '1Gi' } };
    door.post(`${base}/limitranges`, limitRange({ type: 'Pod', max: { cpu: '1' } }, claims));
    const spec = {
      containers: ['a', 'b'].map((name) => ({ name, image: 'nginx', ...amounts({}, { cpu: '600m' }) })),
    };
    expect(stringAt(door.post(`${base}/pods`, pod('a', {}, spec)), 'message')).toBe(
      'pods "a" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m',
    );
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' } };
    const resources = { requests: { storage: '3Gi' } };
    const answer = door.post(`${base}/persistentvolumeclaims`, {
      ...claim,
      spec: { accessModes: ['ReadWriteOnce'], resources },
    });
    expect(stringAt(answer, 'message')).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    );
  });
});

it('gives an Ingress the newest default class', () => {
  const door = createTestDoor();
  const path = '/apis/networking.k8s.io/v1';
  for (const name of ['b', 'a', 'c']) {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(name !== 'c') };
    door.post(`${path}/ingressclasses`, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name, annotations },
      spec: { controller: 'example.com/c' },
    });
  }
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i' } };
  const backend = { service: { name: 's', port: { number: 80 } } };
  const created = door.post(`${path}/namespaces/default/ingresses`, {
    ...ingress,
    spec: { defaultBackend: backend },
  });
  expect(stringAt(created, 'spec', 'ingressClassName')).toBe('a');
});

it('writes who asks into a CertificateSigningRequest', () => {
  const door = createTestDoor();
  const pem = '-----BEGIN CERTIFICATE REQUEST-----\nMII=\n-----END CERTIFICATE REQUEST-----\n';
  const created = door.body({
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    user: { name: 'ann', groups: ['dev'] },
    body: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'c' },
      spec: {
        request: Buffer.from(pem).toString('base64'),
        signerName: 'a.b/c',
        usages: ['client auth'],
        username: 'x',
      },
    },
  });
  expect(created.spec).toMatchObject({ username: 'ann', groups: ['dev'] });
});

describe('kinds that are kept in other words', () => {
  const eventPath = '/apis/events.k8s.io/v1/namespaces/default/events';
  const event: JsonObject = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Normal',
    reason: 'Tested',
    action: 'Test',
    note: 'all well',
    reportingController: 'example.com/test',
    reportingInstance: 'one',
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  };

  it('shows an Event in both groups', () => {
    const door = createTestDoor();
    expect(stringAt(door.post(eventPath, event), 'note')).toBe('all well');
    const core = door.get(`${base}/events/e`);
    expect([core.apiVersion, core.message, stringAt(core, 'involvedObject', 'name')]).toEqual([
      'v1',
      'all well',
      'p',
    ]);
    expect(stringAt(door.get(`${eventPath}/e`), 'metadata', 'resourceVersion')).toBe(
      stringAt(core, 'metadata', 'resourceVersion'),
    );
    const selected = door.body({
      method: 'GET',
      path: eventPath,
      query: [['fieldSelector', 'regarding.name=p']],
    });
    expect(selected).toMatchObject({ kind: 'EventList', items: [{ note: 'all well' }] });
    door.delete(`${eventPath}/e`);
    expect(stringAt(door.get(`${base}/events/e`), 'reason')).toBe('NotFound');
  });

  it('tells a watch of either group of changes made in the other', () => {
    const door = createTestDoor();
    const answer = door.transport.send({ method: 'GET', path: `${base}/events`, query: [['watch', 'true']] });
    const seen: unknown[] = [];
    if (answer.type === 'watch') answer.watch.onEvent(({ object }) => seen.push(object.message));
    door.post(eventPath, event);
    expect(seen).toEqual(['all well']);
  });

  it('keeps what autoscaling/v1 cannot say when an autoscaler is changed there', () => {
    const door = createTestDoor();
    const at = (version: string) =>
      `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
    const memory = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
    };
    const cpu = (share: number) => ({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } },
    });
    door.post(at('v2'), {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 3,
        metrics: [memory, cpu(50)],
      },
    });
    expect(door.get(`${at('v1')}/h`)).toMatchObject({ spec: { targetCPUUtilizationPercentage: 50 } });
    door.patch(`${at('v1')}/h`, 'merge', { spec: { targetCPUUtilizationPercentage: 70 } });
    expect(door.get(`${at('v2')}/h`)).toMatchObject({ spec: { metrics: [memory, cpu(70)] } });
  });
});
