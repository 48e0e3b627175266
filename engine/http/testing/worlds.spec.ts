/**
 * Command lines over prepared clusters, through a real kubectl and through ours: stdout, stderr and exit code are equal.
 * The binary is the newest one found. Lines that print something else by 1.36 are held against the recording of a 1.36
 * binary, and all are where no binary is found. `record-worlds.spec.ts` renews the recording.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { changedLines } from './changed-lines.ts';
import { findKubectls, minor } from './real-kubectl.ts';
import { readRecording, recordedMinor } from './recorded-worlds.ts';
import { runWithBinary, runWithOurs, type WorldResults } from './run-worlds.ts';
import { worldDifferences } from './world-differences.ts';
import { readWorlds } from './worlds.ts';

const longestMs = 400_000;
const newest = findKubectls().at(-1);
const isOlder = newest !== undefined && minor(newest.version) < recordedMinor;

let ours: WorldResults;
let real: WorldResults | undefined;
const recorded = readRecording();

beforeAll(async () => {
  // One after the other: a server whose thread is at work elsewhere lets its clients wait for too long.
  ours = await runWithOurs();
  if (newest !== undefined) real = await runWithBinary(newest);
}, longestMs);

it('has at least 400 lines over at least 25 clusters', () => {
  const worlds = readWorlds();
  expect(worlds.length).toBeGreaterThanOrEqual(25);
  expect(ours.size).toBeGreaterThanOrEqual(400);
});

describe(`kubectl ${newest?.version ?? '1.36 as recorded'} and ours`, () => {
  it('print the same', () => {
    expect(
      [...ours.keys()].filter((line) => !isEqual(line) && !worldDifferences.has(line)).map(shown),
    ).toEqual([]);
  });

  it('no longer differ in any line that is taken out of the list of differences', () => {
    expect([...worldDifferences.keys()].filter((line) => !ours.has(line) || isEqual(line))).toEqual([]);
  });

  it.runIf(isOlder)('differ where the older binary prints something else', () => {
    const same = [...changedLines.keys()].filter(
      (line) => JSON.stringify(real?.get(line)) === JSON.stringify(recorded.get(line)),
    );
    expect(same, 'these did not change: take them out of changed-lines.ts').toEqual([]);
  });
});

/** What a line has to print. */
function wanted(line: string) {
  return real === undefined || (isOlder && changedLines.has(line)) ? recorded.get(line) : real.get(line);
}

function isEqual(line: string): boolean {
  return JSON.stringify(ours.get(line)) === JSON.stringify(wanted(line));
}

function shown(line: string) {
  return { line, real: wanted(line), ours: ours.get(line) };
}
