/**
 * Renews the recording of the worlds and the list of changed lines, and only when it is asked to:
 * `KUBEDRILL_KUBECTLS=FOLDER KUBEDRILL_RECORD=1 npm run test:kubectl record-worlds`. FOLDER holds `kubectl.1.36`, and
 * `kubectl.1.34` and `kubectl.1.35` so that each change is put down to its release (releases, or
 * `go build` of a main that runs k8s.io/kubectl/pkg/cmd).
 */
import { expect, it } from 'vitest';
import { writeChangedLines } from './changed-lines.ts';
import { findKubectls, minor } from './real-kubectl.ts';
import { recordedMinor, writeRecording } from './recorded-worlds.ts';
import { runWithBinary } from './run-worlds.ts';

/** The oldest binary that the list is for. */
const oldestMinor = 33;
const longestMs = 1_800_000;

it.runIf(process.env.KUBEDRILL_RECORD === '1')(
  'records what kubectl 1.36 prints, and since when',
  { timeout: longestMs },
  async () => {
    const found = findKubectls();
    const binary = found.find(({ version }) => minor(version) === recordedMinor);
    if (binary === undefined) return expect.fail('there is no kubectl.1.36 in KUBEDRILL_KUBECTLS');
    const recorded = await runWithBinary(binary);
    writeRecording(recorded);
    const older = found.filter(
      ({ version }) => minor(version) >= oldestMinor && minor(version) < recordedMinor,
    );
    // The first release that prints what 1.36 prints has changed the line.
    const since = new Map([...recorded.keys()].map((line) => [line, recordedMinor]));
    for (const one of older) {
      const before = await runWithBinary(one, (line) => since.get(line) === recordedMinor);
      for (const [line, result] of before) {
        if (JSON.stringify(result) === JSON.stringify(recorded.get(line)))
          since.set(line, minor(one.version));
      }
    }
    return writeChangedLines(new Map([...since].filter(([, release]) => release > oldestMinor)));
  },
);
