/**
 * What a machine tells of itself: the facts that Linux hands out by netlink, /proc and the netfilter sockets, as JSON,
 * so that a process's record of them can be played again. The network's side makes these, the tools print them.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { NetnsId, PacketHeader } from '../trace.ts';

/** Subject `links`: every link of the namespace in order of index, with its addresses. */
export interface LinkFacts {
  readonly index: number;
  readonly name: string;
  readonly kind: 'loopback' | 'veth' | 'bridge' | 'vxlan' | 'ether';
  readonly up: boolean;
  /** Whether something is at the other end: of a veth pair the peer that is up, of a bridge a port. */
  readonly hasCarrier: boolean;
  readonly mtuBytes: number;
  readonly mac: string;
  /** The bridge that it is a port of. */
  readonly master?: string;
  /** For a port of a bridge: its number there. */
  readonly port?: { readonly number: number; readonly hairpin: boolean };
  /** For veth: the index of the other end, and a number for the namespace where that lies when it is another one. */
  readonly peerIndex?: number;
  readonly peerNetnsNumber?: number;
  /** For veth with both ends in one namespace. */
  readonly peerName?: string;
  readonly addresses: readonly {
    readonly address: string;
    readonly prefixLength: number;
    readonly scope: 'global' | 'link' | 'host';
    readonly broadcast?: string;
    readonly secondary?: boolean;
  }[];
  readonly counters: {
    readonly receivedBytes: number;
    readonly receivedPackets: number;
    readonly sentBytes: number;
    readonly sentPackets: number;
  };
}

/**
 * Subject `routes`, args `{table}` (a number, main without it, or `all`): in the order in which `ip route` prints them;
 * null when there is no such table.
 */
export interface RouteFacts {
  readonly table: number;
  /** Of what is no ordinary way: `local`, `broadcast`, `blackhole`… */
  readonly type?: string;
  readonly metric?: number;
  readonly destination: string;
  readonly via?: string;
  readonly link?: string;
  readonly source?: string;
  readonly scope?: string;
  readonly protocol?: string;
  readonly nextHops?: readonly { readonly via: string; readonly link?: string }[];
}

/** Subject `rules`: those of routing, in order. */
export interface RuleFacts {
  readonly preference: number;
  /** As `ip rule` prints it, but for the table. */
  readonly selector: string;
  /** A table's number, or a refusal. */
  readonly action: number | string;
}

/**
 * Subject `route-to`, args `{destination, from, mark}`: what `ip route get` tells; `{errno}` when there is no way.
 */
export interface RouteToFacts {
  readonly table: number;
  readonly destination: string;
  readonly local: boolean;
  readonly via?: string;
  readonly link: string;
  readonly source: string;
}

/** Subject `neighbours`. */
export interface NeighbourFacts {
  readonly address: string;
  readonly link: string;
  readonly mac?: string;
  readonly state: 'REACHABLE' | 'STALE' | 'FAILED' | 'PERMANENT';
}

/** Subject `sockets`: of this namespace. `pid` is the machine-wide one. */
export interface SocketFacts {
  readonly protocol: 'tcp' | 'udp';
  /** As `ss` names it. */
  readonly state: string;
  readonly local: { readonly address: string; readonly port: number };
  readonly peer?: { readonly address: string; readonly port: number };
  readonly pid: number;
  readonly receiveQueueBytes: number;
  readonly sendQueueBytes: number;
}

/**
 * Subject `iptables`: the text that `iptables-save` (`save`), `iptables -S` (`rules`) and `iptables -L` (`list`) print.
 * For `rules` and `list`, `chain` asks for one chain; an unknown one is answered with null.
 */
export interface IptablesArgs {
  readonly form: 'save' | 'rules' | 'list';
  /** Absent for `save` means every table. */
  readonly table?: string;
  readonly chain?: string;
  readonly counters?: boolean;
  readonly verbose?: boolean;
  readonly numeric?: boolean;
  readonly lineNumbers?: boolean;
  readonly exact?: boolean;
}

/** Subject `processes`: those that the asking process can see, by pid. Answered by the process table itself. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** The pid on the machine, which differs inside a container. */
  readonly machinePid: number;
  readonly argv: readonly string[];
  readonly startedMs: number;
  readonly tty: boolean;
}

