import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runDiff } from './diff-command.ts';
import { HomeFiles } from './shell-files.ts';

const x = 'one\ntwo\nthree\nfour\n';
const y = 'one\nTWO\nthree\n';
const files = new HomeFiles('/', [
  ['x', x],
  ['y', y],
  ['z', 'one\ntwo\nthree\nfour'],
  ['a/same', x],
  ['b/same', x],
  ['a/f', x],
  ['b/f', y],
  ['a/only', '1\n'],
  ['b/only2', '2\n'],
  ['a/sub/n', '1\n'],
  ['b/sub/n', '2\n'],
  ['a/dir/.keep', ''],
  ['b/dir', 'x\n'],
]);

const session = readFileSync(new URL('./fixtures/diff.txt', import.meta.url), 'utf8');
const steps = session
  .split(/^\$ diff ?/m)
  .slice(1)
  .map((step) => {
    const end = step.indexOf('\n');
    return { line: step.slice(0, end), output: step.slice(end + 1) };
  });

// Source: GNU diffutils 3.8 on files with the same texts, all of 2026-05-01 09:00:00 UTC.
it.each(steps)('diff $line prints what GNU diff prints', async ({ line, output }) => {
  const nowMs = Date.UTC(2026, 4, 1, 9);
  const words = line === '' ? [] : line.split(' ');
  const { stdout, stderr, exitCode } = await runDiff(words, { files, stdin: '', nowMs });
  expect(`${stdout}${stderr}${exitCode === 0 ? '' : `[exit ${exitCode}]\n`}`).toBe(output);
});
