import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProgress } from './progress.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubedrill-progress-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the progress of a learner', () => {
  it('is there again after a restart', () => {
    openProgress(folder).set('no-nat', { status: 'passed', digest: 'x', hintsTaken: 2 });
    expect(openProgress(folder).get('no-nat')).toEqual({ status: 'passed', digest: 'x', hintsTaken: 2 });
    expect(readdirSync(folder)).toEqual(['.progress.json']);
  });

  it.each([
    { name: 'no JSON', text: '{"version":1,' },
    { name: 'another shape', text: '[]' },
    {
      name: 'a status that is none',
      text: '{"version":1,"exercises":{"a":{"status":"won","hintsTaken":0}}}',
    },
  ])('starts afresh from a broken file and keeps it: $name', ({ text }) => {
    writeFileSync(join(folder, '.progress.json'), text);
    const progress = openProgress(folder);
    expect(progress.get('a')).toEqual({ hintsTaken: 0 });
    expect(progress.takeNotices().map((notice) => notice.en)).toEqual([
      'the progress file is broken or unreadable: starting afresh; it is kept as .progress.json.broken',
    ]);
    expect(progress.takeNotices()).toEqual([]);
    expect(readFileSync(join(folder, '.progress.json.broken'), 'utf8')).toBe(text);
  });

  it('goes on without saving where it can not write, and says so once', () => {
    writeFileSync(join(folder, 'taken'), '');
    const progress = openProgress(join(folder, 'taken'));
    progress.takeNotices();
    progress.set('a', { hintsTaken: 1 });
    progress.set('a', { hintsTaken: 2 });
    expect(progress.get('a')).toEqual({ hintsTaken: 2 });
    expect(progress.takeNotices()).toHaveLength(1);
  });
});
