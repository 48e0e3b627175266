/** What a kubectl 1.36 printed for the lines of the worlds, kept for machines without one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { LineResult } from './real-kubectl.ts';
import type { WorldResults } from './run-worlds.ts';

/** The minor version of the recorded binary. */
export const recordedMinor = 36;

const file = new URL('./fixtures/worlds-1.36.json.gz', import.meta.url);

/** The results by world and line. */
export function readRecording(): WorldResults {
  const entries: readonly (readonly [string, LineResult])[] = JSON.parse(
    gunzipSync(readFileSync(file)).toString('utf8'),
  );
  return new Map(entries);
}

/** Puts new results in place of the recording. */
export function writeRecording(results: WorldResults): void {
  const entries = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, gzipSync(JSON.stringify(entries), { level: 9 }));
}
