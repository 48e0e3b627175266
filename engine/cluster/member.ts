/**
 * One cluster on the machines that carry it: API server, controllers, and what runs on each node. The world around it (time,
 * chance, network, processes) may hold a second one.
 */
import { createGatewayController } from '../addons/gateway/controller.ts';
import { createIngressController } from '../addons/ingress/ingress-nginx.ts';
import { createRouters, type Routers } from '../addons/ingress/router.ts';
import { createScheme } from '../api/create-scheme.ts';
import type { Transport } from '../api/request.ts';
import { loadSchema } from '../api/schema/schema.ts';
import type { EventQueue } from '../base/event-queue.ts';
import type { Limits } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import { invariant } from '../base/result.ts';
import type { Client, ControllerContext } from '../client/client.ts';
import { createControllerContexts } from '../client/controller-context.ts';
import { createApiServer } from '../control-plane/apiserver/api-server.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { canonicalName, findImage, pullFailure } from '../node/images/images.ts';
import { createKubeProxy, type KubeProxy } from '../node/kube-proxy/kube-proxy.ts';
import { createKubelet, type Kubelet } from '../node/kubelet/kubelet.ts';
import { createNetworkPolicyEnforcer } from '../node/network-policy/network-policy.ts';
import { startBackendExchange } from './backend-exchange.ts';
import { wireControllers } from './controllers.ts';
import type { MemberState } from './state.ts';
import { apiServiceOf, type ClusterFacts } from './topology.ts';

/** What clusters share. */
export interface World {
  /** Scoped, so that the events of two clusters keep apart. */
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
}

/** A wired cluster. */
export interface Member {
  readonly facts: ClusterFacts;
  readonly state: MemberState;
  readonly transport: Transport;
  /** An administrator's. */
  readonly client: Client;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly kubeProxies: readonly KubeProxy[];
  /** What ingress-nginx's Pods make of the Ingresses. */
  readonly ingress: Routers;
  /** A context that acts under the name of a component. */
  contextOf(component: string): ControllerContext;
}

/** Puts code onto a cluster's state, new or forked. Nothing is scheduled and nothing is changed here. */
export function wireMember(world: World, facts: ClusterFacts, state: MemberState): Member {
  const { queue, random, limits, net, processes } = world;
  const kubelets = new Map<string, Kubelet>();
  const host = facts.nodes.find(({ isControlPlane }) => isControlPlane)?.name ?? facts.name;
  const scheme = createScheme();
  const transport = createApiServer(
    {
      scheme,
      schema: loadSchema(),
      queue,
      random,
      limits,
      serviceNetwork: facts.serviceNetwork,
      nodeConnection: (name) => kubelets.get(name)?.connection,
      reachBackend: (request) => startBackendExchange(processes, host, request),
    },
    state.apiServer,
  );
  const contextFor = createControllerContexts({ transport, queue }, state.clients);
  const contextOf = (component: string) =>
    contextFor(
      { name: `system:${component}`, groups: ['system:masters', 'system:authenticated'] },
      component,
    );
  const lastHeartbeatMs = (node: string) => kubelets.get(node)?.lastHeartbeatMs();
  const apiService = apiServiceOf(facts);
  wireControllers({ contextOf, scheme, net, router: facts.router, host, lastHeartbeatMs, apiService }, state);
  for (const node of facts.nodes) {
    const user = { name: `system:node:${node.name}`, groups: ['system:nodes', 'system:authenticated'] };
    const kubelet = createKubelet(
      {
        context: contextFor(user, 'kubelet'),
        queue,
        random,
        net,
        processes,
        images: { find: findImage, canonicalName, pullFailure },
        node,
        resolver: facts.resolver,
      },
      stateOf(state.kubelets, node.name),
    );
    kubelets.set(node.name, kubelet);
  }
  const kubeProxies = facts.nodes.map(({ name }) => {
    const { clusterCIDR } = facts;
    const context = contextOf('kube-proxy');
    const deps = { context, net, processes, node: name, hostNetns: name, clusterCIDR };
    return createKubeProxy(deps, stateOf(state.kubeProxies, name));
  });
  for (const { name } of facts.nodes) {
    const context = contextOf('network-policy');
    const deps = { context, net, node: name, hostNetns: name };
    createNetworkPolicyEnforcer(deps, stateOf(state.networkPolicies, name));
  }
  const ingressContext = contextOf('serviceaccount:ingress-nginx:ingress-nginx');
  const ingress = createRouters(ingressContext, () => queue.now());
  createIngressController(ingressContext, ingress, () => queue.now());
  const gatewayContext = contextOf('serviceaccount:envoy-gateway-system:envoy-gateway');
  createGatewayController({ context: gatewayContext, processes }, state.gateway);
  const { client } = contextFor({ name: 'kubernetes-admin', groups: ['system:masters'] }, 'kubeadm');
  const renewed: Transport = {
    send(request) {
      // Leases are brought up to date when somebody looks, not every ten seconds.
      if (request.method === 'GET' && request.path.includes('/leases')) {
        for (const kubelet of kubelets.values()) kubelet.renewLease();
      }
      return transport.send(request);
    },
  };
  return { facts, state, transport: renewed, client, kubelets, kubeProxies, ingress, contextOf };
}

function stateOf<T>(states: ReadonlyMap<string, T>, node: string): T {
  const state = states.get(node);
  invariant(state !== undefined, `no state for node ${node}`);
  return state;
}
