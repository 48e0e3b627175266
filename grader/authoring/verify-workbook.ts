/** The workbook's own check over all exercises, for the command line and the test suite. */
import { join } from 'node:path';
import type { Exercise, Section, Workbook } from '../exercise/workbook.ts';
import { readLearnerId } from '../submission/learner.ts';

/** Every exercise with the section that it stands in. */
export function listWithSections(
  workbook: Workbook,
): readonly { readonly exercise: Exercise; readonly section: Section }[] {
  return workbook.chapters
    .flatMap((chapter) => chapter.sections)
    .flatMap((section) => section.exercises.map((exercise) => ({ exercise, section })));
}

/**
 * The learner that the solutions are made for.
 *
 * @throws Error when solutions/learner.yaml does not name one.
 */
export function readSolutionsLearner(root: string): string {
  const id = readLearnerId(join(root, 'solutions'));
  if (id.ok && id.value !== undefined) return id.value;
  throw new Error(id.ok ? 'solutions/learner.yaml is missing' : `solutions/${id.error.en}`);
}
