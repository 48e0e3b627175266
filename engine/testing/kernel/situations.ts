/**
 * Situations in which kernel and simulation must agree. Endpoints are written by hand where a situation is about what an
 * EndpointSlice says; what a Service does with them is kube-proxy's.
 */
import type { JsonObject } from '../../base/json.ts';
import { type Places, type Source, webPorts } from './base-cluster.ts';
import type { Flow } from './compare-flows.ts';

/** Objects on top of the base cluster, and what is tried there. */
export interface Situation {
  readonly name: string;
  readonly objects: readonly { readonly path: string; readonly object: JsonObject }[];
  readonly flows: readonly Flow[];
}

/** An endpoint of a slice that is written by hand: a Pod of the base cluster and what is said of it. */
export interface EndpointFact {
  readonly pod: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export const clusterIP = '10.96.50.1';
export const balancerIP = '203.0.113.50';
export const nodePorts = { tcp: 30_080, udp: 30_081 } as const;

/** One of each kind of place that a connection begins at. */
export const everybody: readonly Source[] = [
  'client',
  'control-plane',
  'worker-1',
  'worker-2',
  'client-1',
  'client-2',
  'web-1',
  'web-3',
];
const nodes = { 'control-plane': '172.18.0.2', 'worker-1': '172.18.0.3', 'worker-2': '172.18.0.4' } as const;
const tcpPort: JsonObject = { name: 'tcp', port: 80, targetPort: webPorts.tcp };
const udpPort: JsonObject = { name: 'udp', port: 53, targetPort: webPorts.udp, protocol: 'UDP' };
const bothPorts = { ports: [tcpPort, udpPort] };
const nodePortPorts = {
  ports: [
    { ...tcpPort, nodePort: nodePorts.tcp },
    { ...udpPort, nodePort: nodePorts.udp },
  ],
};

/** A Service `web` with its fixed address, and a slice of endpoints unless it selects Pods itself. */
export function serviceWith(
  spec: JsonObject,
  endpoints: readonly EndpointFact[] | 'selected',
  places: Places,
): Situation['objects'] {
  const selector = endpoints === 'selected' ? { selector: { app: 'web' } } : {};
  const service = {
    path: '/api/v1/namespaces/default/services',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { clusterIP, ...bothPorts, ...selector, ...spec },
    },
  };
  return endpoints === 'selected' ? [service] : [service, sliceOf(endpoints, places)];
}

function sliceOf(endpoints: readonly EndpointFact[], places: Places): Situation['objects'][number] {
  return {
    path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    object: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [
        { name: 'tcp', port: webPorts.tcp, protocol: 'TCP' },
        { name: 'udp', port: webPorts.udp, protocol: 'UDP' },
      ],
      endpoints: endpoints.map(({ pod, ready = true, serving = ready, terminating = false }) => ({
        addresses: [places.addressOf(pod)],
        nodeName: nodeOf(pod),
        conditions: { ready, serving, terminating },
      })),
    },
  };
}

function nodeOf(pod: string): string {
  return ['web-1', 'web-2', 'client-1', 'host-port'].includes(pod) ? 'worker-1' : 'worker-2';
}

/** A flow of each protocol from each of the sources to an address. */
export function flowsTo(
  to: string,
  ports: { readonly tcp?: number; readonly udp?: number },
  from: readonly Source[] = everybody,
): readonly Flow[] {
  return from.flatMap((source) =>
    (['tcp', 'udp'] as const).flatMap((protocol) => {
      const port = ports[protocol];
      return port === undefined ? [] : [{ from: source, to, port, protocol }];
    }),
  );
}

const service = { tcp: 80, udp: 53 } as const;

/** A NetworkPolicy for the Pods that are labelled app=`app`. */
function policyFor(app: string, spec: JsonObject): Situation['objects'][number] {
  return {
    path: '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${app}-policy` },
      spec: { podSelector: { matchLabels: { app } }, ...spec },
    },
  };
}

