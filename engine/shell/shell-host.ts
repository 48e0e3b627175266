/** What the shell needs of the cluster that it stands beside. */

import type { Result } from '../base/result.ts';
import type { KubectlHost, LocalConnection, LocalListener } from '../kubectl/host.ts';

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
  /**
   * Starts a program on a machine and runs it to its end; `client` is where the shell itself runs. One that takes longer
   * than `maxMs` is ended then.
   */
  run(machine: string, argv: readonly string[], stdin: string, maxMs?: number): ShellResult;
  /** As {@link run} on the client, with files about it that are not the machine's. */
  runAmongFiles(argv: readonly string[], stdin: string, files: ProgramFiles, maxMs?: number): RunAmongFiles;
  /** Starts a program on a machine with its input open, for one that is looked at while it runs. */
  start(machine: string, argv: readonly string[]): Result<StartedProgram, ShellResult>;
  /**
   * Opens a port on the machine where the shell runs. An error in the words of Go's net package.
   *
   * @param accept called while time passes, for each connection that comes.
   */
  listen(
    address: string,
    port: number,
    accept: (connection: LocalConnection) => void,
  ): Result<LocalListener, string>;
  /** Calls back whenever something has happened while time passes; the returned function ends it. */
  watch(listener: () => void): () => void;
  /** Names of the programs that a machine has, so that each can be a command. */
  programs(machine: string): readonly string[];
}

/** Files for one program, by absolute path. */
export interface ProgramFiles {
  readonly cwd: string;
  readonly texts: ReadonlyMap<string, string>;
  /** What is looked at afterwards. */
  readonly paths: readonly string[];
}

/** What came of a program, and which of the paths hold something else than before. */
export interface RunAmongFiles {
  readonly result: ShellResult;
  readonly written: ReadonlyMap<string, string>;
}

/** What a line printed and how it ended. */
export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs at a terminal. */
export interface StartedProgram {
  /** What came on the terminal since the last call, the keys that were typed among it. */
  read(): string;
  /** Keys as a terminal sends them. */
  type(bytes: Uint8Array): void;
  closeStdin(): void;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** To be called at last: forgets it, and ends it if it still runs. */
  close(): void;
}
