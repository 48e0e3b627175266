/**
 * kubectl as a stream: what a line prints comes as it is printed, so that `get -w` and `logs -f` can be shown while the
 * cluster goes on. It is the same command as {@link runKubectl} runs; only who takes its output differs.
 */
import type { KubectlHost } from './host.ts';
import { runKubectl } from './kubectl.ts';

/** A piece of output, or at last the exit code. */
export type KubectlOutput =
  | { readonly kind: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'exit'; readonly code: number };

/**
 * Runs one command line; its last item is the exit code.
 *
 * @param host its `writeStdout` and `writeStderr` are not called; its `waitUntil` decides how fast time passes and should
 *   leave room for the reader between two rounds (for instance by a macrotask).
 * @param signal ends what would go on for ever, as Ctrl-C does: every wait of the command is `interrupted`.
 */
export async function* streamKubectl(
  argv: readonly string[],
  host: KubectlHost,
  signal?: AbortSignal,
): AsyncGenerator<KubectlOutput, void, undefined> {
  const waiting: KubectlOutput[] = [];
  let wake = () => {};
  const push = (output: KubectlOutput) => {
    waiting.push(output);
    wake();
  };
  const streaming: KubectlHost = {
    ...host,
    writeStdout: (text) => push({ kind: 'stdout', text }),
    writeStderr: (text) => push({ kind: 'stderr', text }),
    waitUntil: async (done, timeoutMs) => {
      const isOver = () => signal?.aborted === true || done();
      const outcome = await host.waitUntil(isOver, timeoutMs);
      return signal?.aborted === true ? 'interrupted' : outcome;
    },
  };
  const ended = runKubectl(argv, streaming).then((code) => push({ kind: 'exit', code }));
  for (;;) {
    const output = waiting.shift();
    if (output === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.length > 0) resolve();
      });
      continue;
    }
    yield output;
    if (output.kind === 'exit') break;
  }
  await ended;
}
