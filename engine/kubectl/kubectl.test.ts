import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runKubectl } from './kubectl.ts';
import {
  createReplayHost,
  type RecordedLine,
  type RecordedResponse,
  splitWords,
} from './testing/replay-host.ts';

interface Recording {
  readonly lines: readonly RecordedLine[];
  readonly responses: readonly RecordedResponse[];
}

// Read at run time: as a module the file would be typed literal by literal.
const recording: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/kubectl-1.36.6.json', import.meta.url), 'utf8'),
);

// Source: stdout, stderr and exit code of the real kubectl v1.36.6, which was given the same answers by the same server.
it.each(recording.lines)('prints what kubectl 1.36.6 prints: kubectl $line', async (recorded) => {
  const { host, printed } = createReplayHost(recorded, recording.responses);
  const exitCode = await runKubectl(splitWords(recorded.line), host);
  expect({ ...printed, exitCode }).toEqual({
    stdout: recorded.stdout,
    stderr: recorded.stderr,
    exitCode: recorded.exitCode,
  });
});
