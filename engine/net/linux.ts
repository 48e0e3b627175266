/**
 * The face of this room: Linux machines, the links between them and the processes on them. No word of Kubernetes
 * stands inside; what a cluster is made of is put together from these calls by node components.
 *
 * Machines, namespaces, sockets and processes are named by ids; their state is plain data, so that it can be forked.
 */
import type { JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Errno } from './process/errno.ts';
import type { Program, SignalName, SocketAddress } from './process/syscalls.ts';
import type { RouteSpec } from './route-spec.ts';
import type { NetnsId, PacketHeader, PacketTrace, TableName } from './trace.ts';

/** A line of `iptables-restore` input that was refused; nothing of the input was applied. */
export interface RestoreError {
  /** From 1. */
  readonly line: number;
  /** The words of the real tool. */
  readonly message: string;
}

/** What `ip`, `sysctl` and `iptables-restore` do, by id. Misuse of ids is a bug and throws InvariantError. */
export interface NetworkAdmin {
  /** A machine with one namespace, named as the machine, that holds `lo` (127.0.0.1/8, up). */
  addMachine(machine: string): NetnsId;
  hasMachine(machine: string): boolean;
  /** `ip netns add`: a namespace with `lo`. */
  addNetns(machine: string, name: string): NetnsId;
  /** Takes away a namespace with its links, sockets and processes' sockets. */
  removeNetns(netns: NetnsId): void;
  listNetns(machine: string): readonly NetnsId[];
  addBridge(netns: NetnsId, link: string): void;
  /** A pair of links, both up; the ends may lie in namespaces of different machines (a cable). */
  addVeth(a: LinkEnd, b: LinkEnd): void;
  removeLink(netns: NetnsId, link: string): void;
  /** `ip link set LINK up|down`. Routes over a link go when it goes down; its own networks come back with it. */
  setLinkUp(netns: NetnsId, link: string, up: boolean): void;
  /** Makes a link the port of a bridge, or of none any more. */
  setMaster(netns: NetnsId, link: string, bridge: string | undefined): void;
  setMtu(netns: NetnsId, link: string, mtuBytes: number): void;
  /** Lets a bridge send a frame back through the port that it came from (`bridge link set dev LINK hairpin on`). */
  setHairpin(netns: NetnsId, link: string, hairpin: boolean): void;
  /** Adds an address with its prefix; the connected route follows by itself, as in the kernel. */
  addAddress(netns: NetnsId, link: string, cidr: string): void;
  removeAddress(netns: NetnsId, link: string, cidr: string): void;
  /** All IPv4 addresses of a namespace, in order of links. */
  addresses(netns: NetnsId): readonly { readonly link: string; readonly cidr: string }[];
  /** Adds a route in the place of one to the same destination with the same metric, as `ip route replace`. */
  addRoute(netns: NetnsId, route: RouteSpec): void;
  /** Takes away every route of the main table to exactly this destination. */
  removeRoute(netns: NetnsId, destination: string): void;
  setSysctl(netns: NetnsId, name: string, value: string): void;
  /**
   * `iptables-restore`: all of the input or nothing. With `noflush`, chains that it does not name stay. Who has the lines
   * apart hands them over so.
   */
  iptablesRestore(
    netns: NetnsId,
    input: string | readonly string[],
    options?: { readonly noflush?: boolean; readonly counters?: boolean },
  ): Result<void, RestoreError>;
  /** `iptables-save`: the text, without the comment lines that carry the time. */
  iptablesSave(netns: NetnsId, options?: { readonly table?: TableName; readonly counters?: boolean }): string;
  /** The chains of a table, in the order of `iptables-save`; none when the table was never used. */
  iptablesChains(netns: NetnsId, table: TableName): readonly string[];
  /** The lines of `iptables -S CHAIN`; undefined when there is no such chain. */
  iptablesRules(netns: NetnsId, table: TableName, chain: string): readonly string[] | undefined;
  /** `conntrack -D`: forgets the tracked connections that are picked by the headers of their two directions. */
  forgetConnections(
    netns: NetnsId,
    isPicked: (connection: { readonly original: PacketHeader; readonly reply: PacketHeader }) => boolean,
  ): void;
  /** Every namespace as it stands: what it would take to build the same on another system. */
  describe(): readonly NamespaceDescription[];
  /** Keeps every packet's trace from now on, the newest `maxCapturedPackets`, until it is stopped. */
  startCapture(): number;
  stopCapture(capture: number): readonly PacketTrace[];
}

/** A namespace without what it learned and remembers. */
export interface NamespaceDescription {
  readonly netns: NetnsId;
  /** In order of index. */
  readonly links: readonly LinkDescription[];
  /** The routes that somebody added, each as `ip route add` takes it. */
  readonly routes: readonly string[];
  /** The rules besides those of a new namespace, each as `ip rule add` takes it. */
  readonly rules: readonly string[];
  /** Kernel parameters that were set, by dotted name. */
  readonly sysctls: readonly { readonly name: string; readonly value: string }[];
  /** Sockets that wait for connections or datagrams. */
  readonly listeners: readonly ({ readonly protocol: 'tcp' | 'udp' } & SocketAddress)[];
}

