/**
 * Lines that a kubectl older than 1.36 prints otherwise, by the release that changed them: found by running binaries of
 * 1.33 to 1.36 over the worlds. `record-worlds.spec.ts` renews the list.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('./fixtures/changed-lines.json', import.meta.url);

/** The minor version that changed each line, by world and line. */
export const changedLines: ReadonlyMap<string, number> = readChangedLines();

function readChangedLines(): ReadonlyMap<string, number> {
  const byRelease: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(
    Object.entries(byRelease).flatMap(([release, lines]) =>
      lines.map((line) => [line, Number(release.split('.')[1])] as const),
    ),
  );
}

/** Puts a new list in place of the old one. */
export function writeChangedLines(changed: ReadonlyMap<string, number>): void {
  const releases = [...new Set(changed.values())].sort();
  const byRelease = releases.map((minor) => [
    `1.${minor}`,
    [...changed.keys()].filter((line) => changed.get(line) === minor).sort(),
  ]);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(byRelease), null, 2)}\n`);
}
