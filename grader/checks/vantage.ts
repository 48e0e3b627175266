/** From what exercise.yaml says to where a probe starts and where it goes, looked up in the cluster as it is now. */
import type { Cause, Cluster, JsonObject, JsonValue, ProbeTarget, Vantage } from '../../engine/index.ts';
import type { CheckTarget, CheckVantage } from '../exercise/schema.ts';
import { err, ok, type Result } from '../result.ts';
import type { CheckContext } from './context.ts';
import {
  clusterOf,
  explainMissingObject,
  findObjects,
  itemsAt,
  nameOf,
  type ObjectQuery,
  textAt,
  valueAt,
} from './objects.ts';

/** Where things are looked up. */
type Scene = Pick<CheckContext, 'engine' | 'cluster'> & Partial<Pick<CheckContext, 'world'>>;

/** The cluster that a request starts in, for whose Pods and names it is. */
export function clusterOfVantage({ cluster }: Scene, vantage: CheckVantage): Cluster {
  if ('pod' in vantage) return clusterOf(cluster, vantage.pod);
  return 'node' in vantage ? clusterOfNode(cluster, vantage.node) : cluster;
}

/** The cluster that a request goes to: where the reasons of its failure are looked for. */
export function clusterOfTarget({ cluster }: Scene, target: CheckTarget): Cluster {
  if ('pod' in target) return clusterOf(cluster, target.pod);
  if ('service' in target) return clusterOf(cluster, target.service);
  if ('loadBalancer' in target) return clusterOf(cluster, target.loadBalancer);
  if ('nodePort' in target) return clusterOf(cluster, target.nodePort);
  if ('ingress' in target) return clusterOf(cluster, target.through);
  if ('gateway' in target) return clusterOf(cluster, target.gateway);
  return 'node' in target ? clusterOfNode(cluster, target.node) : cluster;
}

/** Names of nodes are unique in a world. */
function clusterOfNode(world: Cluster, node: string): Cluster {
  const name = world.names.find((candidate) => world.named(candidate).nodes.includes(node));
  return name === undefined ? world : world.named(name);
}

/** Where a request starts, or why there is no such place. */
export function resolveVantage(scene: Scene, vantage: CheckVantage): Result<Vantage, Cause> {
  if ('client' in vantage) return ok({ kind: 'client' });
  if ('node' in vantage) return ok({ kind: 'node', name: vantage.node });
  const pod = findRunningPod(scene, { resource: 'pods', ...vantage.pod });
  if (!pod.ok) return pod;
  const { namespace, name } = nameOf(pod.value, 'Pod');
  return ok({ kind: 'pod', namespace, name });
}

/** The address, port and protocol of a target, or why it has none. */
export function resolveTarget(scene: Scene, target: CheckTarget): Result<ProbeTarget, Cause> {
  const { cluster } = scene;
  if ('url' in target) return ok(parseUrl(target.url, target.headers));
  if ('ingress' in target) return resolveIngress(cluster, target);
  if ('gateway' in target) return resolveGateway(scene, target);
  const http = { protocol: 'http', path: target.path } as const;
  if ('pod' in target) {
    const pod = findRunningPod(scene, { resource: 'pods', ...target.pod });
    if (!pod.ok) return pod;
    return ok({ host: textAt(pod.value, 'status', 'podIP') ?? '', port: target.port, ...http });
  }
  if ('nodePort' in target) {
    const service = findOne(cluster, { resource: 'services', ...target.nodePort });
    if (!service.ok) return service;
    const port = nodePortOf(service.value, target.port);
    return port.ok ? ok({ host: nodeAddress(cluster, target.node), port: port.value, ...http }) : port;
  }
  if ('node' in target) return ok({ host: nodeAddress(cluster, target.node), port: target.port, ...http });
  if ('loadBalancer' in target) {
    const service = findOne(cluster, { resource: 'services', ...target.loadBalancer });
    if (!service.ok) return service;
    const host = loadBalancerAddress(service.value);
    return host.ok ? ok({ host: host.value, port: target.port, ...http }) : host;
  }
  const service = findOne(cluster, { resource: 'services', ...target.service });
  if (!service.ok) return service;
  const address = clusterIP(service.value);
  return address.ok ? ok({ host: address.value, port: target.port, ...http }) : address;
}

