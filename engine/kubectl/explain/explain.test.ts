import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { runKubectl } from '../kubectl.ts';
import { createReplayHost, type RecordedLine, splitWords } from '../testing/replay-host.ts';

interface Recording {
  readonly answers: Readonly<Record<string, JsonObject>>;
  readonly lines: readonly Pick<RecordedLine, 'line' | 'stdout' | 'stderr' | 'exitCode'>[];
}

// Read at run time: as a module the file would be typed literal by literal.
const { answers, lines }: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/explain-1.36.6.json', import.meta.url), 'utf8'),
);

// Source: the real kubectl v1.36.6, given the same OpenAPI document.
it.each(lines)('explains what kubectl 1.36.6 explains: kubectl $line', async ({ line, ...wanted }) => {
  const { host, printed } = createReplayHost({ line, ...wanted, nowMs: 0, exchanges: [] }, []);
  const exitCode = await runKubectl(splitWords(line), {
    ...host,
    send: async ({ path }) => ({ type: 'object', code: 200, warnings: [], body: answers[path] ?? {} }),
  });
  expect({ ...printed, exitCode }).toEqual(wanted);
});
