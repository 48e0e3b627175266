/**
 * What the API server does to Pods and on their behalf. Sources: a Pod that a kubeadm cluster made, as `kubectl get -o yaml`
 * shows it; pkg/registry/core/pod (strategy.go, storage) and plugin/pkg/admission of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import type { LogOptions, NodeConnection } from '../../api/node-connection.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { arrayAt, objectAt, objectsAt, stringAt } from './object-access.ts';
import { createTestDoor, type TestDoor } from './testing/test-door.ts';

const pods = '/api/v1/namespaces/default/pods';

function pod(name: string, spec: JsonObject = {}): JsonObject {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name },
    spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec },
  };
}

function bind(door: TestDoor, name: string, node = 'worker-1'): JsonObject {
  return door.post(`${pods}/${name}/binding`, {
    kind: 'Binding',
    apiVersion: 'v1',
    metadata: { name },
    target: { kind: 'Node', name: node },
  });
}

describe("a Pod's status", () => {
  // Source: podStatusStrategy.PrepareForUpdate and ValidatePodStatusUpdate of release 1.36.
  it.each([
    {
      name: 'keeps its qosClass where none is written',
      status: { phase: 'Running' },
      want: { status: { phase: 'Running', qosClass: 'BestEffort' } },
    },
    {
      name: 'may not get another qosClass',
      status: { qosClass: 'Guaranteed' },
      want: {
        code: 422,
        message: 'Pod "web" is invalid: status.qosClass: Invalid value: "Guaranteed": field is immutable',
      },
    },
  ])('$name', ({ status, want }) => {
    const door = createTestDoor();
    const created = door.post(pods, pod('web'));
    expect(door.put(`${pods}/web/status`, { ...created, status })).toMatchObject(want);
  });
});

describe('a created Pod', () => {
  it('has what the server fills in', () => {
    const created = createTestDoor().post(pods, pod('web'));
    const volume = stringAt(objectsAt(created, 'spec', 'volumes')[0] ?? {}, 'name');
    expect(volume).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(created).toMatchObject({
      metadata: { name: 'web', namespace: 'default', generation: 1 },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'nginx',
            imagePullPolicy: 'Always',
            resources: {},
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            volumeMounts: [
              {
                mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
                name: volume,
                readOnly: true,
              },
            ],
          },
        ],
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
        priority: 0,
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        serviceAccount: 'default',
        serviceAccountName: 'default',
        terminationGracePeriodSeconds: 30,
        tolerations: [
          {
            effect: 'NoExecute',
            key: 'node.kubernetes.io/not-ready',
            operator: 'Exists',
            tolerationSeconds: 300,
          },
          {
            effect: 'NoExecute',
            key: 'node.kubernetes.io/unreachable',
            operator: 'Exists',
            tolerationSeconds: 300,
          },
        ],
        volumes: [
          {
            name: volume,
            projected: {
              defaultMode: 420,
              sources: [
                { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
                { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
                {
                  downwardAPI: {
                    items: [
                      {
                        fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
                        path: 'namespace',
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  it('gets a name from generateName', () => {
    const created = createTestDoor().post(pods, { ...pod(''), metadata: { generateName: 'web-' } });
    expect(stringAt(created, 'metadata', 'name')).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(stringAt(created, 'metadata', 'generateName')).toBe('web-');
  });

  it('without token has no volume', () => {
    const created = createTestDoor().post(pods, pod('web', { automountServiceAccountToken: false }));
    expect(arrayAt(created, 'spec', 'volumes')).toEqual([]);
  });

  it('with an unknown priority class is refused', () => {
    expect(createTestDoor().post(pods, pod('web', { priorityClassName: 'vip' }))).toMatchObject({
      code: 403,
      message: 'pods "web" is forbidden: no PriorityClass with name vip was found',
    });
  });
});

describe('binding', () => {
  it('names the node and says that the Pod is scheduled', () => {
    const door = createTestDoor();
    door.post(pods, pod('web'));
    expect(bind(door, 'web')).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      code: 201,
    });
    const bound = door.get(`${pods}/web`);
    expect(stringAt(bound, 'spec', 'nodeName')).toBe('worker-1');
    expect(objectAt(bound, 'status')).toMatchObject({
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-05-01T12:00:00Z' }],
    });
  });

  it('happens once', () => {
    const door = createTestDoor();
    door.post(pods, pod('web'));
    bind(door, 'web');
    expect(bind(door, 'web', 'worker-2')).toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "worker-1"',
    });
  });
});

describe('deletion of a Pod', () => {
  it('that has no node is done at once', () => {
    const door = createTestDoor();
    door.post(pods, pod('web'));
    expect(door.delete(`${pods}/web`)).toMatchObject({
      kind: 'Pod',
      metadata: { deletionGracePeriodSeconds: 0 },
    });
    expect(door.get(`${pods}/web`).code).toBe(404);
  });

  it('waits for the kubelet, which ends it with a grace period of 0', () => {
    const door = createTestDoor();
    door.post(pods, pod('web'));
    bind(door, 'web');
    expect(door.delete(`${pods}/web`)).toMatchObject({
      metadata: {
        deletionTimestamp: '2026-05-01T12:00:30Z',
        deletionGracePeriodSeconds: 30,
        generation: 2,
      },
    });
    expect(door.delete(`${pods}/web`)).toMatchObject({ metadata: { deletionGracePeriodSeconds: 30 } });
    expect(door.delete(`${pods}/web`, { gracePeriodSeconds: 5 })).toMatchObject({
      metadata: { deletionTimestamp: '2026-05-01T12:00:05Z', deletionGracePeriodSeconds: 5 },
    });
    door.delete(`${pods}/web`, { gracePeriodSeconds: 0 });
    expect(door.get(`${pods}/web`).code).toBe(404);
  });

  it('by eviction is a deletion, too', () => {
    const door = createTestDoor();
    door.post(pods, pod('web'));
    const eviction = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'web' } };
    expect(door.post(`${pods}/web/eviction`, eviction)).toMatchObject({ status: 'Success', code: 201 });
    expect(door.get(`${pods}/web`).code).toBe(404);
  });
});

describe('logs and exec', () => {
  const asked: LogOptions[] = [];
  const node: NodeConnection = {
    logs(_namespace, _pod, options) {
      asked.push(options);
      return options.previous
        ? {
            ok: false,
            error: { code: 400, message: 'previous terminated container "web" in pod "web" not found' },
          }
        : ok({ text: 'hello\n' });
    },
    exec: () => ({
      ok: false,
      error: { code: 500, message: 'unable to upgrade connection: container not found ("web")' },
    }),
    attach: () => ({ ok: false, error: { code: 500, message: 'unable to upgrade connection' } }),
    portForward: () => ({ ok: false, error: { code: 404, message: 'pod does not exist' } }),
  };

  function doorWithPods(): TestDoor {
    const door = createTestDoor(new Map([['worker-1', node]]));
    door.post(pods, pod('web'));
    const containers = [
      { name: 'a', image: 'nginx' },
      { name: 'b', image: 'nginx' },
    ];
    door.post(pods, pod('two', { containers }));
    door.post(pods, pod('waiting'));
    bind(door, 'web');
    bind(door, 'two');
    return door;
  }

  it('come from the node of the Pod', () => {
    const answer = doorWithPods().transport.send({
      method: 'GET',
      path: `${pods}/web/log`,
      query: [
        ['tailLines', '5'],
        ['timestamps', 'true'],
      ],
    });
    expect(answer).toMatchObject({ type: 'text', code: 200, body: 'hello\n' });
    expect(asked.at(-1)).toEqual({
      container: 'web',
      follow: false,
      previous: false,
      timestamps: true,
      tailLines: 5,
    });
  });

  it.each([
    ['a container that is not there', 'web/log', 'container=x', 400, 'container x is not valid for pod web'],
    [
      'no container among two',
      'two/log',
      '',
      400,
      'a container name must be specified for pod two, choose one of: [a b]',
    ],
    [
      'a container that did not run before',
      'web/log',
      'previous=true',
      400,
      'previous terminated container "web" in pod "web" not found',
    ],
    ['a Pod that is not there', 'nothing/log', '', 404, 'pods "nothing" not found'],
    [
      'exec in a Pod without node',
      'waiting/exec',
      'command=sh',
      400,
      'pod waiting does not have a host assigned',
    ],
    [
      'exec that the kubelet refuses',
      'web/exec',
      'command=sh',
      500,
      'Internal error occurred: unable to upgrade connection: container not found ("web")',
    ],
  ])('refuse %s', (_name, path, query, code, message) => {
    const [name = '', value = ''] = query.split('=');
    const request = { method: 'GET', path: `${pods}/${path}` } as const;
    const answer = doorWithPods().body(query === '' ? request : { ...request, query: [[name, value]] });
    expect(answer).toMatchObject({ code, message });
  });

  it('of a Pod that has no node yet are empty', () => {
    const answer = doorWithPods().transport.send({ method: 'GET', path: `${pods}/waiting/log` });
    expect(answer).toMatchObject({ type: 'text', code: 200, body: '' });
  });
});

describe('scale', () => {
  const controllers = '/api/v1/namespaces/default/replicationcontrollers';

  function doorWithController(): TestDoor {
    const door = createTestDoor();
    door.post(controllers, {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { tier: 'front', app: 'web' },
        template: {
          metadata: { labels: { app: 'web', tier: 'front' } },
          spec: { containers: [{ name: 'web', image: 'nginx' }] },
        },
      },
    });
    return door;
  }

  it('shows replicas and selector', () => {
    expect(doorWithController().get(`${controllers}/web/scale`)).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web,tier=front' },
    });
  });

  it('changes the replicas of the object, and its generation', () => {
    const door = doorWithController();
    expect(door.patch(`${controllers}/web/scale`, 'merge', { spec: { replicas: 5 } })).toMatchObject({
      spec: { replicas: 5 },
    });
    expect(door.get(`${controllers}/web`)).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 5 },
    });
  });

  it('refuses a negative number', () => {
    const door = doorWithController();
    expect(door.patch(`${controllers}/web/scale`, 'merge', { spec: { replicas: -1 } })).toMatchObject({
      code: 422,
      message:
        'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    });
  });
});
