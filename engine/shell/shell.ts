/**
 * The learner's shell: bash (just-bash) with kubectl, ssh and the network tools as its commands, on a file system in
 * memory. It settles the cluster after each command, so that the next one sees the result.
 */
import type { Cluster } from '../cluster.ts';

export interface ShellOptions {
  readonly cluster: Cluster;
  /** Files in the working folder (`/home/learner`), by relative path. */
  readonly files?: ReadonlyMap<string, string>;
  /** Called with output as it comes, besides the result. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell that keeps its folder, variables, kubeconfig and files from line to line. */
export interface Shell {
  run(
    line: string,
    options?: { readonly signal?: AbortSignal; readonly stdin?: string },
  ): Promise<ShellResult>;
  readFile(path: string): Promise<string | undefined>;
  writeFile(path: string, text: string): Promise<void>;
  readonly cwd: string;
}
