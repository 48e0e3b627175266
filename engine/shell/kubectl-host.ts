/** kubectl inside the shell: its files are the shell's, its cluster the simulated one. */
import type { KubectlHost } from '../kubectl/host.ts';
import type { ShellFiles } from './shell-files.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';
import type { ShellTerminal } from './terminal.ts';

/** What one command of the shell is handed. */
export interface CommandSurroundings {
  readonly files: ShellFiles;
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: string;
  readonly signal: AbortSignal | undefined;
  /** Where a person looks at the line; absent in a script. */
  readonly terminal?: ShellTerminal;
  /** Runs a line of this shell for a command that starts others; absent where there is no bash yet. */
  readonly run?: (line: string, signal?: AbortSignal) => Promise<ShellResult>;
  /** Runs the editor that the environment names on a text, as far as it is a command of this shell. */
  readonly editText?: KubectlHost['editText'];
}

/** What of the host every kubectl has, however its output goes. */
type Surrounded = Omit<
  KubectlHost,
  'waitUntil' | 'longestSilenceMs' | 'writeStdout' | 'writeStderr' | 'terminal'
>;

/** kubectl's files, environment, editor and ports. */
export function surroundKubectl(
  host: Pick<ShellHost, 'api' | 'listen'>,
  { files, cwd, env, stdin, terminal, editText }: CommandSurroundings,
): Surrounded {
  const edit = editText ?? terminal?.editText?.bind(terminal);
  return {
    send: (request, server) => host.api.send(request, server),
    now: () => host.api.now(),
    stdin,
    env,
    cwd,
    readFile: (path) => files.read(path),
    listFolder: (path) => files.list(path),
    writeFile: (path, text) => files.write(path, text),
    ...(edit === undefined ? {} : { editText: edit }),
    listen: async (address, port, accept) => host.listen(address, port, accept),
  };
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
  shell: Pick<ShellHost, 'api' | 'listen'>,
  surroundings: CommandSurroundings,
  maxBytes: number,
): CapturedKubectlHost {
  const out = new BoundedText(maxBytes);
  const err = new BoundedText(maxBytes);
  const { signal } = surroundings;
  const host: KubectlHost = {
    ...surroundKubectl(shell, surroundings),
    waitUntil: async (done, timeoutMs) => {
      const isOver = () => signal?.aborted === true || out.isFull || done();
      const outcome = await shell.api.waitUntil(isOver, timeoutMs);
      return signal?.aborted === true || out.isFull ? 'interrupted' : outcome;
    },
    longestSilenceMs,
    writeStdout: (text) => out.add(text),
    writeStderr: (text) => err.add(text),
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