/**
 * The subjects besides those above: `sysctl` with args `{name}` (a string, or null), `sysctl-names`, `ipset` with args
 * `{words}` (`stdout`, `stderr` and `exitCode` of a command that only looks), `conntrack` and `bridge-fdb`
 * (lines as `conntrack -L` and `bridge fdb` print them).
 */
export type InspectSubject =
  | 'links'
  | 'routes'
  | 'route-to'
  | 'rules'
  | 'neighbours'
  | 'sockets'
  | 'iptables'
  | 'processes'
  | 'terminal'
  | 'sysctl'
  | 'sysctl-names'
  | 'ipset'
  | 'tap'
  | 'conntrack'
  | 'bridge-fdb';

/** Subject `tap`, args `{from}`: the packets that passed since the asking process opened its tap. */
export interface PacketFacts extends PacketHeader {
  readonly atMs: number;
  readonly link: string;
  readonly isOutgoing: boolean;
  /** Of the frame: for what a bridge takes up and the loopback, too. */
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly ttl: number;
  /** The beginning of the payload, a character for a byte. */
  readonly payload: string;
  readonly payloadBytes: number;
  readonly tcp?: {
    readonly syn: boolean;
    readonly ack: boolean;
    readonly fin: boolean;
    readonly rst: boolean;
    readonly psh: boolean;
    readonly sequence: number;
    readonly acknowledgement: number;
  };
  readonly icmp?: {
    readonly type: string;
    readonly code?: string;
    readonly identifier?: number;
    readonly sequence?: number;
    readonly quoted?: PacketHeader;
  };
}

/** Whether an answer is a list of packets. */
export function isPackets(answer: JsonValue): answer is JsonValue & readonly PacketFacts[] {
  return isListWith(answer, ['atMs', 'link', 'protocol', 'source']);
}

/** A question of a process about the network around it; the answers are above. */
export interface InspectRequest {
  readonly machine: string;
  readonly netns: NetnsId;
  /** The process that asks, by its number on the machine; none when the network's owner does. */
  readonly pid?: number;
  readonly subject: InspectSubject;
  readonly args: JsonValue;
}

/** Subject `terminal`: the size of the window; null for a process that has no terminal. */
export interface TerminalFacts {
  readonly rows: number;
  readonly columns: number;
}

/** Whether an answer tells the size of a terminal. */
export function isTerminal(answer: JsonValue): answer is JsonValue & TerminalFacts {
  return isJsonObject(answer) && typeof answer.rows === 'number' && typeof answer.columns === 'number';
}

/** Whether an answer is a list of links. */
export function isLinks(answer: JsonValue): answer is JsonValue & readonly LinkFacts[] {
  return isListWith(answer, ['index', 'name', 'addresses']);
}

/** Whether an answer is a list of routes. */
export function isRoutes(answer: JsonValue): answer is JsonValue & readonly RouteFacts[] {
  return isListWith(answer, ['destination']);
}

/** Whether an answer is a list of rules of routing. */
export function isRules(answer: JsonValue): answer is JsonValue & readonly RuleFacts[] {
  return isListWith(answer, ['preference', 'selector', 'action']);
}

/** Whether an answer tells the route to one address. */
export function isRouteTo(answer: JsonValue): answer is JsonValue & RouteToFacts {
  return isJsonObject(answer) && Object.hasOwn(answer, 'link') && Object.hasOwn(answer, 'source');
}

/** Whether an answer is a list of neighbours. */
export function isNeighbours(answer: JsonValue): answer is JsonValue & readonly NeighbourFacts[] {
  return isListWith(answer, ['address', 'link', 'state']);
}

/** Whether an answer is a list of sockets. */
export function isSockets(answer: JsonValue): answer is JsonValue & readonly SocketFacts[] {
  return isListWith(answer, ['protocol', 'state', 'local', 'pid']);
}

/** Whether an answer is a list of processes. */
export function isProcesses(answer: JsonValue): answer is JsonValue & readonly ProcessFacts[] {
  return isListWith(answer, ['pid', 'machinePid', 'argv']);
}

function isListWith(answer: JsonValue, keys: readonly string[]): boolean {
  return (
    Array.isArray(answer) &&
    answer.every((item) => isJsonObject(item) && keys.every((key) => Object.hasOwn(item, key)))
  );
}
