/**
 * What kubectl needs from whoever runs it. Commands see the cluster through requests alone, so they print the same in
 * the process and over HTTP.
 */
import type { ApiRequest, ApiResponse } from '../api/request.ts';

/** The surroundings of one kubectl command. */
export interface KubectlHost {
  /**
   * @param server the API server's URL, as the kubeconfig names it.
   * @returns undefined when nobody answers there.
   */
  send(request: ApiRequest, server: string): Promise<ApiResponse | undefined>;
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
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  writeStdout(text: string): void;
  writeStderr(text: string): void;
  /** Undefined when there is no such file; a folder's names end in `/`. */
  readFile(path: string): Promise<string | undefined>;
  listFolder(path: string): Promise<readonly string[] | undefined>;
  writeFile(path: string, text: string): Promise<void>;
}
