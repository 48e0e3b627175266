/**
 * Renews the recording of the worlds and the list of changed lines, and only when it is asked to:
 * `KUBEDRILL_KUBECTLS=FOLDER KUBEDRILL_RECORD=1 npm run test:kubectl record-worlds`; with `KUBEDRILL_RECORD=new` only lines
 * that are not recorded yet are run. FOLDER holds `kubectl.1.36`, and `kubectl.1.34` and `kubectl.1.35` so that each change
 * is put down to its release: a line that nobody looked at with these keeps the release that it had (releases, or
 * `go build` of a main that runs k8s.io/kubectl/pkg/cmd).
 */
import { expect, it } from 'vitest';
import { changedLines, writeChangedLines } from './changed-lines.ts';
import { findKubectls, type LineResult, minor } from './real-kubectl.ts';
import { readRecording, recordedMinor, writeRecording } from './recorded-worlds.ts';
import { runWithBinary } from './run-worlds.ts';
import { readWorlds } from './worlds.ts';

/** The oldest binary that the list is for. */
const oldestMinor = 33;
const longestMs = 1_800_000;
const asked = process.env.KUBEDRILL_RECORD;

it.runIf(asked === '1' || asked === 'new')(
  'records what kubectl 1.36 prints, and since when',
  { timeout: longestMs },
  async () => {
    const found = findKubectls();
    const binary = found.find(({ version }) => minor(version) === recordedMinor);
    if (binary === undefined) return expect.fail('there is no kubectl.1.36 in KUBEDRILL_KUBECTLS');
    const before = asked === 'new' ? readRecording() : new Map<string, LineResult>();
    const run = await runWithBinary(binary, (line) => !before.has(line));
    const lines = readWorlds().flatMap(({ name, lines }) => lines.map((line) => `${name}: ${line}`));
    const recorded = new Map(
      lines.flatMap((line) => {
        const result = run.get(line) ?? before.get(line);
        return result === undefined ? [] : [[line, result] as const];
      }),
    );
    writeRecording(recorded);
    const older = found.filter(
      ({ version }) => minor(version) >= oldestMinor && minor(version) < recordedMinor,
    );
    // The first release that prints what 1.36 prints has changed the line.
    const since = new Map(
      [...recorded.keys()].map((line) => [line, run.has(line) ? recordedMinor : knownSince(line)]),
    );
    for (const one of older) {
      const isOpen = (line: string) => run.has(line) && since.get(line) === recordedMinor;
      for (const [line, result] of await runWithBinary(one, isOpen)) {
        if (JSON.stringify(result) === JSON.stringify(recorded.get(line)))
          since.set(line, minor(one.version));
      }
    }
    return writeChangedLines(new Map([...since].filter(([, release]) => release > oldestMinor)));
  },
);

function knownSince(line: string): number {
  return changedLines.get(line) ?? oldestMinor;
}
