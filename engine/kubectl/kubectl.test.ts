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

// Read at run time: as a module the files would be typed literal by literal.
function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'));
}

const recorded = [
  'kubectl-1.36.6.json',
  'kubectl-1.36.6-rollouts.json',
  'kubectl-1.36.6-describe.json',
  'kubectl-1.36.6-create-and-set.json',
  'kubectl-1.36.6-nodes-and-access.json',
  'kubectl-1.36.6-diff-and-edit.json',
  'kubectl-1.36.6-templates.json',
  'kubectl-1.36.6-describe-more.json',
  'kubectl-1.36.6-completion.json',
].flatMap((name) => {
  const { lines, responses } = readRecording(name);
  return lines.map((line) => ({ ...line, responses }));
});

// Source: stdout, stderr and exit code of the real kubectl v1.36.6, which was given the same answers by the same server.
it.each(recorded)('prints what kubectl 1.36.6 prints: kubectl $line', async ({ responses, ...line }) => {
  const { host, printed } = createReplayHost(line, responses);
  const exitCode = await runKubectl(splitWords(line.line), host);
  expect({ ...printed, exitCode }).toEqual({
    stdout: line.stdout,
    stderr: line.stderr,
    exitCode: line.exitCode,
  });
});
