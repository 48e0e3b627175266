/**
 * The composition root: the one place where the parts of a cluster are wired, and the face that the grader sees.
 */
import type { ApiRequest, ApiResponse } from './api/request.ts';
import type { RunOutcome } from './base/event-queue.ts';
import type { Limits } from './base/limits.ts';
import type { ProbeResult, ProbeTarget, Vantage } from './explain/probe.ts';
import type { NetworkAdmin, ProcessAdmin } from './net/linux.ts';
import type { PacketTrace } from './net/trace.ts';
import type { Shell } from './shell/shell.ts';

/** What a cluster is made from. Equal options give clusters that behave equally to the byte. */
export interface ClusterOptions {
  readonly seed: string;
  readonly limits?: Limits;
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
  /**
   * Looks a name up as a process at the vantage point would, whatever tools its image has: hosts file, search path,
   * nameserver. The IPv4 addresses in the order answered; none when the name is not found.
   */
  resolve(from: Vantage, name: string): readonly string[];
  /** The machines, for the shell's `ssh` and for explanations. */
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  /** Names of the nodes: `control-plane`, `worker-1`, `worker-2`. */
  readonly nodes: readonly string[];
  /** Opens a shell on the client host; the shell's library is loaded only now. */
  openShell(options?: { readonly files?: ReadonlyMap<string, string> }): Promise<Shell>;
}
