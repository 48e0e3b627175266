/**
 * The composition root: the one place where the parts of a cluster are wired, and the face that the grader sees.
 */

import { createDnsAnswerer, dnsHostService } from './addons/dns/dns-service.ts';
import { createScheme } from './api/create-scheme.ts';
import type { ApiRequest, ApiResponse } from './api/request.ts';
import { loadSchema } from './api/schema/schema.ts';
import { EventQueue, type RunOutcome } from './base/event-queue.ts';
import { forkState } from './base/fork-state.ts';
import { defaultLimits, type Limits } from './base/limits.ts';
import { Random } from './base/random.ts';
import { invariant, type Result } from './base/result.ts';
import { createControllerContexts } from './client/controller-context.ts';
import { bootCluster, seedCluster } from './cluster/boot.ts';
import { wireControllers } from './cluster/controllers.ts';
import { createExplainView } from './cluster/explain-view.ts';
import { runToEnd } from './cluster/machine-tools.ts';
import { registerPrograms } from './cluster/programs.ts';
import { createShellHost } from './cluster/shell-host.ts';
import { type ClusterState, clusterState, defaultStartMs } from './cluster/state.ts';
import { clusterCIDR, nodeFacts, resolverSettings } from './cluster/topology.ts';
import { placeOf, probeFrom, resolveFrom } from './cluster/vantage.ts';
import { createApiServer } from './control-plane/apiserver/api-server.ts';
import type { ExplainView } from './explain/explain.ts';
import type { ProbeResult, ProbeTarget, Vantage } from './explain/probe.ts';
import type { ServedApi, ServeOptions } from './http/serve.ts';
import type { NetworkAdmin, ProcessAdmin } from './net/linux.ts';
import { createProcesses } from './net/process/processes.ts';
import { createNetwork } from './net/stack/network.ts';
import type { PacketTrace } from './net/trace.ts';
import { canonicalName, findImage, pullFailure } from './node/images/images.ts';
import { createKubeProxy } from './node/kube-proxy/kube-proxy.ts';
import { createKubelet, criService, type Kubelet } from './node/kubelet/kubelet.ts';
import { createNetworkPolicyEnforcer } from './node/network-policy/network-policy.ts';
import type { Shell } from './shell/shell.ts';

/** What a cluster is made from. Equal options give clusters that behave equally to the byte. */
export interface ClusterOptions {
  readonly seed: string;
  readonly limits?: Limits;
  /** Where virtual time starts, in milliseconds since the Unix epoch; the same moment for all clusters when absent. */
  readonly startMs?: number;
}

/** How a program that was run to its end ended. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Every packet that travelled meanwhile, in order. */
  readonly packets: readonly PacketTrace[];
}

/** A simulated cluster. Everything is synchronous; time passes only in settle, advance, run and probe. */
export interface Cluster {
  request(request: ApiRequest): ApiResponse;
  /** Lets virtual time pass until nothing is left to do but what goes on for ever. */
  settle(): RunOutcome;
  /** Lets so many virtual seconds pass. */
  advance(seconds: number): RunOutcome;
  /** Virtual time in milliseconds since the Unix epoch. */
  now(): number;
  /** Runs events until `done` holds; see EventQueue.runUntil. */
  runUntil(done: () => boolean, maxMs: number): RunOutcome;
  /**
   * From now on a run of events ends early once `isOver` holds, here and in forks made from here; see
   * EventQueue.interruptWhen.
   */
  interruptWhen(isOver: () => boolean): void;
  /** A second cluster in the same state; neither sees what the other does from now on. */
  fork(): Cluster;
  /**
   * Runs a program to its end. In a Pod it needs to be in the container's image; on a node or the client, every tool is
   * there. The cluster is settled afterwards.
   */
  run(
    from: Vantage,
    argv: readonly string[],
    options?: { readonly timeoutSeconds?: number; readonly stdin?: string },
  ): RunResult;
  /** Tries a connection in the network namespace of the vantage point, whatever tools its image has. */
  probe(from: Vantage, target: ProbeTarget): ProbeResult;
  /** The addresses that a name resolves to from the vantage point; empty when it does not resolve. */
  resolve(from: Vantage, name: string): readonly string[];
  /** The machines, for explanations and inspection. */
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  /** What explanations look at. */
  readonly view: ExplainView;
  /** Names of the nodes: `control-plane`, `worker-1`, `worker-2`. */
  readonly nodes: readonly string[];
  /** Opens a shell on the client host; the shell's library is loaded only now. */
  openShell(options?: { readonly files?: ReadonlyMap<string, string> }): Promise<Shell>;
  /**
   * Serves the API on a loopback port, for the real kubectl and client libraries; the server's library is loaded only now.
   * Until it is closed, time passes by the server's clock. A failure is one line: what stands in the way.
   */
  serve(options: ServeOptions): Promise<Result<ServedApi, string>>;
}

/**
 * A new cluster of three nodes, settled, with DNS running. All clusters are forks of one that was booted once: what the
 * system's own objects are called and where they run is the same everywhere, and the seed decides all that comes after.
 */
export function createCluster(options: ClusterOptions): Cluster {
  const limits = options.limits ?? defaultLimits;
  const { startMs } = options;
  const state = startMs === undefined ? forkState(bootedState(limits)) : boot(startMs, limits);
  seedCluster(state, options.seed);
  return face(wire(state, limits));
}

