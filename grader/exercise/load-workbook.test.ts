import { describe, expect, it } from 'vitest';
import { smallWorkbook } from '../testing/small-workbook.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { createDefinitionReader, noneCompiled } from './definitions.ts';
import { loadWorkbook } from './load-workbook.ts';
import { formatContentProblem } from './problem.ts';

const exerciseFile = 'chapters/01-first/01-services/give-it-a-name/exercise.yaml';
const readAnew = createDefinitionReader(noneCompiled);

async function problemsOf(
  changes: Readonly<Record<string, string>>,
  language: 'ko' | 'en' = 'en',
): Promise<readonly string[]> {
  const { problems } = await loadWorkbook(makeFolder({ ...smallWorkbook, ...changes }), readAnew);
  return problems.map((problem) => formatContentProblem(problem, language));
}

function changed(from: string, to: string): Readonly<Record<string, string>> {
  const text = smallWorkbook[exerciseFile] ?? '';
  expect(text).toContain(from);
  return { [exerciseFile]: text.replace(from, to) };
}

describe('loading the workbook', () => {
  it('gives chapters, sections and exercises in the order of chapter.yaml', async () => {
    const root = makeFolder(smallWorkbook);
    const { workbook, problems } = await loadWorkbook(root, readAnew);
    expect(problems).toEqual([]);
    expect(workbook.exercises.map(({ path }) => path)).toEqual([
      '01-first/01-services/give-it-a-name',
      '01-first/01-services/count-the-pods',
    ]);
    expect(workbook.chapters[0]?.sections[0]?.title).toEqual({ ko: '서비스', en: 'Services' });
    expect(workbook.exercises[0]?.definition.checks[0]).toMatchObject({ namespace: 'default', points: 1 });
  });

  it.each([
    {
      name: 'a tab',
      files: changed('title: {', '\ttitle: {'),
      want: [
        expect.stringMatching(
          `^${exerciseFile}:3:1: not readable as YAML: Tabs are not allowed as indentation`,
        ),
      ],
    },
    {
      name: 'an unknown key, with the one that was meant',
      files: changed('minutes: 3', 'minuts: 3'),
      want: [
        `${exerciseFile}:1:1: minutes: Invalid input: expected number, received undefined`,
        `${exerciseFile}:4:1: unknown key "minuts": did you mean "minutes"?`,
      ],
    },
    {
      name: 'a value of the wrong type, deep in a union',
      files: changed('{ pod: { name: client } }', '{ pod: { name: 7 } }'),
      want: [
        `${exerciseFile}:20:26: checks[1].from.pod.name: Invalid input: expected string, received number`,
      ],
    },
    {
      name: 'a language that is missing',
      files: changed('{ ko: 하나, en: one }', '{ ko: 하나 }'),
      want: [`${exerciseFile}:24:5: hints[0].en: Invalid input: expected string, received undefined`],
    },
    {
      name: 'an id that is not the folder',
      files: changed('id: give-it-a-name', 'id: give-it-a-game'),
      want: [
        `${exerciseFile}:1:1: the id "give-it-a-game" is not the folder's name "give-it-a-name": make them the same`,
      ],
    },
    {
      name: 'an id that is taken',
      files: changed('id: give-it-a-name', 'id: count-the-pods'),
      want: expect.arrayContaining([
        'chapters/01-first/01-services/count-the-pods/exercise.yaml:1:1: the id "count-the-pods" is taken by 01-first/01-services/give-it-a-name: choose another',
      ]),
    },
    {
      name: 'a needed exercise that nobody wrote',
      files: changed('minutes: 3', 'minutes: 3\nneeds: [count-the-pod]'),
      want: [`${exerciseFile}:1:1: needs: there is no "count-the-pod"; did you mean "count-the-pods"?`],
    },
    {
      name: 'an exercise that is listed but not there',
      files: {
        'chapters/01-first/chapter.yaml': (smallWorkbook['chapters/01-first/chapter.yaml'] ?? '').replace(
          '[give',
          '[nowhere, give',
        ),
      },
      want: [
        'chapters/01-first/01-services/nowhere/exercise.yaml:1:1: this file is missing or unreadable: write it, or take it off the list',
      ],
    },
  ])('tells the place and how to mend it: $name', async ({ files, want }) => {
    expect(await problemsOf(files)).toEqual(want);
  });

  it.each([
    {
      name: 'a value of the wrong type',
      files: changed('minutes: 3', 'minutes: soon'),
      want: [`${exerciseFile}:4:10: minutes: 잘못된 입력: 예상 타입은 number, 받은 타입은 string입니다`],
    },
    {
      name: 'a value of the wrong type, deep in a union',
      files: changed('{ pod: { name: client } }', '{ pod: { name: 7 } }'),
      want: [
        `${exerciseFile}:20:26: checks[1].from.pod.name: 잘못된 입력: 예상 타입은 string, 받은 타입은 number입니다`,
      ],
    },
    {
      name: 'a requirement of ours',
      files: changed('{ pod: { name: client } }', '{ pod: { name: client, labels: { app: a } } }'),
      want: [`${exerciseFile}:20:18: checks[1].from.pod: name과 labels 가운데 꼭 하나만 쓰세요`],
    },
  ])('says the same in Korean: $name', async ({ files, want }) => {
    expect(await problemsOf(files, 'ko')).toEqual(want);
  });
});
