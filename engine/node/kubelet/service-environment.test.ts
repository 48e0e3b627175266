import { expect, it } from 'vitest';
import type { Pod, Service } from '../../api/types/kinds.ts';
import { containerEnvironment } from './environment.ts';

function service(
  name: string,
  clusterIP: string | undefined,
  ports: NonNullable<Service['spec']>['ports'],
  namespace = 'default',
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '2024-05-28T13:22:30Z' },
    spec: { ...(clusterIP === undefined ? {} : { clusterIP }), ...(ports === undefined ? {} : { ports }) },
  };
}

const kubernetes = service('kubernetes', '10.96.0.1', [{ name: 'https', port: 443, protocol: 'TCP' }]);

function environment(
  services: readonly Service[],
  { namespace = 'default', enableServiceLinks }: { namespace?: string; enableServiceLinks?: boolean } = {},
): readonly string[] {
  const container = { name: 'c', image: 'box' };
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace,
      uid: 'p',
      resourceVersion: '1',
      creationTimestamp: '2024-05-28T13:22:30Z',
    },
    spec: { containers: [container], ...(enableServiceLinks === undefined ? {} : { enableServiceLinks }) },
  };
  const made = containerEnvironment(pod, container, {
    podIP: '',
    hostIP: '',
    nodeName: '',
    services,
    allocatable: {},
    configMap: () => undefined,
    secret: () => undefined,
  });
  return made.ok ? [...made.value].map(([name, value]) => `${name}=${value}`) : [made.error];
}

/** Source: kubernetes v1.36 pkg/kubelet/envvars/envvars_test.go, TestFromServices, without IPv6. */
it.each([
  {
    name: 'a port without a name, and a dash',
    given: service('foo-bar', '1.2.3.4', [{ port: 8080, protocol: 'TCP' }]),
    want: [
      'FOO_BAR_SERVICE_HOST=1.2.3.4',
      'FOO_BAR_SERVICE_PORT=8080',
      'FOO_BAR_PORT=tcp://1.2.3.4:8080',
      'FOO_BAR_PORT_8080_TCP=tcp://1.2.3.4:8080',
      'FOO_BAR_PORT_8080_TCP_PROTO=tcp',
      'FOO_BAR_PORT_8080_TCP_PORT=8080',
      'FOO_BAR_PORT_8080_TCP_ADDR=1.2.3.4',
    ],
  },
  {
    name: 'one number over two protocols, with names',
    given: service('abc-123', '5.6.7.8', [
      { name: 'u-d-p', port: 8081, protocol: 'UDP' },
      { name: 't-c-p', port: 8081, protocol: 'TCP' },
    ]),
    want: [
      'ABC_123_SERVICE_HOST=5.6.7.8',
      'ABC_123_SERVICE_PORT=8081',
      'ABC_123_SERVICE_PORT_U_D_P=8081',
      'ABC_123_SERVICE_PORT_T_C_P=8081',
      'ABC_123_PORT=udp://5.6.7.8:8081',
      'ABC_123_PORT_8081_UDP=udp://5.6.7.8:8081',
      'ABC_123_PORT_8081_UDP_PROTO=udp',
      'ABC_123_PORT_8081_UDP_PORT=8081',
      'ABC_123_PORT_8081_UDP_ADDR=5.6.7.8',
      'ABC_123_PORT_8081_TCP=tcp://5.6.7.8:8081',
      'ABC_123_PORT_8081_TCP_PROTO=tcp',
      'ABC_123_PORT_8081_TCP_PORT=8081',
      'ABC_123_PORT_8081_TCP_ADDR=5.6.7.8',
    ],
  },
  {
    name: 'a second port whose name is a number',
    given: service('q-u-u-x', '9.8.7.6', [
      { port: 8082, protocol: 'TCP' },
      { name: '8083', port: 8083, protocol: 'TCP' },
    ]),
    want: [
      'Q_U_U_X_SERVICE_HOST=9.8.7.6',
      'Q_U_U_X_SERVICE_PORT=8082',
      'Q_U_U_X_SERVICE_PORT_8083=8083',
      'Q_U_U_X_PORT=tcp://9.8.7.6:8082',
      'Q_U_U_X_PORT_8082_TCP=tcp://9.8.7.6:8082',
      'Q_U_U_X_PORT_8082_TCP_PROTO=tcp',
      'Q_U_U_X_PORT_8082_TCP_PORT=8082',
      'Q_U_U_X_PORT_8082_TCP_ADDR=9.8.7.6',
      'Q_U_U_X_PORT_8083_TCP=tcp://9.8.7.6:8083',
      'Q_U_U_X_PORT_8083_TCP_PROTO=tcp',
      'Q_U_U_X_PORT_8083_TCP_PORT=8083',
      'Q_U_U_X_PORT_8083_TCP_ADDR=9.8.7.6',
    ],
  },
  {
    name: 'SCTP',
    given: service('sctp-1', '1.2.3.4', [{ port: 777, protocol: 'SCTP' }]),
    want: [
      'SCTP_1_SERVICE_HOST=1.2.3.4',
      'SCTP_1_SERVICE_PORT=777',
      'SCTP_1_PORT=sctp://1.2.3.4:777',
      'SCTP_1_PORT_777_SCTP=sctp://1.2.3.4:777',
      'SCTP_1_PORT_777_SCTP_PROTO=sctp',
      'SCTP_1_PORT_777_SCTP_PORT=777',
      'SCTP_1_PORT_777_SCTP_ADDR=1.2.3.4',
    ],
  },
  { name: 'a headless Service', given: service('none', 'None', [{ port: 8082, protocol: 'TCP' }]), want: [] },
  { name: 'a Service without address', given: service('e', undefined, [{ port: 1 }]), want: [] },
])('tells a container of $name', ({ given, want }) => {
  expect(environment([given])).toEqual(want);
});

/** Source: kubernetes v1.36 pkg/kubelet/kubelet_pods.go, getServiceEnvVarMap, and its cases in kubelet_pods_test.go. */
it.each([
  { name: 'those of its own namespace, and kubernetes', namespace: 'shop', want: ['kubernetes', 'web'] },
  { name: 'in default the same', namespace: 'default', want: ['kubernetes', 'other'] },
  {
    name: 'without service links kubernetes only',
    namespace: 'shop',
    enableServiceLinks: false,
    want: ['kubernetes'],
  },
  {
    name: 'without service links kubernetes only, in default too',
    namespace: 'default',
    enableServiceLinks: false,
    want: ['kubernetes'],
  },
])('a container is told of $name', ({ namespace, enableServiceLinks, want }) => {
  const port = [{ port: 80, protocol: 'TCP' }];
  const all = [kubernetes, service('other', '10.96.1.1', port), service('web', '10.96.1.2', port, 'shop')];
  const hosts = environment(all, {
    namespace,
    ...(enableServiceLinks === undefined ? {} : { enableServiceLinks }),
  }).filter((line) => line.includes('_SERVICE_HOST='));
  expect(hosts.map((line) => line.replace(/_SERVICE_HOST=.*/, '').toLowerCase())).toEqual(want);
});

it('tells of a Service kubernetes in its own namespace in the place of the API server', () => {
  const own = service('kubernetes', '10.96.7.7', [{ port: 80, protocol: 'TCP' }], 'shop');
  expect(environment([kubernetes, own], { namespace: 'shop' })).toContain(
    'KUBERNETES_SERVICE_HOST=10.96.7.7',
  );
  expect(environment([kubernetes, own], { namespace: 'shop', enableServiceLinks: false })).toContain(
    'KUBERNETES_SERVICE_HOST=10.96.0.1',
  );
});