// A booted state is never run, and booting gives the same one each time: keeping it is not shared state.
const bootedStates = new WeakMap<Limits, ClusterState>();

function bootedState(limits: Limits): ClusterState {
  const known = bootedStates.get(limits);
  if (known !== undefined) return known;
  const state = boot(defaultStartMs, limits);
  bootedStates.set(limits, state);
  return state;
}

function boot(startMs: number, limits: Limits): ClusterState {
  const state = clusterState('boot', startMs);
  bootCluster(wire(state, limits));
  return state;
}

type Parts = ReturnType<typeof wire>;

/** Puts code onto state, new or forked. Nothing is scheduled and nothing is changed here. */
function wire(state: ClusterState, limits: Limits) {
  const queue = new EventQueue(state.queue, limits);
  const random = new Random(state.random);
  const net = createNetwork({ queue, random, limits }, state.network);
  const processes = createProcesses(
    { queue, random, limits, sockets: net.sockets, inspect: (request) => net.inspect(request) },
    state.processes,
  );
  const kubelets = new Map<string, Kubelet>();
  const scheme = createScheme();
  const transport = createApiServer(
    {
      scheme,
      schema: loadSchema(),
      queue,
      random,
      limits,
      nodeConnection: (name) => kubelets.get(name)?.connection,
    },
    state.apiServer,
  );
  const contextFor = createControllerContexts({ transport, queue }, state.clients);
  const contextOf = (component: string) =>
    contextFor(
      { name: `system:${component}`, groups: ['system:masters', 'system:authenticated'] },
      component,
    );
  wireControllers({ contextOf, scheme, net }, state);
  for (const node of nodeFacts) {
    const kubeletState = state.kubelets.get(node.name);
    invariant(kubeletState !== undefined, `no state for the kubelet of ${node.name}`);
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
        resolver: resolverSettings,
      },
      kubeletState,
    );
    kubelets.set(node.name, kubelet);
  }
  processes.onExit((exit) => {
    for (const kubelet of kubelets.values()) if (kubelet.processExited(exit)) return;
  });
  const kubeProxies = nodeFacts.map(({ name }) => {
    const proxyState = state.kubeProxies.get(name);
    invariant(proxyState !== undefined, `no state for the kube-proxy of ${name}`);
    const context = contextOf('kube-proxy');
    return createKubeProxy({ context, net, node: name, hostNetns: name, clusterCIDR }, proxyState);
  });
  for (const { name } of nodeFacts) {
    const policyState = state.networkPolicies.get(name);
    invariant(policyState !== undefined, `no state for the policies of ${name}`);
    const context = contextOf('network-policy');
    createNetworkPolicyEnforcer({ context, net, node: name, hostNetns: name }, policyState);
  }
  registerPrograms(processes);
  const answerDns = createDnsAnswerer(contextOf('coredns'), () => queue.now());
  processes.registerHostService(dnsHostService, answerDns);
  processes.registerHostService('cri', criService(kubelets));
  const { client } = contextFor({ name: 'kubernetes-admin', groups: ['system:masters'] }, 'kubeadm');
  return { state, limits, queue, random, net, processes, transport, client, kubelets, kubeProxies };
}

/** The face of wired parts. */
function face(parts: Parts, inherited?: () => boolean): Cluster {
  const { state, limits, queue, net, processes, transport } = parts;
  const vantageDeps = { queue, net, processes, state };
  let interruption = inherited;
  if (inherited !== undefined) queue.interruptWhen(inherited);
  const send = (request: ApiRequest) => transport.send(request);
  return {
    request: send,
    settle: () => queue.settle(),
    advance: (seconds) => queue.advance(seconds * 1000),
    now: () => queue.now(),
    runUntil: (done, maxMs) => queue.runUntil(done, maxMs),
    interruptWhen(isOver) {
      interruption = isOver;
      queue.interruptWhen(isOver);
    },
    fork: () => face(wire(forkState(state), limits), interruption),
    run(from, argv, options = {}) {
      const place = placeOf(vantageDeps, from);
      if (place === undefined)
        return { exitCode: 126, stdout: '', stderr: 'no running container\n', packets: [] };
      const { timeoutSeconds, stdin } = options;
      const capture = net.startCapture();
      const ran = runToEnd({ queue, processes }, place, argv, {
        ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1000 }),
        ...(stdin === undefined ? {} : { stdin }),
      });
      queue.settle();
      return { ...ran, packets: net.stopCapture(capture) };
    },
    probe: (from, target) => probeFrom(vantageDeps, from, target),
    resolve: (from, name) => resolveFrom(vantageDeps, from, name),
    net,
    processes,
    view: createExplainView({ client: parts.client, net, processes, state }),
    nodes: nodeFacts.map(({ name }) => name),
    async openShell(options = {}) {
      const { createShell } = await import('./shell/shell.ts');
      const host = createShellHost({ queue, processes, state, send });
      return createShell({ host, ...options });
    },
    async serve(options) {
      const { serveApi } = await import('./http/serve.ts');
      const advance = (ms: number) => void queue.advance(ms);
      return serveApi({ send, settle: () => void queue.settle(), advance, now: () => queue.now() }, options);
    },
  };
}