/** A link of a {@link NamespaceDescription}. */
export interface LinkDescription {
  readonly name: string;
  readonly kind: 'loopback' | 'veth' | 'bridge' | 'ether';
  readonly mac: string;
  readonly mtuBytes: number;
  readonly up: boolean;
  readonly hairpin: boolean;
  /** The other end of a veth pair or cable. */
  readonly peer?: LinkEnd;
  /** The bridge that it is a port of. */
  readonly master?: string;
  /** With prefix. */
  readonly addresses: readonly string[];
}

export interface LinkEnd {
  readonly netns: NetnsId;
  readonly link: string;
}

/** A file system as a container or machine sees it: a shared image below, changes above. */
export interface FileLayer {
  /** Absolute path to content. A Program is an executable; a path that ends in `/` is an empty directory. */
  readonly files: ReadonlyMap<string, FileContent>;
}

export type FileContent = Uint8Array | string | { readonly program: string };

/** What to start: see {@link ProcessAdmin.spawn}. */
export interface SpawnOptions {
  readonly machine: string;
  readonly netns: NetnsId;
  /** Root file system, made by {@link ProcessAdmin.addRootfs}. */
  readonly rootfs: number;
  readonly argv: readonly string[];
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly hostname: string;
  readonly tty?: boolean;
  /** Keeps standard input open for {@link ProcessAdmin.writeStdin}; else it is empty. */
  readonly stdinOpen?: boolean;
  /** The owner's own label, given back when the process ends (`container 3f…`). */
  readonly label?: string;
  /** Counts as work that brings the cluster to rest: settle waits for its end (a shell's command, a Job). */
  readonly foreground?: boolean;
  /** Somebody takes its output as it comes: {@link ProcessAdmin.takeOutput}. More of it is kept, and none twice. */
  readonly followed?: boolean;
  /**
   * Process 1 of a pid namespace, which is that of its root file system: signals that it does not handle pass it by
   * (but SIGKILL), and when it ends, every process on that root file system is killed. Source: pid_namespaces(7).
   */
  readonly init?: boolean;
}

/** How a process ended. */
export interface ProcessExit {
  readonly pid: number;
  readonly label: string | undefined;
  /** 128 + signal number when a signal ended it. */
  readonly exitCode: number;
}

/** Processes, by pid. Pids are unique over all machines. */
export interface ProcessAdmin {
  /** Names a program, so that an executable file can refer to it; done once, when the parts are wired. */
  registerProgram(name: string, program: Program): void;
  /**
   * Answers `host` calls of processes, told the machine that they run on; done once, when the parts are wired. What it
   * changes it changes once: a process that is built again is given the answer that it had.
   */
  registerHostService(name: string, answer: (args: JsonValue, machine: string) => JsonValue): void;
  /**
   * The one listener that is told when a process that was started by {@link ProcessAdmin.spawn} ends, in an event of its
   * own; done once, when wired.
   */
  onExit(listener: (exit: ProcessExit) => void): void;
  /** `mounts` are other root file systems that are seen at a path, so that several can share a folder. */
  addRootfs(layers: readonly FileLayer[], mounts?: ReadonlyMap<string, number>): number;
  removeRootfs(rootfs: number): void;
  readFile(rootfs: number, path: string): Uint8Array | undefined;
  writeFile(rootfs: number, path: string, content: FileContent): void;
  /** Leaves a file system with these files, by absolute path, and no others. */
  replaceFiles(rootfs: number, files: ReadonlyMap<string, string | Uint8Array>): void;
  /**
   * Starts a process. `ENOENT` when argv[0] is in no folder of PATH, `EACCES` when the file is not a program. It runs from
   * the next event on.
   */
  spawn(options: SpawnOptions): Result<number, Errno>;
  isRunning(pid: number): boolean;
  /** The exit code of a process that has ended and was not forgotten. */
  exitCode(pid: number): number | undefined;
  /** What was printed since `from` (a count of bytes); of what exceeds maxOutputBytes the newest is kept. */
  readOutput(pid: number, stream: 'stdout' | 'stderr', from: number): Uint8Array;
  /** What a followed process printed since the last call. */
  takeOutput(pid: number, stream: 'stdout' | 'stderr'): Uint8Array;
  /** Bytes that were printed in all. */
  outputEnd(pid: number, stream: 'stdout' | 'stderr'): number;
  /** Both streams in order, as a container runtime's log keeps them, with the virtual time of each write. */
  readLog(pid: number): readonly LogChunk[];
  writeStdin(pid: number, bytes: Uint8Array): void;
  closeStdin(pid: number): void;
  kill(pid: number, signal: SignalName): void;
  /**
   * What the interrupt key of a terminal does: SIGINT to the foreground processes. A shell that ignores it has those in the
   * foreground that it waits for; false when it waits for none.
   */
  interrupt(pid: number): boolean;
  /** Says how large the window of a process's terminal is. */
  setWindowSize(pid: number, size: { readonly rows: number; readonly columns: number }): void;
  /** Wakes the programs that wait for news of a topic, in events of their own. */
  announce(topic: string): void;
  /** Forgets a process that has ended, with its output. */
  forget(pid: number): void;
  /** TCP and UDP sockets of a process that wait for connections. */
  listeners(pid: number): readonly { readonly protocol: 'tcp' | 'udp'; readonly local: SocketAddress }[];
}

/** What a process wrote in one call. */
export interface LogChunk {
  readonly atMs: number;
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}