function resolveIngress(
  cluster: Cluster,
  target: Extract<CheckTarget, { readonly ingress: string }>,
): Result<ProbeTarget, Cause> {
  const { ingress: host, scheme, path, headers, through, node } = target;
  const service = findOne(cluster, { resource: 'services', ...through });
  if (!service.ok) return service;
  const port = scheme === 'https' ? 443 : 80;
  const asked = { host, protocol: scheme, path, ...(headers === undefined ? {} : { headers }) } as const;
  if (node !== undefined) {
    const nodePort = nodePortOf(service.value, port);
    if (!nodePort.ok) return nodePort;
    return ok({ ...asked, address: nodeAddress(cluster, node), port: nodePort.value });
  }
  const address = loadBalancerAddress(service.value);
  return address.ok ? ok({ ...asked, address: address.value, port }) : address;
}

function resolveGateway(
  { engine, cluster }: Scene,
  target: Extract<CheckTarget, { readonly gateway: unknown }>,
): Result<ProbeTarget, Cause> {
  const { gateway: reference, scheme, path, headers, node } = target;
  const gateway = findOne(cluster, { resource: 'gateways', ...reference });
  if (!gateway.ok) return gateway;
  const name = nameOf(gateway.value, 'Gateway');
  const address = textAt(gateway.value, 'status', 'addresses', 0, 'value');
  if (address === undefined) {
    const cause = engine.explainGateway(clusterOf(cluster, reference), name);
    const unknown = { condition: 'Programmed', reason: '', message: '' };
    return err(cause ?? { code: 'gateway-not-ready', gateway: name, ...unknown });
  }
  const port = target.port ?? (scheme === 'https' ? 443 : 80);
  const asked = { protocol: scheme, path, ...(headers === undefined ? {} : { headers }) } as const;
  if (node === undefined) return ok({ ...asked, host: target.host ?? address, address, port });
  const labels = {
    'gateway.envoyproxy.io/owning-gateway-name': name.name,
    'gateway.envoyproxy.io/owning-gateway-namespace': name.namespace,
  };
  const { cluster: other } = reference;
  const query = { resource: 'services', namespace: 'envoy-gateway-system', labels, cluster: other };
  const service = findOne(cluster, query);
  if (!service.ok) return service;
  const nodePort = nodePortOf(service.value, port);
  if (!nodePort.ok) return nodePort;
  const nodeIP = nodeAddress(cluster, node);
  return ok({ ...asked, host: target.host ?? nodeIP, address: nodeIP, port: nodePort.value });
}

/** The Pod with this address: whoever answered a probe. */
export function podWithAddress(cluster: Cluster, address: string): JsonObject | undefined {
  const pods = cluster.request({ method: 'GET', path: '/api/v1/pods' });
  if (pods.type !== 'object') return undefined;
  return itemsAt(pods.body, 'items').find(
    (pod): pod is JsonObject => textAt(pod, 'status', 'podIP') === address,
  );
}

function findOne(cluster: Cluster, query: ObjectQuery): Result<JsonObject, Cause> {
  const [object] = findObjects(cluster, query).objects;
  return object === undefined ? err(explainMissingObject(cluster, query)) : ok(object);
}

/** A Pod that has a network: before it runs there is no place from which or to which anything could go. */
export function findRunningPod(scene: Scene, query: ObjectQuery): Result<JsonObject, Cause> {
  const { objects } = findObjects(scene.cluster, query);
  const running = objects.find((pod) => textAt(pod, 'status', 'phase') === 'Running') ?? objects[0];
  if (running === undefined) return err(explainMissingObject(scene.cluster, query, scene.world));
  if (textAt(running, 'status', 'podIP') !== undefined) return ok(running);
  const pod = nameOf(running, 'Pod');
  const cluster = clusterOf(scene.cluster, query);
  const cause = scene.engine.explainPod(cluster, pod.namespace, pod.name);
  return err(cause ?? { code: 'pod-not-scheduled', pod, message: textAt(running, 'status', 'phase') ?? '' });
}

