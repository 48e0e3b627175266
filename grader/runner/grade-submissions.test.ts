import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDefinitionReader, noneCompiled } from '../exercise/definitions.ts';
import { loadWorkbook } from '../exercise/load-workbook.ts';
import { smallAnswers, smallWorkbook } from '../testing/small-workbook.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { findSubmissions } from './find-submissions.ts';
import { gradeSubmissions } from './grade-submissions.ts';

const readAnew = createDefinitionReader(noneCompiled);
const worker = new URL('./fixtures/worker-that-misbehaves.mjs', import.meta.url);

async function loadSmall() {
  return (await loadWorkbook(makeFolder(smallWorkbook), readAnew)).workbook;
}

describe('grading many submissions', () => {
  it('loses to a worker that hangs, breaks or dies no more than what it was working on', async () => {
    const workbook = await loadSmall();
    const answersFolder = makeFolder(smallAnswers);
    const learners = ['good', 'hangs', 'throws', 'exits', 'eats', 'good'];
    const jobs = learners.map((learnerId) => ({ answersFolder, learnerId }));
    const graded = await gradeSubmissions(jobs, {
      workbook,
      worker,
      timeoutMs: 3000,
      lanes: 2,
      maxMegabytes: 32,
    });
    const told = graded.map((results) =>
      results.map(({ status, checks }) => (status === 'errored' ? checks[0]?.error : status)),
    );
    const twice = (text: unknown) => [text, text];
    expect(told).toEqual([
      twice('passed'),
      twice('no result within 3 s'),
      twice('something of ours broke'),
      twice('the worker ended with code 7'),
      twice(expect.stringMatching(/memory/)),
      twice('passed'),
    ]);
  });

  it('starts no worker for what nobody touched', async () => {
    const workbook = await loadSmall();
    const nowhere = new URL('./fixtures/no-such-worker.mjs', import.meta.url);
    const [results] = await gradeSubmissions([{ answersFolder: makeFolder(), learnerId: 'x' }], {
      workbook,
      worker: nowhere,
    });
    expect(results?.map(({ status }) => status)).toEqual(['todo', 'todo']);
  });
});

describe('finding submissions', () => {
  const answer = '01-first/01-services/give-it-a-name/service.yaml';

  it.each<{
    name: string;
    files: Record<string, string>;
    want: readonly (readonly [string, string | undefined])[] | undefined;
  }>([
    { name: 'a folder of answers', files: { [answer]: 'x' }, want: [['', '']] },
    { name: 'a folder that only names its learner', files: { 'learner.yaml': 'id: x' }, want: [['', '']] },
    { name: 'a folder that holds answers', files: { [`answers/${answer}`]: 'x' }, want: [['', 'answers']] },
    {
      name: 'a folder of submissions, one without answers',
      files: { [`b/answers/${answer}`]: 'x', [`a/${answer}`]: 'x', 'c/notes.txt': 'x', '.git/x': 'x' },
      want: [
        ['a', 'a'],
        ['b', 'b/answers'],
        ['c', undefined],
      ],
    },
    { name: 'a folder without any', files: { 'notes.txt': 'x', 'a/b.txt': 'x' }, want: undefined },
  ])('knows $name', async ({ files, want }) => {
    const folder = makeFolder(files);
    const found = findSubmissions(folder, await loadSmall());
    expect(found).toEqual(
      want?.map(([name, answers]) => ({
        name: join(folder, name),
        answersFolder: answers === undefined ? undefined : join(folder, answers),
      })),
    );
  });

  it('finds none where there is no folder', async () => {
    expect(findSubmissions(join(makeFolder(), 'nowhere'), await loadSmall())).toBeUndefined();
  });
});
