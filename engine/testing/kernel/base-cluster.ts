/** The cluster that every situation starts from: servers on both workers, clients, a host port, a Pod of the node's network. */
import type { JsonObject } from '../../base/json.ts';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { NetnsId } from '../../net/trace.ts';

/** Where a flow starts. */
export type Source =
  | 'client'
  | 'control-plane'
  | 'worker-1'
  | 'worker-2'
  | 'client-1'
  | 'client-2'
  | 'web-1'
  | 'web-3';

/** Every server has these ports; `web` Pods answer as agnhost does. */
export const webPorts = { tcp: 8080, udp: 8081 } as const;

const servers = [
  { name: 'web-1', node: 'worker-1' },
  { name: 'web-2', node: 'worker-1' },
  { name: 'web-3', node: 'worker-2' },
  { name: 'web-4', node: 'worker-2' },
] as const;

/** Sends an object to the API. @throws Error when it is refused. */
export function create(cluster: Cluster, path: string, body: JsonObject): void {
  const answer = cluster.request({ method: 'POST', path, body });
  if (answer.type !== 'object' || answer.code >= 400) {
    throw new Error(`${path}: ${JSON.stringify(answer)}`);
  }
}

/** The cluster, settled. */
export function createBaseCluster(): Cluster {
  const cluster = createCluster({ seed: 'kernel' });
  for (const { name, node } of servers) {
    create(cluster, podsPath, webPod(name, node, { labels: { app: 'web', pod: name } }));
  }
  for (const [name, node] of [
    ['client-1', 'worker-1'],
    ['client-2', 'worker-2'],
  ] as const) {
    create(cluster, podsPath, webPod(name, node, { labels: { app: 'client' } }));
  }
  const hostPorts = [
    { containerPort: webPorts.tcp, hostPort: 18080 },
    { containerPort: webPorts.udp, hostPort: 18081, protocol: 'UDP' },
  ];
  create(
    cluster,
    podsPath,
    webPod('host-port', 'worker-1', { labels: { app: 'host-port' }, ports: hostPorts }),
  );
  create(
    cluster,
    podsPath,
    webPod('host-network', 'worker-2', { labels: { app: 'host-network' }, hostNetwork: true }),
  );
  cluster.settle();
  return cluster;
}

const podsPath = '/api/v1/namespaces/default/pods';

/** A Pod that answers with agnhost on {@link webPorts}. */
function webPod(
  name: string,
  nodeName: string,
  {
    labels,
    ports = [],
    hostNetwork = false,
  }: {
    readonly labels: JsonObject;
    readonly ports?: readonly JsonObject[];
    readonly hostNetwork?: boolean;
  },
): JsonObject {
  const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
  const args = ['netexec', `--http-port=${webPorts.tcp}`, `--udp-port=${webPorts.udp}`];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { nodeName, hostNetwork, containers: [{ name: 'web', image, args, ports }] },
  };
}

/** Addresses and namespaces of the Pods. */
export interface Places {
  netnsOf(source: string): NetnsId;
  addressOf(pod: string): string;
}

/** Looks up where Pods are. */
export function findPlaces(cluster: Cluster): Places {
  const answer = cluster.request({ method: 'GET', path: podsPath });
  const items = answer.type === 'object' && Array.isArray(answer.body.items) ? answer.body.items : [];
  const addresses = new Map<string, string>(
    items.map((pod) => [String(pod.metadata.name), String(pod.status.podIP)]),
  );
  const addressOf = (pod: string) => {
    const address = addresses.get(pod);
    if (address === undefined) throw new Error(`no Pod ${pod}`);
    return address;
  };
  const owners = new Map(
    cluster.net
      .describe()
      .flatMap(({ netns, links }) =>
        links.flatMap(({ addresses: own }) => own.map((cidr) => [cidr.split('/')[0] ?? '', netns] as const)),
      ),
  );
  return {
    addressOf,
    netnsOf: (source) =>
      cluster.net.hasMachine(source) ? source : (owners.get(addressOf(source)) ?? source),
  };
}

/**
 * Takes the choice among several next hops away: which of them a flow takes is a hash that each kernel seeds anew. False
 * when there is no such choice.
 */
export function pinNextHop({ net }: Cluster, choice: number): boolean {
  let found = false;
  for (const { netns, routes } of net.describe()) {
    for (const route of routes) {
      const gateways = [...route.matchAll(/ nexthop via (\S+)/g)].map(([, via]) => via ?? '');
      const via = gateways[choice % gateways.length];
      if (via === undefined) continue;
      net.addRoute(netns, { destination: route.split(' ')[0] ?? '', via });
      found = true;
    }
  }
  return found;
}
