/** What the shell needs of the cluster that it stands beside. */
import type { KubectlHost } from '../kubectl/host.ts';

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

/** What a line printed and how it ended. */
export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
