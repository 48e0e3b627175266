/**
 * The composition root: the one place where the parts of a cluster are wired, and the face that the grader sees.
 */

import { createDnsAnswerer, dnsHostService } from './addons/dns/dns-service.ts';
import { answerProxy, gatewayHostService } from './addons/gateway/serve.ts';
import { answerIngressProgram, ingressHostService } from './addons/ingress/ingress-nginx.ts';
import type { ApiRequest, ApiResponse } from './api/request.ts';
import { EventQueue, type RunOutcome } from './base/event-queue.ts';
import { forkState } from './base/fork-state.ts';
import { defaultLimits, type Limits } from './base/limits.ts';
import { Random } from './base/random.ts';
import { invariant, type Result } from './base/result.ts';
import { type Addon, installAddon } from './cluster/addons.ts';
import { bootCluster, seedCluster } from './cluster/boot.ts';
import { createExplainView } from './cluster/explain-view.ts';
import { adminKubeconfig } from './cluster/kubeconfig.ts';
import { runToEnd } from './cluster/machine-tools.ts';
import { type Member, wireMember } from './cluster/member.ts';
import { addOutsideHost, type OutsideHost } from './cluster/outside-hosts.ts';
import { registerPrograms } from './cluster/programs.ts';
import { createShellHost } from './cluster/shell-host.ts';
import { type ClusterState, clusterState, defaultStartMs } from './cluster/state.ts';
import { firstCluster, secondCluster } from './cluster/topology.ts';
import { placeOf, probeFrom, resolveFrom } from './cluster/vantage.ts';
import type { ExplainView } from './explain/explain.ts';
import type { ProbeResult, ProbeTarget, Vantage } from './explain/probe.ts';
import type { ServedApi, ServeOptions } from './http/serve.ts';
import type { NetworkAdmin, ProcessAdmin } from './net/linux.ts';
import { createProcesses } from './net/process/processes.ts';
import { createNetwork } from './net/stack/network.ts';
import type { PacketTrace } from './net/trace.ts';
import { healthHostService } from './node/kube-proxy/health-program.ts';
import { criService } from './node/kubelet/kubelet.ts';
import type { Shell } from './shell/shell.ts';

/** What a cluster is made from. Equal options give clusters that behave equally to the byte. */
export interface ClusterOptions {
  readonly seed: string;
  readonly limits?: Limits;
  /** Where virtual time starts, in milliseconds since the Unix epoch; the same moment for all clusters when absent. */
  readonly startMs?: number;
  /** A second cluster beside it, in the same world; see {@link Cluster.named}. */
  readonly hasSecond?: boolean;
  /** Installed in this order in the first cluster, before the seed begins to decide. */
  readonly addons?: readonly Addon[];
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
  /** Events scheduled since the cluster was made: how much work it took, whatever the machine. */
  steps(): number;
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
  /** Names of the clusters in this world: `kubedrill`, and `second` where there is one. */
  readonly names: readonly string[];
  /**
   * The same world, looked at from one of its clusters: objects, Pods and nodes are that one's; time, network and forks are
   * everybody's. A name that is not in {@link Cluster.names} throws.
   */
  named(name: string): Cluster;
  /** Adds a host outside of the clusters and lets its program start; a failure is one line: what is wrong with it. */
  addOutsideHost(host: OutsideHost): Result<void, string>;
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
  const { startMs, hasSecond = false, addons = [] } = options;
  const state =
    startMs === undefined
      ? forkState(bootedState(limits, hasSecond, addons))
      : addons.reduce((booted, addon) => withAddon(booted, limits, addon), boot(startMs, limits, hasSecond));
  seedCluster(state, options.seed);
  const parts = wire(state, limits);
  return face(parts, memberNamed(parts, firstCluster.name));
}

// A booted state is never run, and booting gives the same one each time: keeping it is not shared state.
const bootedStates = new WeakMap<Limits, Map<string, ClusterState>>();

function bootedState(limits: Limits, hasSecond: boolean, addons: readonly Addon[]): ClusterState {
  const states = bootedStates.get(limits) ?? new Map<string, ClusterState>();
  bootedStates.set(limits, states);
  const key = [hasSecond ? 'two' : 'one', ...addons].join(' ');
  const known = states.get(key);
  if (known !== undefined) return known;
  const last = addons.at(-1);
  const state =
    last === undefined
      ? boot(defaultStartMs, limits, hasSecond)
      : withAddon(forkState(bootedState(limits, hasSecond, addons.slice(0, -1))), limits, last);
  states.set(key, state);
  return state;
}

function boot(startMs: number, limits: Limits, hasSecond: boolean): ClusterState {
  const state = clusterState('boot', startMs, hasSecond ? secondCluster : undefined);
  bootCluster(wire(state, limits));
  return state;
}

