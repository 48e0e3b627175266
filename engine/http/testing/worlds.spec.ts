/**
 * Command lines over prepared clusters, through a real kubectl and through ours: stdout, stderr and exit code are equal.
 * The binary is the newest one found. Lines that print something else by 1.36 are held against the recording of a 1.36
 * binary, and all are where no binary is found. `record-worlds.spec.ts` renews the recording.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { changedLines } from './changed-lines.ts';
import { findKubectls, type LineResult, minor } from './real-kubectl.ts';
import { readRecording, recordedMinor } from './recorded-worlds.ts';
import { runWithBinary, runWithOurs, type WorldResults } from './run-worlds.ts';
import { worldDifferences } from './world-differences.ts';
import { readWorlds } from './worlds.ts';

const longestMs = 400_000;
/** What lies in a Go map is printed in an order of chance, and the end of a connection races what was said last. */
const mostTries = 12;
const newest = findKubectls().at(-1);
const isOlder = newest !== undefined && minor(newest.version) < recordedMinor;

let ours: WorldResults;
let real: Map<string, LineResult> | undefined;
const recorded = readRecording();

beforeAll(async () => {
  // One after the other: a server whose thread is at work elsewhere lets its clients wait for too long.
  ours = await runWithOurs();
  if (newest === undefined) return;
  real = new Map(await runWithBinary(newest));
  for (let tries = 1; tries < mostTries; tries += 1) {
    const unlike = new Set([...ours.keys()].filter((line) => isAsked(line) && differs(line)));
    if (unlike.size === 0) break;
    const again = await runWithBinary(newest, (line) => unlike.has(line));
    for (const [line, result] of again) real.set(line, result);
  }
}, longestMs);

it('has at least 400 lines over at least 25 clusters', () => {
  const worlds = readWorlds();
  expect(worlds.length).toBeGreaterThanOrEqual(25);
  expect(ours.size).toBeGreaterThanOrEqual(400);
});

describe(`kubectl ${newest?.version ?? '1.36 as recorded'} and ours`, () => {
  it('print the same', () => {
    expect([...ours.keys()].filter(differs).map(shown)).toEqual([]);
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
  return isAsked(line) ? real?.get(line) : recorded.get(line);
}

/** Whether the binary's word counts, or the recording's. */
function isAsked(line: string): boolean {
  return newest !== undefined && !(isOlder && changedLines.has(line));
}

function differs(line: string): boolean {
  return !isEqual(line) && !worldDifferences.has(line);
}

function isEqual(line: string): boolean {
  return JSON.stringify(ours.get(line)) === JSON.stringify(wanted(line));
}

function shown(line: string) {
  return { line, real: wanted(line), ours: ours.get(line) };
}