/** Situations in which policies decide. */
function policySituations(places: Places): readonly Situation[] {
  const service = serviceWith({ type: 'NodePort', ...nodePortPorts }, 'selected', places);
  const clients = { podSelector: { matchLabels: { app: 'client' } } };
  const flows = [
    ...flowsTo(places.addressOf('web-1'), webPorts),
    ...flowsTo(clusterIP, { tcp: 80, udp: 53 }, ['client-1', 'client-2', 'web-3', 'worker-2']),
    ...flowsTo(nodes['worker-2'], { tcp: nodePorts.tcp }, ['client', 'client-1']),
    ...flowsTo(places.addressOf('client-2'), { tcp: webPorts.tcp }, ['client-1', 'web-1']),
  ];
  const made: readonly (readonly [string, string, JsonObject])[] = [
    ['nobody may come', 'web', { policyTypes: ['Ingress'] }],
    ['clients may come', 'web', { ingress: [{ from: [clients] }] }],
    [
      'clients may come to one port',
      'web',
      { ingress: [{ from: [clients], ports: [{ port: webPorts.tcp }] }] },
    ],
    [
      'a network may come, but for a part',
      'web',
      { ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.2.0/24'] } }] }] },
    ],
    ['clients may go nowhere', 'client', { policyTypes: ['Egress'] }],
    [
      'clients may go to one port',
      'client',
      { policyTypes: ['Egress'], egress: [{ ports: [{ port: webPorts.udp, protocol: 'UDP' }] }] },
    ],
  ];
  return made.map(([name, app, spec]) => ({
    name: `NetworkPolicy, ${name}`,
    objects: [...service, policyFor(app, spec)],
    flows,
  }));
}

/** All situations that are written out. */
export function situations(places: Places): readonly Situation[] {
  const outside: readonly Source[] = ['client', 'control-plane', 'worker-2', 'client-1', 'web-3'];
  const three = [{ pod: 'web-1' }, { pod: 'web-2' }, { pod: 'web-3' }];
  const gone = { ready: false, serving: true, terminating: true };
  const hidden = { ready: false, serving: false, terminating: true };
  const make = (
    name: string,
    spec: JsonObject,
    endpoints: readonly EndpointFact[] | 'selected',
    flows: readonly Flow[],
  ): Situation => ({ name, objects: serviceWith(spec, endpoints, places), flows });
  const atClusterIP = flowsTo(clusterIP, service);
  const atNodePorts = [
    ...flowsTo(nodes['worker-1'], nodePorts, ['client', 'worker-2', 'client-2']),
    ...flowsTo(nodes['worker-2'], nodePorts, ['client', 'worker-2', 'client-1', 'web-1']),
    ...flowsTo(nodes['control-plane'], { tcp: nodePorts.tcp }, ['client', 'client-1']),
  ];
  const atBalancer = flowsTo(balancerIP, service, outside);
  const nodePort = { type: 'NodePort', ...nodePortPorts };
  const balancer = { type: 'LoadBalancer', loadBalancerIP: balancerIP, ...nodePortPorts };
  const external = { externalIPs: ['192.0.2.10', nodes['worker-1']] };
  const atExternal = [
    ...flowsTo('192.0.2.10', service, ['client', 'worker-1', 'client-1', 'web-1']),
    ...flowsTo(nodes['worker-1'], service, ['client', 'worker-1', 'client-2']),
  ];
  return [
    { name: 'no Service: Pod to Pod', objects: [], flows: flowsTo(places.addressOf('web-3'), webPorts) },
    {
      name: 'no Service: closed ports',
      objects: [],
      flows: [
        ...flowsTo(places.addressOf('web-1'), { tcp: 9, udp: 9 }, outside),
        ...flowsTo(nodes['worker-1'], { tcp: 9, udp: 9 }, outside),
      ],
    },
    {
      name: 'no Service: addresses of nobody',
      objects: [],
      flows: [
        ...flowsTo('10.244.1.250', { tcp: 80, udp: 80 }, ['client-1', 'worker-1', 'worker-2', 'client-2']),
        ...flowsTo('172.18.0.99', { tcp: 80, udp: 80 }, ['client-1', 'worker-1', 'client']),
        ...flowsTo('192.0.2.1', { tcp: 80, udp: 80 }, ['client-1', 'worker-1', 'client']),
        ...flowsTo('10.96.77.77', { tcp: 80, udp: 80 }, ['client-1', 'worker-1', 'client']),
      ],
    },
    {
      name: 'no Service: host ports',
      objects: [],
      flows: [
        ...flowsTo(nodes['worker-1'], { tcp: 18_080, udp: 18_081 }),
        ...flowsTo('127.0.0.1', { tcp: 18_080 }, ['worker-1', 'worker-2']),
        ...flowsTo(nodes['worker-2'], { tcp: 18_080, udp: 18_081 }, ['client', 'worker-2', 'client-2']),
      ],
    },
    {
      name: 'no Service: a Pod in the network of its node',
      objects: [],
      flows: [
        ...flowsTo(nodes['worker-2'], webPorts),
        ...flowsTo('127.0.0.1', webPorts, ['worker-2', 'web-3', 'client']),
      ],
    },
    {
      name: 'no Service: loopback from elsewhere',
      objects: [],
      flows: flowsTo('127.0.0.1', { tcp: 9, udp: 9 }, ['worker-1', 'client-1', 'client']),
    },
    make('ClusterIP, one endpoint', {}, [{ pod: 'web-1' }], atClusterIP),
    make('ClusterIP, one endpoint elsewhere', {}, [{ pod: 'web-3' }], atClusterIP),
    make('ClusterIP, three endpoints', {}, three, atClusterIP),
    make('ClusterIP, what the selector finds', {}, 'selected', atClusterIP),
    make('ClusterIP, no endpoints', {}, [], atClusterIP),
    make('ClusterIP, none ready', {}, [{ pod: 'web-1', ready: false }], atClusterIP),
    make('ClusterIP, another port', {}, three, flowsTo(clusterIP, { tcp: 81, udp: 54 })),
    make('ClusterIP, a target port where nobody listens', {}, [{ pod: 'host-network' }], atClusterIP),
    make(
      'ClusterIP, an endpoint in the network of a node',
      {},
      [{ pod: 'host-network' }, { pod: 'web-1' }],
      atClusterIP,
    ),
    make('internalTrafficPolicy Local', { internalTrafficPolicy: 'Local' }, three, atClusterIP),
    make(
      'internalTrafficPolicy Local, one node',
      { internalTrafficPolicy: 'Local' },
      [{ pod: 'web-1' }],
      atClusterIP,
    ),
    make('terminating beside ready', {}, [{ pod: 'web-1' }, { pod: 'web-3', ...gone }], atClusterIP),
    make(
      'all terminating and serving',
      {},
      [
        { pod: 'web-1', ...gone },
        { pod: 'web-3', ...gone },
      ],
      atClusterIP,
    ),
    make('all terminating, none serving', {}, [{ pod: 'web-1', ...hidden }], atClusterIP),
    make('NodePort', nodePort, three, atNodePorts),
    make('NodePort, at its cluster IP', nodePort, three, atClusterIP),
    make('NodePort on localhost', nodePort, three, [
      ...flowsTo('127.0.0.1', nodePorts, ['worker-1', 'worker-2', 'client-1']),
    ]),
    make('NodePort, no endpoints', nodePort, [], atNodePorts),
    make('NodePort, policy Local', { ...nodePort, externalTrafficPolicy: 'Local' }, three, atNodePorts),
    make(
      'NodePort, policy Local, one node',
      { ...nodePort, externalTrafficPolicy: 'Local' },
      [{ pod: 'web-3' }],
      atNodePorts,
    ),
    make(
      'NodePort, policy Local, terminating here',
      { ...nodePort, externalTrafficPolicy: 'Local' },
      [{ pod: 'web-1', ...gone }, { pod: 'web-3' }],
      atNodePorts,
    ),
    make(
      'both policies Local',
      { ...nodePort, externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' },
      [{ pod: 'web-1' }],
      [...atNodePorts, ...atClusterIP],
    ),
    make('LoadBalancer', balancer, three, [...atBalancer, ...atNodePorts]),
    make('LoadBalancer, no endpoints', balancer, [], atBalancer),
    make('LoadBalancer, policy Local', { ...balancer, externalTrafficPolicy: 'Local' }, three, atBalancer),
    make(
      'LoadBalancer, policy Local, one node',
      { ...balancer, externalTrafficPolicy: 'Local' },
      [{ pod: 'web-3' }],
      [...atBalancer, ...atNodePorts],
    ),
    make(
      'LoadBalancer, source ranges with the client',
      { ...balancer, loadBalancerSourceRanges: ['198.51.100.0/24'] },
      three,
      [...atBalancer, ...atNodePorts],
    ),
    make(
      'LoadBalancer, source ranges of others',
      { ...balancer, loadBalancerSourceRanges: ['203.0.113.0/28'] },
      three,
      [...atBalancer, ...atNodePorts],
    ),
    make(
      'LoadBalancer, source ranges with the nodes',
      { ...balancer, loadBalancerSourceRanges: ['172.18.0.0/16'] },
      three,
      atBalancer,
    ),
    make(
      'LoadBalancer without node ports',
      { ...balancer, ...bothPorts, allocateLoadBalancerNodePorts: false },
      three,
      atBalancer,
    ),
    make('externalIPs', external, three, atExternal),
    make('externalIPs, no endpoints', external, [], atExternal),
    make(
      'externalIPs, policy Local',
      { ...nodePort, ...external, externalTrafficPolicy: 'Local' },
      [{ pod: 'web-3' }],
      atExternal,
    ),
    ...policySituations(places),
    make(
      'hairpin: the only endpoint calls itself',
      {},
      [{ pod: 'web-1' }],
      flowsTo(clusterIP, service, ['web-1']),
    ),
    make(
      'hairpin through a node port',
      nodePort,
      [{ pod: 'web-1' }],
      [
        ...flowsTo(nodes['worker-1'], nodePorts, ['web-1']),
        ...flowsTo(nodes['worker-2'], nodePorts, ['web-1']),
      ],
    ),
    make(
      'two ports with one target',
      {
        ports: [tcpPort, { ...tcpPort, name: 'other', port: 8000 }],
      },
      'selected',
      [...flowsTo(clusterIP, { tcp: 8000 }), ...flowsTo(clusterIP, { tcp: 80 }, outside)],
    ),
  ];
}
