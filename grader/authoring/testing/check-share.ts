/**
 * The workbook checks itself: a row for each exercise. A test file is one thread's work, so each of several files checks its
 * share. Each answer is graded once; that it comes out the same twice, and that each check is needed, is what
 * `kubedrill verify` shows besides.
 */
import { describe, expect, it } from 'vitest';
import { findWorkbookRoot, loadWorkbook } from '../../exercise/load-workbook.ts';
import { formatContentProblem } from '../../exercise/problem.ts';
import { loadEngine } from '../../load-engine.ts';
import { createWorlds } from '../../runner/worlds.ts';
import { verifyExercise } from '../verify-exercise.ts';
import { listWithSections, readSolutionsLearner } from '../verify-workbook.ts';

/** Describes the tests of every `count`th exercise from the one at `first` on. */
export async function checkShare(first: number, count: number): Promise<void> {
  const root = findWorkbookRoot();
  const { workbook, problems } = await loadWorkbook(root);
  const worlds = [createWorlds(await loadEngine())] as const;
  const rows = listWithSections(workbook)
    .filter((_, index) => index % count === first)
    .map((entry) => ({ ...entry, name: entry.exercise.path }));

  it('has no problem in its definitions', () => {
    expect(problems.map((problem) => formatContentProblem(problem, 'en'))).toEqual([]);
  });

  describe('starters fail, solutions pass, wrong answers fail for their reason', () => {
    it.each(rows)('$name', async ({ exercise, section }) => {
      const options = { worlds, root, learnerId: readSolutionsLearner(root), skipsUnneededChecks: true };
      expect((await verifyExercise(exercise, section, options)).problems).toEqual([]);
    });
  });
}
