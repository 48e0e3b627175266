/** One situation, simulated and real: the same rules, the same flows, and where the two disagree. */
import type { Cluster } from '../../cluster.ts';
import { formatTrace } from '../../net/format-trace.ts';
import type { NetnsId } from '../../net/trace.ts';
import { findPlaces, type Places, type Source } from './base-cluster.ts';
import { nameNamespaces, networkScript, routesScript, rulesScript } from './network-script.ts';
import type { FlowRequest, FlowResult, RealKernel } from './real-kernel.ts';
import { flowRunner, type SimulatedFlow } from './simulated-flow.ts';

/** A flow as a situation names it. */
export interface Flow {
  readonly from: Source;
  readonly to: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** Longer than a neighbour takes to be given up in the simulation, which is the slowest answer there. */
const simulatedMs = 4_500;
/**
 * The same in the kernel, which asks for neighbours faster here, but tells nobody more than once a second that there is
 * no route (ip_error in Linux net/ipv4/route.c): a later SYN must be sent again.
 */
const patientMs = 7_500;
/** Long enough for everything else. */
const briefMs = 300;
/** Tries after which a choice of the kernel that was never seen counts as one that can't be made: for one of four, 1 in 10⁸. */
const mostTries = 64;
/** The same in the simulation, where chance has its seed. */
const simulatedTries = 32;
/** Ends that come late or never; one try is enough. */
const silent: ReadonlySet<string> = new Set(['ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH']);
/** Tries where nothing is left to chance. */
const fewTries = 2;

/** The real twin of a simulated cluster. */
export class Judge {
  readonly #kernel: RealKernel;
  readonly #names: ReadonlyMap<NetnsId, string>;
  readonly #places: Places;
  #cluster: Cluster;
  #run: (request: FlowRequest) => SimulatedFlow;
  #routes: ReadonlyMap<NetnsId, readonly string[]>;

  private constructor(kernel: RealKernel, base: Cluster) {
    const network = base.net.describe();
    this.#kernel = kernel;
    this.#cluster = base;
    this.#run = flowRunner(base);
    this.#names = nameNamespaces(network);
    this.#places = findPlaces(base);
    this.#routes = new Map(network.map(({ netns, routes }) => [netns, routes]));
  }