/** The state itself, once the addon runs in it. */
function withAddon(state: ClusterState, limits: Limits, addon: Addon): ClusterState {
  const parts = wire(state, limits);
  installAddon(addon, memberNamed(parts, firstCluster.name).client, parts.queue);
  return state;
}

type Parts = ReturnType<typeof wire>;

/** Puts code onto state, new or forked. Nothing is scheduled and nothing is changed here. */
function wire(state: ClusterState, limits: Limits) {
  const queue = new EventQueue(state.queue, limits);
  const random = new Random(state.random);
  const net = createNetwork({ queue, random, limits }, state.network);
  const processes = createProcesses(
    { queue, random, limits, sockets: net.sockets, inspect: net.inspect, configure: net.configure },
    state.processes,
  );
  const world = { queue, random, limits, net, processes };
  const first = wireMember(world, firstCluster, state);
  const second =
    state.second === undefined
      ? undefined
      : wireMember({ ...world, queue: queue.scoped(`${secondCluster.name}/`) }, secondCluster, state.second);
  const members = second === undefined ? [first] : [first, second];
  const kubelets = new Map(members.flatMap((member) => [...member.kubelets]));
  processes.onExit((exit) => {
    for (const kubelet of kubelets.values()) if (kubelet.processExited(exit)) return;
  });
  registerPrograms(processes);
  const answerers = members.map((member) =>
    createDnsAnswerer(
      member.contextOf('coredns'),
      () => queue.now(),
      (name) => state.outsideHosts.get(name),
    ),
  );
  processes.registerHostService(dnsHostService, (question, machine) => {
    const at = members.findIndex((member) => member.kubelets.has(machine));
    return answerers[at]?.(question) ?? null;
  });
  processes.registerHostService(gatewayHostService, (question, machine) => {
    const member = members.find(({ kubelets: own }) => own.has(machine));
    return member === undefined ? null : answerProxy(member.state.gateway.configurations, question);
  });
  processes.registerHostService(ingressHostService, (question, machine) => {
    const member = members.find(({ kubelets: own }) => own.has(machine));
    return member === undefined ? null : answerIngressProgram(member.ingress, question);
  });
  const proxies = new Map(
    members.flatMap(({ kubeProxies }) => kubeProxies.map((proxy) => [proxy.node, proxy])),
  );
  processes.registerHostService(
    healthHostService,
    (request, machine) => proxies.get(machine)?.answer(request) ?? null,
  );
  processes.registerHostService('cri', criService(kubelets));
  return { state, limits, queue, net, processes, members };
}

/** The face of wired parts, as one of their clusters shows it. */
function face(parts: Parts, at: Member, inherited?: () => boolean): Cluster {
  const { state, limits, queue, net, processes, members } = parts;
  const vantageDeps = { queue, net, processes, state, kubelets: at.state.kubelets };
  let interruption = inherited;
  if (inherited !== undefined) queue.interruptWhen(inherited);
  const send = (request: ApiRequest) => at.transport.send(request);
  return {
    request: send,
    settle: () => queue.settle(),
    advance: (seconds) => queue.advance(seconds * 1000),
    now: () => queue.now(),
    steps: () => state.queue.nextId - 1,
    runUntil: (done, maxMs) => queue.runUntil(done, maxMs),
    interruptWhen(isOver) {
      interruption = isOver;
      queue.interruptWhen(isOver);
    },
    fork() {
      const forked = wire(forkState(state), limits);
      return face(forked, memberNamed(forked, at.facts.name), interruption);
    },
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
    view: createExplainView({ member: at, net, processes, state }),
    nodes: at.facts.nodes.map(({ name }) => name),
    names: members.map(({ facts }) => facts.name),
    named: (name) => face(parts, memberNamed(parts, name), interruption),
    addOutsideHost: (host) => addOutsideHost({ state, queue, net, processes }, host),
    async openShell(options = {}) {
      const { createShell } = await import('./shell/shell.ts');
      const host = createShellHost({ queue, processes, state, members });
      const kubeconfig = members.length > 1 ? { kubeconfig: adminKubeconfig(members, at) } : {};
      return createShell({ host, ...kubeconfig, ...options });
    },
    async serve(options) {
      const { serveClusters } = await import('./cluster/serve-clusters.ts');
      return serveClusters(queue, [at, ...members.filter((member) => member !== at)], options);
    },
  };
}

function memberNamed({ members }: Parts, name: string): Member {
  const member = members.find(({ facts }) => facts.name === name);
  invariant(member !== undefined, `there is no cluster "${name}"`);
  return member;
}
