import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDefinitionReader, noneCompiled } from '../exercise/definitions.ts';
import { loadWorkbook } from '../exercise/load-workbook.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { smallWorkbook } from '../testing/small-workbook.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { readAnswer } from './answer.ts';
import { parseLearnerId, readLearnerId } from './learner.ts';
import { resetAnswer, startAnswer } from './start-answer.ts';

async function loadExercise(): Promise<Exercise> {
  const { workbook } = await loadWorkbook(makeFolder(smallWorkbook), createDefinitionReader(noneCompiled));
  const [exercise] = workbook.exercises;
  if (exercise === undefined) throw new Error('the small workbook is empty');
  return exercise;
}

const path = '01-first/01-services/give-it-a-name';
const starter = smallWorkbook[`chapters/${path}/starter/service.yaml`] ?? '';

describe('an answer', () => {
  it.each([
    { name: 'missing', files: {}, want: true },
    { name: 'the starter', files: { [`${path}/service.yaml`]: starter }, want: true },
    {
      name: 'the starter with the line ends of another system',
      files: { [`${path}/service.yaml`]: starter.replaceAll('\n', '\r\n') },
      want: true,
    },
    { name: 'worked on', files: { [`${path}/service.yaml`]: `${starter}# mine\n` }, want: false },
    { name: 'empty', files: { [`${path}/service.yaml`]: '' }, want: false },
  ])('is todo only while nobody worked on it: $name', async ({ files, want }) => {
    expect(readAnswer(makeFolder(files), await loadExercise()).isTodo).toBe(want);
  });

  it.each<{ name: string; make: (folder: string) => void; want: RegExp }>([
    {
      name: 'a link out of the folder',
      make: (folder) => symlinkSync('/etc/hostname', join(folder, 'service.yaml')),
      want: /symbolic link/,
    },
    {
      name: 'a folder in its place',
      make: (folder) => mkdirSync(join(folder, 'service.yaml')),
      want: /not a plain file/,
    },
    {
      name: 'a very large file',
      make: (folder) => writeFileSync(join(folder, 'service.yaml'), 'x'.repeat(300_000)),
      want: /larger than 256 KiB/,
    },
    {
      name: 'bytes that are no text',
      make: (folder) => writeFileSync(join(folder, 'service.yaml'), Uint8Array.of(0xff, 0xfe)),
      want: /not UTF-8/,
    },
  ])('is refused in one line: $name', async ({ make, want }) => {
    const answers = makeFolder();
    mkdirSync(join(answers, path), { recursive: true });
    make(join(answers, path));
    const answer = readAnswer(answers, await loadExercise());
    expect(answer.isTodo).toBe(false);
    expect(answer.files[0]?.problem?.en).toMatch(want);
  });

  it('is not read through a linked folder', async () => {
    const elsewhere = makeFolder({ 'give-it-a-name/service.yaml': 'secret' });
    const answers = makeFolder();
    mkdirSync(join(answers, '01-first'), { recursive: true });
    symlinkSync(elsewhere, join(answers, '01-first/01-services'));
    expect(readAnswer(answers, await loadExercise()).files[0]?.problem?.en).toMatch(/symbolic link/);
  });
});

describe('starting and resetting', () => {
  it('makes the starter and an id once, and overwrites nothing', async () => {
    const exercise = await loadExercise();
    const answers = join(makeFolder(), 'answers');
    expect(startAnswer(answers, exercise)).toEqual({
      ok: true,
      value: { made: ['learner.yaml', `${path}/service.yaml`] },
    });
    const id = readLearnerId(answers);
    writeFileSync(join(answers, path, 'service.yaml'), 'mine');
    expect(startAnswer(answers, exercise)).toEqual({ ok: true, value: { made: [] } });
    expect(readFileSync(join(answers, path, 'service.yaml'), 'utf8')).toBe('mine');
    expect(readLearnerId(answers)).toEqual(id);
  });

  it('keeps every answer that a reset replaces', async () => {
    const exercise = await loadExercise();
    const answers = makeFolder({ [`${path}/service.yaml`]: 'first' });
    expect(resetAnswer(answers, exercise)).toEqual({
      ok: true,
      value: { keptIn: join(answers, '.kept', path, '1') },
    });
    expect(readFileSync(join(answers, path, 'service.yaml'), 'utf8')).toBe(starter);
    writeFileSync(join(answers, path, 'service.yaml'), 'second');
    resetAnswer(answers, exercise);
    expect(readFileSync(join(answers, '.kept', path, '1/service.yaml'), 'utf8')).toBe('first');
    expect(readFileSync(join(answers, '.kept', path, '2/service.yaml'), 'utf8')).toBe('second');
  });

  it('writes nothing through a link', async () => {
    const elsewhere = makeFolder();
    const answers = makeFolder();
    symlinkSync(elsewhere, join(answers, '01-first'));
    const started = startAnswer(answers, await loadExercise());
    expect(started.ok ? '' : started.error.en).toMatch(/can't write .*01-first \(symlink\)/);
    expect(existsSync(join(elsewhere, '01-services'))).toBe(false);
  });

  it('says in one line that a folder can not be written', async () => {
    const answers = makeFolder({ taken: '' });
    const started = startAnswer(join(answers, 'taken'), await loadExercise());
    expect(started.ok ? '' : started.error.en).toMatch(/^can't write .*: look at its permissions/);
  });
});

describe('learner.yaml', () => {
  it.each([
    { text: 'id: teacher\n', want: 'teacher' },
    { text: '# who\r\nid: "a b"  # note\r\n', want: 'a b' },
    { text: "\uFEFFid: 'x'\n", want: 'x' },
    { text: 'id:\n', want: undefined },
    { text: `id: ${'x'.repeat(201)}\n`, want: undefined },
    { text: '', want: undefined },
  ])('names the learner: $text', ({ text, want }) => {
    expect(parseLearnerId(text)).toBe(want);
  });

  it('that names nobody is told in one line', () => {
    const read = readLearnerId(makeFolder({ 'learner.yaml': 'name: x\n' }));
    expect(read.ok ? '' : read.error.en).toBe('learner.yaml: it must hold the one line `id: …`');
  });
});
