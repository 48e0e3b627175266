/**
 * The workbook checks itself: a row for each exercise. Each answer is graded once; that it comes out the same twice is what
 * `kubedrill verify` shows besides.
 */
import { describe, expect, inject, it } from 'vitest';
import { findWorkbookRoot, loadWorkbook } from '../exercise/load-workbook.ts';
import { formatContentProblem } from '../exercise/problem.ts';
import { loadEngine } from '../load-engine.ts';
import { createWorlds } from '../runner/worlds.ts';
import { verifyExercise } from './verify-exercise.ts';
import { listWithSections, readSolutionsLearner } from './verify-workbook.ts';

const root = findWorkbookRoot();
const { workbook, problems } = await loadWorkbook(root);
const engine = await loadEngine();
const worlds = [createWorlds(engine)] as const;

/** The config starts this file once a share, so that every core has something to grade. */
const { index: share, count: shares } = inject('share');
const rows = listWithSections(workbook)
  .filter((_, index) => index % shares === share)
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

declare module 'vitest' {
  interface ProvidedContext {
    readonly share: { readonly index: number; readonly count: number };
  }
}
