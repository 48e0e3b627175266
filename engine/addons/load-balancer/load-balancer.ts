/**
 * The cloud's side of Services of type LoadBalancer: the service controller gives each an address, and the cloud's router
 * passes packets for that address to the nodes unchanged (a pass-through balancer). What a node does with them is
 * kube-proxy's business. Source: k8s.io/cloud-provider, controllers/service.
 * It checks the health of nodes as clouds are told to: under externalTrafficPolicy Cluster by kube-proxy's /healthz on
 * port 10256 (KEP-3836: a node that is about to be deleted fails it, and keeps the connections that it has), under Local by
 * the Service's healthCheckNodePort.
 * Differs: the checks are not sent; their outcome is read from the facts that the answers are made from (Nodes and
 * EndpointSlices), so that a change shows at once and not after the seconds that a cloud's next probes take.
 */
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import type { Node, Service } from '../../api/types/kinds.ts';
import { endpointSlices, nodes, services } from '../../api/types/resources.ts';
import { jsonEqual } from '../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import { slicesOfService } from '../../client/slices-of-service.ts';
import type { NetworkAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import type { AddressPool } from './address-pool.ts';
import { addressPool, allocateFrom, releaseFrom } from './address-pool.ts';

/** What changes in the load balancer. */
export interface LoadBalancerState {
  readonly pool: AddressPool;
  /** What each balancer was last set up for, by the Service's UID. */
  readonly balancers: Map<string, Balancer>;
}

interface Balancer {
  readonly address: string;
  /** Addresses of the nodes that packets are passed to. */
  readonly hosts: readonly string[];
  /** Addresses of the nodes whose health is asked for. */
  readonly members: readonly string[];
  readonly key: string;
  /** The parts of the spec that the service controller compares. */
  readonly spec: Service['spec'];
}

/** The first state: no balancer, every address of the cloud's range free; see {@link addressPool}. */
export function loadBalancerState(base = 0): LoadBalancerState {
  return { pool: addressPool(base), balancers: new Map() };
}

/** What the load balancer is made from. */
export interface LoadBalancerDependencies {
  readonly context: ControllerContext;
  readonly net: NetworkAdmin;
  /** The machine between the world and the nodes. */
  readonly router: NetnsId;
}

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

/** Starts the service controller with its cloud. */
export function createLoadBalancer(deps: LoadBalancerDependencies, state: LoadBalancerState): void {
  const { context, net, router } = deps;
  const { client } = context;
  const serviceInformer = context.informers.informer(services);
  const nodeInformer = context.informers.informer(nodes);
  const sliceInformer = context.informers.informer(endpointSlices);
  const slicesOf = slicesOfService(sliceInformer);
  const recorder = context.eventRecorder('service-controller');
  const queue = context.workqueue('service-lb', (key) => reconcile(key));

  serviceInformer.onChange(({ before, after }) => {
    const service = after ?? before;
    if (service === undefined) return;
    if (wantsLoadBalancer(service) || isKnown(service)) queue.add(keyOf(service));
  });
  nodeInformer.onChange(({ before, after }) => {
    if (before !== undefined && after !== undefined) {
      if (isMember(before) === isMember(after) && passesHealthz(before) === passesHealthz(after)) return;
    }
    for (const balancer of state.balancers.values()) queue.add(balancer.key);
  });
  sliceInformer.onChange(({ before, after }) => {
    const slice = after ?? before;
    const name = slice?.metadata.labels?.['kubernetes.io/service-name'];
    const service =
      name === undefined ? undefined : serviceInformer.get(slice?.metadata.namespace ?? '', name);
    if (service?.spec?.externalTrafficPolicy === 'Local' && wantsLoadBalancer(service))
      queue.add(keyOf(service));
  });

  function isKnown(service: Service): boolean {
    return state.balancers.has(service.metadata.uid) || hasFinalizer(service);
  }

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const service = serviceInformer.get(namespace, name);
    for (const [uid, balancer] of state.balancers) {
      if (balancer.key === key && uid !== service?.metadata.uid) takeDown(uid);
    }
    if (service === undefined) return 'done';
    const known = state.balancers.get(service.metadata.uid);
    if (!wantsLoadBalancer(service) || service.metadata.deletionTimestamp !== undefined) {
      return known === undefined && !hasFinalizer(service) ? 'done' : remove(service);
    }
    if (known === undefined || needsUpdate(service, known)) return ensure(service, known);
    updateHosts(service, known);
    return 'done';
  }

  function ensure(service: Service, known: Balancer | undefined): ReconcileOutcome {
    recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    if (!hasFinalizer(service)) {
      const finalizers = [...(service.metadata.finalizers ?? []), finalizer];
      const answer = patch(service, { metadata: { finalizers } });
      if (!answer) return 'retry';
    }
    const wanted = service.spec?.loadBalancerIP ?? '';
    if (known !== undefined && wanted !== '' && wanted !== known.address) takeDown(service.metadata.uid);
    const allocated = allocateFrom(state.pool, service.metadata.uid, wanted);
    if (!allocated.ok) {
      const message = `Error syncing load balancer: failed to ensure load balancer: ${allocated.error}`;
      recorder.event(service, 'Warning', 'SyncLoadBalancerFailed', message);
      return { requeueAfterMs: 60_000, background: true };
    }
    const hosts = healthyHosts(service);
    program(allocated.value, hosts);
    state.balancers.set(service.metadata.uid, {
      address: allocated.value,
      hosts,
      members: findMembers(),
      key: keyOf(service),
      spec: service.spec,
    });
    writeStatus(service, { ingress: [{ ip: allocated.value, ipMode: 'VIP' }] });
    recorder.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
    return 'done';
  }

  function remove(service: Service): ReconcileOutcome {
    if (state.balancers.has(service.metadata.uid)) {
      recorder.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
      takeDown(service.metadata.uid);
    }
    if (service.metadata.deletionTimestamp === undefined) writeStatus(service, {});
    if (hasFinalizer(service)) {
      const kept = (service.metadata.finalizers ?? []).filter((candidate) => candidate !== finalizer);
      recorder.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
      if (!patch(service, { metadata: { finalizers: kept.length === 0 ? null : kept } })) return 'retry';
    }
    return 'done';
  }

  function updateHosts(service: Service, known: Balancer): void {
    const members = findMembers();
    const hosts = healthyHosts(service);
    if (jsonEqual(hosts, known.hosts) && jsonEqual(members, known.members)) return;
    program(known.address, hosts);
    state.balancers.set(service.metadata.uid, { ...known, hosts, members });
    // The health of nodes is between the cloud and the nodes; only a change of the nodes themselves is told.
    if (jsonEqual(members, known.members)) return;
    if (members.length === 0) {
      const message = 'There are no available nodes for LoadBalancer';
      recorder.event(service, 'Warning', 'UnAvailableLoadBalancer', message);
    } else recorder.event(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
  }

  function takeDown(uid: string): void {
    const balancer = state.balancers.get(uid);
    if (balancer === undefined) return;
    net.removeRoute(router, `${balancer.address}/32`);
    releaseFrom(state.pool, uid);
    state.balancers.delete(uid);
  }

  function program(address: string, hosts: readonly string[]): void {
    const destination = `${address}/32`;
    net.removeRoute(router, destination);
    if (hosts.length === 0) return;
    net.addRoute(router, { destination, nextHops: hosts.map((via) => ({ via })) });
  }

  /** Addresses of the nodes that the balancer is told of. */
  function findMembers(): readonly string[] {
    return addressesOf(nodeInformer.list().filter(isMember));
  }

  function healthyHosts(service: Service): readonly string[] {
    const local = service.spec?.externalTrafficPolicy === 'Local' ? nodesWithEndpoints(service) : undefined;
    const isHealthy = (node: Node) => passesHealthz(node) && (local?.has(node.metadata.name) ?? true);
    return addressesOf(nodeInformer.list().filter((node) => isMember(node) && isHealthy(node)));
  }

  /** Nodes whose kube-proxy would answer 200 on the health check's port. */
  function nodesWithEndpoints(service: Service): ReadonlySet<string> {
    const found = new Set<string>();
    for (const slice of slicesOf(service.metadata.namespace ?? '', service.metadata.name)) {
      for (const endpoint of slice.endpoints ?? []) {
        if (endpoint.conditions?.ready !== false && endpoint.nodeName !== undefined)
          found.add(endpoint.nodeName);
      }
    }
    return found;
  }

  function needsUpdate(service: Service, known: Balancer): boolean {
    const changes: readonly (readonly [string, unknown, unknown])[] = [
      ['LoadbalancerIP', known.spec?.loadBalancerIP ?? '', service.spec?.loadBalancerIP ?? ''],
      ['ExternalTrafficPolicy', known.spec?.externalTrafficPolicy, service.spec?.externalTrafficPolicy],
      ['HealthCheckNodePort', known.spec?.healthCheckNodePort ?? 0, service.spec?.healthCheckNodePort ?? 0],
      [
        'LoadBalancerSourceRanges',
        formatList(known.spec?.loadBalancerSourceRanges),
        formatList(service.spec?.loadBalancerSourceRanges),
      ],
    ];
    const changed = changes.find(([, before, after]) => before !== after);
    if (changed !== undefined) {
      recorder.event(service, 'Normal', changed[0], `${changed[1]} -> ${changed[2]}`);
      return true;
    }
    const isSame =
      jsonEqual(known.spec?.ports, service.spec?.ports) &&
      known.spec?.sessionAffinity === service.spec?.sessionAffinity;
    if (!isSame) return true;
    // Somebody may have overwritten what was told.
    return !jsonEqual(service.status?.loadBalancer?.ingress, [{ ip: known.address, ipMode: 'VIP' }]);
  }

  function writeStatus(service: Service, loadBalancer: NonNullable<Service['status']>['loadBalancer']): void {
    if (jsonEqual(service.status?.loadBalancer ?? {}, loadBalancer)) return;
    const ingress = loadBalancer?.ingress ?? null;
    patch(service, { status: { loadBalancer: { ingress } } }, 'status');
  }

  function patch(
    service: Service,
    change: Parameters<typeof client.mergePatch>[3],
    subresource?: string,
  ): boolean {
    const { namespace = '', name } = service.metadata;
    const answer = client.mergePatch(services, namespace, name, change, subresource);
    return answer.ok || answer.error.code === 404;
  }
}

/** A Service with a class is left to the controller of that class. */
function wantsLoadBalancer(service: Service): boolean {
  return service.spec?.type === 'LoadBalancer' && service.spec.loadBalancerClass === undefined;
}

function hasFinalizer(service: Service): boolean {
  return service.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Source: ToBeDeletedTaint, which the cluster autoscaler sets. */
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';
const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** What Go's strconv.ParseBool takes for false. */
const falseWords = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** Whether the service controller names a node to the balancer. Source: controllers/service, nodeIncludedPredicate. */
function isMember({ metadata }: Node): boolean {
  const excluded = metadata.labels?.[excludeLabel];
  return excluded === undefined || falseWords.includes(excluded);
}

/** Whether a node's kube-proxy can be asked, and says that the node stays: what its /healthz tells. */
function passesHealthz({ metadata, spec, status }: Node): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  if ((spec?.taints ?? []).some(({ key }) => key === toBeDeletedTaint)) return false;
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function addressesOf(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap(
    ({ status }) => status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? [],
  );
}

/** As Go prints a list of strings. */
function formatList(items: readonly string[] | undefined): string {
  return `[${(items ?? []).join(' ')}]`;
}