/** A headless Service has no address of its own, which is what differs from a task that asks for one. */
function clusterIP(service: JsonObject): Result<string, Cause> {
  const address = textAt(service, 'spec', 'clusterIP');
  if (address !== undefined && address !== 'None' && address !== '') return ok(address);
  const object = nameOf(service, 'Service');
  return err({ code: 'field-differs', object, path: 'spec.clusterIP', wanted: 'an address', found: address });
}

function nodePortOf(service: JsonObject, port: number | string): Result<number, Cause> {
  const ports = itemsAt(service, 'spec', 'ports');
  const object = nameOf(service, 'Service');
  const entry = ports.find((candidate) =>
    [valueAt(candidate, 'port'), valueAt(candidate, 'name')].includes(port),
  );
  if (entry === undefined) {
    if (typeof port === 'string') {
      return err({
        code: 'field-differs',
        object,
        path: 'spec.ports[*].name',
        wanted: port,
        found: undefined,
      });
    }
    return err({ code: 'no-such-service-port', service: object, port, ports: portNumbers(ports) });
  }
  const nodePort = valueAt(entry, 'nodePort');
  if (typeof nodePort === 'number') return ok(nodePort);
  const type = textAt(service, 'spec', 'type') ?? 'ClusterIP';
  return err({ code: 'field-differs', object, path: 'spec.type', wanted: 'NodePort', found: type });
}

function portNumbers(ports: readonly JsonValue[]): readonly number[] {
  return ports.map((entry) => valueAt(entry, 'port')).filter((port) => typeof port === 'number');
}

function loadBalancerAddress(service: JsonObject): Result<string, Cause> {
  const address = textAt(service, 'status', 'loadBalancer', 'ingress', 0, 'ip');
  if (address !== undefined) return ok(address);
  const object = nameOf(service, 'Service');
  const type = textAt(service, 'spec', 'type') ?? 'ClusterIP';
  if (type !== 'LoadBalancer') {
    return err({
      code: 'type-not-reachable-from-there',
      service: object,
      type,
      from: 'client',
      needed: 'LoadBalancer',
    });
  }
  const loadBalancerClass = textAt(service, 'spec', 'loadBalancerClass');
  return err({
    code: 'load-balancer-pending',
    service: object,
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
  });
}

function nodeAddress(world: Cluster, node: string): string {
  const cluster = clusterOfNode(world, node);
  const [object] = findObjects(cluster, { resource: 'nodes', name: node, namespace: '' }).objects;
  const address = itemsAt(object, 'status', 'addresses').find(
    (entry) => textAt(entry, 'type') === 'InternalIP',
  );
  const text = textAt(address, 'address');
  if (text === undefined) throw new Error(`the cluster has no node "${node}" with an address`);
  return text;
}

const protocols = { 'http:': 'http', 'https:': 'https', 'tcp:': 'tcp', 'udp:': 'udp' } as const;

function parseUrl(text: string, headers: Readonly<Record<string, string>> | undefined): ProbeTarget {
  const url = new URL(text);
  const known = Object.entries(protocols).find(([scheme]) => scheme === url.protocol);
  if (known === undefined) throw new Error(`a target's URL begins with http, https, tcp or udp: ${text}`);
  const [, protocol] = known;
  const isHttp = protocol === 'http' || protocol === 'https';
  return {
    host: url.hostname,
    port: url.port === '' ? (protocol === 'https' ? 443 : 80) : Number(url.port),
    protocol,
    ...(isHttp ? { path: `${url.pathname}${url.search}` } : {}),
    ...(headers === undefined ? {} : { headers }),
  };
}
