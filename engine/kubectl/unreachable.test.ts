import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runKubectl } from './kubectl.ts';
import { createReplayHost, type RecordedLine, splitWords } from './testing/replay-host.ts';

interface Recording {
  readonly server: string;
  readonly files: Readonly<Record<string, string>>;
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly lines: readonly Pick<RecordedLine, 'line' | 'stdout' | 'stderr' | 'exitCode'>[];
}

const { server, files, folders, lines }: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/kubectl-1.36.0-unreachable.json', import.meta.url), 'utf8'),
);

/** Without the time and the process that klog begins its lines with. */
function withoutKlogHeads(text: string): string {
  return text.replaceAll(/^([IWE])\d{4} [\d:.]+ +\d+ /gm, '$1 ');
}

// Source: stdout, stderr and exit code of the real kubectl v1.36.0 at a port where nobody listens; heads of klog's lines and
// the name server that was asked are left out.
it.each(lines)('is told as kubectl 1.36.0 tells it: kubectl $line', async (recorded) => {
  const line = { ...recorded, nowMs: 0, files, folders, exchanges: [] };
  const { host, printed } = createReplayHost(line, [], server);
  const unheard = { ...host, send: async () => undefined };
  const exitCode = await runKubectl(splitWords(recorded.line), unheard);
  expect({ stdout: printed.stdout, stderr: withoutKlogHeads(printed.stderr), exitCode }).toEqual({
    stdout: recorded.stdout,
    stderr: recorded.stderr,
    exitCode: recorded.exitCode,
  });
});
