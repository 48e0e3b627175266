/**
 * What kubectl needs from whoever runs it. Commands see the cluster through requests alone, so they print the same in
 * the process and over HTTP.
 */
import type { ApiRequest, ApiResponse, TerminalSize } from '../api/request.ts';
import type { Result } from '../base/result.ts';

/** Somebody who connected to a port that kubectl opened. Both ends take bytes until they are closed. */
export interface LocalConnection {
  /** The port that the client connected from. */
  readonly clientPort: number;
  /** What came since the last call. */
  read(): Uint8Array;
  /** Whether the client will send nothing more. */
  isEnded(): boolean;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** An open port. */
export interface LocalListener {
  readonly port: number;
  close(): void;
}

/** The surroundings of one kubectl command. */
export interface KubectlHost {
  /**
   * @param server the API server's URL, as the kubeconfig names it.
   * @returns undefined when nobody answers there. A server inside the process answers at once, so that what is asked of
   *   `proxy` while time passes is answered within that time.
   */
  send(request: ApiRequest, server: string): ApiResponse | undefined | Promise<ApiResponse | undefined>;
  /**
   * Lets time pass until `done` holds. `idle` when nothing more will ever happen by itself, `interrupted` on Ctrl-C. In the
   * process this moves virtual time; over HTTP it waits.
   */
  waitUntil(done: () => boolean, timeoutMs?: number): Promise<'done' | 'timeout' | 'idle' | 'interrupted'>;
  /**
   * After how much silence a stream (`get -w`, `logs -f`) ends by itself; absent where somebody watches it and ends it
   * with Ctrl-C.
   */
  readonly longestSilenceMs?: number;
  /** Virtual or wall time in milliseconds since the Unix epoch. */
  now(): number;
  readonly stdin: string;
  /** What a person types while the command runs; absent where `stdin` is all there is. */
  readonly terminal?: {
    /** What was typed since the last call: with `keys` every key as it is, for a terminal on the other side. */
    read(as: 'keys' | 'lines'): Uint8Array;
    /** Whether Ctrl-D has ended it. */
    isEnded(): boolean;
    /** How large the window is now; absent where it has no size. */
    size?(): TerminalSize;
  };
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  writeStdout(text: string): void;
  writeStderr(text: string): void;
  /** Undefined when there is no such file; a folder's names end in `/`. */
  readFile(path: string): Promise<string | undefined>;
  listFolder(path: string): Promise<readonly string[] | undefined>;
  writeFile(path: string, text: string): Promise<void>;
  /**
   * Hands a text to the learner's editor (`$KUBE_EDITOR`, `$EDITOR`, the UI's own) and gives what was saved. An error is
   * what kept the editor from running: `unable to launch the editor "vi"`. Absent where there is no terminal.
   *
   * @param path where an editor that works on files finds it: `/tmp/kubectl-edit-….yaml`.
   */
  editText?(path: string, text: string): Promise<Result<string, string>>;
  /**
   * Opens a port on the learner's machine for `port-forward` and `proxy`. Each connection that comes is given to `accept`.
   * An error in the words of Go's net package: `listen tcp4 127.0.0.1:8080: bind: address already in use`. Absent where
   * nobody could connect.
   *
   * @param port 0 for any that is free.
   */
  listen?(
    address: string,
    port: number,
    accept: (connection: LocalConnection) => void,
  ): Promise<Result<LocalListener, string>>;
}
