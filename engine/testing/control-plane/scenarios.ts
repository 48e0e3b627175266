/** The scripts: what is asked of the controllers and the scheduler. See `scenario.ts`. */
import type { JsonObject } from '../../base/json.ts';
import type { Report, Scenario, Step } from './scenario.ts';

const template = (app: string, more: JsonObject = {}, image = 'nginx:1') => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image }], ...more },
});
const selector = (app: string) => ({ matchLabels: { app } });
const report = (becomes: Report['becomes'], more: Omit<Report, 'becomes'> = {}): Step => ({
  report: { becomes, ...more },
});
const image = (to: string): JsonObject => ({
  spec: { template: { spec: { containers: [{ name: 'c', image: to }] } } },
});
const make = (apiVersion: string, kind: string, name: string, rest: JsonObject): Step => ({
  create: { apiVersion, kind, metadata: { name }, ...rest },
});
const deployment = (spec: JsonObject, name = 'web') =>
  make('apps/v1', 'Deployment', name, {
    spec: { selector: selector(name), template: template(name), ...spec },
  });
const replicaSet = (spec: JsonObject, name = 'web') =>
  make('apps/v1', 'ReplicaSet', name, {
    spec: { selector: selector(name), template: template(name), ...spec },
  });
const statefulSet = (spec: JsonObject, name = 'web') =>
  make('apps/v1', 'StatefulSet', name, {
    spec: { selector: selector(name), serviceName: name, template: template(name), ...spec },
  });
const daemonSet = (spec: JsonObject, name = 'web') =>
  make('apps/v1', 'DaemonSet', name, {
    spec: { selector: selector(name), template: template(name), ...spec },
  });
const job = (spec: JsonObject, name = 'work') =>
  make('batch/v1', 'Job', name, {
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx:1' }] } },
      ...spec,
    },
  });
const pod = (name: string, labels: JsonObject, more: JsonObject = {}): Step => ({
  create: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...more },
  },
});
const on = (hostname: string) => ({ nodeSelector: { 'kubernetes.io/hostname': hostname } });
const near = (app: string, more: JsonObject = {}) => ({
  topologyKey: 'kubernetes.io/hostname',
  labelSelector: selector(app),
  ...more,
});
const required = (...terms: readonly JsonObject[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: terms,
});
const preferred = (weight: number, podAffinityTerm: JsonObject) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }],
});
const spread = (more: JsonObject) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: selector('a'),
      ...more,
    },
  ],
});
const tolerant = { tolerations: [{ operator: 'Exists' }] };
const asking = (cpu: string, more: JsonObject = {}) => ({
  containers: [{ name: 'c', image: 'nginx:1', resources: { requests: { cpu } } }],
  ...more,
});
const service = (name: string, spec: JsonObject) => make('v1', 'Service', name, { spec });
const scale = (path: string, replicas: number): Step => ({ patch: path, with: { spec: { replicas } } });
const until = (times: number, steps: readonly Step[]): readonly Step[] =>
  Array.from({ length: times }, () => steps).flat();