  /** Builds the base cluster's network in the kernel, with all of its sockets. */
  static async start(kernel: RealKernel, base: Cluster): Promise<Judge> {
    const judge = new Judge(kernel, base);
    const network = base.net.describe();
    await kernel.shell(networkScript(network, judge.#names));
    await Promise.all(network.map(({ netns, listeners }) => kernel.listen(judge.#nameOf(netns), listeners)));
    return judge;
  }

  /** Puts the rules and routes of a fork of the base cluster into the kernel; what follows is about this fork. */
  async load(cluster: Cluster): Promise<void> {
    this.#cluster = cluster;
    this.#run = flowRunner(cluster);
    await this.reload();
  }

  /** Puts them there once more, after a change. */
  async reload(): Promise<void> {
    const cluster = this.#cluster;
    const network = cluster.net.describe();
    const machines = network.filter(({ netns }) => !netns.includes('/'));
    const routes = new Map(network.map(({ netns, routes: own }) => [netns, own]));
    const scripts = machines.map(({ netns, routes: own }) => {
      const name = this.#nameOf(netns);
      const changed = routesScript(name, this.#routes.get(netns) ?? [], own);
      return changed + rulesScript(name, cluster.net.iptablesSave(netns));
    });
    await Promise.all(scripts.map((script) => this.#kernel.shell(script)));
    this.#routes = routes;
  }

  /** Makes sets of addresses on a node, in both worlds. */
  async restoreSets(cluster: Cluster, node: string, text: string): Promise<void> {
    const made = cluster.run({ kind: 'node', name: node }, ['ipset', 'restore'], { stdin: text });
    if (made.exitCode !== 0) throw new Error(made.stderr);
    await this.#kernel.shell(
      `ip netns exec ${this.#nameOf(node)} ipset restore -exist <<'END'\n${text}END\n`,
    );
  }

  /**
   * Where kernel and simulation disagree about flows, each with what the simulated packet met; empty when they agree.
   * Where chance decides, both must be able to do the same things.
   */
  async disagreements(flows: readonly Flow[]): Promise<readonly string[]> {
    const chancy = chancyChains(this.#cluster);
    const judged = await Promise.all(
      flows.map((flow) => {
        const simulated = simulateAll(this.#run, this.#request(flow), chancy);
        return this.#judge(flow, simulated);
      }),
    );
    return judged.filter((text) => text !== undefined);
  }

  /** The ways that a row of equal flows took, one after the other, in both worlds. */
  async inTurn(
    flow: Flow,
    count: number,
  ): Promise<{ readonly simulated: readonly string[]; readonly real: readonly string[] }> {
    const simulated: string[] = [];
    const real: string[] = [];
    for (let index = 0; index < count; index += 1) {
      simulated.push(textOf(this.#run(this.#request(flow))));
      real.push(textOf(await this.#send(flow, patientMs)));
    }
    return { simulated, real };
  }

  async #judge(flow: Flow, simulated: ReadonlyMap<string, SimulatedFlow>): Promise<string | undefined> {
    const seen = new Set<string>();
    const isSilent = simulated.size === 1 && [...simulated.keys()].every((text) => silent.has(text));
    const tries = isSilent ? 1 : simulated.size > 1 ? mostTries : fewTries;
    for (let index = 0; index < tries; index += 1) {
      let result = textOf(await this.#send(flow, briefMs));
      // A machine under load is slow: silence counts only after patience.
      if (result === 'ETIMEDOUT' && !simulated.has(result))
        result = textOf(await this.#send(flow, patientMs));
      seen.add(result);
      if (!simulated.has(result) || (index + 1 >= fewTries && seen.size === simulated.size)) break;
    }
    const expected = [...simulated.keys()].sort();
    const got = [...seen].sort();
    if (JSON.stringify(expected) === JSON.stringify(got)) return undefined;
    const packets = [...simulated.values()].flatMap((way) => formatTrace(way.packets.slice(0, 2)));
    return [
      `${flow.from} → ${flow.to}:${flow.port}/${flow.protocol}`,
      `  simulated: ${expected.join(' | ')}`,
      `  kernel:    ${got.join(' | ')}`,
      ...packets,
    ].join('\n');
  }

  #request({ from, to, port, protocol }: Flow): FlowRequest {
    const netns = this.#places.netnsOf(from);
    return { netns, address: to, port, protocol, timeoutMs: simulatedMs };
  }

  async #send(flow: Flow, timeoutMs: number): Promise<FlowResult> {
    const request = this.#request(flow);
    const result = await this.#kernel.flow({ ...request, netns: this.#nameOf(request.netns), timeoutMs });
    const at = [...this.#names].find(([, name]) => name === result.at)?.[0];
    return at === undefined ? result : { ...result, at };
  }

  #nameOf(netns: NetnsId): string {
    return this.#names.get(netns) ?? '';
  }
}

/** Every way that a flow can take, by its text: once where no chance has a part in it. */
function simulateAll(
  run: (request: FlowRequest) => SimulatedFlow,
  request: FlowRequest,
  chancy: ReadonlySet<string>,
): ReadonlyMap<string, SimulatedFlow> {
  const ways = new Map<string, SimulatedFlow>();
  for (let index = 0; index < simulatedTries; index += 1) {
    const flow = run(request);
    const text = textOf(flow);
    if (!ways.has(text)) ways.set(text, flow);
    if (!meets(flow, chancy)) break;
  }
  return ways;
}

/** Chains of any machine in which chance decides. */
function chancyChains(cluster: Cluster): ReadonlySet<string> {
  const dumps = cluster.nodes.map((node) => cluster.net.iptablesSave(node));
  const rules = dumps.flatMap((dump) => dump.match(/^-A \S+(?=.*--mode random)/gm) ?? []);
  return new Set(rules.map((rule) => rule.slice('-A '.length)));
}

function meets({ packets }: SimulatedFlow, chains: ReadonlySet<string>): boolean {
  return packets.some(({ hops }) =>
    hops.some((hop) => hop.step === 'rule' && chains.has(/ -j (\S+)/.exec(hop.rule.text)?.[1] ?? '')),
  );
}

function textOf({ outcome, at, port, source }: FlowResult): string {
  return at === undefined ? outcome : `${outcome} ${at}:${port} from ${source}`;
}
