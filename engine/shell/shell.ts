/**
 * The learner's shell: bash (just-bash) with kubectl, ssh and the network tools as its commands, on a file system in
 * memory. It settles the cluster after each command, so that the next one sees the result.
 */
import type { KubectlHost } from '../kubectl/kubectl.ts';

/** What the shell needs of a cluster; the composition root hands it in. */
export interface ShellHost {
  /** The API server's door and the clock, as kubectl needs them. */
  readonly api: Pick<KubectlHost, 'send' | 'waitUntil' | 'now'>;
  /** Settles the cluster: done after every command. */
  settle(): void;
  /** Lets virtual time pass, for `sleep`. */
  advance(ms: number): void;
  /** Machines that `ssh` reaches, by name. */
  readonly machines: readonly string[];
  /** Starts a program on a machine and runs it to its end; `client` is where the shell itself runs. */
  run(machine: string, argv: readonly string[], stdin: string): ShellResult;
  /** Names of the programs that a machine has, so that each can be a command. */
  programs(machine: string): readonly string[];
}

/** What the shell starts with. */
export interface ShellOptions {
  readonly host: ShellHost;
  /** Files in the working folder, by relative path. */
  readonly files?: ReadonlyMap<string, string>;
}

/** What a line printed and how it ended. */
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
