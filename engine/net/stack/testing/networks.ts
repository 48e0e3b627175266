/** Small networks for tests, and what tests do with them again and again. */
import { EventQueue, type EventQueueState, eventQueueState } from '../../../base/event-queue.ts';
import { forkState } from '../../../base/fork-state.ts';
import { defaultLimits, type Limits } from '../../../base/limits.ts';
import { Random, type RandomState, randomStateFrom } from '../../../base/random.ts';
import type { PacketTrace } from '../../trace.ts';
import { createNetwork, type Network } from '../network.ts';
import type { SocketId } from '../sockets.ts';
import { type NetworkState, networkState } from '../state.ts';

/** A network with the clock that drives it. */
export interface TestNetwork {
  readonly net: Network;
  readonly queue: EventQueue;
  /** A copy that goes its own way from now on. */
  fork(): TestNetwork;
}

interface WorldState {
  readonly queue: EventQueueState;
  readonly random: RandomState;
  readonly network: NetworkState;
}

/** An empty network. */
export function createTestNetwork(seed = 'test', limits: Limits = defaultLimits): TestNetwork {
  const state = { queue: eventQueueState(0), random: randomStateFrom(seed), network: networkState() };
  return wire(state, limits);
}

function wire(state: WorldState, limits: Limits): TestNetwork {
  const queue = new EventQueue(state.queue, limits);
  const net = createNetwork({ queue, random: new Random(state.random), limits }, state.network);
  return { net, queue, fork: () => wire(forkState(state), limits) };
}

/** The machine that joins others: a bridge `br0`, and a port for each, named as it. */
export function addSwitch(net: Network, machines: readonly string[]): void {
  net.addMachine('switch');
  net.addBridge('switch', 'br0');
  for (const machine of machines) {
    net.addMachine(machine);
    net.addVeth({ netns: machine, link: 'eth0' }, { netns: 'switch', link: machine });
    net.setMaster('switch', machine, 'br0');
  }
}

/** A namespace behind the machine's bridge `cni0`, with a default route over the bridge's address. */
export function addPod(net: Network, machine: string, name: string, address: string): string {
  const netns = net.addNetns(machine, name);
  const port = `veth-${name}`;
  net.addVeth({ netns, link: 'eth0' }, { netns: machine, link: port });
  net.setMaster(machine, port, 'cni0');
  net.addAddress(netns, 'eth0', `${address}/24`);
  net.addRoute(netns, { destination: 'default', via: address.replace(/\d+$/, '1') });
  return netns;
}

/**
 * Machines `a` (172.18.0.2) and `b` (172.18.0.3) over a switch, each a router for a bridge `cni0`: 10.244.1.1/24 with
 * `a/p1` (.5) and `a/p2` (.6), 10.244.2.1/24 with `b/p3` (.7).
 */
export function createTwoMachines(seed?: string): TestNetwork {
  const world = createTestNetwork(seed);
  const { net } = world;
  addSwitch(net, ['a', 'b']);
  for (const [machine, number] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    net.addAddress(machine, 'eth0', `172.18.0.${number + 1}/16`);
    net.setSysctl(machine, 'net.ipv4.ip_forward', '1');
    net.setSysctl(machine, 'net.bridge.bridge-nf-call-iptables', '1');
    net.addBridge(machine, 'cni0');
    net.addAddress(machine, 'cni0', `10.244.${number}.1/24`);
    net.addRoute(machine, { destination: `10.244.${3 - number}.0/24`, via: `172.18.0.${4 - number}` });
  }
  addPod(net, 'a', 'p1', '10.244.1.5');
  addPod(net, 'a', 'p2', '10.244.1.6');
  addPod(net, 'b', 'p3', '10.244.2.7');
  return world;
}

/** Listens, or throws. */
export function listen(
  net: Network,
  netns: string,
  port: number,
  { address = '0.0.0.0', protocol = 'tcp', pid = 1 }: ListenDetails = {},
): SocketId {
  const socket = net.sockets.listen({ netns, protocol, address, port, pid });
  if (!socket.ok) throw new Error(`listen: ${socket.error}`);
  return socket.value;
}

interface ListenDetails {
  readonly address?: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly pid?: number;
}

/** Begins to connect, or throws. */
export function connect(net: Network, netns: string, address: string, port: number, pid = 2): SocketId {
  const socket = net.sockets.connect({ netns, address, port, pid });
  if (!socket.ok) throw new Error(`connect: ${socket.error}`);
  return socket.value;
}

/** What became of an attempt to connect: `established`, `connecting` or an errno. */
export function outcomeOf(net: Network, socket: SocketId): string {
  const status = net.sockets.status(socket);
  return status.state === 'failed' ? status.errno : status.state;
}

/** The packets that travel while something is done. */
export function capture(net: Network, act: () => void): readonly PacketTrace[] {
  const id = net.startCapture();
  act();
  return net.stopCapture(id);
}