const deployments = ['deployments', 'replicasets', 'pods'] as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'rolling-update',
    kinds: ['deployments', 'replicasets', 'pods'],
    steps: [
      deployment({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
      ...until(4, [report('ready', { count: 1 })]),
      { patch: 'deployments/web', with: image('nginx:2') },
      ...until(6, [report('gone'), report('ready', { count: 1 })]),
    ],
  },
  {
    name: 'rolling-update-stuck',
    kinds: deployments,
    steps: [
      deployment({ replicas: 3, progressDeadlineSeconds: 10 }),
      report('ready'),
      { patch: 'deployments/web', with: image('nginx:2') },
      { advance: 12 },
      { patch: 'deployments/web', with: image('nginx:1') },
      report('gone'),
    ],
  },
  {
    name: 'pause-and-resume',
    kinds: deployments,
    steps: [
      deployment({ replicas: 2 }),
      report('ready'),
      { patch: 'deployments/web', with: { spec: { paused: true } } },
      { patch: 'deployments/web', with: image('nginx:2') },
      scale('deployments/web', 3),
      report('ready'),
      { patch: 'deployments/web', with: { spec: { paused: false } } },
      ...until(4, [report('ready'), report('gone')]),
    ],
  },
  {
    name: 'proportional-scaling',
    kinds: deployments,
    steps: [
      deployment({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }),
      report('ready'),
      { patch: 'deployments/web', with: image('nginx:2') },
      scale('deployments/web', 15),
      scale('deployments/web', 5),
    ],
  },
  {
    name: 'recreate',
    kinds: deployments,
    steps: [
      deployment({ replicas: 2, strategy: { type: 'Recreate' }, revisionHistoryLimit: 1 }),
      report('ready'),
      { patch: 'deployments/web', with: image('nginx:2') },
      report('gone'),
      report('ready'),
      { patch: 'deployments/web', with: image('nginx:3') },
      report('gone'),
      report('ready'),
      { delete: 'deployments/web', options: { propagationPolicy: 'Foreground' } },
      report('gone'),
    ],
  },
  {
    name: 'min-ready-seconds',
    kinds: deployments,
    steps: [
      deployment({ replicas: 2, minReadySeconds: 2 }),
      report('ready'),
      report('unready', { count: 1 }),
      report('ready'),
    ],
  },
  {
    name: 'replicaset-adopts',
    kinds: ['replicasets', 'pods'],
    steps: [
      pod('lone', { app: 'web' }),
      pod('other', { app: 'other' }),
      replicaSet({ replicas: 2 }),
      report('ready'),
      { patch: 'pods/lone', with: { metadata: { labels: { app: 'gone' } } } },
      report('ready'),
      scale('replicasets/web', 1),
      report('gone'),
      { delete: 'replicasets/web', options: { propagationPolicy: 'Orphan' } },
    ],
  },
  {
    name: 'replicaset-deletes-in-order',
    kinds: ['replicasets', 'pods'],
    steps: [
      replicaSet({ replicas: 3 }),
      report('ready', { count: 1 }),
      scale('replicasets/web', 1),
      report('gone'),
      scale('replicasets/web', 3),
      report('ready'),
      report('failed', { count: 1 }),
      scale('replicasets/web', 0),
    ],
  },
  {
    name: 'replicationcontroller',
    kinds: ['replicationcontrollers', 'pods'],
    steps: [
      make('v1', 'ReplicationController', 'web', {
        spec: { replicas: 2, selector: { app: 'web' }, template: template('web') },
      }),
      report('ready'),
      scale('replicationcontrollers/web', 1),
      report('gone'),
      { delete: 'replicationcontrollers/web' },
    ],
  },
  {
    name: 'quota-stops-replicas',
    kinds: ['deployments', 'replicasets', 'pods', 'resourcequotas'],
    steps: [
      make('v1', 'ResourceQuota', 'few', {
        spec: { hard: { pods: '1', 'count/configmaps': '2', services: '1' } },
      }),
      deployment({ replicas: 2 }),
      report('ready'),
      { patch: 'resourcequotas/few', with: { spec: { hard: { pods: '5' } } } },
      { delete: 'resourcequotas/few' },
    ],
  },
  {
    name: 'statefulset',
    kinds: ['statefulsets', 'controllerrevisions', 'pods'],
    steps: [
      statefulSet({ replicas: 2 }),
      ...until(2, [report('ready')]),
      { patch: 'statefulsets/web', with: image('nginx:2') },
      ...until(2, [report('gone'), report('ready')]),
      scale('statefulsets/web', 1),
      report('gone'),
      { delete: 'statefulsets/web', options: { propagationPolicy: 'Foreground' } },
      report('gone'),
    ],
  },
  {
    name: 'statefulset-partition',
    kinds: ['statefulsets', 'controllerrevisions', 'pods'],
    steps: [
      statefulSet({
        replicas: 3,
        podManagementPolicy: 'Parallel',
        ordinals: { start: 5 },
        updateStrategy: { rollingUpdate: { partition: 7 } },
      }),
      report('ready'),
      { patch: 'statefulsets/web', with: image('nginx:2') },
      report('gone'),
      report('ready'),
      { patch: 'statefulsets/web', with: { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } } },
      ...until(2, [report('gone'), report('ready')]),
      scale('statefulsets/web', 0),
      report('gone'),
    ],
  },
  {
    name: 'statefulset-claims',
    kinds: ['statefulsets', 'persistentvolumeclaims', 'pods'],
    steps: [
      statefulSet({
        replicas: 2,
        // How often the scheduler looks at them is chance.
        template: template('web', { schedulingGates: [{ name: 'example.com/wait' }] }),
        podManagementPolicy: 'Parallel',
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: {
              storageClassName: 'none',
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
            },
          },
        ],
      }),
      scale('statefulsets/web', 1),
      report('gone'),
    ],
  },
  {
    name: 'daemonset',
    kinds: ['daemonsets', 'controllerrevisions', 'pods'],
    steps: [
      daemonSet({}),
      report('ready'),
      { patch: 'daemonsets/web', with: image('nginx:2') },
      ...until(2, [report('gone'), report('ready')]),
      { patch: 'daemonsets/web', with: { spec: { template: { spec: { nodeSelector: { disk: 'none' } } } } } },
      report('gone'),
      { delete: 'daemonsets/web' },
    ],
  },
  {
    name: 'daemonset-surge',
    kinds: ['daemonsets', 'pods'],
    steps: [
      daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
      report('ready'),
      { patch: 'daemonsets/web', with: image('nginx:2') },
      ...until(2, [report('ready'), report('gone')]),
      report('failed', { count: 1 }),
      report('gone'),
    ],
  },
  {
    name: 'job-completes',
    kinds: ['jobs', 'pods'],
    steps: [
      job({ completions: 3, parallelism: 2 }),
      report('ready'),
      report('succeeded', { count: 1 }),
      report('ready'),
      report('succeeded'),
      { delete: 'jobs/work' },
    ],
  },
  {
    name: 'job-fails',
    kinds: ['jobs', 'pods'],
    steps: [job({ backoffLimit: 0 }), report('ready'), report('failed')],
  },
  {
    name: 'job-indexed',
    kinds: ['jobs', 'pods'],
    steps: [
      job({
        completions: 3,
        parallelism: 3,
        completionMode: 'Indexed',
        backoffLimitPerIndex: 0,
        maxFailedIndexes: 2,
      }),
      report('ready'),
      report('failed', { count: 1 }),
      report('succeeded'),
    ],
  },
  {
    name: 'job-policies',
    kinds: ['jobs', 'pods'],
    steps: [
      job({
        backoffLimit: 3,
        podFailurePolicy: {
          rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }],
        },
      }),
      report('failed', { exitCode: 42 }),
      job(
        {
          completions: 3,
          parallelism: 3,
          completionMode: 'Indexed',
          successPolicy: { rules: [{ succeededIndexes: '0' }] },
        },
        'early',
      ),
      report('succeeded', { select: 'batch.kubernetes.io/job-completion-index=0' }),
      report('gone'),
    ],
  },
  {
    name: 'job-suspended',
    kinds: ['jobs', 'pods'],
    steps: [
      job({ suspend: true }),
      { patch: 'jobs/work', with: { spec: { suspend: false } } },
      { patch: 'jobs/work', with: { spec: { suspend: true } } },
      report('gone'),
      { patch: 'jobs/work', with: { spec: { suspend: false, activeDeadlineSeconds: 10 } } },
      { advance: 12 },
      report('gone'),
    ],
  },
  {
    name: 'job-with-ttl',
    kinds: ['jobs', 'pods'],
    steps: [job({ ttlSecondsAfterFinished: 10 }), report('succeeded'), { advance: 12 }],
  },
  {
    name: 'endpoints',
    kinds: ['services', 'endpoints', 'endpointslices'],
    steps: [
      service('web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
      pod('a', { app: 'web' }),
      pod('b', { app: 'web' }),
      report('ready'),
      report('unready', { count: 1 }),
      { patch: 'services/web', with: { spec: { publishNotReadyAddresses: true } } },
      { delete: 'pods/b' },
      report('gone'),
      { patch: 'services/web', with: { metadata: { labels: { team: 'a' } } } },
      { delete: 'services/web' },
    ],
  },
  {
    name: 'headless',
    kinds: ['services', 'endpoints', 'endpointslices'],
    steps: [
      service('web', { clusterIP: 'None', selector: { app: 'web' } }),
      pod('a', { app: 'web' }, { hostname: 'first', subdomain: 'web' }),
      report('ready'),
      service('ports', {
        clusterIP: 'None',
        selector: { app: 'web' },
        ports: [
          { name: 'a', port: 80, targetPort: 'missing' },
          { name: 'b', port: 81 },
        ],
      }),
    ],
  },
  {
    name: 'mirrored-endpoints',
    kinds: ['services', 'endpoints', 'endpointslices'],
    steps: [
      service('outside', { ports: [{ port: 80 }] }),
      make('v1', 'Endpoints', 'outside', {
        subsets: [
          {
            addresses: [{ ip: '198.51.100.7' }, { ip: '198.51.100.6', hostname: 'six' }],
            notReadyAddresses: [{ ip: '198.51.100.8' }],
            ports: [{ port: 8080 }],
          },
        ],
      }),
      {
        patch: 'endpoints/outside',
        with: { metadata: { labels: { team: 'a' }, annotations: { why: 'b' } } },
      },
      {
        patch: 'endpoints/outside',
        with: { subsets: [{ addresses: [{ ip: '198.51.100.9' }], ports: [{ name: 'x', port: 1 }] }] },
      },
      { delete: 'endpoints/outside' },
    ],
  },
  {
    name: 'many-endpoints',
    kinds: ['endpointslices'],
    steps: [
      replicaSet({ replicas: 103 }),
      report('ready'),
      service('web', { selector: { app: 'web' }, ports: [{ port: 80 }] }),
    ],
  },
  {
    name: 'disruption-budget',
    kinds: ['poddisruptionbudgets'],
    steps: [
      make('policy/v1', 'PodDisruptionBudget', 'web', {
        spec: { minAvailable: 1, selector: selector('web') },
      }),
      deployment({ replicas: 2 }),
      report('ready', { count: 1 }),
      report('ready'),
      { patch: 'poddisruptionbudgets/web', with: { spec: { minAvailable: null, maxUnavailable: '50%' } } },
      scale('deployments/web', 4),
      pod('lone', { app: 'web' }),
    ],
  },
  {
    name: 'owned-by-nobody',
    kinds: ['configmaps'],
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {
            name: 'child',
            ownerReferences: [
              {
                apiVersion: 'v1',
                kind: 'ConfigMap',
                name: 'gone',
                uid: '6f1de5b5-6d0e-4e1a-8d43-9a70ef0cbe33',
              },
            ],
          },
        },
      },
    ],
  },
  {
    name: 'scheduling-affinity',
    kinds: ['pods'],
    tellsNodes: true,
    steps: [
      pod('a', { app: 'a' }, on('worker-1')),
      pod('near', {}, { affinity: { podAffinity: required(near('a')) } }),
      pod('apart', { app: 'c' }, { affinity: { podAntiAffinity: required(near('a')) } }),
      pod('nowhere', {}, { affinity: { podAntiAffinity: required(near('a'), near('c')) } }),
      pod('nobody', {}, { affinity: { podAffinity: required(near('none')) } }),
      pod(
        'own-group',
        { app: 'own' },
        { ...on('worker-2'), affinity: { podAffinity: required(near('own')) } },
      ),
      pod('both', {}, { affinity: { podAffinity: required(near('a'), near('c')) } }),
      pod(
        'shy',
        { app: 'shy' },
        { ...on('worker-1'), affinity: { podAntiAffinity: required(near('guest')) } },
      ),
      pod('guest', { app: 'guest' }, on('worker-1')),
      pod('elsewhere', {}, { affinity: { podAffinity: required(near('a', { namespaces: ['default'] })) } }),
      pod(
        'labelled',
        {},
        {
          affinity: {
            podAffinity: required(near('a', { namespaceSelector: { matchLabels: { no: 'such' } } })),
          },
        },
      ),
      pod('anywhere', {}, { affinity: { podAffinity: required(near('c', { namespaceSelector: {} })) } }),
      pod('likes', {}, { affinity: { podAffinity: preferred(100, near('a')) } }),
      pod('dislikes', {}, { affinity: { podAntiAffinity: preferred(100, near('a')) } }),
      { delete: 'pods/shy' },
      report('gone'),
    ],
  },
  {
    name: 'scheduling-spread',
    kinds: ['pods'],
    tellsNodes: true,
    steps: [
      pod('one', { app: 'a' }, on('worker-1')),
      pod('two', { app: 'a' }, spread({})),
      pod('three', { app: 'a' }, { ...on('worker-1'), ...spread({}) }),
      pod('honours-taints', { app: 'a' }, { ...on('worker-1'), ...spread({ nodeTaintsPolicy: 'Honor' }) }),
      pod('too-few-domains', { app: 'a' }, spread({ minDomains: 4, nodeTaintsPolicy: 'Honor' })),
      pod(
        'ignores-affinity',
        { app: 'a' },
        { ...on('worker-1'), ...spread({ nodeAffinityPolicy: 'Ignore' }) },
      ),
      pod(
        'by-version',
        { app: 'a', v: '2' },
        {
          ...on('worker-1'),
          ...spread({ matchLabelKeys: ['v'], nodeTaintsPolicy: 'Honor' }),
        },
      ),
      pod('no-such-label', { app: 'a' }, spread({ topologyKey: 'zone' })),
    ],
  },
  {
    name: 'scheduling-ports-and-names',
    kinds: ['pods'],
    tellsNodes: true,
    steps: [
      pod(
        'first',
        {},
        {
          ...on('worker-1'),
          containers: [{ name: 'c', image: 'nginx:1', ports: [{ containerPort: 80, hostPort: 7000 }] }],
        },
      ),
      pod(
        'other-address',
        {},
        {
          ...on('worker-1'),
          containers: [
            {
              name: 'c',
              image: 'nginx:1',
              ports: [{ containerPort: 80, hostPort: 7000, hostIP: '127.0.0.1' }],
            },
          ],
        },
      ),
      pod(
        'other-protocol',
        {},
        {
          ...on('worker-1'),
          containers: [
            { name: 'c', image: 'nginx:1', ports: [{ containerPort: 80, hostPort: 7000, protocol: 'UDP' }] },
          ],
        },
      ),
      pod('gated', {}, { ...on('worker-1'), schedulingGates: [{ name: 'example.com/wait' }] }),
      { patch: 'pods/gated', with: { spec: { schedulingGates: [] } } },
      pod(
        'named',
        {},
        {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['control-plane'] }] },
                ],
              },
            },
          },
        },
      ),
      pod('no-disk', {}, { nodeSelector: { disk: 'ssd' } }),
      pod('tolerant', {}, { ...tolerant, ...on('control-plane') }),
      pod('no-claim', {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] }),
      pod('another-scheduler', {}, { schedulerName: 'mine' }),
    ],
  },
  {
    name: 'scheduling-preemption',
    kinds: ['pods', 'poddisruptionbudgets'],
    tellsNodes: true,
    steps: [
      make('policy/v1', 'PodDisruptionBudget', 'kept', {
        spec: { maxUnavailable: 0, selector: selector('kept') },
      }),
      pod('low-1', { app: 'kept' }, asking('3', on('worker-1'))),
      pod('low-2', { app: 'free' }, asking('3', on('worker-2'))),
      report('ready'),
      pod('equal', {}, asking('3')),
      pod('too-large', {}, asking('100', { priorityClassName: 'system-cluster-critical' })),
      { delete: 'pods/equal' },
      pod('high', {}, asking('3', { priorityClassName: 'system-cluster-critical' })),
      report('gone'),
      pod(
        'polite',
        {},
        asking('3', { priorityClassName: 'system-cluster-critical', preemptionPolicy: 'Never' }),
      ),
    ],
  },
];
