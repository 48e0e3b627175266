/** The workbook checks itself: a row for each exercise. */
import { describe, expect, it } from 'vitest';
import { findWorkbookRoot, loadWorkbook } from '../exercise/load-workbook.ts';
import { formatContentProblem } from '../exercise/problem.ts';
import { loadEngine } from '../load-engine.ts';
import { createWorlds } from '../runner/worlds.ts';
import { verifyExercise } from './verify-exercise.ts';
import { listWithSections, readSolutionsLearner } from './verify-workbook.ts';

const root = findWorkbookRoot();
const { workbook, problems } = await loadWorkbook(root);
const engine = await loadEngine();
const worlds = [createWorlds(engine), createWorlds(engine)] as const;

it('has no problem in its definitions', () => {
  expect(problems.map((problem) => formatContentProblem(problem, 'en'))).toEqual([]);
});

describe('starters fail, solutions pass, wrong answers fail for their reason', () => {
  it.each(listWithSections(workbook).map((entry) => ({ ...entry, name: entry.exercise.path })))(
    '$name',
    async ({ exercise, section }) => {
      const options = { worlds, root, learnerId: readSolutionsLearner(root) };
      expect((await verifyExercise(exercise, section, options)).problems).toEqual([]);
    },
  );
});
