/** What a check may look at, and what it may say. */
import type { Cause, Cluster, Shell } from '../../engine/index.ts';
import type { Engine } from '../engine.ts';
import type { Evidence } from '../exercise/result.ts';

/** One command of the learner's and what it printed. */
export interface TranscriptEntry {
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The surroundings of one check, after the learner's files. */
export interface CheckContext {
  readonly engine: Engine;
  /** A fork of its own for checks that try something: what one check tries, no other sees. */
  readonly cluster: Cluster;
  /** The cluster as it was before the learner's files. */
  readonly world: Cluster;
  /** Names of objects that the exercise's checks speak of. */
  readonly namedObjects: ReadonlySet<string>;
  /** The learner's shell as the files left it, with its folder and its kubeconfig. */
  readonly shell: Shell;
  /** The answer's files by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What each script printed, by path. */
  readonly scripts: ReadonlyMap<string, readonly TranscriptEntry[]>;
  /** Whether the learner's files did anything in the cluster; a world that nobody touched must show what it shows. */
  readonly isWorldTouched: boolean;
  /** Ends commands that were stopped from outside. */
  readonly signal?: AbortSignal;
}

/** What a check found. Whatever is not the learner's doing is thrown, and counts as errored. */
export type CheckOutcome =
  | { readonly passed: true }
  | { readonly passed: false; readonly cause: Cause; readonly evidence: readonly Evidence[] };

export const passed: CheckOutcome = { passed: true };

/** The outcome of a failed check. */
export function failed(cause: Cause, ...evidence: readonly Evidence[]): CheckOutcome {
  return { passed: false, cause, evidence };
}
