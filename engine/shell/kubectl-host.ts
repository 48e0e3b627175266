/** kubectl inside the shell: its files are the shell's, its cluster the simulated one. */
import type { KubectlHost } from '../kubectl/host.ts';
import type { ShellFiles } from './shell-files.ts';
import type { ShellHost } from './shell-host.ts';

/** What one command of the shell is handed. */
export interface CommandSurroundings {
  readonly files: ShellFiles;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: string;
  readonly signal: AbortSignal | undefined;
}

/** A host for one kubectl command, with what it printed. */
export interface CapturedKubectlHost {
  readonly host: KubectlHost;
  stdout(): string;
  stderr(): string;
}

/** A line's output is seen only when it has ended, so a stream ends once the cluster has been quiet for so long. */
const longestSilenceMs = 30_000;

/** Makes the host of one command; output is kept up to `maxBytes` a stream. */
export function createKubectlHost(
  api: ShellHost['api'],
  { files, cwd, env, stdin, signal }: CommandSurroundings,
  maxBytes: number,
): CapturedKubectlHost {
  const out = new BoundedText(maxBytes);
  const err = new BoundedText(maxBytes);
  const host: KubectlHost = {
    send: (request, server) => api.send(request, server),
    waitUntil: async (done, timeoutMs) => {
      const isOver = () => signal?.aborted === true || out.isFull || done();
      const outcome = await api.waitUntil(isOver, timeoutMs);
      return signal?.aborted === true || out.isFull ? 'interrupted' : outcome;
    },
    longestSilenceMs,
    now: () => api.now(),
    stdin,
    env,
    cwd,
    writeStdout: (text) => out.add(text),
    writeStderr: (text) => err.add(text),
    readFile: (path) => files.read(path),
    listFolder: (path) => files.list(path),
    writeFile: (path, text) => files.write(path, text),
  };
  return { host, stdout: () => out.text, stderr: () => err.text };
}

/** Text that stops growing at a bound, so that an endless stream can't fill the memory. */
class BoundedText {
  readonly #max: number;
  #text = '';

  constructor(max: number) {
    this.#max = max;
  }

  get text(): string {
    return this.#text;
  }

  get isFull(): boolean {
    return this.#text.length >= this.#max;
  }

  add(text: string): void {
    this.#text += text.slice(0, this.#max - this.#text.length);
  }
}
